"""Which hyper-parameters mattered: against functions whose parts of the variance are known."""

import importlib.util
import math

import numpy as np
import pytest

from maeum.core.errors import ConfigError, DataError
from maeum.tuner import RandomSearchOracle, Tuner
from maeum.tuner.importances import told_or_why_not

METHODS = [
    "permutation",
    pytest.param("fanova", marks=pytest.mark.skipif(
        importlib.util.find_spec("optuna") is None, reason="needs optuna")),
]  # fmt: skip


@pytest.fixture
def searched(tmp_path):
    """Search a function of the hyper-parameters; return the tuner."""

    def run(score, trials=60):
        class Search(Tuner):
            def run_trial(self, trial, **kwargs):
                return score(trial.hyperparameters)

        tuner = Search(RandomSearchOracle(max_trials=trials, seed=1), directory=tmp_path)
        tuner.search(verbose=0)
        return tuner

    return run


def sums(hp):
    """Of three that sum up, evenly spread: 16, 4 and 0 parts of the variance."""
    return 4 * hp.Float("a", 0, 1) + 2 * hp.Float("b", 0, 1) + 0 * hp.Float("c", 0, 1)


@pytest.mark.parametrize("method", METHODS)
def test_parts_of_a_sum_are_those_of_its_variance(searched, method):
    found = searched(sums, 150).importances(method)
    assert [*found.fractions] == ["a", "b", "c"]
    assert found.fractions["a"] == pytest.approx(0.8, abs=0.1)
    assert found.fractions["c"] < 0.05
    assert sum(found.fractions.values()) == pytest.approx(1)
    assert (found.method, found.trials) == (method, 150)
    assert found.explained > 0.8


@pytest.mark.parametrize("method", METHODS)
def test_numbers_on_a_logarithmic_scale_count_by_their_logarithm(searched, method):
    def score(hp):
        rate = hp.Float("rate", 1e-6, 1, sampling="log")
        return abs(math.log10(rate) + 5) + 0.5 * hp.Float("other", 0, 1)

    found = searched(score).importances(method).fractions
    assert found["rate"] > 0.85


@pytest.mark.parametrize("method", METHODS)
def test_choices_without_order_and_conditions_count(searched, method):
    def score(hp):
        kind = hp.Choice("kind", ["good", "bad", "fair"])
        with hp.conditional_scope("kind", ["fair"]):
            width = hp.Float("width", 0, 10)
        hp.Float("nothing", 0, 1)
        return {"good": 0.0, "bad": 3.0, "fair": 1.0}[kind] + (width or 0) / 10

    found = searched(score, 80).importances(method).fractions
    assert [*found][:2] == ["kind", "width"]
    assert found["width"] > 3 * found["nothing"]


def test_one_trial_that_cost_a_million_times_more_hides_nothing(searched):
    def score(hp):
        a, b = hp.Float("a", 0, 1), hp.Float("b", 0, 1)
        return 1e9 if b > 0.98 else a

    assert searched(score, 80).importances("permutation").fractions["a"] > 0.8


def test_failed_trials_are_not_counted(searched):
    def score(hp):
        a = hp.Float("a", 0, 1)
        return math.nan if a > 0.5 else a + hp.Float("b", 0, 0.01)

    tuner = searched(score, 60)
    completed = [t for t in tuner.oracle.trials.values() if t.score is not None]
    assert 10 <= len(completed) < 60
    assert tuner.importances("permutation").trials == len(completed)


def test_the_epochs_of_rungs_are_not_ascribed_to_values(tmp_path):
    from maeum.tuner import SuccessiveHalvingOracle

    class Search(Tuner):
        def run_trial(self, trial, **kwargs):
            hp = trial.hyperparameters
            a, epochs = hp.Float("a", 0, 1), hp.values["tuner/epochs"]
            hp.Float("b", 0, 1)
            return 10 / epochs + a / 10

    oracle = SuccessiveHalvingOracle(first_trials=27, max_epochs=9, seed=2)
    tuner = Search(oracle, directory=tmp_path)
    tuner.search(verbose=0)
    found = tuner.importances("permutation")
    assert [*found.fractions] == ["a", "b"]
    assert found.trials == len(oracle.trials) > 27


def test_the_same_seed_gives_the_same_numbers(searched):
    tuner = searched(sums, 20)
    assert tuner.importances("permutation", 3) == tuner.importances("permutation", 3)


def test_trials_that_are_all_equal_say_that_nothing_mattered(searched):
    found = searched(lambda hp: 0 * hp.Float("a", 0, 1), 12).importances("permutation")
    assert (found.fractions, found.explained) == ({"a": 0.0}, 0.0)


def test_chance_is_told_by_how_little_is_explained(searched):
    def score(hp):
        place = int(hp.Float("a", 0, 1) * 1e9)
        return float(np.random.default_rng(place).normal())

    assert searched(score).importances("permutation").explained < 0.2


def test_too_few_trials_are_said_to_be_too_few(searched):
    tuner = searched(sums, 9)
    with pytest.raises(DataError, match="from 10 finished trials on; there are 9"):
        tuner.importances()
    assert told_or_why_not(tuner.oracle)[0] is None


def test_a_space_of_one_point_and_unknown_methods_are_refused(searched):
    tuner = searched(lambda hp: hp.Fixed("a", 1) + hp.Choice("b", [2]), 1)
    with pytest.raises(DataError, match="Nothing was tuned"):
        tuner.importances()
    with pytest.raises(ConfigError, match="fanova"):
        tuner.importances("fannova")
