"""From data that are ready to a tested network: train, stop, refit, test, compare."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from maeum.core.messages import N_
from maeum.experiment import events as told
from maeum.experiment.crossing import cross_validate, said_of, usual_epochs
from maeum.experiment.events import Listener
from maeum.experiment.fitting import Course
from maeum.experiment.run import Said, versions
from maeum.experiment.task import Task
from maeum.experiment.trained import Trained
from maeum.training.backup import Backup
from maeum.training.class_weights import balanced_class_weights
from maeum.training.interrupts import Stop


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
    keep = backup if isinstance(backup, Backup) or backup is None else Backup(backup)
    live = bool(getattr(events, "live", False))
    course = Course(task, say, live, stop, [*callbacks], verbose, keep)
    pooled: dict[str, Any] = {}
    with told.heard_by(say):
        with _timed(seconds, N_("training")):
            tests, made = cross_validate(course, task.folds(data), report)
            if tests:
                data, pooled, others = task.pool(data, tests, say)
                epochs = usual_epochs(tests)
                say(told.Note(said_of(tests, epochs)))
                made = course.fit(data, epochs=epochs)
            network, data, history, best, refitted, _folded = made or task.fit(course, data)
        model = task.wrap(network, data)
        asked = stop.asked
        with stop.listening(), _timed(seconds, N_("testing")):  # which Ctrl-C does not throw away
            found = pooled or task.score(model, data)
        models = [{"name": task.name_of(network), "metrics": found["metrics"],
                   "seconds": seconds["training"]}]  # fmt: skip
        if stop.asked and not asked:
            say(told.ComparisonStopped())
        elif report:
            try:
                if type(task).baselines is not Task.baselines:
                    say(told.Comparing())
                with _timed(seconds, N_("comparing")):
                    models += others if pooled else task.baselines(model, data)
                with _timed(seconds, N_("examining")):
                    found |= task.examine(model, data, found, say)
            except KeyboardInterrupt:
                if stop.asked:  # for the second time
                    raise
                say(told.ComparisonStopped())
            say(told.Compared([_figures(model) for model in models]))
    predictions = {
        m["name"]: Said(m["prediction"], m.get("threshold", 0.5)) for m in models[1:]
        if "prediction" in m
    }  # fmt: skip
    settings = data.options.to_json() | task.chosen(data)
    settings |= {"balance": bool(settings["balance"])} if "balance" in settings else {}
    if "refit" in settings:
        settings["refit"] = refitted
    run = task.run(
        source=data.source,
        notes=notes,
        rows=dict(data.sizes),
        things=model.things,
        history=history,
        best_epoch=best,
        models=[_figures(model) for model in models],
        network=task.summary(network),
        settings=settings,
        seconds=seconds,
        versions=versions(),
        predictions=predictions,
        **found,
    )
    names = ("source", "metrics", "rows", "settings", "versions")
    model.facts = {name: getattr(run, name) for name in names} | task.facts(run)
    return Trained(model, run, task, asked)


def _figures(model: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of a model but what it says of each row."""
    return {key: value for key, value in model.items() if not hasattr(value, "dtype")}


@contextmanager
def _timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[step] = time.perf_counter() - began
