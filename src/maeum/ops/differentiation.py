"""Derivatives of users' functions: custom ones, and forward-mode products."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax

from maeum.core.graph import map_structure, op
from maeum.core.variable import Variable
from maeum.ops.arrays import as_array


@op
def jvp(
    fun: Callable, primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False
) -> Any:
    """Return ``fun(*primals)`` and its derivative along ``tangents`` (forward mode).

    Args:
        fun: a function of arrays.
        primals: its arguments, a tuple or list.
        tangents: a direction for each of them, of its shape.
        has_aux: whether ``fun`` returns ``(result, more)``; then ``more`` is returned last.

    >>> value, slope = jvp(lambda x: x * x, (3.0,), (1.0,))
    >>> float(value), float(slope)
    (9.0, 6.0)
    """
    primals, tangents = (tuple(map_structure(as_array, list(x))) for x in (primals, tangents))
    return jax.jvp(fun, primals, tangents, has_aux=has_aux)


def custom_gradient(f: Callable) -> Callable:
    """Decorate a function that says its own gradient.

    Args:
        f: a function of arrays that returns its result and a function from the gradient of the
            result to the gradients of the arguments (of one argument: to its gradient).

    >>> @custom_gradient
    ... def clipped(x):
    ...     return x * x, lambda upstream: upstream * 1.0
    >>> float(jax.grad(clipped)(3.0))
    1.0
    """
    own = jax.custom_gradient(f)

    @functools.wraps(f)
    def call(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = map_structure(
            lambda x: x.value if isinstance(x, Variable) else x, (args, kwargs)
        )
        return own(*args, **kwargs)

    return call
