"""One network trained on data that are ready: until it gets no better, then refitted if chosen."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from maeum.callbacks import Callback, EarlyStopping
from maeum.core.messages import _
from maeum.experiment import events as told
from maeum.experiment.events import Listener
from maeum.experiment.task import Task
from maeum.models import Model
from maeum.training.backup import Backup
from maeum.training.interrupts import Stop


class Fitted(NamedTuple):
    """A network that was trained.

    Attributes:
        network: the network.
        data: what it was trained on, with what the validation part decided.
        history: the values of each epoch.
        best: the epoch whose weights were kept, from 0.
        refitted: whether the network was trained again on the validation part, too.
        folded: whether it was validated with folds of what it was trained on.
    """

    network: Model
    data: Any
    history: dict[str, list[float]]
    best: int
    refitted: bool
    folded: bool = False


@dataclass(frozen=True)
class Course:
    """How networks are trained, and who hears of it.

    Attributes:
        task: what is done.
        tell: is told what happens.
        live: whether it is told how far an epoch is, too.
        stop: whether Ctrl-C asked to stop.
        callbacks: further callbacks; they do not attend the refitting.
        verbose: as for ``fit``.
        backup: where the training goes on when it was broken off; None for nowhere.
    """

    task: Task
    tell: Listener
    live: bool
    stop: Stop
    callbacks: Sequence[Any] = ()
    verbose: int | str = 0
    backup: Backup | None = None

    def fit(self, data: Any, step: str = "", epochs: int | None = None) -> Fitted:
        """Train until the validation loss gets no better, then refit if so chosen.

        Args:
            data: what the task's ``prepare`` returned.
            step: the folder of its checkpoints in that of the backup.
            epochs: train just so many, without looking for the best one; not what finds it in
                folds of its own rows.

        Raises:
            KeyboardInterrupt: if Ctrl-C came before the first epoch was over.
        """
        task, stop, options = self.task, self.stop, data.options
        arguments = task.fit_arguments(data, False)
        folded = arguments.get("folds") is not None
        watched = folded or arguments.get("validation_data") is not None
        epochs, first = None if folded else epochs, task.first_judged(data)
        most = epochs or options.epochs or 1
        stopping = EarlyStopping(
            "val_loss" if watched else "loss",
            patience=most if epochs else options.patience or most,
            restore_best_weights=watched,
            start_from_epoch=first,
        )
        # What nothing would stop need not have a loss to watch: a GAN has two.
        stops = [stopping] if watched or options.patience else []
        callbacks = [*stops, *self.callbacks]
        network, history = self._fit(data, f"{step}training", callbacks, most, arguments)
        over = len(history.epoch)
        stop.asked = history.interrupted
        if stop.asked and not over:
            said = _("stopped before the first epoch was over: there is no network yet")
            raise KeyboardInterrupt(said)
        best = stopping.best_epoch if watched and over > first else over - 1
        if epochs is None:
            network, data = task.decide(network, data, self.tell)
        refitted = False
        if stop.asked:
            self.tell(told.Stopped(over))
        elif watched and task.refits(data):
            self.tell(told.Refitting(best + 1))
            again = task.fit_arguments(data, True)
            second, later = self._fit(data, f"{step}refitting", [], best + 1, again)
            stop.asked, refitted = later.interrupted, not later.interrupted
            if refitted:
                network = second
            else:
                self.tell(told.RefitStopped())
        return Fitted(network, data, history.history, best, refitted, folded)

    def _fit(
        self, data: Any, step: str, callbacks: list[Any], epochs: int, arguments: dict[str, Any]
    ) -> Any:
        network = self.task.build(data)
        callbacks = [*callbacks, *self.task.callbacks(data), _EventTeller(self.tell, self.live)]
        arguments["callbacks"] = callbacks
        if self.backup is not None:
            arguments["backup"] = replace(self.backup, folder=Path(self.backup.folder) / step)
        return network, network.fit(epochs=epochs, verbose=self.verbose, **arguments)


class _EventTeller(Callback):
    """Tells a listener how the training goes."""

    state_attributes = ("epochs", "best", "best_epoch")
    watches = True

    def __init__(self, tell: Listener, live: bool):
        self._tell = tell
        if live:  # only then is it worth being called within an epoch
            self.on_train_progress = self._progress  # type: ignore[method-assign]

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Begin."""
        self._began, self.epochs = time.perf_counter(), 0
        self.best: float | None = None
        self.best_epoch: int | None = None
        self._tell(told.TrainingBegan(self.params["epochs"]))

    def _progress(self, steps: int, logs: dict[str, float]) -> None:
        if self.params.get("steps"):
            self._tell(told.Progress(self.epochs, steps / self.params["steps"]))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Tell of the epoch."""
        logs = dict(logs or {})
        self.epochs = epoch + 1
        loss = logs.get("val_loss")
        if loss is not None and (self.best is None or loss < self.best):
            self.best, self.best_epoch = loss, epoch
        self._tell(told.EpochEnded(epoch, self.params["epochs"], logs, self.best_epoch))

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Tell how long it took."""
        taken = time.perf_counter() - self._began
        self._tell(told.TrainingEnded(self.epochs, taken, self.best_epoch, self.best))
