"""Cats: is there a cat in the image? 209 small photos to train and 50 to test with."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.datasets.download import fetch
from maeum.datasets.files import DataFile, Split, unreadable

CLASS_NAMES = ("non-cat", "cat")
# Nobody publishes the hashes of these files; they were taken from the files themselves. So it does
# not matter whose copy of them is downloaded.
_MIRRORS = (
    "https://raw.githubusercontent.com/FechetahMakhlouf/cat_detector/"
    "dd45e2093be22db4021cf45f428d0bafb52eb42c/datasets/",
    "https://raw.githubusercontent.com/ramakris/coursera-deeplearning/"
    "b1c8f954b5711f918c75f764138837bbe1b3f7fc/datasets/",
    "https://github.com/ridhimagarg/Cat-vs-Non-cat-Deep-learning-implementation/raw/master/"
    "datasets/",
)
_DIGESTS = {
    "train_catvnoncat.h5": "fbe56ab67c3ae28d564e3a644189117976d6b31af0a3ce9bb17dbf22908af242",
    "test_catvnoncat.h5": "6a9d39ce52fa85953c5834695b8534a30ed8cfd54971fb2f080b5a24d002b951",
}
FILES = tuple(
    DataFile(name, f"sha256:{digest}", tuple(m + name for m in _MIRRORS), ("cats", "images"))
    for name, digest in _DIGESTS.items()
)


def load_data() -> tuple[Split, Split]:
    """Return ``(x_train, y_train), (x_test, y_test)``: 209 and 50 images.

    Images are uint8 of shape ``(n, 64, 64, 3)``; labels are int64 of shape ``(n,)``, 1 where
    there is a cat.

    Raises:
        DataError: if the files are not here and cannot be downloaded, or are damaged.
        ImportError: if h5py is not installed, which reads the files.
    """
    return _read(fetch(FILES[0]), "train"), _read(fetch(FILES[1]), "test")


def _read(path: Path, split: str) -> Split:
    import h5py

    names = f"{split}_set_x", f"{split}_set_y"
    try:
        with h5py.File(path, "r") as file:
            x, y = (np.asarray(file[name]) for name in names)
    except (OSError, KeyError, RuntimeError, TypeError, ValueError) as error:
        what = _("an HDF5 file with {x} and {y}", x=names[0], y=names[1])
        raise unreadable(path, what, error) from None
    if x.shape[1:] != (64, 64, 3) or x.dtype != np.uint8 or y.shape != x.shape[:1]:
        raise DataError("{path!r} holds {dtype} of shape {shape} and labels of shape {labels}; "
                        "expected uint8 of shape (n, 64, 64, 3) and (n,).", path=str(path),
                        dtype=x.dtype, shape=x.shape, labels=y.shape)  # fmt: skip
    return x, y
