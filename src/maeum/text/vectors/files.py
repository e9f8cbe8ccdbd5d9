"""Writing large files so that a failure leaves what was there before."""

from __future__ import annotations

import contextlib
import gzip
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from maeum.core.errors import SaveError


@contextlib.contextmanager
def writing(path: str | os.PathLike) -> Iterator[BinaryIO]:
    """Open a temporary file beside ``path``, which takes its place when all is written.

    A path that ends in ``.gz`` is packed. Folders that are missing are made.

    Raises:
        SaveError: if it cannot be written; a file that was there before is still whole.

    Example:
        >>> with writing("words.txt") as file:
        ...     _ = file.write(b"maeum")
        >>> Path("words.txt").read_text()
        'maeum'
    """
    temporary = None
    try:
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError("it is a folder")
        handle, temporary = tempfile.mkstemp(prefix=".maeum-", dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            if target.suffix == ".gz":
                with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed:
                    yield packed  # type: ignore[misc]
            else:
                yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
        temporary = None
    except OSError as error:
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
