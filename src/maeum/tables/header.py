"""Whether the first row of a table names its columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from maeum.tables.cells import MISSING
from maeum.tables.rows import Profile, is_number, sample_of, shape_of

_YEARS = (1900, 2100)


def header_votes(rows: Sequence[Sequence[str]]) -> int:
    """Let each column say whether its first cell is unlike the cells below it (1) or not (-1).

    A number as a name is unlike words, and so are names that count (``0, 1, 2`` of a table without
    names, years, wavelengths) where the cells of no row below do. Rows that repeat the first one
    are headers of what was put below each other.
    """
    first = [cell.strip() for cell in rows[0]]
    below = [row for row in rows[1:] if [cell.strip() for cell in row] != first]
    numeric = is_number(first)
    if not below:
        return int(np.sum(~numeric) - np.sum(numeric))
    profile = Profile(sample_of(below), len(first))
    levels = [set(column) for column in profile.columns]
    counted = not any(
        cell in levels[i] for i, cell in enumerate(first) if cell and not numeric[i]
    ) and _count(first, numeric, below, profile)  # fmt: skip
    votes = 0
    for i, cell in enumerate(first):
        if not profile.known[i] or cell.lower() in MISSING:
            continue
        if numeric[i]:
            votes += 1 if counted else _vote_of_number(cell, profile, i)
        else:
            votes += _vote_of_word(cell, profile, i)
    return votes


def _vote_of_number(name: str, profile: Profile, i: int) -> int:
    """A number names a column of words; a whole one may name a column of decimals."""
    if profile.numbers[i] <= 0.1 * profile.known[i] and profile.known[i] > 1:
        return 1
    decimals = all("." in cell for cell in profile.columns[i])
    return 0 if name.isdecimal() and decimals and profile.known[i] > 1 else -1


def _vote_of_word(name: str, profile: Profile, i: int) -> int:
    column = profile.columns[i]
    levels = set(column)
    if name in levels:
        return -1
    if profile.numbers[i] > 0.9 * profile.known[i] or len(levels) <= len(column) / 2:
        return 1
    shapes = set(map(shape_of, column))
    if len(shapes) == 1 and len(column) > 2 and (shape := shapes.pop()).strip("a "):
        return -1 if shape_of(name) == shape else 1
    return 0


def _count(
    first: list[str], numeric: np.ndarray, below: Sequence[Sequence[str]], profile: Profile
) -> bool:
    """Whether the numbers among the names go on in equal steps, and those of the rows do not."""
    names = _numbers([cell for cell, number in zip(first, numeric) if number])
    if len(names) < 2:
        return False
    words = sum(map(bool, first)) - len(names)
    places = np.flatnonzero(numeric).tolist()
    low, high = _YEARS
    if _in_order(names) and all(low <= name <= high and name == int(name) for name in names):
        cells = [cell for i in places for cell in profile.columns[i][:50]]
        inside = [low <= value <= high for value in _numbers(cells)]
        return sum(inside) < 0.5 * len(cells)
    begins = names[0] in (0, 1) and names[1] - names[0] == 1
    enough = 4 - (begins and (words > 0 or names[0] == 0)) - (begins and words and names[0] == 0)
    if len(names) < enough or not _steps(names):
        return False
    index = not first[0] and bool(profile.always[0])  # the numbers of rows have no name
    others = [_numbers([row[i] for i in places if i < len(row)]) for row in below[:20]]
    likewise = [_steps(row) and row[1] - row[0] == names[1] - names[0] for row in others]
    return index or sum(likewise) <= 0.5 * len(likewise)


def _numbers(cells: Sequence[str]) -> list[float]:
    """Return what can be read as plain numbers."""
    found = []
    for cell in cells:
        try:
            found.append(float(cell))
        except ValueError:
            continue
    return found


def _in_order(numbers: list[float]) -> bool:
    """Whether numbers only rise, or only fall; in a header of two rows they may stay."""
    steps = np.diff(numbers)
    return bool((np.all(steps >= 0) or np.all(steps <= 0)) and np.any(steps))


def _steps(numbers: list[float]) -> bool:
    """Whether numbers go on in equal steps."""
    steps = np.diff(numbers)
    return len(steps) > 0 and steps[0] != 0 and bool(np.allclose(steps, steps[0], rtol=1e-6))
