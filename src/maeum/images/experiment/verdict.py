"""How good the network is, in plain sentences and key numbers."""

from __future__ import annotations

import numpy as np

from maeum.core.wording import enumeration, plural, shorten
from maeum.images.experiment.result import ImageRun
from maeum.report.pieces import Tile, wilson
from maeum.report.wording import finite, metric, metric_name, percent


def headline(run: ImageRun) -> str:
    """The result in one plain sentence."""
    n = len(run.truth)
    return f"Right for {percent(run.hits / n)} of {plural(n, 'picture')} never seen before"


def sentences(run: ImageRun) -> list[str]:
    """How good that is: against always giving one answer, and against simple models."""
    n = len(run.truth)
    counts = np.bincount(run.truth, minlength=len(run.classes))
    commonest, share = run.classes[int(counts.argmax())], counts.max() / n
    gain = 100 * (run.hits / n - share)
    lazy = f"always answering “{shorten(commonest, 30)}” ({percent(share)})"
    if gain > 0.05:
        said = [f"That is {gain:.1f} points better than {lazy}."]
    elif gain > -0.05:
        said = [f"That is no better than {lazy}."]
    else:
        said = [f"That is worse than {lazy}."]
    simple = run.baselines[1:-1]
    if simple:
        best = max(simple, key=lambda b: b["metrics"]["accuracy"])
        away = run.metrics["accuracy"] - best["metrics"]["accuracy"]  # type: ignore[operator]
        chance = 0.5 / np.sqrt(n)  # at most one standard error of a share
        verdict = "level with" if abs(away) <= chance else "ahead of" if away > 0 else "behind"
        said.append(
            f"It is {verdict} simple models that see small grey thumbnails of the same pictures: "
            f"the best of them ({best['name']}) is right for "
            f"{percent(best['metrics']['accuracy'])}."
        )
    said += _by_class(run)
    if n < 300:
        trust = wilson(run.hits, n)
        said.append(
            f"With only {plural(n, 'test picture')}, the true share may lie anywhere between "
            f"{percent(trust.low, 0)} and {percent(trust.high, 0)}."
        )
    return said


def _by_class(run: ImageRun) -> list[str]:
    """Say which classes are found best and worst, if they differ."""
    found = {
        name: float((run.answers[run.truth == k] == k).mean())
        for k, name in enumerate(run.classes)
        if (run.truth == k).any()
    }
    best, worst = max(found, key=found.__getitem__), min(found, key=found.__getitem__)
    if found[best] - found[worst] < 0.02:
        return []
    return [
        f"It finds {percent(found[best], 0)} of the pictures of “{shorten(best, 30)}”, and "
        f"{percent(found[worst], 0)} of those of “{shorten(worst, 30)}”."
    ]


_MEANING = {
    "accuracy": "of the test pictures are answered correctly",
    "balanced_accuracy": "mean share of each class that is answered correctly",
    "roc_auc": "how well the classes are ranked apart (0.5 guesses, 1 is perfect)",
    "macro_f1": "balance of precision and recall, mean of the classes",
    "f1": "balance of precision and recall (1 is perfect)",
    "top_3_accuracy": "have the truth among the three likeliest classes",
    "log_loss": "how surprised it is by the truth (0 is perfect)",
}


def tiles(run: ImageRun) -> list[Tile]:
    """The key numbers: pictures, then the test metrics that have a meaning to tell."""
    parts = enumeration([f"{n:,} {part}" for part, n in run.rows.items()])
    shown = [Tile("Pictures", f"{sum(run.rows.values()):,}", parts)]
    for key, meaning in _MEANING.items():
        value = run.metrics.get(key)
        if finite(value):
            if key == "accuracy":
                trust = wilson(run.hits, len(run.truth))
                meaning += f"; {percent(trust.low)} to {percent(trust.high)} with 95% confidence"
            shown.append(Tile(metric_name(key).label, metric(key, value), meaning))
    return shown[:6]
