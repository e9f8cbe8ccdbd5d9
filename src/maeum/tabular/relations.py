"""How strongly each column goes together with the target, read from the table alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from maeum.tabular.result import TableRun
from maeum.tabular.target import canonical

MAX_ROWS = 20_000  # more rows change no bar by a visible amount
MAX_CATEGORY_COLUMNS = 200
MAX_LEVELS = 12


class Relation(NamedTuple):
    """One bar: a column (or one value of it) and its correlation with the target."""

    column: str
    value: str | None
    strength: float


class Sample:
    """The part of the table that the report draws: at most ``MAX_ROWS`` rows, and its target.

    Attributes:
        frame: the sampled rows; infinite numbers count as missing.
        numbers, categories, dates: names of the used columns, most important first.
        target: ``(rows,)`` class numbers (-1: unknown) or values (NaN: unknown).
    """

    def __init__(self, run: TableRun) -> None:
        frame = run.frame
        if len(frame) > MAX_ROWS:
            frame = frame.sample(MAX_ROWS, random_state=0)
        self.frame = frame
        self.rows = len(frame)
        kinds = {c.name: c.kind for c in run.columns}
        drawn = [n for n in run.ranking if n in frame.columns and n != run.target]
        self.numbers = [n for n in drawn if kinds.get(n) == "number"]
        self.dates = [n for n in drawn if kinds.get(n) == "date"]
        self.categories = [n for n in drawn if kinds.get(n) in ("category", "yesno")]
        self.target = self._target(run)

    def _target(self, run: TableRun) -> np.ndarray:
        if run.target not in self.frame.columns:
            return np.full(self.rows, -1 if run.classes else np.nan)
        values = self.frame[run.target]
        if run.task == "regression":
            return as_floats(values)
        places = {canonical(name): i for i, name in enumerate(run.classes)}
        return values.map(lambda v: places.get(canonical(v), -1)).to_numpy(dtype=int)

    def numeric(self, name: str) -> np.ndarray:
        """A number or date column as floats, ``(rows,)``; what is missing or infinite is NaN."""
        return as_floats(self.frame[name])

    def frame_of(self, names: Sequence[str]) -> pd.DataFrame:
        """Number and date columns as floats."""
        return pd.DataFrame({name: self.numeric(name) for name in names})

    def varies(self, name: str) -> bool:
        """Whether a number or date column has at least two different values."""
        values = self.numeric(name)
        values = values[np.isfinite(values)]
        return len(values) > 1 and bool(values.min() < values.max())

    def levels(self, name: str, most: int = MAX_LEVELS) -> list[tuple[str, np.ndarray]]:
        """The most frequent values of a category column, each with its rows as a mask."""
        codes, names = pd.factorize(self.frame[name].astype("object"))
        counts = np.bincount(codes[codes >= 0], minlength=len(names))
        order = np.argsort(-counts, kind="stable")[:most]
        return [(str(names[i]), codes == i) for i in order]


def relations(run: TableRun, sample: Sample) -> list[Relation]:
    """Correlations with the target, strongest first.

    Numbers and dates: Pearson's r with the value, or with "is the positive class". A category
    gives one r per value. With more than two classes there is no direction: numbers give the
    correlation ratio (the square root of eta squared), categories Cramér's V.
    """
    numbers, categories = [*sample.numbers, *sample.dates], sample.categories[:MAX_CATEGORY_COLUMNS]
    if run.task == "multiclass":
        group = pd.Series(sample.target).where(sample.target >= 0)
        found = [Relation(n, None, _correlation_ratio(sample.numeric(n), group)) for n in numbers]
        found += [Relation(n, None, _cramers_v(sample.frame[n], group)) for n in categories]
    else:
        target = sample.target.astype(float)
        if run.task == "binary":
            target[target < 0] = np.nan
        found = [Relation(n, None, _pearson(sample.numeric(n), target)) for n in numbers]
        for name in categories:
            levels = sample.levels(name)
            if len(levels) == 2:  # the other value is the same bar, mirrored
                levels = sorted(levels, key=lambda level: level[0])[1:]
            found += [Relation(name, v, _pearson(m.astype(float), target)) for v, m in levels]
    return sorted((r for r in found if math.isfinite(r.strength)), key=lambda r: -abs(r.strength))


def association(sample: Sample, one: str, other: str) -> float:
    """How two columns go together: Pearson's r, the correlation ratio, or Cramér's V."""
    numeric = [name in sample.numbers or name in sample.dates for name in (one, other)]
    if all(numeric):
        return _pearson(sample.numeric(one), sample.numeric(other))
    if any(numeric):
        number, category = (one, other) if numeric[0] else (other, one)
        codes = pd.Series(pd.factorize(sample.frame[category].astype("object"))[0])
        return _correlation_ratio(sample.numeric(number), codes.where(codes >= 0))
    values = sample.frame[other].astype("object")
    return _cramers_v(sample.frame[one], values)


def as_floats(values: pd.Series) -> np.ndarray:
    """Numbers, or dates as days since 1970, as floats; what is missing or infinite is NaN."""
    if pd.api.types.is_datetime64_any_dtype(values):
        days = values.dt.tz_localize(None) if values.dt.tz is not None else values
        return ((days - pd.Timestamp(0)) / pd.Timedelta(days=1)).to_numpy(dtype=float)
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan).copy()
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def _pearson(x: np.ndarray, y: np.ndarray) -> float:
    both = np.isfinite(x) & np.isfinite(y)
    if both.sum() < 3:
        return math.nan
    with np.errstate(invalid="ignore"):  # of what never changes
        return float(np.corrcoef(x[both], y[both])[0, 1])


def _correlation_ratio(x: np.ndarray, group: pd.Series) -> float:
    values = pd.Series(x)[group.notna()].dropna()
    total = values.var() if len(values) >= 3 else 0.0
    return math.sqrt(values.groupby(group).transform("mean").var() / total) if total else math.nan


def _cramers_v(values: pd.Series, group: pd.Series) -> float:
    from scipy.stats.contingency import association

    table = pd.crosstab(values.to_numpy(object), group.to_numpy()).to_numpy()
    known = table.sum() >= 3 and min(table.shape) > 1
    return float(association(table, method="cramer")) if known else math.nan
