"""What is tried next: without duplicates, and whatever runs at once."""

import json
import math
from statistics import median

import pytest

from maeum.core.errors import ConfigError
from maeum.tuner import (
    BayesianOptimizationOracle,
    GridSearchOracle,
    HyperbandOracle,
    HyperParameters,
    RandomSearchOracle,
    RefinedSearchOracle,
    SearchError,
    SuccessiveHalvingOracle,
)


def space():
    hp = HyperParameters()
    hp.Choice("kind", ["a", "b"])
    hp.Int("n", 1, 5, parent_name="kind", parent_values=["b"])
    hp.Float("x", 1e-3, 1, sampling="log")
    return hp


def cost(values):
    return (math.log10(values["x"]) + 2) ** 2 + (values["kind"] == "a") + values.get("n", 0) / 10


def end(oracle, trial, score=cost):
    value = score(trial.values)
    trial.status = "INVALID" if value is None else "COMPLETED"
    trial.score, trial.message = value, "no score" if value is None else None
    oracle.end_trial(trial)


def drive(oracle, at_once=1, most=1000, score=cost):
    """Run a search whose trials end in groups of ``at_once``; return all values."""
    while len(oracle.trials) < most:
        group = []
        while len(group) < at_once:
            trial = oracle.create_trial()
            if trial.status != "RUNNING":
                break
            group.append(trial)
        if not group:
            assert trial.status == "STOPPED"
            break
        for one in group:
            end(oracle, one, score)
    return [trial.hyperparameters.values for trial in oracle.trials.values()]


def random_one():
    return RandomSearchOracle("loss", max_trials=30, hyperparameters=space(), seed=1)


def refined_one():
    return RefinedSearchOracle(
        objective="loss", max_trials=30, hyperparameters=space(), seed=1, rounds=3
    )


def hyperband_one():
    return HyperbandOracle(objective="loss", max_epochs=9, hyperparameters=space(), seed=1)


def halving_one():
    return SuccessiveHalvingOracle(objective="loss", hyperparameters=space(), seed=1)


def grid_one():
    return GridSearchOracle("loss", max_trials=40, hyperparameters=space(), seed=1)


def bayesian_one():
    pytest.importorskip("optuna")
    return BayesianOptimizationOracle(
        objective="loss", max_trials=24, hyperparameters=space(), seed=1, num_initial_points=8
    )


EVERY = [random_one, refined_one, hyperband_one, halving_one, grid_one, bayesian_one]


@pytest.mark.parametrize("make", EVERY)
def test_what_is_tried_does_not_depend_on_how_many_run_at_once(make):
    alone = drive(make())
    assert len(alone) > 20
    for at_once in (3, 64):
        assert drive(make(), at_once) == alone


@pytest.mark.parametrize("make", EVERY)
def test_a_search_goes_on_where_it_was(make):
    whole, begun, again = make(), make(), make()
    expected = drive(whole)
    drive(begun, most=11)
    begun.create_trial()  # it runs when the process is killed
    again.set_state(json.loads(json.dumps(begun.get_state())))
    assert drive(again) == expected


@pytest.mark.parametrize("make", EVERY)
def test_nothing_is_tried_twice(make):
    values = [v for v in drive(make()) if "tuner/trial_id" not in v]
    seen = [
        json.dumps({k: x for k, x in v.items() if "/" not in k}, sort_keys=True) for v in values
    ]
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("make", [refined_one, bayesian_one])
def test_later_trials_are_better_than_the_first(make):
    costs = [cost(values) for values in drive(make())]
    assert median(costs[10:]) < 0.7 * median(costs[:8])


def test_another_seed_tries_other_values():
    other = RandomSearchOracle("loss", max_trials=30, hyperparameters=space(), seed=2)
    assert drive(other)[:5] != drive(random_one())[:5]


@pytest.mark.parametrize("oracle", [RandomSearchOracle, GridSearchOracle, HyperbandOracle])
def test_a_small_space_is_tried_whole_and_then_it_is_over(oracle):
    hp = HyperParameters()
    hp.Choice("kind", ["a", "b", "c"])
    hp.Boolean("wide")
    hp.Fixed("n", 1)
    found = drive(oracle(objective="loss", hyperparameters=hp, seed=0), score=lambda values: 1.0)
    begun = [v for v in found if "tuner/trial_id" not in v]
    assert len(begun) == 6


@pytest.mark.parametrize("oracle", [RandomSearchOracle, GridSearchOracle, HyperbandOracle])
def test_a_space_with_nothing_to_choose_is_one_trial(oracle):
    found = drive(oracle(objective="loss", seed=0), score=lambda values: 1.0)
    assert len([v for v in found if "tuner/trial_id" not in v]) == 1


# ---- grids ---------------------------------------------------------------------------------------


def test_a_grid_begins_with_the_defaults_and_turns_the_last_wheel_first():
    hp = HyperParameters()
    hp.Choice("kind", ["a", "b"], default="b")
    hp.Int("n", 1, 2, parent_name="kind", parent_values=["a"])
    hp.Float("x", 0, 1, step=0.5)
    found = drive(GridSearchOracle("loss", hyperparameters=hp), score=lambda values: 1.0)
    assert found == [
        *({"kind": "b", "x": x} for x in (0, 0.5, 1)),
        *({"kind": "a", "n": n, "x": x} for n in (1, 2) for x in (0, 0.5, 1)),
    ]


def test_a_grid_is_that_of_kerastuner(tmp_path):
    kt = pytest.importorskip("keras_tuner")
    found = []
    for module in (None, kt):
        hp = (module or __import__("maeum").tuner).HyperParameters()
        hp.Choice("kind", ["a", "b", "c"], default="b")
        with hp.conditional_scope("kind", ["a", "c"]):
            hp.Int("n", 4, 16, step=4, default=8)
        hp.Boolean("wide")
        hp.Int("power", 1, 8, step=2, sampling="log")
        if module is None:
            found.append(drive(GridSearchOracle("loss", hyperparameters=hp), score=lambda v: 1.0))
            continue
        theirs = kt.oracles.GridSearchOracle(kt.Objective("loss", "min"), hyperparameters=hp)
        theirs._set_project_dir(tmp_path, "grid")
        theirs.verbose = 0
        values = []
        while (trial := theirs.create_trial("tuner0")).status == "RUNNING":
            values.append(dict(trial.hyperparameters.values))
            theirs.update_trial(trial.trial_id, {"loss": 1.0})
            trial.status = "COMPLETED"
            theirs.end_trial(trial)
        found.append(values)
    assert found[0] == found[1]


# ---- halving -------------------------------------------------------------------------------------


def test_halving_counts_as_by_hand():
    hp = HyperParameters()
    hp.Float("x", 0, 1)
    oracle = SuccessiveHalvingOracle(
        objective="loss", hyperparameters=hp, seed=5, first_trials=9, max_epochs=9, factor=3
    )
    assert oracle.rungs() == [(9, 1), (3, 3), (1, 9)]
    found = drive(oracle, score=lambda values: values["x"])
    assert len(found) == 9 + 3 + 1
    first = sorted(range(9), key=lambda i: found[i]["x"])
    second = [int(values["tuner/trial_id"]) for values in found[9:12]]
    assert second == first[:3]
    assert found[12]["tuner/trial_id"] == "0009"  # the best of the second rung came first
    assert [(v["tuner/initial_epoch"], v["tuner/epochs"]) for v in found[8:13]] == [
        (0, 1), (1, 3), (1, 3), (1, 3), (3, 9),
    ]  # fmt: skip
    assert [v["x"] for v in found[9:12]] == sorted(v["x"] for v in found[:9])[:3]


def test_brackets_are_those_of_the_paper():
    """Hyperband's table for R = 81 and a factor of 3, with KerasTuner's numbers of trials."""
    oracle = HyperbandOracle(objective="loss", max_epochs=81, factor=3)
    epochs = [[e for _n, e in rungs] for _name, rungs in oracle.brackets()]
    assert epochs == [[1, 3, 9, 27, 81], [3, 9, 27, 81], [9, 27, 81], [27, 81], [81]]
    assert [n for n, _e in oracle.rungs(4)] == [81, 27, 9, 3, 1]


@pytest.mark.parametrize(("most", "factor"), [(1, 2), (4, 2), (10, 3), (100, 3), (81, 3), (50, 4)])
def test_brackets_are_those_of_kerastuner(most, factor):
    kt = pytest.importorskip("keras_tuner")
    theirs = kt.oracles.HyperbandOracle(kt.Objective("loss", "min"), max_epochs=most, factor=factor)
    ours = HyperbandOracle(objective="loss", max_epochs=most, factor=factor)
    brackets = list(ours.brackets())
    assert len(brackets) == theirs._get_num_brackets()
    for name, rungs in brackets:
        number = name["tuner/bracket"]
        assert rungs == [
            (theirs._get_size(number, r), theirs._get_epochs(number, r)) for r in range(number + 1)
        ]


def test_trials_that_fail_do_not_climb_and_others_do():
    oracle = halving_one()
    broken = {}

    def score(values):
        key = json.dumps({k: v for k, v in values.items() if "/" not in k})
        broken.setdefault(key, len(broken) % 2 == 0)
        return None if broken[key] else cost(values)

    found = drive(oracle, score=score)
    rungs = [sum(v["tuner/round"] == r for v in found) for r in range(4)]
    assert rungs == [27, 9, 3, 1]
    climbed = [v["tuner/trial_id"] for v in found if "tuner/trial_id" in v]
    assert all(oracle.trials[number].status == "COMPLETED" for number in climbed)


# ---- failures, and arguments ---------------------------------------------------------------------


def test_a_failed_trial_is_tried_once_more_with_another_seed():
    oracle = RandomSearchOracle("loss", max_trials=2, hyperparameters=space(), seed=1,
                                max_retries_per_trial=1)  # fmt: skip
    first = oracle.create_trial()
    seed = first.seed
    end(oracle, first, lambda values: None)
    again = oracle.create_trial()
    assert again is first
    assert again.seed != seed
    end(oracle, again, lambda values: None)
    assert first.status == "FAILED"
    assert oracle.create_trial().trial_id == "0001"


def test_failures_in_a_row_may_end_a_search():
    oracle = RandomSearchOracle("loss", hyperparameters=space(), max_consecutive_failed_trials=2)
    end(oracle, oracle.create_trial(), lambda values: None)
    with pytest.raises(SearchError, match="no score"):
        end(oracle, oracle.create_trial(), lambda values: None)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: RandomSearchOracle("loss", max_trials=0), "max_trials"),
        (lambda: RandomSearchOracle("loss", tune_new_entries=False), "hyperparameters="),
        (lambda: RandomSearchOracle("size"), "more or less of 'size'"),
        (lambda: RandomSearchOracle(3), "name of a loss or a metric"),
        (lambda: HyperbandOracle(objective="loss", factor=1), "factor"),
        (lambda: SuccessiveHalvingOracle(objective="loss", min_epochs=9, max_epochs=3), "is more"),
        (lambda: RefinedSearchOracle(objective="loss", shrink=1), "shrink"),
        (lambda: RandomSearchOracle("loss", seed=-1), "seed"),
    ],
)
def test_arguments_that_make_no_sense(make, said):
    with pytest.raises(ConfigError, match=said):
        make()


def test_without_optuna_one_is_told_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ModuleNotFoundError):
        BayesianOptimizationOracle(objective="loss")
