"""How good a network is that tells classes apart, in plain sentences and key numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from maeum.core.messages import N_, _
from maeum.core.wording import shorten
from maeum.experiment.events import parts_line as parts
from maeum.experiment.run import ClassificationRun, Run
from maeum.report.sections import Tile, wilson
from maeum.report.wording import finite, metric, metric_name, percent

FEW = 300  # test rows below which a fraction is a rough measure


class Verdict(NamedTuple):
    """What the opening of a report says: one sentence, some more, and key numbers."""

    headline: str
    sentences: list[str]
    tiles: list[Tile]


def of_classes(run: ClassificationRun, subject: str = "") -> Verdict:
    """Return the verdict on a network that tells classes apart.

    Args:
        run: its training.
        subject: what is told, before the headline; a column.
    """
    n = len(run.truth)
    said = _("nothing was left to test on")
    if n:
        said = _("right for {fraction} of {rows} never seen before",
                 fraction=percent(run.hits / n), rows=run.things.count(n))  # fmt: skip
    headline = f"{shorten(subject, 40)}: {said}" if subject else said[:1].upper() + said[1:]
    beside = against_others(run, primary(run))
    if not n:
        return Verdict(headline, [beside] if beside else [], tiles(run))
    ranked = _of_two(run) if len(run.classes) == 2 else _by_class(run)
    sentences = [_against_one_answer(run), *ranked, beside, _caution(run)]
    return Verdict(headline, [s for s in sentences if s], tiles(run))


def primary(run: ClassificationRun) -> str | None:
    """The metric that decides: the first that the network has a value of."""
    keys = ("roc_auc", "accuracy") if len(run.classes) == 2 else ("accuracy", "macro_f1")
    return next((key for key in keys if finite(run.metrics.get(key))), None)


def _against_one_answer(run: ClassificationRun) -> str:
    counts = np.bincount(run.truth, minlength=len(run.classes))
    share = counts.max() / len(run.truth)
    gain = 100 * (run.hits / len(run.truth) - share)
    if gain > 0.05:
        said = N_("That is {gain:.1f} points better than always answering “{answer}” ({fraction}).")
    elif gain > -0.05:
        said = N_("That is no better than always answering “{answer}” ({fraction}).")
    else:
        said = N_("That is worse than always answering “{answer}” ({fraction}).")
    answer = shorten(run.classes[int(counts.argmax())], 30)
    return _(said, gain=gain, answer=answer, fraction=percent(share))


def _of_two(run: ClassificationRun) -> Iterable[str]:
    """How well two classes are ranked apart, found and named."""
    no, yes = (shorten(name, 30) for name in run.classes)
    area, things = run.metrics.get("roc_auc"), _(run.things.name)
    if area is not None and finite(area):
        yield _("Shown one of the {things} that are “{yes}” and one that is “{no}”, it gives the "
                "former the higher probability {times} times out of 100.",
                things=things, yes=yes, no=no, times=round(100 * area))  # fmt: skip
    named = run.answers == 1
    if (run.truth == 1).any() and named.any():
        found, right = named[run.truth == 1].mean(), (run.truth[named] == 1).mean()
        yield _("It finds {found} of the “{yes}” {things}, and of those that it names {right} are "
                "right.", found=percent(found, 0), right=percent(right, 0), yes=yes,
                things=things)  # fmt: skip


def _by_class(run: ClassificationRun) -> Iterable[str]:
    """Say which classes are found best and worst, if they differ."""
    found = {
        name: float((run.answers[run.truth == k] == k).mean())
        for k, name in enumerate(run.classes)
        if (run.truth == k).any()
    }
    best, worst = max(found, key=found.__getitem__), min(found, key=found.__getitem__)
    if found[best] - found[worst] >= 0.02:
        yield _("It finds {high} of the {things} of “{best}”, and {low} of those of “{worst}”.",
                things=_(run.things.name), high=percent(found[best], 0), best=shorten(best, 30),
                low=percent(found[worst], 0), worst=shorten(worst, 30))  # fmt: skip


def against_others(run: Run, key: str | None) -> str:
    """Say how the network stands beside the best of the other models, by one metric.

    Args:
        run: a training.
        key: the metric; None says nothing.
    """
    others = [m for m in run.models[1:] if key and finite(m["metrics"].get(key))]
    if key is None or not others:
        return ""
    better = metric_name(key).better
    best = max(others, key=lambda model: better * model["metrics"][key])
    ours, theirs = float(run.metrics[key] or 0.0), best["metrics"][key]
    count = max(run.rows.get("test", 0), 1)
    # standard errors: at most this of a fraction, about this of a root mean square
    chance = 0.5 / math.sqrt(count) if better > 0 else abs(theirs) / math.sqrt(2 * count)
    if abs(ours - theirs) <= chance:
        said = N_("It is level with the best of the other models trained on the same {things}, "
                  "{name} ({metric} {ours} against {theirs}).")  # fmt: skip
    elif better * (ours - theirs) > 0:
        said = N_("It is ahead of the best of the other models trained on the same {things}, "
                  "{name} ({metric} {ours} against {theirs}).")  # fmt: skip
    else:
        said = N_("It is behind the best of the other models trained on the same {things}, "
                  "{name} ({metric} {ours} against {theirs}).")  # fmt: skip
    return _(said, things=_(run.things.name), name=shorten(_(best["name"]), 40),
             metric=metric_name(key).label, ours=metric(key, ours),
             theirs=metric(key, theirs))  # fmt: skip


def _caution(run: ClassificationRun) -> str:
    if len(run.truth) >= FEW:
        return ""
    trust = wilson(run.hits, len(run.truth))
    return _("With only {rows} in the test, the true fraction may lie anywhere between {low} and "
             "{high}.", rows=run.things.count(len(run.truth)), low=percent(trust.low, 0),
             high=percent(trust.high, 0))  # fmt: skip


_MEANING = {
    "accuracy": N_("of the test {things} are answered correctly"),
    "roc_auc": N_("how well the classes are ranked apart (0.5 guesses, 1 is perfect)"),
    "precision": N_("of the {things} named “{positive}” are so"),
    "recall": N_("of the “{positive}” {things} are found"),
    "f1": N_("balance of precision and recall (1 is perfect)"),
    "macro_f1": N_("balance of precision and recall, mean of the classes"),
    "balanced_accuracy": N_("mean fraction of each class that is answered correctly"),
    "top_3_accuracy": N_("of the test {things} have the truth among the three likeliest classes"),
    "log_loss": N_("how surprised it is by the truth (0 is perfect)"),
    "brier": N_("mean squared error of the probabilities (0 is perfect)"),
}


def tiles(run: Run, meaning: dict[str, str] = _MEANING, most: int = 6) -> list[Tile]:
    """The key numbers: how many rows, then the test metrics that have a meaning to tell."""
    things = _(run.things.name)
    words: dict[str, Any] = {"things": things}
    if isinstance(run, ClassificationRun) and len(run.classes) == 2:
        words["positive"] = shorten(run.classes[1], 20)
    shown = [Tile(things.capitalize(), f"{sum(run.rows.values()):,}", parts(run.rows))]
    for key, said in meaning.items():
        value = run.metrics.get(key)
        if finite(value):
            label, told = metric_name(key).label, _(said, **words)
            if key == "accuracy" and isinstance(run, ClassificationRun):
                trust = wilson(run.hits, len(run.truth))
                told += _("; {low} to {high} with 95% confidence", low=percent(trust.low),
                          high=percent(trust.high))  # fmt: skip
            shown.append(Tile(label, metric(key, value), told))
    return shown[:most]
