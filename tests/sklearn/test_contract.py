"""What scikit-learn expects of every estimator, checked by scikit-learn; none is skipped."""

import unittest

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

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


# What `make test` checks of the defaults: all that trains nothing, and three that train. Of as few
# rows as here, the default is one network; members are what it is of more.
SOON = """
    all_zero_sample_weights_error classifiers_one_label classifiers_one_label_sample_weights
    classifiers_regression_target complex_data decision_proba_consistency
    do_not_raise_errors_in_init_or_set_params estimator_cloneable estimator_repr
    estimator_tags_renamed estimators_empty_data_messages estimators_partial_fit_n_features
    estimators_unfitted fit1d fit2d_1sample get_params_invariance mixin_order
    no_attributes_set_in_init parameters_default_constructible requires_y_none set_params
    supervised_y_no_nan valid_tag_types
    dict_unchanged fit_idempotent methods_subset_invariance
"""


def checks_of(estimator):
    """Yield what scikit-learn checks of an estimator, most of it for `make soak`."""
    for each, check in estimator_checks_generator(estimator, legacy=True):
        name = check.func.__name__.removeprefix("check_")
        marks = () if name in SOON.split() else pytest.mark.soak
        how = "-".join([str(estimator), name, *map(str, check.keywords.values())])
        yield pytest.param(each, check, marks=marks, id=how)


@pytest.mark.parametrize(("estimator", "check"), [
    *checks_of(MaeumClassifier()), *checks_of(MaeumRegressor()),
    *checks_of(MaeumClassifier(members=2)), *checks_of(MaeumRegressor(members=2)),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_defaults_and_ensembles_of_few_rows(estimator, check):
    run(check, estimator)


@pytest.mark.soak
@parametrize_with_checks([
    MaeumRegressor(hidden=(8,), **QUICK), MaeumRegressor(network),
    MaeumClassifier(network, build_kwargs=SOFTMAX),
    MaeumClassifier(network, build_kwargs=SOFTMAX, **QUICK),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_built_networks(estimator, check):
    run(check, estimator)


@pytest.mark.parametrize("kind", [MaeumClassifier, MaeumRegressor])
@pytest.mark.parametrize("build", [None, network])
def test_no_tag_excuses_from_a_check(kind, build):
    tags = kind(build).__sklearn_tags__()
    kinds = tags.classifier_tags or tags.regressor_tags
    excuses = tags.non_deterministic, tags.no_validation, tags._skip_test, kinds.poor_score
    assert not any(excuses)
