"""Pictures from whatever holds them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from maeum.core.errors import DataError
from maeum.images.archives import read_hdf5, read_idx, read_npz
from maeum.images.folders import SUFFIXES, read_folder
from maeum.images.frames import read_frame
from maeum.images.image_set import ImageSet

_READERS: dict[str, Callable[..., ImageSet]] = {
    ".npz": read_npz,
    ".npy": read_npz,
    ".h5": read_hdf5,
    ".hdf5": read_hdf5,
    ".csv": read_frame,
}


def read_images(source: Any, **options: Any) -> ImageSet:
    """Read pictures from a folder, an IDX, HDF5, NumPy or CSV file, a DataFrame or arrays.

    Args:
        source: a path; or a DataFrame; or ``(pixels, labels)``; or an `ImageSet`, which is
            returned as it is.
        **options: those of `read_folder`, `read_idx`, `read_hdf5`, `read_npz` or `read_frame`,
            whichever reads it.

    Raises:
        DataError: if nothing here reads it, or if it cannot be read.

    Example:
        >>> import numpy as np
        >>> read_images((np.zeros((4, 8, 8)), [0, 1, 0, 1]))
        <ImageSet: 4 pictures of 8x8x1; 0 2, 1 2>
    """
    if isinstance(source, ImageSet):
        return source
    if isinstance(source, tuple) and len(source) == 2:
        return ImageSet(pixels=source[0], labels=source[1], **options)
    if not isinstance(source, (str, os.PathLike)):
        return read_frame(source, **options)
    path = Path(source)
    name = path.name.lower()
    reader = _READERS.get(path.suffix.lower())
    if reader is not None and not path.is_dir():
        return reader(path, **options)
    if "idx" in name or "ubyte" in name:
        return read_idx(path, **options)
    if name.endswith(SUFFIXES):
        raise DataError(
            f"{path.name} is one picture; a folder of pictures was expected, or a file of many. "
            "One picture is read by load_image."
        )
    return read_folder(path, **options)
