"""Targets, weights and results of several outputs, by the outputs' names."""

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import UnknownNameError
from maeum.layers import Dense

X = np.random.default_rng(0).normal(size=(12, 3)).astype("float32")
A, B = np.zeros((12, 1)), np.ones((12, 1))


def two(outputs=list):
    x = mm.Input((3,))
    pair = {"a": Dense(1, name="a")(x), "b": Dense(1, name="b")(x)}
    model = mm.Model(x, list(pair.values()) if outputs is list else pair)
    model.compile("sgd", "mse", metrics={"a": "mae", "b": ["mse", "mae"]})
    return model


@pytest.mark.parametrize("outputs", [list, dict])
@pytest.mark.parametrize(
    "given",
    [
        {"y": {"B": B, "a": A}},
        {"y": {"a": A, "b": B, "c": B}},
        {"y": {"a": A, "b": B}, "sample_weight": {"A": np.ones(12)}},
    ],
)
def test_an_unknown_output_is_named_with_the_nearest(outputs, given):
    with pytest.raises(UnknownNameError, match=r"names the output .*; the model's are a, b"):
        two(outputs).evaluate(X, verbose=0, **given)
    with pytest.raises(UnknownNameError, match="names the output"):
        two(outputs).fit(X, verbose=0, **given)


def test_targets_of_a_single_output_by_another_name_are_refused():
    model = mm.Sequential([mm.Input((3,)), Dense(1, name="price")])
    model.compile("sgd", "mse")
    with pytest.raises(UnknownNameError, match=r"Did you mean 'price'\?"):
        model.fit(X, {"prize": A}, verbose=0)
    model.fit(X, {"price": A}, verbose=0)


@pytest.mark.parametrize("outputs", [list, dict])
def test_names_are_those_of_the_results_in_their_order(outputs):
    model = two(outputs)
    results = model.evaluate(X, {"a": A, "b": B}, verbose=0, return_dict=True)
    assert model.metrics_names == list(results)
    assert model.evaluate(X, [A, B] if outputs is list else {"a": A, "b": B}, verbose=0) == (
        pytest.approx(list(results.values()))
    )
