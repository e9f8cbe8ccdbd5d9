"""Decoded images kept on the disk, so that the next run need not decode them.

A cache is an array file (``.npy``, mapped into memory) and a record beside it: a checksum, which
images could not be read and why. It is written under another name and renamed when it is whole.
The folder holds at most `LIMIT` bytes; what was used longest ago goes first.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
import weakref
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.cached_files import evict
from maeum.core.errors import SaveError
from maeum.core.files import write_atomically
from maeum.core.runtime import cache_folder

LIMIT = 4 * 2**30  # bytes
_LEFT_BEHIND = 24 * 3600  # seconds after which an unfinished file belongs to nobody
_VERSION = 1


def folder() -> Path | None:
    """Return where the caches lie; None if ``MAEUM_CACHE=0`` turned them off."""
    return None if os.environ.get("MAEUM_CACHE") == "0" else cache_folder() / "images"


def key_of(paths: Iterable[str], options: dict[str, Any]) -> str:
    """Return a name for these files as they are now, decoded with these options."""
    digest = hashlib.sha256(json.dumps([_VERSION, options], sort_keys=True).encode())
    for path in paths:
        try:
            found = os.stat(path)
            known = (found.st_size, found.st_mtime_ns)
        except OSError:
            known = (-1, -1)
        digest.update(f"{os.path.abspath(path)}\0{known}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:32]


def load(key: str, shape: tuple[int, ...]) -> tuple[np.ndarray, dict[str, Any]] | None:
    """Return the pixels of a cache, mapped from the disk, and its record.

    None if there is no such cache, or if it is damaged; then it is removed.
    """
    where = folder()
    if where is None:
        return None
    path, beside = where / f"{key}.npy", where / f"{key}.json"
    try:
        record = json.loads(beside.read_text())
        pixels = np.load(path, mmap_mode="r", allow_pickle=False)
        if pixels.shape != shape or pixels.dtype != np.uint8 or _checksum(pixels) != record["sum"]:
            raise ValueError
        for kind in ("reasons", "remarks"):
            if not isinstance(record[kind], dict):
                raise ValueError
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        _remove(path)
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # used just now
    return pixels, record


def entries() -> list[tuple[Path, int, float]]:
    """Return the caches: the file of each, its bytes, and when it was last used (as `time.time`).

    The one that was used longest ago, and that goes first, stands first.
    """
    where = folder()
    found = []
    for path in where.glob("*.npy") if where is not None and where.is_dir() else ():
        with contextlib.suppress(OSError):
            about = path.stat()
            found.append((path, about.st_size, about.st_mtime))
    return sorted(found, key=lambda entry: entry[2])


class Unfinished:
    """A cache that is being filled.

    Attributes:
        pixels: the array to write to.
    """

    def __init__(self, key: str, path: str, pixels: np.ndarray):
        self.key = key
        self.path = path
        self.pixels = pixels
        self.discard = weakref.finalize(self, _remove, Path(path))  # what nobody finished

    @classmethod
    def begin(cls, key: str, shape: tuple[int, ...]) -> Unfinished | None:
        """Make room for the pixels; None if there is none, or if they are more than `LIMIT`."""
        where = folder()
        size = int(np.prod(shape))
        if where is None or size > LIMIT:
            return None
        path = None
        try:
            where.mkdir(parents=True, exist_ok=True)
            trim(LIMIT - size)
            handle, path = tempfile.mkstemp(prefix=".part-", suffix=".npy", dir=where)
            os.close(handle)
            pixels = np.lib.format.open_memmap(path, "w+", np.uint8, shape)
            _reserve(path)
        except OSError:
            if path is not None:
                with contextlib.suppress(OSError):
                    os.unlink(path)
            return None
        return cls(key, path, pixels)

    def finish(self, reasons: dict[int, str], remarks: dict[str, int]) -> None:
        """Give the cache its name, with the record beside it.

        Nobody waits for the disk: what a crash of the machine loses, the checksum finds out.
        """
        target = Path(self.path).with_name(f"{self.key}.npy")
        record = {"sum": _checksum(self.pixels), "reasons": reasons, "remarks": remarks}
        try:
            write_atomically(target.with_suffix(".json"), json.dumps(record).encode())
            os.replace(self.path, target)
            self.discard.detach()
        except (OSError, SaveError):
            self.discard()


def trim(limit: int) -> None:
    """Remove the caches that were used longest ago, until the rest has at most ``limit`` bytes."""
    whole: list[Path] = []
    for path, bytes_, used in entries():
        if not path.name.startswith(".part-"):
            whole.append(path)
        elif time.time() - used > _LEFT_BEHIND:  # by a run that was killed
            _remove(path)
        else:  # being filled
            limit -= bytes_
    evict(whole, limit, remove=_remove)


def _reserve(path: str) -> None:
    """Take the room on the disk now: a write to a mapped file that finds none kills the process."""
    size = os.path.getsize(path)
    if hasattr(os, "posix_fallocate"):
        with open(path, "r+b") as file:
            os.posix_fallocate(file.fileno(), 0, size)
    elif shutil.disk_usage(path).free < size:
        raise OSError("The disk is full.")


def _remove(path: Path) -> None:
    for part in (path, path.with_suffix(".json")):
        with contextlib.suppress(OSError):
            part.unlink()


def _checksum(pixels: np.ndarray) -> int:
    return zlib.crc32(np.ascontiguousarray(pixels).reshape(-1).view(np.uint8).data)
