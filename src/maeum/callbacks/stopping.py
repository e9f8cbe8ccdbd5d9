"""Callbacks that stop a training or keep its best model."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from maeum.callbacks.callback import Callback, Logs, check_save_freq
from maeum.callbacks.monitor import MonitoringCallback
from maeum.core.errors import ConfigError, nearest
from maeum.core.files import check_format
from maeum.core.messages import N_, _


@dataclass(eq=False)
class EarlyStopping(MonitoringCallback):
    """Stop when the monitored value has not improved for some epochs.

    Args:
        monitor: the name in the logs.
        min_delta: the least change that counts as an improvement.
        patience: how many epochs without improvement before stopping.
        verbose: 1 to say when it stops.
        mode: ``"min"``, ``"max"`` or ``"auto"``.
        baseline: a value that has to be beaten for the patience to start again.
        restore_best_weights: end with the weights of the best epoch.
        start_from_epoch: epochs before it are ignored.

    Attributes:
        stopped_epoch: the epoch that was the last, 0 if the training was not stopped.
        best_epoch: the epoch with the best value.
    """

    state_attributes = ("best", "wait", "best_epoch", "stopped_epoch", "best_weights")

    stopped_epoch = 0

    monitor: str = "val_loss"
    min_delta: float = 0
    patience: int = 0
    verbose: int = 0
    mode: str = "auto"
    baseline: float | None = None
    restore_best_weights: bool = False
    start_from_epoch: int = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start again."""
        self.begin()
        self.best_weights: Any = None
        self.best_epoch = self.wait = self.stopped_epoch = 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare the epoch with the best one."""
        value = self.monitored(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        if self.is_better(value, self.best):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            # The patience starts again only when the baseline is beaten as well.
            if self.baseline is None or self.is_better(value, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Say that it stopped, and bring the best weights back."""
        if self.stopped_epoch and self.verbose:
            print(_("Epoch {epoch}: early stopping", epoch=self.stopped_epoch + 1))
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose:
                epoch = self.best_epoch + 1
                print(_("Restoring the weights of the best epoch: {epoch}.", epoch=epoch))
            self.model.set_weights(self.best_weights)


@dataclass(eq=False)
class ModelCheckpoint(MonitoringCallback):
    """Save the model, or its weights, after every epoch or whenever it is the best one yet.

    Args:
        filepath: the file; ``{epoch:02d}`` and the names of the logs are filled in.
        monitor: the name in the logs.
        verbose: 1 to say what is saved.
        save_best_only: save only when the monitored value is the best so far.
        save_weights_only: save with ``save_weights`` (``*.safetensors``).
        mode: ``"min"``, ``"max"`` or ``"auto"``.
        save_freq: ``"epoch"``, or a number of batches.
        initial_value_threshold: the value that has to be beaten first.
    """

    state_attributes = ("best", "_epoch", "_batches")

    filepath: str | os.PathLike
    monitor: str = "val_loss"
    verbose: int = 0
    save_best_only: bool = False
    save_weights_only: bool = False
    mode: str = "auto"
    save_freq: str | int = "epoch"
    initial_value_threshold: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.best = self.initial_value_threshold
        check_save_freq(self.save_freq)
        check_format(self.filepath, ".safetensors" if self.save_weights_only else ".maeum")
        self.filepath = os.fspath(self.filepath)
        self._epoch = self._batches = 0
        if self.save_freq != "epoch":  # only then is it called for each batch
            self.on_train_batch_end = self._count_batch  # type: ignore[method-assign]

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Find out what is better."""
        best = self.best
        if self.save_best_only:
            self.begin()
        self.best = best

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Note the epoch."""
        self._epoch = epoch

    def _count_batch(self, batch: int, logs: Logs | None = None) -> None:
        self._batches += 1
        if self._batches % int(self.save_freq) == 0:
            self._save(self._epoch, {"batch": batch + 1, **(logs or {})})

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save if it is time."""
        if self.save_freq == "epoch":
            self._save(epoch, logs or {})

    def _save(self, epoch: int, logs: dict[str, Any]) -> None:
        if self.save_best_only:
            value = self.monitored(logs)
            if value is not None and not self.is_better(value, self.best):
                return
            self.best = self.best if value is None else value  # without a value save every time
        try:
            path = os.fspath(self.filepath).format(epoch=epoch + 1, **logs)
        except KeyError as error:
            name = error.args[0]
            raise ConfigError(
                "The path {filepath!r} names {name!r}, which is not among: epoch, {logs}.{hint}",
                filepath=os.fspath(self.filepath),
                name=name,
                logs=", ".join(logs),
                hint=nearest(name, logs),
            ) from None
        if self.verbose:
            print(_("Epoch {epoch}: saving to {path}", epoch=epoch + 1, path=path))
        if self.save_weights_only:
            self.model.save_weights(path)
        else:
            self.model.save(path)


@dataclass(eq=False)
class TerminateOnNaN(Callback):
    """End the training when the loss becomes NaN or infinite.

    Args:
        raise_error: end it with the error that there is without this callback, too.
    """

    raise_error: bool = False

    def on_nonfinite_loss(self, epoch: int, step: int) -> bool:
        """Stop."""
        if self.raise_error:
            return False
        said = N_("Epoch {epoch}, step {step}: the loss is not finite; the training ends.")
        print(_(said, epoch=epoch + 1, step=step))
        self.model.stop_training = True
        return True
