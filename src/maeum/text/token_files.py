"""A text file as one long row of numbers on the disk, and windows over it for language models."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core import registry
from maeum.core.batches import RowBatches
from maeum.core.checks import check_whole
from maeum.core.errors import DataError
from maeum.core.files import writing
from maeum.core.runtime import cache_folder
from maeum.text.byte_pairs import as_encoder
from maeum.text.lines import TextLines

_VERSION = 1
_AT_ONCE = 1 << 18  # characters that are encoded together


@dataclass(eq=False, repr=False)
class TokenWindows(RowBatches):
    """Windows over a row of numbers: ``x`` is a window, ``y`` the same shifted by one.

    Args:
        tokens: the numbers, an array ``(n,)``; it may be mapped from the disk.
        length: the numbers of a window.
        stride: how far after this window the next one begins; ``length`` by default, so that
            windows do not overlap.
        batch_size: the windows of a batch.
        shuffle: whether every epoch has its own order.
        seed: the seed of these orders.

    Raises:
        DataError: if there are fewer numbers than ``length + 1``.

    Example:
        >>> windows = TokenWindows(np.arange(8), length=3, batch_size=2)
        >>> x, y = windows[0]
        >>> x.tolist(), y.tolist()
        ([[0, 1, 2], [3, 4, 5]], [[1, 2, 3], [4, 5, 6]])
    """

    tokens: np.ndarray
    length: int
    stride: int | None = None
    batch_size: int = 32
    shuffle: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        check_whole(self.length, "length")
        self.stride = self.length if self.stride is None else check_whole(self.stride, "stride")
        count = (len(self.tokens) - self.length - 1) // self.stride + 1
        if count < 1:
            raise DataError("There are {n} tokens, too few for one window of {length} and the "
                            "token after it. Give a longer text, or a shorter length.",
                            n=len(self.tokens), length=self.length)  # fmt: skip
        super().__init__(count, self.batch_size, self.shuffle, self.seed)

    def __repr__(self) -> str:
        return (
            f"<TokenWindows: {self.rows:,} windows of {self.length} over {len(self.tokens):,} "
            f"tokens in {len(self)} batches>"
        )

    def take(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return ``(x, y)``, each ``(rows, length)`` int32."""
        places = rows[:, None] * self.stride + np.arange(self.length + 1)
        window = np.asarray(self.tokens[places], np.int32)
        return window[:, :-1], window[:, 1:]


def token_stream(
    path: str | os.PathLike,
    tokenizer: Any,
    length: int,
    stride: int | None = None,
    *,
    batch_size: int = 32,
    shuffle: bool = True,
    seed: int = 0,
    encoding: str | None = None,
    cache: str | os.PathLike | None = None,
) -> TokenWindows:
    """Return windows over the tokens of a text file, which may be larger than memory.

    The file is encoded once, some lines at a time (each with ``\\n`` at its end); the numbers are
    kept in a ``.npy`` file, which is mapped into memory, and found again as long as the text file
    and the tokenizer stay the same.

    Args:
        path: the text file; see `TextLines`.
        tokenizer: a `BytePairEncoding` or a `TextEncoder`.
        length: the tokens of a window.
        stride: how far after this window the next one begins; ``length`` by default.
        batch_size: the windows of a batch.
        shuffle: whether every epoch has its own order.
        seed: the seed of these orders.
        encoding: the encoding of the file; recognised from its beginning by default.
        cache: the folder of the ``.npy`` files; that of Maeum (``MAEUM_CACHE``) by default.

    Raises:
        DataError: if the file cannot be read, or is too short for one window.
        ConfigError: for a tokenizer that gives no numbers.
    """
    return TokenWindows(
        file_tokens(path, tokenizer, encoding, cache), length, stride, batch_size, shuffle, seed
    )


def file_tokens(
    path: str | os.PathLike,
    tokenizer: Any,
    encoding: str | None = None,
    cache: str | os.PathLike | None = None,
) -> np.ndarray:
    """Return the tokens of a text file as one array, mapped from the disk; see `token_stream`."""
    as_encoder(tokenizer)
    lines = TextLines(path, encoding)
    if os.environ.get("MAEUM_CACHE") == "0" and cache is None:
        parts = [np.asarray(part, np.int32) for part in _encoded(lines, tokenizer)]
        return np.concatenate([np.zeros(0, np.int32), *parts])
    folder = cache_folder() / "text" if cache is None else Path(cache)
    kept = folder / f"{_key(lines, tokenizer)}.npy"
    with contextlib.suppress(OSError, ValueError, EOFError):  # it is missing, or damaged
        return np.load(kept, mmap_mode="r", allow_pickle=False)
    _write(kept, _encoded(lines, tokenizer), len(tokenizer.vocabulary))
    return np.load(kept, mmap_mode="r", allow_pickle=False)


def _encoded(lines: TextLines, tokenizer: Any) -> Iterator[list[int]]:
    """Yield the numbers of a file, some lines at a time; each line keeps its line end."""
    waiting: list[str] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line) + 1
        if size >= _AT_ONCE:
            yield tokenizer.encode("\n".join([*waiting, ""]))
            waiting, size = [], 0
    if waiting:
        yield tokenizer.encode("\n".join([*waiting, ""]))


def _key(lines: TextLines, tokenizer: Any) -> str:
    """Return a name for the file as it is now, encoded with this tokenizer."""
    found = os.stat(lines.path)
    known = [_VERSION, os.path.abspath(lines.path), found.st_size, found.st_mtime_ns]
    described = json.dumps([*known, lines.encoding, registry.serialize(tokenizer)])
    return hashlib.sha256(described.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _write(path: Path, parts: Iterable[list[int]], size: int) -> None:
    """Write numbers as an array file without holding them all; renamed when it is whole."""
    dtype = np.dtype("<u2") if size <= 1 << 16 else np.dtype("<i4")
    with writing(path) as file:
        header = {"descr": dtype.str, "fortran_order": False}
        # The number of tokens is known at the end; its place holds any number until then.
        np.lib.format.write_array_header_2_0(file, {**header, "shape": (2**60,)})
        begin, count = file.tell(), 0
        for part in parts:
            file.write(np.asarray(part, dtype).tobytes())
            count += len(part)
        file.seek(0)
        np.lib.format.write_array_header_2_0(file, {**header, "shape": (count,)})
        assert file.tell() == begin, "the header of the array file changed its size"
