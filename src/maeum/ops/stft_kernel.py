"""The kernel whose convolution is a short-time Fourier transform."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.core.errors import ShapeError


def stft_kernel(
    shape: tuple[int, ...], imaginary: bool, window: Any = None, scaling: str | None = None
) -> np.ndarray:
    """Return ``cos`` (or ``sin``) of ``-2 pi t f / size``.

    Args:
        shape: ``(length, 1, count)``: the length of a frame, and the number of frequencies. The
            size of the transform is ``2 (count - 1)``.
        imaginary: whether it is the sine.
        window: weights of the frame, shape ``(length,)``, or None.
        scaling: divide by the window's norm ("density"), its sum ("spectrum"), or nothing.

    Raises:
        ShapeError: for another shape, or a window of another length.
    """
    if len(shape) != 3 or shape[1] != 1:
        raise ShapeError(
            "The kernel of a Fourier transform has shape (length, 1, frequencies); got {shape}.",
            shape=shape,
        )
    length, _channels, count = shape
    time = np.arange(length)[:, None, None]
    angles = -2 * np.pi * time * np.arange(count) / max(2 * (count - 1), 1)
    kernel = np.sin(angles) if imaginary else np.cos(angles)
    if window is None:
        return kernel
    window = np.asarray(window, np.float64)
    if window.shape != (length,):
        raise ShapeError(
            "The window of a frame has shape ({length},); got {given}.",
            length=length,
            given=window.shape,
        )
    scales = {"density": np.sqrt(np.sum(window**2)), "spectrum": np.sum(np.abs(window))}
    return kernel * window[:, None, None] / scales.get(scaling or "", 1)
