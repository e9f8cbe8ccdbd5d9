"""The columns of a table as colours of its rows, and as words about them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from maeum.classics.profiles import as_numbers, said, title_of
from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.report.charts import SERIES
from maeum.report.charts.points import Colouring, PointMap, Told, View
from maeum.report.wording import cell
from maeum.tables.columns import Column

SHADES = tuple(f"s{i}" for i in range(6))
LEVELS = 9  # of a category with a colour of their own
MOST_COLOURS = 60  # columns that a map can be coloured by
MOST_TOLD = 40  # columns that are told of a row


def group_colour(group: int) -> str:
    """Return the colour of a group; that of noise is grey.

    >>> group_colour(1), group_colour(0)
    ('c0', 'muted')
    """
    return SERIES[(group - 1) % len(SERIES)] if group else "muted"


def by_groups(groups: np.ndarray, name: str) -> Colouring:
    """Colour rows by their groups, from 1 on; 0 is noise."""
    found = sorted(np.unique(groups).tolist(), key=lambda group: (group == 0, group))
    legend = [(title_of(group), group_colour(group)) for group in found]
    place = {group: at for at, group in enumerate(found)}
    return Colouring(name, legend, [place[group] for group in groups.tolist()])


def by_column(series: pd.Series, name: str, rows: np.ndarray) -> Colouring | None:
    """Colour some rows by a column: sixths of its numbers, or its most frequent values.

    Returns:
        None for a column without a value.
    """
    if isinstance(series.dtype, pd.CategoricalDtype):
        return _by_levels(series, name, rows)
    return _by_numbers(series, name, rows)


def _by_levels(series: pd.Series, name: str, rows: np.ndarray) -> Colouring | None:
    codes = series.cat.codes.to_numpy()
    counts = np.bincount(codes[codes >= 0], minlength=len(series.cat.categories))
    if not counts.sum():
        return None
    often = np.argsort(-counts, kind="stable")
    often = often[counts[often] > 0]
    kept = often if len(often) <= LEVELS else often[: LEVELS - 1]
    legend = [(shorten(series.cat.categories[code], 30), SERIES[i]) for i, code in enumerate(kept)]
    place = np.full(len(counts) + 1, len(legend))  # the last one is that of -1
    place[kept] = np.arange(len(kept))
    if len(kept) < len(often):
        legend.append((_("{n:,} others", n=len(often) - len(kept)), "muted"))
    own = codes[rows]
    found = np.where(own < 0, len(legend), place[own])
    if (own < 0).any():
        legend.append((_("missing"), "ink"))
    return Colouring(name, legend, found)


def _by_numbers(series: pd.Series, name: str, rows: np.ndarray) -> Colouring | None:
    values, dates = as_numbers(series), series.dtype.kind == "M"
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    different = np.unique(known)
    if len(different) <= len(SHADES):
        edges = different
    else:
        edges = np.unique(np.quantile(known, np.arange(1, len(SHADES) + 1) / len(SHADES)))
    shades = _spread(len(edges))
    own = values[rows]
    found = np.minimum(np.searchsorted(edges, np.nan_to_num(own)), len(edges) - 1)
    lows = [known.min(), *edges[:-1]]
    legend = [
        (said(high, dates) if len(different) <= len(SHADES) else
         _("{low} to {high}", low=said(low, dates), high=said(high, dates)), shade)
        for low, high, shade in zip(lows, edges, shades)
    ]  # fmt: skip
    missing = ~np.isfinite(own)
    if missing.any():
        found = np.where(missing, len(legend), found)
        legend.append((_("missing"), "muted"))
    return Colouring(name, legend, found)


def _spread(count: int) -> list[str]:
    """Return so many shades, from low to high."""
    places = np.linspace(0, len(SHADES) - 1, count) if count > 1 else np.zeros(1)
    return [SHADES[round(place)] for place in places.tolist()]


def point_map(
    title: str, alt: str, views: list[View], first: Colouring | None, frame: pd.DataFrame,
    typed: pd.DataFrame, columns: Iterable[Column], rows: np.ndarray, caption: str = "",
) -> PointMap:  # fmt: skip
    """Return a map of some rows that can be coloured by any column.

    Args:
        title, alt, caption: the words around it.
        views: the places of the rows.
        first: what colours it at first; else the first column does.
        frame: all rows as they were read, for what is told of a row.
        typed: the same with values for cells.
        columns: in which order they are offered.
        rows: the numbers of the rows on the map.
    """
    columns = list(columns)
    colourings = [] if first is None else [first]
    for column in columns:
        if len(colourings) < MOST_COLOURS and _colours(column):
            made = by_column(typed[column.name], shorten(column.name, 40), rows)
            colourings += [] if made is None else [made]
    number = pd.Series(rows + 1)
    told = [Told(_("Row"), [f"{n:,}" for n in number], np.arange(len(rows)))]
    told += [_told(frame[column.name].iloc[rows], column.name) for column in columns[:MOST_TOLD]]
    colourings = colourings or [Colouring(_("Row"), [("", "c0")], np.zeros(len(rows), int))]
    return PointMap(title, alt, views, colourings, told, caption)


def _colours(column: Column) -> bool:
    """Whether values can be colours: not those of keys and texts, which are all different."""
    return column.kind in ("number", "yesno", "category", "date", "constant")


def _told(series: pd.Series, name: str) -> Told:
    codes, texts = pd.factorize(np.array([cell(_written(v)) for v in series], object))
    return Told(shorten(name, 40), [str(text) for text in texts], codes)


def _written(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value
