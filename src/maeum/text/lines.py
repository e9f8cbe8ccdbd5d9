"""The lines of a text file, which may be larger than memory."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import _
from maeum.text.encodings import GUESSES, check_encoding, error_in, recognise

_SAMPLE = 1 << 22  # bytes from which the encoding is recognised
_BLOCK = 1 << 20


@contextlib.contextmanager
def opened(path: str | os.PathLike) -> Iterator[BinaryIO]:
    """Open a file to read its bytes, unpacked if its name ends in ``.gz``.

    Raises:
        DataError: if it cannot be opened, or turns out to be damaged while it is read.
    """
    try:
        with gzip.open(path) if Path(path).suffix == ".gz" else open(path, "rb") as file:
            yield cast(BinaryIO, file)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or _("it is damaged ({error})", error=error)
        raise DataError("{path!r} cannot be read: {reason}.", path=str(path),
                        reason=reason) from None  # fmt: skip


class TextLines:
    """The lines of a text file, read when they are asked for.

    Iterating reads the file from the beginning, a line at a time. An index finds single lines;
    the first one asked for reads through the file once, to note where the lines begin. Lines come
    without their line ends (``\\n`` or ``\\r\\n``); empty ones are kept. Files ending in ``.gz``
    are unpacked while they are read (an index into such a file is slow).

    Args:
        path: the file.
        encoding: its encoding. By default it is recognised from the first 4 MB: UTF-8 (with or
            without a byte order mark), CP949, which includes EUC-KR, and others of whole scripts
            (`maeum.text.encodings.recognise`). Those of Europe have to be named, such as
            ``"latin-1"``.

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
            raise DataError("{path!r} is a folder; one text file was expected.", path=str(path))
        with opened(path) as file:
            sample = file.read(_SAMPLE)
            whole = not file.read(1)
        self._recognised = encoding is None
        found = tell_encoding(sample, str(path), whole) if encoding is None else encoding
        self.encoding = known_encoding(found)
        self._offsets: np.ndarray | None = None

    def __repr__(self) -> str:
        return f"<TextLines of {str(self.path)!r}, {self.encoding}>"

    def __iter__(self) -> Iterator[str]:
        with opened(self.path) as file:
            start = 0
            for number, line in enumerate(file, 1):
                yield self._line(line, number, start)
                start += len(line)

    def __len__(self) -> int:
        return len(self._index()) - 1

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(
                _("There is no line {index}: there are {lines}.", index=index, lines=len(self))
            )
        number = int(index) % len(self)
        start, end = self._index()[number : number + 2].tolist()
        with opened(self.path) as file:
            file.seek(start)
            return self._line(file.read(end - start), number + 1, start)

    def text(self) -> str:
        """Return the whole file as one text, line ends as they are."""
        with opened(self.path) as file:
            return self._decoded(file.read().removeprefix(codecs.BOM_UTF8))

    def _index(self) -> np.ndarray:
        """Return where each line begins, and where the last one ends."""
        if self._offsets is None:
            found, place = [np.zeros(1, np.int64)], 0
            with opened(self.path) as file:
                while block := file.read(_BLOCK):
                    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))
                    found.append(ends + (place + 1))
                    place += len(block)
            offsets = np.concatenate(found)
            self._offsets = offsets if offsets[-1] == place else np.append(offsets, place)
        return self._offsets

    def _line(self, line: bytes, number: int, start: int) -> str:
        line = line.removesuffix(b"\n").removesuffix(b"\r")
        return self._decoded(line if start else line.removeprefix(codecs.BOM_UTF8), number, start)

    def _decoded(self, data: bytes, line: int = 1, start: int = 0) -> str:
        """Decode bytes that begin in this line, and so far into the file."""
        try:
            return data.decode(self.encoding)
        except UnicodeDecodeError as error:
            recognised = _(" {encoding} was recognised from its beginning.", encoding=self.encoding)
            raise DataError(
                _("Line {line} of {path!r} has the byte 0x{byte:02x} at offset {offset}, which is "
                  "not {encoding}.{recognised} Give the right encoding: encoding='cp949' for older "
                  "Korean files, 'latin-1' for older Western ones.",
                  line=line + data.count(b"\n", 0, error.start), path=str(self.path),
                  byte=data[error.start], offset=start + error.start, encoding=self.encoding,
                  recognised=recognised if self._recognised else "")
            ) from None  # fmt: skip


def tell_encoding(data: bytes, what: str = "The text", whole: bool = True) -> str:
    """Tell which encoding bytes are in, without a broken letter: UTF-8, CP949 (with EUC-KR) ...

    Those of Western and Central Europe differ by a few letters only, and have to be given.

    Args:
        data: the bytes.
        what: what they are, for the message.
        whole: whether they are all there is, rather than the beginning.

    Raises:
        DataError: if it cannot be told; the message names the first byte that is not UTF-8.
    """
    found = recognise(data, whole)
    if found.startswith(("utf-16", "utf-32")) or data.count(0) * 4 > len(data):
        raise DataError("{what} is UTF-16 or UTF-32, or not a text ({zeros:.0%} of its bytes are "
                        "0): its lines cannot be found byte by byte. Convert it to UTF-8 first.",
                        what=what, zeros=data.count(0) / len(data))  # fmt: skip
    if found not in GUESSES and error_in(data, found, whole) is None:
        return found
    error = error_in(data, "utf-8", whole)
    assert error is not None
    raise DataError("{what} is neither utf-8 (byte 0x{byte:02x} at offset {offset}) nor a Korean "
                    "text in cp949. Give its encoding, such as encoding='latin-1' or 'cp1252' for "
                    "a Western European text.", what=what, byte=data[error.start],
                    offset=error.start)  # fmt: skip


def known_encoding(encoding: str) -> str:
    """Return the name of an encoding whose lines end at the byte of a line feed.

    Raises:
        ConfigError: for others, and for names that Python does not know.
    """
    found = check_encoding(encoding)
    if found.startswith(("utf-16", "utf-32")):
        raise ConfigError("Lines of {encoding} cannot be found byte by byte. Convert the file to "
                          "UTF-8 first.", encoding=found)  # fmt: skip
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
    return TextLines(path, encoding).text()
