"""The same small network in Keras and here, compiled once and begun anew for every test."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest

import maeum as mm

rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3)).astype("float32")
Y = (X[:, :1] - X[:, 1:2] > 0).astype("float32")
FIRST = [rng.normal(size=(3, 1)).astype("float32"), np.zeros(1, "float32")]


class Twin:
    """A network of one library, and what a test does with it."""

    def __init__(self, lib):
        self.lib = lib
        self.callbacks = lib.callbacks
        self.model = lib.Sequential([lib.Input((3,)), lib.layers.Dense(1, activation="sigmoid")])
        self.model.compile(
            optimizer=lib.optimizers.SGD(0.1), loss="binary_crossentropy", metrics=["accuracy"]
        )

    def begin(self):
        self.model.set_weights(FIRST)
        self.model.optimizer.learning_rate = 0.1
        return self

    def fit(self, *callbacks, **options):
        options = {"epochs": 2, "batch_size": 8, "verbose": 0, "shuffle": False, **options}
        return self.model.fit(X, Y, callbacks=list(callbacks), **options)


@pytest.fixture(scope="session")
def _twins():
    return Twin(mm), Twin(keras)


@pytest.fixture
def twins(_twins):
    """Ours and Keras's."""
    return [twin.begin() for twin in _twins]


@pytest.fixture
def ours(twins):
    """Ours alone."""
    return twins[0]


@pytest.fixture(scope="session")
def data():
    """The rows that the twins learn from."""
    return X, Y
