"""Images from whatever holds them."""

from __future__ import annotations

import gzip
import os
import tarfile
import zipfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.images.archives import read_hdf5, read_idx, read_npz
from maeum.images.folders import read_folder
from maeum.images.formats import SUFFIXES, unreadable_kind
from maeum.images.frames import read_frame
from maeum.images.image_set import ImageSet
from maeum.images.label_tables import lists_images
from maeum.images.layout import is_clutter
from maeum.images.reading import ImageError, shown

_ENTRIES = 100  # of an archive, looked at
_READERS: dict[str, Callable[..., ImageSet]] = {
    ".npz": read_npz,
    ".npy": read_npz,
    ".h5": read_hdf5,
    ".hdf5": read_hdf5,
    ".csv": read_frame,
}


def read_images(source: Any, *, labelled: bool | None = None, **options: Any) -> ImageSet:
    """Read images from a folder, an IDX, HDF5, NumPy or CSV file, a DataFrame or arrays.

    Args:
        source: a path; or a DataFrame; or ``(pixels, labels)``; or an `ImageSet`, which is
            returned as it is.
        labelled: True refuses images without labels. False needs none: a folder is searched for
            images at any depth, and a single image is taken, too.
        **options: those of `read_folder`, `read_idx`, `read_hdf5`, `read_npz` or `read_frame`,
            whichever reads it.

    Raises:
        DataError: if nothing here reads it, if it cannot be read, or if labels are missing.

    Example:
        >>> import numpy as np
        >>> read_images((np.zeros((4, 8, 8)), [0, 1, 0, 1]))
        <ImageSet: 4 images of 8x8x1; 0 2, 1 2>
    """
    if isinstance(source, ImageSet):
        images = source
    elif isinstance(source, tuple) and len(source) == 2:
        images = ImageSet(pixels=source[0], labels=source[1], **options)
    elif isinstance(source, (str, os.PathLike)):
        images = _read(Path(source), labelled is not False, options)
    else:
        images = read_frame(source, **options)
    if labelled and images.labels is None:
        raise DataError("The images have no labels. An IDX file has them beside it "
                        "(images-idx3-ubyte, labels-idx1-ubyte), an .npz or .h5 file in an array "
                        "of class numbers called labels, a folder in one folder for each "
                        "class.")  # fmt: skip
    return images


def holds_images(path: str | os.PathLike) -> bool:
    """Tell whether a path is a folder or a file of images, or a table that lists their files.

    >>> holds_images("photos.h5"), holds_images("t10k-images-idx3-ubyte.gz")
    (True, True)
    >>> holds_images("table.csv.gz")
    False
    """
    path = Path(path)
    known = (*(suffix for suffix in _READERS if suffix != ".csv"), *SUFFIXES)
    if path.is_dir() or path.name.lower().endswith(known) or unreadable_kind(path.suffix):
        return True
    return is_idx(path) or lists_images(path) or _is_archive_of_images(path)


def _read(path: Path, labelled: bool, options: dict[str, Any]) -> ImageSet:
    reader = _READERS.get(path.suffix.lower())
    if path.is_dir():
        return read_folder(path, labelled=labelled, **options)
    if reader is not None:
        return reader(path, **options)
    if is_idx(path):
        return read_idx(path, **options)
    if path.name.lower().endswith(SUFFIXES):
        if not labelled:
            return ImageSet([str(path)])
        raise DataError("{path} is a single image. Give the folder that holds one folder of images "
                        "for each class, or a file of many images.",
                        path=shown(str(path)))  # fmt: skip
    if _is_archive_of_images(path):
        raise DataError("{path} is an archive of images. Unpack it, and give the folder.",
                        path=shown(str(path)))  # fmt: skip
    if path.exists() and (kind := unreadable_kind(path.suffix)):
        raise ImageError(path, _("it is {said}", said=kind))
    if path.exists():
        raise DataError("{path} is not a set of images. Give a folder that holds one folder for "
                        "each class, or an IDX, .h5, .npz or .csv file.",
                        path=shown(str(path)))  # fmt: skip
    return read_folder(path)  # which says that it is missing, and what is there


def _is_archive_of_images(path: Path) -> bool:
    """Tell a zip or tar file that holds mostly images, by the first of its entries."""
    name = path.name.lower()
    if not path.is_file() or not name.endswith((".zip", ".tar", ".tgz", ".tar.gz")):
        return False
    try:
        if name.endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()[:_ENTRIES]
        else:
            with tarfile.open(path) as archive:
                names = [entry.name for entry in islice(archive, _ENTRIES) if entry.isfile()]
    except (OSError, EOFError, zipfile.BadZipFile, tarfile.TarError):
        return False
    files = [
        n
        for n in names
        if not n.endswith("/") and not is_clutter(n.removeprefix("./").split("/")[0])
    ]
    return sum(n.lower().endswith(SUFFIXES) for n in files) > len(files) / 2


def is_idx(path: Path) -> bool:
    """Tell an IDX file: by its first bytes where there is one, else by its name."""
    by_name = not path.is_dir() and any(word in path.name.lower() for word in ("idx", "ubyte"))
    if not path.is_file():
        return by_name
    try:
        with open(path, "rb") as file:
            start = file.read(4)
        if start[:2] == b"\x1f\x8b":
            with gzip.open(path) as file:
                start = file.read(4)
    except (OSError, EOFError):
        return by_name
    return len(start) == 4 and start[:2] == b"\0\0" and 8 <= start[2] <= 14
