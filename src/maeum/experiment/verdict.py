"""How good a network is that tells classes apart, in plain sentences and key numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from maeum.core.messages import N_, _
from maeum.core.wording import shorten, some
from maeum.experiment.comparison import paired_difference
from maeum.experiment.events import parts_line as parts
from maeum.experiment.rare import RARE
from maeum.experiment.run import ClassificationRun, Run
from maeum.report.sections import Tile, wilson
from maeum.report.wording import finite, metric, metric_name, percent

FEW = 300  # test rows below which a fraction is a rough measure
FEW_RARE = 100  # the same of the rows of a rare class
_FEWEST_TOLD = 2  # test rows of a class, below which that it is not found may be bad luck


class Verdict(NamedTuple):
    """What the opening of a report says: one sentence, some more, and key numbers."""

    headline: str
    sentences: list[str]
    tiles: list[Tile]
    closing: Sequence[str] = ()  # what the terminal says below the headline


def of_classes(run: ClassificationRun, subject: str = "") -> Verdict:
    """Return the verdict on a network that tells classes apart.

    Of two classes of which one is rare, it is on how many of that one are found: always answering
    the other would be right nearly always. Of more, where most rows are of one class, it is on
    the mean of the classes.

    Args:
        run: its training.
        subject: what is told, before the headline; a column.
    """
    n, found = len(run.truth), None
    if not n:
        said = _("nothing was left to test on")
    elif run.rare is not None:
        found = Rare.of(run, run.rare)
        said = found.headline
    elif len(run.classes) > 2 and _one_prevails(run):
        said = _("finds on average {mean} of each class among {rows} never seen before",
                 mean=percent(run.metrics.get("balanced_accuracy")),
                 rows=run.things.count(n))  # fmt: skip
    else:
        said = _("right for {fraction} of {rows} never seen before",
                 fraction=percent(run.hits / n), rows=run.things.count(n))  # fmt: skip
        said += _hardly_found(run)
    headline = f"{shorten(subject, 40)}: {said}" if subject else said[:1].upper() + said[1:]
    compared = against_others(run, *primary(run))
    beside = " ".join(compared.sentences)
    if not n:
        return Verdict(headline, [beside] if beside else [], tiles(run), compared.behind)
    if found is not None:
        sentences = [*found.sentences, *_ranked(run), beside, found.caution]
        told = [s for s in sentences if s]
        return Verdict(headline, told, tiles(run, _OF_RARE), compared.behind)
    ranked = [*_ranked(run), *_named(run)] if len(run.classes) == 2 else _by_class(run)
    sentences = [_against_one_answer(run), *ranked, beside, _caution(run)]
    return Verdict(headline, [s for s in sentences if s], tiles(run), compared.behind)


def primary(run: ClassificationRun) -> tuple[str, ...]:
    """The metrics that decide, of which the network has a value: first the one that models are
    ordered by, then that of the headline.
    """
    keys: tuple[str, ...] = ("accuracy", "macro_f1")
    if len(run.classes) == 2:
        keys = {1: ("pr_auc", "f1"), None: ("roc_auc", "accuracy")}.get(run.rare, ("roc_auc",))
    elif _one_prevails(run):
        keys = ("macro_f1", "accuracy")
    return tuple(key for key in keys if finite(run.metrics.get(key)))


def _one_prevails(run: ClassificationRun) -> bool:
    """Whether one of several classes has so many rows that all others are rare."""
    counts = np.bincount(run.truth.astype(int), minlength=len(run.classes))
    return bool(counts.max() > (1 - RARE) * len(run.truth) > 0)


class Rare(NamedTuple):
    """What is said of a network that looks for a rare class: a headline, and some sentences."""

    headline: str
    sentences: list[str]
    caution: str

    @classmethod
    def of(cls, run: ClassificationRun, rare: int) -> Rare:
        """Say how many of the rare class are found, and how many of those named are right."""
        named, there = run.answers == rare, run.truth == rare
        hits, n, all_named = int((named & there).sum()), int(there.sum()), int(named.sum())
        words = {"name": shorten(run.classes[rare], 30), "things": _(run.things.name), "n": n,
                 "hits": hits, "named": all_named, "all": run.things.count(len(run.truth)),
                 "found": percent(hits / max(n, 1), 0),
                 "right": percent(hits / max(all_named, 1), 0)}  # fmt: skip
        if not n:
            headline = N_("none of the {all} of the test is “{name}”, so nobody knows how many of "
                          "them it finds")  # fmt: skip
        elif not all_named:
            headline = N_("finds none of the {n:,} {things} never seen before that are “{name}”")
        else:
            headline = N_("finds {found} of the {n:,} {things} never seen before that are “{name}”"
                          ", and {right} of the {named:,} that it names are right")  # fmt: skip
        share, other = n / len(run.truth), shorten(run.classes[1 - rare], 30)
        why = _("“{name}” is rare ({share}), so what counts is how many of them are found and how "
                "many of those named are right: always answering “{other}” would be right for "
                "{fraction} and find none; this is right for {hits}.", name=words["name"],
                share=percent(share), other=other, fraction=percent(1 - share),
                hits=percent(run.hits / len(run.truth)))  # fmt: skip
        sentences, area = [why], run.metrics.get("pr_auc")
        if rare == 1 and area is not None and finite(area):
            said = _("Over all thresholds, the area under the curve of precision and recall (PR "
                     "AUC) is {area}; guessing gives {base}.", area=metric("pr_auc", area),
                     base=metric("pr_auc", share))  # fmt: skip
            sentences.append(said)
        threshold = float(np.median(run.threshold))
        if threshold != 0.5:
            said = _("It answers “{name}” from a probability of {threshold} on.",
                     name=shorten(run.classes[1], 30), threshold=percent(threshold))  # fmt: skip
            sentences.append(said)
        caution = ""
        if 0 < n < FEW_RARE:
            trust = wilson(hits, n)
            caution = _("With only {n:,} “{name}” in the test, it may find anything between {low} "
                        "and {high} of them.", n=n, name=words["name"], low=percent(trust.low, 0),
                        high=percent(trust.high, 0))  # fmt: skip
        return cls(_(headline, **words), sentences, caution)


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


def _ranked(run: ClassificationRun) -> Iterable[str]:
    """How well two classes are ranked apart."""
    no, yes = (shorten(name, 30) for name in run.classes)
    area, things = run.metrics.get("roc_auc"), _(run.things.name)
    if area is not None and finite(area):
        yield _("Shown one of the {things} that are “{yes}” and one that is “{no}”, it gives the "
                "former the higher probability {times} times out of 100.",
                things=things, yes=yes, no=no, times=round(100 * area))  # fmt: skip


def _named(run: ClassificationRun) -> Iterable[str]:
    """How many of the second of two classes are found, and how many of those named are right."""
    named, yes = run.answers == 1, shorten(run.classes[1], 30)
    if (run.truth == 1).any() and named.any():
        found, right = named[run.truth == 1].mean(), (run.truth[named] == 1).mean()
        yield _("It finds {found} of the “{yes}” {things}, and of those that it names {right} are "
                "right.", found=percent(found, 0), right=percent(right, 0), yes=yes,
                things=_(run.things.name))  # fmt: skip


def _hardly_found(run: ClassificationRun) -> str:
    """Name the classes, of more than two, that are found less than half as often as all rows."""
    if len(run.classes) < 3:
        return ""
    there = np.bincount(run.truth, minlength=len(run.classes))
    found = np.bincount(run.truth[run.answers == run.truth], minlength=len(run.classes))
    seldom = 2 * found * len(run.truth) < run.hits * there
    hardly = np.flatnonzero(seldom & (there >= _FEWEST_TOLD))
    if not len(hardly):
        return ""
    names = some([f"“{shorten(run.classes[k], 30)}”" for k in hardly], 3)
    return _(", but it finds only {found:,} of the {n:,} that are {names}",
             found=int(found[hardly].sum()), n=int(there[hardly].sum()), names=names)  # fmt: skip


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


class Compared(NamedTuple):
    """What is said of a network beside other models, and what of that says it is no better."""

    sentences: list[str]
    behind: list[str]


def against_others(run: Run, key: str | None = None, headline: str | None = None) -> Compared:
    """Say how the network stands beside the best of the other models.

    A constant guess is none of them: that nothing is better than one is told instead. Where the
    answers of both are known, "level with" is what chance explains on the same rows.

    Args:
        run: a training.
        key: the metric; None says nothing.
        headline: another metric, of which a clear gap is told as well.
    """
    said = [*_comparisons(run, key, headline)] if key else []
    return Compared([text for _how, text in said], [text for how, text in said if how < 0])


def _comparisons(run: Run, key: str, headline: str | None) -> Iterator[tuple[int, str]]:
    """Yield how the network stands (1 ahead, 0 level, -1 no better), and the sentence on it."""
    others = [model for model in run.models[1:] if finite(model["metrics"].get(key))]
    guesses = [model for model in others if model.get("constant")]
    if guesses and (warned := _no_better(run, key, guesses)):
        yield -1, warned
    models = [model for model in others if not model.get("constant")]
    if not models:
        return
    best = _best(models, key)
    standing = _standing(run, key, best)
    yield standing, _beside(run, key, best, standing)
    if known := [m for m in models if headline and finite(m["metrics"].get(headline))]:
        best = _best(known, str(headline))
        gap = _standing(run, str(headline), best)
        if gap not in (0, standing):
            yield gap, _gap(run, str(headline), best, gap)


def _best(models: list[dict[str, Any]], key: str) -> dict[str, Any]:
    return max(models, key=lambda model: metric_name(key).better * model["metrics"][key])


def _standing(run: Run, key: str, other: dict[str, Any]) -> int:
    """Return 1 if the network is ahead of another model, -1 if it is behind, 0 if level."""
    ours, theirs = float(run.metrics[key] or 0.0), other["metrics"][key]
    better, known = metric_name(key).better, run.predictions.get(other["name"])
    gap, chance = ours - theirs, None
    if known is not None and isinstance(truth := getattr(run, "truth", None), np.ndarray):
        own = run.probabilities if known.prediction.ndim > 1 else run.answers  # type: ignore[attr-defined]
        thresholds = getattr(run, "threshold", 0.5), known.threshold
        if found := paired_difference(key, truth, own, known.prediction, thresholds):
            gap, chance = (found.value, 0.0) if found.sure else (0.0, 0.0)
    if chance is None:  # standard errors: at most this of a fraction, about this of a mean square
        count = max(run.rows.get("test", 0), 1)
        chance = 0.5 / math.sqrt(count) if better > 0 else abs(theirs) / math.sqrt(2 * count)
    alike = metric(key, ours) == metric(key, theirs)  # in as many digits as a reader is shown
    return 0 if alike or abs(gap) <= chance else 1 if better * gap > 0 else -1


def _words(run: Run, key: str, other: dict[str, Any]) -> dict[str, Any]:
    return {"things": _(run.things.name), "name": shorten(_(other["name"]), 40),
            "metric": metric_name(key).label, "ours": metric(key, run.metrics[key]),
            "theirs": metric(key, other["metrics"][key])}  # fmt: skip


def _beside(run: Run, key: str, best: dict[str, Any], standing: int) -> str:
    said = {
        0: N_("It is level with the best of the other models trained on the same {things}, "
              "{name} ({metric} {ours} against {theirs})."),
        1: N_("It is ahead of the best of the other models trained on the same {things}, "
              "{name} ({metric} {ours} against {theirs})."),
        -1: N_("It is behind the best of the other models trained on the same {things}, "
               "{name} ({metric} {ours} against {theirs})."),
    }[standing]  # fmt: skip
    return _(said, **_words(run, key, best))


def _gap(run: Run, key: str, best: dict[str, Any], standing: int) -> str:
    """Say that by another metric the network stands otherwise than what was told."""
    said = N_("By {metric} it is clearly ahead of {name} ({ours} against {theirs}).")
    if standing < 0:
        said = N_("By {metric} it is clearly behind {name} ({ours} against {theirs}).")
    return _(said, **_words(run, key, best))


def _no_better(run: Run, key: str, guesses: list[dict[str, Any]]) -> str:
    """Warn if the network is not better than always saying the same."""
    best = _best(guesses, key)
    if _standing(run, key, best) > 0:
        return ""
    return _("By {metric} it is not clearly better than always saying the same ({ours} against "
             "{theirs}), so it may have learnt nothing that helps.",
             **_words(run, key, best))  # fmt: skip


def _caution(run: ClassificationRun) -> str:
    if len(run.truth) >= FEW:
        return ""
    trust = wilson(run.hits, len(run.truth))
    return _("With only {rows} in the test, the true fraction may lie anywhere between {low} and "
             "{high}.", rows=run.things.count(len(run.truth)), low=percent(trust.low, 0),
             high=percent(trust.high, 0))  # fmt: skip


_MEANING: dict[str, str] = {
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
_AREA = N_("precision, mean over all that are found (1 is perfect)")
_OF_RARE = {
    "recall": _MEANING["recall"],
    "precision": _MEANING["precision"],
    "pr_auc": _AREA,
    "roc_auc": _MEANING["roc_auc"],
    "accuracy": _MEANING["accuracy"],
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
