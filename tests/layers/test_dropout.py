"""Random layers: what they draw, when, and from which key."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum.layers as layers
from maeum.core import functional
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.scope import Scope

KEY = jax.random.PRNGKey(3)
RANDOM = {
    "Dropout": lambda **kw: layers.Dropout(0.4, **kw),
    "AlphaDropout": lambda **kw: layers.AlphaDropout(0.4, **kw),
    "GaussianDropout": lambda **kw: layers.GaussianDropout(0.4, **kw),
    "GaussianNoise": lambda **kw: layers.GaussianNoise(0.4, **kw),
}


def train(layer, x, key=KEY):
    layer(x)  # builds
    return np.asarray(functional.apply(layer, {}, x, training=True, key=key)[0])


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(300, 200)).astype("float32")


@pytest.mark.parametrize("name", RANDOM)
def test_nothing_happens_outside_training_or_at_zero(name, x):
    layer = RANDOM[name]()
    np.testing.assert_array_equal(layer(x), x)
    np.testing.assert_array_equal(layer(x, training=False), x)
    np.testing.assert_array_equal(train(getattr(layers, name)(0), x), x)
    assert (np.asarray(layer(x, training=True)) != x).any()


@pytest.mark.parametrize("name", RANDOM)
def test_draws_are_a_function_of_the_key_and_the_layer(name, x):
    layer = RANDOM[name]()
    first = train(layer, x)
    np.testing.assert_array_equal(first, train(layer, x))
    np.testing.assert_array_equal(first, train(RANDOM[name](), x))
    assert (first != train(layer, x, jax.random.PRNGKey(4))).any()
    assert (first != train(RANDOM[name](seed=5), x)).any()
    np.testing.assert_array_equal(train(RANDOM[name](seed=5), x), train(RANDOM[name](seed=5), x))


@pytest.mark.parametrize("name", RANDOM)
def test_two_layers_and_two_calls_draw_differently(name, x):
    one, two = RANDOM[name](name="one"), RANDOM[name](name="two")
    one(x), two(x)
    with Scope(training=True, key=KEY):
        draws = [np.asarray(layer(x)) for layer in (one, one, two)]
    assert (draws[0] != draws[1]).any()
    assert (draws[0] != draws[2]).any()


@pytest.mark.parametrize("name", RANDOM)
def test_vmap_over_keys(name, x):
    layer = RANDOM[name]()
    layer(x)
    keys = jax.random.split(KEY, 3)
    together = jax.vmap(lambda key: functional.apply(layer, {}, x, training=True, key=key)[0])(keys)
    for key, one in zip(keys, together):
        np.testing.assert_allclose(one, train(layer, x, key), rtol=1e-5, atol=1e-6)


def test_statistics(x):
    kept = train(layers.Dropout(0.4), np.ones_like(x))
    assert (kept == 0).mean() == pytest.approx(0.4, abs=0.01)
    assert kept.mean() == pytest.approx(1, abs=0.01)
    alpha = train(layers.AlphaDropout(0.4), x)
    assert (alpha.mean(), alpha.var()) == pytest.approx((0, 1), abs=0.02)
    noise = train(layers.GaussianNoise(0.4), x) - x
    assert (noise.mean(), noise.std()) == pytest.approx((0, 0.4), abs=0.01)
    factor = train(layers.GaussianDropout(0.4), np.ones_like(x))
    assert (factor.mean(), factor.var()) == pytest.approx((1, 0.4 / 0.6), abs=0.02)


def test_values_of_alpha_dropout_are_keras_s(k):
    x = np.ones((50, 20), "float32")
    ours = np.unique(train(layers.AlphaDropout(0.3), x))
    theirs = np.unique(np.asarray(k.AlphaDropout(0.3)(x, training=True)))
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_spatial_dropout_drops_whole_features():
    x = np.ones((6, 5, 40), "float32")
    dropped = train(layers.SpatialDropout1D(0.5), x)
    assert (dropped == dropped[:, :1]).all()
    assert 0.3 < (dropped == 0).mean() < 0.7
    image = np.ones((6, 4, 5, 40), "float32")
    dropped = train(layers.SpatialDropout2D(0.5), image)
    assert (dropped == dropped[:, :1, :1]).all()
    first = train(layers.SpatialDropout2D(0.5, data_format="channels_first"), image)
    assert (first == first[:, :, :1, :1]).all()
    assert len(np.unique(first)) == len(np.unique(dropped)) == 2
    volume = np.ones((6, 2, 4, 5, 40), "float32")
    dropped = train(layers.SpatialDropout3D(0.5), volume)
    assert (dropped == dropped[:, :1, :1, :1]).all()
    first = train(layers.SpatialDropout3D(0.5, "channels_first"), volume)
    assert (first == first[:, :, :1, :1, :1]).all()
    assert len(np.unique(first)) == len(np.unique(dropped)) == 2


def test_noise_shape(x):
    dropped = train(layers.Dropout(0.5, noise_shape=(None, 1)), np.ones_like(x))
    assert (dropped == dropped[:, :1]).all()


def test_activity_regularization_agrees_with_keras(k):
    x = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    ours, theirs = layers.ActivityRegularization(0.1, 0.2), k.ActivityRegularization(0.1, 0.2)
    np.testing.assert_array_equal(ours(x), x)
    theirs(x)
    assert float(ours.losses[0]) == pytest.approx(float(theirs.losses[0]), rel=1e-6)


def test_arguments_that_make_no_sense():
    for rate in (-0.1, 1.5, "0.5", None):
        with pytest.raises(ConfigError, match="rate of Dropout"):
            layers.Dropout(rate)
    for make in (
        lambda: layers.GaussianDropout(1.0),
        lambda: layers.GaussianNoise(-1),
        lambda: layers.Dropout(0.5, noise_shape="ab"),
        lambda: layers.Dropout(0.5, noise_shape=(0, 1)),
        lambda: layers.Dropout(0.5, seed=-1),
        lambda: layers.SpatialDropout2D(0.5, data_format="first"),
    ):
        with pytest.raises(ConfigError):
            make()
    with pytest.raises(ShapeError, match="3 axes"):
        layers.SpatialDropout1D(0.5)(jnp.ones((2, 3)))
    with pytest.raises(ShapeError, match="5 axes"):
        layers.SpatialDropout3D(0.5)(jnp.ones((2, 3, 4, 5)))
    with pytest.raises(ShapeError, match="2 axes"):
        layers.Dropout(0.5, noise_shape=(None, 1))(jnp.ones((2, 3, 4)))
