"""What columns do to the answers, compared with what follows from the definitions."""

from __future__ import annotations

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.inspection import partial_dependence

from maeum.tables.columns import recognise
from maeum.tabular import explaining, figures_explaining
from maeum.tabular.relations import Sample
from maeum.tabular.result import TableRun


class Formula(RegressorMixin, BaseEstimator):
    """A model that answers ``a * b + 2 c``, as a network for a table and as scikit-learn's."""

    target = SimpleNamespace(classes=[])

    def fit(self, x, y=None):
        self.fitted_ = True
        return self

    def predict(self, x):
        a, b, c = (np.asarray(x[n], float) for n in "abc")
        return a * b + 2 * c

    def predict_raw(self, rows):
        return self.predict(rows), []


def made(rows=80):
    random = np.random.default_rng(0)
    raw = pd.DataFrame({n: random.normal(size=rows).round(2) for n in "abc"})
    typed, columns = recognise(raw)
    return TableRun(
        source="made", target="y", task="regression", classes=[], notes=[], columns=columns,
        frame=typed.assign(y=Formula().predict(raw)), features=[*"abc"], rows={"test": rows},
        history={}, best_epoch=0, test_rows=raw, truth=Formula().predict(raw),
        probabilities=np.zeros((rows, 0)), values=Formula().predict(raw), metrics={}, models=[],
        network="", settings={}, importance=[("a", 0.3, 0.0), ("b", 0.2, 0.0), ("c", 0.1, 0.0)],
    )  # fmt: skip


def test_partial_dependence_is_that_of_scikit_learn():
    run = made()
    for found in explaining.dependences(run, Formula(), Sample(run)):
        expected = partial_dependence(
            Formula().fit(run.test_rows), run.test_rows, [found.column], method="brute",
            custom_values={found.column: found.at},
        )  # fmt: skip
        assert found.answers[:, 0] == pytest.approx(expected["average"][0])
        assert np.isin(found.at, run.test_rows[found.column]).all()  # as they stand in the file


def shapley(rows, row):
    """The definition: the mean gain of each column over all sets of the others (Shapley, 1953)."""

    def answer(names):
        return Formula().predict(rows.assign(**{n: rows[n].iloc[row] for n in names})).mean()

    found = {}
    for name in "abc":
        others, total = [n for n in "abc" if n != name], 0.0
        for size in range(3):
            weight = math.factorial(size) * math.factorial(2 - size) / 6
            for chosen in itertools.combinations(others, size):
                total += weight * (answer([*chosen, name]) - answer(chosen))
        found[name] = total
    return found


def test_contributions_are_shapley_values(monkeypatch):
    monkeypatch.setattr(explaining, "ORDERS", 4000)
    run = made()
    for row, found in zip([3, 40], explaining.contributions(run, Formula(), [3, 40])):
        expected = shapley(run.test_rows, row)
        for name, value in found.columns:
            assert value == pytest.approx(expected[name], abs=0.15)


def test_contributions_add_up_to_the_answer(monkeypatch):
    monkeypatch.setattr(explaining, "GROUPS", 1)  # the other two columns have one together
    run = made()
    rows = [0, 5, 9]
    for row, found in zip(rows, explaining.contributions(run, Formula(), rows)):
        assert found.answer == pytest.approx(run.values[row])
        assert found.base + sum(v for _n, v in found.columns) == pytest.approx(found.answer)
        assert {name for name, _value in found.columns} == {"a", "all others"}
        sizes = [abs(value) for _name, value in found.columns]
        assert sizes == sorted(sizes, reverse=True)


def test_what_columns_add_is_written_like_other_numbers():
    found = explaining.Contributions(50_000.0, 12_345.0, [("a", -37_640.1), ("b", 0.25)])
    bars = figures_explaining.why(made(), 0, 1, found)
    assert [bar.value for bar in bars.bars] == ["−37,640", "+0.25"]


def test_nothing_is_explained_of_no_rows():
    run = made()
    assert explaining.contributions(run, Formula(), []) == []
    run.importance, run.columns = [], []
    assert explaining.contributions(run, Formula(), [0]) == []
    assert explaining.dependences(run, Formula(), Sample(run)) == []


def test_table_that_is_too_wide_is_told(monkeypatch):
    run = made()
    assert explaining.too_wide(run, Formula()) == ""
    monkeypatch.setattr(explaining, "MAX_COLUMNS", 2)
    assert explaining.too_wide(run, None) == ""
    assert "learns from 3 columns. Above 2 of them" in explaining.too_wide(run, Formula())
