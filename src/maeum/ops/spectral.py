"""Fourier transforms. A complex array is a pair here: its real and its imaginary part.

Transforms run along the last axis (`fft2` and `ifft2`: the last two).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.core.graph import op
from maeum.core.masks import last_axes
from maeum.core.messages import _
from maeum.ops.arrays import as_array, checking_shapes, floating, numpy_op
from maeum.ops.windows import per_axis

Pair = tuple[jax.Array, jax.Array]


def _complex(x: Any) -> jax.Array:
    """Return a complex array from the pair of its parts, or say what is wrong with them."""
    if not isinstance(x, (tuple, list)) or len(x) != 2:
        raise DataError("A pair (real part, imaginary part) is expected; got {x!r}.", x=x)
    real, imag = map(as_array, x)
    if real.shape != imag.shape:
        raise ShapeError(
            "The real and the imaginary part have one shape; got {real} and {imag}.",
            real=real.shape,
            imag=imag.shape,
        )
    if not all(jnp.issubdtype(part.dtype, jnp.floating) for part in (real, imag)):
        raise DataError(
            "Both parts are floating numbers; got {real} and {imag}.",
            real=real.dtype,
            imag=imag.dtype,
        )
    return jax.lax.complex(real, imag)


def _pair(x: jax.Array) -> Pair:
    return jnp.real(x), jnp.imag(x)


def _of_pair(function: Callable, axes: int, doc: str) -> Callable:
    return numpy_op(
        checking_shapes(lambda x: _pair(function(x))),
        "x",
        doc,
        convert=_complex,
        mask=last_axes(axes),
        name=function.__name__,
    )


fft = _of_pair(jnp.fft.fft, 1, "The discrete Fourier transform of a pair of parts, as such a pair.")
fft2 = _of_pair(jnp.fft.fft2, 2, "The Fourier transform along the last two axes.")
ifft2 = _of_pair(jnp.fft.ifft2, 2, "The inverse of `fft2`.")
rfft = numpy_op(
    lambda x, fft_length: _pair(jnp.fft.rfft(x, fft_length)),
    "x, fft_length=None",
    "The first half of the Fourier transform of real numbers, cut or padded to a length.",
    convert=floating,
    mask=last_axes(1),
    name="rfft",
)
irfft = numpy_op(
    lambda x, fft_length: jnp.fft.irfft(x, fft_length),
    "x, fft_length=None",
    "The inverse of `rfft`, of so many numbers (by default an even one).",
    convert=_complex,
    mask=last_axes(1),
    name="irfft",
)


@op(mask=last_axes(1))
def extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> jax.Array:
    """The windows of a length along the last axis, so many places apart.

    Shapes: ``(..., n) -> (..., windows, sequence_length)``.

    >>> extract_sequences([1, 2, 3, 4, 5], 3, 2).tolist()
    [[1, 2, 3], [3, 4, 5]]
    """
    x = as_array(x)
    windows = (x.shape[-1] - sequence_length) // sequence_stride + 1
    first = jnp.arange(max(windows, 0)) * sequence_stride
    return x[..., first[:, None] + jnp.arange(sequence_length)]


def _window(
    window: Any, sequence_length: int, sequence_stride: int, fft_length: int, dtype: Any
) -> jax.Array:
    """Return a window of a length, with zeros on both sides up to ``fft_length``."""
    per_axis(sequence_stride, 1, "sequence_stride")
    if fft_length < sequence_length:
        raise ConfigError(
            "fft_length is at least sequence_length; got {fft} and {sequence}.",
            fft=fft_length,
            sequence=sequence_length,
        )
    before = (fft_length - sequence_length) // 2
    if window is None:
        return jnp.ones(fft_length, dtype)
    if isinstance(window, str):
        check_choice(window, ("hann", "hamming"), "window")
        turn = 2 * jnp.pi * jnp.arange(sequence_length, dtype=dtype) / sequence_length
        low = 0.5 if window == "hann" else 0.54
        window = low - (1 - low) * jnp.cos(turn)
    window = jnp.asarray(window, dtype)
    if window.shape != (sequence_length,):
        raise ShapeError(
            "The window has {length} numbers, one for each of a sequence; got shape {shape}.",
            length=sequence_length,
            shape=window.shape,
        )
    return jnp.pad(window, (before, fft_length - sequence_length - before))


@op(mask=last_axes(1))
def stft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: Any = "hann",
    center: bool = True,
) -> Pair:
    """The short-time Fourier transform: that of each window along the last axis.

    Args:
        x: real floating numbers ``(..., n)``.
        sequence_length: how many of them a window has.
        sequence_stride: how far neighbouring windows lie apart.
        fft_length: the length of each transform, at least that of a window.
        window: ``"hann"``, ``"hamming"``, ``sequence_length`` factors, or None.
        center: whether the numbers are mirrored at both ends, so that the first window has the
            first number in its middle.

    Returns:
        The real and the imaginary part, ``(..., windows, fft_length // 2 + 1)``.

    Raises:
        TypeError: for other numbers than floating ones.
        ConfigError: for a ``fft_length`` below the window's.
        ShapeError: for a window of another length.
    """
    x = as_array(x)
    if x.dtype not in (jnp.float32, jnp.float64):
        raise TypeError(_("stft() takes float32; got {dtype}.", dtype=x.dtype))
    factors = _window(window, sequence_length, sequence_stride, fft_length, x.dtype)
    if center:
        half = fft_length // 2
        x = jnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(half, half)], mode="reflect")
    return _pair(jnp.fft.rfft(extract_sequences(x, fft_length, sequence_stride) * factors))


@op(mask=last_axes(2))
def istft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> jax.Array:
    """The inverse of `stft`: overlapping windows are added, and divided by their sum of squares.

    With ``window=None`` the result is ``fft_length / sequence_stride`` times as large, as in Keras.

    Args:
        x: the real and the imaginary part, ``(..., windows, fft_length // 2 + 1)``.
        sequence_length: as in `stft`.
        sequence_stride: as in `stft`.
        fft_length: as in `stft`.
        length: how many numbers are returned; all that the windows cover by default.
        window: as in `stft`.
        center: as in `stft`.

    Returns:
        Real numbers ``(..., n)``.
    """
    x = _complex(x)
    if x.ndim < 2:
        raise ShapeError("istft() takes windows, two axes or more; got shape {s}.", s=x.shape)
    parts = jnp.fft.irfft(x, fft_length)
    factors = _window(window, sequence_length, sequence_stride, fft_length, parts.dtype)
    count = x.shape[-2]
    places = jnp.arange(count)[:, None] * sequence_stride + jnp.arange(fft_length)
    covered = fft_length + sequence_stride * (count - 1)
    total = jnp.zeros((*x.shape[:-2], covered), parts.dtype).at[..., places].add(parts * factors)
    squares = (
        jnp.zeros(covered, parts.dtype)
        .at[places]
        .add(jnp.broadcast_to(jnp.square(factors), places.shape))
    )
    made = total / jnp.where(squares > 1e-10, squares, 1)
    if window is None:  # windows that overlap are only added then
        made *= fft_length / sequence_stride
    start = fft_length // 2 if center else 0
    if length is not None:
        return made[..., start : start + length]
    return made[..., start : covered - start]
