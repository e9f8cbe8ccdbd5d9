"""TensorBoard's event files: scalars, histograms, images, texts and graphs, by step.

An event file is a TFRecord file of small protocol-buffer messages. The few that are needed are
written here by hand, as TensorBoard's libraries are large.

Formats: tensorflow/core/util/event.proto, framework/summary.proto, lib/io/record_writer.h.
"""

from __future__ import annotations

import functools
import os
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

_VARINT, _DOUBLE, _BYTES, _FLOAT = 0, 1, 2, 5


def _varint(n: int) -> bytes:
    n &= 2**64 - 1
    parts = bytearray()
    while n > 127:
        parts.append(n & 127 | 128)
        n >>= 7
    parts.append(n)
    return bytes(parts)


def _field(number: int, value: int | float | str | bytes, single: bool = False) -> bytes:
    """Return a field of a message: a whole number, a double (or a float), a text or bytes."""
    if isinstance(value, int):
        return _varint(number << 3 | _VARINT) + _varint(value)
    if isinstance(value, float):
        kind, form = (_FLOAT, "<f") if single else (_DOUBLE, "<d")
        return _varint(number << 3 | kind) + struct.pack(form, value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | _BYTES) + _varint(len(data)) + data


def _doubles(number: int, values: Any) -> bytes:
    return _field(number, np.asarray(values, "<f8").tobytes())


# ---- summaries ---------------------------------------------------------------------------------


def summary(values: Iterable[bytes]) -> bytes:
    """Return a summary of several values."""
    return b"".join(_field(1, value) for value in values)


def scalar(tag: str, value: float) -> bytes:
    """Return a number as a value of a summary."""
    return _field(1, tag) + _field(2, float(value), single=True)


def histogram(tag: str, values: Any) -> bytes:
    """Return how numbers are spread, as a value of a summary; what is not finite is left out."""
    x = np.asarray(values, np.float64).ravel()
    x = x[np.isfinite(x)]
    limits = _limits()
    counts = np.bincount(np.searchsorted(limits, x, "right"), minlength=len(limits) + 1)
    # Of empty buckets side by side only the last is written, which so has the width of all.
    filled = counts > 0
    kept = np.flatnonzero(filled | np.append(filled[1:], False)) if len(x) else [0]
    ends = np.append(limits, np.finfo(np.float64).max)[kept]
    numbers = (x.min(), x.max()) if len(x) else (0.0, 0.0)
    sums = (float(len(x)), float(x.sum()), float((x * x).sum()))
    body = b"".join(_field(i, float(n)) for i, n in enumerate((*numbers, *sums), 1))
    return _field(1, tag) + _field(5, body + _doubles(6, ends) + _doubles(7, counts[kept]))


@functools.cache
def _limits() -> np.ndarray:
    """Return the ends of TensorBoard's usual buckets, each a tenth larger than the last."""
    above = 1e-12 * 1.1 ** np.arange(774)
    return np.concatenate([-above[::-1], [0.0], above])


def image(tag: str, pixels: Any, png: bytes) -> bytes:
    """Return an image as a value of a summary.

    Args:
        tag: its name.
        pixels: an array (height, width, channels), for the sizes.
        png: the image as a PNG file.
    """
    height, width, channels = np.shape(pixels)
    body = _field(1, int(height)) + _field(2, int(width)) + _field(3, int(channels))
    return _field(1, tag) + _field(4, body + _field(4, png))


def text(tag: str, content: str) -> bytes:
    """Return a text as a value of a summary."""
    plugin = _field(1, _field(1, "text"))
    tensor = _field(1, 7) + _field(2, _field(2, _field(1, 1))) + _field(8, content)
    return _field(1, tag) + _field(8, tensor) + _field(9, plugin)


def graph(nodes: Iterable[tuple[str, str, Iterable[str]]]) -> bytes:
    """Return a graph of nodes: their names, what they compute, and the names of their inputs."""
    parts = []
    for name, operation, inputs in nodes:
        body = _field(1, name) + _field(2, operation) + b"".join(_field(3, i) for i in inputs)
        parts.append(_field(1, body))
    return b"".join(parts) + _field(4, _field(1, 22))


# ---- files -------------------------------------------------------------------------------------


class EventFile:
    """A new event file in a folder, which is made if it is not there.

    Args:
        folder: the folder.
        suffix: what the name of the file ends with.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with EventFile(folder) as events:
        ...         events.add(1, summary([scalar("loss", 0.5)]))
        ...     [(step, kind) for step, kind, _data in read_events(events.path)]
        [(0, 'version'), (1, 'summary')]
    """

    def __init__(self, folder: str | os.PathLike, suffix: str = ""):
        Path(folder).mkdir(parents=True, exist_ok=True)
        stem = f"events.out.tfevents.{time.time():017.6f}.{socket.gethostname()}.{os.getpid()}"
        self.path = Path(folder, f"{stem}{suffix}")
        self._file = self.path.open("wb")
        self._write(_event(0) + _field(3, "brain.Event:2"))

    def add(self, step: int, summary: bytes) -> None:
        """Add a summary of a step."""
        self._write(_event(step) + _field(5, summary))

    def add_graph(self, graph: bytes) -> None:
        """Add a graph."""
        self._write(_event(0) + _field(4, graph))

    def _write(self, event: bytes) -> None:
        size = struct.pack("<Q", len(event))
        self._file.write(size + _checksum(size) + event + _checksum(event))

    def flush(self) -> None:
        """Write what is waiting."""
        if not self._file.closed:
            self._file.flush()

    def close(self) -> None:
        """Write what is waiting, and close the file."""
        self._file.close()

    def reopen(self) -> None:
        """Go on with a file that was closed."""
        if self._file.closed:
            self._file = self.path.open("ab")

    def __enter__(self) -> EventFile:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _event(step: int) -> bytes:
    return _field(1, time.time()) + _field(2, int(step))


def _checksum(data: bytes) -> bytes:
    """Return the masked CRC-32C of some bytes."""
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def crc32c(data: bytes) -> int:
    """Return the CRC-32C (Castagnoli) of some bytes.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    table = _table()
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


@functools.cache
def _table() -> list[int]:
    found = []
    for n in range(256):
        for _bit in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        found.append(n)
    return found


# ---- read again ----------------------------------------------------------------------------------


def read_events(path: str | os.PathLike) -> Iterator[tuple[int, str, bytes]]:
    """Yield the step, the kind and the content of each event of a file."""
    kinds = {3: "version", 4: "graph", 5: "summary"}
    for record in read_records(path):
        fields = dict(_fields(record))
        kind = next((n for n in kinds if n in fields), 0)
        yield fields.get(2, 0), kinds.get(kind, "other"), fields.get(kind, b"")


def read_values(summary: bytes) -> dict[str, Any]:
    """Return the values of a summary by their tags; what is no number as its bytes."""
    found = {}
    for number, value in _fields(summary):
        if number == 1:
            fields = dict(_fields(value))
            known = next((fields[n] for n in (2, 4, 5, 8) if n in fields), None)
            found[fields[1].decode()] = known
    return found


def read_records(path: str | os.PathLike) -> Iterator[bytes]:
    """Yield the records of a TFRecord file.

    Raises:
        ValueError: for one that was altered.
    """
    from maeum.core.messages import _

    with open(path, "rb") as file:
        while len(size := file.read(8)) == 8:
            ok = file.read(4) == _checksum(size)
            record = file.read(struct.unpack("<Q", size)[0]) if ok else b""
            if not ok or file.read(4) != _checksum(record):
                raise ValueError(_("{path} is no whole TFRecord file.", path=path))
            yield record


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    place = 0

    def varint() -> int:
        nonlocal place
        n = shift = 0
        while True:
            byte = message[place]
            n, shift, place = n | (byte & 127) << shift, shift + 7, place + 1
            if byte < 128:
                return n

    while place < len(message):
        key = varint()
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            yield number, varint()
            continue
        size = {_DOUBLE: 8, _FLOAT: 4}.get(kind) or varint()
        part = message[place : place + size]
        place += size
        if kind == _BYTES:
            yield number, part
        else:
            yield number, struct.unpack("<d" if kind == _DOUBLE else "<f", part)[0]
