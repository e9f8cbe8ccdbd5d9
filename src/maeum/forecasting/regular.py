"""The rows of one series made regular: sorted, one for each step, gaps filled or left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.wording import enumeration, plural, some
from maeum.forecasting.frequency import Frequency
from maeum.forecasting.series import Series
from maeum.forecasting.times import shown

DUPLICATES = ("error", "mean", "last")
GAPS = ("fill", "skip")
_TOO_MANY = 20  # so many times more steps than rows: a wrong time, not gaps


@dataclass(frozen=True)
class Rows:
    """The rows of one series as they stand in the table; NaN where a cell is missing.

    Attributes:
        name: what the group column says.
        times: ``(n,)``.
        values: ``(n, k)`` the targets.
        past: ``(n, p)``.
        future: ``(n, f)``.
    """

    name: str
    times: np.ndarray
    values: np.ndarray
    past: np.ndarray
    future: np.ndarray

    def take(self, which: Any) -> Rows:
        """Return some of the rows."""
        parts = (self.times, self.values, self.past, self.future)
        return Rows(self.name, *(part[which] for part in parts))

    @property
    def label(self) -> str:
        """The name in front of what is told about it."""
        return f"{self.name}: " if self.name else ""


def in_order(rows: Rows, duplicates: str, hint: str, notes: list[str]) -> Rows:
    """Return the rows sorted by time, one for each time.

    Raises:
        DataError: for several rows of the same time, unless it was said what becomes of them.
    """
    order = np.argsort(rows.times, kind="stable")
    if (order[1:] < order[:-1]).any():
        backwards = (np.diff(order) < 0).all()
        notes.append(f"{rows.label}the rows were {'newest first' if backwards else 'unsorted'}; "
                     "they are sorted by time.")  # fmt: skip
        rows = rows.take(order)
    times, first, counts = np.unique(rows.times, return_index=True, return_counts=True)
    if len(times) == len(rows.times):
        return rows
    several = times[counts > 1]
    named = some(map(shown, several), 4)
    if duplicates == "error":
        raise DataError(
            f"{rows.label}{plural(len(several), 'time')} with more than one row: {named}. {hint}"
            "Ask for duplicates='mean' or 'last' (--duplicates), or remove the rows."
        )
    said = "their mean is" if duplicates == "mean" else "the last row of each is"
    notes.append(f"{rows.label}{plural(len(several), 'time')} with more than one row ({named}): "
                 f"{said} taken.")  # fmt: skip
    if duplicates == "last":
        return rows.take(first + counts - 1)
    parts = [_means(part, first) for part in (rows.values, rows.past, rows.future)]
    return Rows(rows.name, times, *parts)


def regular(rows: Rows, frequency: Frequency | None, gaps: str, notes: list[str]) -> Series | None:
    """Return sorted rows as a series: every step there is, or breaks where some are left out.

    Rows behind the last one with targets keep what is known ahead. Returns None, and says so, if
    no row has its targets.

    Args:
        rows: sorted, one for each time.
        frequency: of the times; None if each row is a step.
        gaps: ``"fill"`` puts a straight line through a step that is missing or has no value;
            ``"skip"`` leaves it out, and the series breaks there.

    Raises:
        DataError: if filling would make up most of the series.
    """
    known = np.isfinite(rows.values).all(axis=1)
    if not known.any():
        notes.append(f"{rows.label}no row has a value to forecast; left out.")
        return None
    first, last = np.flatnonzero(known)[[0, -1]]
    if first:
        notes.append(f"{rows.label}{plural(int(first), 'row')} before the first value left out.")
        rows, known, last = rows.take(slice(first, None)), known[first:], last - first
    behind = len(known) - 1 - last
    if behind and not rows.future.shape[1]:
        notes.append(f"{rows.label}{plural(int(behind), 'row')} without a value at the end left "
                     "out.")  # fmt: skip
        rows, known = rows.take(slice(None, last + 1)), known[: last + 1]
    rows, known, places = _on_steps(rows, known, frequency, notes)
    last = int(np.flatnonzero(known)[-1])
    steps = int(places[last]) + 1
    missing = steps - int(known.sum())
    future = _line(rows.future, places, int(places[-1]) + 1, rows.label, "known ahead", notes)
    if gaps == "skip":
        kept = np.flatnonzero(known)
        at = places[kept]
        breaks = tuple((np.flatnonzero(np.diff(at) > 1) + 1).tolist())
        if missing:
            notes.append(f"{rows.label}{_gaps(missing, at, rows, frequency)} left out; no window "
                         "reaches across.")  # fmt: skip
        past = _line(rows.past[: last + 1], places[: last + 1], steps, rows.label, "known", notes)
        ahead = np.concatenate([future[at], future[steps:]])
        return Series(rows.name, rows.times[kept], rows.values[kept], past[at], ahead, breaks)
    if steps > _TOO_MANY * known.sum() + 1000:
        raise DataError(
            f"{rows.label}its {plural(int(known.sum()), 'row')} from {shown(rows.times[0])} to "
            f"{shown(rows.times[last])} would be {missing:,} gaps to fill, in steps of a "
            f"{frequency}. Look for a wrong time, or leave the gaps out with gaps='skip' "
            "(--gaps skip)."
        )
    if missing:
        notes.append(f"{rows.label}{_gaps(missing, places[known], rows, frequency)} filled with a "
                     "straight line.")  # fmt: skip
        if missing > steps // 2:
            notes.append(f"{rows.label}more of its steps are filled than known. If its rows are "
                         "further apart than those of others, train on it alone, or leave the "
                         "gaps out with gaps='skip' (--gaps skip).")  # fmt: skip
    times = rows.times[: last + 1]
    if frequency is not None:
        times = frequency.after(rows.times[0], np.arange(steps))
        times[places[: last + 1]] = rows.times[: last + 1]
    values = _line(rows.values[: last + 1], places[: last + 1], steps)
    past = _line(rows.past[: last + 1], places[: last + 1], steps, rows.label, "known", notes)
    return Series(rows.name, times, values, past, future)


def _on_steps(
    rows: Rows, known: np.ndarray, frequency: Frequency | None, notes: list[str]
) -> tuple[Rows, np.ndarray, np.ndarray]:
    """Return the rows that lie on a step, and which step that is."""
    if frequency is None:
        return rows, known, np.arange(len(known))
    places = frequency.places(rows.times, rows.times[0])
    whole = np.round(places).astype(np.int64)
    on = np.abs(places - whole) < 1e-6
    on &= np.append(True, np.diff(whole) > 0)
    if not on.all():
        named = some(map(shown, rows.times[~on]), 4)
        notes.append(f"{rows.label}{plural(int((~on).sum()), 'row')} between the steps of a "
                     f"{frequency} left out: {named}.")  # fmt: skip
    return rows.take(on), known[on], whole[on]


def _gaps(missing: int, at: np.ndarray, rows: Rows, frequency: Frequency | None) -> str:
    """Name the first few steps that are missing between the known ones."""
    absent = np.setdiff1d(np.arange(at[-1] + 1), at)[:4]
    times = rows.times[absent] if frequency is None else frequency.after(rows.times[0], absent)
    more = " ..." if missing > 4 else ""
    return f"{plural(missing, 'gap')} ({enumeration([shown(t) for t in times])}{more})"


def _line(
    values: np.ndarray,
    places: np.ndarray,
    steps: int,
    label: str = "",
    what: str = "",
    notes: list[str] | None = None,
) -> np.ndarray:
    """Return columns at every step: straight lines between the known cells, level at the ends."""
    made = np.zeros((steps, values.shape[1]))
    empty = 0
    for column, cells in enumerate(values.T):
        known = np.isfinite(cells)
        empty += int((~known).sum())
        if known.any():
            made[:, column] = np.interp(np.arange(steps), places[known], cells[known])
    if notes is not None and empty:
        notes.append(f"{label}{plural(empty, 'missing cell')} of the columns {what} filled with a "
                     "straight line.")  # fmt: skip
    return made


def _means(values: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the means of the known cells of rows that belong together."""
    known = np.isfinite(values)
    sums = np.add.reduceat(np.where(known, values, 0.0), first)
    counts = np.add.reduceat(known.astype(float), first)
    return np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
