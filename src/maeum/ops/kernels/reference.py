"""The plain definitions, through `jax.lax`: what every faster path is compared with.

On a GPU they are the fastest, too (cuDNN). On a CPU ``lax.conv_general_dilated`` is 5 to 20 times
slower inside a compiled loop than outside of it, so nothing on a CPU uses them in training.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from maeum.ops.windows import Window


def _numbers(rank: int) -> lax.ConvDimensionNumbers:
    last = (0, rank - 1, *range(1, rank - 1))
    return lax.ConvDimensionNumbers(last, (rank - 1, rank - 2, *range(rank - 2)), last)


def convolve(x: jax.Array, kernel: jax.Array, window: Window) -> jax.Array:
    """Return the cross-correlation of ``x`` (batch, ..., C) with a kernel (..., C/groups, O)."""
    return lax.conv_general_dilated(
        x,
        kernel,
        window.strides,
        window.pads,
        rhs_dilation=window.dilation,
        dimension_numbers=_numbers(x.ndim),
        feature_group_count=window.groups,
    )


def convolve_transposed(
    y: jax.Array, kernel: jax.Array, window: Window, sizes: Sequence[int]
) -> jax.Array:
    """Return the gradient of `convolve` for its input of spatial ``sizes``, given that of ``y``."""
    channels = kernel.shape[-2] * window.groups
    x = jax.ShapeDtypeStruct((y.shape[0], *sizes, channels), y.dtype)
    (gradient,) = jax.linear_transpose(lambda x: convolve(x, kernel, window), x)(y)
    return gradient


def max_pool(x: jax.Array, window: Window) -> jax.Array:
    """Return the largest entry of each window; what is padded never is."""
    lowest = -np.inf if jnp.issubdtype(x.dtype, jnp.floating) else jnp.iinfo(x.dtype).min
    return _reduce(x, lowest, lax.max, window)


def sum_pool(x: jax.Array, window: Window) -> jax.Array:
    """Return the sum of each window."""
    return _reduce(x, 0, lax.add, window)


def _reduce(x: jax.Array, start: float, combine: object, window: Window) -> jax.Array:
    return lax.reduce_window(
        x,
        np.asarray(start, x.dtype),  # a constant: only then is there a derivative
        combine,  # type: ignore[arg-type]
        (1, *window.size, 1),
        (1, *window.strides, 1),
        ((0, 0), *window.pads, (0, 0)),
        window_dilation=(1, *window.dilation, 1),
    )
