"""What came out of the test, as small tables: other models, mistakes, thresholds, examples."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from maeum.tabular.result import TableRun
from maeum.tabular.wording import (
    cell,
    duration,
    finite,
    metric,
    metric_name,
    number,
    percent,
    shorten,
)

MAX_CLASSES = 12
MAX_EXAMPLE_COLUMNS = 6
EXAMPLES = 4
MAX_METRICS = 9


class Table(NamedTuple):
    """A small table of text: ``rows`` below ``head``; ``strong`` cells are ``(row, column)``."""

    title: str
    head: list[str]
    rows: list[list[str]]
    strong: frozenset[tuple[int, int]] = frozenset()
    caption: str = ""


class Confusion(NamedTuple):
    """Counts of (true, answered) pairs; ``rows[i][j]`` is ``(count, share of the true class)``."""

    names: list[str]
    rows: list[list[tuple[int, float]]]
    caption: str = ""


def comparison(run: TableRun) -> Table | None:
    """The network beside the scikit-learn models, the best value of each metric marked."""
    if not run.baselines:
        return None
    keys = list(dict.fromkeys(k for b in run.baselines for k in b["metrics"]))[:MAX_METRICS]
    rows, strong = [], set()
    for baseline in run.baselines:
        values = [metric(k, baseline["metrics"].get(k)) for k in keys]
        rows.append([shorten(baseline["name"], 50), *values, duration(baseline.get("seconds"))])
    for place, key in enumerate(keys, start=1):
        better = metric_name(key).better
        values = [b["metrics"].get(key) for b in run.baselines]
        scores = [better * float(v) if finite(v) else -math.inf for v in values]
        if better and max(scores) > -math.inf:
            best = rows[scores.index(max(scores))][place]
            strong |= {(i, place) for i, row in enumerate(rows) if row[place] == best}
    head = ["Model", *(metric_name(k).label for k in keys), "Training"]
    return Table("Beside other models", head, rows, frozenset(strong))


def confusion(run: TableRun) -> Confusion:
    """How often each class was answered with each; of many classes only the most frequent."""
    kept = np.arange(len(run.classes))
    caption = ""
    if len(kept) > MAX_CLASSES:
        counts = np.bincount(run.truth, minlength=len(kept))
        kept = np.sort(np.argsort(-counts, kind="stable")[:MAX_CLASSES])
        caption = f"The {MAX_CLASSES} most frequent of {len(run.classes)} classes."
    table = _crossings(run)
    totals = np.maximum(table.sum(axis=1), 1)
    rows = [[(int(table[i, j]), float(table[i, j] / totals[i])) for j in kept] for i in kept]
    return Confusion([shorten(run.classes[i], 24) for i in kept], rows, caption)


def confused_pairs(run: TableRun, most: int = 8) -> Table | None:
    """The mistakes made most often, when there are more than two classes."""
    table = _crossings(run)
    totals = table.sum(axis=1)
    np.fill_diagonal(table, 0)
    order = np.argsort(-table, axis=None, kind="stable")[:most]
    rows = []
    for i, j in zip(*np.unravel_index(order, table.shape)):
        if table[i, j]:
            names = [shorten(run.classes[c], 40) for c in (i, j)]
            rows.append([*names, f"{table[i, j]:,}", percent(table[i, j] / totals[i], 0)])
    if len(run.classes) < 3 or not rows:
        return None
    return Table("Most frequent mistakes", ["Truth", "Answer", "Rows", "Of this class"], rows)


def thresholds(run: TableRun) -> Table | None:
    """What another threshold than one half would give; only with two classes."""
    if run.task != "binary" or not len(run.truth):
        return None
    p, truth, rows = run.probabilities[:, 1], run.truth == 1, []
    for threshold in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        named = p >= threshold
        hits = (named & truth).sum()
        rows.append(
            [
                f"{threshold:.0%}",
                f"{named.sum():,}",
                percent(hits / named.sum() if named.any() else None, 0),
                percent(hits / truth.sum() if truth.any() else None, 0),
                percent((named == truth).mean(), 1),
            ]
        )
    yes = shorten(run.classes[1], 24)
    head = [f"“{yes}” from", "Named", "Of these right", "Found", "Accuracy"]
    strong = frozenset((3, j) for j in range(len(head)))
    return Table("Another threshold", head, rows, strong)


def examples(run: TableRun) -> list[Table]:
    """A few test rows: surest and right, surest and wrong, most unsure; or the errors' ends."""
    if not len(run.truth):
        return []
    names = _example_columns(run)
    if run.task == "regression":
        errors = run.answers - run.truth
        usable = np.flatnonzero(np.isfinite(errors))
        high, low = usable[errors[usable] > 0], usable[errors[usable] < 0]
        chosen = {
            "Closest to the truth": usable[np.argsort(np.abs(errors[usable]))][:EXAMPLES],
            "Much too high": high[np.argsort(-errors[high])][:EXAMPLES],
            "Much too low": low[np.argsort(errors[low])][:EXAMPLES],
        }
        head = ["Network", "Truth", "Error", *names]
    else:
        sure = np.nan_to_num(run.probabilities.max(axis=1), nan=0.0)
        right = run.answers == run.truth
        surest, unsure = np.argsort(-sure, kind="stable"), np.argsort(sure, kind="stable")
        chosen = {
            "Surest and right": surest[right[surest]][:EXAMPLES],
            "Surest and wrong": surest[~right[surest]][:EXAMPLES],
            "Most unsure": unsure[:EXAMPLES],
        }
        head = ["Network", "Sure", "Truth", *names]
    head = [shorten(name, 30) for name in head]
    return [
        Table(title, head, [[*_answer(run, i), *_cells(run, i, names)] for i in rows])
        for title, rows in chosen.items()
        if len(rows)
    ]


def _example_columns(run: TableRun) -> list[str]:
    """An identifier to recognise the row by, then the most important columns."""
    there = set(run.test_rows.columns)
    named = [c.name for c in run.columns if c.kind == "identifier"][:1]
    return [n for n in [*named, *run.ranking] if n in there][:MAX_EXAMPLE_COLUMNS]


def _cells(run: TableRun, row: int, names: list[str]) -> list[str]:
    return [cell(run.test_rows[name].iloc[row]) for name in names]


def _answer(run: TableRun, row: int) -> list[str]:
    if run.task == "regression":
        error = run.answers[row] - run.truth[row]
        return [number(run.answers[row]), number(run.truth[row]), number(error)]
    answer, truth = (shorten(run.classes[c], 24) for c in (run.answers[row], run.truth[row]))
    return [answer, percent(run.probabilities[row].max()), truth]


def _crossings(run: TableRun) -> np.ndarray:
    table = np.zeros((len(run.classes), len(run.classes)), dtype=int)
    np.add.at(table, (run.truth, run.answers), 1)
    return table
