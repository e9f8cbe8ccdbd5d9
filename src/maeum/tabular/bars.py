"""Bar charts as plain data; the page draws them in HTML, so that long names wrap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.report.sections import Bar, Bars, Segment, from_middle, stacked
from maeum.report.wording import finite, more, number, percent
from maeum.tabular.figures_data import Groups
from maeum.tabular.relations import Relation, Sample
from maeum.tabular.result import TableRun

MAX_BARS = 20
MAX_LEVELS = 8


def class_balance(run: TableRun, sample: Sample) -> Bars | None:
    """How many rows each class has; None for regression or when no class is known."""
    known = sample.target[sample.target >= 0] if run.classes else np.array([])
    if not len(known):
        return None
    shares = np.bincount(known.astype(int), minlength=len(run.classes)) / len(known)
    most = np.argsort(-shares, kind="stable")[:MAX_BARS].tolist()
    bars = []
    for i in most if len(shares) > MAX_BARS else range(len(shares)):
        colour = f"c{i}" if len(run.classes) == 2 else "c0"
        name, fraction = shorten(run.classes[i], 40), shares[i] / shares.max()
        bars.append(Bar.of(name, percent(shares[i]), fraction, colour))
    title = _("Classes of {name}", name=shorten(run.target, 40))
    return Bars(title, bars, more(len(shares) - MAX_BARS))


def missing_values(run: TableRun) -> Bars | None:
    """The columns with missing values, emptiest first; None if nothing is missing."""
    rows, bars = max(len(run.frame), 1), []
    gaps = sorted((c for c in run.columns if c.missing > 0), key=lambda c: -c.missing)
    for column in gaps[:MAX_BARS]:
        share = min(column.missing / rows, 1.0)
        bars.append(Bar.of(shorten(column.name), f"{column.missing:,} ({percent(share)})", share))
    return Bars(_("Missing values"), bars, more(len(gaps) - MAX_BARS)) if bars else None


def relation_bars(run: TableRun, found: Sequence[Relation]) -> Bars | None:
    """The strongest correlations with the target; None if there is none to compute."""
    if not found:
        return None
    signed = run.task != "multiclass"
    longest = max(abs(found[0].strength), 1e-9)
    bars = []
    for column, value, strength in found[:MAX_BARS]:
        label = shorten(column, 44) + ("" if value is None else f" = {shorten(value, 32)}")
        text = f"{strength:+.2f}" if signed else f"{strength:.2f}"
        share = strength / longest
        segment = from_middle(share) if signed else Segment(0, 100 * share, "c0")
        bars.append(Bar(label, text.replace("-", "−"), [segment]))
    name = shorten(run.classes[1] if run.task == "binary" else run.target, 30)
    words = (_("higher {name}", name=name), _("lower {name}", name=name))
    if run.task == "binary":
        words = (_("goes with {name}", name=name), _("speaks against {name}", name=name))
    title = _("Correlation with {name}", name=shorten(run.target, 40))
    legend = tuple(zip(words, ("c1", "c0"))) if signed else ()
    return Bars(title, bars, more(len(found) - MAX_BARS), legend, signed, "wide", titled=False)


def importance_bars(run: TableRun) -> Bars | None:
    """The columns that the network leans on most, with the spread over the shufflings."""
    ranked = sorted((row for row in run.importance if finite(row[1])), key=lambda row: -row[1])
    if not ranked:
        return None
    found = [(name, mean, spread if finite(spread) else 0.0) for name, mean, spread in ranked]
    end = max(*(mean + spread for _name, mean, spread in found), 1e-12)
    bars = []
    for name, mean, spread in found[:MAX_BARS]:
        ends = np.clip(np.array([mean - spread, mean, mean + spread]) / end, 0, 1)
        low, middle, high = (100 * ends).tolist()
        segments, note = [Segment(0, middle, "c0")], f"± {_drop(spread)}"
        bars.append(Bar(shorten(name), _drop(mean), segments, note, whisker=(low, high - low)))
    rest = more(len(found) - MAX_BARS)
    return Bars(_("Permutation importance"), bars, rest, style="wide", titled=False)


def category_chart(run: TableRun, sample: Sample, name: str, groups: Groups) -> Bars | None:
    """The most frequent values of a category and what the target is like in each of them."""
    levels = sample.levels(name, MAX_LEVELS)
    if not levels:
        return None
    make = {"binary": _rates, "multiclass": _mixtures, "regression": _means}[run.task]
    rest = more(int(sample.frame[name].nunique()) - len(levels))
    bars = make(sample.target, levels, groups)
    return Bars(shorten(name, 48), bars, rest, signed=run.task == "regression")


Levels = Sequence[tuple[str, np.ndarray]]


def _rates(target: np.ndarray, levels: Levels, groups: Groups) -> list[Bar]:
    """Share of the positive class in each value, and over all rows as a mark."""
    known, positive = target >= 0, target == 1
    overall = float(100 * positive.sum() / max(known.sum(), 1))
    bars = []
    for value, rows in levels:
        rate = positive[rows].sum() / max((known & rows).sum(), 1)
        bar = Bar.of(shorten(value, 40), percent(rate, 0), rate, "c1", _share(rows))
        bars.append(bar._replace(mark=overall))
    return bars


def _mixtures(target: np.ndarray, levels: Levels, groups: Groups) -> list[Bar]:
    """Which classes the rows of each value have, side by side."""
    bars = []
    for value, rows in levels:
        counts = [(group.rows & rows).sum() for group in groups]
        scale = 100 / max(sum(counts), 1)
        segments = stacked((scale * n, group.colour) for n, group in zip(counts, groups))
        bars.append(Bar(shorten(value, 40), _share(rows), segments))
    return bars


def _means(target: np.ndarray, levels: Levels, groups: Groups) -> list[Bar]:
    """Mean of the target in each value, as the distance from the mean of all rows."""
    values = pd.Series(target)  # whose means leave out what is missing, or are NaN
    away = np.nan_to_num([values[rows].mean() - values.mean() for _value, rows in levels])
    longest = max(np.abs(away).max(), 1e-12)
    return [
        Bar(shorten(value, 40), number(values[rows].mean()), [from_middle(d / longest)],
            _share(rows))
        for (value, rows), d in zip(levels, away)
    ]  # fmt: skip


def _share(rows: np.ndarray) -> str:
    return _("{fraction} of rows", fraction=percent(rows.mean(), 0))


def _drop(value: float) -> str:
    return f"{value:.4f}".replace("-", "−") if abs(value) < 10 else number(value)
