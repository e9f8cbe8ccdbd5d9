"""What makes a test too easy: columns that give the target away, rows that stand in both parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from maeum.core.json import Saved
from maeum.core.messages import _
from maeum.core.wording import enumeration, shorten, some
from maeum.report.wording import percent
from maeum.tables.columns import Column

MOST_CELLS = 5_000_000  # of a wide table fewer rows are looked at
MOST_ROWS = 5_000
_FEWEST_ROWS = 20  # of so few, any column may tell the target by chance
_ALONE = 0.98  # of what there is to tell, a column tells so much by itself
_BY_GAPS = 0.85  # the same of whether its cells are missing
_MOST_HASHES = 200_000  # of more rows, so many are compared
_MOST_SUMMED = 100  # columns of which a sum is looked for
_FEWEST_THINGS = 10  # values of a column of persons, machines and the like
_CALLED_LIKE_A_THING = re.compile(
    r"(?:^|[\s_.-])(?i:person|patient|subject|user|customer|client|member|student|pupil|employee|"
    r"player|driver|household|family|account|device|machine|sensor|engine|vehicle|participant|"
    r"speaker|donor|animal|session|visitor|group|name|id|uid|pid)(?:[\s_.-]?(?i:id|no|nr|number|"
    r"key|code|name))?$|[a-z](?:ID|Id)$|(?:환자|고객|회원|사용자|학생|직원|사람|기기|계정|이름|번호|"
    r"아이디)$"
)


@dataclass(frozen=True)
class Alert(Saved):
    """Something that makes the test look better than new data will be.

    Attributes:
        kind: ``"copy"``, ``"leak"``, ``"sum"``, ``"duplicates"`` or ``"group"``.
        columns: those that it is about.
        text: what to know and what to do, as a sentence.
        value: how much: of a column, the part of the target that it tells (1 for all); otherwise
            the fraction of the test rows.
    """

    kind: str
    columns: list[str]
    text: str
    value: float = 1.0


def leaking_columns(
    typed: pd.DataFrame, columns: list[Column], target: str, encoded: np.ndarray, task: str
) -> list[Alert]:
    """Find columns that give the target away: copies of it, and what is known only afterwards.

    Each column by itself predicts every row from its neighbours in the order of the column.

    Args:
        typed: the table, as `maeum.tables.columns.recognise` returns it.
        columns: what it said of them; only the used ones matter.
        target: the name of the target.
        encoded: ``(n,)`` class numbers or values.
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
    """
    used = [column for column in columns if column.used and column.kind != "text"]
    most = max(200, min(MOST_ROWS, MOST_CELLS // max(len(used), 1)))
    rows = np.random.default_rng(0).permutation(len(typed))[:most]
    y, typed = np.asarray(encoded, np.float64)[rows], typed.iloc[rows]
    if len(rows) < _FEWEST_ROWS or len(np.unique(y)) < 2:
        return []
    found, numbers = [], {}
    for column in used:
        values = _as_numbers(typed[column.name])
        if column.kind == "number":
            numbers[column.name] = values
        found += list(_of_column(column.name, values, target, y, task))
    if task == "regression" and not found:
        found += list(_sum(numbers, target, y))
    return found


def duplicated_rows(hashes: np.ndarray, typed: pd.DataFrame, columns: list[Column],
                    rest: np.ndarray, test: np.ndarray) -> list[Alert]:  # fmt: skip
    """Find rows of the test that stand in the training part, too.

    Args:
        hashes: ``(n,)`` of each row, see `maeum.experiment.seen.row_hashes`.
        typed, columns: as for `leaking_columns`.
        rest, test: the rows that are trained on, and those of the test. The same rows in both
            stand for a cross-validation.
    """
    if not len(test):
        return []
    tested, trained = hashes[test], hashes[rest]
    if len(rest) + len(test) > len(hashes):
        once, counts = np.unique(hashes, return_counts=True)
        trained = once[counts > 1]
    if len(hashes) > _MOST_HASHES:  # rows that are alike are above or below this together
        border = np.uint64(2**64 * (_MOST_HASHES / len(hashes)))
        tested, trained = tested[tested < border], trained[trained < border]
    fraction = float(np.isin(tested, trained).mean()) if len(tested) else 0.0
    used = [column.name for column in columns if column.used]
    if fraction < 0.01 or fraction <= 3 * len(rest) * _alike(typed[used]):
        return []
    shared = round(fraction * len(test))
    text = _("{shared:,} of the {n:,} test rows stand in the training part, too, alike in every "
             "column: the test is easier than new rows will be. --drop-duplicates learns of such "
             "rows only one.", shared=shared, n=len(test))  # fmt: skip
    return [Alert("duplicates", [], text, fraction)]


def repeated_things(typed: pd.DataFrame, columns: list[Column], target: str,
                    rest: np.ndarray, test: np.ndarray) -> list[Alert]:  # fmt: skip
    """Find columns that tell persons or things apart which stand in both parts.

    Args:
        typed, columns, target: as for `leaking_columns`.
        rest, test: as for `duplicated_rows`.
    """
    found = []
    numbers = [c.name for c in columns if c.kind == "number" and c.distinct > 5]
    for column in columns:
        if column.name == target or column.kind in ("date", "yesno", "constant", "empty"):
            continue
        whole = column.kind != "number" or bool(column.statistics.get("whole"))
        if not whole or not _FEWEST_THINGS <= column.distinct <= column.count / 1.5:
            continue
        codes = pd.factorize(typed[column.name])[0]
        called = _CALLED_LIKE_A_THING.search(column.name) is not None
        if not called and not _has_traits(codes, column, typed, numbers):
            continue
        if len(rest) + len(test) > len(typed):
            shared = float((np.bincount(codes[codes >= 0])[codes[test]] > 1).mean())
        else:
            shared = float(np.isin(codes[test], codes[rest][codes[rest] >= 0]).mean())
        if shared > 0:
            text = _("{name!r} repeats: {n:,} values in {rows:,} rows, and {shared} of the test "
                     "rows have one that was trained on. If it tells persons or things apart, "
                     "--group {argument} keeps each in one part, so that the test is on new ones.",
                     name=shorten(column.name, 40), n=column.distinct, rows=column.count,
                     shared=percent(shared, 0), argument=_as_argument(column.name))  # fmt: skip
            found.append(Alert("group", [column.name], text, shared))
    return found


def _as_argument(name: str) -> str:
    """Return a name as it stands on a command line."""
    return name if re.fullmatch(r"[\w.-]+", name) else f'"{name}"'


def _as_numbers(series: pd.Series) -> np.ndarray:
    """Return the cells of a typed column as numbers in an order; NaN where they are missing."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        codes = series.cat.codes.to_numpy().astype(np.float64)
        return np.where(codes < 0, np.nan, codes)
    if pd.api.types.is_datetime64_any_dtype(series):
        return np.where(series.isna(), np.nan, series.astype("int64").to_numpy(np.float64))
    return series.to_numpy(np.float64)


def _of_column(
    name: str, values: np.ndarray, target: str, y: np.ndarray, task: str
) -> Iterator[Alert]:
    """Yield what is to be said of one column."""
    gaps, short = np.isnan(values), shorten(name, 40)
    exclude = _("--ignore {name} leaves it out.", name=_as_argument(name))
    if _is_copy(values, y, task):
        text = _("{name!r} is the target {target!r} in another form: whoever knows it need not "
                 "predict. {exclude}", name=short, target=target, exclude=exclude)  # fmt: skip
        yield Alert("copy", [name], text)
        return
    told = _told(values, y, task)
    if told >= _ALONE:
        text = _("{name!r} alone tells nearly all of the target {target!r} ({fraction}). If it is "
                 "known only afterwards, the test means little. {exclude}", name=short,
                 target=target, fraction=percent(told), exclude=exclude)  # fmt: skip
        yield Alert("leak", [name], text, told)
    elif 0 < gaps.sum() < len(y) and (told := _told(gaps.astype(float), y, task)) >= _BY_GAPS:
        text = _("Whether {name!r} is missing tells nearly all of the target {target!r} "
                 "({fraction}), as of what is filled in only afterwards. {exclude}", name=short,
                 target=target, fraction=percent(told), exclude=exclude)  # fmt: skip
        yield Alert("leak", [name], text, told)


def _is_copy(values: np.ndarray, y: np.ndarray, task: str) -> bool:
    """Whether a column is the target under other names, or shifted and scaled."""
    known = ~np.isnan(values)
    if known.mean() < 0.9 or len(np.unique(values[known])) < 2:
        return False
    values, y = values[known], y[known]
    if task == "regression":
        return bool(abs(np.corrcoef(values, y)[0, 1]) > 1 - 1e-6)
    pairs = len(np.unique(np.stack([values, y]), axis=1).T)
    return pairs == len(np.unique(values)) == len(np.unique(y))


def _told(values: np.ndarray, y: np.ndarray, task: str) -> float:
    """Return how much of the target a column tells, from 0 (or below) for nothing to 1 for all.

    A row is predicted from its neighbours in the order of the column. Of numbers it is R2, or
    that of their ranks, if it is larger: where a few numbers are huge, these are all of the
    former. Of classes it is Cohen's kappa, which is 0 for a column that has nothing to do with
    them.
    """
    order = np.argsort(values, kind="stable")  # random where values are the same
    if task == "regression":
        return max(_by_neighbours(each[order]) for each in (y, _ranks(y)))
    y = y[order]
    _classes, counts = np.unique(y, return_counts=True)
    chance = float(np.sum((counts / len(y)) ** 2))
    return (float(np.mean(y[1:] == y[:-1])) - chance) / (1 - chance)


def _by_neighbours(y: np.ndarray) -> float:
    """Return R2 of numbers that are each predicted from those beside it."""
    errors = y[1:-1] - (y[:-2] + y[2:]) / 2
    return 1 - float(np.mean(errors**2) / y.var())


def _ranks(values: np.ndarray) -> np.ndarray:
    """Return the places of numbers in their order; equal ones have the same."""
    return np.unique(values, return_inverse=True)[1].astype(np.float64)


def _sum(numbers: dict[str, np.ndarray], target: str, y: np.ndarray) -> Iterator[Alert]:
    """Yield the columns of which the target is a sum, if there are such."""
    numbers = {k: v for k, v in numbers.items() if not np.isnan(v).any() and v.std() > 0}
    if not 2 <= len(numbers) <= min(_MOST_SUMMED, len(y) // 5):
        return
    x = np.stack([(v - v.mean()) / v.std() for v in numbers.values()], axis=1)
    goal = (y - y.mean()) / y.std()
    factors = np.linalg.lstsq(x, goal, rcond=None)[0]
    if np.mean((x @ factors - goal) ** 2) > 1e-6:
        return
    names = [name for name, factor in zip(numbers, factors) if abs(factor) > 0.01]
    text = _("The target {target!r} is a sum of {names}, each times a number: whoever knows these "
             "need not predict. --ignore leaves a column out.", target=target,
             names=enumeration(some(map(repr, names), 5).split(", ")))  # fmt: skip
    yield Alert("sum", names, text)


def _alike(typed: pd.DataFrame) -> float:
    """Return how probable it is that two rows are alike by chance, if columns were independent."""
    sample = typed.iloc[np.random.default_rng(1).permutation(len(typed))[:2_000]]
    n, log = len(sample), 0.0
    for name in sample.columns:
        counts = np.bincount(pd.factorize(sample[name])[0] + 1)
        log += np.log(max(float(np.sum(counts * (counts - 1.0))) / (n * (n - 1)), 1 / n**2))
        if log < -100:
            break
    return float(np.exp(log))


def _has_traits(codes: np.ndarray, column: Column, typed: pd.DataFrame, numbers: list[str]) -> bool:
    """Whether two numbers or more are the same in all rows with the same value of a column."""
    if column.kind == "number" or column.count > 50 * column.distinct:
        return False
    traits = 0
    known = codes >= 0
    for name in numbers[:100]:
        values = typed[name].to_numpy()
        spread = pd.Series(values[known]).groupby(codes[known]).agg(["min", "max"])
        traits += bool(np.nanmax((spread["max"] - spread["min"]).to_numpy(), initial=0.0) == 0)
        if traits >= 2:
            return True
    return False
