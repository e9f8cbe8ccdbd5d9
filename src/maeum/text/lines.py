"""The lines of a text file, which may be larger than memory."""

from __future__ import annotations

import codecs
import gzip
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from maeum.core.errors import ConfigError, DataError
from maeum.text.encodings import check_encoding, error_in, recognise

_SAMPLE = 1 << 22  # bytes from which the encoding is told
_BLOCK = 1 << 20


class TextLines:
    """The lines of a text file, read when they are asked for.

    Iterating reads the file from the beginning, a line at a time. An index finds single lines;
    the first one asked for reads through the file once, to note where the lines begin. Lines come
    without their line ends (``\\n`` or ``\\r\\n``); empty ones are kept. Files ending in ``.gz``
    are unpacked while they are read (an index into such a file is slow).

    Args:
        path: the file.
        encoding: its encoding. By default it is told from the first 4 MB: UTF-8 (with or without
            a byte order mark), or else CP949, which includes EUC-KR. Others have to be named,
            such as ``"latin-1"``.

    Raises:
        DataError: if the file cannot be read, or its bytes do not fit the encoding; the message
            names the first byte that does not.
        ConfigError: for an encoding that Python does not know.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp(), "lines.txt")
        >>> _ = path.write_text("one\\ntwo\\n마음\\n", encoding="cp949")
        >>> lines = TextLines(path)
        >>> list(lines), lines.encoding, len(lines), lines[-1]
        (['one', 'two', '마음'], 'cp949', 3, '마음')
    """

    def __init__(self, path: str | os.PathLike, encoding: str | None = None):
        self.path = Path(path)
        if self.path.is_dir():
            raise DataError(f"{str(path)!r} is a folder; one text file was expected.")
        with self._open() as file:
            sample = self._read(file, _SAMPLE)
            whole = not self._read(file, 1)
        self._told = encoding is None
        told = tell_encoding(sample, str(path), whole) if encoding is None else encoding
        self.encoding = known_encoding(told)
        self._offsets: np.ndarray | None = None

    def __repr__(self) -> str:
        return f"<TextLines of {str(self.path)!r}, {self.encoding}>"

    def __iter__(self) -> Iterator[str]:
        with self._open() as file:
            start = 0
            for number, line in enumerate(self._lines(file)):
                yield self._decoded(line, number, start)
                start += len(line)

    def __len__(self) -> int:
        return len(self._index()) - 1

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(f"There is no line {index}: there are {len(self)}.")
        offsets, number = self._index(), int(index) % len(self)
        start = int(offsets[number])
        with self._open() as file:
            file.seek(start)
            line = self._read(file, int(offsets[number + 1]) - start)
        return self._decoded(line, number, start)

    def _open(self) -> IO[bytes]:
        try:
            if self.path.suffix == ".gz":
                return gzip.open(self.path, "rb")  # type: ignore[return-value]
            return open(self.path, "rb")
        except OSError as error:
            raise DataError(f"{str(self.path)!r} cannot be read: {error.strerror}.") from None

    def _read(self, file: IO[bytes], size: int) -> bytes:
        try:
            return file.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"{str(self.path)!r} is damaged: {error}.") from None

    def _lines(self, file: IO[bytes]) -> Iterator[bytes]:
        try:
            yield from file
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"{str(self.path)!r} is damaged: {error}.") from None

    def _index(self) -> np.ndarray:
        """Return where each line begins, and where the last one ends."""
        if self._offsets is None:
            found, place = [np.zeros(1, np.int64)], 0
            with self._open() as file:
                while block := self._read(file, _BLOCK):
                    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))
                    found.append(ends + (place + 1))
                    place += len(block)
            offsets = np.concatenate(found)
            self._offsets = offsets if offsets[-1] == place else np.append(offsets, place)
        return self._offsets

    def _decoded(self, line: bytes, number: int, start: int) -> str:
        line = line.removesuffix(b"\n").removesuffix(b"\r")
        if not start:
            line = line.removeprefix(codecs.BOM_UTF8)
        try:
            return line.decode(self.encoding)
        except UnicodeDecodeError as error:
            found = "was told from the beginning of the file" if self._told else "was given"
            raise DataError(
                f"Line {number + 1} of {str(self.path)!r} has the byte 0x{line[error.start]:02x} "
                f"at offset {start + error.start}, which is no {self.encoding}, the encoding that "
                f"{found}. Give the right one: encoding='cp949' for older Korean files, 'latin-1' "
                "for older Western ones."
            ) from None


def tell_encoding(data: bytes, what: str = "The text", whole: bool = True) -> str:
    """Tell whether bytes are UTF-8 or CP949 (with EUC-KR), without a broken letter.

    Args:
        data: the bytes.
        what: what they are, for the message.
        whole: whether they are all there is, rather than the beginning.

    Raises:
        DataError: if they are neither; the message names the first byte that does not fit.
    """
    found = recognise(data, whole)
    if found.startswith(("utf-16", "utf-32")) or data.count(0) * 4 > len(data):
        raise DataError(
            f"{what} is UTF-16 or UTF-32, or no text ({data.count(0) / len(data):.0%} of its bytes "
            "are 0): its lines cannot be found byte by byte. Convert it to UTF-8 first."
        )
    if found in ("utf-8", "cp949") and error_in(data, found, whole) is None:
        return found
    error = error_in(data, "utf-8", whole)
    assert error is not None
    raise DataError(
        f"{what} is neither utf-8 (byte 0x{data[error.start]:02x} at offset {error.start}) nor a "
        "Korean text in cp949. Say what it is, such as encoding='latin-1' or 'cp1252' for a "
        "Western European text."
    )


def known_encoding(encoding: str) -> str:
    """Return the name of an encoding whose lines end at the byte of a line feed.

    Raises:
        ConfigError: for others, and for names that Python does not know.
    """
    found = check_encoding(encoding)
    if found.startswith(("utf-16", "utf-32")):
        raise ConfigError(
            f"Lines of {found} cannot be found byte by byte. Convert the file to UTF-8 first."
        )
    return "utf-8" if found == "utf-8-sig" else found


def read_text(path: str | os.PathLike, encoding: str | None = None) -> str:
    """Return a whole file as one text, line ends as they are; see `TextLines` for the encoding.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp(), "poem.txt")
        >>> _ = path.write_bytes("나의 마음".encode())
        >>> read_text(path)
        '나의 마음'
    """
    lines = TextLines(path, encoding)
    with lines._open() as file:
        data = lines._read(file, -1).removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode(lines.encoding)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{str(path)!r} has the byte 0x{data[error.start]:02x} at offset {error.start}, which "
            f"is no {lines.encoding}. Give the right encoding, such as 'cp949' or 'latin-1'."
        ) from None
