"""What a report warns of in a table, and the groups of rows where a network fails."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import skew, ttest_ind

from maeum.tabular import alerts, figures_columns, subgroups
from maeum.tabular.relations import Sample, association, relations

from .test_report import made


def kinds(run):
    sample = Sample(run)
    return [(a.kind, *a.columns) for a in alerts.alerts(run, sample, relations(run, sample))]


def plain(**extra):
    return made("multiclass", extra=extra)


RANDOM = np.random.default_rng(1)
NORMAL = RANDOM.normal(size=240)
GAPS = np.where(np.arange(240) % 5 == 0, np.nan, NORMAL)


@pytest.mark.parametrize(
    ("extra", "alert"),
    [
        ({"one": NORMAL, "two": 3 * NORMAL + 1}, ("high correlation", "one", "two")),
        ({"one": GAPS, "two": GAPS[::-1].copy()}, None),
        ({"one": GAPS, "two": np.where(np.isnan(GAPS), np.nan, RANDOM.normal(size=240))},
         ("missing together", "one", "two")),
        ({"few": np.where(np.arange(240) % 3 == 0, NORMAL, np.nan)}, ("mostly missing", "few")),
        ({"same": np.ones(240)}, ("constant", "same")),
        ({"hardly": np.r_[np.zeros(238), 1.5, 2.5]}, ("nearly constant", "hardly")),
        ({"tail": np.exp(3 * NORMAL)}, ("skewed", "tail")),
        ({"fine": NORMAL}, None),
    ],
)  # fmt: skip
def test_what_stands_out_is_told(extra, alert):
    found = kinds(plain(**extra))
    if alert is None:
        assert not [each for each in found if set(each[1:]) & set(extra)]
    else:
        assert alert in found


def test_a_copy_of_the_target_is_told_first():
    run = plain()
    run = plain(copy=run.frame["left"].map({"a": 1.0, "b": 2.0, "c": 3.0}))
    assert kinds(run)[0] == ("gives the target away", "copy")


def test_equal_rows_and_contradictions_are_counted():
    run = plain()
    names = [n for n in run.ranking if n in run.frame]
    for row in (7, 8, 9):
        run.frame.loc[row, [*names, "left"]] = run.frame.loc[3, [*names, "left"]].to_numpy()
    run.frame.loc[20, names] = run.frame.loc[21, names].to_numpy()
    run.frame.loc[20, "left"], run.frame.loc[21, "left"] = "a", "b"
    said = {a.kind: a.said for a in alerts.alerts(run, Sample(run), [])}
    assert said["duplicates"].startswith("3 of 240 rows")
    assert said["contradictions"].startswith("2 of 240 rows")


def test_skewness_is_scipys():
    run = plain(tail=np.exp(2.5 * NORMAL))
    [alert] = [a for a in alerts.alerts(run, Sample(run), []) if a.columns == ("tail",)]
    expected = skew(np.exp(2.5 * NORMAL), bias=False)
    assert f"{expected:.2g}" in alert.said


def test_a_group_that_is_answered_worse_is_found():
    run = made("multiclass", rows=900)
    plan = run.frame["plan"].reindex(run.test_rows.index).to_numpy()
    wrong = (plan == "never") & (np.arange(len(plan)) % 2 == 0)
    run.truth = np.where(wrong, (run.answers + 1) % 3, run.answers)
    [group] = subgroups.worst_groups(run, Sample(run))
    inside = plan == "never"
    assert (group.column, group.value, group.rows) == ("plan", "never", inside.sum())
    assert (group.error, group.others) == (wrong[inside].mean(), 0.0)
    expected = ttest_ind(wrong[inside] * 1.0, wrong[~inside] * 1.0, equal_var=False,
                         alternative="greater")  # fmt: skip
    assert group.p == pytest.approx(expected.pvalue)


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_errors_by_chance_are_no_group(task):
    run = made(task, rows=600)
    random = np.random.default_rng(0)
    run.truth = random.permutation(run.truth)
    assert len(subgroups.worst_groups(run, Sample(run))) <= 1


def test_relations_of_columns_do_not_depend_on_their_order():
    run = made("multiclass")
    sample = Sample(run)
    names = [*sample.numbers, *sample.categories, *sample.dates]
    for one in names:
        for other in names:
            value = association(sample, one, other)
            assert value == pytest.approx(association(sample, other, one))
            assert one != other or value == pytest.approx(1)


def test_the_heat_map_has_every_pair_once_on_each_side():
    run = made("multiclass")
    [cells] = figures_columns.correlations(run, Sample(run)).marks
    table = np.asarray(cells.values)
    assert np.array_equal(table, table.T, equal_nan=True)
    assert np.isnan(np.diag(table)).all()
    numbers = run.frame[["months", "price"]].corr().iloc[0, 1]
    places = [int(name[0]) - 1 for name in cells.names if name.split()[1] in ("months", "price")]
    assert table[places[0], places[1]] == pytest.approx(numbers)


def test_the_matrix_of_missing_cells_shows_where_they_are():
    run = made("regression", extra={"late": np.where(np.arange(240) < 120, NORMAL, np.nan)})
    [cells] = figures_columns.missing_matrix(run).marks
    late = np.asarray(cells.values)[list(cells.names).index("late")]
    half = len(late) // 2
    assert not late[:half].any()
    assert (late[half:] == 1).all()
    assert pd.Series(cells.told[0]).str.contains("rows").all()
