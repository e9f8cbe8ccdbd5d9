"""Small matplotlib drawings that live inside the page: in its colours, its fonts, as inline SVG."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from contextlib import ExitStack
from typing import Any, Self

import matplotlib
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter, MaxNLocator

from maeum.report.sections import Drawing
from maeum.report.wording import compact

__all__ = ["GUIDE", "SERIES", "Drawing", "Sheet", "colour", "dots", "shape"]

SERIES = tuple(f"c{i}" for i in range(10))

# A drawing is painted in these placeholder colours; in the SVG each becomes a CSS variable of the
# page, so that one drawing serves light, dark and print.
_PLACEHOLDERS = {
    name: f"#fe{i:02x}01" for i, name in enumerate(("ink", "muted", "line", "page", *SERIES))
}


def colour(name: str) -> str:
    """The placeholder of one of the page's colours: ``ink``, ``muted``, ``line``, ``c0`` ..."""
    return _PLACEHOLDERS[name]


_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: the page's fonts draw it, Korean included
    "svg.hashsalt": "maeum",
    "text.usetex": False,
    "text.parse_math": False,  # a column may be called "$x$"
    "path.simplify": False,  # would drop the zero-length strokes that draw dots
    "axes.unicode_minus": True,
    "font.size": 11,
    "text.color": colour("ink"),
    "axes.labelcolor": colour("muted"),
    "axes.labelsize": 11,
    "axes.edgecolor": colour("line"),
    "axes.facecolor": "none",
    "axes.linewidth": 1,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": colour("line"),
    "grid.linewidth": 0.6,
    "grid.alpha": 0.7,
    "lines.linewidth": 2,
    "lines.solid_capstyle": "round",
}
_TICKS = {"major.size": 0, "minor.size": 0, "labelcolor": colour("muted"), "labelsize": 11}
_STYLE |= {f"{axis}tick.{name}": value for axis in "xy" for name, value in _TICKS.items()}

GUIDE: dict[str, Any] = {
    "color": colour("muted"),
    "linewidth": 1,
    "linestyle": "--",
}  # a line to compare with


class Sheet:
    """A sheet of paper of ``width`` by ``height`` page pixels; after the block, ``svg`` is there.

    The margins are fixed, because only the browser knows how wide a text is.

    >>> with Sheet() as sheet:
    ...     _ = sheet.panel().plot([0, 1], [0, 1], color=colour("c0"))
    >>> str(sheet.svg)[:4], "var(--c0)" in sheet.svg
    ('<svg', True)
    """

    def __init__(self, width: float = 310, height: float = 210) -> None:
        self.width, self.height = width, height
        self.svg = Markup("")
        self._context = ExitStack()

    def __enter__(self) -> Self:
        self._context.enter_context(matplotlib.rc_context(_STYLE))
        self._figure = Figure(figsize=(self.width / 72, self.height / 72))
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._context:
            if kind is None:
                self.svg = _svg(self._figure)

    def panel(
        self, x: str = "", y: str = "", *,
        left: float = 44, right: float = 12, top: float = 10, bottom: float = 38,
    ) -> Axes:  # fmt: skip
        """New axes, called ``x`` and ``y``, that far from the four edges of the sheet."""
        wide, high = self.width - left - right, self.height - top - bottom
        place = (left / self.width, bottom / self.height, wide / self.width, high / self.height)
        axes = self._figure.add_axes(place)
        axes.set(xlabel=x, ylabel=y)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(compact))
            axis.set_major_locator(MaxNLocator(5))
        return axes


def dots(
    axes: Axes, x: np.ndarray, y: np.ndarray, name: str, *, size: float = 4, alpha: float = 0.5
) -> None:
    """Draw points as one path of round dots, a fifth of the size of one mark per point."""
    points = np.stack([x, y], axis=1).astype(float)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return
    path = Path(np.repeat(points, 2, axis=0), [Path.MOVETO, Path.LINETO] * len(points))
    look: Any = {"linewidth": size, "capstyle": "round", "alpha": alpha}
    axes.add_patch(PathPatch(path, fill=False, edgecolor=colour(name), **look))
    axes.autoscale_view()


def shape(axes: Axes, heights: np.ndarray, edges: np.ndarray, name: str, base: float = 0.0) -> None:
    """Draw a histogram as a shape with an outline; how high it is, is not told."""
    axes.stairs(heights, edges, baseline=base, fill=True, color=colour(name), alpha=0.28)
    axes.stairs(heights, edges, baseline=base, color=colour(name), linewidth=1.4)
    axes.set_yticks([])
    axes.set_ylim(bottom=0)
    axes.spines["left"].set_visible(False)


def _svg(figure: Figure) -> Markup:
    """The figure as an ``<svg>`` element without ids of its own, addresses and fonts."""
    buffer = io.StringIO()
    with warnings.catch_warnings():  # only the browser needs to have the letters
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(buffer, format="svg", transparent=True)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    for pattern, replacement in _CLEANING:
        svg = pattern.sub(replacement, svg)
    svg = _COORDINATES.sub(lambda m: re.sub(r"(\.\d\d)\d+", r"\1", m[0]), svg)
    digest = hashlib.sha256(svg.encode()).hexdigest()[:8]  # ids are unique in the whole page
    svg = re.sub(r'(id="|#)([mp][0-9a-f]{10})\b', rf"\g<1>\g<2>{digest}", svg)
    for name, placeholder in _PLACEHOLDERS.items():
        svg = svg.replace(placeholder, f"var(--{name})")
    return Markup(svg)


_CLEANING = [
    (re.compile(pattern, re.DOTALL), replacement)
    for pattern, replacement in (
        (r"<svg [^>]*?(viewBox=\"[^\"]*\")[^>]*>", r'<svg \1 aria-hidden="true">'),
        (r"\s*<metadata>.*?</metadata>", ""),
        (r"\s*<defs>\s*<style.*?</style>\s*</defs>", ""),  # would style the whole page
        (r"(<\w+) id=\"(?![mp][0-9a-f]{10}\")[^\"]*\"", r"\1"),
        (r" transform=\"rotate\(-0 [^\"]*\"", ""),
        (r"font-family: [^;\"]*;? ?", ""),
        (r"xlink:href", "href"),
        (r"\n\s*", "\n"),
    )
]
_COORDINATES = re.compile(r" (?:d|x|y|transform)=\"[^\"]*\"")
