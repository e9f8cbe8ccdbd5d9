"""Activation functions by name: ``activations.get("relu")`` is `relu`.

The functions themselves are those of `maeum.ops.activations`; they take arrays and symbolic
tensors alike.

Example:
    >>> import numpy as np
    >>> get("leaky_relu")(np.array([-1.0, 2.0], "float32")).tolist()
    [-0.20000000298023224, 2.0]
"""

# ruff: noqa: F401

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from maeum.core import registry
from maeum.core.messages import N_
from maeum.ops.activations import (
    celu,
    elu,
    exponential,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    linear,
    log_sigmoid,
    log_softmax,
    mish,
    relu,
    relu6,
    selu,
    sigmoid,
    sign,
    silu,
    soft_shrink,
    softmax,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    step,
    tanh,
    tanh_shrink,
    threshold,
)
from maeum.ops.activations import gelu as _gelu


def gelu(x: Any, approximate: bool = False) -> Any:
    """``x * P(Z <= x)`` for a standard normal Z; ``approximate`` takes the tanh formula.

    As in Keras it is exact by default, while `maeum.ops.gelu` approximates.
    """
    return _gelu(x, approximate)


_functions = (*registry.public_functions(globals(), "maeum.ops.activations"), gelu)
_aliases = {"swish": silu, "hard_swish": hard_silu}
swish, hard_swish = _aliases.values()

family = registry.Family(
    N_("activation"),
    {function.__name__: registry.builtin(function) for function in _functions} | _aliases,
)

_describe, deserialize = family.keras_functions()

__all__ = [
    *(function.__name__ for function in _functions), *_aliases, "deserialize", "get", "serialize",
]  # fmt: skip


def serialize(activation: Any) -> Any:
    """Return the name of one of Maeum's activations, or the dict that describes another.

    >>> serialize(relu)
    'relu'
    """
    if activation in _functions:
        return activation.__name__
    return _describe(activation)


def get(identifier: Any) -> Callable[..., Any]:
    """Return the activation that a name, a config, a function or None (`linear`) stands for.

    Raises:
        UnknownNameError: for a name that no activation has; the message names the nearest one.
    """
    return linear if identifier is None else family.get(identifier)
