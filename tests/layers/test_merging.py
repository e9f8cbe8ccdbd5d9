import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import maeum.layers as layers
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.masks import mask_of, with_mask

ENTRYWISE = ["Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract"]
pairs = st.sampled_from([((3, 4), (3, 4)), ((3, 2, 4), (3, 1, 4)), ((3, 2, 4), (3, 4))])


@settings(max_examples=15)
@given(name=st.sampled_from(ENTRYWISE), shapes=pairs, third=st.booleans())
def test_entrywise_layers_agree_with_keras(agree, k, name, shapes, third):
    shapes = (*shapes, shapes[0]) if third and name != "Subtract" else shapes
    agree(getattr(layers, name)(), getattr(k, name)(), [agree.floats(*s) for s in shapes])


@settings(max_examples=6)
@given(axis=st.sampled_from([1, 2, -1]))
def test_concatenate_agrees_with_keras(agree, k, axis):
    shapes = [(3, 2, 4), (3, 5, 4)] if axis == 1 else [(3, 2, 4), (3, 2, 1)]
    agree(layers.Concatenate(axis), k.Concatenate(axis), [agree.floats(*s) for s in shapes])


@pytest.mark.parametrize(
    ("axes", "shapes"),
    [
        (1, ((3, 4), (3, 4))),
        (-1, ((3, 2, 4), (3, 4))),
        ((2, 1), ((3, 2, 4), (3, 4, 5))),
        ((1, 2), ((3, 4, 2), (3, 5, 4))),
        ((1, 3), ((3, 4, 2, 2), (3, 5, 2, 4))),
    ],
)
@pytest.mark.parametrize("normalize", [False, True])
def test_dot_agrees_with_keras(agree, k, axes, shapes, normalize):
    ours, theirs = layers.Dot(axes, normalize), k.Dot(axes, normalize)
    agree(ours, theirs, [agree.floats(*s) for s in shapes])


def test_functions_stand_for_the_layers(k):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 3, 4)).astype("float32")
    for name in (*ENTRYWISE, "Concatenate", "Dot"):
        got = getattr(layers, name.lower())([a, b])
        arguments = {"axes": -1} if name == "Dot" else {}
        np.testing.assert_allclose(got, getattr(k, name.lower())([a, b], **arguments), atol=1e-5)
    assert layers.add([layers.Input((3,)), layers.Input((3,))], name="sum").name == "sum"


@pytest.mark.parametrize("name", [*ENTRYWISE, "Concatenate"])
@pytest.mark.parametrize("masked", [(True, True), (True, False), (False, True)])
def test_masks_agree_with_keras(k, name, masked):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, 4, 5)).astype("float32")
    masks = rng.random((2, 3, 4)) < 0.5
    kernel = np.eye(5, dtype="float32")

    import keras

    inputs, theirs = [], []
    for array, mask, has in zip(x, masks, masked):
        inputs.append(with_mask(jnp.asarray(array), jnp.asarray(mask) if has else None))
        tensor = keras.ops.convert_to_tensor(array) @ kernel  # a fresh array
        if has:
            tensor._keras_mask = keras.ops.convert_to_tensor(mask)
        theirs.append(tensor)
    got = getattr(layers, name)()(inputs)
    expected = getattr(k, name)()(theirs)
    np.testing.assert_allclose(got, expected, atol=1e-6)
    their_mask = getattr(expected, "_keras_mask", None)
    our_mask = mask_of(got)
    assert (our_mask is None) == (their_mask is None)
    if our_mask is not None:
        np.testing.assert_array_equal(our_mask, their_mask)


def test_shapes_that_do_not_fit():
    one, two = np.ones((2, 3)), np.ones((2, 4))
    with pytest.raises(ShapeError, match=r"\(2, 3\), \(2, 4\): they differ along axis 1"):
        layers.Add()([one, two])
    with pytest.raises(ShapeError, match="list of inputs"):
        layers.Add()(one)
    with pytest.raises(ShapeError, match="two inputs"):
        layers.Subtract()([one, one, one])
    with pytest.raises(ShapeError, match="differ along axis 0"):
        layers.Concatenate()([one, np.ones((3, 3))])
    with pytest.raises(ShapeError, match="number of axes"):
        layers.Concatenate()([one, np.ones((2, 3, 1))])
    with pytest.raises(ShapeError, match="no axis 2"):
        layers.Concatenate(2)([one, two])
    with pytest.raises(ShapeError, match="3 and 4"):
        layers.Dot(1)([one, two])
    with pytest.raises(ShapeError, match="axis 0 is the batch"):
        layers.Dot(0)([one, one])
    with pytest.raises(ConfigError, match="axes of Dot"):
        layers.Dot((1, 2, 3))


def test_one_input_is_itself():
    x = np.ones((2, 3), "float32")
    np.testing.assert_array_equal(layers.Add()([x]), x)


def test_unknown_sizes():
    a, b = layers.Input((None, 4)), layers.Input((None, 4))
    assert layers.Concatenate(1)([a, b]).shape == (None, None, 4)
    assert layers.Add()([a, b]).shape == (None, None, 4)
