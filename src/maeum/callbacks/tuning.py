"""Callbacks that change the learning rate."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from maeum.callbacks.callback import Callback, Logs
from maeum.callbacks.monitor import MonitoringCallback
from maeum.core.checks import check_fraction
from maeum.core.messages import N_, _


@dataclass(eq=False)
class LearningRateScheduler(Callback):
    """Set the learning rate before every epoch.

    Args:
        schedule: ``schedule(epoch, learning_rate) -> learning_rate``, or ``schedule(epoch)``.
        verbose: 1 to say what it is set to.
    """

    schedule: Callable[..., float]
    verbose: int = 0

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Set the learning rate."""
        optimizer = self.model.optimizer
        if _takes_rate(self.schedule):
            optimizer.learning_rate = self.schedule(epoch, float(optimizer.learning_rate))
        else:
            optimizer.learning_rate = self.schedule(epoch)
        if self.verbose:
            rate = float(self.model.optimizer.learning_rate)
            print(_("Epoch {epoch}: the learning rate is {rate:g}.", epoch=epoch + 1, rate=rate))

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write it into the logs."""
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)


def _takes_rate(schedule: Callable[..., float]) -> bool:
    try:
        inspect.signature(schedule).bind(0, 0.1)
    except TypeError:
        return False
    return True


@dataclass(eq=False)
class ReduceLROnPlateau(MonitoringCallback):
    """Lower the learning rate when the monitored value has stopped improving.

    Args:
        monitor: the name in the logs.
        factor: what the learning rate is multiplied by.
        patience: how many epochs without improvement before it is lowered.
        verbose: 1 to say when it is lowered.
        mode: ``"min"``, ``"max"`` or ``"auto"``.
        min_delta: the least change that counts as an improvement.
        cooldown: how many epochs after a change are ignored.
        min_lr: the learning rate is never lowered below it.
    """

    state_attributes = ("best", "_wait", "_resting")

    monitor: str = "val_loss"
    factor: float = 0.1
    patience: int = 10
    verbose: int = 0
    mode: str = "auto"
    min_delta: float = 1e-4
    cooldown: int = 0
    min_lr: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_fraction(self.factor, "factor", zero=False)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start again."""
        self.begin()
        self._wait = self._resting = 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare the epoch with the best one."""
        optimizer = self.model.optimizer
        rate = float(optimizer.learning_rate)
        if logs is not None:
            logs["learning_rate"] = rate
        value = self.monitored(logs)
        if value is None:
            return
        if self._resting:
            self._resting -= 1
            self._wait = 0
        if self.is_better(value, self.best):
            self.best, self._wait = value, 0
        elif not self._resting:
            self._wait += 1
            if self._wait >= self.patience and rate > np.float32(self.min_lr):
                optimizer.learning_rate = max(rate * self.factor, self.min_lr)
                self._resting, self._wait = self.cooldown, 0
                if self.verbose:
                    rate = float(optimizer.learning_rate)
                    said = N_("Epoch {epoch}: the learning rate is lowered to {rate:g}.")
                    print(_(said, epoch=epoch + 1, rate=rate))
