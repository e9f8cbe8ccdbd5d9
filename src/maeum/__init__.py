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
from maeum.core.dtypes import DTypePolicy  # noqa: E402
from maeum.core.errors import MaeumError  # noqa: E402
from maeum.core.functional import value_and_grad  # noqa: E402
from maeum.core.graph import SymbolicTensor  # noqa: E402
from maeum.core.lazy import lazily  # noqa: E402
from maeum.core.registry import register  # noqa: E402
from maeum.core.variable import Variable  # noqa: E402
from maeum.initializers import Initializer  # noqa: E402
from maeum.layers import Input, InputSpec, Layer  # noqa: E402
from maeum.losses import Loss  # noqa: E402
from maeum.metrics import Metric  # noqa: E402
from maeum.models import Model, Sequential  # noqa: E402
from maeum.optimizers import Optimizer  # noqa: E402
from maeum.regularizers import Regularizer  # noqa: E402
from maeum.saving import load_model  # noqa: E402

if TYPE_CHECKING:
    from maeum import (
        applications,
        backend,
        config,
        datasets,
        dtype_policies,
        export,
        images,
        inspect,
        legacy,
        mixed_precision,
        preprocessing,
        random,
        text,
        tree,
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
    "DTypePolicy", "FloatDTypePolicy", "Function", "Initializer", "Input", "InputSpec",
    "KerasTensor", "Layer", "Loss", "MaeumError", "Metric", "Model", "Operation", "Optimizer",
    "Regularizer", "RematScope", "Sequential", "StatelessScope", "SymbolicScope", "Variable",
    "activations", "applications", "backend", "callbacks", "config", "constraints", "datasets",
    "device", "dtype_policies", "export", "functional", "images", "initializers", "inspect",
    "layers", "legacy", "load_model", "losses", "metrics", "mixed_precision", "models",
    "name_scope", "ops", "optimizers", "preprocessing", "random", "register", "regularizers",
    "remat", "saving", "text", "tree", "utils", "value_and_grad", "version", "wrappers",
]  # fmt: skip

_ROOMS = (
    "applications", "backend", "config", "datasets", "dtype_policies", "export", "images",
    "inspect", "legacy", "mixed_precision", "preprocessing", "random", "text", "tree",
    "wrappers",
)  # fmt: skip
_NAMES = {
    "maeum.core.keras_scopes": (
        "RematScope", "StatelessScope", "SymbolicScope", "device", "name_scope", "remat",
    ),
    "maeum.models.operations": ("Function", "Operation"),
}  # fmt: skip
__getattr__, __dir__ = lazily(__name__, {**{f"{__name__}.{room}": () for room in _ROOMS}, **_NAMES})
