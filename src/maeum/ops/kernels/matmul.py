"""Convolution in plain JAX, as matrix products: for CPUs without the native kernels.

Inside a compiled loop ``lax.conv_general_dilated`` is 5 to 20 times slower on a CPU than outside of
it, and matrix products are not. So what the kernel sees is gathered side by side ("im2col") and
multiplied with the kernel as one matrix. Where there are no more filters than channels, the
products with all taps are made first, then shifted and added: fewer numbers to move. Either way a
few samples or rows are done at a time, as much as the cache holds. Convolutions of one tap are a
matrix product already; those of one channel and depthwise ones, whose matrices would have few
columns, are sums of shifted products.

There are three maps here, each linear in both of its operands: the convolution, its transpose for
the input, and its transpose for the kernel. The derivatives of each are the other two, so there
are derivatives of every order, in reverse mode.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import replace

import jax
import jax.numpy as jnp
from jax import lax

from maeum.ops.kernels.derivatives import with_backward
from maeum.ops.kernels.slices import Sizes, interleave, padded, phases, views
from maeum.ops.windows import Window, reach

_GATHERED = 1 << 20  # bytes that are gathered at a time: about what a core's own cache holds
_MOST_TAPS = 64  # more terms than this in one sum take long to compile
_NARROW = 8  # products of a group's channels and filters that are too few for a matrix product


def _convolve_backward(window: Window, saved: tuple, dy: jax.Array) -> tuple:
    x, kernel = saved
    dx = _transposed(dy, kernel, window, tuple(x.shape[1:-1]))
    return dx, _kernel_gradient(x, dy, window)


@with_backward(_convolve_backward, static=1)
def convolve(x: jax.Array, kernel: jax.Array, window: Window) -> jax.Array:
    """Return the cross-correlation of ``x`` (batch, ..., C) with a kernel (..., C/groups, O)."""
    sizes = window.output_sizes(x.shape[1:-1])
    if kernel.shape[-2] == 1 or _is_narrow(kernel.shape, window):
        y = _shifted_products(padded(x, window.pads), kernel, window, sizes)
        return y.reshape(x.shape[0], *sizes, kernel.shape[-1]).astype(x.dtype)
    first = _multiplies_first(kernel.shape, window)
    multiply = _multiplied_and_shifted if first else _shifted_and_multiplied
    blocks = _Blocks(x, window, sizes, kernel.shape[-1] if first else x.shape[-1])
    if blocks.count <= 1:
        return multiply(x, kernel, window, sizes)
    cut, inner = blocks.prepare(x)
    y = lax.map(
        lambda i: multiply(blocks.seen(cut, i), kernel, inner, blocks.sizes),
        jnp.arange(blocks.count),
    )
    y = y.reshape(blocks.done, *sizes, kernel.shape[-1])
    if blocks.done == len(x):
        return y
    return jnp.concatenate([y, multiply(x[blocks.done :], kernel, window, sizes)])


def convolve_transposed(
    y: jax.Array, kernel: jax.Array, window: Window, sizes: Sequence[int]
) -> jax.Array:
    """Return the gradient of `convolve` for its input of spatial ``sizes``, given that of ``y``."""
    return _transposed(y, kernel, window, tuple(sizes))


def _transposed_backward(window: Window, sizes: Sizes, saved: tuple, dx: jax.Array) -> tuple:
    y, kernel = saved
    return convolve(dx, kernel, window), _kernel_gradient(dx, y, window)


@with_backward(_transposed_backward, static=2)
def _transposed(y: jax.Array, kernel: jax.Array, window: Window, sizes: Sizes) -> jax.Array:
    """Convolve ``y``, for each phase of the places, with the taps that reach it."""
    own, filters = kernel.shape[-2:]
    groups, channels = window.groups, own * window.groups
    # Within each group channels and filters change their roles.
    turned = kernel.reshape(*window.size, own, groups, filters // groups)
    turned = turned.swapaxes(-1, -3).reshape(*window.size, filters // groups, channels)
    places = [-(-n // s) for n, s in zip(sizes, window.strides)]
    parts = [
        jnp.zeros((y.shape[0], *places, channels), y.dtype)
        if phase is None
        else convolve(y, turned[phase.taps], phase.window)
        for phase in phases(window, sizes, y.shape[1:-1])
    ]
    return interleave(parts, window.strides, sizes)


def _kernel_gradient_backward(window: Window, saved: tuple, dkernel: jax.Array) -> tuple:
    x, y = saved
    dx = _transposed(y, dkernel, window, tuple(x.shape[1:-1]))
    return dx, convolve(x, dkernel, window)


@with_backward(_kernel_gradient_backward, static=1)
def _kernel_gradient(x: jax.Array, y: jax.Array, window: Window) -> jax.Array:
    """Return the gradient of `convolve` for its kernel, given that of its output, ``y``."""
    sizes = y.shape[1:-1]
    groups = window.groups
    own, each = x.shape[-1] // groups, y.shape[-1] // groups
    shape = (*window.size, own, y.shape[-1])
    if _is_narrow(shape, window):
        gradient = _summed_products(padded(x, window.pads), y, window, sizes)
        return gradient.reshape(shape).astype(x.dtype)

    def part(x: jax.Array, y: jax.Array, window: Window) -> jax.Array:
        columns = _columns(x, window, y.shape[1:-1])
        y = y.reshape(columns.shape[0], groups, each)
        if groups > 1:
            return jnp.einsum("mgk,mge->kge", columns, y, preferred_element_type=_exact(x))
        return _inner(columns[:, 0], y[:, 0])[:, None]

    blocks = _Blocks(x, window, sizes, x.shape[-1])
    if blocks.count <= 1:
        gradient = part(x, y, window)
    else:
        cut, inner = blocks.prepare(x)
        gradient = lax.fori_loop(
            0,
            blocks.count,
            lambda i, total: total + part(blocks.seen(cut, i), blocks.made(y, i), inner),
            jnp.zeros((math.prod(window.size) * own, groups, each), _exact(x)),
        )
        if blocks.done < len(x):
            gradient += part(x[blocks.done :], y[blocks.done :], window)
    return gradient.reshape(shape).astype(x.dtype)


def _exact(x: jax.Array) -> jax.typing.DTypeLike:
    """Return the dtype that products are summed in."""
    return jnp.promote_types(x.dtype, jnp.float32)


def _multiplies_first(shape: Sequence[int], window: Window) -> bool:
    """Tell whether all products of a place are made before they are shifted and added.

    It takes less memory where there are fewer filters than channels.
    """
    taps, (channels, filters) = math.prod(window.size), shape[-2:]
    dense = window.groups == 1 and max(window.strides) == 1
    return dense and 1 < taps <= _MOST_TAPS and filters <= channels


def _multiplied_and_shifted(
    x: jax.Array, kernel: jax.Array, window: Window, sizes: Sizes
) -> jax.Array:
    own, filters = kernel.shape[-2:]
    matrix = kernel.reshape(-1, own, filters).swapaxes(0, 1).reshape(own, -1)
    products = jnp.dot(x, matrix, preferred_element_type=_exact(x))
    shifted = views(padded(products, window.pads), window, sizes)
    own_parts = (v[..., t * filters : (t + 1) * filters] for t, v in enumerate(shifted))
    return functools.reduce(jnp.add, own_parts).astype(x.dtype)


def _shifted_and_multiplied(
    x: jax.Array, kernel: jax.Array, window: Window, sizes: Sizes
) -> jax.Array:
    columns = _columns(x, window, sizes)
    taps, (own, filters) = math.prod(window.size), kernel.shape[-2:]
    matrices = kernel.reshape(taps * own, window.groups, filters // window.groups)
    if window.groups == 1:
        y = jnp.dot(columns[:, 0], matrices[:, 0], preferred_element_type=_exact(x))
    else:
        y = jnp.einsum("mgk,kgo->mgo", columns, matrices, preferred_element_type=_exact(x))
    return y.reshape(x.shape[0], *sizes, filters).astype(x.dtype)


def _inner(a: jax.Array, b: jax.Array) -> jax.Array:
    """Return ``a.T @ b``, of matrices that are long and narrow.

    XLA would read the transposed one column by column: twice the time. So the narrower one is
    turned around beforehand.
    """
    if a.shape[1] < b.shape[1]:
        return jnp.dot(lax.optimization_barrier(a.T), b, preferred_element_type=_exact(a))
    return jnp.dot(lax.optimization_barrier(b.T), a, preferred_element_type=_exact(a)).T


def _columns(x: jax.Array, window: Window, sizes: Sequence[int]) -> jax.Array:
    """Return what the kernel sees at each place: (places, groups, taps * channels of a group)."""
    own = x.shape[-1] // window.groups
    places = x.shape[0] * math.prod(sizes)
    shifted = views(padded(x, window.pads), window, sizes)
    seen = [v.reshape(places, window.groups, own) for v in shifted]
    return seen[0] if len(seen) == 1 else jnp.concatenate(seen, -1)


class _Blocks:
    """Parts of a batch whose columns fit into the cache: some samples, or some rows of one.

    Args:
        x: the input.
        window: the window that slides over it.
        sizes: the spatial sizes of the output.
        width: how many channels are kept for each tap.

    Attributes:
        count: how many blocks there are.
        done: how many samples they have; the last few samples of a batch may be left over.
        sizes: the spatial sizes of the output of one block.
    """

    def __init__(self, x: jax.Array, window: Window, sizes: Sizes, width: int) -> None:
        self._window = window
        taps = math.prod(window.size)
        row = max(math.prod(sizes[1:]) * width * taps * x.dtype.itemsize, 1)
        fit = max(_GATHERED // row, 1)
        if taps == 1:  # nothing is copied
            rows, samples = sizes[0], max(len(x), 1)
        elif fit < sizes[0]:
            rows, samples = max(n for n in range(1, fit + 1) if sizes[0] % n == 0), 1
        else:
            rows, samples = sizes[0], _near_divisor(len(x), fit // sizes[0])
        self._samples, self._strips = samples, sizes[0] // rows
        self.sizes = (rows, *sizes[1:])
        self.done = len(x) // samples * samples
        self.count = self.done // samples * self._strips

    def prepare(self, x: jax.Array) -> tuple[jax.Array, Window]:
        """Return what blocks are cut out of, and the window that slides over a block."""
        if self._strips == 1:
            return x, self._window
        bare = tuple((0, 0) for _ in self._window.pads)
        return padded(x, self._window.pads), replace(self._window, pads=bare)

    def seen(self, x: jax.Array, i: jax.Array) -> jax.Array:
        """Return what the outputs of block ``i`` are made of."""
        if self._strips == 1:
            return self._cut(x, i, 0, x.shape[1])
        stride = self._window.strides[0]
        span = (self.sizes[0] - 1) * stride + reach(self._window.size[0], self._window.dilation[0])
        return self._cut(x, i, self.sizes[0] * stride, span)

    def made(self, y: jax.Array, i: jax.Array) -> jax.Array:
        """Return the outputs of block ``i``."""
        return self._cut(y, i, self.sizes[0], self.sizes[0])

    def _cut(self, x: jax.Array, i: jax.Array, step: int, rows: int) -> jax.Array:
        sample, strip = i // self._strips * self._samples, i % self._strips
        start = (sample, strip * step) + (0,) * (x.ndim - 2)
        return lax.dynamic_slice(x, start, (self._samples, rows, *x.shape[2:]))


def _near_divisor(n: int, most: int) -> int:
    """Return a number of at most ``most``, which divides ``n`` if one not much smaller does."""
    most = max(min(n, most), 1)
    return next((k for k in range(most, most // 2, -1) if n % k == 0), most)


def _is_narrow(shape: Sequence[int], window: Window) -> bool:
    own, filters = shape[-2:]
    return window.groups > 1 and own * (filters // window.groups) <= _NARROW


def _shifted_products(x: jax.Array, kernel: jax.Array, window: Window, sizes: Sizes) -> jax.Array:
    """Return the convolution of groups with few channels and filters, (..., groups, filters)."""
    taps, groups, (own, filters) = math.prod(window.size), window.groups, kernel.shape[-2:]
    kernel = kernel.reshape(taps, own, groups, filters // groups).swapaxes(1, 2)
    kernel = kernel.astype(_exact(x))
    seen = (v.reshape(*v.shape[:-1], groups, own, 1) for v in views(x, window, sizes))
    return functools.reduce(jnp.add, ((v * k).sum(-2) for v, k in zip(seen, kernel)))


def _summed_products(x: jax.Array, y: jax.Array, window: Window, sizes: Sizes) -> jax.Array:
    """Return the kernel gradient of such groups, (taps, channels, groups, filters)."""
    groups, places = window.groups, tuple(range(x.ndim - 1))
    own, each = x.shape[-1] // groups, y.shape[-1] // groups
    y = y.reshape(*y.shape[:-1], groups, 1, each).astype(_exact(x))
    seen = (v.reshape(*v.shape[:-1], groups, own, 1) for v in views(x, window, sizes))
    return jnp.stack([(v * y).sum(places) for v in seen]).swapaxes(1, 2)
