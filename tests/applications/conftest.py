"""Keras's applications on JAX, quick to build, and weights that both sides can be given."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import numpy as np
import pytest


@pytest.fixture(scope="module")  # what is patched must not outlast these tests
def theirs():
    """Return ``keras.applications``; kernels begin as zeros, since drawing them takes seconds."""
    import keras

    def zeros(self, shape, dtype=None, **_):
        return np.zeros(shape, dtype or "float32")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.initializers.VarianceScaling, "__call__", zeros)
        yield keras.applications


@pytest.fixture
def draw():
    """Return a function that draws values for the weights of a model, by name and shape.

    Their sizes keep the numbers in a deep network from vanishing and from growing.
    """
    rng = np.random.default_rng(0)

    def one(variable):
        name, shape = variable.path.rpartition("/")[2], tuple(variable.shape)
        if name in ("gamma", "moving_variance", "variance"):
            return rng.uniform(0.5, 1.5, shape)
        if len(shape) == 1:
            return rng.normal(0, 0.1, shape)
        alone = "depthwise" in variable.path or "conv_dw" in variable.path
        seen = shape[:2] if alone else shape[:-1]
        return rng.normal(0, np.sqrt(1.5 / np.prod(seen)), shape)

    return lambda model: [one(w).astype("float32") for w in model.weights]
