"""The chapters of the page of a model that makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.report.addresses import data_address
from maeum.report.charts import SERIES, Axis, Chart, Reading, Steps
from maeum.report.charts.points import Colouring, PointMap, Told, View
from maeum.report.sections import Chapter, Image, Images, Section, Slides, Table, Text
from maeum.report.wording import number

PAIRS = 16
UNUSUAL = 12
FEATURES = 3  # of an unusual row that are told
POINTS = 2000
STEPS = 9  # of a walk in each direction
FILTERS = 64
_LABELS = len(SERIES)  # that have a colour of their own


@dataclass(frozen=True)
class Rows:
    """The data of a page.

    Attributes:
        x: the rows.
        shape: the shape of the image that each is; None for other data.
        labels: a label for each row, or None.
        names: the names of the features, or None.
    """

    x: np.ndarray
    shape: tuple[int, ...] | None
    labels: Any
    names: Sequence[str] | None

    def pixels(self, row: np.ndarray) -> np.ndarray:
        """Return a row of data, or of what was made like them, as bytes of an image."""
        low, high = self._range
        assert self.shape is not None
        unit = (np.asarray(row, float).reshape(self.shape) - low) / ((high - low) or 1.0)
        return (255 * np.clip(unit, 0, 1)).round().astype(np.uint8)

    @cached_property
    def _range(self) -> tuple[float, float]:
        return float(self.x.min()), float(self.x.max())

    def flat(self, rows: np.ndarray) -> np.ndarray:
        """Return rows with one axis of features."""
        return np.asarray(rows).reshape(len(rows), -1)

    def name(self, feature: int) -> str:
        """Return the name of a feature, or its number from 1 on."""
        return f"#{feature + 1}" if self.names is None else shorten(self.names[feature], 40)


def reconstructions(data: Rows, again: np.ndarray) -> Chapter | None:
    """Some rows beside what became of them; None for data that are no images."""
    if data.shape is None:
        return None
    said = _("To the left data as they are, to the right what the model makes of them.")
    images = [_pair(data, again, row, ()) for row in range(min(PAIRS, len(data.x)))]
    shown = Images(_("Data and reconstructions"), images, style="small")
    return Chapter("reconstructions", _("Reconstructions"), [Text(said), shown])


def _pair(data: Rows, again: np.ndarray, row: int, lines: Sequence[str]) -> Image:
    left, right = data.pixels(data.x[row]), data.pixels(again[row])
    gap = np.full((left.shape[0], 1, *left.shape[2:]), 128, np.uint8)
    told = _("Row {n}, and its reconstruction", n=row + 1)
    return Image(data_address(np.concatenate([left, gap, right], axis=1)), told, lines)


def unusual(data: Rows, again: np.ndarray, scores: np.ndarray, entries: np.ndarray) -> Chapter:
    """How the anomaly scores are spread, and the rows with the highest ones."""
    heights, edges = np.histogram(scores, bins=min(30, max(5, len(scores) // 10)))
    heads = [f"{number(a)} – {number(b)}" for a, b in pairwise(edges)]
    readings = [
        Reading(float(low), float(high), f"{head}\n{count:,}")
        for (low, high), head, count in zip(pairwise(edges), heads, heights.tolist())
    ]
    spread = Chart(
        _("Anomaly scores"), _("Histogram of the anomaly scores of the rows"),
        [Steps(edges, heights)], Axis(_("score")), Axis(_("rows"), 0.0, kind="whole"), readings,
    )  # fmt: skip
    order = np.argsort(-scores, kind="stable")[:UNUSUAL]
    shown: Section
    if data.shape is None:
        shown = _unusual_table(data, again, scores, entries, order)
    else:
        images = [
            _pair(data, again, row, (_("row {n}", n=row + 1), number(float(scores[row]))))
            for row in order.tolist()
        ]
        shown = Images(_("The most unusual rows"), images, style="small")
    said = _("What is unlike the training data is reconstructed badly: a high score.")
    return Chapter("unusual", _("What is unusual"), [Text(said), shown, spread])


def _unusual_table(
    data: Rows, again: np.ndarray, scores: np.ndarray, entries: np.ndarray, order: np.ndarray
) -> Table:
    flat, made, parts = data.flat(data.x), data.flat(again), data.flat(entries)
    table = []
    for row in order.tolist():
        most = np.argsort(-parts[row], kind="stable")[:FEATURES].tolist()
        told = [
            _("{feature}: {value} (expected {expected})", feature=data.name(i),
              value=number(float(flat[row, i])), expected=number(float(made[row, i])))
            for i in most
        ]  # fmt: skip
        table.append([f"{row + 1:,}", number(float(scores[row])), "; ".join(told)])
    head = [_("Row"), _("Score"), _("Where it is unusual")]
    return Table(_("The most unusual rows"), head, table, style="wide", named=True)


def codes(model: Any, data: Rows, scores: np.ndarray) -> Chapter:
    """A map of the codes, and a walk over it."""
    found = data.flat(model.encode(data.x)).astype(float)
    middle = found.mean(0)
    if found.shape[1] == 2:
        axes, names = np.eye(2), _("The two numbers of the code")
        middle = np.zeros(2)
    else:  # the directions in which codes differ most
        _u, _s, directions = np.linalg.svd(found - middle, full_matrices=False)
        axes, names = directions[:2], _("The first principal components of the codes")
    places = (found - middle) @ axes.T
    if places.shape[1] < 2:  # a code of one number
        places = np.column_stack([places, np.zeros(len(places))])
        axes = np.concatenate([axes, np.zeros_like(axes)])[:2]
    some = np.linspace(0, len(places) - 1, min(POINTS, len(places))).astype(int)
    told = [Told(_("Row"), [f"{row + 1:,}" for row in some.tolist()], np.arange(len(some)))]
    colourings = [_by_score(scores[some])]
    if data.labels is not None:
        own = _by_label(np.asarray(data.labels)[some])
        colourings.insert(0, own)
        told.append(Told(own.name, [label for label, _colour in own.legend], own.codes))
    shown = PointMap(_("Codes"), _("Map of the codes of the rows"),
                     [View(names, places[some, 0], places[some, 1])], colourings,
                     told)  # fmt: skip
    said = _("Each point is the code of a row; rows that are alike lie near each other.")
    sections: list[Section] = [Text(said), shown]
    if data.shape is not None:
        sections.append(_walk(model, data, places, middle, axes))
    return Chapter("codes", _("Codes"), sections)


def _walk(
    model: Any, data: Rows, places: np.ndarray, middle: np.ndarray, axes: np.ndarray
) -> Slides:
    """Decode codes on a grid over the map: a slide for each column, seen from left to right."""
    low, high = np.quantile(places, 0.02, axis=0), np.quantile(places, 0.98, axis=0)
    across, up = (np.linspace(low[i], high[i], STEPS) for i in range(2))
    grid = np.stack(np.meshgrid(across, up[::-1], indexing="ij"), -1).reshape(-1, 2)
    made = middle + grid @ axes
    decoded = model.decode(made.reshape(-1, *model.code_shape).astype("float32"))
    columns = decoded.reshape(STEPS, STEPS, *decoded.shape[1:])
    slides = []
    for place, column in zip(across.tolist(), columns):
        images = [
            Image(data_address(data.pixels(row)),
                  _("decoded at {x}, {y}", x=f"{place:.2f}", y=f"{height:.2f}"), [f"{height:.2f}"])
            for row, height in zip(column, up[::-1].tolist())
        ]  # fmt: skip
        slides.append(Images("", images, style="small"))
    said = _("What the decoder makes of the places of the map: the slider moves from left to "
             "right, and the images go from the top to the bottom.")  # fmt: skip
    return Slides(_("A walk over the map"), _("From left to right"),
                  [f"{place:.2f}" for place in across.tolist()], slides, said)  # fmt: skip


def _by_label(labels: np.ndarray) -> Colouring:
    values, places = np.unique(labels.astype(str), return_inverse=True)
    legend = [(shorten(value, 30), SERIES[i]) for i, value in enumerate(values[:_LABELS].tolist())]
    if len(values) > _LABELS:
        legend.append((_("{n:,} others", n=len(values) - _LABELS), "muted"))
    return Colouring(_("Label"), legend, np.minimum(places, _LABELS))


def _by_score(scores: np.ndarray) -> Colouring:
    high = np.quantile(scores, 0.95)
    legend = [(_("usual"), "c0"), (_("the most unusual 5%"), "c1")]
    return Colouring(_("Anomaly score"), legend, (scores > high).astype(int))


def samples(data: Rows, made: np.ndarray) -> Chapter | None:
    """What the model makes up; None for data that are no images."""
    if data.shape is None or not len(made):
        return None
    images = [Image(data_address(data.pixels(row)), _("sample")) for row in made]
    said = _("What the model makes up.")
    return Chapter("samples", _("Drawn samples"), [Text(said), Images("", images, style="tiny")])


def filters(data: Rows, weights: np.ndarray) -> Chapter | None:
    """The strongest filters, from black (against) to white (for); None without images."""
    if data.shape is None:
        return None
    strong = np.argsort(-np.square(weights).sum(1), kind="stable")[:FILTERS]
    images = []
    for unit in strong.tolist():
        most = float(np.abs(weights[unit]).max()) or 1.0
        grey = (127.5 * (1 + weights[unit] / most)).round().astype(np.uint8)
        told = _("filter of unit {n}", n=unit + 1)
        images.append(Image(data_address(grey.reshape(data.shape)), told))
    said = _("What the hidden units look for: bright where data speak for a unit, dark where they "
             "speak against it. The strongest of {n:,} are shown.", n=len(weights))  # fmt: skip
    shown = Images("", images, style="tiny filters")
    return Chapter("filters", _("Filters"), [Text(said), shown])
