"""Language models that several files test: trained once."""

import pytest

from maeum.language import train_language_model

SMALL = {"units": 24, "layers": 1, "window": 16, "learning_rate": 0.02, "dropout": 0.0}
NAMES = ["anna", "hanna", "nana", "ann", "hana", "johanna"] * 12


@pytest.fixture(scope="session")
def running():
    """A model of one running text, which it has learnt."""
    return train_language_model(["so long,\tand thanks\n" * 60], epochs=12, **SMALL)


@pytest.fixture(scope="session")
def names():
    """A model of several texts."""
    return train_language_model(NAMES, epochs=12, **SMALL)
