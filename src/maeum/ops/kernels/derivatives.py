"""Derivatives of functions from what they were given: hand-written ones, or by a plain formula."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import jax


def with_backward(backward: Callable, static: int) -> Callable[[Callable], Callable]:
    """Give a function a backward pass: ``backward(*static, inputs, directions)``.

    The last ``static`` arguments of the function are not arrays.
    """

    def decorate(function: Callable) -> Callable:
        count = len(inspect.signature(function).parameters) - static
        made = jax.custom_vjp(function, nondiff_argnums=tuple(range(count, count + static)))

        def forward(*given: Any) -> tuple:
            return made(*given), given[:count]  # itself, so that it can be differentiated again

        made.defvjp(forward, backward)
        return functools.wraps(function)(made)

    return decorate


def differentiated_by(plain: Callable, static: int) -> Callable[[Callable], Callable]:
    """Give a function that calls a native kernel the derivatives of a plain formula.

    Both take the same arguments, of which the last ``static`` ones are not arrays, and return the
    same structure. An argument that the formula does not use is one that follows from the others,
    through which the derivative goes.
    """

    def backward(*given: Any) -> tuple:
        *rest, saved, directions = given
        return jax.vjp(lambda *arrays: plain(*arrays, *rest), *saved)[1](directions)

    return with_backward(backward, static)
