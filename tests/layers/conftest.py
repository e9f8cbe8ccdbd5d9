"""A comparison of layers with Keras 3 on JAX: same weights, same outputs and gradients."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from maeum.core import functional
from maeum.core.masks import with_mask


class Agreement:
    """Compares a layer of Maeum with one of Keras on the same inputs and drawn weights.

    Each side is one compiled program of outputs, updates and gradients: eager calls would compile
    every operation by itself, for seconds.
    """

    def __init__(self, seed=0):
        self.rng = np.random.default_rng(seed)

    def __call__(
        self, ours, theirs, inputs, *, training=False, mask=None, initial_state=None, atol=1e-5
    ):
        def same(got, expected):
            # what cancels is as uncertain as what it was summed from
            scale = float(np.abs(expected).max()) if np.size(expected) else 0.0
            np.testing.assert_allclose(got, expected, atol=max(atol, 1e-4 * scale), rtol=1e-4)

        shapes = build(ours, theirs, inputs)
        assert ours.count_params() == theirs.count_params()
        assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
        weights = [self.rng.uniform(0.2, 1.5, w.shape).astype("float32") for w in ours.weights]
        ours.set_weights(weights)
        theirs.set_weights(weights)

        values = functional.values(ours)
        paths = list(values)
        trainable = [v.value for v in theirs.trainable_variables]
        fixed = [v.value for v in theirs.non_trainable_variables]
        mode = {"training": True} if training else {}
        mode |= {} if mask is None else {"mask": mask}
        mode |= {} if initial_state is None else {"initial_state": initial_state}
        directions = [self.rng.normal(size=shape).astype("float32") for shape in shapes]
        floating = all(np.issubdtype(x.dtype, np.floating) for x in jax.tree.leaves(inputs))

        def results(run, values):
            def loss(values, x):
                outputs, updates = run(values, x)
                outputs = jax.tree.leaves(outputs)
                total = sum((o * d).sum() for o, d in zip(outputs, directions, strict=True))
                return total, (outputs, updates)

            by = (0, 1) if floating else (0,)
            return jax.jit(jax.grad(loss, by, has_aux=True))(values, inputs)

        def run(values, x):
            if mask is not None:
                x = with_mask(x, jnp.asarray(mask))
            x = x if initial_state is None else [x, *initial_state]
            return functional.apply(ours, values, x, training=training)

        slopes, (got, updates) = results(run, values)
        their_slopes, (expected, their_updates) = results(
            lambda values, x: theirs.stateless_call(values, fixed, x, **mode), trainable
        )
        assert [o.shape for o in got] == [o.shape for o in expected] == shapes
        assert [o.dtype for o in got] == [o.dtype for o in expected]
        jax.tree.map(same, got, expected)
        jax.tree.map(same, slopes[1:], their_slopes[1:])
        for path, slope in zip(paths, their_slopes[0]):
            same(slopes[0][path], slope)
        for path, update in zip(paths[len(trainable) :], their_updates):
            same(updates.get(path, values[path]), update)

    def floats(self, *shape):
        """Draw an array of numbers around 0."""
        return self.rng.normal(0, 1.5, shape).astype("float32")


def build(ours, theirs, inputs):
    """Build both for ``inputs``; return the shapes of their outputs, which have to be equal."""
    import keras

    for layer in theirs._flatten_layers():
        for name in vars(layer):
            if name.endswith("_initializer"):  # drawing numbers takes Keras a second
                setattr(layer, name, keras.initializers.Zeros())
    shapes = jax.tree.map(lambda x: x.shape, inputs)
    ours.build(shapes)
    theirs.build(shapes)
    unknown = jax.tree.map(lambda x: (None, *x.shape[1:]), inputs)
    got, expected = (_leaves(layer.compute_output_shape(unknown)) for layer in (ours, theirs))
    assert got == expected
    return [(jax.tree.leaves(inputs)[0].shape[0], *shape[1:]) for shape in got]


def _leaves(shapes):
    """Return the shapes in a structure of them."""
    if all(n is None or isinstance(n, int) for n in shapes):
        return [tuple(shapes)]
    return [shape for part in shapes for shape in _leaves(part)]


@pytest.fixture(scope="module")
def agree():
    """Compare a layer with Keras's; a file's draws do not depend on which ran before it."""
    return Agreement()


@pytest.fixture(scope="session")
def k():
    """Return ``keras.layers``, on JAX."""
    import keras

    assert keras.backend.backend() == "jax"
    return keras.layers
