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

from maeum.core import extras, functional, runtime, tracebacks

extras.explain()
runtime.configure()
with runtime.uncollected():
    from maeum import (
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
    from maeum.core.dtypes import DTypePolicy
    from maeum.core.errors import MaeumError
    from maeum.core.functional import value_and_grad
    from maeum.core.graph import SymbolicTensor
    from maeum.core.lazy import lazily
    from maeum.core.registry import register
    from maeum.core.variable import Variable
    from maeum.initializers import Initializer
    from maeum.layers import Input, InputSpec, Layer
    from maeum.losses import Loss
    from maeum.metrics import Metric
    from maeum.models import Ensemble, Model, Sequential, WeightedEnsemble
    from maeum.optimizers import Optimizer
    from maeum.regularizers import Regularizer
    from maeum.saving import load_model
tracebacks.install(MaeumError)

if TYPE_CHECKING:
    from maeum import (
        applications,
        backend,
        config,
        datasets,
        dtype_policies,
        export,
        generative,
        images,
        inspect,
        legacy,
        mixed_precision,
        music,
        preprocessing,
        random,
        rl,
        sklearn,
        text,
        tree,
        tuner,
        wrappers,
    )
    from maeum.core.keras_scopes import (
        RematScope,
        StatelessScope,
        SymbolicScope,
        device,
        name_scope,
        remat,
    )
    from maeum.models.operations import Function, Operation

__version__ = "0.1.0"

FloatDTypePolicy = DTypePolicy
KerasTensor = SymbolicTensor


def version() -> str:
    """Return the version of Maeum."""
    return __version__


__all__ = [
    "DTypePolicy", "Ensemble", "FloatDTypePolicy", "Function", "Initializer", "Input", "InputSpec",
    "KerasTensor", "Layer", "Loss", "MaeumError", "Metric", "Model", "Operation", "Optimizer",
    "Regularizer", "RematScope", "Sequential", "StatelessScope", "SymbolicScope", "Variable",
    "WeightedEnsemble", "activations", "applications", "backend", "callbacks", "config",
    "constraints", "datasets", "device", "dtype_policies", "export", "functional", "generative",
    "images", "initializers", "inspect", "layers", "legacy", "load_model", "losses", "metrics",
    "mixed_precision", "models", "music", "name_scope", "ops", "optimizers", "preprocessing",
    "random", "register", "regularizers", "remat", "rl", "saving", "sklearn", "text", "tree",
    "tuner", "utils", "value_and_grad", "version", "wrappers",
]  # fmt: skip

_ROOMS = (
    "applications", "backend", "config", "datasets", "dtype_policies", "export", "generative",
    "images", "inspect", "legacy", "mixed_precision", "music", "preprocessing", "random", "rl",
    "sklearn", "text", "tree", "tuner", "wrappers",
)  # fmt: skip
_NAMES = {
    "maeum.core.keras_scopes": (
        "RematScope", "StatelessScope", "SymbolicScope", "device", "name_scope", "remat",
    ),
    "maeum.models.operations": ("Function", "Operation"),
}  # fmt: skip
__getattr__, __dir__ = lazily(__name__, {**{f"{__name__}.{room}": () for room in _ROOMS}, **_NAMES})
