"""Networks in scikit-learn's tools, and what they are given."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import maeum as mm
from maeum.core.errors import ConfigError, DataError
from maeum.sklearn import MaeumClassifier, MaeumRegressor

QUICK = {"hidden": (8,), "epochs": 20, "learning_rate": 0.03, "validation_fraction": 0,
         "random_state": 0}  # fmt: skip
BUILT = {name: QUICK[name] for name in QUICK if name != "hidden"}


def data(rows=40, seed=0):
    X = np.random.default_rng(seed).normal(size=(rows, 3)).round(3)
    return X, (X[:, 0] + X[:, 1] > 0).astype(int)


def network(n_features, n_outputs, activation="softmax", loss=None):
    model = mm.Sequential([
        mm.Input((n_features,)), mm.layers.Dense(n_outputs, activation=activation)
    ])  # fmt: skip
    if loss is not None:
        model.compile("adam", loss)
    return model


@pytest.fixture(scope="module")
def fitted():
    X, y = data()
    return MaeumClassifier(**QUICK).fit(X, np.array(["no", "yes"])[y])


def test_probabilities_are_of_the_classes_and_sum_to_1(fitted):
    X, y = data()
    p = fitted.predict_proba(X)
    assert p.dtype == np.float64
    assert p.shape == (40, 2)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)
    assert fitted.classes_.tolist() == ["no", "yes"]
    assert fitted.score(X, np.array(["no", "yes"])[y]) > 0.8
    assert fitted.n_iter_ == 20


def test_a_copy_by_pickle_predicts_the_same_bits(fitted):
    X, _ = data()
    again = pickle.loads(pickle.dumps(fitted))
    assert (again.predict_proba(X) == fitted.predict_proba(X)).all()


def test_a_row_alone_is_predicted_as_among_others(fitted):
    X, _ = data(300, seed=1)
    together = fitted.predict_proba(X)
    assert (fitted.predict_proba(X[17:18]) == together[17]).all()
    assert (fitted.predict_proba(X[::-1]) == together[::-1]).all()


def test_frames_arrays_and_sparse_matrices_of_the_same_numbers_are_alike():
    X, y = data()
    X[X < -0.5] = 0
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    expected = MaeumClassifier(**QUICK).fit(X, y).predict_proba(X)
    for given_ in (frame, sparse.csr_array(X), sparse.coo_matrix(X), X.tolist(), X.astype(object)):
        found = MaeumClassifier(**QUICK).fit(given_, y).predict_proba(given_)
        assert (found == expected).all()


@settings(max_examples=2)
@given(st.integers(0, 2**32 - 1))
def test_a_weight_is_how_often_a_row_is_there(seed):
    X, y = data(12)
    random = np.random.default_rng(seed)
    weights = random.integers(0, 4, 12)
    weights[:4] = 1  # of both classes, some
    assert len(set(y[:4])) == 2
    order = random.permutation(12)
    for estimator in (MaeumClassifier(**QUICK), MaeumRegressor(network, build_kwargs=LINEAR,
                                                               **BUILT)):  # fmt: skip
        weighted = clone(estimator).fit(X[order], y[order], sample_weight=weights[order])
        repeated = clone(estimator).fit(X.repeat(weights, axis=0), y.repeat(weights))
        assert (weighted.predict(X) == repeated.predict(X)).all()
        if hasattr(estimator, "predict_proba"):
            assert (weighted.predict_proba(X) == repeated.predict_proba(X)).all()


LINEAR = {"activation": None}


def test_heavier_rows_count_for_more():
    X = np.repeat([[0.0], [1.0]], 10, axis=0) + np.arange(20)[:, None] * 1e-3
    y = np.tile([0, 1], 10)
    heavy = np.where(y == 1, 9.5, 0.5)
    p = MaeumClassifier(**QUICK).fit(X, y, sample_weight=heavy).predict_proba(X)
    assert p[:, 1].mean() > 0.75
    as_classes = MaeumClassifier(class_weight={1: 19.0}, **QUICK).fit(X, y)
    np.testing.assert_allclose(as_classes.predict_proba(X), p, atol=0.02)


def test_columns_of_texts_dates_and_missing_cells_among_numbers():
    random = np.random.default_rng(3)
    plan = random.choice(["gold", "basic"], 60)
    frame = pd.DataFrame({
        "age": np.where(random.random(60) < 0.2, np.nan, random.normal(size=60)),
        "plan": plan, "since": pd.date_range("2020-01-01", periods=60), "nothing": [None] * 60,
        "constant": "x", 7: random.integers(0, 3, 60),
    }).rename(columns={7: "seven"})  # fmt: skip
    y = pd.Series(np.where(plan == "gold", "stays", "leaves"))
    model = MaeumClassifier(**QUICK).fit(frame, y)
    assert model.score(frame, y) == 1
    assert model.feature_names_in_.tolist() == list(frame.columns)
    new = frame.head(3).assign(plan=["gold", "unknown", None])
    assert np.isfinite(model.predict_proba(new)).all()
    assert model.model_.predict(frame.head(1)).columns[1] == "probability of leaves"


def test_one_column_of_texts_with_few_different_rows():
    X = np.array([["a"], ["b"], ["c"]] * 10, object)
    model = MaeumClassifier(**{**QUICK, "epochs": 200}).fit(X, [0, 1, 1] * 10)
    assert model.predict(X[:3]).tolist() == [0, 1, 1]


def test_columns_that_tell_nothing_give_the_fractions_of_the_classes():
    X = np.column_stack([np.ones(40), np.full(40, np.nan)])
    model = MaeumClassifier(**{**QUICK, "epochs": 300}).fit(X, [0, 0, 0, 1] * 10)
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], 0.25, atol=0.05)


def test_numbers_of_numpy_as_parameters_are_numbers():
    X, y = data()
    plain = MaeumClassifier(**QUICK).fit(X, y)
    numpy = MaeumClassifier(
        hidden=np.array([8]), epochs=np.int64(20), learning_rate=np.float64(0.03),
        validation_fraction=np.float32(0), random_state=np.int64(0), verbose=np.int8(0),
    )  # fmt: skip
    assert (clone(numpy).fit(X, y).predict_proba(X) == plain.predict_proba(X)).all()
    drawn = [
        MaeumRegressor(**{**QUICK, "random_state": np.random.RandomState(1)}).fit(X, y).predict(X)
        for _ in range(2)
    ]
    assert (drawn[0] == drawn[1]).all()


def test_pipelines_searches_and_ensembles():
    X, y = data(30)
    one = MaeumClassifier(**QUICK)
    assert len(cross_val_score(make_pipeline(StandardScaler(), one), X, y, cv=2)) == 2
    search = GridSearchCV(one, {"learning_rate": [0.01, np.float64(0.03)]}, cv=2).fit(X, y)
    assert search.best_estimator_.predict(X).shape == (30,)
    logistic = LogisticRegression()
    for made in (
        VotingClassifier([("a", one), ("b", logistic)], voting="soft"),
        StackingClassifier([("a", one), ("b", logistic)], cv=2),
        CalibratedClassifierCV(one, cv=2),
    ):
        assert made.fit(X, y).predict_proba(X).shape == (30, 2)
    importance = permutation_importance(one.fit(X, y), X, y, n_repeats=2, random_state=0)
    assert importance.importances_mean[2] < importance.importances_mean[0]


@pytest.mark.soak
def test_processes_side_by_side():
    X, y = data(30)
    one = MaeumClassifier(**QUICK)
    alone = cross_val_score(one, X, y, cv=2)
    assert (cross_val_score(one, X, y, cv=2, n_jobs=2) == alone).all()


@pytest.mark.parametrize("loss", [
    None, "sparse_categorical_crossentropy", "categorical_crossentropy", "mse",
])  # fmt: skip
def test_built_networks_get_the_targets_of_their_loss(loss):
    X, y = data()
    model = MaeumClassifier(network, build_kwargs={"loss": loss}, **{**BUILT, "epochs": 100})
    assert model.fit(X, y).score(X, y) > 0.9
    assert isinstance(model.model_, mm.Model)


def test_a_single_probability_is_that_of_the_second_class():
    X, y = data()

    def build(n_features, n_outputs):
        return network(n_features, 1, "sigmoid")

    assert MaeumClassifier(build, **{**BUILT, "epochs": 100}).fit(X, y).score(X, y) > 0.9


def test_built_networks_learn_several_values():
    X, _ = data()
    Y = np.column_stack([X[:, 0] - X[:, 1], X[:, 2]])
    model = MaeumRegressor(network, build_kwargs=LINEAR, **{**BUILT, "epochs": 300}).fit(X, Y)
    np.testing.assert_allclose(model.predict(X), Y, atol=0.05)
    with pytest.raises(ValueError, match="1d array"):
        MaeumRegressor(**QUICK).fit(X, Y)


def raising(n_features, n_outputs):
    raise RuntimeError("no such choice")


@pytest.mark.parametrize(("estimator", "error", "said"), [
    (MaeumClassifier(lambda n_features, n_outputs: "no model"), ConfigError, "no model"),
    (MaeumClassifier("build"), ConfigError, "build is a function"),
    (MaeumClassifier(raising), RuntimeError, "no such choice"),
    (MaeumClassifier(network, hidden=(8,)), ConfigError, "hidden"),
    (MaeumClassifier(lambda n_features, n_outputs: network(n_features, 5)), ConfigError,
     r"\(None, 2\) or \(None, 1\)"),
    (MaeumClassifier(validation_fraction=1.5), ConfigError, "validation_fraction"),
    (MaeumClassifier(epochs=0), ConfigError, "epochs"),
    (MaeumClassifier(class_weight={"maybe": 2}), ConfigError, "maybe"),
    (MaeumClassifier(class_weight=[1, 2]), ConfigError, "class_weight"),
])  # fmt: skip
def test_parameters_that_cannot_be_are_refused_in_fit(estimator, error, said):
    with pytest.raises(error, match=said):
        estimator.fit(*data())


def test_outputs_that_are_no_probabilities_are_refused():
    X, y = data()
    model = MaeumClassifier(network, build_kwargs={"activation": None, "loss": "mse"}, **BUILT)
    with pytest.raises(DataError, match="softmax"):
        model.fit(X, y).predict_proba(X)


@pytest.mark.parametrize(("change", "said"), [
    (lambda X, y, w: (X, y * 0, w), "one class"),
    (lambda X, y, w: (X, y, y), "one class"),
    (lambda X, y, w: (X[:1], y[:1], w[:1]), "1 sample"),
    (lambda X, y, w: (pd.DataFrame(X[:1]), y[:1], w[:1]), "1 sample"),
    (lambda X, y, w: (X, np.where(y > 0, np.nan, 0.0), w), "NaN"),
    (lambda X, y, w: (X, np.where(y > 0, "a", None), w), "NaN"),
    (lambda X, y, w: (np.where(X > 1, np.inf, X), y, w), "inf"),
    (lambda X, y, w: (pd.DataFrame(np.where(X > 1, np.inf, X)), y, w), "infinity"),
    (lambda X, y, w: (X, y, w * 0), "zero"),
    (lambda X, y, w: (X, y, -w), "negative"),
    (lambda X, y, w: (X, y, w[:5]), "shape"),
    (lambda X, y, w: (X[:, :0], y, w), "0 feature"),
    (lambda X, y, w: (pd.DataFrame(X[:, :0]), y, w), "0 feature"),
    (lambda X, y, w: (X, None, w), "y"),
])  # fmt: skip
def test_data_that_cannot_be_learnt_are_refused(change, said):
    X, y = data()
    with pytest.raises(ValueError, match=said):
        MaeumClassifier(**QUICK).fit(*change(X, y, np.ones(40)))
