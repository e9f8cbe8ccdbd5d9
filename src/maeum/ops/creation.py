"""New arrays: constants, ranges, grids and windows, under NumPy's names.

Their dtype is float32 unless another one is given or the arguments say another.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.graph import op
from maeum.core.masks import each_entry
from maeum.ops.arrays import as_array, numpy_op

_new = functools.partial(numpy_op, arrays=0)
_like = functools.partial(numpy_op, signature="x, dtype=None", mask=each_entry)

# ---- constants -----------------------------------------------------------------------------------

zeros = _new(jnp.zeros, "shape, dtype=None", "Zeros.")
ones = _new(jnp.ones, "shape, dtype=None", "Ones.")
empty = _new(jnp.empty, "shape, dtype=None", "An array of a shape, whatever it holds (zeros).")
zeros_like = _like(jnp.zeros_like, doc="Zeros of the shape of ``x``, and of its dtype by default.")
ones_like = _like(jnp.ones_like, doc="Ones of the shape of ``x``, and of its dtype by default.")
empty_like = _like(jnp.empty_like, doc="An array of the shape of ``x``, whatever it holds (zeros).")
full_like = numpy_op(
    jnp.full_like,
    "x, fill_value, dtype=None",
    "One value in the shape of ``x``, and in its dtype by default.",
    mask=each_entry,
)
eye = _new(
    jnp.eye, "N, M=None, k=0, dtype=None", "An N by M matrix with ones on its k-th diagonal."
)
identity = _new(jnp.identity, "n, dtype=None", "The identity matrix of n rows.")
tri = _new(
    jnp.tri, "N, M=None, k=0, dtype=None", "An N by M matrix with ones up to its k-th diagonal."
)


@op
def full(shape: Any, fill_value: Any, dtype: Any = None) -> jax.Array:
    """One value everywhere."""
    return jnp.full(shape, as_array(fill_value), float if dtype is None else dtype)


@op(mask=each_entry)
def array(x: Any, dtype: Any = None) -> jax.Array:
    """A new array of numbers, of a (nested) list of them, or of another array."""
    return jnp.array(x, dtype)


# ---- ranges and grids ----------------------------------------------------------------------------

arange = _new(
    jnp.arange,
    "start, stop=None, step=None, dtype=None",
    "Numbers from ``start`` (or 0) up to ``stop``, which is not among them.",
)
linspace = _new(
    jnp.linspace,
    "start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0",
    "So many numbers at equal distances; with ``retstep`` also that distance.",
    arrays=2,
)
logspace = _new(
    jnp.logspace,
    "start, stop, num=50, endpoint=True, base=10, dtype=None, axis=0",
    "``base`` to the power of numbers at equal distances.",
    arrays=2,
)
geomspace = _new(
    jnp.geomspace,
    "start, stop, num=50, endpoint=True, dtype=None, axis=0",
    "So many numbers in equal ratios.",
    arrays=2,
)


@op
def meshgrid(*x: Any, indexing: str = "xy") -> list[jax.Array]:
    """The coordinates of all points of a grid: one array for each axis.

    >>> [a.tolist() for a in meshgrid([1, 2], [3, 4])]
    [[[1, 2], [1, 2]], [[3, 3], [4, 4]]]
    """
    return list(jnp.meshgrid(*(as_array(a).ravel() for a in x), indexing=indexing))


vander = numpy_op(
    jnp.vander,
    "x, N=None, increasing=False",
    "The matrix whose columns are the powers of ``x``, the highest first by default.",
)

# ---- windows -------------------------------------------------------------------------------------

_window = functools.partial(numpy_op, signature="x", arrays=0)

bartlett = _window(jnp.bartlett, doc="A triangle of ``x`` numbers.")
blackman = _window(jnp.blackman, doc="Blackman's window of ``x`` numbers.")
hamming = _window(jnp.hamming, doc="Hamming's window of ``x`` numbers.")
hanning = _window(jnp.hanning, doc="Hann's window of ``x`` numbers.")
kaiser = numpy_op(
    jnp.kaiser,
    "x, beta",
    "Kaiser's window of ``x`` numbers, the narrower the larger ``beta``.",
    arrays=0,
)
