import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core import functional
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.masks import with_mask
from maeum.layers import (
    BatchNormalization,
    GroupNormalization,
    Input,
    LayerNormalization,
    UnitNormalization,
)


@settings(max_examples=10)
@given(
    shape=st.sampled_from([(6, 3), (4, 3, 5)]),
    axis=st.sampled_from([1, -1]),
    center=st.booleans(),
    scale=st.booleans(),
    training=st.booleans(),
)
def test_batch_normalization_agrees_with_keras(agree, k, shape, axis, center, scale, training):
    arguments = {"axis": axis, "center": center, "scale": scale, "momentum": 0.7}
    x = agree.floats(*shape)
    agree(BatchNormalization(**arguments), k.BatchNormalization(**arguments), x, training=training)


def test_batch_normalization_leaves_out_what_is_masked(k):
    rng = np.random.default_rng(0)
    x = rng.normal(2, 3, (4, 5, 3)).astype("float32")
    mask = rng.random((4, 5)) < 0.6
    ours, theirs = BatchNormalization(momentum=0.5), k.BatchNormalization(momentum=0.5)
    got = ours(with_mask(jnp.asarray(x), jnp.asarray(mask)), training=True)
    np.testing.assert_allclose(got, theirs(x, training=True, mask=mask), atol=1e-4)
    for one, two in zip(ours.get_weights(), theirs.get_weights()):
        np.testing.assert_allclose(one, two, atol=1e-5)
    with pytest.raises(ShapeError, match="one axis less"):
        ours(x, training=True, mask=jnp.ones(4, bool))


def test_frozen_batch_normalization_is_inference():
    x = np.random.default_rng(0).normal(2, 3, (8, 3)).astype("float32")
    layer = BatchNormalization()
    layer.build((None, 3))
    layer.trainable = False
    outputs, updates = functional.apply(layer, functional.values(layer), x, training=True)
    assert updates == {}
    np.testing.assert_array_equal(outputs, layer(x))


def test_training_updates_the_layer_itself_when_eager():
    x = np.random.default_rng(0).normal(2, 3, (8, 3)).astype("float32")
    layer = BatchNormalization(momentum=0.9)
    layer(x, training=True)
    # From 0 and 1: 0.9 * 0 + 0.1 * mean, and 0.9 * 1 + 0.1 * variance.
    np.testing.assert_allclose(layer.moving_mean.value, 0.1 * x.mean(0), atol=1e-6)
    np.testing.assert_allclose(layer.moving_variance.value, 0.9 + 0.1 * x.var(0), atol=1e-5)


def test_half_precision_keeps_its_dtype():
    layer = BatchNormalization(dtype="bfloat16")
    assert layer(jnp.ones((4, 3), "bfloat16"), training=True).dtype == jnp.bfloat16


@settings(max_examples=10)
@given(
    shape=st.sampled_from([(6, 3), (4, 3, 5)]),
    axis=st.sampled_from([1, -1, [-1], [1, 2]]),
    center=st.booleans(),
    scale=st.booleans(),
)
def test_layer_normalization_agrees_with_keras(agree, k, shape, axis, center, scale):
    if len(shape) == 2 and axis == [1, 2]:
        axis = -1
    arguments = {"axis": axis, "center": center, "scale": scale}
    agree(LayerNormalization(**arguments), k.LayerNormalization(**arguments), agree.floats(*shape))


def test_layer_normalization_takes_inputs_with_more_axes_later():
    layer = LayerNormalization()
    layer(np.ones((2, 3), "float32"))
    assert layer(np.ones((2, 4, 3), "float32")).shape == (2, 4, 3)


@settings(max_examples=10)
@given(
    shape=st.sampled_from([(5, 6), (3, 4, 6)]),
    groups=st.sampled_from([1, 2, 6, -1]),
    scale=st.booleans(),
)
def test_group_normalization_agrees_with_keras(agree, k, shape, groups, scale):
    arguments = {"groups": groups, "center": not scale, "scale": scale}
    agree(GroupNormalization(**arguments), k.GroupNormalization(**arguments), agree.floats(*shape))


def test_group_normalization_along_a_first_axis(agree, k):
    arguments = {"groups": 2, "axis": 1}
    agree(GroupNormalization(**arguments), k.GroupNormalization(**arguments), agree.floats(3, 4, 5))


def test_unit_normalization_agrees_with_keras(agree, k):
    x = agree.floats(3, 4, 5)
    for axis in (-1, 1, (1, 2)):
        agree(UnitNormalization(axis), k.UnitNormalization(axis), x)


def test_unit_normalization_of_zeros_has_a_gradient():
    layer = UnitNormalization()
    x = jnp.zeros((2, 3))
    layer(x)
    slope = jax.grad(lambda x: functional.apply(layer, {}, x)[0].sum())(x)
    assert np.isfinite(slope).all()


@pytest.mark.parametrize("layer", [BatchNormalization, LayerNormalization, GroupNormalization])
def test_axes_that_do_not_exist_or_have_no_size(layer):
    with pytest.raises(ShapeError, match="axis=5"):
        layer(axis=5)(np.ones((2, 32)))
    with pytest.raises(ShapeError, match="needs to know the size"):
        layer()(Input((None,)))


def test_arguments_that_make_no_sense():
    for make in (
        lambda: BatchNormalization(momentum=2),
        lambda: BatchNormalization(momentum=-0.1),
        lambda: LayerNormalization(epsilon=-1),
        lambda: GroupNormalization(groups=0),
    ):
        with pytest.raises(ConfigError):
            make()
    with pytest.raises(ConfigError, match="divisor of 5"):
        GroupNormalization(2)(np.ones((2, 5)))
    with pytest.raises(ShapeError, match="axis=3"):
        UnitNormalization(3)(np.ones((2, 5)))
