"""MNIST: handwritten digits, 60,000 to train and 10,000 to test with (LeCun, Cortes, Burges)."""

from __future__ import annotations

from pathlib import Path

from maeum.core.errors import DataError
from maeum.datasets.archives import read_arrays
from maeum.datasets.digit_files import four_files, load_both, load_split
from maeum.datasets.files import DataFile, Split

CLASS_NAMES = tuple("0123456789")
FILES = four_files(
    (
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3",
        "ec29112dd5afa0611ce80d1b7f02629c",
    ),
    (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "http://yann.lecun.com/exdb/mnist/",
    ),
    ("mnist", "MNIST/raw"),
)
# The same images in the one file that Keras downloads; only read if it is there.
ARCHIVE = DataFile(
    "mnist.npz",
    "sha256:731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    (),
    ("mnist",),
)


def load_data(path: str = "mnist.npz") -> tuple[Split, Split]:
    """Return ``(x_train, y_train), (x_test, y_test)``.

    Images are uint8 of shape ``(n, 28, 28)``, from 0 (paper) to 255 (ink); labels are uint8 of
    shape ``(n,)``, from 0 to 9.

    Args:
        path: an archive of yours with the arrays x_train, y_train, x_test and y_test; the usual
            files are taken (from ``MAEUM_DATA``, the cache, or the internet) unless it is there.

    Raises:
        DataError: if the files are not here and cannot be downloaded, or are damaged.
    """
    archive = Path(path) if Path(path).is_file() else ARCHIVE.find()
    if archive is not None:
        return _read_archive(archive)
    if path != ARCHIVE.name:
        raise DataError("There is no file {path!r}; omit path for the usual files.", path=path)
    return load_both(FILES, "mnist")


def load_test_data() -> Split:
    """Return ``x_test, y_test``: the 10,000 test digits alone, without the training files.

    Raises:
        DataError: as `load_data`.
    """
    return load_split(*FILES[2:])


def _read_archive(path: Path) -> tuple[Split, Split]:
    x, y, x_test, y_test = read_arrays(path, ("x_train", "y_train", "x_test", "y_test"))
    if len(x) != len(y) or len(x_test) != len(y_test):
        raise DataError("{path!r} has {images} images, but {labels} labels.", path=str(path),
                        images=(len(x), len(x_test)), labels=(len(y), len(y_test)))  # fmt: skip
    return (x, y), (x_test, y_test)
