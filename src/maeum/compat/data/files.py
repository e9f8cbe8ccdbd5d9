"""Data sets of files: lines, records, pieces."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from maeum.compat.data.dataset import Dataset
from maeum.compat.ops.ignoring import check_others
from maeum.core.errors import ConfigError

__all__ = ["FixedLengthRecordDataset", "TFRecordDataset", "TextLineDataset"]


class TextLineDataset(Dataset):
    """The lines of files."""

    def __init__(
        self, filenames: Any, compression_type: Any = None, buffer_size: Any = None, **others: Any
    ):
        check_others("TextLineDataset", others)
        check_packing("TextLineDataset", compression_type)
        super().__init__(lambda: (line for name in _files(filenames)
                                  for line in _content(name, compression_type)
                                  .splitlines()))  # fmt: skip


class TFRecordDataset(Dataset):
    """The records of TFRecord files."""

    def __init__(
        self, filenames: Any, compression_type: Any = None, buffer_size: Any = None, **others: Any
    ):
        check_others("TFRecordDataset", others)
        if compression_type:
            raise ConfigError("TFRecordDataset() does not read packed files in Maeum; got "
                              "compression_type={given!r}. Unpack them first.",
                              given=compression_type)  # fmt: skip
        from maeum.core.event_files import read_records

        super().__init__(lambda: (r for name in _files(filenames) for r in read_records(name)))


class FixedLengthRecordDataset(Dataset):
    """The pieces of files, all of one length."""

    def __init__(
        self, filenames: Any, record_bytes: int, header_bytes: int = 0, footer_bytes: int = 0,
        buffer_size: Any = None, compression_type: Any = None, **others: Any,
    ):  # fmt: skip
        check_others("FixedLengthRecordDataset", others)
        check_packing("FixedLengthRecordDataset", compression_type)

        def begin() -> Iterator[bytes]:
            for name in _files(filenames):
                data = _content(name, compression_type)[header_bytes:]
                data = data[: len(data) - footer_bytes]
                yield from (data[i : i + record_bytes] for i in range(0, len(data), record_bytes))

        super().__init__(begin)


def _files(names: Any) -> Iterator[str]:
    given = (
        names if isinstance(names, (list, tuple, Dataset)) else np.asarray(names, object).ravel()
    )
    return (n.decode() if isinstance(n, bytes) else str(n) for n in given)


def check_packing(name: str, given: Any) -> None:
    """Raise `ConfigError` for a way of packing that there is not."""
    if given not in (None, "", *_UNPACKED):
        raise ConfigError("compression_type of {name}() is '', 'GZIP' or 'ZLIB'; got {given!r}.",
                          name=name, given=given)  # fmt: skip


_UNPACKED: dict[str, Callable[[bytes], bytes]] = {"GZIP": gzip.decompress, "ZLIB": zlib.decompress}


def _content(name: str, packed: str | None) -> bytes:
    with open(name, "rb") as file:
        data = file.read()
    return _UNPACKED[packed](data) if packed else data
