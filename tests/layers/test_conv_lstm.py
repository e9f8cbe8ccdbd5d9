import numpy as np
import pytest

import maeum as mm
from maeum import layers as L
from maeum.core.errors import ConfigError, ShapeError
from maeum.testing import check_layer

MASK = np.array([[1, 0, 1], [0, 0, 0]], bool)


@pytest.mark.parametrize(
    ("name", "arguments", "shape"),
    [
        ("ConvLSTM1D", {"strides": 2, "return_state": True}, (2, 3, 7, 3)),
        ("ConvLSTM2D", {"padding": "same", "return_sequences": True}, (2, 3, 5, 4, 2)),
        ("ConvLSTM2D", {"dilation_rate": 2, "go_backwards": True}, (2, 3, 5, 6, 2)),
        ("ConvLSTM3D", {"use_bias": False, "activation": "relu"}, (2, 2, 3, 4, 3, 2)),
    ],
)
def test_agrees_with_keras(agree, k, name, arguments, shape):
    ours, theirs = (getattr(layers, name)(2, 2, **arguments) for layers in (L, k))
    agree(ours, theirs, 0.1 * agree.floats(*shape), atol=1e-4)


def test_masked_pictures_are_left_out():  # which Keras cannot do
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 4, 1)).astype("float32")
    layer = L.ConvLSTM2D(2, 3, return_sequences=True)
    outputs = layer(x, mask=MASK)
    np.testing.assert_allclose(outputs[0, [0, 2]], layer(x[:1, ::2])[0], atol=1e-6)
    np.testing.assert_array_equal(outputs[0, 1], outputs[0, 0])
    assert not np.asarray(outputs[1]).any()


def test_channels_may_come_first():
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 6, 2)).astype("float32")
    last = L.ConvLSTM2D(4, 3, return_sequences=True)
    first = L.ConvLSTM2D(4, 3, return_sequences=True, data_format="channels_first")
    expected = last(x)
    turned = np.moveaxis(x, -1, 2)
    first.build(turned.shape)
    first.set_weights(last.get_weights())
    np.testing.assert_allclose(np.moveaxis(first(turned), 2, -1), expected, atol=1e-5)


def test_keeps_the_contract():
    make = lambda: L.ConvLSTM1D(2, 2, dropout=0.2, recurrent_dropout=0.2)  # noqa: E731
    check_layer(make, (3, 4, 2), skip=("gradients", "vmap"))


def test_bad_arguments_and_inputs():
    with pytest.raises(ConfigError, match="filters of ConvLSTM"):
        L.ConvLSTM2D(0, 3)
    with pytest.raises(ConfigError, match="strides or a dilation_rate"):
        L.ConvLSTM2D(1, 3, strides=2, dilation_rate=2)
    with pytest.raises(ConfigError, match="'valid', 'same'"):
        L.ConvLSTM2D(1, 3, padding="causal")
    with pytest.raises(ShapeError, match="5 axes"):
        L.ConvLSTM2D(1, 3)(np.ones((2, 8, 8, 3)))
    with pytest.raises(ShapeError, match="size of its input along axis 2"):
        L.ConvLSTM2D(1, 3)(mm.Input((None, 8, None, 3)))
