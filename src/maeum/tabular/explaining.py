"""What a column does to the answers: partial dependence, and contributions to single rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from maeum.core.messages import _
from maeum.tabular.relations import Sample, as_floats
from maeum.tabular.result import TableRun

if TYPE_CHECKING:
    from maeum.tabular.model import TabularModel

MAX_COLUMNS = 300  # of a wider table nothing is explained, which would take minutes
MAIN_COLUMNS = 6
PLACES = 12  # of a number
LEVELS = 8  # of a category
ROWS = 200  # whose answers are averaged
GROUPS = 16  # columns with a contribution of their own; the others have one together
ORDERS = 16  # in which the columns of a row are filled in, and as many backwards


def can_explain(run: TableRun, model: TabularModel | None) -> bool:
    """Tell whether there is a network to ask, and a table that is not too wide for it."""
    there = model is not None and len(run.test_rows) > 0
    return there and len(run.ranking) <= MAX_COLUMNS


def too_wide(run: TableRun, model: TabularModel | None) -> str:
    """Say that nothing is explained because the table is too wide; empty where it is not."""
    if model is None or len(run.ranking) <= MAX_COLUMNS:
        return ""
    return _("The network learns from {n:,} columns. Above {most} of them, what the answers do "
             "along the main columns, and what each column adds to the answer for a row, are not "
             "computed: it would take minutes. A training on the main columns alone shows them.",
             n=len(run.ranking), most=MAX_COLUMNS)  # fmt: skip


class Dependence(NamedTuple):
    """What the network answers on average when a column has some value in every row.

    Attributes:
        column: its name.
        at: ``(n,)`` numbers, days since 1970, or the places of categories.
        names: the values as texts, of a category.
        answers: ``(n, k)`` mean probabilities, or ``(n, 1)`` mean values.
    """

    column: str
    at: np.ndarray
    names: list[str]
    answers: np.ndarray


def dependences(run: TableRun, model: TabularModel, sample: Sample) -> list[Dependence]:
    """Return the partial dependence (Friedman, 2001) of the answers on the main columns.

    The values are cells of the test rows as they stand in the file, so they are read as these are.
    """
    rows = run.test_rows.iloc[_chosen(len(run.test_rows), ROWS, 0)]
    found = []
    for name in [n for n in run.ranking if n in run.test_rows][:MAIN_COLUMNS]:
        cells, at, names = _values(run, sample, name)
        if len(cells) < 2:
            continue
        tried = pd.concat([rows.assign(**{name: cell}) for cell in cells], ignore_index=True)
        answers = _answers(model, tried).reshape(len(cells), len(rows), -1).mean(axis=1)
        found.append(Dependence(name, at, names, answers))
    return found


def _values(run: TableRun, sample: Sample, name: str) -> tuple[list, np.ndarray, list[str]]:
    """Cells of a column to try, their places on an axis, and (of a category) their names."""
    raw = run.test_rows[name]
    typed = run.frame[name].reindex(raw.index)
    if name in sample.categories:
        often = typed.value_counts().index[:LEVELS]
        cells = [raw[typed == value].iloc[0] for value in often]
        return cells, np.arange(len(cells)), [str(value) for value in often]
    numbers = as_floats(typed)
    order = np.argsort(numbers, kind="stable")[: int(np.isfinite(numbers).sum())]
    places = np.unique(np.linspace(0.02, 0.98, PLACES) * max(len(order) - 1, 0)).astype(int)
    rows = order[places] if len(order) else order
    _values, first = np.unique(numbers[rows], return_index=True)
    return list(raw.iloc[rows[first]]), numbers[rows[first]], []


def _chosen(count: int, most: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).permutation(count)[:most]


def _answers(model: TabularModel, rows: pd.DataFrame) -> np.ndarray:
    """The probabilities ``(n, k)`` for rows as they stand in a file, or the values ``(n, 1)``."""
    prediction, _told = model.predict_raw(rows)
    if model.target.classes:
        return model.probabilities(prediction)
    return np.asarray(prediction, float).reshape(-1, 1)


class Contributions(NamedTuple):
    """What the columns of a row add to its answer.

    Attributes:
        base: the mean answer.
        answer: that for the row; the sum of the base and all contributions.
        columns: of each column what it adds, the largest amounts first.
    """

    base: float
    answer: float
    columns: list[tuple[str, float]]


def contributions(
    run: TableRun, model: TabularModel, rows: Sequence[int] | np.ndarray, seed: int = 0
) -> list[Contributions]:
    """Return what each column adds to the answers for some test rows: their Shapley values.

    Other test rows are turned into the row in question, column by column in random orders; what
    the answer changes by when a column is filled in is counted for it (Štrumbelj and Kononenko,
    2014). The answer is the probability of the class that the network answers with, or the value.

    Args:
        run: the training.
        model: the network.
        rows: the places of the test rows.
        seed: of the orders.
    """
    names = [n for n in run.ranking if n in run.test_rows]
    groups = [[name] for name in names[:GROUPS]] + [names[GROUPS:]] * (len(names) > GROUPS)
    if not groups or not len(rows):
        return []
    random, count = np.random.default_rng(seed), len(groups)
    half = random.permuted(np.tile(np.arange(count), (len(rows), ORDERS, 1)), axis=-1)
    orders = np.concatenate([half, half[..., ::-1]], axis=1)  # backwards too: their errors cancel
    steps = np.argsort(orders, axis=-1)  # ``(rows, orders, groups)``, when each is filled in
    others = np.tile(random.integers(0, len(run.test_rows), (len(rows), ORDERS)), 2)
    filled = np.arange(count + 1)[:, None] > steps[:, :, None, :]
    own = np.asarray(rows)[:, None, None, None]
    source = np.where(filled, own, others[:, :, None, None]).reshape(-1, count)
    columns = {
        name: run.test_rows[name].to_numpy()[source[:, place]]
        for place, group in enumerate(groups)
        for name in group
    }
    answers = _answers(model, pd.DataFrame(columns)).reshape(*filled.shape[:3], -1)
    labels = run.answers[rows] if run.classes else np.zeros(len(rows), int)
    answers = answers[np.arange(len(rows)), :, :, labels]
    added = np.take_along_axis(np.diff(answers, axis=-1), steps, axis=-1).mean(axis=1)
    titles = [group[0] if len(group) == 1 else _("all others") for group in groups]
    bases, ends = answers[:, :, 0].mean(axis=1), answers[:, :, -1].mean(axis=1)
    return [
        Contributions(base, end, sorted(zip(titles, values), key=lambda pair: -abs(pair[1])))
        for base, end, values in zip(bases.tolist(), ends.tolist(), added.tolist())
    ]
