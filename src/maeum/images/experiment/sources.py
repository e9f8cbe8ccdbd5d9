"""Labelled pictures from whatever a path leads to, as bytes of one colour mode."""

from __future__ import annotations

import gzip
import os
import warnings
from pathlib import Path

import numpy as np

from maeum.core.errors import DataError
from maeum.images.archives import read_idx
from maeum.images.folders import SUFFIXES, read_folder
from maeum.images.image_set import ImageSet
from maeum.images.reading import shown
from maeum.images.sources import read_images

_HDF5 = (".h5", ".hdf5")
_NUMPY = (".npz", ".npy")


def holds_pictures(path: str | os.PathLike) -> bool:
    """Tell whether a path is a folder or a file of pictures, rather than a table.

    >>> holds_pictures("photos.h5"), holds_pictures("t10k-images-idx3-ubyte.gz")
    (True, True)
    >>> holds_pictures("table.csv.gz")
    False
    """
    path = Path(path)
    name = path.name.lower()
    return path.is_dir() or name.endswith((*_HDF5, *_NUMPY, *SUFFIXES)) or _is_idx(path)


def read_pictures(path: str | os.PathLike, labelled: bool = True) -> ImageSet:
    """Read pictures from a folder of class folders, or an IDX, HDF5 or NumPy file.

    Args:
        path: the folder; or the file: IDX by its content (labels beside it), ``.h5``, ``.npz``.
        labelled: whether there have to be labels; without, a folder is searched for pictures at
            any depth, and a single picture is taken, too.

    Raises:
        DataError: for anything else, or if labels are missing.

    Example:
        >>> import tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "d.npz")
        >>> np.savez(path, images=np.zeros((4, 8, 8), np.uint8), labels=[0, 1, 0, 1])
        >>> read_pictures(path)
        <ImageSet: 4 pictures of 8x8x1; 0 2, 1 2>
    """
    path = Path(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is warned of stands in the notes, too
        images = _read(path, labelled)
    if labelled and images.labels is None:
        raise DataError(
            f"{shown(str(path))} holds pictures, but no labels to learn from. "
            + (
                "The labels of an IDX file lie beside it: images-idx3-ubyte, labels-idx1-ubyte."
                if _is_idx(path)
                else "Add an array of class numbers, called labels."
            )
        )
    return images


def _read(path: Path, labelled: bool) -> ImageSet:
    name = path.name.lower()
    if path.is_dir():
        return read_folder(path, labelled=labelled)
    if not path.exists():
        return read_folder(path)  # which says that it is missing, and what is there
    if name.endswith((*_HDF5, *_NUMPY)):
        return read_images(path)
    if _is_idx(path):
        return read_idx(path)
    if name.endswith(SUFFIXES):
        if not labelled:
            return ImageSet([str(path)])
        raise DataError(
            f"{shown(str(path))} is a single picture. Give the folder that holds one folder of "
            "pictures for each class."
        )
    raise DataError(
        f"{shown(str(path))} is no set of pictures. Give a folder that holds one folder for each "
        "class, or an IDX, .h5 or .npz file."
    )


def _is_idx(path: Path) -> bool:
    """Tell an IDX file: by its first bytes where there is one, else by its name."""
    if not path.is_file():
        return "idx" in path.name.lower() and not path.is_dir()
    try:
        with open(path, "rb") as file:
            start = file.read(4)
        if start[:2] == b"\x1f\x8b":
            with gzip.open(path) as file:
                start = file.read(4)
    except (OSError, EOFError):
        return "idx" in path.name.lower()
    return len(start) == 4 and start[:2] == b"\0\0" and 8 <= start[2] <= 14


def as_bytes(images: ImageSet, color_mode: str | None) -> ImageSet:
    """Return a set whose pixels, if it is an array, are bytes of a colour mode.

    Args:
        images: pictures; those in files are decoded as asked later, and stay as they are.
        color_mode: ``"rgb"`` or ``"grayscale"``; None keeps what there is, but transparency.

    Raises:
        DataError: for numbers that are neither 0 to 1 nor 0 to 255.
    """
    if images.pixels is None:
        return images
    pixels = _eight_bits(images.pixels)
    channels = pixels.shape[3]
    if channels not in (1, 3, 4):
        raise DataError(
            f"Pictures have 1 channel (grey), 3 (red, green, blue) or 4 (and transparency); these "
            f"have {channels}."
        )
    if channels == 4:  # on white, as pictures in files are shown
        share = pixels[..., 3:].astype(np.float32) / 255
        pixels = np.rint(pixels[..., :3] * share + 255 * (1 - share)).astype(np.uint8)
    if color_mode == "grayscale" and pixels.shape[3] == 3:
        luma = pixels @ np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601, as Pillow
        pixels = np.rint(luma).astype(np.uint8)[..., None]
    elif color_mode == "rgb" and pixels.shape[3] == 1:
        pixels = np.repeat(pixels, 3, axis=3)
    return ImageSet(
        pixels=pixels,
        labels=images.labels,
        class_names=images.class_names,
        parts=images.parts,
        notes=images.notes,
    )


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
    raise DataError(
        f"The pixels go from {low:g} to {high:g}; expected are 0 to 255, or 0 to 1 in floats. "
        "Bring them to one of these."
    )
