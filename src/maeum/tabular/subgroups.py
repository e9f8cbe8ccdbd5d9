"""Where a network fails: groups of test rows that are answered worse than the others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.report.sections import Section, Table, Text
from maeum.report.wording import number, percent
from maeum.tabular.relations import Sample
from maeum.tabular.result import TableRun

MIN_ROWS = 15
MAX_COLUMNS = 40
MAX_SHOWN = 8
CHANCE = 0.01  # that any of the groups is shown although it is no worse


class Group(NamedTuple):
    """Test rows with something in common, and how far off they are on average."""

    column: str
    value: str
    rows: int
    error: float
    others: float
    p: float


def worst_groups(run: TableRun, sample: Sample) -> list[Group]:
    """Return the groups that are answered clearly worse than the other rows, the worst first.

    A group is a value of a category, or a quarter of the numbers. The mean error of its rows (1 for
    a wrong class) is compared with that of the others by Welch's t-test (1947), at a level that is
    divided by the number of groups (Bonferroni).
    """
    from scipy.stats import ttest_ind_from_stats

    frame = run.frame.reindex(run.test_rows.index)
    errors = (run.answers != run.truth).astype(float)
    if run.task == "regression":
        errors = np.abs(run.answers - run.truth)
    usable = np.isfinite(errors)
    found = []
    for column, value, mask in _groups(run, sample, frame):
        rows, others = errors[mask & usable], errors[~mask & usable]
        if min(len(rows), len(others)) >= MIN_ROWS and rows.mean() > others.mean():
            with np.errstate(invalid="ignore", divide="ignore"):
                sides = [f(x) for x in (rows, others) for f in (np.mean, _deviation, len)]
                p = ttest_ind_from_stats(*sides, equal_var=False, alternative="greater").pvalue
            found.append(Group(column, value, len(rows), rows.mean(), others.mean(), float(p)))
    clear = [group for group in found if group.p < CHANCE / len(found)]
    return sorted(clear, key=lambda g: g.others - g.error)[:MAX_SHOWN]


def _deviation(values: np.ndarray) -> float:
    return float(values.std(ddof=1))


def _groups(
    run: TableRun, sample: Sample, frame: pd.DataFrame
) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield columns, what some rows have in common there, and which rows these are."""
    for name in run.ranking[:MAX_COLUMNS]:
        values = frame[name] if name in frame else pd.Series(dtype=float)
        if values.isna().any():
            yield name, _("(missing)"), values.isna().to_numpy()
        if name in sample.categories:
            for value in values.value_counts().index[:12]:
                yield name, shorten(str(value), 40), (values == value).to_numpy()
        elif name in sample.numbers and values.notna().any():
            numbers = pd.to_numeric(values, errors="coerce").to_numpy(float)
            edges = np.unique(np.nanquantile(numbers, [0, 0.25, 0.5, 0.75, 1]))
            for low, high in pairwise(edges.tolist()):
                last = high == edges[-1]
                text = _("{low} to {high}", low=number(low, 3), high=number(high, 3))
                yield name, text, (numbers >= low) & ((numbers <= high) if last else numbers < high)


def sections(run: TableRun, sample: Sample) -> list[Section]:
    """The groups as a report shows them."""
    if not len(run.truth):
        return []
    found = worst_groups(run, sample)
    if not found:
        return [
            Text(
                _(
                    "No group of rows is clearly worse off than the others: of each category "
                    "every value was looked at, and of each number every quarter."
                )
            )
        ]
    values = run.task == "regression"
    shown = (lambda v: number(v, 3)) if values else (lambda v: percent(v, 0))
    rows = [
        [f"{shorten(g.column, 30)} = {g.value}", f"{g.rows:,}", shown(g.error), shown(g.others)]
        for g in found
    ]
    wrong = _("Off by") if values else _("Wrong")
    head = [_("Rows with"), _("Test rows"), wrong, _("All others")]
    said = _("Groups of test rows that the network answers clearly worse than the others (Welch’s "
             "t-test, strict enough that among all groups looked at chance shows one in a hundred "
             "reports).")  # fmt: skip
    table = Table(_("Where it fails"), head, rows, style="wide numbers", titled=False)
    return [Text(said), table]
