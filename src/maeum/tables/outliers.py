"""Numbers outside the rest of their column: stand-ins for "missing", and values that cannot be.

Both are found by their place. A stand-in (``-999``, ``9999``, ``-1`` among prices) is one value
that occurs often or is written as such values are; a far value is separated from the rest by a gap.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FAR = 10.0  # widths of the middle 90% that a far value is beyond it
GAP = 5.0  # and as many times as far from the median as the farthest of the rest
FEW = 0.05  # of the values may be far; more of them are a part of the column
# Repeated digits from three on, and what programs write.
_REPEATED = [float(digit * n) for digit in "789" for n in range(3, 13)]
_SURVEY = [99.0, 98.0, 97.0, 996.0, 997.0, 998.0, 9996.0, 9997.0, 9998.0, 99.99, 999.9, 9999.9]
_LIMITS = [2.0**31 - 1, 2.0**15 - 1, 2.0**16 - 1, 2.0**32 - 1, 1e20, 1e30, -(2.0**15), -(2.0**31)]
_DAYS = ["1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1900-01-02", "1901-01-01",
         "1970-01-01", "1980-01-01", "2079-06-06", "2099-01-01", "2099-12-31", "2100-12-31",
         "2199-12-31"]  # fmt: skip
_SURE = frozenset([*_REPEATED, *_LIMITS, *(-value for value in _REPEATED)])
_SMALL = (-1.0, -9.0, -99.0)  # stand-ins where nothing else is negative
_OFTEN = frozenset([*_SURE, *_SMALL, *_SURVEY, *(-value for value in _SURVEY)])
SURE_DAYS = frozenset(np.array(_DAYS, "datetime64[D]").astype(float).tolist())


def stand_ins(
    distinct: np.ndarray, counts: np.ndarray, sure: frozenset[float] = _SURE
) -> list[float]:
    """Return the values that stand for "missing", by their place and how often they occur.

    Args:
        distinct: the different values, sorted.
        counts: how often each occurs.
        sure: values that are written as stand-ins are; of dates (days since 1970) `SURE_DAYS`.

    A value is one if it lies outside the rest by more than

    - their range, and is written as stand-ins are (``-999``, ``9999``, the ends of integers), or by
      less if it is the most frequent one by far;
    - three times their range, whatever it is, and occurs in 2% of the cells;
    - nothing, if it is -999 or the like, or an unusually frequent -1, -9 or -99, and the rest, 20
      values or more, is never negative.

    >>> stand_ins(np.array([-999.0, 1.5, 2.5, 4.0]), np.array([9, 3, 3, 3]))
    [-999.0]
    >>> stand_ins(np.array([-1.0, 0.0, 1.0]), np.array([5, 5, 5]))
    []
    """
    if len(distinct) < 3:
        return []
    suspects = _OFTEN if sure is _SURE else sure
    found: list[float] = []
    if not suspects.isdisjoint((distinct[0], distinct[-1])):  # only suspects lie beyond the rest
        usual = ~np.isin(distinct, [*suspects])
        for value, count in zip(distinct[~usual], counts[~usual]):
            if usual.sum() > 1 and _is_written(value, count, distinct[usual], counts[usual], sure):
                found.append(float(value))
    kept = ~np.isin(distinct, found) if found else np.ones(len(distinct), bool)
    for end in (0, -1):
        rest, times = distinct[kept], counts[kept]
        if len(rest) > 10 and _is_a_crowd(rest, times, end):
            found.append(float(rest[end]))
            kept &= distinct != rest[end]
    return sorted(found)


def _is_written(
    value: float, count: int, rest: np.ndarray, times: np.ndarray, sure: frozenset[float]
) -> bool:
    """Tell a stand-in by how it is written; a single one only where it cannot be anything else."""
    low, high, cells = rest[0], rest[-1], count + times.sum()
    outside = max(low - value, value - high)
    if value < 0 <= low and (len(rest) >= 20 or np.any(rest % 1)):
        often = count > 2 * times[0] and count >= 0.005 * cells
        if (value in sure and sure is _SURE) or (value in _SMALL and often):
            return True
    if value in sure and outside > 0 and count >= max(5, 0.02 * cells) and count > 5 * times.max():
        return True
    alone = value in sure and outside > 2 * (high - low)
    return outside > high - low and (count > 1 or alone)


def _is_a_crowd(distinct: np.ndarray, counts: np.ndarray, end: int) -> bool:
    """Tell a stand-in by how far from the rest how many cells lie on one value."""
    if counts[end] < max(5, 0.02 * counts.sum()):
        return False
    rest = np.delete(distinct, end)
    return bool(abs(distinct[end] - rest[end]) > 3 * (rest[-1] - rest[0]) > 0)


def ordinary_range(distinct: np.ndarray, counts: np.ndarray) -> tuple[float, float]:
    """Return the least and the greatest value that is not far outside the rest.

    Args:
        distinct: the different values, sorted; at least one.
        counts: how often each occurs.

    >>> ordinary_range(np.array([*range(50), 1e12]), np.ones(51, int))
    (0.0, 49.0)
    """
    low, high = float(distinct[0]), float(distinct[-1])
    cumulated = np.cumsum(counts)
    n = int(cumulated[-1])

    def at(place: float) -> float:
        return float(distinct[np.searchsorted(cumulated, int(place), side="right")])

    # Of a short column, the quantiles leave out the least and the greatest value.
    first, middle = at(min(0.05 * n + 1, (n - 1) / 2)), at((n - 1) / 2)
    last = at(max(0.95 * n - 2, (n - 1) / 2))
    width = last - first
    if not width:  # nearly all cells are alike: the others are judged among themselves
        others = distinct != middle
        if others.sum() < 3:
            return low, high
        width = float(np.median(np.abs(distinct[others] - middle)))
    for side in (1.0, -1.0):
        step = int(side)  # away from the middle
        away, times = side * (distinct - middle)[::step], counts[::step]
        edge = (last - middle if side > 0 else middle - first) + FAR * width
        for i in range(int(np.searchsorted(away, edge, side="right")), len(away)):
            before = max(away[i - 1], width)
            if away[i] > GAP * before and times[i:].sum() <= max(1, FEW * n):
                end = float(distinct[::step][i - 1])
                low, high = (low, end) if side > 0 else (end, high)
                break
    return low, high


def ordinary_range_of(values: np.ndarray) -> tuple[float, float]:
    """Return `ordinary_range` of values, at least one; of many without sorting them.

    >>> ordinary_range_of(np.array([3.0, 1.0, 2.0]))
    (1.0, 3.0)
    """
    if len(values) > 1000:
        low, first, last, high = np.percentile(values, [0, 5, 95, 100]).tolist()
        if last > first and first - low <= FAR * (last - first) >= high - last:
            return low, high
    return ordinary_range(*counted(values))


def usual_range_of(values: np.ndarray) -> tuple[float, float]:
    """Return the ordinary range of values, at least one, without the ends of very long tails.

    >>> [round(end) for end in usual_range_of(np.tan(np.linspace(-1.57, 1.57, 999)))]
    [-132, 132]
    """
    low, high = ordinary_range_of(values)
    first, last = np.percentile(values, [5, 95]).tolist()
    far = FAR * (last - first) or np.inf
    return max(low, first - far), min(high, last + far)


def counted(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the different values, sorted, and how often each occurs; NaN is none.

    >>> counted(np.array([2.0, 1.0, np.nan, 2.0]))
    (array([1., 2.]), array([1, 2]))
    """
    values = np.asarray(values, np.float64)
    return np.unique(values[~np.isnan(values)], return_counts=True)


def squashed(
    values: np.ndarray, low: float | Sequence[float], high: float | Sequence[float]
) -> np.ndarray:
    """Return values that stay as they are near a range, and go no further than near it.

    Up to half a range outside of ``low`` and ``high`` nothing is changed; what is further
    approaches three quarters of one.

    >>> squashed(np.array([-1.0, 5.0, 14.0, 1e12]), 0.0, 10.0).round(3).tolist()
    [-1.0, 5.0, 14.0, 17.5]
    """
    ends = np.array([low, high], np.float64)
    width = ends[1] - ends[0]
    width = np.where(width > np.finfo(float).tiny * 8, width, np.inf)  # a constant has none
    least, most, more = ends[0] - width / 2, ends[1] + width / 2, width / 4
    if np.all((values >= least) & (values <= most)):
        return values
    beyond = np.maximum(values - most, 0) - np.maximum(least - values, 0)
    inside = np.clip(values, least, most)
    with np.errstate(invalid="ignore"):
        return np.where(beyond == 0, values, inside + more * np.tanh(beyond / more))
