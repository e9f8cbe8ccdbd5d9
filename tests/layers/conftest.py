"""A comparison of layers with Keras 3 on JAX: same weights, same outputs and gradients."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from maeum.core import functional


class Agreement:
    """Compares a layer of Maeum with one of Keras on the same inputs and drawn weights."""

    def __init__(self, seed=0):
        self.rng = np.random.default_rng(seed)

    def __call__(self, ours, theirs, inputs, *, training=False, atol=1e-5):
        def same(got, expected):
            np.testing.assert_allclose(got, expected, atol=atol, rtol=1e-4)

        theirs_out, ours_out = theirs(inputs), ours(inputs)
        assert ours_out.shape == tuple(theirs_out.shape)
        assert ours_out.dtype == theirs_out.dtype
        shapes = jax.tree.map(lambda x: (None, *x.shape[1:]), inputs)
        assert ours.compute_output_shape(shapes)[1:] == ours_out.shape[1:]
        assert ours.count_params() == theirs.count_params()
        assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
        weights = [self.rng.uniform(0.2, 1.5, w.shape).astype("float32") for w in ours.weights]
        ours.set_weights(weights)
        theirs.set_weights(weights)

        direction = jnp.asarray(self.rng.normal(size=ours_out.shape), "float32")
        mode = {"training": True} if training else {}

        def our_loss(values, x):
            outputs, updates = functional.apply(ours, values, x, training=training)
            return (outputs * direction).sum(), (outputs, updates)

        def their_loss(trainable, x):
            outputs, updates = theirs.stateless_call(
                trainable, [v.value for v in theirs.non_trainable_variables], x, **mode
            )
            return (outputs * direction).sum(), (outputs, updates)

        floating = all(np.issubdtype(x.dtype, np.floating) for x in jax.tree.leaves(inputs))
        by = (0, 1) if floating else 0
        paths = list(functional.values(ours))
        values = functional.values(ours)
        trainable = [v.value for v in theirs.trainable_variables]
        slopes, (got, updates) = jax.grad(our_loss, by, has_aux=True)(values, inputs)
        their_slopes, (expected, their_updates) = jax.grad(their_loss, by, has_aux=True)(
            trainable, inputs
        )
        same(got, expected)
        if floating:
            jax.tree.map(same, slopes[1], their_slopes[1])
            slopes, their_slopes = slopes[0], their_slopes[0]
        for path, slope in zip(paths, their_slopes):
            same(slopes[path], slope)
        for path, update in zip(paths[len(their_slopes) :], their_updates):
            same(updates.get(path, values[path]), update)

    def floats(self, *shape):
        """Draw an array of numbers around 0."""
        return self.rng.normal(0, 1.5, shape).astype("float32")


@pytest.fixture(scope="session")
def agree():
    """Compare a layer with Keras's."""
    return Agreement()


@pytest.fixture(scope="session")
def k():
    """Return ``keras.layers``, on JAX."""
    import keras

    assert keras.backend.backend() == "jax"
    return keras.layers
