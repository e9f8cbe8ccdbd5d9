"""IDX, the file format of MNIST: a magic number, the sizes of the axes, the numbers.

The magic number is two zero bytes, a code for the dtype and the number of axes; each size is four
bytes, and everything is big-endian (Y. LeCun, "The MNIST database of handwritten digits").
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from maeum.core.errors import DataError, nearest
from maeum.core.messages import _
from maeum.datasets.files import unreadable

_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_AXES = 32  # the limit of NumPy 1; real files have one to four
_PIECE = 1 << 20


def read_idx(path: str | os.PathLike) -> np.ndarray:
    """Return the array of an IDX file, plain or compressed with gzip (seen by its first bytes).

    Args:
        path: such as ``train-images-idx3-ubyte.gz``.

    Returns:
        An array of uint8, int8, int16, int32, float32 or float64, as the file says, in the byte
        order of this machine.

    Raises:
        DataError: if there is no such file, if it is not an IDX file, or if it holds fewer or more
            bytes than its header announces.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "labels-idx1-ubyte"
        >>> _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))
        >>> read_idx(path)
        array([7, 2, 1], dtype=uint8)
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else open(path, "rb") as stream:
            return _read(stream, path)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise unreadable(path, _("a gzip file"), error) from None
    except OSError as error:
        missing = isinstance(error, FileNotFoundError) and path.parent.is_dir()
        hint = nearest(path.name, os.listdir(path.parent)) if missing else ""
        raise DataError("{path!r} cannot be read: {reason}.{hint}", path=str(path),
                        reason=error.strerror or error, hint=hint) from None  # fmt: skip


def _read(stream: IO[bytes] | gzip.GzipFile, path: Path) -> np.ndarray:
    magic = stream.read(4)
    axes = magic[3] if len(magic) == 4 else 0
    if magic[:2] != b"\0\0" or len(magic) < 4 or magic[2] not in _DTYPES or not 0 < axes <= _AXES:
        raise DataError("{path!r} is not an IDX file: it begins with the bytes {magic}; expected "
                        "00 00, a dtype (08, 09, 0b, 0c, 0d or 0e) and a number of axes.",
                        path=str(path), magic=magic.hex(" ") or "''")  # fmt: skip
    header = stream.read(4 * axes)
    if len(header) < 4 * axes:
        raise DataError("{path!r} is cut short: expected {n} bytes of header for {axes} axes, "
                        "found {found}.", path=str(path), n=4 + 4 * axes, axes=axes,
                        found=4 + len(header))  # fmt: skip
    shape = struct.unpack(f">{axes}I", header)
    dtype = np.dtype(_DTYPES[magic[2]])
    expected = math.prod(shape) * dtype.itemsize
    data = _at_most(stream, expected + 1)
    if len(data) != expected:
        few = _("only {n} are there", n=len(data))
        raise DataError("{path!r} is cut short or damaged: expected {expected} bytes after the "
                        "header, for {dtype} of shape {shape}; {found}.", path=str(path),
                        expected=expected, dtype=dtype.newbyteorder("=").name, shape=shape,
                        found=few if len(data) < expected else _("there are more"))  # fmt: skip
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def _at_most(stream: IO[bytes] | gzip.GzipFile, count: int) -> bytes:
    """Read up to ``count`` bytes; piece by piece, as a damaged header may announce terabytes."""
    data = bytearray()
    while len(data) < count:
        piece = stream.read(min(_PIECE, count - len(data)))
        if not piece:
            break
        data += piece
    return bytes(data)
