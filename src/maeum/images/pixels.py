"""Pixels of any kind as bytes of one colour mode."""

from __future__ import annotations

import numpy as np

from maeum.core.errors import DataError
from maeum.images.image_set import ImageSet


def as_bytes(images: ImageSet, color_mode: str | None) -> ImageSet:
    """Return a set whose pixels, if it is an array, are bytes of a colour mode.

    Args:
        images: the images; those in files are decoded as asked later, and stay as they are.
        color_mode: ``"rgb"`` or ``"grayscale"``; None keeps what there is, but transparency.

    Raises:
        DataError: for numbers that are neither 0 to 1 nor 0 to 255.

    Example:
        >>> halves = ImageSet(pixels=np.full((1, 2, 2, 1), 0.5))
        >>> as_bytes(halves, "rgb").pixels[0, 0, 0].tolist()
        [128, 128, 128]
    """
    if images.pixels is None:
        return images
    pixels = _eight_bits(images.pixels)
    channels = pixels.shape[3]
    if channels not in (1, 3, 4):
        raise DataError("Images have 1 channel (grey), 3 (red, green, blue) or 4 (and "
                        "transparency); these have {channels}.", channels=channels)  # fmt: skip
    if channels == 4:  # on white, as images in files are shown
        opacity = pixels[..., 3:].astype(np.float32) / 255
        pixels = np.rint(pixels[..., :3] * opacity + 255 * (1 - opacity)).astype(np.uint8)
    if color_mode == "grayscale" and pixels.shape[3] == 3:
        luma = pixels @ np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601, as Pillow
        pixels = np.rint(luma).astype(np.uint8)[..., None]
    elif color_mode == "rgb" and pixels.shape[3] == 1:
        pixels = np.repeat(pixels, 3, axis=3)
    return ImageSet(None, pixels, images.labels, images.class_names, parts=images.parts,
                    notes=images.notes)  # fmt: skip


def _eight_bits(pixels: np.ndarray) -> np.ndarray:
    if pixels.dtype == np.uint8:
        return pixels
    low, high = float(pixels.min()), float(pixels.max())
    if pixels.dtype == np.uint16 and high > 255:
        return ((pixels.astype(np.int64) + 128) // 257).astype(np.uint8)
    if pixels.dtype.kind == "f" and low >= 0 and high <= 1:
        return np.rint(pixels * 255).astype(np.uint8)
    if low >= 0 and high <= 255:
        return np.rint(pixels).astype(np.uint8)
    raise DataError("The pixels go from {low:g} to {high:g}; expected are 0 to 255, or 0 to 1 in "
                    "floats. Bring them to one of these.", low=low, high=high)  # fmt: skip
