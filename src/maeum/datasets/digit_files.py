"""Data sets in the four files of MNIST: images and labels, to train and to test with."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.datasets.download import fetch
from maeum.datasets.files import DataFile, Split
from maeum.datasets.idx import read_idx

NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def four_files(
    digests: tuple[str, ...], mirrors: tuple[str, ...], folders: tuple[str, ...]
) -> tuple[DataFile, ...]:
    """Return the four files of a data set: images and labels to train, then to test with."""
    return tuple(
        DataFile(
            name,
            f"md5:{digest}",
            tuple(mirror + name for mirror in mirrors),
            folders,
            also=(name.removesuffix(".gz"), name.removesuffix(".gz").replace("-idx", ".idx")),
        )
        for name, digest in zip(NAMES, digests)
    )


def load_split(images: DataFile, labels: DataFile) -> Split:
    """Return the images and labels of two IDX files, downloaded if necessary.

    Raises:
        DataError: if they are nowhere, damaged, or do not belong together.
    """
    paths = fetch(images), fetch(labels)
    x, y = map(read_idx, paths)
    _check(x.dtype == np.uint8 and x.shape[1:] == (28, 28), paths[0], _("(n, 28, 28) of uint8"), x)
    wanted = _("{shape} of uint8", shape=x.shape[:1])
    _check(y.dtype == np.uint8 and y.shape == x.shape[:1], paths[1], wanted, y)
    _check(y.max(initial=0) < 10, paths[1], _("labels from 0 to 9"), y)
    return x, y


def load_both(files: tuple[DataFile, ...], module: str) -> tuple[Split, Split]:
    """Return the splits to train and to test with; ``module`` is their module, for an error."""
    try:
        return load_split(*files[:2]), load_split(*files[2:])
    except DataError as error:
        here = [file.find() for file in files[2:]]
        if None in here or all(file.find() for file in files[:2]):
            raise
        raise DataError("{error} The test files of this data set are here ({path}): "
                        "{module}.load_test_data() returns them alone.", error=error, path=here[0],
                        module=module) from None  # fmt: skip


def _check(fine: bool, path: Path, expected: str, array: np.ndarray) -> None:
    if not fine:
        raise DataError("{path!r} holds {dtype} of shape {shape}, up to {largest}; expected "
                        "{expected}. Is it the file of another data set?", path=str(path),
                        dtype=array.dtype, shape=array.shape, largest=array.max(initial=0),
                        expected=expected)  # fmt: skip
