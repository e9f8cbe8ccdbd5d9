"""Data sets of files: lines, records, pieces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from maeum.compat.data.dataset import Dataset

__all__ = ["FixedLengthRecordDataset", "TFRecordDataset", "TextLineDataset"]


class TextLineDataset(Dataset):
    """The lines of files."""

    def __init__(self, filenames: Any, *_: Any, **_options: Any):
        super().__init__(lambda: (line for name in _files(filenames)
                                  for line in _content(name).splitlines()))  # fmt: skip


class TFRecordDataset(Dataset):
    """The records of TFRecord files."""

    def __init__(self, filenames: Any, *_: Any, **_options: Any):
        from maeum.core.event_files import read_records

        super().__init__(lambda: (r for name in _files(filenames) for r in read_records(name)))


class FixedLengthRecordDataset(Dataset):
    """The pieces of files, all of one length."""

    def __init__(
        self, filenames: Any, record_bytes: int, header_bytes: int = 0, *_: Any, **_o: Any
    ):
        def begin() -> Iterator[bytes]:
            for name in _files(filenames):
                data = _content(name)[header_bytes:]
                yield from (data[i : i + record_bytes] for i in range(0, len(data), record_bytes))

        super().__init__(begin)


def _files(names: Any) -> Iterator[str]:
    given = (
        names if isinstance(names, (list, tuple, Dataset)) else np.asarray(names, object).ravel()
    )
    return (n.decode() if isinstance(n, bytes) else str(n) for n in given)


def _content(name: str) -> bytes:
    with open(name, "rb") as file:
        return file.read()
