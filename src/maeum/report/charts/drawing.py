"""The one renderer: a chart becomes SVG that is as wide as there is room.

The marks are drawn on a square of 1,000 by 1,000 that is stretched to the plot, with lines that
keep their width. What is written stands at a percentage of the plot, in letters that keep their
size. So one drawing serves a wide screen, a phone and paper.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from maeum.report.charts.data import (
    Band,
    Cells,
    Chart,
    Dots,
    Line,
    Numbers,
    Reading,
    Regions,
    Rule,
    Steps,
    Strands,
    Upright,
)
from maeum.report.charts.scales import Scale, Tick, ticks, width
from maeum.report.wording import compact

SIDE = 1000
MAX_POINTS = 600  # of a line; more are not told apart
INSIDE = 300  # pixels that there are for a plot and the names beside it at least, on a phone
NARROW = 250  # of them for a plot beside numbers
MEDIUM = 380  # pixels that a plot is wide at least where no number is spared
CELL = 24  # pixels that a row of a heat map is high
GAP = 6  # pixels between two numbers at least
EDGE = 12  # pixels beside a plot that a number may reach into
_LEVELS = 10  # shades of a heat map
_BELOW = 20  # pixels for the numbers of the horizontal axis


def draw(chart: Chart) -> Markup:
    """Return the plot of a chart: the words around it stand in the page's template."""
    cells = next((mark for mark in chart.marks if isinstance(mark, Cells)), None)
    return _heat_map(chart, cells) if cells is not None else _plot(chart)


def _plot(chart: Chart) -> Markup:
    across, up = _scales(chart)
    wide = "wide" in chart.style
    below = ticks(chart.x, across, 10 if wide else 6, NARROW)
    beside = ticks(chart.y, up, 5, 10_000)
    margin = 8 + max((width(tick.label) for tick in beside), default=0)
    grid = [f'<line x1="{_place(t.at)}" x2="{_place(t.at)}" y2="{chart.height}"/>' for t in below]
    grid += [f'<line x2="100%" y1="{y}" y2="{y}"/>' for y in _heights(beside, chart.height)]
    labels = zip(beside, _heights(beside, chart.height))
    marks = "".join(_DRAWN[type(mark)](mark, across, up) for mark in chart.marks)
    told = {"x": across, "y": up} if _has_dots_alone(chart) else {}
    return _framed(
        chart.height,
        "".join(f'<text x="{margin - 8:.0f}" y="{y + 4:g}">{escape(t.label)}</text>'
                for t, y in labels) if beside else "",
        margin if beside else 0,
        f'<g class="lines">{"".join(grid)}</g>'
        + _square(marks + _readings(chart.readings, across), chart.height, told)
        + _written(chart, across, up)
        + f'<g class="ticks">{"".join(_below(below, chart.height, not beside))}</g>',
        chart.zooms,
    )  # fmt: skip


def _framed(height: float, beside: str, margin: float, plot: str, zooms: bool = False) -> Markup:
    """The numbers beside the plot, and the plot with what is written below it."""
    total = height + _BELOW
    side = f'<svg class="beside" width="{margin:.0f}" height="{total}">{beside}</svg>'
    names = "plot zooms" if zooms else "plot"
    area = f'<svg class="{names}" width="100%" height="{total}">{plot}</svg>'
    return Markup((side if beside else "") + area)


def _square(marks: str, height: float, told: Mapping[str, Scale] = MappingProxyType({})) -> str:
    """The stretched square; where its places alone tell the values, with the ends of the axes."""
    box = f'viewBox="0 0 {SIDE} {SIDE}" preserveAspectRatio="none" width="100%" height="{height}"'
    ends = "".join(f' data-{n}="{scale.low:.8g} {scale.high:.8g}"' for n, scale in told.items())
    return f'<svg class="marks" {box}{ends}>{marks}</svg>'


def _has_dots_alone(chart: Chart) -> bool:
    """Whether there are dots between two named axes of numbers, and nothing is told of strips."""
    named = all(axis.name and axis.kind == "number" for axis in (chart.x, chart.y))
    there = any(isinstance(mark, Dots) and len(mark.x) for mark in chart.marks)
    return named and there and not chart.readings


def _scales(chart: Chart) -> tuple[Scale, Scale]:
    """Return the scales that show all marks."""
    across: list[Numbers] = []
    up: list[Numbers] = []
    for mark in chart.marks:
        x, y = _EXTENTS[type(mark)](mark)
        across += x
        up += y
    pad = 0.02 if any(isinstance(mark, Dots) for mark in chart.marks) else 0.0
    return Scale.of(chart.x, across, pad, 0), Scale.of(chart.y, up, 0.0, 5)


_EXTENTS: dict[type, Callable[[Any], tuple[list[Numbers], list[Numbers]]]] = {
    Line: lambda m: ([m.x], [m.y]),
    Dots: lambda m: ([m.x], [m.y]),
    Band: lambda m: ([m.x], [m.low, m.high]),
    Steps: lambda m: ([m.edges], [m.heights, [m.base]]),
    Regions: lambda m: ([m.x], [m.y]),
    Strands: lambda m: ([x for x, _y in m.lines], [y for _x, y in m.lines]),
    Upright: lambda m: ([[m.x]], [[at for at, _label in m.ticks]]),
    Rule: lambda m: ([] if m.x is None else [[m.x]], [] if m.y is None else [[m.y]]),
}


def _heights(beside: Iterable[Tick], height: float) -> list[float]:
    return [round(height * (1 - tick.at), 1) for tick in beside]


def _below(marked: list[Tick], height: float, first: bool) -> Iterator[str]:
    """The numbers under the plot; the outermost ones are kept from reaching beyond it.

    One that would touch another on a plot of `MEDIUM` pixels is only for wider ones.
    """
    written: list[tuple[float, float]] = []
    for tick in sorted(marked, key=lambda tick: tick.spare):
        wide = width(tick.label)
        room, half = NARROW * np.array([tick.at, 1 - tick.at]) + EDGE, wide / 2
        end = " end" if half > room[1] else " begin" if first and half > room[0] else ""
        left = MEDIUM * tick.at - {" end": wide, " begin": 0, "": half}[end]
        right = left + wide
        crowded = any(left < other_right + GAP and other_left < right + GAP
                      for other_left, other_right in written)  # fmt: skip
        written += [] if crowded else [(left, right)]
        names = " spare" * tick.spare + " crowded" * crowded + end
        attribute = f' class="{names.strip()}"' if names else ""
        at = f'x="{_place(tick.at)}" y="{height + 16}"'
        yield f"<text{attribute} {at}>{escape(tick.label)}</text>"


def _place(at: float) -> str:
    return f"{100 * at:.2f}".rstrip("0").rstrip(".") + "%"


def _points(x: Numbers, y: Numbers, across: Scale, up: Scale) -> np.ndarray:
    """The places of points on the square, ``(n, 2)``."""
    placed = np.stack([across(x), 1 - up(y)], axis=1) * SIDE
    return np.clip(placed, -SIDE, 2 * SIDE)


def thinned(points: np.ndarray, most: int = MAX_POINTS) -> np.ndarray:
    """Return points ``(n, 2)`` of which the lowest and highest of each stretch are left.

    So no peak is lost, however many there are.
    """
    if len(points) <= most:
        return points
    kept = [0, len(points) - 1]
    for part in np.array_split(np.arange(len(points)), most // 2):
        heights = points[part, 1]
        kept += [int(part[heights.argmin()]), int(part[heights.argmax()])]
    return points[np.unique(kept)]


def _path(points: np.ndarray) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}".replace(".0", "") for x, y in points.tolist())


def _stretches(points: np.ndarray) -> list[np.ndarray]:
    """Divide points where one is not finite; of the longest lines only what can be seen is left."""
    known = np.isfinite(points).all(axis=1)
    breaks = np.flatnonzero(~known)
    parts = [part[np.isfinite(part).all(axis=1)] for part in np.split(points, breaks)]
    return [thinned(part) for part in parts if len(part)]


def _line(mark: Line, across: Scale, up: Scale) -> str:
    parts = _stretches(_points(mark.x, mark.y, across, up))
    alone = "".join(f"{_path(part)}h.1" for part in parts if len(part) == 1)
    joined = "".join(map(_path, (part for part in parts if len(part) > 1)))
    drawn = f'<path class="line {mark.colour} {mark.look}" d="{joined}"/>' if joined else ""
    return drawn + (f'<path class="dots {mark.colour} large" d="{alone}"/>' if alone else "")


def _band(mark: Band, across: Scale, up: Scale) -> str:
    lows, highs = (_points(mark.x, y, across, up) for y in (mark.low, mark.high))
    known = np.isfinite(lows).all(axis=1) & np.isfinite(highs).all(axis=1)
    if not known.any():
        return ""
    edges = [thinned(each[known]) for each in (lows, highs)]
    area = f"{_path(np.concatenate([edges[0], edges[1][::-1]]))}Z"
    borders = "".join(map(_path, edges))
    return (f'<path class="area {mark.colour}" d="{area}"/>'
            f'<path class="line {mark.colour} border" d="{borders}"/>')  # fmt: skip


def _dots(mark: Dots, across: Scale, up: Scale) -> str:
    points = _points(mark.x, mark.y, across, up)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return ""
    # Strokes of no length have round ends, which are round however the square is stretched.
    drawn = "".join(f"M{x:.1f} {y:.1f}h.1" for x, y in points.tolist()).replace(".0 ", " ")
    return f'<path class="dots {mark.colour} {mark.look}" d="{drawn}"/>'


def _steps(mark: Steps, across: Scale, up: Scale) -> str:
    x, y = SIDE * across(mark.edges), SIDE * (1 - up(mark.heights))
    base = SIDE * (1 - float(up(mark.base)))
    tops = "".join(f"V{top:.0f}H{right:.1f}" for top, right in zip(y.tolist(), x[1:].tolist()))
    outline = f"M{x[0]:.1f} {base:.0f}{tops}V{base:.0f}"
    area = f'<path class="area {mark.colour}" d="{outline}Z"/>' if mark.filled else ""
    return f'{area}<path class="line {mark.colour} outline" d="{outline}"/>'


def _rule(mark: Rule, across: Scale, up: Scale) -> str:
    if mark.x is not None:
        return f'<path class="line guide" d="M{SIDE * float(across(mark.x)):.1f} 0V{SIDE}"/>'
    return f'<path class="line guide" d="M0 {SIDE * (1 - float(up(mark.y))):.1f}H{SIDE}"/>'


def _regions(mark: Regions, across: Scale, up: Scale) -> str:
    """Cells that stand side by side in a row and have one colour are one rectangle."""
    x, y = SIDE * across(mark.x), SIDE * (1 - up(mark.y))
    drawn: dict[int, list[str]] = {}
    for row, codes in enumerate(np.asarray(mark.codes)):
        ends = [*(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
        for begin, end in zip([0, *ends], ends):
            box = f"M{x[begin]:.1f} {y[row]:.1f}H{x[end]:.1f}V{y[row + 1]:.1f}H{x[begin]:.1f}Z"
            drawn.setdefault(int(codes[begin]), []).append(box)
    drawn.pop(-1, None)
    return "".join(
        f'<path class="region {mark.colours[code]}" d="{"".join(boxes)}"/>'
        for code, boxes in sorted(drawn.items())
    )


def _strands(mark: Strands, across: Scale, up: Scale) -> str:
    """One path for all lines, so that a thousand of them are drawn at once; each begins anew."""
    if not len(mark.lines):
        return ""
    placed = [_points(x, y, across, up) for x, y in mark.lines]
    dots = all(len(points) == 1 for points in placed)
    drawn = "".join(f"{_path(points)}h.1" if len(points) == 1 else _path(points)
                    for points in placed)  # fmt: skip
    many = len(mark.lines)
    faint = "" if dots or many < 8 else f"faint{min(many // 40, 3)}"
    kind = "dots" if dots else "line"
    names = " ".join(filter(None, ("strands", kind, mark.colour, mark.look, faint)))
    return f'<path class="{names}" data-keys="{" ".join(map(str, mark.keys))}" d="{drawn}"/>'


def _upright(mark: Upright, across: Scale, up: Scale) -> str:
    return f'<path class="line upright" d="M{SIDE * float(across(mark.x)):.1f} 0V{SIDE}"/>'


def _written(chart: Chart, across: Scale, up: Scale) -> str:
    """What stands above and beside the scales of a chart; every second name is a line higher."""
    drawn = []
    uprights = [mark for mark in chart.marks if isinstance(mark, Upright)]
    for number, mark in enumerate(uprights):
        at, height = _place(float(across(mark.x))), -10 - 17 * (number % 2)
        last = number and number == len(uprights) - 1  # beyond it, there is no room
        side = 'class="end" dx="-5"' if last else 'dx="5"'
        name = f'class="name end" x="{at}"' if last else f'class="name" x="{at}"'
        drawn.append(f'<text {name} y="{height}">{escape(mark.name)}</text>')
        for place, label in mark.ticks:
            y = chart.height * (1 - float(up(place))) + 4
            drawn.append(f'<text {side} x="{at}" y="{y:.1f}">{escape(label)}</text>')
    return f'<g class="uprights">{"".join(drawn)}</g>' if drawn else ""


_DRAWN: dict[type, Callable[[Any, Scale, Scale], str]] = {
    Line: _line,
    Band: _band,
    Dots: _dots,
    Steps: _steps,
    Regions: _regions,
    Rule: _rule,
    Strands: _strands,
    Upright: _upright,
}


def _readings(readings: Iterable[Reading], across: Scale) -> str:
    """Strips from top to bottom, with what is told at their place."""
    drawn = []
    for low, high, text in readings:
        left, right = (SIDE * float(np.clip(across(end), 0, 1)) for end in (low, high))
        if right > left:
            where = f'x="{left:.1f}" width="{right - left:.1f}" height="{SIDE}"'
            drawn.append(f"<rect {where}>{_told(text)}</rect>")
    return f'<g class="readings">{"".join(drawn)}</g>' if drawn else ""


def _told(text: str) -> str:
    return f"<title>{escape(text)}</title>"


def _heat_map(chart: Chart, cells: Cells) -> Markup:
    """Rows of coloured cells, the names of the rows beside them."""
    values = np.nan_to_num(np.asarray(cells.values, float))
    rows, columns = values.shape
    height = CELL * rows
    margin = min(8 + max(map(width, cells.names), default=0), 150)
    names = "".join(
        f'<text x="{margin - 8:.0f}" y="{CELL * (i + 0.5) + 4:g}">{escape(name)}</text>'
        for i, name in enumerate(cells.names)
    )
    drawn, written = [], []
    for i, j in zip(*np.nonzero(values)):
        value = float(values[i, j])
        level = round(min(abs(value), 1) * _LEVELS)
        box = (f'x="{SIDE * j / columns:.1f}" y="{SIDE * i / rows:.1f}" '
               f'width="{SIDE / columns:.1f}" height="{SIDE / rows:.1f}"')  # fmt: skip
        paint = f"cell {'c1' if value > 0 else 'c0'} k{level}{'' if cells.written else ' solid'}"
        drawn.append(f'<rect class="{paint}" {box}>{_told(cells.told[i][j])}</rect>')
        if cells.written:
            text = compact(round(value, 1)).replace("0.", ".")
            at = f'x="{_place((j + 0.5) / columns)}" y="{CELL * (i + 0.5) + 4:g}"'
            written.append(f"<text {at}>{text}</text>")
    room = INSIDE - margin
    widest = max(map(width, cells.heads), default=0) + GAP
    every = math.ceil(columns * widest / room)
    heads = [Tick((j + 0.5) / columns, head, spare=bool(j % every))
             for j, head in enumerate(cells.heads)]  # fmt: skip
    if not heads:
        scale = Scale.of(chart.x, [], 0.0, 0)
        heads = ticks(chart.x, scale, 8, room)
    return _framed(
        height, names, margin,
        _square("".join(drawn), height)
        + f'<g class="written">{"".join(written)}</g>'
        + f'<g class="ticks">{"".join(_below(heads, height, False))}</g>',
    )  # fmt: skip
