"""Rows of raw cells with the lines they stand in, and what their columns hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
import pandas as pd

from maeum.core.wording import shorten, some
from maeum.tables.cells import MISSING, parse_numbers


@dataclass
class Rows:
    """Rows of raw cells.

    Attributes:
        cells: the cells of each row; rows may be of different length.
        lines: the number of the line in which each one begins, from 1.
    """

    cells: list[list[str]]
    lines: list[int]

    def __len__(self) -> int:
        return len(self.cells)

    def part(self, start: int, stop: int | None = None) -> Rows:
        """Return some of the rows."""
        return Rows(self.cells[start:stop], self.lines[start:stop])

    def without(self, which: Iterable[int]) -> Rows:
        """Return the rows except for some of them."""
        if not (gone := set(which)):
            return self
        kept = [i not in gone for i in range(len(self))]
        return Rows(list(compress(self.cells, kept)), list(compress(self.lines, kept)))


class Profile:
    """What the columns of some rows hold.

    Attributes:
        columns: the cells of each column that are filled, without blanks around them.
        rows: how many rows there are.
        filled: how many cells of each column hold something, also a mark for "missing".
        known: how many hold a value.
        numbers: how many hold a number.
    """

    def __init__(self, rows: Sequence[Sequence[str]], width: int):
        self.rows = len(rows)
        self.columns = [
            [cell for row in rows if len(row) > i and (cell := row[i].strip())]
            for i in range(width)
        ]
        cells = np.array([cell for column in self.columns for cell in column], object)
        codes, texts = pd.factorize(cells)
        numeric = is_number(texts)
        valued = np.array([text.lower() not in MISSING for text in texts], bool)
        self.filled = np.array([len(column) for column in self.columns])
        bounds = np.concatenate([[0], np.cumsum(self.filled)])
        self.numbers = _sums(numeric[codes], bounds)
        self.known = _sums(valued[codes], bounds)

    @property
    def numeric(self) -> np.ndarray:
        """Whether each column holds numbers."""
        return (self.known > 0) & (self.numbers >= 0.9 * self.known)

    @property
    def always(self) -> np.ndarray:
        """Whether each column is filled in all rows."""
        return (self.filled >= 0.99 * self.rows) & (self.rows > 0)


def _sums(values: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    total = np.concatenate([[0], np.cumsum(values)])
    return total[bounds[1:]] - total[bounds[:-1]]


def is_number(texts: Sequence[str] | np.ndarray) -> np.ndarray:
    """Tell which texts are numbers, with a decimal point or comma."""
    return ~np.isnan(numbers_of(texts))


def numbers_of(texts: Sequence[str] | np.ndarray) -> np.ndarray:
    """Return what texts say as numbers, with a decimal point or else with a comma; NaN for others.

    >>> numbers_of(["1,234.5", "0,25", "3.644.826", "1.2.3"]).tolist()
    [1234.5, 0.25, 3644826.0, nan]
    """
    found = np.array(texts, object)
    if not len(found):
        return np.zeros(0)
    numbers = parse_numbers(found)
    others = np.array(["," in text or text.count(".") > 1 for text in found]) & np.isnan(numbers)
    if others.any():
        numbers[others] = parse_numbers(found[others], ",")
    return numbers


def shape_of(text: str) -> str:
    """Return how a text is built: ``"a9"`` for ``"Room 12"`` and alike, ``"9-9-9"`` for a date."""
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", text)).replace(" ", "")


def width_of(rows: Sequence[Sequence[str]]) -> int:
    """Return how many cells most rows have; titles and notes, of one cell, do not count."""
    lengths = [len(row) for row in rows]
    several = [length for length in lengths if length > 1]
    if len(several) < 0.3 * len(lengths) or not several:
        return 1
    return max(set(several), key=lambda length: (several.count(length), length))


def sample_of(rows: Sequence[Sequence[str]], most: int = 200) -> Sequence[Sequence[str]]:
    """Return the first rows, fewer of a wide table."""
    widest = max(map(len, rows[:most]), default=1)
    return rows[: min(most, max(20, 200_000 // widest))]


def told_lines(rows: Rows, which: Sequence[int], quote: bool = True) -> str:
    """Name lines in a sentence: ``"12 ('Total, 5'), 13"``, the first ones with what they hold."""
    names = []
    for i in which[:5]:
        text = ", ".join(cell.strip() for cell in rows.cells[i] if cell.strip())
        names.append(f"{rows.lines[i]} ({shorten(text, 50)!r})" if quote else str(rows.lines[i]))
    return some([*names, *which[5:]], 5)
