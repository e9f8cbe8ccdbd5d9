"""Sums, means, extremes and the like along axes, under NumPy's names.

All take ``axis`` (an int, several, or None for every axis), and most ``keepdims``. Those that begin
with ``nan`` leave out what is NaN.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.graph import op
from maeum.core.masks import along_axis
from maeum.ops.arrays import as_array, as_axis, floating, numpy_op

_reduction = functools.partial(numpy_op, signature="x, axis=None, keepdims=False", mask=along_axis)
_extreme = functools.partial(
    numpy_op, signature="x, axis=None, keepdims=False, initial=None", mask=along_axis
)
_cumulative = functools.partial(numpy_op, signature="x, axis=None, dtype=None", mask=along_axis)


def _quantiles(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
    # The axis of several quantiles comes first.
    return jnp.ndim(given["q"]) == 0 and x is given["x"] and along_axis(rank, x, given, made)


_quantile = functools.partial(
    numpy_op,
    signature="x, q, axis=None, method='linear', keepdims=False",
    arrays=2,
    convert=floating,
    mask=_quantiles,
)

# ---- sums and means ------------------------------------------------------------------------------

sum = _reduction(jnp.sum, doc="The sum.")
prod = numpy_op(
    jnp.prod,
    "x, axis=None, keepdims=False, dtype=None",
    "The product.",
    mask=along_axis,
)
cumsum = _cumulative(jnp.cumsum, doc="The sum of all entries up to each one.")
cumprod = _cumulative(jnp.cumprod, doc="The product of all entries up to each one.")
nansum = _reduction(jnp.nansum, doc="The sum of what is not NaN.")
nanprod = _reduction(jnp.nanprod, doc="The product of what is not NaN.")
nancumsum = _cumulative(jnp.nancumsum, doc="The sum up to each entry, without NaN.")
nancumprod = _cumulative(jnp.nancumprod, doc="The product up to each entry, without NaN.")


@op(mask=along_axis)
def average(x: Any, axis: Any = None, weights: Any = None) -> jax.Array:
    """The mean, weighted if ``weights`` (of the shape of ``x`` or along ``axis``) are given."""
    weights = None if weights is None else as_array(weights)
    return jnp.average(as_array(x), as_axis(axis), weights)


mean = _reduction(jnp.mean, doc="The mean.")
var = _reduction(
    jnp.var, doc="The (biased) variance, the mean square of what differs from the mean."
)
std = _reduction(jnp.std, doc="The (biased) standard deviation, the root of the variance.")
nanmean = _reduction(jnp.nanmean, doc="The mean of what is not NaN.")
nanvar = _reduction(jnp.nanvar, doc="The variance of what is not NaN.")
nanstd = _reduction(jnp.nanstd, doc="The standard deviation of what is not NaN.")

# ---- extremes and quantiles ----------------------------------------------------------------------

max = _extreme(jnp.max, doc="The largest entry (or ``initial``, if that is larger).")
min = _extreme(jnp.min, doc="The smallest entry (or ``initial``, if that is smaller).")
amax, amin = max, min
ptp = _reduction(jnp.ptp, doc="The largest entry less the smallest.")
nanmax = _reduction(jnp.nanmax, doc="The largest entry that is not NaN.")
nanmin = _reduction(jnp.nanmin, doc="The smallest entry that is not NaN.")
argmax = _reduction(jnp.argmax, doc="The index of the largest entry, the first of several.")
argmin = _reduction(jnp.argmin, doc="The index of the smallest entry, the first of several.")
nanargmax = _reduction(jnp.nanargmax, doc="The index of the largest entry that is not NaN.")
nanargmin = _reduction(jnp.nanargmin, doc="The index of the smallest entry that is not NaN.")
median = _reduction(jnp.median, doc="The entry in the middle, or the mean of the two there.")
nanmedian = _reduction(jnp.nanmedian, doc="The median of what is not NaN.")
quantile = _quantile(jnp.quantile, doc="What a fraction ``q`` of the entries lies below.")
percentile = _quantile(jnp.percentile, doc="What ``q`` percent of the entries lie below.")
nanquantile = _quantile(jnp.nanquantile, doc="`quantile` of what is not NaN.")
nanpercentile = _quantile(jnp.nanpercentile, doc="`percentile` of what is not NaN.")

# ---- logic, norms and integrals ------------------------------------------------------------------

any = _reduction(jnp.any, doc="Whether one entry is true, or more.")
all = _reduction(jnp.all, doc="Whether every entry is true.")
count_nonzero = numpy_op(
    jnp.count_nonzero, "x, axis=None", "How many entries are not 0.", mask=along_axis
)


@op(mask=along_axis)
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> jax.Array:
    """``log(sum(exp(x)))``, without overflow."""
    return jax.nn.logsumexp(floating(x), as_axis(axis), keepdims=keepdims)


@op(mask=along_axis)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> jax.Array:
    """The norm of vectors or, along two axes, of matrices.

    Args:
        x: an array.
        ord: which norm, as ``numpy.linalg.norm`` names them; by default the Euclidean one
            ``sqrt(sum(x^2))`` (of matrices: Frobenius's), whose gradient at 0 is 0.
        axis: an axis, two of them for matrices, or None for all entries.
        keepdims: whether the axes stay, with size 1.

    >>> float(norm([3.0, 4.0]))
    5.0
    """
    x, axis = floating(x), as_axis(axis)
    flat = isinstance(axis, int) or (axis is None and x.ndim == 1)
    if ord is not None and not (flat and ord == 2):
        return jnp.linalg.norm(x, ord, axis, keepdims)
    squares = jnp.sum(jnp.square(jnp.abs(x)), axis, keepdims=keepdims)
    zero = squares == 0
    return jnp.where(zero, 0, jnp.sqrt(jnp.where(zero, 1, squares)))


@op(mask=along_axis)
def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> jax.Array:
    """The area below ``y``, by trapezoids between the places ``x`` (or ``dx`` apart)."""
    x = None if x is None else as_array(x)
    return jnp.trapezoid(as_array(y), x, as_array(dx), axis)


diff = numpy_op(
    jnp.diff,
    "a, n=1, axis=-1",
    "The differences of neighbouring entries along an axis, ``n`` times.",
    mask=along_axis,
)
