"""The curves of a training as a drawing in SVG, which notebooks and browsers show."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from maeum.core.files import write_atomically
from maeum.core.messages import _
from maeum.core.ticks import nice_step
from maeum.core.wording import as_written, columns

TRAINING, VALIDATION = "#2f7ed8", "#d9722e"  # read on white and on black
_WIDTH, _HEIGHT = 340, 190
_LEFT, _TOP, _RIGHT, _BOTTOM = 56, 26, 10, 24
_TICKS = 4
_POINTS = 500  # of a curve; more are not seen


class Curves:
    """The values of every epoch as curves, one panel for each loss and metric.

    A notebook shows it where it is the value of a cell.

    Attributes:
        svg: the drawing.
    """

    def __init__(self, history: Mapping[str, Sequence[Any]], epochs: Sequence[int] = ()):
        self.svg = curves(history, epochs)

    def save(self, path: str | os.PathLike) -> None:
        """Write the drawing as a file, such as ``curves.svg``.

        Raises:
            SaveError: if it cannot be written.
        """
        write_atomically(path, self.svg.encode())

    def _repr_html_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<Curves, {len(self.svg):,} characters of SVG; save('curves.svg') writes them>"


def curves(history: Mapping[str, Sequence[Any]], epochs: Sequence[int] = ()) -> str:
    """Return the values of every epoch as curves in SVG, with those of the validation.

    Args:
        history: the values by name; ``val_`` and a name are those of the validation.
        epochs: the numbers of the epochs, from 0; by default the first ones.

    Returns:
        An ``<svg>`` element that needs nothing else; empty without a number to draw.

    >>> curves({"loss": [0.9, 0.5], "val_loss": [1.0, 0.6]}).count("<polyline")
    2
    >>> curves({})
    ''
    """
    own = [n for n in history if not (n.startswith("val_") and n[4:] in history)]
    panels = [
        panel for name in own
        if (panel := _panel(name, history[name], history.get(f"val_{name}", ()), epochs))
    ]  # fmt: skip
    if not panels:
        return ""
    across = min(len(panels), 2)
    down = math.ceil(len(panels) / across)
    width, height = across * _WIDTH, down * _HEIGHT
    placed = (
        f'<g transform="translate({_WIDTH * (i % across)},{_HEIGHT * (i // across)})">{panel}</g>'
        for i, panel in enumerate(panels)
    )
    said = escape(_("Curves of the training: {names}", names=", ".join(own)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{said}" style="max-width:{width}px;width:100%" fill="currentColor" '
        f'font-family="sans-serif" font-size="11">{"".join(placed)}</svg>'
    )


def _panel(name: str, values: Sequence[Any], held_out: Sequence[Any], epochs: Sequence[int]) -> str:
    """Return one panel: a grid, its ticks, and the curves; nothing without a number."""
    lines = [(_numbers(values), TRAINING, _("training"))]
    lines.append((_numbers(held_out), VALIDATION, _("validation")))
    lines = [line for line in lines if np.isfinite(line[0]).any()]
    if not lines:
        return ""
    known = np.concatenate([line[0][np.isfinite(line[0])] for line in lines])
    low, high = float(known.min()), float(known.max())
    low, high = (low, high) if high > low else (low - 0.5, high + 0.5)
    steps = max(len(line[0]) for line in lines)
    first = epochs[0] if len(epochs) else 0

    def x(place: float) -> float:
        room = _WIDTH - _LEFT - _RIGHT
        return _LEFT + room * (place / (steps - 1) if steps > 1 else 0.5)

    def y(value: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (high - value) / (high - low)

    parts = [f'<text x="{_LEFT}" y="14" font-weight="bold">{escape(name)}</text>']
    for value in _ticks(low, high):
        parts.append(
            f'<path d="M{_LEFT} {y(value):.1f}H{_WIDTH - _RIGHT}" stroke="currentColor" '
            f'opacity="0.15"/><text x="{_LEFT - 5}" y="{y(value) + 4:.1f}" '
            f'text-anchor="end">{as_written(value, 3)}</text>'
        )
    for place in sorted({round(p) for p in np.linspace(0, steps - 1, min(steps, 5))}):
        parts.append(
            f'<text x="{x(place):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">'
            f"{first + place + 1}</text>"
        )
    for numbers, paint, what in lines:
        every = math.ceil(len(numbers) / _POINTS)  # the last one always
        shown = [i for i in range(len(numbers)) if (len(numbers) - 1 - i) % every == 0]
        points = [(x(i), y(numbers[i])) for i in shown if math.isfinite(numbers[i])]
        if len(points) == 1:  # one point is no line
            parts.append(
                f'<circle cx="{points[0][0]:.1f}" cy="{points[0][1]:.1f}" r="3" fill="{paint}">'
                f"<title>{escape(what)}</title></circle>"
            )
        said = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(
            f'<polyline points="{said}" fill="none" stroke="{paint}" stroke-width="2">'
            f"<title>{escape(what)}</title></polyline>"
        )
    end = _WIDTH - _RIGHT
    for _values, paint, what in reversed(lines):
        parts.append(f'<text x="{end}" y="14" text-anchor="end" fill="{paint}">{what}</text>')
        end -= 8 + 6 * columns(what)
    return "".join(parts)


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers between two ends.

    >>> _ticks(0.033, 1.0)
    [0.2, 0.4, 0.6, 0.8, 1.0]
    """
    step = nice_step(high - low, _TICKS + 1)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{n * step:.10g}") for n in range(first, last + 1)]


def _numbers(values: Sequence[Any]) -> np.ndarray:
    """Return the values as floats; what is none (an array, nothing) as NaN."""
    found = [float(v) if v is not None and np.ndim(v) == 0 else math.nan for v in values]
    return np.array(found, np.float64)
