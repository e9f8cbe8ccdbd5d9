"""Writing files so that a failure leaves what was there before."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from maeum.core.errors import SaveError


def write_atomically(path: str | os.PathLike, data: bytes, overwrite: bool = True) -> None:
    """Write ``data`` to a temporary file beside ``path``, sync it, and rename it.

    Folders that are missing are made; a symbolic link stays one, and what it points to is written.

    Raises:
        SaveError: if it cannot be written, or is there and must not be overwritten; a file that
            was there before is still whole.
    """
    temporary = None
    try:
        target = Path(os.path.realpath(path))
        if not overwrite and os.path.lexists(target):
            raise FileExistsError("it is there already, and overwrite=False was given")
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError("it is a folder")
        handle, temporary = tempfile.mkstemp(prefix=".maeum-", dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
        temporary = None
    except (OSError, ValueError) as error:
        raise SaveError(
            f"{str(path)!r} could not be written ({getattr(error, 'strerror', None) or error}). "
            "What was there before is unchanged. Choose another place, or make room on the disk."
        ) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
