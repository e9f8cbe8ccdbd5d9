"""Losses of parts of nested outputs: what each gets, how it counts, its name; as in Keras."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

from collections import namedtuple

import jax
import keras
import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, DataError, UnknownNameError
from maeum.training.part_losses import part_losses

Pair = namedtuple("Pair", ["y1", "y2"])
rng = np.random.default_rng(0)
X, Y1, Y2, Y3 = (rng.random((8, n)).astype("float32") for n in (3, 1, 1, 1))
STRUCTURES = {
    "list": lambda y1, y2, y3: [y1, y2],
    "tuple": lambda y1, y2, y3: (y1, y2),
    "named tuple": lambda y1, y2, y3: Pair(y1, y2),
    "dict": lambda y1, y2, y3: {"y1": y1, "y2": y2},
    "deep": lambda y1, y2, y3: {"a": (y1, y2), "b": {"y1": y1, "y2": y2}, "d": y3},
}


def distance(y_true, y_pred):
    """Add up the distances of all parts."""
    parts = zip(jax.tree.leaves(y_true), jax.tree.leaves(y_pred))
    return sum(abs(true - pred).mean(axis=-1) for true, pred in parts)


def twins(structure):
    """Return the same network of both libraries, and a prediction's structure."""
    models = []
    for lib in (mm, keras):
        x = lib.Input((3,), name="x")
        heads = [lib.layers.Dense(1, name=name)(x) for name in ("y1", "y2", "y3")]
        models.append(lib.Model(x, STRUCTURES[structure](*heads)))
    mine, theirs = models
    for name in ("y1", "y2", "y3"):
        if any(layer.name == name for layer in mine.layers):
            theirs.get_layer(name).set_weights(mine.get_layer(name).get_weights())
    return mine, theirs


CASES = [
    ("list", ["mse", ["mae"]], [0.1, 2]),
    ("list", ["mse", ["mae", distance]], [0.1, [2, 3]]),
    ("list", (distance, ["mse", "mae"]), (0.5, [2, 3])),
    ("list", [None, "mse"], None),
    ("tuple", [distance, ("mse", "mae")], [0.5, (2, 3)]),
    ("tuple", ("mse", "mae"), (2.0, 0.1)),
    ("named tuple", [distance, Pair("mse", "mae")], None),
    ("dict", {"y2": ["mse"]}, None),
    ("dict", {"y1": "mae", "y2": ["mse", "mae"]}, {"y1": 2.0, "y2": [0.1, 0.2]}),
    ("dict", [distance, {"y1": "mae", "y2": "mse"}], None),
    ("deep", {"a": [distance, (None, "mse")], "b": [distance, {"y1": "mae"}], "d": "mse"}, None),
    ("deep", {"a": ("mse", "mae"), "b": distance}, {"a": (1.0, 2.0), "b": 3.0}),
]


@pytest.mark.parametrize(("structure", "loss", "weights"), CASES)
def test_parts_are_compared_as_in_keras(structure, loss, weights):
    histories = []
    for model in twins(structure):
        y = STRUCTURES[structure](Y1, Y2, Y3)
        model.compile(optimizer="sgd", loss=loss, loss_weights=weights)
        fitted = model.fit(X, y, batch_size=2, epochs=3, shuffle=False, verbose=0)
        histories.append(fitted.history)
    mine, theirs = histories
    assert set(mine) == set(theirs)
    np.testing.assert_allclose(mine["loss"], theirs["loss"], rtol=1e-4)
    for name in set(mine) - {"y2_loss"}:  # of several losses, Keras logs the last
        np.testing.assert_allclose(mine[name], theirs[name], rtol=1e-4, err_msg=name)


def test_losses_of_one_output_are_added():
    x = mm.Input((3,))
    model = mm.Model(x, mm.layers.Dense(1)(x))
    alone = []
    for loss in ("mse", "mae", ["mse", "mae"]):
        model.compile(loss=loss)
        alone.append(model.evaluate(X, Y1, verbose=0))
    assert alone[2] == pytest.approx(alone[0] + alone[1], rel=1e-6)
    model.compile(loss=["mse", "mae"], loss_weights=[2.0, 3.0])
    both = model.evaluate(X, Y1, verbose=0)
    assert both == pytest.approx(2 * alone[0] + 3 * alone[1], rel=1e-6)
    model, _ = twins("dict")
    model.compile(loss={"y1": "mse", "y2": ["mse", "mae"]}, metrics={"y2": ["mse", "mae"]})
    results = model.evaluate(X, {"y1": Y1, "y2": Y2}, return_dict=True, verbose=0)
    assert results["y2_loss"] == pytest.approx(results["y2_mse"] + results["y2_mae"], rel=1e-6)


def test_names_of_nested_outputs_are_those_of_their_places():
    model, _ = twins("deep")
    assert model.output_names == ["a/y1", "a/y2", "b/y1", "b/y2", "d"]
    model.compile(loss="mse", metrics=[["mae"], [], [], ["mae"], []])
    y = STRUCTURES["deep"](Y1, Y2, Y3)
    results = model.evaluate(X, y, return_dict=True, verbose=0)
    assert set(results) == {"loss", "a/y1_loss", "a/y2_loss", "b/y1_loss", "b/y2_loss", "d_loss",
                            "a/y1_mae", "b/y2_mae"}  # fmt: skip
    assert list(results) == model.metrics_names
    by_leaf = dict(zip(model.output_names, (Y1, Y2, Y1, Y2, Y3)))
    found = model.evaluate(X, by_leaf, return_dict=True, verbose=0)
    assert found == pytest.approx(results, rel=1e-6)


def test_targets_of_the_outputs_that_have_a_loss_are_enough():
    model, theirs = twins("list")
    for one in (model, theirs):
        one.compile("sgd", loss=[None, "mse"])
    fits = [one.fit(X, [Y2], shuffle=False, verbose=0).history for one in (model, theirs)]
    np.testing.assert_allclose(fits[0]["loss"], fits[1]["loss"], rtol=1e-5)
    model.compile("sgd", loss=["mse", "mse"])
    with pytest.raises(DataError, match="another number of arrays: 1"):
        model.fit(X, [Y2], verbose=0)


@pytest.mark.parametrize(
    ("structure", "loss", "weights", "error", "message"),
    [
        ("list", ["mse"] * 3, None, ConfigError, "3 entries for 2 outputs"),
        ("list", ["mse"], None, ConfigError, "1 entries for 2 outputs"),
        ("tuple", ["mse"] * 3, None, ConfigError, "stands for 2: y1, y2. Give each its own"),
        ("deep", {"a": "mse"}, None, ConfigError, "stands for 2: a/y1, a/y2"),
        ("deep", {"q": "mse"}, None, UnknownNameError, "output 'q'; the model's are a, b, d"),
        ("deep", {"b": {"y3": "mse"}}, None, UnknownNameError, "Did you mean 'y"),
        ("deep", {"a": {"y1": "mse"}}, None, ConfigError, "loss is a dict at a, where"),
        ("list", ["mse", ["mae", "mse"]], [1, [2, 3, 4]], ConfigError, "3 entries|4 entries"),
        ("list", "mse", 2.0, ConfigError, "one number for each output"),
        ("list", ["mse", "mae"], {"y3": 1.0}, UnknownNameError, "loss_weights names.*'y3'"),
    ],
)
def test_losses_that_do_not_fit_are_told(structure, loss, weights, error, message):
    model, _ = twins(structure)
    model.compile("sgd", loss=loss, loss_weights=weights)
    with pytest.raises(error, match=message):
        model.fit(X, STRUCTURES[structure](Y1, Y2, Y3), verbose=0)


def test_one_loss_of_several_outputs_takes_one_sample_weight():
    model, _ = twins("tuple")
    model.compile("sgd", loss=[distance, ("mse", None)])
    model.fit(X, (Y1, Y2), sample_weight=np.ones(8), verbose=0)
    with pytest.raises(ConfigError, match="one sample_weight for all"):
        model.fit(X, (Y1, Y2), sample_weight=[np.ones(8), np.zeros(8)], verbose=0)


def test_parts_are_numbers_of_outputs():
    found = part_losses([distance, {"p": "mse", "q": "mae"}], None, {"q": 1, "p": 2}, ["p", "q"])
    assert [(one.name, one.part) for one in found] == [
        ("p_q", {"p": 0, "q": 1}), ("p", 0), ("q", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("argument", ["y", "sample_weight"])
def test_keys_of_nested_targets_and_weights_are_checked(argument):
    model, _ = twins("deep")
    model.compile("sgd", "mse")
    y = STRUCTURES["deep"](Y1, Y2, Y3)
    ones = np.ones(8, "float32")
    weights = STRUCTURES["deep"](ones, ones, ones)
    plain = model.evaluate(X, y, return_dict=True, verbose=0)
    weighted = model.evaluate(X, y, sample_weight=weights, return_dict=True, verbose=0)
    assert weighted == pytest.approx(plain, rel=1e-6)
    given = {"y": y, "sample_weight": weights}
    wrong = {**given[argument], "b": {"y1": given[argument]["b"]["y1"], "y3": Y3[:, 0]}}
    with pytest.raises(UnknownNameError, match=f"{argument} names the output 'y3'"):
        model.fit(X, **{**given, argument: wrong}, verbose=0)
    missing = {**given[argument], "b": {"y1": given[argument]["b"]["y1"]}}
    with pytest.raises(DataError, match="another number of arrays: 4"):
        model.fit(X, **{**given, argument: missing}, verbose=0)
