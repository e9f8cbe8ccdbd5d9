"""What a chart is: marks along two axes, with the words around them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from markupsafe import Markup

from maeum.report.sections import Section, Table
from maeum.report.wording import number

SERIES = tuple(f"c{i}" for i in range(10))

Numbers = Sequence[float] | np.ndarray


@dataclass(frozen=True)
class Axis:
    """A direction of a chart.

    Attributes:
        name: what is told along it, with its unit.
        low, high: where it begins and ends; None takes what the marks need.
        kind: ``"number"``, ``"whole"`` (only whole numbers are marked), ``"percent"`` (of
            fractions), ``"log"``, or ``"time"`` (of `seconds`).
        marked: whether there are ticks with numbers.
        names: what stands at 0, 1, 2 ... in place of numbers.
    """

    name: str = ""
    low: float | None = None
    high: float | None = None
    kind: str = "number"
    marked: bool = True
    names: Sequence[str] = ()


class Line(NamedTuple):
    """A line through points; it is broken where one is NaN. ``look``: thin, thick, dashed."""

    x: Numbers
    y: Numbers
    colour: str = "c0"
    look: str = ""


class Band(NamedTuple):
    """What lies between two lines."""

    x: Numbers
    low: Numbers
    high: Numbers
    colour: str = "c0"


class Dots(NamedTuple):
    """Points that no line joins. ``look``: small, large, huge."""

    x: Numbers
    y: Numbers
    colour: str = "c0"
    look: str = ""


class Steps(NamedTuple):
    """A histogram: ``heights`` above ``base`` between ``edges``, of which there is one more."""

    edges: Numbers
    heights: Numbers
    colour: str = "c0"
    base: float = 0.0
    filled: bool = True


class Rule(NamedTuple):
    """A dashed line from side to side, to compare with, at a place of one axis."""

    x: float | None = None
    y: float | None = None


class Regions(NamedTuple):
    """Coloured areas: a grid of cells, each with the number of its colour (-1 for none).

    Attributes:
        x, y: ``(columns + 1,)``, ``(rows + 1,)`` the borders of the cells.
        codes: ``(rows, columns)``, the lowest row first.
        colours: what the numbers stand for.
    """

    x: Numbers
    y: Numbers
    codes: np.ndarray
    colours: Sequence[str] = SERIES


class Cells(NamedTuple):
    """A heat map: a row of numbers from -1 to 1 for each name on the vertical axis.

    Attributes:
        names: of the rows.
        values: ``(rows, columns)``; a cell of NaN or 0 stays empty.
        heads: of the columns; none where they follow from the horizontal axis.
        told: what is said of each cell.
        written: whether the numbers stand in the cells, where there is room.
    """

    names: Sequence[str]
    values: Sequence[Sequence[float]] | np.ndarray
    heads: Sequence[str]
    told: Sequence[Sequence[str]]
    written: bool = True


class Strands(NamedTuple):
    """Many lines (or dots, of one point each) of which the nearest one is told, in every chart.

    Attributes:
        lines: ``(x, y)`` each, without NaN.
        keys: of each, the number of what is told of it in the page's `Told`.
        colour, look: as of a `Line`; the more lines there are, the fainter they are drawn.
    """

    lines: Sequence[tuple[Numbers, Numbers]]
    keys: Sequence[int]
    colour: str = "c0"
    look: str = ""


class Upright(NamedTuple):
    """A scale that stands upright in a chart, at a place of its horizontal axis.

    Attributes:
        x: the place.
        name: what stands above it.
        ticks: places on the vertical axis, and what is written there.
    """

    x: float
    name: str
    ticks: Sequence[tuple[float, str]]


Mark = Line | Band | Dots | Steps | Rule | Regions | Cells | Strands | Upright


class Reading(NamedTuple):
    """What is told between two places of the horizontal axis: a line for each value."""

    low: float
    high: float
    text: str

    @classmethod
    def along(
        cls, x: Numbers, heads: Iterable[str], named: Iterable[tuple[str, Iterable[object]]]
    ) -> list[Reading]:
        """Values of some lines at each place: its head, then the name and value of each line.

        >>> Reading.along([1, 2, 3], "abc", [("loss", [0.5, 0.25, 0.125])])[1]
        Reading(low=1.5, high=2.5, text='b\\nloss: 0.25')
        """
        places = np.asarray(x, float)
        if not len(places):
            return []
        middles = (places[1:] + places[:-1]) / 2
        half = (places[1] - places[0]) / 2 if len(places) > 1 else 0.5
        edges = [places[0] - half, *middles.tolist(), places[-1] + half]
        columns = [[_told(name, value) for value in values] for name, values in named]
        return [
            cls(float(low), float(high), "\n".join([head, *filter(None, told)]))
            for low, high, head, *told in zip(edges, edges[1:], heads, *columns)
        ]


def _told(name: str, value: object) -> str:
    """A value behind its name; a text is taken as it is, and nothing is said of none."""
    text = value if isinstance(value, str) else number(value) if value == value else ""
    return f"{name}: {text}" if text and value is not None else ""


@dataclass(frozen=True)
class Chart(Section):
    """A drawing of marks along two axes.

    Attributes:
        title: its heading, shown if it is ``titled``.
        alt: what it shows, for those who do not see it.
        marks: what is drawn, the last ones on top.
        x, y: the axes.
        readings: what is told at each place.
        caption, legend: the words around it; a legend pairs a label with a colour's name.
        style: ``"wide"`` for one that takes the whole width of the page.
        height: of the plot, in pixels.
        zooms: whether a part of it can be looked at more closely.
    """

    title: str
    alt: str
    marks: Sequence[Mark]
    x: Axis = field(default_factory=Axis)
    y: Axis = field(default_factory=Axis)
    readings: Sequence[Reading] = ()
    caption: str = ""
    legend: Sequence[tuple[str, str]] = ()
    style: str = ""
    titled: bool = True
    height: int = 190
    zooms: bool = False


@dataclass(frozen=True)
class Told(Section):
    """What is told of the `Strands` of a page, by their keys; it is not shown itself."""

    texts: Sequence[str]

    @property
    def data(self) -> Markup:
        """The texts, as JSON within the page."""
        return in_page(list(self.texts))


@dataclass(frozen=True)
class Thresholds(Section):
    """What comes of answering with a class from another probability on.

    Attributes:
        name: the class; ``other`` is the other one.
        positives, negatives: how many rows are of each.
        counts: ``(hits, false alarms)`` from 0%, 1%, ... 100% on.
        table: some of them, to read.
        chosen: the threshold that the network answers with.
    """

    title: str
    name: str
    other: str
    positives: int
    negatives: int
    counts: Sequence[tuple[int, int]]
    table: Table
    chosen: float = 0.5


def in_page(value: object) -> Markup:
    """Return plain data as JSON that the page's script reads.

    >>> in_page(["a < b"])
    Markup('["a &lt; b"]')
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def seconds(times: np.ndarray) -> np.ndarray:
    """Times as seconds since 1970; numbers as they are.

    >>> seconds(np.array(["1970-01-02"], "datetime64[D]")).tolist()
    [86400.0]
    """
    if times.dtype.kind != "M":
        return times.astype(float)
    return times.astype("datetime64[us]").astype(np.int64) / 1e6
