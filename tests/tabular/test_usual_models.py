"""scikit-learn's usual models."""

import numpy as np
import pytest

from maeum.experiment.classes import calm
from maeum.tabular.usual_models import USUAL_MODELS, Setting, usual_neighbors


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 15, 16, 17, 100, 5634])
def test_neighbours_are_near_the_root_of_the_rows_and_odd_for_two_classes(rows):
    k = usual_neighbors(rows, "binary")
    assert k % 2 == 1
    assert 1 <= k <= rows
    assert abs(k - rows**0.5) <= 1.5
    assert usual_neighbors(rows, "regression") == round(rows**0.5)


@pytest.mark.parametrize("key", USUAL_MODELS)
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_every_model_learns_every_task(key, task):
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 2))
    y = {"binary": (x[:, 0] > 0).astype(int), "multiclass": np.digitize(x[:, 0], [-0.5, 0.5]),
         "regression": 1000 + 500 * x[:, 0]}[task]  # fmt: skip
    with calm(len(y)):  # few rows are learnt far sooner by one thread
        model = USUAL_MODELS[key].build(Setting(task, y, 0)).fit(x, y)
        assert model.score(x, y) > 0.7
    if task != "regression":
        np.testing.assert_allclose(model.predict_proba(x).sum(axis=1), 1)


@pytest.mark.parametrize("key", ["linear", "svm", "tree", "forest", "boosting"])
def test_balanced_classes_count_the_same(key):
    random = np.random.default_rng(0)
    x = random.normal(size=(300, 1))
    y = (x[:, 0] + random.normal(size=300) > 1.5).astype(int)
    said = [
        USUAL_MODELS[key].build(Setting("binary", y, 0, balanced=balanced)) for balanced in (0, 1)
    ]
    weights = [(model.estimator if key == "svm" else model).class_weight for model in said]
    assert weights == [None, "balanced"]
