"""Models of format 2: ops had other defaults, and shared layers were numbered."""

import json

import numpy as np
import pytest

import maeum as mm
from maeum import ops
from maeum.models import model_from_json
from maeum.saving.former_ops import renewed

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")


def _of_format_2(function, former):
    """Return the model of a graph of one op, as format 2 described it: with no such argument."""
    x = mm.Input((3,))
    model = mm.Model(x, function(x))
    description = json.loads(model.to_json())
    description["format"] = 2
    node = next(node for node in description["model"]["config"]["nodes"] if "op" in node)
    for name in former:
        node["kwargs"]["dict"].pop(name)
    return model_from_json(json.dumps(description))


@pytest.mark.parametrize(
    ("function", "former"),
    [
        (lambda x: ops.concatenate([x, x], axis=-1), ["axis"]),
        (lambda x: ops.gelu(x, approximate=False), ["approximate"]),
        (lambda x: ops.layer_normalization(x, epsilon=1e-3), ["epsilon"]),
        (lambda x: ops.normalize(x, epsilon=1e-12), ["epsilon"]),
    ],
)
def test_ops_keep_the_defaults_that_they_had(function, former):
    np.testing.assert_allclose(_of_format_2(function, former).predict(X), function(X), atol=1e-6)


def test_arguments_are_called_what_they_are_called_now():
    value = {"value": [-1, 3]}
    node = {"op": {"function": "ops.reshape"}, "args": {"list": [{"tensor": [0, 0]}]}}
    made = renewed({**node, "kwargs": {"dict": {"shape": value}}})
    assert made["kwargs"]["dict"] == {"newshape": value}
    norm = {"op": {"function": "ops.norm"}, "kwargs": {"dict": {}}}
    made = renewed({**norm, "args": {"list": [{"tensor": [0, 0]}, {"value": 1}, {"value": True}]}})
    assert made["kwargs"]["dict"] == {"axis": {"value": 1}, "keepdims": {"value": True}}


def test_numbers_of_shared_layers_are_understood():
    dense, x = mm.layers.Dense(3, name="twice"), mm.Input((3,))
    inner = mm.Sequential([mm.Input((3,)), dense])
    model = mm.Model(x, inner(dense(x)))
    text = model.to_json()
    description = json.loads(text)
    layers = description["model"]["config"]["layers"]
    first = next(i for i, entry in enumerate(layers) if entry.get("tie") == 0)
    del layers[first]["tie"]

    def numbered(value):
        if isinstance(value, list):
            return [numbered(part) for part in value]
        if not isinstance(value, dict):
            return value
        if "same_as" in value:
            return {"shared": first, "kind": value["kind"]}
        return {key: numbered(part) for key, part in value.items()}

    description["format"] = 2
    again = model_from_json(json.dumps(numbered(description)))
    assert again.count_params() == model.count_params() == 12
