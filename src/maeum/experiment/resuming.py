"""Trainings that were broken off: their checkpoints beside the results, and going on from them."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from maeum.training.backup import Backup
from maeum.training.checkpoint_files import CheckpointFolder

_MINUTES = 1.0  # between two checkpoints within an epoch


def is_unfinished(folder: Path) -> bool:
    """Tell whether a folder of results holds a training that was broken off."""
    return any(_within(folder).rglob("*.maeum-checkpoint"))


@contextlib.contextmanager
def checkpoints(folder: Path, goes_on: Callable[[], bool]) -> Iterator[Backup]:
    """Keep the checkpoints of a folder of results for this process, and say how to write them.

    Args:
        folder: the folder of the results.
        goes_on: asked if there are checkpoints already, tells whether to go on from them; else
            they are deleted.

    Raises:
        SaveError: if another process is training there, or nothing can be written.
    """
    place = _within(folder)
    with CheckpointFolder(place).locked():
        if is_unfinished(folder) and not goes_on():
            _delete(place)
        yield Backup(place, minutes=_MINUTES)


def finish(folder: Path) -> None:
    """Delete the checkpoints of a training whose results are written."""
    _delete(_within(folder))
    shutil.rmtree(_within(folder), ignore_errors=True)


def _within(folder: Path) -> Path:
    return folder / "checkpoints"


def _delete(place: Path) -> None:
    for inner in place.iterdir():
        if inner.is_dir():
            shutil.rmtree(inner, ignore_errors=True)
