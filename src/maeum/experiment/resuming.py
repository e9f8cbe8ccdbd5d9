"""Trainings that were broken off: their checkpoints beside the results, and going on from them."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from maeum.core.errors import MaeumError, SaveError
from maeum.training.backup import Backup
from maeum.training.checkpoint_files import CheckpointFolder

_MINUTES = 1.0  # between two checkpoints within an epoch


def is_unfinished(folder: Path) -> bool:
    """Tell whether a folder of results holds a training that was broken off."""
    return any(_within(folder).rglob("*.maeum-checkpoint"))


@contextlib.contextmanager
def checkpoints(folder: Path, goes_on: Callable[[], bool]) -> Iterator[Backup]:
    """Keep the checkpoints of a folder of results for this process, and say how to write them.

    Those of a new training that fails, or that Ctrl-C ends before there is a network, are deleted:
    it would fail again. One that cannot write its results keeps them, and so does one whose error
    says that it ``may_pass``.

    Args:
        folder: the folder of the results.
        goes_on: asked if there are checkpoints already, tells whether to go on from them; else
            they are deleted.

    Raises:
        SaveError: if another process is training there, or nothing can be written.
    """
    place = _within(folder)
    with CheckpointFolder(place).locked():
        resumed = is_unfinished(folder) and goes_on()
        if not resumed:
            finish(folder)
        try:
            yield Backup(place, minutes=_MINUTES)
        except (KeyboardInterrupt, MaeumError) as error:
            passes = isinstance(error, MaeumError) and error.may_pass
            if not resumed and not isinstance(error, SaveError) and not passes:
                finish(folder)
            raise
        finally:
            if not is_unfinished(folder):
                remove(folder)


def finish(folder: Path) -> None:
    """Delete the checkpoints of a training that is over."""
    for inner in _within(folder).iterdir():
        if inner.is_dir():
            shutil.rmtree(inner, ignore_errors=True)


def remove(folder: Path) -> None:
    """Delete the place of the checkpoints, and the folder if nothing else is in it."""
    shutil.rmtree(_within(folder), ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


def _within(folder: Path) -> Path:
    return folder / "checkpoints"
