"""Maeum: a deep-learning system for Python.

The code you know (Keras's names), one program (a whole training compiled through JAX and XLA),
nothing hidden and nothing lost.

Example:
    >>> import numpy as np
    >>> import maeum as mm
    >>> from maeum.layers import Dense
    >>> x, y = np.random.rand(64, 3), np.random.rand(64)
    >>> model = mm.Sequential([mm.Input((3,)), Dense(8, activation="relu"), Dense(1)])
    >>> model.compile(optimizer="adam", loss="mse")
    >>> history = model.fit(x, y, epochs=2, verbose=0)
    >>> len(history.history["loss"])
    2
"""

from typing import TYPE_CHECKING

from maeum.core import functional, runtime

runtime.configure()

from maeum import (  # noqa: E402
    activations,
    callbacks,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    models,
    ops,
    optimizers,
    random,
    regularizers,
    saving,
    utils,
)
from maeum.core.errors import MaeumError  # noqa: E402
from maeum.core.functional import value_and_grad  # noqa: E402
from maeum.core.lazy import lazily  # noqa: E402
from maeum.core.registry import register  # noqa: E402
from maeum.core.variable import Variable  # noqa: E402
from maeum.layers import Input, Layer  # noqa: E402
from maeum.models import Model, Sequential  # noqa: E402
from maeum.saving import load_model  # noqa: E402

if TYPE_CHECKING:
    from maeum import applications, datasets, images, inspect, preprocessing, text

__version__ = "0.1.0"

__all__ = [
    "Input",
    "Layer",
    "MaeumError",
    "Model",
    "Sequential",
    "Variable",
    "activations",
    "applications",
    "callbacks",
    "constraints",
    "datasets",
    "functional",
    "images",
    "initializers",
    "inspect",
    "layers",
    "load_model",
    "losses",
    "metrics",
    "models",
    "ops",
    "optimizers",
    "preprocessing",
    "random",
    "register",
    "regularizers",
    "saving",
    "text",
    "utils",
    "value_and_grad",
]

_ROOMS = ("applications", "datasets", "images", "inspect", "preprocessing", "text")
__getattr__, __dir__ = lazily(__name__, {f"{__name__}.{room}": () for room in _ROOMS})
