"""What a state looks like, as data: shapes in a plane, which a page draws as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

Point = tuple[float, float]

COLOURS = ("page", "card", "ink", "muted", "line", "accent", "tint", "right", "wrong",
           *(f"c{i}" for i in range(10)))  # fmt: skip


class Polygon(NamedTuple):
    """A filled shape with these corners."""

    points: Sequence[Point]
    colour: str = "c0"


class Path(NamedTuple):
    """A line through points, ``width`` wide in the units of the plane."""

    points: Sequence[Point]
    colour: str = "ink"
    width: float = 0.02


class Circle(NamedTuple):
    """A disc around a point."""

    centre: Point
    radius: float
    colour: str = "c0"


class Label(NamedTuple):
    """A text centred at a point, ``size`` high in the units of the plane."""

    at: Point
    text: str
    colour: str = "ink"
    size: float = 0.5


Mark = Polygon | Path | Circle | Label


@dataclass(frozen=True)
class Drawing:
    """Marks within a part of the plane, the later ones above the earlier; ``y`` points upwards.

    Attributes:
        low, high: the lower left and the upper right corner of what is shown.
        marks: the shapes. Their colours are those of a report (`COLOURS`), by name.
    """

    low: Point
    high: Point
    marks: list[Mark] = field(default_factory=list)


def rectangle(left: float, bottom: float, right: float, top: float, colour: str) -> Polygon:
    """Return a filled rectangle."""
    return Polygon([(left, bottom), (right, bottom), (right, top), (left, top)], colour)


def pixels(image: Any, colours: Sequence[str]) -> Drawing:
    """Return the drawing of an image, one square for each pixel.

    Args:
        image: of shape ``(rows, columns, channels)``; a pixel has the colour of its first channel
            that is not 0.
        colours: of the channels.
    """
    image = np.asarray(image)
    rows, columns, _ = image.shape
    marks: list[Mark] = [rectangle(0, 0, columns, rows, "card")]
    for row, column in np.argwhere(image.any(-1)).tolist():
        colour = colours[int(np.argmax(image[row, column] != 0))]
        marks.append(rectangle(column, rows - row - 1, column + 1, rows - row, colour))
    return Drawing((0, 0), (columns, rows), marks)
