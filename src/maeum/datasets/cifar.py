"""The binary version of CIFAR: records of labels and pixels in a ``tar.gz``, no pickles.

A record is one label byte (two in CIFAR-100: coarse, then fine) and 3 x 32 x 32 bytes of red,
green and blue (A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009).
"""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.datasets.files import Split, unreadable

_PIXELS = 3 * 32 * 32
_MOST = 100_000 * (_PIXELS + 2)  # bytes that a file in the archive may have


def read_records(
    path: Path, names: Sequence[str], label_bytes: int, column: int, classes: int
) -> Split:
    """Return the images ``(n, 32, 32, 3)`` and labels ``(n, 1)``, both uint8, of an archive.

    Args:
        path: the ``tar.gz``; nothing of it is unpacked to the disk.
        names: the files in it, in their order.
        label_bytes: how many labels a record has.
        column: which of them is wanted.
        classes: how many classes there are.

    Raises:
        DataError: if it is damaged, or holds something else.
    """
    contents = _members(path, names)
    missing = [name for name in names if name not in contents]
    if missing:
        raise DataError("{path!r} has no file {name!r}; is it the binary version of CIFAR?",
                        path=str(path), name=missing[0])  # fmt: skip
    size = label_bytes + _PIXELS
    for name, data in contents.items():
        if not data or len(data) % size:
            raise DataError("{name!r} in {path!r} has {n} bytes; expected records of {size}.",
                            name=name, path=str(path), n=len(data), size=size)  # fmt: skip
    records = np.frombuffer(b"".join(contents[name] for name in names), np.uint8).reshape(-1, size)
    labels = records[:, column : column + 1].copy()
    if labels.max() >= classes:
        raise DataError("{path!r} has the label {label}; expected 0 to {largest}.", path=str(path),
                        label=labels.max(), largest=classes - 1)  # fmt: skip
    images = records[:, label_bytes:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), labels


def _members(path: Path, names: Sequence[str]) -> dict[str, bytes]:
    """Return what the files ``names`` of an archive hold, in whatever folder they are."""
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                name = member.name.rpartition("/")[2]
                if name in names and member.isfile() and member.size <= _MOST:
                    stream = archive.extractfile(member)
                    found[name] = stream.read() if stream is not None else b""
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise unreadable(path, _("an archive of CIFAR"), error) from None
    return found
