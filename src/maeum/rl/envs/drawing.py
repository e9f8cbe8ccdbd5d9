"""What a state looks like, as data: shapes in a plane, which a page draws as SVG."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple

import numpy as np

Point = tuple[float, float]

# Of a report's page, by name, and where there is no page around.
COLOURS = {
    "page": "#faf9f6", "card": "#ffffff", "ink": "#1c2230", "muted": "#5d6575", "line": "#dedcd5",
    "accent": "#2f5fa8", "tint": "#eef2f9", "right": "#2f7d5b", "wrong": "#b8441f",
    "c0": "#3a6db5", "c1": "#b84c18", "c2": "#1f7f62", "c3": "#8d4fa8", "c4": "#8a6508",
    "c5": "#207a99", "c6": "#b5476c", "c7": "#666f32", "c8": "#62658a", "c9": "#8b5b3e",
}  # fmt: skip


class Polygon(NamedTuple):
    """A filled shape with these corners; ``opacity`` from 0 (nothing is seen) to 1."""

    points: Sequence[Point]
    colour: str = "c0"
    opacity: float = 1.0


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

    def svg(self, width: int = 400) -> str:
        """Return the drawing as SVG: a file of its own, or a part of a page.

        In a page that has the colours of a report, those are taken, dark ones included.

        Args:
            width: how wide it is, in pixels.

        Example:
            >>> Drawing((0, 0), (1, 1), [Circle((0.5, 0.5), 0.4)]).svg(100)[:20]
            '<svg xmlns="http://w'
        """
        pieces, wide, high = self.pieces(width)
        head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:g}" height="{high:g}" '
        return f'{head}role="img" viewBox="0 0 {wide:g} {high:g}">{"".join(pieces)}</svg>'

    def pieces(self, width: int = 400) -> tuple[list[str], float, float]:
        """Return the marks as pieces of SVG, and the width and the height of what they stand in."""
        (left, bottom), (right, top) = self.low, self.high
        scale = width / (right - left)

        def at(point: Point) -> str:
            return ",".join(f"{round(scale * each, 2):g}"
                            for each in (point[0] - left, top - point[1]))  # fmt: skip

        drawn = [_as_svg(mark, at, scale) for mark in self.marks]
        return drawn, width, round((top - bottom) * scale, 2)


def _as_svg(mark: Mark, at: Callable[[Point], str], scale: float) -> str:
    colour = f"var(--{mark.colour}, {COLOURS[mark.colour]})"
    if isinstance(mark, Polygon):
        points = " ".join(map(at, mark.points))
        faint = f' fill-opacity="{mark.opacity:.3g}"' if mark.opacity < 1 else ""
        return f'<polygon points="{points}" fill="{colour}"{faint}/>'
    if isinstance(mark, Path):
        points, wide = " ".join(map(at, mark.points)), f"{mark.width * scale:.4g}"
        return (f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{wide}" '
                f'stroke-linecap="round" stroke-linejoin="round"/>')  # fmt: skip
    x, y = at(mark.centre if isinstance(mark, Circle) else mark.at).split(",")
    if isinstance(mark, Circle):
        return f'<circle cx="{x}" cy="{y}" r="{mark.radius * scale:.4g}" fill="{colour}"/>'
    return (f'<text x="{x}" y="{y}" font-size="{mark.size * scale:.4g}" fill="{colour}" '
            f'text-anchor="middle" dominant-baseline="central" font-family="sans-serif">'
            f"{escape(mark.text)}</text>")  # fmt: skip


def rectangle(
    left: float, bottom: float, right: float, top: float, colour: str, opacity: float = 1.0
) -> Polygon:
    """Return a filled rectangle."""
    return Polygon([(left, bottom), (right, bottom), (right, top), (left, top)], colour, opacity)


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
