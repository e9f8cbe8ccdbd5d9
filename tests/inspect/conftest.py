import numpy as np
import pytest

import maeum as mm
from maeum.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    Input,
    MaxPooling2D,
)


@pytest.fixture(scope="session")
def pictures():
    return np.random.default_rng(0).uniform(size=(3, 12, 10, 3)).astype("float32")


@pytest.fixture(scope="session")
def sequential():
    """A classifier of three classes with softmax."""
    return mm.Sequential(
        [
            Input((12, 10, 3)),
            Conv2D(4, 3, activation="tanh", name="first"),
            MaxPooling2D(name="pool"),
            Conv2D(5, 3, padding="same", name="second"),
            BatchNormalization(name="norm"),
            Activation("relu", name="relu"),
            Flatten(),
            Dense(3, activation="softmax", name="answer"),
        ],
        seed=1,
    )


@pytest.fixture(scope="session")
def transfer():
    """A sigmoid head on a base model that stands inside, as in transfer learning."""
    base = mm.Sequential(
        [
            Input((12, 10, 3)),
            Conv2D(4, 3, name="first"),
            Conv2D(6, 3, activation="tanh", name="last"),
        ],
        name="base",
        seed=2,
    )
    x = Input((12, 10, 3))
    h = GlobalAveragePooling2D(name="mean")(base(x, training=False))
    return mm.Model(x, Dense(1, activation="sigmoid", name="answer")(h), seed=2)
