"""Drawings as images of pixels, by Pillow."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from maeum.rl.envs.drawing import COLOURS, Circle, Drawing, Mark, Path, Point, Polygon

_FINER = 2  # how many times finer it is painted: then edges are smooth


def paint(drawing: Drawing, width: int = 400) -> np.ndarray:
    """Return a drawing as an image, in the colours of a bright page.

    Args:
        drawing: what an environment's ``render`` returned.
        width: how wide it is, in pixels.

    Returns:
        uint8 of shape ``(height, width, 3)``; both are even.

    Example:
        >>> paint(Drawing((0, 0), (1, 1), [Circle((0.5, 0.5), 0.4)]), 50)[25, 25].tolist()
        [58, 109, 181]
    """
    (left, bottom), (right, top) = drawing.low, drawing.high
    width += width % 2
    scale = _FINER * width / (right - left)
    height = max(round((top - bottom) * scale / _FINER), 2)
    height += height % 2
    image = Image.new("RGB", (_FINER * width, _FINER * height), COLOURS["page"])
    brush = ImageDraw.Draw(image, "RGBA")

    def at(point: Point) -> Point:
        return (point[0] - left) * scale, (top - point[1]) * scale

    for mark in drawing.marks:
        _paint(brush, mark, at, scale)
    return np.asarray(image.reduce(_FINER))


def _paint(brush: ImageDraw.ImageDraw, mark: Mark, at: Any, scale: float) -> None:
    colour = ImageColor.getrgb(COLOURS[mark.colour])
    if isinstance(mark, Polygon):
        brush.polygon([*map(at, mark.points)], fill=(*colour[:3], round(255 * mark.opacity)))
    elif isinstance(mark, Path):
        points, width = [*map(at, mark.points)], max(round(mark.width * scale), 1)
        brush.line(points, fill=colour, width=width, joint="curve")
        for x, y in points:
            _disc(brush, x, y, width / 2, colour)
    elif isinstance(mark, Circle):
        x, y = at(mark.centre)
        _disc(brush, x, y, mark.radius * scale, colour)
    else:
        font = ImageFont.load_default(max(mark.size * scale, 1))
        brush.text(at(mark.at), mark.text, fill=colour, font=font, anchor="mm")


def _disc(brush: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: Any) -> None:
    brush.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colour)
