"""A map of rows: points that are coloured by any column, and tell of their row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from markupsafe import Markup

from maeum.report.charts.data import Axis, Chart, Dots, Numbers, in_page
from maeum.report.charts.drawing import SIDE, draw
from maeum.report.sections import Section

EDGE = 0.03  # of the square that is left free around the points


class View(NamedTuple):
    """Places of the rows; NaN for one that has none."""

    name: str
    x: Numbers
    y: Numbers


class Colouring(NamedTuple):
    """A colour for each row: ``codes`` are places in the ``legend`` of labels and colours."""

    name: str
    legend: Sequence[tuple[str, str]]
    codes: Sequence[int] | np.ndarray


class Told(NamedTuple):
    """What is told of each row in one column: the text of number ``codes[i]``."""

    name: str
    texts: Sequence[str]
    codes: Sequence[int] | np.ndarray


@dataclass(frozen=True)
class PointMap(Section):
    """Rows as points; the reader chooses the view and the column that colours it.

    Attributes:
        title, alt: its heading, and what it shows, for those who do not see it.
        views: where the rows lie; the first is shown first.
        colourings: by what they are coloured; the first is shown first.
        told: the columns that are told of the row at the pointer.
        caption: words below.
    """

    title: str
    alt: str
    views: Sequence[View]
    colourings: Sequence[Colouring]
    told: Sequence[Told] = ()
    caption: str = ""
    height: int = 460

    @property
    def picture(self) -> Markup:
        """The first view, as it is without a script."""
        view, colouring = self.views[0], self.colourings[0]
        return draw(view_of(view, colouring, self.alt, self.height))

    @property
    def data(self) -> Markup:
        """What the script draws from, as JSON."""
        found: dict[str, Any] = {
            "views": [[_places(x), _places(y, -1)] for _name, x, y in self.views],
            "colours": [
                {"legend": list(map(list, legend)), "codes": np.asarray(codes).tolist()}
                for _name, legend, codes in self.colourings
            ],
            "told": [
                {"name": name, "texts": list(texts), "codes": np.asarray(codes).tolist()}
                for name, texts, codes in self.told
            ],
        }
        return in_page(found)


def view_of(view: View, colouring: Colouring, alt: str = "", height: int = 220) -> Chart:
    """Return a view as a chart of dots, one colour below the other."""
    codes = np.asarray(colouring.codes)
    x, y = np.asarray(view.x, float), np.asarray(view.y, float)
    marks = [
        Dots(x[codes == code], y[codes == code], colour, "small")
        for code, (_label, colour) in enumerate(colouring.legend)
    ]
    across, up = (Axis("", *ends(each), marked=False) for each in (x, y))
    return Chart(view.name, alt or view.name, marks, across, up, height=height)


def ends(values: np.ndarray) -> tuple[float, float]:
    """Return where an axis begins and ends, with some room beside the values."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    room = EDGE * (high - low) or 0.5
    return low - room, high + room


def _places(values: Numbers, sign: int = 1) -> list[int | None]:
    """Places on the square, as whole numbers."""
    given = np.asarray(values, float)
    low, high = ends(given)
    at = SIDE * (given - low) / (high - low)
    at = at if sign > 0 else SIDE - at
    return [round(place) if place == place else None for place in at.tolist()]
