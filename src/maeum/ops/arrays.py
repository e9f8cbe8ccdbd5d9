"""How ops take their arguments: arrays, NumPy arrays, variables, lists and numbers alike.

`numpy_op` makes an op of a function of ``jax.numpy`` in one line: the tables of this room
(`elementwise`, `reductions`, `shapes` ...) consist of such lines.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ShapeError
from maeum.core.graph import op
from maeum.core.masks import Rule


def as_array(x: Any) -> jax.Array:
    """Return ``x`` as an array. A plain number stays one that takes the dtype of its partner."""
    return x if isinstance(x, jax.Array) else jnp.asarray(x)


def as_arrays(xs: Sequence[Any]) -> list[jax.Array]:
    """Return a list of arrays."""
    return [as_array(x) for x in xs]


def floating(x: Any) -> jax.Array:
    """Return ``x`` as an array of floating numbers: whole numbers become float32.

    >>> floating([1, 2]).dtype.name
    'float32'
    """
    x = as_array(x)
    return x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(jnp.float32)


def wide(x: Any) -> jax.Array:
    """Return ``x`` in float32 at least, so that sums over many entries stay exact enough."""
    x = as_array(x)
    dtype = jnp.promote_types(x.dtype, jnp.float32)
    return x if x.dtype == dtype else x.astype(dtype)


def indices(x: Any) -> jax.Array:
    """Return ``x`` as whole numbers; the part behind the point is cut off, and NaN is -1."""
    x = as_array(x)
    if jnp.issubdtype(x.dtype, jnp.floating):
        x = jnp.where(jnp.isnan(x), -1, x)
    return x if jnp.issubdtype(x.dtype, jnp.integer) else x.astype(jnp.int32)


def as_axis(axis: Any) -> Any:
    """Return an axis, or several as a tuple; a single one of a list as itself."""
    if not isinstance(axis, (list, tuple)):
        return axis
    return axis[0] if len(axis) == 1 else tuple(axis)


def checking_shapes(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function raise `ShapeError` where JAX finds that shapes or axes do not fit."""

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (TypeError, IndexError) as error:
            shapes = [x.shape for x in jax.tree.leaves((args, kwargs)) if hasattr(x, "shape")]
            raise ShapeError(
                "{name}() does not fit arrays of shape {shapes}: {error}",
                name=function.__name__,
                shapes=", ".join(map(str, shapes)),
                error=error,
            ) from error

    return checked


def numpy_op(
    function: Callable[..., Any],
    signature: str,
    doc: str,
    *,
    arrays: int = 1,
    convert: Callable[[Any], Any] = as_array,
    mask: Rule | None = None,
    name: str = "",
) -> Callable[..., Any]:
    """Make an op of a function of ``jax.numpy`` or ``jax.lax``.

    Args:
        function: what computes it. It gets the arguments without a default by their position and
            the others by their names.
        signature: the parameters that the op shows, as in ``"x, axis=None"``.
        doc: the docstring.
        arrays: how many of the first arguments become arrays.
        convert: what makes arrays of them.
        mask: the rule by which the result keeps a mask (`maeum.core.masks`).
        name: the op's name; that of the function by default.

    Example:
        >>> total = numpy_op(jnp.sum, "x, axis=None", "The sum along axes.", name="total")
        >>> total([[1, 2], [3, 4]], axis=0).tolist()
        [4, 6]
    """

    def handed_on(place: int, parameter: str) -> str:
        named, _, default = parameter.partition("=")
        value = f"_convert({named})" if place < arrays else named
        value = f"_as_axis({named})" if named == "axis" else value
        return f"{named}={value}" if default else value

    parameters = signature.split(", ")
    call = ", ".join(handed_on(*numbered) for numbered in enumerate(parameters))
    # A function of these very parameters, so that a call costs no more than one written by hand.
    names = {"_function": function, "_convert": convert, "_as_axis": as_axis}
    made = eval(f"lambda {signature}: _function({call})", names)
    made.__name__ = made.__qualname__ = name or function.__name__
    made.__module__ = "maeum.ops"
    made.__doc__ = doc
    return op(made, mask=mask)


def is_traced(x: Any) -> bool:
    """Tell whether ``x`` has no value yet, because a program is being compiled."""
    return isinstance(x, jax.core.Tracer)
