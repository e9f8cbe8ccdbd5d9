"""Right and wrong answers about classes as small tables, and models side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.report.sections import Bar, Bars, Confusion, Table
from maeum.report.wording import duration, finite, metric, metric_name, number, percent

MAX_CLASSES = 12
MAX_METRICS = 9


def comparison(models: Sequence[dict[str, Any]]) -> Table:
    """Models beside each other, the best value of each metric marked.

    Args:
        models: ``{"name": ..., "metrics": ..., "seconds": ...}`` each.
    """
    there = (k for m in models for k, value in m["metrics"].items() if value is not None)
    keys = list(dict.fromkeys(there))[:MAX_METRICS]
    rows, strong = [], set()
    for model in models:
        values = [metric(k, model["metrics"].get(k)) for k in keys]
        rows.append([shorten(_(model["name"]), 50), *values, duration(model.get("seconds"))])
    for place, key in enumerate(keys, start=1):
        better = metric_name(key).better
        # what always says the same is not the best, however good it is by some metric
        found: list[Any] = [None if m.get("constant") else m["metrics"].get(key) for m in models]
        scores = [better * float(v) if finite(v) else -math.inf for v in found]
        if better and max(scores) > -math.inf:
            best = rows[scores.index(max(scores))][place]
            strong |= {
                (i, place)
                for i, row in enumerate(rows)
                if row[place] == best and not models[i].get("constant")
            }
    head = [_("Model"), *(metric_name(k).label for k in keys), _("Training")]
    title = _("Compared with other models")
    return Table(title, head, rows, frozenset(strong), style="wide numbers first", titled=False)


def bars_of(title: str, values: Mapping[str, Any], caption: str = "") -> Bars:
    """A value of each model side by side, by its name; the first one, the network's, stands out."""
    most = max(filter(finite, values.values()), default=0.0) or 1.0
    bars = [
        Bar.of(_(name), number(v, 3), v / most if finite(v) else 0.0, "c8" if i else "c0")
        for i, (name, v) in enumerate(values.items())
    ]
    return Bars(title, bars, caption, style="wide")


def confusion(
    truth: np.ndarray, answers: np.ndarray, classes: Sequence[str], caption: str = ""
) -> Confusion:
    """How often each class was answered with each; of many classes only the most frequent."""
    kept = list(range(len(classes)))
    if len(kept) > MAX_CLASSES:
        counts = np.bincount(truth, minlength=len(kept))
        kept = sorted(np.argsort(-counts, kind="stable")[:MAX_CLASSES].tolist())
        most = _("The {most} most frequent of {n} classes.", most=MAX_CLASSES, n=len(classes))
        caption = f"{caption} {most}".strip()
    table = _crossings(truth, answers, len(classes))
    totals = np.maximum(table.sum(axis=1), 1)
    rows = [[(int(table[i, j]), float(table[i, j] / totals[i])) for j in kept] for i in kept]
    return Confusion([shorten(classes[i], 24) for i in kept], rows, caption)


def confused_pairs(
    truth: np.ndarray, answers: np.ndarray, classes: Sequence[str], what: str = "", most: int = 8
) -> Table | None:
    """The mistakes made most often, when there are more than two classes."""
    table = _crossings(truth, answers, len(classes))
    totals = table.sum(axis=1)
    np.fill_diagonal(table, 0)
    order = np.argsort(-table, axis=None, kind="stable")[:most]
    rows = []
    for i, j in zip(*np.unravel_index(order, table.shape)):
        if table[i, j]:
            names = [shorten(classes[c], 40) for c in (i, j)]
            rows.append([*names, f"{table[i, j]:,}", percent(table[i, j] / totals[i], 0)])
    if len(classes) < 3 or not rows:
        return None
    head = [_("Truth"), _("Answer"), what or _("Rows"), _("Of this class")]
    return Table(_("Most frequent mistakes"), head, rows, style="two")


def _crossings(truth: np.ndarray, answers: np.ndarray, classes: int) -> np.ndarray:
    """Return how often each class (row) was answered with each (column)."""
    place = truth.astype(int) * classes + answers
    return np.bincount(place, minlength=classes**2).reshape(classes, classes)
