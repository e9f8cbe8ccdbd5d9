"""Files: read, locked, and written so that a failure leaves what was there before."""

from __future__ import annotations

import contextlib
import gzip
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

from maeum.core.errors import ConfigError, ModelFileError, SaveError
from maeum.core.messages import _

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_FOREIGN = {".keras": "Keras's", ".h5": "HDF5", ".hdf5": "HDF5", ".pb": "TensorFlow's"}


def check_format(path: str | os.PathLike, ours: str) -> None:
    """Raise `ConfigError` for a name that promises another format than is written.

    Args:
        path: the file that is to be written.
        ours: the ending that it should have.

    Example:
        >>> check_format("model.maeum", ".maeum")
    """
    name = os.fspath(path)
    suffix = Path(os.fsdecode(name)).suffix.lower()
    if suffix in _FOREIGN:
        raise ConfigError(
            "{name!r} is named as a file of {format} format, which is not written here. Call it "
            "*{ours}; such files can be read, with load_weights.",
            name=os.fsdecode(name),
            format=_FOREIGN[suffix],
            ours=ours,
        )


def read_bytes(path: str | os.PathLike) -> bytes:
    """Return what a file holds.

    Raises:
        ModelFileError: if it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise ModelFileError(
            "{path!r} cannot be read: {reason}.", path=str(path), reason=reason
        ) from None


def lock(file: IO, wait: bool = False) -> bool:
    """Lock an open file for this process until it is closed.

    Args:
        file: the file.
        wait: whether to wait until no other process has it.

    Returns:
        Whether it is locked now, rather than another process's.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt  # type: ignore[import-not-found, unused-ignore]

        try:
            mode = msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK  # type: ignore[attr-defined, unused-ignore]
            msvcrt.locking(file.fileno(), mode, 1)  # type: ignore[attr-defined, unused-ignore]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def write_atomically(path: str | os.PathLike, data: bytes, overwrite: bool = True) -> None:
    """Write ``data`` to a temporary file beside ``path``, sync it, and rename it; see `writing`."""
    with writing(path, overwrite) as file:
        file.write(data)


@contextlib.contextmanager
def writing(
    path: str | os.PathLike, overwrite: bool = True, packed: bool = False
) -> Iterator[BinaryIO]:
    """Open a temporary file beside ``path``, which takes its place when all is written.

    Folders that are missing are made; a symbolic link stays one, and what it points to is written.

    Args:
        path: the file to write.
        overwrite: whether it may be there already.
        packed: whether what is written is packed by gzip.

    Raises:
        SaveError: if it cannot be written, or is there and must not be overwritten; a file that
            was there before is still whole.

    Example:
        >>> with writing("words.txt") as file:
        ...     _ = file.write(b"maeum")
        >>> Path("words.txt").read_text()
        'maeum'
    """
    temporary = None
    try:
        target = _target(path)
        if not overwrite and os.path.lexists(target):
            raise FileExistsError(_("it exists already, and overwrite=False was given"))
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(_("it is a folder"))
        temporary = target.parent / f".maeum-{secrets.token_hex(8)}"
        with os.fdopen(os.open(temporary, _NEW, 0o666), "wb") as file:
            if packed:
                with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as outer:
                    yield outer  # type: ignore[misc]
            else:
                yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
        temporary = None
        _sync_folder(target.parent)
    except OSError as error:
        raise SaveError(
            "{path!r} could not be written ({reason}). What was there before is unchanged. Choose "
            "another place, or make room on the disk.",
            path=str(path),
            reason=getattr(error, "strerror", None) or error,
        ) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _target(path: str | os.PathLike) -> Path:
    try:
        return Path(os.path.realpath(path))
    except ValueError as error:  # such as a zero byte within the name
        raise OSError(str(error)) from None


def _sync_folder(folder: Path) -> None:
    """Make the new name of a file last, where the system can do that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
