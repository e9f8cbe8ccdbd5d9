"""Bar charts as plain data; the page draws them in HTML, so that long names wrap."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from maeum.core.messages import _, ngettext
from maeum.core.wording import shorten
from maeum.report.sections import Bar, Bars, Segment
from maeum.report.wording import finite, number, percent
from maeum.tabular.figures_data import Groups
from maeum.tabular.relations import Relation, Sample
from maeum.tabular.result import TableRun

MAX_BARS = 20
MAX_CHARTS = 12
MAX_LEVELS = 8


def class_balance(run: TableRun, sample: Sample) -> Bars | None:
    """How many rows each class has; None for regression or when no class is known."""
    known = sample.target[sample.target >= 0] if run.classes else np.array([])
    if not len(known):
        return None
    shares = np.bincount(known.astype(int), minlength=len(run.classes)) / len(known)
    shown = range(len(shares))
    if len(shares) > MAX_BARS:
        shown = np.argsort(-shares, kind="stable")[:MAX_BARS].tolist()
    bars = [
        Bar(
            shorten(run.classes[i], 40),
            percent(shares[i]),
            [Segment(0, 100 * shares[i] / shares.max(), _class_colour(run, i))],
        )
        for i in shown
    ]
    rest = len(shares) - MAX_BARS
    return Bars(
        _("Classes of {name}", name=shorten(run.target, 40)),
        bars,
        ngettext("and {n:,} more class", "and {n:,} more classes", rest) if rest > 0 else "",
    )


def missing_values(run: TableRun) -> Bars | None:
    """The columns with missing values, emptiest first; None if nothing is missing."""
    rows = max(len(run.frame), 1)
    gaps = sorted((c for c in run.columns if c.missing > 0), key=lambda c: -c.missing)
    if not gaps:
        return None
    bars = []
    for column in gaps[:MAX_BARS]:
        share = min(column.missing / rows, 1.0)
        text = f"{column.missing:,} ({percent(share)})"
        bars.append(Bar(shorten(column.name), text, [Segment(0, 100 * share, "c0")]))
    return Bars(_("Missing values"), bars, _more_columns(len(gaps)))


def relation_bars(run: TableRun, found: Sequence[Relation]) -> Bars | None:
    """The strongest correlations with the target; None if there is none to compute."""
    if not found:
        return None
    signed = run.task != "multiclass"
    longest = max(abs(found[0].strength), 1e-9)
    bars = []
    for column, value, strength in found[:MAX_BARS]:
        label = shorten(column, 44) + ("" if value is None else f" = {shorten(value, 32)}")
        length = 100 * abs(strength) / longest
        if signed:
            left = 50 if strength >= 0 else 50 - length / 2
            segment = Segment(left, length / 2, "c1" if strength >= 0 else "c0")
        else:
            segment = Segment(0, length, "c0")
        text = f"{strength:+.2f}" if signed else f"{strength:.2f}"
        bars.append(Bar(label, text.replace("-", "−"), [segment]))
    name = shorten(run.classes[1] if run.task == "binary" else run.target, 30)
    legend: tuple[tuple[str, str], ...] = ()
    if run.task == "binary":
        legend = (
            (_("goes with {name}", name=name), "c1"),
            (_("speaks against {name}", name=name), "c0"),
        )
    elif signed:
        legend = ((_("higher {name}", name=name), "c1"), (_("lower {name}", name=name), "c0"))
    rest = len(found) - MAX_BARS
    return Bars(
        _("Correlation with {name}", name=shorten(run.target, 40)),
        bars,
        ngettext("and {n:,} weaker one", "and {n:,} weaker ones", rest) if rest > 0 else "",
        legend,
        signed,
        style="wide",
        titled=False,
    )


def importance_bars(run: TableRun) -> Bars | None:
    """The columns that the network leans on most, with the spread over the shufflings."""
    ranked = [row for row in run.importance if finite(row[1])]
    ranked.sort(key=lambda row: -row[1])
    if not ranked:
        return None
    spreads = [spread if finite(spread) else 0.0 for _name, _mean, spread in ranked]
    end = max(max(mean + s for (_name, mean, _spread), s in zip(ranked, spreads)), 1e-12)
    bars = []
    for (name, mean, _spread), spread in list(zip(ranked, spreads))[:MAX_BARS]:
        low, high = (float(np.clip(100 * v / end, 0, 100)) for v in (mean - spread, mean + spread))
        bars.append(
            Bar(
                shorten(name),
                _drop(mean),
                [Segment(0, float(np.clip(100 * mean / end, 0, 100)), "c0")],
                note=f"± {_drop(spread)}",
                whisker=(low, high - low),
            )
        )
    title, rest = _("Permutation importance"), _more_columns(len(ranked))
    return Bars(title, bars, rest, style="wide", titled=False)


def category_chart(run: TableRun, sample: Sample, name: str, groups: Groups) -> Bars | None:
    """The most frequent values of a category and what the target is like in each of them."""
    levels = sample.levels(name, MAX_LEVELS)
    if not levels:
        return None
    make = {"binary": _rates, "multiclass": _mixtures, "regression": _means}[run.task]
    bars = make(run, sample, levels, groups)
    rest = int(sample.frame[name].nunique()) - len(levels)
    caption = ngettext("and {n:,} rarer value", "and {n:,} rarer values", rest) if rest > 0 else ""
    return Bars(shorten(name, 48), bars, caption, signed=run.task == "regression")


Levels = Sequence[tuple[str, np.ndarray]]


def _rates(run: TableRun, sample: Sample, levels: Levels, groups: Groups) -> list[Bar]:
    """Share of the positive class in each value, and over all rows as a mark."""
    known, positive = sample.target >= 0, sample.target == 1
    overall = 100 * positive.sum() / max(known.sum(), 1)
    bars = []
    for value, rows in levels:
        rate = positive[rows].sum() / max((known & rows).sum(), 1)
        segment = Segment(0, 100 * rate, "c1")
        bars.append(
            Bar(shorten(value, 40), percent(rate, 0), [segment], _share(rows), mark=float(overall))
        )
    return bars


def _mixtures(run: TableRun, sample: Sample, levels: Levels, groups: Groups) -> list[Bar]:
    """Which classes the rows of each value have, side by side."""
    bars = []
    for value, rows in levels:
        segments, left = [], 0.0
        known = max((groups.number[rows] >= 0).sum(), 1)
        for _name, paint, members in groups.masks():
            width = 100 * (members & rows).sum() / known
            segments.append(Segment(left, width, paint))
            left += width
        bars.append(Bar(shorten(value, 40), _share(rows), [s for s in segments if s.width > 0]))
    return bars


def _means(run: TableRun, sample: Sample, levels: Levels, groups: Groups) -> list[Bar]:
    """Mean of the target in each value, as the distance from the mean of all rows."""
    known = np.isfinite(sample.target)
    overall = sample.target[known].mean() if known.any() else math.nan
    means = [
        sample.target[known & rows].mean() if (known & rows).any() else math.nan
        for _value, rows in levels
    ]
    longest = max([abs(m - overall) for m in means if finite(m)] + [1e-12])
    bars = []
    for (value, rows), mean in zip(levels, means):
        away = 50 * (mean - overall) / longest if finite(mean) else 0.0
        segment = Segment(50 + min(away, 0), abs(away), "c1" if away >= 0 else "c0")
        bars.append(Bar(shorten(value, 40), number(mean), [segment], _share(rows)))
    return bars


def _class_colour(run: TableRun, place: int) -> str:
    return f"c{place}" if len(run.classes) == 2 else "c0"


def _share(rows: np.ndarray) -> str:
    return _("{fraction} of rows", fraction=percent(rows.mean(), 0))


def _drop(value: float) -> str:
    return f"{value:.4f}".replace("-", "−") if abs(value) < 10 else number(value)


def _more_columns(count: int) -> str:
    rest = count - MAX_BARS
    return ngettext("and {n:,} more column", "and {n:,} more columns", rest) if rest > 0 else ""
