"""Decision boundaries in two dimensions: where each of several models answers what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from maeum.classics.components import components_of
from maeum.core.checks import check_whole
from maeum.core.errors import ShapeError
from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.report.charts import SERIES, Axis, Chart, Dots, Mark, Regions
from maeum.report.charts.points import ends
from maeum.report.sections import Grid, Legend, Section
from maeum.report.wording import percent

CELLS = 80  # of each side of the plane
MOST_ROWS = 400  # that are drawn as dots
Predict = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Plane:
    """Two dimensions of points that have more.

    Attributes:
        names: of both axes.
        places: ``(n, 2)`` where the points lie on it.
        origin: ``(d,)`` the point that lies at 0, 0.
        directions: ``(2, d)`` what the axes are in the points' own features.
    """

    names: tuple[str, str]
    places: np.ndarray
    origin: np.ndarray
    directions: np.ndarray

    def points(self, places: np.ndarray) -> np.ndarray:
        """Return the points ``(m, d)`` at some places ``(m, 2)``."""
        return self.origin + np.asarray(places) @ self.directions

    @classmethod
    def of_features(cls, x: np.ndarray, names: Sequence[str], first: int, second: int) -> Plane:
        """Return the plane of two features; all others stay at their medians.

        Args:
            x: ``(n, d)``.
            names: ``(d,)`` of the features.
            first, second: the numbers of both.

        >>> plane = Plane.of_features(np.array([[1.0, 2.0, 5.0], [3.0, 4.0, 7.0]]), "abc", 0, 1)
        >>> plane.names, plane.points([[0.0, 9.0]]).tolist()
        (('a', 'b'), [[0.0, 9.0, 6.0]])
        """
        origin, directions = np.median(x, axis=0).astype(float), np.zeros((2, x.shape[1]))
        origin[[first, second]] = 0
        directions[0, first] = directions[1, second] = 1
        return cls((names[first], names[second]), x[:, [first, second]].astype(float), origin,
                   directions)  # fmt: skip

    @classmethod
    def of_components(cls, x: np.ndarray) -> Plane:
        """Return the plane of the first two principal components of points ``(n, d)``."""
        found = components_of(x, [])
        directions = np.zeros((2, x.shape[1]))
        directions[: len(found.weights[:2])] = found.weights[:2]
        names = (_("Component {n}", n=1), _("Component {n}", n=2))
        return cls(names, found.places(x), found.mean, directions)


def decision_boundaries(
    plane: Plane, truth: np.ndarray, classes: Sequence[str], models: Mapping[str, Predict],
    cells: int = CELLS,
) -> list[Section]:  # fmt: skip
    """Draw what each model answers everywhere on a plane, one small picture beside the other.

    Args:
        plane: the plane, with the rows that are drawn on it.
        truth: ``(n,)`` the number of each row's class.
        classes: the names of the classes.
        models: for each name a function that takes points ``(m, d)``, and returns the class
            numbers ``(m,)``, or a probability of each class ``(m, classes)``.
        cells: how many places are asked along each axis.

    Returns:
        A legend of the classes, and a grid of charts. The fraction below each picture is of all
        rows of the plane, where they lie on it.

    Raises:
        ConfigError: for fewer than two cells.
        ShapeError: if a model returns neither of both.

    Example:
        >>> x = np.array([[0.0, 0.0], [1.0, 1.0]])
        >>> plane = Plane.of_features(x, ["a", "b"], 0, 1)
        >>> right = lambda points: (points[:, 0] > 0.5).astype(int)
        >>> legend, grid = decision_boundaries(plane, np.array([0, 1]), ["no", "yes"], {"a": right})
        >>> grid.sections[0].caption
        'right for 100% of the rows, as they lie on this plane'
    """
    check_whole(cells, "cells", 2)
    spans = [ends(plane.places[:, axis]) for axis in (0, 1)]
    edges = [np.linspace(*span, cells + 1) for span in spans]
    middles = [(edge[1:] + edge[:-1]) / 2 for edge in edges]
    grid = np.stack(np.meshgrid(*middles), axis=-1).reshape(-1, 2)
    axes = [Axis(shorten(name, 40), *span) for name, span in zip(plane.names, spans)]
    colours = [SERIES[i % len(SERIES)] for i in range(len(classes))]
    dots = _dots(plane, np.asarray(truth), colours)
    charts = []
    for name, predict in models.items():
        answers = _classes(predict, plane.points(grid), name).reshape(cells, cells)
        own = _classes(predict, plane.points(plane.places), name)
        right = percent(float((own == truth).mean()), 0)
        said = _("right for {fraction} of the rows, as they lie on this plane", fraction=right)
        marks: list[Mark] = [Regions(edges[0], edges[1], answers, colours), *dots]
        alt = _("Decision boundaries of {name}: {said}", name=name, said=said)
        charts.append(Chart(shorten(name, 40), alt, marks, axes[0], axes[1], caption=said,
                            height=260))  # fmt: skip
    legend = tuple(zip((shorten(name, 30) for name in classes), colours))
    return [Legend(legend), Grid(charts)]


def _dots(plane: Plane, truth: np.ndarray, colours: Sequence[str]) -> list[Dots]:
    rows = np.arange(len(truth))
    if len(rows) > MOST_ROWS:
        rows = np.random.default_rng(0).choice(rows, MOST_ROWS, replace=False)
    places, classes = plane.places[rows], truth[rows]
    return [
        Dots(places[classes == k, 0], places[classes == k, 1], colour, "small")
        for k, colour in enumerate(colours)
    ]


def _classes(predict: Predict, points: np.ndarray, name: str) -> np.ndarray:
    """Return the class numbers that a model answers with."""
    found = np.asarray(predict(points))
    if found.ndim == 2 and found.shape[1] > 1:
        found = found.argmax(axis=1)
    if found.shape != (len(points),):
        raise ShapeError("{name} takes {n} points and returns {n} class numbers, or a row of "
                         "probabilities for each; got shape {shape}.", name=name, n=len(points),
                         shape=found.shape)  # fmt: skip
    return found.astype(int)
