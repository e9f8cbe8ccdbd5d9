import pytest

from maeum.core.errors import ConfigError, ShapeError
from maeum.layers import Input, InputLayer


def test_input_is_a_symbolic_tensor_of_a_layer():
    x = Input((28, None), batch_size=4, dtype="int32", name="image")
    assert x.shape == (4, 28, None)
    assert x.dtype == "int32"
    assert x.name == "image"
    assert isinstance(x.node.operation, InputLayer)
    assert x.node.inputs == []
    assert x.node.operation.output is x.node.operation.input is x


def test_ways_to_give_a_shape():
    assert Input(3).shape == Input((3,)).shape == Input(batch_shape=(None, 3)).shape == (None, 3)
    assert Input(()).shape == (None,)


def test_no_shape_or_two():
    with pytest.raises(ConfigError, match="needs the shape"):
        Input()
    with pytest.raises(ConfigError, match="not both"):
        Input((3,), batch_shape=(None, 3))
    with pytest.raises(ShapeError, match="negative"):
        Input((-1,))


def test_config_makes_the_layer_again():
    layer = Input((3,), name="x").node.operation
    again = InputLayer.from_config(layer.get_config())
    assert again.name == "x"
    assert again.batch_shape == (None, 3)
