"""What the tests of searches share: a little network, and data."""

import numpy as np
import pytest

import maeum as mm

ROWS = np.random.default_rng(0)
X = ROWS.normal(size=(60, 3)).astype("float32")
Y = (X[:, 0] + X[:, 1] > 0).astype("float32")


@pytest.fixture
def data():
    """Forty rows to learn from and twenty to validate with, as arguments of ``fit``."""
    return {"x": X[:40], "y": Y[:40], "validation_data": (X[40:], Y[40:]), "batch_size": 20}


@pytest.fixture
def build():
    """Build a network of one architecture, whose numbers are tuned."""

    def network(hp):
        rate = hp.Float("learning_rate", 1e-3, 1e-1, sampling="log")
        dropout = mm.layers.Dropout(hp.Float("dropout", 0.1, 0.5))
        out = mm.layers.Dense(1, activation="sigmoid")
        model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(4, "relu"), dropout, out])
        model.compile(mm.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
        return model

    return network
