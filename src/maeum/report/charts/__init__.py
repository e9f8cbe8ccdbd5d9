"""Charts as data, and the one writer that draws them as SVG."""

from maeum.report.charts.data import (
    SERIES,
    Axis,
    Band,
    Cells,
    Chart,
    Dots,
    Line,
    Mark,
    Reading,
    Regions,
    Rule,
    Steps,
    Thresholds,
    seconds,
)

__all__ = [
    "SERIES",
    "Axis",
    "Band",
    "Cells",
    "Chart",
    "Dots",
    "Line",
    "Mark",
    "Reading",
    "Regions",
    "Rule",
    "Steps",
    "Thresholds",
    "seconds",
]
