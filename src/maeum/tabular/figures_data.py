"""Drawings of the table itself: distributions and pairs of columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.report.figures import SERIES, Drawing, Sheet, colour, dots, shape
from maeum.report.wording import number
from maeum.tabular.relations import Sample
from maeum.tabular.result import TableRun

BINS = 30
MAX_GROUPS = 8
MAX_OVERLAID = 3  # more classes than this get a line each, one above the other
PAIR_COLUMNS = 4
PAIR_ROWS = 600
CELL, LABELS, GAP = 165, 50, 10  # page pixels of the pair plot


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


def histogram(sample: Sample, name: str, groups: Groups) -> Drawing | None:
    """How a number or a date is distributed, one shape per group; None without any value."""
    values = sample.numeric(name)
    there = np.isfinite(values)
    if not there.any():
        return None
    edges, left_out = _edges(values[there])
    is_date = name in sample.dates
    parts = [(n, c, values[rows & there]) for n, c, rows in groups]
    parts = [part for part in parts if len(part[2])]
    if not parts:
        parts = [(_("all rows"), "c0", values[there])]
    stacked = len(parts) > MAX_OVERLAID
    with Sheet(height=60 + 24 * len(parts) if stacked else 190) as sheet:
        axes = sheet.panel(left=12, bottom=26)
        for place, (_name, paint, part) in enumerate(parts):
            shares, base = np.histogram(part, edges)[0] / len(part), 0.0
            if stacked:
                base = float(len(parts) - 1 - place)
                shares = base + 0.9 * shares / max(shares.max(), 1e-12)
            shape(axes, shares, edges, paint, base)
        axes.set_xlim(edges[0], edges[-1])
        if is_date:
            locator = AutoDateLocator(maxticks=6)
            axes.xaxis.set_major_locator(locator)
            axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    middle = np.median(values[there])
    shown = str(np.datetime64(int(middle), "D")) if is_date else number(middle)
    caption = _("Median {median}.", median=shown)
    if left_out:
        caption += " " + _("Not drawn, as far outside: {n:,}.", n=left_out)
    title = shorten(name, 48)
    alt = _("Histogram of {name}, median {median}", name=title, median=shown)
    if len(parts) > 1:
        alt += _(", one shape for each group of the target")
    return Drawing(title, sheet.svg, alt, caption)


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


def pair_plot(sample: Sample, names: Sequence[str], groups: Groups, seed: int = 0) -> Drawing:
    """Every two of the columns against each other, and each one's distribution on the diagonal."""
    count = len(names)
    rows = np.arange(sample.rows)
    if sample.rows > PAIR_ROWS:
        rows = np.random.default_rng(seed).choice(sample.rows, PAIR_ROWS, replace=False)
    columns = {n: sample.numeric(n) for n in names}
    edges = {n: _edges(v[np.isfinite(v)])[0] for n, v in columns.items()}
    with Sheet(CELL * count + LABELS, CELL * count + LABELS) as sheet:
        for row, vertical in enumerate(names):
            for column, horizontal in enumerate(names[: row + 1]):
                bottom, left = row == count - 1, column == 0 < row  # only there are names and ticks
                axes = sheet.panel(
                    shorten(horizontal, 22) if bottom else "",
                    shorten(vertical, 22) if left else "",
                    left=LABELS + CELL * column, right=CELL * (count - 1 - column) + GAP,
                    top=CELL * row + GAP, bottom=LABELS + CELL * (count - 1 - row),
                )  # fmt: skip
                axes.tick_params(labelbottom=bottom, labelleft=left)
                axes.locator_params(nbins=3)
                x, y = columns[horizontal], columns[vertical]
                axes.set_xlim(*_ends(edges[horizontal]))
                if row == column:
                    axes.set_yticks([])
                else:
                    axes.set_ylim(*_ends(edges[vertical]))
                for _name, paint, mask in groups:
                    if row == column:
                        counts, ends = np.histogram(x[mask & np.isfinite(x)], edges[horizontal])
                        shares = counts / max(mask.sum(), 1)
                        axes.stairs(shares, ends, color=colour(paint), linewidth=1.4)
                    else:
                        chosen = rows[mask[rows]]
                        dots(axes, x[chosen], y[chosen], paint, size=3.5)
    listed = ", ".join(shorten(n, 30) for n in names)
    alt = _("Scatter plots of every two of {names}, coloured by the target", names=listed)
    drawn = _("{n:,} of {all:,} rows are drawn.", n=len(rows), all=sample.rows)
    caption = drawn if len(rows) < sample.rows else ""
    return Drawing(_("Pairs of columns"), sheet.svg, alt, caption, legend_of(groups), "wide pairs",
                   titled=False)  # fmt: skip


def _ends(edges: np.ndarray) -> tuple[float, float]:
    """A little more room than the values take, so that no dot is cut."""
    room = 0.03 * (edges[-1] - edges[0])
    return float(edges[0] - room), float(edges[-1] + room)
