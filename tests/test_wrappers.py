"""Models as scikit-learn's estimators: its own checks, and what users do with them."""

from unittest import SkipTest

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

import maeum as mm
from maeum.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

# What scikit-learn expects of an estimator that gives the same numbers in every fit, or learns
# from ten rows in one epoch; the same are expected of Keras's.
_REPEATED = {
    "check_classifiers_one_label_sample_weights", "check_classifiers_classes",
    "check_classifier_data_not_an_array", "check_supervised_y_2d", "check_fit_idempotent",
    "check_classifiers_train", "check_parameters_default_constructible",
    "check_classifiers_regression_target",
}  # fmt: skip


def network(X, y, loss, activation="softmax", units=8):
    model = mm.Sequential([
        mm.Input(X.shape[1:]), mm.layers.Dense(units, activation="relu"),
        mm.layers.Dense(y.shape[1], activation=activation),
    ], seed=1)  # fmt: skip
    model.compile("rmsprop", loss)
    return model


def estimators():
    quiet = {"verbose": 0}
    cross = {"loss": "categorical_crossentropy"}
    return [
        SKLearnClassifier(network, model_kwargs=cross, fit_kwargs={**quiet, "epochs": 3}),
        SKLearnRegressor(network, model_kwargs={"loss": "mse"}, fit_kwargs=quiet),
        SKLearnTransformer(network, model_kwargs={"loss": "mse"}, fit_kwargs=quiet),
    ]


@pytest.mark.soak
@pytest.mark.parametrize("estimator", estimators(), ids=lambda e: type(e).__name__)
def test_the_checks_of_scikit_learn(estimator):
    for one, check in estimator_checks_generator(estimator, legacy=True, mark=None):
        name = getattr(check, "func", check).__name__
        if name not in _REPEATED:
            try:
                check(one)
            except SkipTest:  # raised by checks that do not apply
                continue
            except Exception as error:
                error.add_note(name)
                raise


def test_classes_come_back_as_they_were():
    X, y = make_classification(60, 5, n_informative=4, n_redundant=0, n_classes=3, random_state=1)
    names = np.array(["low", "middle", "high"])[y]
    classifier = estimators()[0]
    classifier.fit(X, names, epochs=400)
    assert set(classifier.predict(X)) <= set(names)
    chosen = classifier.classes_[classifier.decision_function(X).argmax(1)]
    np.testing.assert_array_equal(classifier.predict(X), chosen)
    assert classifier.score(X, names) > 0.5
    assert len(classifier.epoch_) == 400


def test_pipelines_and_searches():
    X, y = make_classification(40, 4, random_state=2)
    pipeline = make_pipeline(StandardScaler(), estimators()[0])
    assert len(cross_val_score(pipeline, X, y, cv=2)) == 2
    search = GridSearchCV(estimators()[0], {"fit_kwargs": [{"epochs": 1, "verbose": 0}]}, cv=2)
    assert search.fit(X, y).best_estimator_.predict(X).shape == (40,)


def test_a_model_itself_and_going_on():
    X = np.random.default_rng(0).normal(size=(30, 2))
    model = mm.Sequential([mm.Input((2,)), mm.layers.Dense(1)])
    model.compile("sgd", "mse")
    regressor = SKLearnRegressor(model, warm_start=True, fit_kwargs={"verbose": 0})
    assert regressor.fit(X, X[:, 0]).predict(X).shape == (30,)
    trained = regressor.model_
    assert regressor.fit(X, X[:, 0]).model_ is trained
    assert int(trained.optimizer.iterations) == 2
    assert int(model.optimizer.iterations) == 0
    assert clone(regressor).fit_kwargs == {"verbose": 0}
    transformer = SKLearnTransformer(model, fit_kwargs={"verbose": 0})
    assert transformer.fit_transform(X, X[:, 0]).shape == (30, 1)


def test_what_cannot_be_trained_is_refused():
    X = np.zeros((4, 2))
    with pytest.raises(RuntimeError, match="compiled"):
        SKLearnRegressor(mm.Sequential([mm.Input((2,)), mm.layers.Dense(1)])).fit(X, X[:, 0])
    with pytest.raises(ValueError, match="only one class"):
        estimators()[0].fit(X, [1, 1, 1, 1])
