"""How good a network for texts is, in plain sentences and key numbers."""

from __future__ import annotations

import numpy as np

from maeum.core.wording import enumeration, plural, shorten
from maeum.report.pieces import Tile, wilson
from maeum.report.wording import finite, metric, metric_name, percent
from maeum.texts.result import TextRun


def headline(run: TextRun) -> str:
    """The result in one plain sentence."""
    n = len(run.truth)
    return f"Right for {percent(run.hits / n)} of {plural(n, 'text')} never seen before"


def sentences(run: TextRun) -> list[str]:
    """How good that is: against always giving one answer, and against a simple model."""
    n = len(run.truth)
    counts = np.bincount(run.truth, minlength=len(run.classes))
    commonest, share = run.classes[int(counts.argmax())], counts.max() / n
    gain = 100 * (run.hits / n - share)
    lazy = f"always answering “{shorten(commonest, 30)}” ({percent(share)})"
    how = "no better than" if abs(gain) <= 0.05 else "worse than"
    said = [f"That is {gain:.1f} points better than {lazy}." if gain > 0.05
            else f"That is {how} {lazy}."]  # fmt: skip
    if len(run.models) > 2:
        other = run.models[1]
        away = run.metrics["accuracy"] - other["metrics"]["accuracy"]  # type: ignore[operator]
        chance = 0.5 / np.sqrt(n)  # at most one standard error of a share
        verdict = "level with" if abs(away) <= chance else "ahead of" if away > 0 else "behind"
        said.append(
            f"It is {verdict} {other['name']} on the same words and pairs, which is right for "
            f"{percent(other['metrics']['accuracy'])}."
        )
    if n < 300:
        trust = wilson(run.hits, n)
        said.append(
            f"With only {plural(n, 'test text')}, the true share may lie anywhere between "
            f"{percent(trust.low, 0)} and {percent(trust.high, 0)}."
        )
    return said


_MEANING = {
    "accuracy": "of the test texts are answered correctly",
    "balanced_accuracy": "mean share of each class that is answered correctly",
    "roc_auc": "how well the classes are ranked apart (0.5 guesses, 1 is perfect)",
    "macro_f1": "balance of precision and recall, mean of the classes",
    "f1": "balance of precision and recall (1 is perfect)",
    "log_loss": "how surprised it is by the truth (0 is perfect)",
}


def tiles(run: TextRun) -> list[Tile]:
    """The key numbers: texts, then the test metrics that have a meaning to tell."""
    parts = enumeration([f"{n:,} {part}" for part, n in run.rows.items()])
    shown = [Tile("Texts", f"{sum(run.rows.values()):,}", parts)]
    for key, meaning in _MEANING.items():
        value = run.metrics.get(key)
        if finite(value):
            if key == "accuracy":
                trust = wilson(run.hits, len(run.truth))
                meaning += f"; {percent(trust.low)} to {percent(trust.high)} with 95% confidence"
            shown.append(Tile(metric_name(key).label, metric(key, value), meaning))
    return shown[:6]
