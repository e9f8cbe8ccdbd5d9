"""Keras's callback for trainings that go on after they were interrupted."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from maeum.callbacks.callback import Callback, check_save_freq
from maeum.core.errors import ConfigError


@dataclass(eq=False)
class BackupAndRestore(Callback):
    """Let ``fit`` write checkpoints, and go on from the newest one if it was interrupted.

    It is Keras's name for ``fit(..., backup=maeum.training.Backup(...))``. As in Keras, no
    checkpoint is skipped because of the time it takes, and they are deleted when the training is
    over.

    Args:
        backup_dir: the folder of the checkpoints, for this training alone.
        save_freq: ``"epoch"``, or a number of steps.
        double_checkpoint: with a number of steps, write one after every epoch, too.
        delete_checkpoint: whether they are deleted when the training is over.

    Example:
        >>> import numpy as np, maeum as mm
        >>> model = mm.Sequential([mm.Input((2,)), mm.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> safe = BackupAndRestore("backup")
        >>> history = model.fit(np.ones((4, 2)), np.ones(4), verbose=0, callbacks=[safe])
    """

    backup_dir: str | os.PathLike
    save_freq: str | int = "epoch"
    double_checkpoint: bool = False
    delete_checkpoint: bool = True

    def __post_init__(self) -> None:
        check_save_freq(self.save_freq)
        if not self.backup_dir:
            raise ConfigError(
                "backup_dir is the folder of the checkpoints; got {backup_dir!r}.",
                backup_dir=self.backup_dir,
            )
        self.backup_dir = os.fspath(self.backup_dir)

    @property
    def backup(self) -> dict[str, Any]:
        """What `maeum.training.Backup` is made with."""
        steps = None if self.save_freq == "epoch" else int(self.save_freq)
        epochs = 1 if steps is None or self.double_checkpoint else None
        when = {"epochs": epochs, "steps": steps, "overhead": 1}
        return {"folder": self.backup_dir, "delete": self.delete_checkpoint, **when}
