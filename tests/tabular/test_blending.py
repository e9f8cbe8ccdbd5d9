"""Trees are blended with the networks of a table where rows held out say that this helps."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.metrics import log_loss, mean_squared_error

import maeum as mm
from maeum.experiment.classes import calm
from maeum.experiment.rare import best_threshold
from maeum.tabular import TableOptions, TabularModel, train_table
from maeum.tabular.blending import blend, greedy_weights
from maeum.tabular.dataset import Dataset
from maeum.tabular.task import TableTask
from maeum.tabular.tree_learning import learn_trees, loss_weights, losses
from maeum.tabular.trees import blended

RANDOM = np.random.default_rng(0)
ROWS = 500


def rules(task="regression"):
    """Return a table that trees learn better than a network that is hardly trained."""
    x = RANDOM.uniform(-1, 1, (ROWS, 3))
    steps = 2.0 * (x[:, 0] > 0.1) + 4.0 * (x[:, 1] > -0.2) * (x[:, 2] > 0)
    city = RANDOM.integers(0, 12, ROWS)
    steps += city % 2
    y = steps + 0.2 * RANDOM.normal(size=ROWS)
    frame = pd.DataFrame(x, columns=["a", "b", "c"]).assign(city=[f"city {n}" for n in city])
    if task == "binary":
        return frame.assign(y=np.where(steps > 3, "yes", "no"))
    if task == "multiclass":
        return frame.assign(y=np.digitize(steps, [1.5, 4.5]).astype(str))
    return frame.assign(y=100 + 7 * y)


def dataset(task="regression", **options):
    chosen = {"members": 2, "epochs": 1, "hidden": (4,), "folds": 1} | options
    return Dataset.prepare(rules(task), "y", TableOptions(**chosen))


def ensemble(data):
    task = TableTask()
    network = task.build(data)
    network.fit(epochs=1, verbose=0, **task.fit_arguments(data, False))
    return network


@cache
def learnt(task="regression"):
    """Return a table with the trees that have learnt it, and networks for it."""
    data = dataset(task)
    return replace(data, trees=learn_trees(data, 600.0)), ensemble(data)


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_losses_are_those_of_scikit_learn(task):
    weights = RANDOM.uniform(size=20)
    if task == "regression":
        y, said = RANDOM.normal(size=20), RANDOM.normal(size=(20, 1))
        expected = mean_squared_error(y, said, sample_weight=weights)
    else:
        classes = 2 if task == "binary" else 3
        y = np.arange(20) % classes
        p = RANDOM.dirichlet(np.ones(classes), 20)
        expected = log_loss(y, p, sample_weight=weights)
        said = p[:, 1:] if task == "binary" else p
    assert np.average(losses(task, y, said), weights=weights) == pytest.approx(expected)


def test_greedy_weights_come_near_the_best_ones():
    y = RANDOM.normal(size=300)
    said = [y[:, None] + RANDOM.normal(size=(300, 1)) * scale for scale in (1.0, 0.7, 3.0)]
    weights = RANDOM.uniform(0.5, 1.5, 300)

    def loss(w):
        return np.average((sum(a * b for a, b in zip(w, said))[:, 0] - y) ** 2, weights=weights)

    best = minimize(loss, np.full(3, 1 / 3), bounds=[(0, 1)] * 3, method="SLSQP",
                    constraints={"type": "eq", "fun": lambda w: sum(w) - 1})  # fmt: skip
    found = greedy_weights(said, y, "regression", weights)
    assert found.sum() == pytest.approx(1)
    assert loss(found) <= 1.02 * best.fun
    assert greedy_weights([y[:, None], said[0]], y, "regression").tolist() == [1, 0]


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_trees_say_of_rows_held_out_what_they_did_not_learn(task):
    data, network = learnt(task)
    found = {trees.name: trees for trees in data.trees}
    assert list(found) == ["gradient_boosting", "random_forest", "extra_trees"]
    y = data.goals(data.parts.rest)
    for trees in found.values():
        assert len(set(trees.rows)) == len(trees.rows) > 80
        assert (np.diff(trees.rows) > 0).all()
        assert trees.outputs.shape == (len(trees.rows), 3 if task == "multiclass" else 1)
        held_out = losses(task, y[trees.rows], trees.outputs).mean()
        model = trees.beside(network.members[0])
        of_all = losses(task, y, model.predict(data.inputs(data.parts.rest), verbose=0)).mean()
        spread = losses(task, y, np.full_like(trees.outputs, 0)[:1].repeat(len(y), 0)).mean()
        assert of_all < held_out < spread
    boosting = found["gradient_boosting"]
    folds = [np.sort(out) for _own, out in data.member_rows(8)]
    np.testing.assert_array_equal(boosting.rows, np.sort(np.concatenate(folds)))


def test_a_forest_tells_by_its_out_of_bag_rows():
    data, _network = learnt()
    forest = data.trees[1]
    rest = data.parts.rest
    x = np.column_stack([data.arrays[key][rest] for key in ("numbers", "city")]).astype("float32")
    leaves = 150_000 // 200
    again = RandomForestRegressor(100, min_samples_leaf=3, max_features=1, oob_score=True,
                                  max_leaf_nodes=leaves, random_state=42)  # fmt: skip
    again.fit(x, data.goals(rest))
    np.testing.assert_allclose(forest.outputs[:, 0], again.oob_prediction_, atol=1e-5)
    np.testing.assert_allclose(forest.layer(x)[:, 0], again.predict(x), atol=1e-5)


def test_boosting_is_cut_off_where_the_folds_together_are_best():
    data, _network = learnt()
    boosting = data.trees[0]
    turns = boosting.layer.trees // len(data.member_rows(8))
    assert boosting.layer.trees % len(data.member_rows(8)) == 0
    assert 10 < turns <= 150
    own, out = data.member_rows(8)[0]
    rest, y = data.parts.rest, data.goals(data.parts.rest)
    x = np.column_stack([data.arrays[key][rest] for key in ("numbers", "city")]).astype("float32")
    model = HistGradientBoostingRegressor(
        max_iter=turns, learning_rate=12 / 150, max_leaf_nodes=16, max_depth=6,
        min_samples_leaf=9, l2_regularization=1.0, early_stopping=False, random_state=42,
    )  # fmt: skip
    own, out = np.unique(own), np.sort(out)
    with calm(len(own)):
        model.fit(x[own], y[own])
    said = boosting.outputs[np.searchsorted(boosting.rows, out), 0]
    np.testing.assert_allclose(said, model.predict(x[out]), atol=1e-6)


def test_groups_and_times_are_kept_out_of_forests():
    frame = rules().assign(who=np.arange(ROWS) // 5)
    data = Dataset.prepare(frame, "y", TableOptions(members=2, group="who", folds=1))
    assert [trees.name for trees in learn_trees(data, 600.0)] == ["gradient_boosting"]


def test_without_time_one_fold_of_boosting_is_learnt():
    data = dataset()
    (boosting,) = learn_trees(data, 0.0)
    assert len(boosting.rows) == len(data.member_rows(8)[0][1])


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_the_blend_says_the_weighted_mean_and_is_better_on_rows_held_out(task):
    data, network = learnt(task)
    made = blend(network, data, 512)
    assert isinstance(made, mm.WeightedEnsemble)
    assert made.models[0] is network
    rows, outputs = made.held_out
    y = data.goals(data.parts.rest)
    of_network = network.predict_held_out(data.inputs(data.parts.rest))
    same = np.isin(of_network[0], rows)
    alone = losses(task, y[rows], of_network[1][same]).mean()
    assert losses(task, y[rows], outputs).mean() < 0.9 * alone
    test = data.inputs(data.parts.test)
    mean = sum(w * m.predict(test, verbose=0) for w, m in zip(made.model_weights, made.models))
    np.testing.assert_allclose(made.predict(test, verbose=0), mean, rtol=1e-6)


def test_where_trees_do_not_help_the_networks_stay_alone():
    data, network = learnt()
    worse = [t._replace(outputs=t.outputs + 50.0) for t in data.trees]
    data = replace(data, trees=worse)
    assert blend(network, data, 512) is network
    assert "would not help" in blended(network)


def test_classes_that_count_the_same_do_so_in_trees_too():
    data = dataset("binary", balance=True)
    weights, y = loss_weights(data), data.goals(data.parts.rest)
    assert weights[y == 0].sum() == pytest.approx(weights[y == 1].sum(), rel=1e-5)
    assert loss_weights(dataset("binary")) is None


def test_minutes_blend_trees_in_and_the_model_file_holds_them(tmp_path, monkeypatch):
    monkeypatch.setattr("maeum.tabular.task.OF_TREES", 100.0)
    said = []
    frame = rules()
    trained = train_table(frame, "y", minutes=0.05, hidden=(4,), epochs=1, report=False,
                          events=lambda event: said.append(str(event)))  # fmt: skip
    (line,) = [each for each in said if each.startswith("Blended: 16 networks")]
    assert "gradient boosting" in line or "forest" in line or "extra trees" in line
    assert line in trained.model.describe()
    assert line in trained.run.notes
    assert "Weight of" in trained.run.network
    assert trained.run.models[0]["name"] == "Maeum networks and trees"
    assert trained.model.target.ends  # as of networks alone
    trained.model.save(tmp_path / "model.maeum")
    again = TabularModel.load(tmp_path / "model.maeum")
    pd.testing.assert_frame_equal(again.predict(frame), trained.model.predict(frame))
    assert again.describe() == trained.model.describe()


def test_the_blend_chooses_from_where_on_a_rare_class_is_answered():
    frame = rules()
    frame["y"] = np.where(frame["y"] > frame["y"].quantile(0.92), "yes", "no")
    options = TableOptions(members=2, epochs=1, hidden=(4,), folds=1, network="ensemble")
    data = Dataset.prepare(frame, "y", options)
    data, said = replace(data, trees=learn_trees(data, 600.0)), []
    made, decided = TableTask().decide(ensemble(data), data, said.append)
    assert isinstance(made, mm.WeightedEnsemble)
    rows, outputs = made.held_out
    y = data.goals(data.parts.rest)[rows]
    assert decided.target.threshold == best_threshold(y, outputs[:, 0], 1)
    assert ["Blended" in str(said[0]), "is rare" in str(said[1])] == [True, True]
