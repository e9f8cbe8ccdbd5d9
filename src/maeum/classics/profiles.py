"""What makes each group different: typical values, and the largest differences from the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from maeum.core.json import Saved
from maeum.core.messages import N_, _
from maeum.core.wording import shorten
from maeum.report.wording import number, percent
from maeum.tables.columns import Column
from maeum.tables.outliers import squashed, usual_range_of

LEAST = 0.3  # standard deviations of a difference that is told
MOST = 6  # differences of a group that are told
LEVELS = 200  # of a category that are looked at
_STRENGTHS = ((1.2, N_("far")), (0.6, N_("clearly")), (0.0, N_("somewhat")))


@dataclass(frozen=True)
class Trait(Saved):
    """How a group differs from all other rows in a column.

    Attributes:
        column: its name.
        level: of a category, the value; empty for numbers and dates.
        own, others: the mean; of a level, the fraction of rows that have it.
        difference: between both, in standard deviations of all rows.
        sentence: the same in words.
        name: the same in two or three words.
    """

    column: str
    level: str
    own: float
    others: float
    difference: float
    sentence: str
    name: str


@dataclass(frozen=True)
class Profile(Saved):
    """A group.

    Attributes:
        number: from 1 on, the largest first; 0 are the rows that DBSCAN calls noise.
        rows: how many rows it has.
        fraction: of all rows.
        typical: of each column, the median or the most frequent value, as it is shown.
        traits: where it differs, the largest difference first.
    """

    number: int
    rows: int
    fraction: float
    typical: dict[str, str]
    traits: list[Trait]

    @property
    def title(self) -> str:
        """What the group is called."""
        return title_of(self.number)

    @property
    def name(self) -> str:
        """The group by what makes it different, in a few words; empty if nothing does."""
        return ", ".join(trait.name for trait in self.traits[:2])


def title_of(group: int) -> str:
    """Return what a group is called.

    >>> title_of(2), title_of(0)
    ('Group 2', 'Noise')
    """
    return _("Group {n}", n=group) if group else _("Noise")


def profiles_of(typed: pd.DataFrame, columns: list[Column], groups: np.ndarray) -> list[Profile]:
    """Describe each group.

    Args:
        typed: the rows, as `maeum.tables.columns.recognise` returns them.
        columns: those that are told of.
        groups: ``(n,)`` the number of each row's group.

    >>> frame = pd.DataFrame({"age": [20.0, 21.0, 22.0, 60.0, 61.0]})
    >>> column = Column("age", "number", 5, 0, 5)
    >>> first, second = profiles_of(frame, [column], np.array([1, 1, 1, 2, 2]))
    >>> first.traits[0].sentence
    'age is far lower: typically 21, in the other rows 60.5.'
    """
    numbers = sorted(np.unique(groups).tolist(), key=lambda group: (group == 0, group))
    masks = {group: groups == group for group in numbers}
    found: dict[int, list[Trait]] = {group: [] for group in numbers}
    typical: dict[int, dict[str, str]] = {group: {} for group in numbers}
    for column in columns:
        look = _of_categories if _is_category(typed[column.name]) else _of_numbers
        for group, own, traits in look(column, typed[column.name], masks):
            typical[group][column.name] = own
            found[group] += traits
    return [
        Profile(group, int(mask.sum()), float(mask.mean()), typical[group],
                _strongest(found[group]) if len(numbers) > 1 else [])
        for group, mask in masks.items()
    ]  # fmt: skip


_Told = Iterator[tuple[int, str, list[Trait]]]  # group, typical value, differences


def _strongest(traits: list[Trait]) -> list[Trait]:
    """The largest differences, at most two of a column."""
    kept: list[Trait] = []
    for trait in sorted(traits, key=lambda trait: -abs(trait.difference)):
        same = sum(other.column == trait.column for other in kept)
        if len(kept) < MOST and same < 2 and abs(trait.difference) >= LEAST:
            kept.append(trait)
    return kept


def _is_category(series: pd.Series) -> bool:
    return isinstance(series.dtype, pd.CategoricalDtype)


def as_numbers(series: pd.Series) -> np.ndarray:
    """Return a column of numbers or dates as float64, NaN where a cell is missing; dates in days.

    >>> as_numbers(pd.Series(pd.to_datetime(["1970-01-02", None]))).tolist()
    [1.0, nan]
    """
    if series.dtype.kind != "M":
        return series.to_numpy(np.float64)
    days = (series.to_numpy("datetime64[us]") - np.datetime64(0, "us")) / np.timedelta64(1, "D")
    return np.where(series.isna(), np.nan, days)


def said(value: float, dates: bool) -> str:
    """Return a number, or a day counted from 1970 on, as it is shown."""
    if not dates or not np.isfinite(value):
        return number(value)
    return str(np.datetime64(round(value), "D"))


def _of_numbers(column: Column, series: pd.Series, masks: dict[int, np.ndarray]) -> _Told:
    values, dates = as_numbers(series), series.dtype.kind == "M"
    known = np.isfinite(values)
    near = squashed(values, *usual_range_of(values[known])) if known.any() else values
    spread = float(near[known].std()) if known.any() else 0.0
    for group, mask in masks.items():
        own, others = known & mask, known & ~mask
        typical = float(np.median(values[own])) if own.any() else np.nan
        if not own.any() or not others.any() or not spread:
            yield group, said(typical, dates), []
            continue
        means = float(near[own].mean()), float(near[others].mean())
        difference = (means[0] - means[1]) / spread
        elsewhere = float(np.median(values[others]))
        facts = {
            "name": shorten(column.name, 40),
            "own": said(typical, dates),
            "other": said(elsewhere, dates),
        }
        yield group, facts["own"], [
            Trait(column.name, "", *means, difference, _in_words(difference, dates, facts),
                  _in_short(difference, dates, facts["name"]))
        ]  # fmt: skip


def _in_words(difference: float, dates: bool, facts: dict[str, str]) -> str:
    how = _(next(word for least, word in _STRENGTHS if abs(difference) >= least))
    if facts["own"] == facts["other"]:  # the medians are alike, the means are not
        if difference > 0:
            return _("{name} is {how} higher on average.", name=facts["name"], how=how)
        return _("{name} is {how} lower on average.", name=facts["name"], how=how)
    if dates and difference > 0:
        said = N_("{name} is {how} later: typically {own}, in the other rows {other}.")
    elif dates:
        said = N_("{name} is {how} earlier: typically {own}, in the other rows {other}.")
    elif difference > 0:
        said = N_("{name} is {how} higher: typically {own}, in the other rows {other}.")
    else:
        said = N_("{name} is {how} lower: typically {own}, in the other rows {other}.")
    return _(said, how=how, **facts)


def _in_short(difference: float, dates: bool, name: str) -> str:
    if dates:
        return _("late {name}", name=name) if difference > 0 else _("early {name}", name=name)
    return _("high {name}", name=name) if difference > 0 else _("low {name}", name=name)


def _of_categories(column: Column, series: pd.Series, masks: dict[int, np.ndarray]) -> _Told:
    codes, levels = series.cat.codes.to_numpy(), [str(level) for level in series.cat.categories]
    known = codes >= 0
    total = np.bincount(codes[known], minlength=len(levels))
    for group, mask in masks.items():
        own = np.bincount(codes[known & mask], minlength=len(levels))
        if not own.sum():
            yield group, number(np.nan), []
            continue
        often = int(own.argmax())
        typical = f"{shorten(levels[often], 24)} ({percent(own[often] / own.sum(), 0)})"
        others = total - own
        if not others.sum():
            yield group, typical, []
            continue
        fractions, rest = own / own.sum(), others / others.sum()
        overall = total / total.sum()
        spread = np.sqrt(np.maximum(overall * (1 - overall), 1e-12))
        differences = (fractions - rest) / spread
        traits = []
        for level in np.argsort(-np.abs(differences), kind="stable")[:LEVELS].tolist():
            difference = float(differences[level])
            of_two = level == 0 if column.kind == "yesno" else difference < 0 and len(levels) == 2
            if abs(difference) < LEAST or of_two:  # of two levels, the other one says the same
                continue
            traits.append(_trait_of_level(column.name, levels[level], float(fractions[level]),
                                          float(rest[level]), difference))  # fmt: skip
        yield group, typical, traits


def _trait_of_level(name: str, level: str, own: float, others: float, difference: float) -> Trait:
    words = {"name": shorten(name, 40), "level": shorten(level, 40)}
    sentence = _("{name} is “{level}” in {own} of its rows, in the other rows in {other}.",
                 own=percent(own, 0), other=percent(others, 0), **words)  # fmt: skip
    short = N_("{name} “{level}”") if difference > 0 else N_("seldom {name} “{level}”")
    return Trait(name, level, own, others, difference, sentence, _(short, **words))
