"""Checkpoints on disk: whole ones only, the newest first, and one training to a folder.

A file is a line that names the format, the SHA-256 of all else, a length, JSON of that length, and
arrays in the safetensors format. One that was cut off or altered anywhere is not taken for whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from maeum.core import tensors
from maeum.core.errors import ModelFileError, SaveError
from maeum.core.files import lock, write_atomically

FORMAT = 1
_TITLE = b"maeum checkpoint "
_PATTERN = "checkpoint-*.maeum-checkpoint"


class Checkpoint(NamedTuple):
    """What a checkpoint file holds: arrays by name, and all else as JSON."""

    arrays: Mapping[str, np.ndarray]
    facts: dict[str, Any]


def to_bytes(checkpoint: Checkpoint) -> bytes:
    """Return the bytes of a checkpoint file."""
    title = _TITLE + str(FORMAT).encode()
    facts = json.dumps(checkpoint.facts).encode()
    body = [len(facts).to_bytes(8, "little"), facts, tensors.pack(checkpoint.arrays)]
    return b"".join([title, b"\n", _digest(title, *body), b"\n", *body])


def from_bytes(data: bytes) -> Checkpoint | None:
    """Return the checkpoint that bytes hold; None if they are damaged.

    Raises:
        ModelFileError: if a newer version of Maeum wrote them.
    """
    title, _newline, rest = data.partition(b"\n")
    digest, body = rest[:64], memoryview(rest)[65:]
    if rest[64:65] != b"\n" or digest != _digest(title, body):
        return None
    written = int(title.removeprefix(_TITLE))
    if written > FORMAT:
        raise ModelFileError(
            "The checkpoint was written in format {written}; this version of Maeum reads "
            "formats up to {known}. Update Maeum, or start again in another folder.",
            written=written,
            known=FORMAT,
        )
    start = 8 + int.from_bytes(body[:8], "little")
    return Checkpoint(tensors.unpack(bytes(body[start:])), json.loads(bytes(body[8:start])))


def _digest(*parts: bytes | memoryview) -> bytes:
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest().encode()


class CheckpointFolder:
    """A folder of numbered checkpoints, which one process at a time may use.

    Args:
        folder: the folder; it is made if it is missing.
        keep: how many checkpoints are kept: older ones serve if the newest is damaged.
    """

    def __init__(self, folder: str | os.PathLike, keep: int = 2):
        self.path = Path(folder)
        self.keep = keep

    @contextlib.contextmanager
    def locked(self) -> Iterator[CheckpointFolder]:
        """Keep the folder for this process; the lock ends with the process, however it ends.

        Raises:
            SaveError: if another process has it, or it cannot be written.
        """
        folder = str(self.path)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            file = open(self.path / "lock", "ab")  # noqa: SIM115 (closed below)
            locked = lock(file)
        except OSError as error:
            raise SaveError(
                "Checkpoints cannot be written to {folder!r} ({reason}). Choose another folder.",
                folder=folder,
                reason=error.strerror or error,
            ) from error
        with file:  # closing it ends the lock
            if not locked:
                raise SaveError(
                    "Another process is training with the checkpoints of {folder!r}. Wait "
                    "until it ends, or choose another folder.",
                    folder=folder,
                )
            yield self

    def newest(self) -> Checkpoint | None:
        """Return the newest whole checkpoint; None if there is none.

        Raises:
            ModelFileError: if it was written by a newer version, or all there are are damaged.
        """
        numbered = self._numbered()
        for path in reversed(numbered.values()):
            with contextlib.suppress(OSError):  # what cannot be read serves as little as damage
                found = from_bytes(path.read_bytes())
                if found is not None:
                    return found
        if numbered:
            raise ModelFileError(
                "None of the checkpoints in {folder!r} is whole. Delete the folder to start "
                "again, or choose another.",
                folder=str(self.path),
            )
        return None

    def write(self, checkpoint: Checkpoint) -> None:
        """Write the next checkpoint, then delete those that are too many.

        Raises:
            SaveError: if it could not be written; those before are still there.
        """
        numbered = self._numbered()
        number = max(numbered, default=0) + 1
        name = _PATTERN.replace("*", f"{number:08d}")
        write_atomically(self.path / name, to_bytes(checkpoint))
        self._delete([path for n, path in numbered.items() if n <= number - self.keep])

    def clear(self) -> None:
        """Delete all checkpoints."""
        self._delete(self._numbered().values())

    def _numbered(self) -> dict[int, Path]:
        """Return the files by their number; the clock has no say in which is newer."""
        found = {}
        for path in self.path.glob(_PATTERN):
            number = path.name.removeprefix("checkpoint-").partition(".")[0]
            if number.isdigit():
                found[int(number)] = path
        return dict(sorted(found.items()))

    def _delete(self, paths: Any) -> None:
        for path in paths:
            with contextlib.suppress(OSError):
                path.unlink()
        for left in self.path.glob(".maeum-*"):  # of a process that was killed while it wrote
            with contextlib.suppress(OSError):
                left.unlink()
