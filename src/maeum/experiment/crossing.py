"""Cross-validation: where rows are few, each is tested by a network that has not seen it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from maeum.core.messages import _
from maeum.experiment import events as told
from maeum.experiment.fitting import Course, Fitted
from maeum.report.wording import epochs as in_epochs

MANY = 30  # networks of a cross-validation, after which it is said that fewer would do


class Tested(NamedTuple):
    """One network of a cross-validation, and what it and others say of the rows it did not see.

    Attributes:
        data: the parts that it was trained and tested on.
        model: the network, with what prepares its data.
        found: what `Task.score` returned.
        others: what `Task.baselines` returned.
        best: the epoch whose weights were kept, from 0; None if folds of its own decided it.
    """

    data: Any
    model: Any
    found: dict[str, Any]
    others: list[dict[str, Any]]
    best: int | None


def cross_validate(
    course: Course, parts: Sequence[Any], compare: bool
) -> tuple[list[Tested], Fitted | None]:
    """Train and test one network for each of some divisions of the same data.

    Args:
        course: how they are trained.
        parts: the data, divided in several ways.
        compare: whether other models are trained, too.

    Returns:
        What each network and the others answered, and None. If Ctrl-C ended it, nothing, and the
        training that it ended.
    """
    if len(parts) > MANY:
        course.tell(told.Note(_("{n} networks are trained for the cross-validation, which takes "
                                "that many times as long; 5 to 10 (--folds 10) nearly always tell "
                                "as much.", n=len(parts))))  # fmt: skip
    quiet = replace(course, tell=_only_what_matters(course.tell), live=False)
    tests: list[Tested] = []
    for number, data in enumerate(parts, start=1):
        course.tell(told.Folding(number, len(parts)))
        made = quiet.fit(data, f"fold-{number}/")
        if course.stop.asked:
            return [], made
        model = course.task.wrap(made.network, made.data)
        found = course.task.score(model, made.data)
        others = course.task.baselines(model, made.data) if compare else []
        best = None if made.folded else made.best
        tests.append(Tested(made.data, model, found, others, best))
    return tests, None


def usual_epochs(tests: Sequence[Tested]) -> int | None:
    """Return for how many epochs the network of all rows is trained: the median of the others."""
    best = [test.best + 1 for test in tests if test.best is not None]
    return max(1, round(float(np.median(best)))) if best else None


def pooled_others(
    tests: Sequence[Tested], truth: np.ndarray, judge: Callable[..., dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the other models, each judged once on what it said of all rows in turn.

    Args:
        tests: what was said of which rows.
        truth: ``(n,)`` of all tested rows, in that order.
        judge: returns what is known of predictions: their ``metrics``, and perhaps more.
    """
    pooled = []
    for each in zip(*(test.others for test in tests)):
        prediction = np.concatenate([one["prediction"] for one in each])
        entry = {"name": each[0]["name"], "seconds": sum(one["seconds"] for one in each)}
        if all(one.get("constant") for one in each):  # nearly the same in every division
            prediction = np.broadcast_to(prediction.mean(axis=0), prediction.shape)
            entry["constant"] = True
        pooled.append(entry | {"prediction": prediction, **judge(truth, prediction)})
    return pooled


def said_of(tests: Sequence[Tested], epochs: int | None) -> str:
    """Return how the test was made, as a sentence."""
    if epochs is None:
        return _("Tested by cross-validation: {n} ensembles, each tested on {things} that it has "
                 "not seen. The ensemble that is kept is one more, trained on all {things}.",
                 n=len(tests), things=_(tests[0].model.things.name))  # fmt: skip
    return _("Tested by cross-validation: {n} networks, each tested on {things} that it has not "
             "seen. The model that is kept is one more, trained on all {things} for {epochs}.",
             n=len(tests), things=_(tests[0].model.things.name),
             epochs=in_epochs(epochs))  # fmt: skip


def _only_what_matters(tell: told.Listener) -> told.Listener:
    """Leave out what each of many short trainings would tell."""
    left_out = (told.TrainingBegan, told.Progress, told.EpochEnded, told.TrainingEnded,
                told.Refitting)  # fmt: skip

    def listen(event: told.Event) -> None:
        if not isinstance(event, left_out):
            tell(event)

    return listen
