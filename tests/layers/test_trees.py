"""Trees as arrays say what the models of scikit-learn say that they were taken from."""

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError
from maeum.layers import DecisionTrees
from maeum.layers.tree_nodes import rounded_down
from maeum.testing import check_layer

E = pytest.importorskip("sklearn.ensemble")
RANDOM = np.random.default_rng(0)


def drawn(rows=400, missing=True):
    x = RANDOM.normal(size=(rows, 5)).astype("float32")
    x[:, 1] = x[:, 1].round(1)  # ties with thresholds
    x[:, 4] = RANDOM.integers(0, 3, rows)
    if missing:
        x[RANDOM.uniform(size=x.shape) < 0.15] = np.nan
    number = np.nan_to_num(x[:, 0] * 2 + x[:, 1] ** 2 - x[:, 4], nan=3.0)
    return x, number + 0.1 * RANDOM.normal(size=rows)


def by_size(y, classes):
    return np.digitize(y, np.quantile(y, np.arange(1, classes) / classes))


@pytest.mark.parametrize("of", ["boosting", "forest", "extra", "tree"])
@pytest.mark.parametrize("classes", [0, 2, 4])
@pytest.mark.parametrize("missing", [True, False])
def test_trees_say_what_scikit_learn_says(of, classes, missing):
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    kinds = {
        "boosting": (E.HistGradientBoostingRegressor, E.HistGradientBoostingClassifier),
        "forest": (E.RandomForestRegressor, E.RandomForestClassifier),
        "extra": (E.ExtraTreesRegressor, E.ExtraTreesClassifier),
        "tree": (DecisionTreeRegressor, DecisionTreeClassifier),
    }
    x, y = drawn(missing=missing)
    how = {"boosting": {"max_iter": 12}, "tree": {}}.get(of, {"n_estimators": 7})
    model = kinds[of][classes > 0](random_state=1, **how)
    model.fit(x, by_size(y, classes) if classes else y)
    activation = {0: None, 2: "sigmoid", 4: "softmax"}[classes] if of == "boosting" else None
    layer = DecisionTrees.from_sklearn(model, activation=activation)
    new = np.concatenate([x, drawn(200, missing)[0], np.float32([[np.inf] * 5, [-np.inf] * 5])])
    if of != "boosting":
        new = new[:-2]  # which scikit-learn's forests refuse
    expected = model.predict_proba(new) if classes else model.predict(new)[:, None]
    if of == "boosting" and classes == 2:
        expected = expected[:, 1:]
    np.testing.assert_allclose(layer(new), expected, rtol=2e-6, atol=2e-6)


def test_trees_of_several_models_say_the_mean_of_their_sums():
    x, y = drawn()
    models = [E.HistGradientBoostingRegressor(max_iter=n, max_depth=n).fit(x[n::2], y[n::2])
              for n in (1, 4, 9)]  # fmt: skip
    layer = DecisionTrees.from_sklearn(*models)
    mean = np.mean([model.predict(x) for model in models], axis=0)
    np.testing.assert_allclose(layer(x)[:, 0], mean, rtol=2e-6, atol=2e-6)


def test_a_model_without_a_split_is_a_constant():
    x = np.zeros((30, 2), "float32")
    model = E.HistGradientBoostingRegressor(max_iter=3).fit(x, np.full(30, 2.5))
    layer = DecisionTrees.from_sklearn(model)
    assert layer.depth == 0
    np.testing.assert_allclose(layer(x), np.full((30, 1), 2.5), rtol=1e-6)


def test_thresholds_are_rounded_so_that_every_float32_goes_the_same_way():
    exact = np.concatenate([RANDOM.normal(size=1000), [np.inf, 0.0, 0.5, 1e300, -1e300]])
    near = np.clip(exact, -3e38, 3e38).astype("float32")
    for x in (near, np.nextafter(near, np.float32(9e9)), np.nextafter(near, np.float32(-9e9))):
        np.testing.assert_array_equal(x <= rounded_down(exact), x.astype(np.float64) <= exact)


def test_trees_are_saved_in_a_model(tmp_path):
    x, y = drawn()
    model = E.RandomForestClassifier(5, random_state=0).fit(x, by_size(y, 3))
    network = mm.Sequential([mm.Input((5,)), DecisionTrees.from_sklearn(model)])
    network.save(tmp_path / "trees.maeum")
    again = mm.load_model(tmp_path / "trees.maeum")
    np.testing.assert_allclose(again.predict(x, verbose=0), model.predict_proba(x), atol=1e-6)
    assert not again.trainable_weights


def test_they_keep_the_contract_of_layers():
    x, y = drawn(missing=False)
    forest = E.RandomForestRegressor(3, max_depth=3, random_state=0).fit(x, y)
    made = DecisionTrees.from_sklearn(forest)
    config = made.get_config()
    assert config["depth"] == 3
    check_layer(lambda: DecisionTrees.from_config(config), (5,))
    check_layer(DecisionTrees, (5,), init={"units": 2, "trees": 4, "nodes": 8, "depth": 2})


def test_what_cannot_be_taken_over_is_refused():
    x, y = drawn(missing=False)
    of_levels = E.HistGradientBoostingRegressor(max_iter=3, categorical_features=[4])
    of_levels.fit(x[:, [4] * 5], x[:, 4] == 1)
    unlike = [E.RandomForestRegressor(2).fit(x[:, :n], y) for n in (2, 3)]
    with pytest.raises(ConfigError, match="Trees are taken over from"):
        DecisionTrees.from_sklearn(E.AdaBoostRegressor(n_estimators=2).fit(x, y))
    with pytest.raises(ValueError, match="not fitted"):
        DecisionTrees.from_sklearn(E.RandomForestRegressor())
    with pytest.raises(ConfigError, match="splits on categories"):
        DecisionTrees.from_sklearn(of_levels)
    with pytest.raises(ConfigError, match="several targets"):
        DecisionTrees.from_sklearn(E.RandomForestRegressor(2).fit(x, np.stack([y, y], 1)))
    with pytest.raises(ConfigError, match="same features and outputs"):
        DecisionTrees.from_sklearn(*unlike)
    with pytest.raises(ConfigError, match="take turns"):
        DecisionTrees(3, trees=4, nodes=9, depth=2)
