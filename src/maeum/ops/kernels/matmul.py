"""Convolution in plain JAX, as matrix products: for CPUs without the native kernels.

Inside a compiled loop ``lax.conv_general_dilated`` is 5 to 20 times slower on a CPU than outside of
it, and matrix products are not. So what the kernel sees is gathered side by side ("im2col") and
multiplied with the kernel as one matrix, a few samples or rows at a time: as much as the cache
holds. Convolutions of one tap are a matrix product already; depthwise ones, whose matrices would
have one column each, are sums of shifted products.

There are three maps here, each linear in both of its operands: the convolution, its transpose for
the input, and its transpose for the kernel. The derivatives of each are the other two, so there
are derivatives of every order, in reverse mode.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import lax

from maeum.ops.kernels.slices import Sizes, interleave, padded, phases, views
from maeum.ops.windows import Window, reach

_GATHERED = 1 << 20  # bytes that are gathered at a time: about what a core's own cache holds
_NARROW = 8  # products of a group's channels and filters that are too few for a matrix product


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def convolve(x: jax.Array, kernel: jax.Array, window: Window) -> jax.Array:
    """Return the cross-correlation of ``x`` (batch, ..., C) with a kernel (..., C/groups, O)."""
    sizes = window.output_sizes(x.shape[1:-1])
    x = padded(x, window.pads)
    if _is_narrow(kernel.shape, window):
        y = _shifted_products(x, kernel, window, sizes)
        return y.reshape(x.shape[0], *sizes, kernel.shape[-1]).astype(x.dtype)
    # (groups, what a group sees, its filters)
    matrices = kernel.reshape(-1, window.groups, kernel.shape[-1] // window.groups).swapaxes(0, 1)

    def part(x: jax.Array, sizes: Sizes) -> jax.Array:
        columns = _columns(x, window, sizes)
        if window.groups == 1:
            y = jnp.dot(columns[:, 0], matrices[0], preferred_element_type=_exact(x))
        else:
            y = jnp.einsum("mgk,gko->mgo", columns, matrices, preferred_element_type=_exact(x))
        return y.astype(x.dtype).reshape(x.shape[0], *sizes, kernel.shape[-1])

    blocks = _Blocks(x, window, sizes)
    if blocks.count <= 1:
        return part(x, sizes)
    whole = lax.map(lambda i: part(blocks.seen(x, i), blocks.sizes), jnp.arange(blocks.count))
    whole = whole.reshape(blocks.done, *sizes, kernel.shape[-1])
    if blocks.done == len(x):
        return whole
    return jnp.concatenate([whole, part(x[blocks.done :], sizes)])


def convolve_transposed(
    y: jax.Array, kernel: jax.Array, window: Window, sizes: Sequence[int]
) -> jax.Array:
    """Return the gradient of `convolve` for its input of spatial ``sizes``, given that of ``y``."""
    return _transposed(y, kernel, window, tuple(sizes))


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3))
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


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _kernel_gradient(x: jax.Array, y: jax.Array, window: Window) -> jax.Array:
    """Return the gradient of `convolve` for its kernel, given that of its output, ``y``."""
    sizes = y.shape[1:-1]
    groups = window.groups
    own, each = x.shape[-1] // groups, y.shape[-1] // groups
    shape = (*window.size, own, y.shape[-1])
    x = padded(x, window.pads)
    if _is_narrow(shape, window):
        return _summed_products(x, y, window, sizes).reshape(shape).astype(x.dtype)

    # The filters stand first, so that the long matrix of columns is read as it lies.
    def part(x: jax.Array, y: jax.Array) -> jax.Array:
        columns = _columns(x, window, y.shape[1:-1])
        y = y.reshape(-1, groups, each)
        if groups == 1:
            return jnp.dot(y[:, 0].T, columns[:, 0], preferred_element_type=_exact(x))[None]
        return jnp.einsum("mge,mgk->gek", y, columns, preferred_element_type=_exact(x))

    blocks = _Blocks(x, window, sizes)
    if blocks.count <= 1:
        gradient = part(x, y)
    else:
        gradient = lax.fori_loop(
            0,
            blocks.count,
            lambda i, total: total + part(blocks.seen(x, i), blocks.made(y, i)),
            jnp.zeros((groups, each, math.prod(window.size) * own), _exact(x)),
        )
        if blocks.done < len(x):
            gradient += part(x[blocks.done :], y[blocks.done :])
    return gradient.transpose(2, 0, 1).reshape(shape).astype(x.dtype)


def _exact(x: jax.Array) -> jax.typing.DTypeLike:
    """Return the dtype that products are summed in."""
    return jnp.promote_types(x.dtype, jnp.float32)


def _columns(x: jax.Array, window: Window, sizes: Sequence[int]) -> jax.Array:
    """Return what the kernel sees at each place: (places, groups, taps * channels of a group)."""
    groups = window.groups
    seen = [v.reshape(-1, groups, x.shape[-1] // groups) for v in views(x, window, sizes)]
    return seen[0] if len(seen) == 1 else jnp.concatenate(seen, -1)


class _Blocks:
    """Parts of a batch whose columns fit into the cache: some samples, or some rows of one.

    Attributes:
        count: how many blocks there are.
        done: how many samples they have; the last few samples of a batch may be left over.
        sizes: the spatial sizes of the output of one block.
    """

    def __init__(self, x: jax.Array, window: Window, sizes: Sizes) -> None:
        self._window = window
        taps = math.prod(window.size)
        row = max(math.prod(sizes[1:]) * x.shape[-1] * taps * x.dtype.itemsize, 1)
        fit = max(_GATHERED // row, 1)
        if taps == 1:  # nothing is copied
            rows, samples = sizes[0], max(len(x), 1)
        elif fit < sizes[0]:
            rows, samples = max(n for n in range(1, fit + 1) if sizes[0] % n == 0), 1
        else:
            rows, samples = sizes[0], _near_divisor(len(x), fit // max(sizes[0], 1))
        self._samples, self._strips = samples, sizes[0] // max(rows, 1)
        self.sizes = (rows, *sizes[1:])
        self.done = len(x) // samples * samples
        self.count = self.done // samples * self._strips

    def seen(self, x: jax.Array, i: jax.Array) -> jax.Array:
        """Return what the outputs of block ``i`` are made of."""
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
    own, groups = kernel.shape[-2], window.groups
    kernel = kernel.reshape(-1, own, groups, kernel.shape[-1] // groups).swapaxes(1, 2)
    kernel = kernel.astype(_exact(x))
    seen = (v.reshape(*v.shape[:-1], groups, own, 1) for v in views(x, window, sizes))
    return functools.reduce(jnp.add, ((v * k).sum(-2) for v, k in zip(seen, kernel)))


def _summed_products(x: jax.Array, y: jax.Array, window: Window, sizes: Sizes) -> jax.Array:
    """Return the kernel gradient of such groups, (taps, channels, groups, filters)."""
    groups, places = window.groups, tuple(range(x.ndim - 1))
    y = y.reshape(*y.shape[:-1], groups, 1, -1).astype(_exact(x))
    seen = (v.reshape(*v.shape[:-1], groups, -1, 1) for v in views(x, window, sizes))
    return jnp.stack([(v * y).sum(places) for v in seen]).swapaxes(1, 2)


def _convolve_forward(x: jax.Array, kernel: jax.Array, window: Window) -> tuple:
    return convolve(x, kernel, window), (x, kernel)


def _convolve_backward(window: Window, saved: tuple, dy: jax.Array) -> tuple:
    x, kernel = saved
    dx = _transposed(dy, kernel, window, tuple(x.shape[1:-1]))
    return dx, _kernel_gradient(x, dy, window)


def _transposed_forward(y: jax.Array, kernel: jax.Array, window: Window, sizes: Sizes) -> tuple:
    return _transposed(y, kernel, window, sizes), (y, kernel)


def _transposed_backward(window: Window, sizes: Sizes, saved: tuple, dx: jax.Array) -> tuple:
    y, kernel = saved
    return convolve(dx, kernel, window), _kernel_gradient(dx, y, window)


def _kernel_gradient_forward(x: jax.Array, y: jax.Array, window: Window) -> tuple:
    return _kernel_gradient(x, y, window), (x, y)


def _kernel_gradient_backward(window: Window, saved: tuple, dkernel: jax.Array) -> tuple:
    x, y = saved
    dx = _transposed(y, dkernel, window, tuple(x.shape[1:-1]))
    return dx, convolve(x, dkernel, window)


convolve.defvjp(_convolve_forward, _convolve_backward)
_transposed.defvjp(_transposed_forward, _transposed_backward)
_kernel_gradient.defvjp(_kernel_gradient_forward, _kernel_gradient_backward)
