"""Callbacks that change the learning rate."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
        for optimizer in _tuned(self):
            if _takes_rate(self.schedule):
                optimizer.learning_rate = self.schedule(epoch, float(optimizer.learning_rate))
            else:
                optimizer.learning_rate = self.schedule(epoch)
            if self.verbose:
                rate = float(optimizer.learning_rate)
                said = N_("Epoch {epoch}: the learning rate is {rate:g}.")
                print(_(said, epoch=epoch + 1, rate=rate))

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write it into the logs."""
        _log_rates(self, logs)


def _tuned(callback: Callback) -> list[Any]:
    """Return the optimizers whose learning rate a callback sets; raise if they have a schedule."""
    optimizer = callback.model.optimizer
    optimizers = getattr(optimizer, "optimizers", [optimizer])
    if any(one.follows_schedule for one in optimizers):
        message = _("The optimizer follows a schedule, which {callback} would take the place of. "
                    "Compile with a number as its learning_rate, or leave the callback out.",
                    callback=type(callback).__name__)  # fmt: skip
        raise TypeError(message)
    return optimizers


def _log_rates(callback: Callback, logs: Logs | None) -> None:
    """Write the learning rates into the logs, several with a number."""
    optimizers = _tuned(callback)
    for i, optimizer in enumerate(optimizers if logs is not None else ()):
        name = "learning_rate" if len(optimizers) == 1 else f"learning_rate_{i}"
        logs[name] = float(optimizer.learning_rate)  # type: ignore[index]


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

    state_attributes = ("best", "wait", "cooldown_counter")

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
        self.wait = self.cooldown_counter = 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare the epoch with the best one."""
        _log_rates(self, logs)
        value = self.monitored(logs)
        if value is None:
            return
        if self.cooldown_counter:
            self.cooldown_counter -= 1
            self.wait = 0
        if self.is_better(value, self.best):
            self.best, self.wait = value, 0
        elif not self.cooldown_counter:
            self.wait += 1
            if self.wait >= self.patience:
                self._lower(epoch)

    def _lower(self, epoch: int) -> None:
        for optimizer in _tuned(self):
            rate = float(optimizer.learning_rate)
            if rate <= np.float32(self.min_lr):
                continue
            optimizer.learning_rate = max(rate * self.factor, self.min_lr)
            self.cooldown_counter, self.wait = self.cooldown, 0
            if self.verbose:
                rate = float(optimizer.learning_rate)
                said = N_("Epoch {epoch}: the learning rate is lowered to {rate:g}.")
                print(_(said, epoch=epoch + 1, rate=rate))
