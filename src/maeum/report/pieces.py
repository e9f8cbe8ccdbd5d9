"""The former names of what `maeum.report.sections` holds."""

from __future__ import annotations

from typing import Any, NamedTuple

from maeum.report.sections import Bar, Confusion, Segment, Table, Tile, Trust, wilson
from maeum.report.sections import Bars as BarChart

__all__ = ["Bar", "BarChart", "Confusion", "Segment", "Some", "Table", "Tile", "Trust", "wilson"]


class Some(NamedTuple):
    """The first few of many drawings or charts, and how many more there would be."""

    shown: list[Any]
    more: int
