"""A column of dates: in which form they are written, and which dates they are.

`recognise_dates` decides on the form by all texts of a column; `read_dates` reads texts whose form
is known, or checks it against the dates that are expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from maeum.core.messages import N_, _
from maeum.core.wording import enumeration, some
from maeum.tables.date_numbers import (
    NUMBERS,
    are_numbers,
    as_time,
    called_like_a_date,
    counts,
    plausible,
    regular,
    steadiness,
)
from maeum.tables.date_patterns import END_YEAR, FIRST_YEAR, ORDERS, Written, take_apart

_SAMPLE = 200  # texts that are looked at first
_ENOUGH = 0.9  # the fraction of the texts that must be dates
_STAND_INS = ["1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01", "1970-01-01",
              "1980-01-01", "2099-12-31", "2100-01-01", "2199-12-31"]  # fmt: skip
_YEARS = np.timedelta64(5 * 365, "D")  # from the other dates
_ORDER_NAMES = {"mdy": N_("month/day"), "dmy": N_("day/month"), "ymd": N_("year/month/day")}


class Dates(NamedTuple):
    """The dates of some distinct texts.

    Attributes:
        values: ``(n,)`` datetime64[us]; NaT where a text is no date.
        form: how they are written, for `read_dates`: the order of three numbers (``"dmy"``), what
            numbers count (``"unix s"``), a format of ``strptime``, or ``""`` where nothing was to
            be decided.
        offsets: ``(n,)`` minutes east of Greenwich; NaN where none is written.
        notes: what was decided, as sentences.
    """

    values: np.ndarray
    form: str
    offsets: np.ndarray
    notes: list[str]

    def in_utc(self) -> np.ndarray:
        """Return the dates in UTC where an offset is written, others as they are."""
        return self.values - as_time(np.nan_to_num(self.offsets) * 60_000_000)


def recognise_dates(texts: np.ndarray, name: str = "", certain: bool = False) -> Dates | None:
    """Return the dates that the distinct texts of a column hold; None if they are something else.

    Args:
        texts: ``(n,)`` in the order in which they first stand in the column.
        name: of the column: what else might be something else is a date where this says so.
        certain: whether the column is known to hold times.

    >>> found = recognise_dates(np.array(["31/01/2024", "01/02/2024"], object))
    >>> found.form, found.values.astype("M8[D]").tolist()
    ('dmy', [datetime.date(2024, 1, 31), datetime.date(2024, 2, 1)])
    >>> recognise_dates(np.array(["1.2.3", "1.2.4"], object)) is None
    True
    """
    if not len(texts):
        return None
    hinted = certain or called_like_a_date(name)
    sample = texts[np.linspace(0, len(texts) - 1, min(len(texts), _SAMPLE)).astype(int)]
    if np.mean(are_numbers(sample)) >= _ENOUGH:
        return _of_numbers(texts, name, certain, hinted) if _may_count(sample) else None
    if _read(take_apart(sample)).mean() < _ENOUGH - 0.1:
        return None
    said = take_apart(texts)
    read = _read(said)
    if read.mean() < _ENOUGH or (said.weak[read].mean() > 0.5 and not hinted
                                 and not regular(said.dates(ORDERS[0]))):  # fmt: skip
        return None
    return _decided(said, texts)


def read_dates(texts: np.ndarray, form: str, expected: Sequence[Any] = ()) -> Dates:
    """Return the dates of texts whose form is known from others.

    If they are written otherwise than that, their form is recognised anew, and told: so are texts
    that could be read in several forms, one of which lies where dates are expected.

    Args:
        texts: ``(n,)``.
        form: a `Dates.form`.
        expected: the first and the last of the dates whose form was recognised.

    >>> read = read_dates(np.array(["05/03/2024"], object), "mdy", ["2024-02-01", "2024-03-01"])
    >>> read.form, str(read.values[0])[:10]
    ('dmy', '2024-03-05')
    """
    texts = np.asarray(texts, object)
    none = np.full(len(texts), np.nan)
    if "%" in form:
        return _by_format(texts, form, expected)
    numeric = are_numbers(texts)
    if len(texts) and numeric.mean() >= _ENOUGH:
        found = _numbers_expected(texts[numeric], form, expected)
        return found._replace(values=_spread(found.values, numeric), offsets=none)
    said = take_apart(texts)
    if not said.open.any():
        return Dates(said.dates(ORDERS[0]), form if form in ORDERS else "", said.offset, [])
    usual = form if form in ORDERS else ""
    candidates = {order: said.dates(order) for order in ORDERS}
    score = {
        order: (
            np.round((~np.isnat(dates)).mean(), 2),
            _within(dates, expected, 1.0),
            order == usual,
            _within(dates, expected),
        )
        for order, dates in candidates.items()
    }
    best = max(ORDERS, key=score.__getitem__)
    if not usual and not len(expected):
        return _decided(said, texts)
    found = _mixed(said, best)
    name = _(_ORDER_NAMES[best])
    if best != usual and usual:
        why = _reason(score[best], score[usual])
        found.notes.insert(0, _("Its dates are read as {order} here, otherwise than in the "
                                "training: {why}.", order=name, why=why))  # fmt: skip
    elif not usual:
        found.notes.insert(0, _("Its dates are read as {order} here; in the training they were "
                                "written otherwise.", order=name))  # fmt: skip
    return found


def _by_format(texts: np.ndarray, form: str, expected: Sequence[Any]) -> Dates:
    """Return the dates of texts in a format of ``strptime``; if it reads only some, of all anew."""
    read = pd.to_datetime(pd.Series(texts, dtype=object), format=form, errors="coerce", utc=True)
    values = _usual(read.dt.tz_localize(None).to_numpy("datetime64[us]"))
    if not np.isnat(values).any():
        return Dates(values, form, np.full(len(texts), np.nan), [])
    first = form[:2].lower() if form[:2] != "%Y" else ""
    order = next((order for order in ORDERS if first == f"%{order[0]}"), "")
    found = read_dates(texts, order, expected)
    unread = np.isnat(found.values)
    return found._replace(values=np.where(unread, values, found.values), form=form)


def _reason(best: tuple, usual: tuple) -> str:
    if best[0] > usual[0]:
        return _("not all of them can be read like those of the training")
    return _("only so they lie where those of the training lie, or behind them")


def _read(said: Written) -> np.ndarray:
    """Return which texts are a date in one order at least."""
    orders = ORDERS if said.open.any() else ORDERS[:1]
    return np.any([~np.isnat(said.dates(order)) for order in orders], axis=0)


def _decided(said: Written, texts: np.ndarray) -> Dates:
    """Return the dates in the order of day and month that all texts speak for."""
    if not said.open.any():
        return Dates(said.dates(ORDERS[0]), "", said.offset, [])
    readings = {order: said.dates(order) for order in ORDERS}
    read = {order: int((~np.isnat(dates)).sum()) for order, dates in readings.items()}
    fitting = [order for order in ORDERS if read[order] == max(read.values())]
    if len(fitting) == 1:
        return _mixed(said, fitting[0])
    open_ = {order: readings[order][said.open] for order in fitting}
    usual = "mdy" if "/" in texts[said.open.argmax()] else "dmy"
    usual = usual if usual in fitting else fitting[0]
    steady = {order: steadiness(dates) for order, dates in open_.items()}
    best = max(fitting, key=lambda order: (steady[order], order == usual))
    others = [steady[order] for order in fitting if order != best]
    if steady[best] >= 0.5 and steady[best] > max(others) + 0.05 and len(texts) > 2:
        found = _mixed(said, best)
        same = all((dates == open_[best]).all() for dates in open_.values())
        if not same:
            found.notes.append(_("Its dates are read as {order}, which makes the steps more even; "
                                 "the cells would allow the reverse.",
                                 order=_(_ORDER_NAMES[best])))  # fmt: skip
        return found
    spans = {order: float(np.ptp(dates.astype(np.int64))) for order, dates in open_.items()}
    near = min(fitting, key=lambda order: (spans[order], order != usual))
    best = near if spans[near] < 0.5 * spans[usual] else usual  # 24.01.31, not 24 January 2031
    found = _mixed(said, best)
    if any((dates != open_[best]).any() for dates in open_.values()):
        found.notes.append(_("Its dates are read as {order}; the cells would allow the reverse. "
                             "Written as 2024-01-31 they leave no doubt.",
                             order=_(_ORDER_NAMES[best])))  # fmt: skip
    return found


def _mixed(said: Written, order: str) -> Dates:
    """Return the dates in an order, and those that are none in it in another one."""
    dates, notes = said.dates(order), []
    for other in ORDERS:
        left = np.isnat(dates) & said.open
        if other != order and left.any():
            read = said.dates(other)
            use = left & ~np.isnat(read)
            if use.any():
                dates[use] = read[use]
                notes.append(_("Some of its dates are written as {other}, most as {order}: "
                               "{examples}. What can be read as {order} is.",
                               other=_(_ORDER_NAMES[other]), order=_(_ORDER_NAMES[order]),
                               examples=some(map(str, dates[use].astype("M8[D]")), 3)))  # fmt: skip
    if said.open.any() and (short := said.open & ~said.long).any() and order:
        years = dates[short & ~np.isnat(dates)].astype("M8[Y]").astype(int) + 1970
        if len(years) and years.max() > 2030:
            notes.append(_("Years of two digits are read as 1969 to 2068; its last one is {year}.",
                           year=int(years.max())))  # fmt: skip
    return Dates(dates, order, said.offset, notes)


def _digits(texts: np.ndarray, hinted: bool) -> Dates | None:
    """Return dates of digits alone, such as 20240131; None if they are numbers.

    Months (202401), days of the year (2024031) and hours (2024013112) need a hint, or even steps;
    what is written in another order (31012024) needs a hint.
    """
    if not all(text.isdecimal() for text in texts) or len({*map(len, texts)}) != 1:
        return None
    length = len(texts[0])
    if length not in (6, 7, 8, 10, 12, 14):
        return None
    said = take_apart(texts)
    dates = said.dates(ORDERS[0])
    if np.isnat(dates).any():
        apart = take_apart(_cut(texts))
        return _decided(apart, texts) if hinted and _read(apart).all() else None
    sure = length >= 12 or (length == 8 and len(texts) > 2)
    return Dates(dates, "", said.offset, []) if sure or hinted or regular(dates) else None


def _cut(texts: np.ndarray) -> np.ndarray:
    """Return 310124 and 31012024 as three numbers."""
    cut = [f"{t[:2]}/{t[2:4]}/{t[4:]}" if len(t) in (6, 8) else "" for t in texts]
    return np.array(cut, object)


def _spread(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return dates at the places that are known, and NaT elsewhere."""
    dates = np.full(len(known), np.datetime64("NaT", "us"))
    dates[known] = values
    return dates


def _of_numbers(texts: np.ndarray, name: str, certain: bool, hinted: bool) -> Dates | None:
    """Return the dates of numbers, a few words among them."""
    numeric = are_numbers(texts)
    if numeric.mean() < _ENOUGH or not (numeric.all() or hinted):
        return None
    found = _digits(texts[numeric], hinted) or _counted(texts[numeric], name, certain, hinted)
    if found is None:
        return None
    return found._replace(
        values=_spread(found.values, numeric), offsets=np.full(len(texts), np.nan)
    )


def _may_count(sample: np.ndarray) -> bool:
    """Tell, by some texts, whether numbers can be dates at all."""
    numbers = sample[are_numbers(sample)]
    values = pd.to_numeric(numbers).astype(np.float64)
    return _digits(numbers, True) is not None or any(
        counts(values, form, numbers) is not None for form in NUMBERS
    )


def _counted(texts: np.ndarray, name: str, certain: bool, called: bool) -> Dates | None:
    """Return the dates that numbers count, where their range, steps or name make it sure."""
    values = np.asarray(pd.to_numeric(texts, errors="coerce"), np.float64)
    for form, said in NUMBERS.items():
        dates = counts(values, form, texts)
        if dates is not None and plausible(form, values, dates, name, certain, called):
            note = _(said, unit=form.rpartition(" ")[2])
            return Dates(dates, form, np.full(len(texts), np.nan), [note])
    return None


def _numbers_expected(texts: np.ndarray, form: str, expected: Sequence[Any]) -> Dates:
    """Return the dates of numbers, in the form that lies where dates are expected."""
    values = np.asarray(pd.to_numeric(texts, errors="coerce"), np.float64)
    none = np.full(len(texts), np.nan)
    compact = take_apart(texts).dates(ORDERS[0])
    found = {"": compact} if not np.isnat(compact).all() else {}
    cut = take_apart(_cut(texts))
    found |= {order: cut.dates(order) for order in ORDERS if _read(cut).all()}
    found |= {each: dates for each in NUMBERS
              if (dates := counts(values, each, texts)) is not None}  # fmt: skip
    if not found:
        return Dates(np.full(len(texts), "NaT", "M8[us]"), form, none, [])
    score = {each: (_within(dates, expected, 1.0), each == form, _within(dates, expected))
             for each, dates in found.items()}  # fmt: skip
    best = max(found, key=score.__getitem__)
    if best != form and len(expected) and not score[best][0]:
        return Dates(np.full(len(texts), "NaT", "M8[us]"), form, none, [])
    notes = []
    if best != form and best in NUMBERS:
        notes.append(_(NUMBERS[best], unit=best.rpartition(" ")[2]))
    return Dates(found[best], best, none, notes)


def _within(dates: np.ndarray, expected: Sequence[Any], behind: float = 0.0) -> float:
    """Return the fraction of dates that lie where they are expected, or so many times behind."""
    if not len(expected):
        return 0.0
    first, last = (np.datetime64(str(each), "us") for each in expected)
    span = max(last - first, np.timedelta64(1, "D")).astype("m8[us]").astype(np.int64)
    known = dates[~np.isnat(dates)]
    held = (known >= first) & (known <= last + np.timedelta64(int(behind * span), "us"))
    return float(np.round(held.mean(), 2)) if len(known) else 0.0


def _usual(dates: np.ndarray) -> np.ndarray:
    first, end = (np.datetime64(f"{year}-01-01", "us") for year in (FIRST_YEAR, END_YEAR))
    return np.where((dates >= first) & (dates < end), dates, np.datetime64("NaT"))


def without_stand_ins(dates: Dates, expected: Sequence[Any] = ()) -> Dates:
    """Return dates without those that stand for a missing one, which are told.

    These are dates such as 1900-01-01 that lie years outside the others, or outside the dates that
    are expected.

    >>> texts = np.array(["1900-01-01", "2024-03-01", "2024-04-01"], object)
    >>> without_stand_ins(recognise_dates(texts)).notes
    ['1900-01-01 lies far outside its other dates and is taken as missing.']
    """
    values = dates.values
    usual = np.isin(values, np.array(_STAND_INS, "M8[us]"))
    known = values[~usual & ~np.isnat(values)]
    if not usual.any() or not (len(known) or len(expected)):
        return dates
    first, last = (
        np.datetime64(str(each), "us") for each in expected or (known.min(), known.max())
    )
    far = usual & ((values < first - _YEARS) | (values > last + _YEARS))
    if not far.any():
        return dates
    said = some([str(date) for date in np.unique(values[far].astype("M8[D]"))], 4)
    note = _("{dates} lies far outside its other dates and is taken as missing.", dates=said)
    gone = np.where(far, np.datetime64("NaT"), values)
    return dates._replace(values=gone, notes=[*dates.notes, note])


def offsets_said(offsets: np.ndarray) -> list[str]:
    """Return the offsets from UTC as texts, sorted; ``none`` for what has none.

    >>> offsets_said(np.array([540.0, np.nan, 540.0, -210.0]))
    ['+09:00', '-03:30', 'none']
    """
    known = np.unique(offsets[~np.isnan(offsets)]).astype(int)
    said = [f"{'-' if o < 0 else '+'}{abs(o) // 60:02}:{abs(o) % 60:02}" for o in known]
    return sorted(said) + (["none"] if np.isnan(offsets).any() else [])


def utc_note(dates: Dates) -> list[str]:
    """Say that dates with offsets are counted in UTC; nothing if none has one, or all have 0."""
    offsets = offsets_said(dates.offsets[~np.isnat(dates.values)])
    if offsets in ([], ["none"], ["+00:00"]):
        return []
    return [_("Its dates have the UTC offsets {offsets}; counted in UTC.",
              offsets=enumeration(offsets))]  # fmt: skip
