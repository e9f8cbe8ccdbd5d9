"""Drawings of the table itself: distributions and pairs of columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np

from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.report.charts import SERIES, Axis, Chart, Dots, Mark, Reading, Steps
from maeum.report.wording import number, percent
from maeum.tabular.relations import Sample
from maeum.tabular.result import TableRun

BINS = 30
MAX_GROUPS = 8
MAX_OVERLAID = 3  # more classes than this get a line each, one above the other
PAIR_COLUMNS = 4
PAIR_ROWS = 600
_DAY = 86_400.0


class Group(NamedTuple):
    """Rows of the sample that share a colour, as a mask ``(rows,)``."""

    name: str
    colour: str
    rows: np.ndarray


Groups = Sequence[Group]


def legend_of(groups: Groups) -> tuple[tuple[str, str], ...]:
    """Label and colour of each group, for the page to show."""
    return tuple(group[:2] for group in groups)


def groups_by_target(run: TableRun, sample: Sample) -> Groups:
    """One group per class (the smaller ones together, if there are many), or thirds of a value."""
    target = sample.target
    if run.task == "regression":
        return _thirds(shorten(run.target, 24), target)
    kept: Sequence[int] = range(len(run.classes))
    if len(kept) > MAX_GROUPS:
        counts = np.bincount(target[target >= 0], minlength=len(kept))
        kept = np.argsort(-counts, kind="stable")[: MAX_GROUPS - 1].tolist()
    found = [Group(shorten(run.classes[k], 24), c, target == k) for k, c in zip(kept, SERIES)]
    if others := len(run.classes) - len(kept):
        rows = (target >= 0) & ~np.isin(target, kept)
        found.append(Group(_("{n} other classes", n=others), "muted", rows))
    return found


def _thirds(name: str, target: np.ndarray) -> Groups:
    known = target[np.isfinite(target)]
    if not len(known):
        return []
    low, high = np.quantile(known, [1 / 3, 2 / 3])
    ends = {"low": number(low), "high": number(high)}
    return [
        Group(_("{name} up to {high}", name=name, high=ends["low"]), "c0", target <= low),
        Group(_("{low} to {high}", **ends), "c2", (target > low) & (target <= high)),
        Group(_("above {low}", low=ends["high"]), "c1", target > high),
    ]


def histogram(sample: Sample, name: str, groups: Groups) -> Chart | None:
    """How a number or a date is distributed, one shape per group; None without any value."""
    values = sample.numeric(name)
    there = np.isfinite(values)
    if not there.any():
        return None
    edges, left_out = _edges(values[there])
    parts = [(n, c, values[rows & there]) for n, c, rows in groups]
    parts = [part for part in parts if len(part[2])]
    if not parts:
        parts = [(_("all rows"), "c0", values[there])]
    stacked = len(parts) > MAX_OVERLAID
    fractions = [np.histogram(part, edges)[0] / len(part) for _name, _paint, part in parts]
    is_date = name in sample.dates
    along = edges * _DAY if is_date else edges
    marks: list[Mark] = []
    for place, ((_name, paint, _part), heights) in enumerate(zip(parts, fractions)):
        base = float(len(parts) - 1 - place) if stacked else 0.0
        shown = base + 0.9 * heights / max(heights.max(), 1e-12) if stacked else heights
        marks.append(Steps(along, shown, paint, base))
    middle = np.median(values[there])
    caption = _("Median {median}.", median=_value(middle, is_date))
    if left_out:
        caption += " " + _("Not drawn, as far outside: {n:,}.", n=left_out)
    title = shorten(name, 48)
    alt = _("Histogram of {name}, median {median}", name=title, median=_value(middle, is_date))
    if len(parts) > 1:
        alt += _(", one shape for each group of the target")
    ends = [_("{low} to {high}", low=_value(low, is_date), high=_value(high, is_date))
            for low, high in pairwise(edges)]  # fmt: skip
    told = [[f"{part[0]}: {percent(h)}" for h in heights]
            for part, heights in zip(parts, fractions)]  # fmt: skip
    return Chart(title, alt, marks, _axis(is_date, along), Axis(marked=False, low=0.0),
                 [Reading(low, high, "\n".join([head, *lines]))
                  for low, high, head, *lines in zip(along, along[1:], ends, *told)],
                 caption, height=24 * len(parts) + 20 if stacked else 140)  # fmt: skip


def _axis(is_date: bool, edges: np.ndarray, name: str = "") -> Axis:
    return Axis(name, float(edges[0]), float(edges[-1]), "time" if is_date else "number")


def _value(value: float, is_date: bool) -> str:
    return str(np.datetime64(int(value), "D")) if is_date else number(value)


def _edges(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Borders of the bars, and how many far-out values they leave aside."""
    different = np.unique(values)
    if len(different) <= 16 and np.all(different == np.round(different)):
        low, high = different[0], different[-1]
        if high - low <= 2 * BINS:  # few whole numbers: one bar each
            return np.arange(low, high + 2) - 0.5, 0
    low, high = values.min(), values.max()
    inner_low, inner_high = np.quantile(values, [0.005, 0.995])
    if high - low > 3 * (inner_high - inner_low) > 0:
        low, high = inner_low, inner_high
    if low == high:
        low, high = low - 0.5, high + 0.5
    outside = int(((values < low) | (values > high)).sum())
    return np.linspace(low, high, BINS + 1), outside


def pairs(sample: Sample, names: Sequence[str], groups: Groups, seed: int = 0) -> list[Chart]:
    """Every two of the columns against each other, coloured by the target."""
    rows = np.arange(sample.rows)
    if sample.rows > PAIR_ROWS:
        rows = np.random.default_rng(seed).choice(sample.rows, PAIR_ROWS, replace=False)
    columns = {n: sample.numeric(n) for n in names}
    edges = {n: _edges(v[np.isfinite(v)])[0] for n, v in columns.items()}
    charts = []
    for horizontal, vertical in combinations(names, 2):
        marks = [
            Dots(columns[horizontal][chosen], columns[vertical][chosen], paint, "small")
            for _name, paint, mask in groups
            if len(chosen := rows[mask[rows]])
        ]
        x, y = (shorten(name, 40) for name in (horizontal, vertical))
        title = _("{y} over {x}", y=y, x=x)
        alt = _("Scatter plot of {y} over {x}, coloured by the target", y=y, x=x)
        along, up = (Axis(n, *_ends(edges[c])) for n, c in ((x, horizontal), (y, vertical)))
        charts.append(Chart(title, alt, marks, along, up, titled=False, height=220))
    return charts


def drawn(sample: Sample) -> str:
    """How many rows are drawn as dots, if not all."""
    if sample.rows <= PAIR_ROWS:
        return ""
    return _("{n:,} of {all:,} rows are drawn.", n=PAIR_ROWS, all=sample.rows)


def _ends(edges: np.ndarray) -> tuple[float, float]:
    """A little more room than the values take, so that no dot is cut."""
    room = 0.03 * (edges[-1] - edges[0])
    return float(edges[0] - room), float(edges[-1] + room)
