"""Files that can be made again, in folders that do not grow without bound."""

from __future__ import annotations

import atexit
import contextlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

PROGRAMS = 10_000  # compiled programs that are kept
PROGRAM_BYTES = 10**9


def evict(
    paths: Iterable[Path],
    most_bytes: float,
    most_files: float = float("inf"),
    remove: Callable[[Path], object] = os.unlink,
) -> int:
    """Remove the files that were used longest ago, until the rest is few and small enough.

    A file was used when it was read or written last. (File systems note a reading once a day, or,
    mounted with ``noatime``, not at all; then it is the writing that counts.)

    Args:
        paths: the files; those that vanish meanwhile are no matter.
        most_bytes: what the rest may take.
        most_files: how many may stay.
        remove: removes one.

    Returns:
        How many were removed.

    Example:
        >>> Path("a").write_bytes(b"12345")
        5
        >>> evict([Path("a")], most_bytes=5), evict([Path("a")], most_bytes=4)
        (0, 1)
    """
    found: list[tuple[float, Path, int]] = []
    for path in paths:
        with contextlib.suppress(OSError):
            of = path.stat()
            found.append((max(of.st_atime, of.st_mtime), path, of.st_size))
    total, count = sum(size for _used, _path, size in found), len(found)
    removed = 0
    for _used, path, size in sorted(found):
        if total <= most_bytes and count <= most_files:
            break
        with contextlib.suppress(OSError):
            remove(path)
            removed += 1
        total, count = total - size, count - 1
    return removed


def bound_at_exit(folder: Path) -> None:
    """Bound the folder of the compiled programs when the process ends, if it has added any."""
    before = _changed(folder)

    def bound() -> None:
        with contextlib.suppress(OSError, KeyboardInterrupt):
            if _changed(folder) != before:
                evict(folder.iterdir(), PROGRAM_BYTES, PROGRAMS)

    atexit.register(bound)


def _changed(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0
