"""Sliding windows by shifted slices, in plain JAX, and the pooling that they make.

A window of ``k`` taps sees ``k`` shifted copies of its input: slices. What reduces windows reduces
these slices, entry by entry, and XLA makes one loop of it. The gradients go the same way: where
windows move by ``s``, the places of the input fall into ``s`` phases along each axis, each of
which is reached by taps of its own, with stride 1. So nothing is scattered
(``select-and-scatter``, the gradient of ``lax.reduce_window``, is slow on a CPU) and no zeros are
put between entries.

`max_pool` and `sum_pool` have derivatives of every order in reverse mode.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from maeum.ops.kernels import reference
from maeum.ops.windows import Pads, Window

Sizes = tuple[int, ...]

_MOST_TAPS = 64  # more slices than this take long to compile; `lax.reduce_window` does not


def padded(x: jax.Array, pads: Pads, fill: Any = 0) -> jax.Array:
    """Return ``x`` with places added (or, by negative numbers, taken) around its spatial axes."""
    if not np.any(pads):
        return x
    edges = [(0, 0, 0), *((low, high, 0) for low, high in pads), (0, 0, 0)]
    return lax.pad(x, jnp.asarray(fill, x.dtype), edges)


def views(x: jax.Array, window: Window, sizes: Sequence[int]) -> Iterator[jax.Array]:
    """Yield what each tap sees of the padded ``x``, (batch, *sizes, channels), row-major."""
    for tap in np.ndindex(*window.size):
        start = [t * d for t, d in zip(tap, window.dilation)]
        stop = [a + (n - 1) * s + 1 for a, n, s in zip(start, sizes, window.strides)]
        yield lax.slice(
            x, (0, *start, 0), (x.shape[0], *stop, x.shape[-1]), (1, *window.strides, 1)
        )


@dataclass(frozen=True)
class Phase:
    """The places of a grid which are equal modulo the strides, seen from the windows over them.

    Attributes:
        taps: the taps that reach them, as slices of the kernel's spatial axes. They stand from
            last to first: a place is reached by the last tap of its first window.
        window: slides over the windows, and yields those taps' windows for each place.
    """

    taps: tuple[slice, ...]
    window: Window


def phases(window: Window, sizes: Sequence[int], outputs: Sequence[int]) -> list[Phase | None]:
    """Return the phases of a grid of ``sizes`` under ``outputs`` windows, row-major.

    Each covers ``ceil(size / stride)`` places along an axis, the last of which may lie outside of
    the grid. A phase that no tap reaches is None.
    """
    axes = zip(
        sizes, outputs, window.size, window.strides, window.dilation, (p for p, _ in window.pads)
    )
    found: list[Phase | None] = []
    for parts in itertools.product(*(_axis_phases(*axis) for axis in axes)):
        if any(part is None for part in parts):
            found.append(None)
            continue
        taps, counts, pads, dilation = zip(*parts)
        ones = (1,) * len(taps)
        found.append(Phase(taps, Window(counts, ones, pads, dilation, window.groups)))
    return found


def _axis_phases(n: int, outputs: int, k: int, s: int, d: int, low: int) -> list[tuple | None]:
    """Return (taps, their number, pads, dilation) for each phase along one axis.

    Tap ``t`` of window ``o`` lies on place ``o s + t d - low``. So place ``p`` meets the taps with
    ``t d = p + low (mod s)``: every ``s / gcd(s, d)``-th one, whose windows are ``d / gcd(s, d)``
    apart.
    """
    common = math.gcd(s, d)
    step, gap = s // common, d // common
    places = -(-n // s)
    found: list[tuple | None] = []
    for p in range(s):
        taps = [t for t in range(k) if (t * d - p - low) % s == 0]
        if not taps:
            found.append(None)
            continue
        first = (p + low - taps[-1] * d) // s  # the window that the last tap meets place p in
        span = (len(taps) - 1) * gap + 1
        pads = (-first, first + places - 1 + span - outputs)
        behind = taps[0] - step
        found.append(
            (slice(taps[-1], behind if behind >= 0 else None, -step), len(taps), pads, gap)
        )
    return found


def interleave(parts: Sequence[jax.Array], strides: Sizes, sizes: Sequence[int]) -> jax.Array:
    """Return the grid of ``sizes`` whose phases are ``parts``."""
    batch, *places, channels = parts[0].shape
    x = parts[0]
    if len(parts) > 1:
        rank = len(places)
        x = jnp.stack(parts).reshape(*strides, batch, *places, channels)
        pairs = [axis for a in range(rank) for axis in (rank + 1 + a, a)]
        x = x.transpose(rank, *pairs, 2 * rank + 1)
        x = x.reshape(batch, *(n * s for n, s in zip(places, strides)), channels)
    return x[(slice(None), *(slice(n) for n in sizes))]


def max_pool(x: jax.Array, window: Window) -> jax.Array:
    """Return the largest entry of each window; what is padded never is, and NaN always is.

    Where several are the largest, the gradient goes to the first one.
    """
    if math.prod(window.size) > _MOST_TAPS:
        return reference.max_pool(x, window)
    return _max_pool(x, window)


@functools.partial(jax.custom_vjp, nondiff_argnums=(1,))
def _max_pool(x: jax.Array, window: Window) -> jax.Array:
    return functools.reduce(jnp.maximum, _entries(x, window))


def _entries(x: jax.Array, window: Window) -> Iterator[jax.Array]:
    lowest = -jnp.inf if jnp.issubdtype(x.dtype, jnp.floating) else jnp.iinfo(x.dtype).min
    sizes = window.output_sizes(x.shape[1:-1])
    return views(padded(x, window.pads, lowest), window, sizes)


def _max_pool_forward(x: jax.Array, window: Window) -> tuple:
    best, *others = _entries(x, window)
    places = jnp.zeros(best.shape, jnp.int8)
    for place, entry in enumerate(others, 1):
        better = (entry > best) | (jnp.isnan(entry) & ~jnp.isnan(best))
        best = jnp.where(better, entry, best)
        places = jnp.where(better, jnp.asarray(place, places.dtype), places)
    return best, (places, x.shape[1:-1])


def _max_pool_backward(window: Window, saved: tuple, dy: jax.Array) -> tuple:
    places, sizes = saved
    return (_spread(dy, places, window, tuple(sizes)),)


_max_pool.defvjp(_max_pool_forward, _max_pool_backward)


def sum_pool(x: jax.Array, window: Window) -> jax.Array:
    """Return the sum of each window."""
    if math.prod(window.size) > _MOST_TAPS:
        return reference.sum_pool(x, window)
    return _gather(x, None, window)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _gather(x: jax.Array, places: jax.Array | None, window: Window) -> jax.Array:
    """Return the entry of each window that ``places`` names by its tap; without them, the sum."""
    sizes = window.output_sizes(x.shape[1:-1])
    entries = views(padded(x, window.pads), window, sizes)
    if places is None:
        return functools.reduce(jnp.add, entries)
    return functools.reduce(
        jnp.add, (jnp.where(places == tap, entry, 0) for tap, entry in enumerate(entries))
    )


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _spread(y: jax.Array, places: jax.Array | None, window: Window, sizes: Sizes) -> jax.Array:
    """Return the transpose of `_gather`: a grid of ``sizes`` which the windows add ``y`` to."""
    outputs = y.shape[1:-1]
    taps = np.arange(math.prod(window.size)).reshape(window.size)
    rounded = [-(-n // s) for n, s in zip(sizes, window.strides)]
    parts = []
    for phase in phases(window, sizes, outputs):
        if phase is None:
            parts.append(jnp.zeros((y.shape[0], *rounded, y.shape[-1]), y.dtype))
            continue
        shifted = views(padded(y, phase.window.pads), phase.window, rounded)
        if places is not None:
            named = views(padded(places, phase.window.pads, -1), phase.window, rounded)
            own = taps[phase.taps].flat
            shifted = (jnp.where(n == t, v, 0) for v, n, t in zip(shifted, named, own))
        parts.append(functools.reduce(jnp.add, shifted))
    return interleave(parts, window.strides, sizes)


def _gather_forward(x: jax.Array, places: Any, window: Window) -> tuple:
    return _gather(x, places, window), (places, x.shape[1:-1])


def _gather_backward(window: Window, saved: tuple, dy: jax.Array) -> tuple:
    places, sizes = saved
    return _spread(dy, places, window, tuple(sizes)), None


def _spread_forward(y: jax.Array, places: Any, window: Window, sizes: Sizes) -> tuple:
    return _spread(y, places, window, sizes), places


def _spread_backward(window: Window, sizes: Sizes, places: Any, dx: jax.Array) -> tuple:
    return _gather(dx, places, window), None


_gather.defvjp(_gather_forward, _gather_backward)
_spread.defvjp(_spread_forward, _spread_backward)
