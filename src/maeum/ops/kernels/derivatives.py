"""Derivatives of what the native kernels compute, by formulas in plain JAX."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import jax


def differentiated_by(plain: Callable, static: int) -> Callable[[Callable], Callable]:
    """Give a function that calls a native kernel the derivatives of a plain formula.

    Both take the same arguments, of which the last ``static`` ones are not arrays, and return the
    same structure. An argument that the formula does not use is one that follows from the others,
    through which the derivative goes.
    """

    def decorate(function: Callable) -> Callable:
        count = len(inspect.signature(function).parameters)
        fixed = tuple(range(count - static, count))
        native = jax.custom_vjp(function, nondiff_argnums=fixed)

        def forward(*given: Any) -> tuple:
            return native(*given), given[: count - static]

        def backward(*given: Any) -> tuple:
            *rest, saved, directions = given
            return jax.vjp(lambda *arrays: plain(*arrays, *rest), *saved)[1](directions)

        native.defvjp(forward, backward)
        return functools.wraps(function)(native)

    return decorate
