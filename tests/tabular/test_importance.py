import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import r2_score, roc_auc_score

from maeum.tabular import importance, train_table
from maeum.tabular.importance import permutation_importance, quick_score

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=400)
CITY = RANDOM.choice([f"city {i}" for i in range(25)], 400)
FRAME = pd.DataFrame(
    {
        "noise": RANDOM.normal(size=400),
        "decides": X,
        "colour": RANDOM.choice(list("rgb"), 400),
        "city": CITY,
        "class": np.where(X > 0.6, "high", np.where(X < -0.6, "low", "middle")),
        "binary": np.where(X > 0, "yes", "no"),
        "number": 3 * X + 0.01,
        "by city": np.where([int(c.split()[1]) % 2 for c in CITY], "odd", "even"),
    }
)
INPUTS = ["noise", "decides", "colour", "city"]


@pytest.fixture(scope="module", params=["binary", "class", "number"])
def trained(request):
    frame = FRAME[[*INPUTS, request.param]]
    return train_table(frame, request.param, epochs=12, learning_rate=0.02, hidden=(16,))


def test_column_that_decides_all_comes_first_and_far_ahead(trained):
    importance = trained.run.importance
    assert importance[0][0] == "decides"
    assert {column for column, *_ in importance} == set(INPUTS)
    assert importance[0][1] > 0.3
    assert all(mean < 0.1 for _, mean, _ in importance[1:])
    assert all(deviation >= 0 for *_, deviation in importance)


def test_embedded_column_is_measured_too():
    frame = FRAME[["noise", "city", "by city"]]
    trained = train_table(frame, "by city", epochs=12, learning_rate=0.02, hidden=(16,))
    (first, mean, _), (_, other, _) = trained.run.importance
    assert first == "city"
    assert mean > 0.3
    assert other < 0.1


def test_rows_are_as_before_and_the_seed_decides(trained):
    model = trained.model
    frame = trained.run.test_rows
    arrays, _ = model.preparation.transform(frame)
    kept = {key: array.copy() for key, array in arrays.items()}
    truth = trained.run.y_true
    one, two = (permutation_importance(model, arrays, truth, seed=5) for _ in range(2))
    other = permutation_importance(model, arrays, truth, seed=6)
    assert one == two
    assert one != other
    assert all(np.array_equal(arrays[key], kept[key]) for key in kept)


def test_score_is_that_of_scikit_learn():
    truth, p = np.array([0, 1, 1, 0, 1]), np.array([0.2, 0.7, 0.4, 0.5, 0.9])
    assert quick_score("binary", truth, p) == pytest.approx(roc_auc_score(truth, p))
    assert quick_score("regression", truth, p) == pytest.approx(r2_score(truth, p))
    assert quick_score("multiclass", np.array([0, 1]), np.array([[0.6, 0.4], [0.7, 0.3]])) == 0.5
    assert quick_score("binary", np.ones(3), np.ones(3)) is None  # one class has no ranking


def test_importance_of_very_many_columns_is_bounded_to_the_most_telling(monkeypatch):
    frame = pd.DataFrame(RANDOM.normal(size=(60, 300)), columns=[f"g{i}" for i in range(300)])
    frame["y"] = np.where(frame["g7"] > 0, "yes", "no")
    monkeypatch.setattr(importance, "_MOST_WORK", 18 * 300 * 20)
    told = train_table(frame, "y", epochs=2, hidden=(4,), refit=False, folds=1).run
    assert len(told.importance) == 20
    assert "g7" in {name for name, *_ in told.importance}
    assert any("were not measured (280)" in note for note in told.notes)
