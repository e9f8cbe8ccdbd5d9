"""The rows of one series made regular: sorted, one for each step, gaps filled or skipped."""

from __future__ import annotations

import numpy as np
import pandas as pd

from maeum.core.errors import DataError
from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import some
from maeum.experiment.run import ROWS
from maeum.forecasting.frequency import DAY, Frequency
from maeum.forecasting.series import Series, named
from maeum.forecasting.times import time_text

# What is done with several rows of one time, and what is said of it.
_SEVERAL = {
    "error": N_("Use duplicates='mean' or 'last' (--duplicates), or remove the rows."),
    "mean": N_("The mean of each is taken."),
    "last": N_("The last row of each is taken."),
}
DUPLICATES = tuple(_SEVERAL)
_MISSING = {
    "fill": N_("Filled with a straight line."),
    "skip": N_("Skipped; no window reaches across."),
}
GAPS = tuple(_MISSING)
_TOO_MANY = 20  # so many times more steps than rows: a wrong time, not gaps


def in_order(rows: Series, duplicates: str, hint: str, notes: list[str]) -> Series:
    """Return the rows of a table sorted by time, one for each time.

    Raises:
        DataError: for several rows of the same time, unless it was said what becomes of them.
    """
    order = np.argsort(rows.times, kind="stable")
    if (falling := np.diff(order) < 0).any():
        was = _("newest first") if falling.all() else _("unsorted")
        notes.append(_("the rows were {order}; they are sorted by time.", order=was))
        rows = rows.take(order)
    times, first, counts = np.unique(rows.times, return_index=True, return_counts=True)
    if len(times) == len(rows.times):
        return rows
    several = times[counts > 1]
    if duplicates == "error" and _clocks_put_back(times, several, counts):
        notes.append(ngettext("{n:,} time is there twice, as the clocks were put back: {times}. "
                              "The mean of each is taken.",
                              "{n:,} times are there twice, as the clocks were put back: {times}. "
                              "The mean of each is taken.", len(several),
                              times=some(map(time_text, several), 4)))  # fmt: skip
        return _means(rows, times)
    said = ngettext("{n:,} time with more than one row: {times}.",
                    "{n:,} times with more than one row: {times}.", len(several),
                    times=some(map(time_text, several), 4))  # fmt: skip
    notes.append(" ".join(filter(None, [said, hint, _(_SEVERAL[duplicates])])))
    if duplicates == "error":
        raise DataError(named(rows.name, notes[-1]))
    if duplicates == "last":
        return rows.take(first + counts - 1)
    return _means(rows, times)


def _means(rows: Series, times: np.ndarray) -> Series:
    """Return the mean of the rows of each time."""
    parts = (rows.values, rows.past_covariates, rows.future_covariates)
    means = [pd.DataFrame(part).groupby(rows.times).mean().to_numpy() for part in parts]
    return Series(rows.name, times, means[0], means[1], means[2])


def _clocks_put_back(times: np.ndarray, several: np.ndarray, counts: np.ndarray) -> bool:
    """Tell whether times are there twice only where daylight saving time ends.

    That is one hour of a Sunday in spring or autumn, before four in the morning, in steps of an
    hour or less.
    """
    if times.dtype.kind != "M" or len(times) < 3 or counts.max() > 2:
        return False
    if np.median(np.diff(times).astype(np.int64)) > DAY // 24:
        return False
    found = pd.DatetimeIndex(several)
    hours = found.floor("h").unique()
    return bool(
        (found.day_of_week == 6).all()
        and (found.hour < 4).all()
        and found.month.isin([3, 4, 9, 10, 11]).all()
        and (np.diff(hours) > np.timedelta64(100, "D")).all()
    )


def regular(
    rows: Series, frequency: Frequency | None, gaps: str, notes: list[str]
) -> Series | None:
    """Return sorted rows as a series: every step there is, or breaks where some are skipped.

    Rows behind the last one with targets keep the future covariates. Returns None, and says so,
    if no row has its targets.

    Args:
        rows: of a table, sorted, one for each time; NaN where a cell is missing.
        frequency: of the times; None if each row is a step.
        gaps: ``"fill"`` puts a straight line through a step that is missing or has no value;
            ``"skip"`` drops it, and the series breaks there.

    Raises:
        DataError: if filling would make up most of the series.
    """
    if not _known(rows).any():
        notes.append(_("no row has a value to forecast; the series is ignored."))
        return None
    rows, places = _on_steps(_trimmed(rows, notes), frequency, notes)
    known = _known(rows)
    last = int(np.flatnonzero(known)[-1])
    steps = int(places[last]) + 1
    missing = steps - int(known.sum())
    if gaps == "fill" and steps > _TOO_MANY * known.sum() + 1000:
        said = _("the {rows} from {first} to {last} would be {missing:,} gaps to fill, in steps of "
                 "{step}. Look for a wrong time, or skip the gaps with gaps='skip' (--gaps skip).",
                 rows=ROWS.count(int(known.sum())), first=time_text(rows.times[0]),
                 last=time_text(rows.times[last]), missing=missing,
                 step="1" if frequency is None else frequency.duration(1))  # fmt: skip
        raise DataError(named(rows.name, said))
    future, empty = _line(rows.future_covariates, places, int(places[-1]) + 1)
    past, more = _line(rows.past_covariates[: last + 1], places[: last + 1], steps)
    if empty + more:
        notes.append(ngettext("{n:,} missing cell of the covariates filled with a straight line.",
                              "{n:,} missing cells of the covariates filled with a straight line.",
                              empty + more))  # fmt: skip
    if missing:
        said = ngettext("{n:,} gap: {times}.", "{n:,} gaps: {times}.", missing,
                        times=_missing_steps(places[known], rows, frequency))  # fmt: skip
        notes.append(f"{said} {_(_MISSING[gaps])}")
    if gaps == "skip":
        kept = np.flatnonzero(known)
        at = places[kept]
        breaks = tuple((np.flatnonzero(np.diff(at) > 1) + 1).tolist())
        future = np.concatenate([future[at], future[steps:]])
        return Series(rows.name, rows.times[kept], rows.values[kept], past[at], future, breaks)
    if missing > steps // 2:
        notes.append(_("more of its steps are filled than known: if its rows are further apart "
                       "than those of other series, train on it alone, or skip the gaps with "
                       "gaps='skip' (--gaps skip)."))  # fmt: skip
    times = rows.times[: last + 1]
    if frequency is not None:
        times = frequency.after(rows.times[0], np.arange(steps))
        times[places[: last + 1]] = rows.times[: last + 1]
    values = _line(rows.values[: last + 1], places[: last + 1], steps)[0]
    return Series(rows.name, times, values, past, future)


def _known(rows: Series) -> np.ndarray:
    """Return which rows have all of their targets."""
    return np.isfinite(rows.values).all(axis=1)


def _trimmed(rows: Series, notes: list[str]) -> Series:
    """Return the rows from the first value on, up to the last one that says something."""
    known = _known(rows)
    first, last = map(int, np.flatnonzero(known)[[0, -1]])
    behind = 0 if rows.future_covariates.shape[1] else len(known) - 1 - last
    if first:
        notes.append(_("{rows} before the first value ignored.", rows=ROWS.count(first)))
    if behind:
        notes.append(_("{rows} without a value at the end ignored.", rows=ROWS.count(behind)))
    return rows.take(slice(first, len(known) - behind))


def _on_steps(
    rows: Series, frequency: Frequency | None, notes: list[str]
) -> tuple[Series, np.ndarray]:
    """Return the rows that lie on a step, and which step that is."""
    if frequency is None:
        return rows, np.arange(len(rows))
    places = frequency.places(rows.times, rows.times[0])
    whole = np.round(places).astype(np.int64)
    on = np.abs(places - whole) < 1e-6
    on &= np.append(True, np.diff(whole) > 0)
    if not on.all():
        notes.append(_("{rows} between the steps of {step} ignored: {times}.",
                       rows=ROWS.count(int((~on).sum())), step=frequency.duration(1),
                       times=some(map(time_text, rows.times[~on]), 4)))  # fmt: skip
    return rows.take(on), whole[on]


def _missing_steps(at: np.ndarray, rows: Series, frequency: Frequency | None) -> str:
    """Name the first four steps that are missing between the known ones."""
    before = np.flatnonzero(np.diff(at) > 1)[:5]
    absent = np.concatenate([np.arange(at[i] + 1, min(at[i] + 6, at[i + 1])) for i in before])[:5]
    times = rows.times[absent] if frequency is None else frequency.after(rows.times[0], absent)
    return ", ".join([*map(time_text, times[:4]), *(["..."] if len(times) > 4 else [])])


def _line(values: np.ndarray, places: np.ndarray, steps: int) -> tuple[np.ndarray, int]:
    """Return columns at every step, and how many of their cells were missing.

    Between the known cells they are straight lines, level at the ends.
    """
    made = np.zeros((steps, values.shape[1]))
    for column, cells in enumerate(values.T):
        known = np.isfinite(cells)
        if known.any():
            made[:, column] = np.interp(np.arange(steps), places[known], cells[known])
    return made, int((~np.isfinite(values)).sum())
