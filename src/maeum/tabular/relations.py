"""How strongly each column goes together with the target, read from the table alone."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from maeum.tabular.result import TableRun

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
            return _numeric(values)
        places = {_canonical(name): i for i, name in enumerate(run.classes)}
        return values.map(lambda v: places.get(_canonical(v), -1)).to_numpy(dtype=int)

    def numeric(self, name: str) -> np.ndarray:
        """A number or date column as floats, ``(rows,)``; what is missing or infinite is NaN."""
        return _numeric(self.frame[name])

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
        return [(_readable(names[i]), codes == i) for i in order]


def relations(run: TableRun, sample: Sample) -> list[Relation]:
    """Correlations with the target, strongest first.

    Numbers and dates: Pearson's r with the value, or with "is the positive class". A category
    gives one r per value. With more than two classes there is no direction: numbers give the
    correlation ratio (the square root of eta squared), categories Cramér's V.
    """
    if run.task == "multiclass":
        known = sample.target >= 0
        found = [
            Relation(n, None, _correlation_ratio(sample.numeric(n)[known], sample.target[known]))
            for n in [*sample.numbers, *sample.dates]
        ]
        for name in sample.categories[:MAX_CATEGORY_COLUMNS]:
            codes = pd.factorize(sample.frame[name].astype("object"))[0][known]
            found.append(Relation(name, None, _cramers_v(codes, sample.target[known])))
    else:
        target = sample.target.astype(float)
        if run.task == "binary":
            target[target < 0] = np.nan
        found = [
            Relation(n, None, _pearson(sample.numeric(n), target))
            for n in [*sample.numbers, *sample.dates]
        ]
        for name in sample.categories[:MAX_CATEGORY_COLUMNS]:
            levels = sample.levels(name)
            if len(levels) == 2:  # the other value is the same bar, mirrored
                levels = sorted(levels, key=lambda level: level[0])[1:]
            found += [Relation(name, v, _pearson(m.astype(float), target)) for v, m in levels]
    found = [r for r in found if math.isfinite(r.strength)]
    return sorted(found, key=lambda r: -abs(r.strength))


def _numeric(values: pd.Series) -> np.ndarray:
    if pd.api.types.is_datetime64_any_dtype(values):
        days = values.dt.tz_localize(None) if values.dt.tz is not None else values
        return ((days - pd.Timestamp(0)) / pd.Timedelta(days=1)).to_numpy(dtype=float)
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan).copy()
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def _canonical(value: object) -> str:
    """One spelling per class: ``1``, ``1.0`` and ``"1"`` are the same."""
    text = str(value).strip()
    try:
        return repr(float(text))
    except ValueError:
        return text


def _readable(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _pearson(x: np.ndarray, y: np.ndarray) -> float:
    both = np.isfinite(x) & np.isfinite(y)
    if both.sum() < 3:
        return math.nan
    x, y = x[both] - x[both].mean(), y[both] - y[both].mean()
    scale = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / scale if scale > 0 else math.nan


def _correlation_ratio(x: np.ndarray, group: np.ndarray) -> float:
    there = np.isfinite(x)
    x, group = x[there], group[there]
    if len(x) < 3:
        return math.nan
    counts = np.bincount(group)
    means = np.bincount(group, weights=x) / np.maximum(counts, 1)
    total = float(((x - x.mean()) ** 2).sum())
    between = float((counts * (means - x.mean()) ** 2).sum())
    return math.sqrt(between / total) if total > 0 else math.nan


def _cramers_v(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a[a >= 0], b[a >= 0]
    if len(a) < 3:
        return math.nan
    table = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(table, (a, b), 1)
    table = table[table.sum(1) > 0][:, table.sum(0) > 0]
    smaller = min(table.shape) - 1
    if smaller < 1:
        return math.nan
    expected = np.outer(table.sum(1), table.sum(0)) / table.sum()
    chi2 = float(((table - expected) ** 2 / expected).sum())
    return math.sqrt(chi2 / (table.sum() * smaller))
