"""What scikit-learn expects of every estimator, checked by scikit-learn; none is skipped."""

import unittest

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

import maeum as mm
from maeum.sklearn import MaeumClassifier, MaeumRegressor

# Networks that learn in a few steps: what is checked are the estimators, not how good they are.
QUICK = {"epochs": 40, "learning_rate": 0.03, "validation_fraction": 0}


def network(n_features, n_outputs, activation=None):
    """A small network, compiled by the estimator."""
    layers = mm.layers
    return mm.Sequential([
        mm.Input((n_features,)), layers.Dense(16, activation="relu"),
        layers.Dense(n_outputs, activation=activation),
    ])  # fmt: skip


SOFTMAX = {"activation": "softmax"}


@pytest.fixture(autouse=True)
def unskipped(monkeypatch):
    """Let the check of array_api_dispatch run, which is skipped without this."""
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")


def run(check, estimator):
    """Run a check, which fails if it skips itself."""
    try:
        check(estimator)
    except unittest.SkipTest as skipped:
        pytest.fail(f"skipped: {skipped}")


@parametrize_with_checks([MaeumClassifier(hidden=(8,), **QUICK)])
@pytest.mark.filterwarnings("ignore")
def test_a_quick_network_for_tables(estimator, check):
    run(check, estimator)


@pytest.mark.soak
@parametrize_with_checks([
    MaeumClassifier(), MaeumRegressor(), MaeumRegressor(hidden=(8,), **QUICK),
    MaeumRegressor(network),
    MaeumClassifier(network, build_kwargs=SOFTMAX),
    MaeumClassifier(network, build_kwargs=SOFTMAX, **QUICK),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_choices_by_the_data_and_built_networks(estimator, check):
    run(check, estimator)


@pytest.mark.parametrize("kind", [MaeumClassifier, MaeumRegressor])
@pytest.mark.parametrize("build", [None, network])
def test_no_tag_excuses_from_a_check(kind, build):
    tags = kind(build).__sklearn_tags__()
    kinds = tags.classifier_tags or tags.regressor_tags
    excuses = tags.non_deterministic, tags.no_validation, tags._skip_test, kinds.poor_score
    assert not any(excuses)
