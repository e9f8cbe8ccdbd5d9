"""From data that are ready to a tested network: train, stop, refit, test, compare."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from maeum.callbacks import Callback, EarlyStopping
from maeum.core.messages import N_, _
from maeum.experiment import events as told
from maeum.experiment.events import Listener
from maeum.experiment.run import versions
from maeum.experiment.task import Task
from maeum.experiment.trained import Trained
from maeum.models import Model
from maeum.training.backup import Backup
from maeum.training.class_weights import balanced_class_weights
from maeum.training.interrupts import Stop

NETWORK = N_("Maeum network")


def fit_arguments(
    options: Any, train: Any, validation: Any, labels: Any = None, at_once: int = 256
) -> dict[str, Any]:
    """Return what ``fit`` takes of the parts of some data.

    Args:
        options: those of the training.
        train: ``(x, y)``, or batches.
        validation: the same; None, or without rows, if there is none.
        labels: the class numbers to train with, if classes are learnt.
        at_once: the rows of a step of validation.
    """
    found: dict[str, Any] = {"x": train}
    if isinstance(train, tuple):
        found = {"x": train[0], "y": train[1], "batch_size": options.batch_size}
    if labels is not None and options.balance:
        found["class_weight"] = balanced_class_weights(labels)
    if isinstance(validation, tuple) and len(validation[1]):
        found |= {"validation_data": validation, "validation_batch_size": at_once}
    elif validation is not None and not isinstance(validation, tuple):
        found["validation_data"] = validation
    return found


def train(
    task: Task,
    data: Any,
    *,
    events: Listener = told.ignore,
    callbacks: Iterable[Any] = (),
    verbose: int | str = 0,
    report: bool = True,
    backup: Backup | str | os.PathLike | None = None,
    tell: Callable[[str], Any] | None = None,
) -> Trained:
    """Train a network on data that are ready, test it, and compare it with other models.

    Ctrl-C ends the training: the network of the best epoch so far is tested and returned. While
    the network is compared it ends the comparison; a second time, it ends everything.

    Args:
        task: what is done.
        data: what its ``prepare`` returned.
        events: is told what happens, see `maeum.experiment.events`.
        callbacks: further callbacks of the training; they do not attend the refitting.
        verbose: 1 for a progress display of the training.
        report: whether to compute what only a report needs (other models).
        backup: a folder that the training goes on from when it was broken off, or a `Backup`.
        tell: the former way to listen: is told every event as a sentence.

    Raises:
        KeyboardInterrupt: if Ctrl-C came before the first epoch was over.
    """
    notes: list[str] = []

    def say(event: told.Event) -> None:
        if isinstance(event, (told.Note, told.Stopped, told.RefitStopped, told.ComparisonStopped)):
            notes.append(str(event))
        events(event)
        if tell is not None:
            tell(str(event))

    for event in task.describe(data):
        say(event)
    seconds, stop = dict(data.seconds), Stop()
    with _timed(seconds, N_("training")):
        how = [*callbacks], verbose, backup
        network, history, best, refitted = _fit(task, data, say, events, stop, *how)
    model = task.wrap(network, data)
    asked = stop.asked
    with stop.listening(), _timed(seconds, N_("testing")):  # which Ctrl-C does not throw away
        found = task.score(model, data)
    models = [{"name": NETWORK, "metrics": found["metrics"], "seconds": seconds["training"]}]
    if stop.asked and not asked:
        say(told.ComparisonStopped())
    elif report:
        try:
            say(told.Comparing())
            with _timed(seconds, N_("comparing")):
                models += task.baselines(model, data)
            with _timed(seconds, N_("examining")):
                found |= task.examine(model, data, found, say)
        except KeyboardInterrupt:
            if stop.asked:  # for the second time
                raise
            say(told.ComparisonStopped())
        say(told.Compared(models))
    summary: list[str] = []
    network.summary(print_fn=summary.append)
    settings = data.options.to_json()
    if "refit" in settings:
        settings["refit"] = refitted
    run = task.run(
        source=data.source,
        notes=notes,
        rows=dict(data.sizes),
        things=model.things,
        history=history,
        best_epoch=best,
        models=models,
        network="\n".join(summary),
        settings=settings,
        seconds=seconds,
        versions=versions(),
        **found,
    )
    shared = {name: getattr(run, name) for name in ("source", "metrics", "rows", "settings")}
    model.facts = shared | task.facts(run)
    return Trained(model, run, task, asked)


def _fit(
    task: Task,
    data: Any,
    tell: Listener,
    events: Listener,
    stop: Stop,
    callbacks: list[Any],
    verbose: int | str,
    backup: Any,
) -> tuple[Model, dict[str, list[float]], int, bool]:
    """Train until the validation loss gets no better, then anew on its part too if so chosen.

    Returns:
        The network, its history, the best epoch, and whether the network was refitted.
    """
    options = data.options

    def fit(step: str, callbacks: list[Any], epochs: int, arguments: dict[str, Any]) -> Any:
        network = task.build(data)
        arguments["callbacks"] = [*callbacks, *task.callbacks(data), _EventTeller(tell, events)]
        if backup is not None:  # where both trainings go on when they were broken off
            how = backup if isinstance(backup, Backup) else Backup(backup)
            arguments["backup"] = replace(how, folder=Path(how.folder) / step)
        return network, network.fit(epochs=epochs, verbose=verbose, **arguments)

    arguments = task.fit_arguments(data, False)
    watched, first = arguments.get("validation_data") is not None, task.first_judged(data)
    most = options.epochs or 1
    stopping = EarlyStopping(
        "val_loss" if watched else "loss",
        patience=options.patience or most,
        restore_best_weights=watched,
        start_from_epoch=first,
    )
    network, history = fit("training", [stopping, *callbacks], most, arguments)
    epochs = len(history.epoch)
    stop.asked = history.interrupted
    if stop.asked and not epochs:
        said = _("stopped before the first epoch was over: there is no network yet")
        raise KeyboardInterrupt(said)
    best = stopping.best_epoch if watched and epochs > first else epochs - 1
    refitted = False
    if stop.asked:
        tell(told.Stopped(epochs))
    elif watched and task.refits(data):
        tell(told.Refitting(best + 1))
        second, again = fit("refitting", [], best + 1, task.fit_arguments(data, True))
        stop.asked, refitted = again.interrupted, not again.interrupted
        if refitted:
            network = second
        else:
            tell(told.RefitStopped())
    return network, history.history, best, refitted


class _EventTeller(Callback):
    """Tells a listener how the training goes."""

    state_attributes = ("epochs", "best", "best_epoch")

    def __init__(self, tell: Listener, events: Listener):
        self._tell = tell
        if getattr(events, "live", False):  # only then is it worth being called within an epoch
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


@contextmanager
def _timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[step] = time.perf_counter() - began
