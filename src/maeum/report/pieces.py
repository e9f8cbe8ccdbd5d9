"""The pieces of a report as plain data; the page draws them in HTML."""

from __future__ import annotations

import math
from typing import Any, NamedTuple


class Segment(NamedTuple):
    """A coloured part of a bar; ``left`` and ``width`` in percent of the track."""

    left: float
    width: float
    colour: str


class Bar(NamedTuple):
    """One line of a chart; ``mark`` is a tick on the track, ``whisker`` a spread, in percent."""

    label: str
    value: str
    segments: list[Segment]
    note: str = ""
    mark: float | None = None
    whisker: tuple[float, float] | None = None


class BarChart(NamedTuple):
    """Bars under a title; ``signed`` ones grow from the middle of the track."""

    title: str
    bars: list[Bar]
    caption: str = ""
    legend: tuple[tuple[str, str], ...] = ()
    signed: bool = False


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


class Tile(NamedTuple):
    """A key number with the words under it."""

    label: str
    value: str
    meaning: str


class Some(NamedTuple):
    """The first few of many drawings or charts, and how many more there would be."""

    shown: list[Any]
    more: int


class Trust(NamedTuple):
    """A share with its 95% range (Wilson, 1927)."""

    share: float
    low: float
    high: float


def wilson(right: int, count: int) -> Trust:
    """How far a share of ``count`` rows can be trusted.

    >>> t = wilson(8, 10)
    >>> f"{t.low:.3f} {t.high:.3f}"
    '0.490 0.943'
    """
    if count == 0:
        return Trust(math.nan, math.nan, math.nan)
    from scipy.stats import binomtest

    interval = binomtest(int(right), count).proportion_ci(method="wilson")
    return Trust(right / count, float(interval.low), float(interval.high))
