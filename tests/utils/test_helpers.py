"""The small helpers: Config, Progbar, normalize, split_dataset, drawings, sources of tensors."""

import contextlib
import io

import keras
import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, SaveError
from maeum.layers import Add, Dense
from maeum.utils import (
    Config,
    Progbar,
    get_source_inputs,
    model_to_dot,
    normalize,
    plot_model,
    split_dataset,
)


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("order", [1, 2])
def test_normalize(axis, order):
    x = np.array([[3.0, 4.0], [0.0, 0.0], [1.0, -2.0]])
    np.testing.assert_allclose(normalize(x, axis, order), keras.utils.normalize(x, axis, order))


def test_normalize_along_the_first_axis():  # which Keras takes for the last
    np.testing.assert_allclose(normalize([[3.0, 0.0], [4.0, 0.0]], 0), [[0.6, 0], [0.8, 0]])


def test_config():
    config = Config(a=1)
    config.b = 2
    assert (config.a, config["b"], sorted(config), len(config)) == (1, 2, ["a", "b"], 2)
    assert config.to_json() == '{"a": 1, "b": 2}'
    with pytest.raises(AttributeError, match="Did you mean 'learning_rate'"):
        _ = Config(learning_rate=1).learning_rat
    config.freeze()
    for change in (lambda: config.update(a=2), lambda: config.pop("a")):
        with pytest.raises(ConfigError, match="frozen"):
            change()
    assert config.frozen
    config.unfreeze()
    del config["a"]
    assert config.as_dict() == {"b": 2}


@pytest.mark.parametrize(("arguments", "shown"), [
    ({"stateless_metrics": []}, "2.0000"), ({"stateless_metrics": ["value"]}, "1.0000"),
    ({"stateful_metrics": []}, "1.0000"), ({"stateful_metrics": ["value"]}, "2.0000"),
])  # fmt: skip
def test_progbar_averages_what_it_should(arguments, shown):
    bar, out = Progbar(3, interval=0, **arguments), io.StringIO()
    with contextlib.redirect_stdout(out):
        bar.update(1, [("value", 0.0)])
        bar.add(1, [("value", np.array([1.0, 3.0]))])
    assert f"value: {shown}" in out.getvalue().splitlines()[-1]
    assert "2/3" in out.getvalue()
    with pytest.raises(ConfigError, match="Only one of"):
        Progbar(1, stateful_metrics=[], stateless_metrics=[])


@pytest.mark.parametrize(("sizes", "counts"), [
    ((0.8, None), (8, 2)), ((None, 0.25), (8, 2)), ((3, 4), (3, 4)), ((0.5, 0.25), (5, 2)),
    ((7, None), (7, 3)),
])  # fmt: skip
@pytest.mark.parametrize("shuffle", [False, True])
def test_split_dataset(sizes, counts, shuffle):
    x, y = np.arange(20.0).reshape(10, 2), np.arange(10)
    left, right = split_dataset((x, {"y": y}), *sizes, shuffle=shuffle, seed=3)
    assert (len(left), len(right)) == counts
    rows = [int(sample["y"]) for part in (left, right) for _x, sample in part]
    assert len(set(rows)) == len(rows)
    assert (rows != sorted(rows)) == shuffle
    np.testing.assert_array_equal(left.arrays()[0][:, 0], 2.0 * np.array(rows[: len(left)]))


def test_fit_takes_the_parts():
    left, right = split_dataset([(np.ones(2), n) for n in range(10)], left_size=0.6)
    model = mm.Sequential([mm.Input((2,)), Dense(1)])
    model.compile("sgd", "mse")
    model.fit(left, validation_data=right, verbose=0)
    model.fit(left.batch(3), verbose=0)
    assert int(model.optimizer.iterations) == 1 + 2
    for wrong in ({}, {"left_size": 0}, {"left_size": 11}, {"left_size": 0.9, "right_size": 0.9}):
        with pytest.raises(ConfigError):
            split_dataset(np.ones(10), **wrong)
    with pytest.raises(TypeError):
        split_dataset(3, left_size=0.5)


def graph():
    a, b = mm.Input((3,), name="a"), mm.Input((3,), name="b")
    inner = mm.Sequential([mm.Input((3,)), Dense(4, activation="relu", name="h")], name="inner")
    return mm.Model([a, b], mm.ops.tanh(Add()([inner(a), inner(b)])), name="whole")


def test_drawing():
    text = str(model_to_dot(graph(), show_shapes=True, show_dtype=True, expand_nested=True,
                            show_layer_activations=True, show_trainable=True))  # fmt: skip
    for part in ("digraph", "subgraph cluster_", "activation: relu", "(None,\\ 4)", "float32",
                 "trainable", "tanh"):  # fmt: skip
        assert part in text
    assert text.count("->") == 5  # a and b into inner, its dense, add (once for both), tanh
    flat = str(model_to_dot(graph(), show_layer_names=False, rankdir="LR", subgraph=True))
    assert "rankdir=LR" in flat
    assert flat.startswith("subgraph")
    assert "inner" not in flat
    with pytest.raises(ConfigError, match="no layers"):
        model_to_dot(mm.Sequential())


def test_drawing_as_a_file(tmp_path, monkeypatch):
    plot_model(graph(), tmp_path / "model.dot")
    assert (tmp_path / "model.dot").read_text().startswith("digraph")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SaveError, match="Graphviz"):
        plot_model(graph(), tmp_path / "model.png")


def test_sources_of_a_tensor():
    a, b, c = (mm.Input((2,), name=name) for name in "abc")
    assert [t.name for t in get_source_inputs(Dense(1)(b * a) + a[:, :1])] == ["b", "a"]
    assert get_source_inputs(c) == [c]
