"""Normalization: its statistics, and what it makes of data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import maeum as mm
from maeum import layers
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.testing import check_layer

RNG = np.random.default_rng(2)
DATA = (RNG.normal(size=(20, 4, 5, 3)) * [1, 10, 100] + [5, -3, 1000]).astype("float32")


@pytest.mark.parametrize("axis", [-1, None, 2, (1, -1), (-1, 1), (1, 2, 3), ()])
@pytest.mark.parametrize("invert", [False, True])
def test_adapted_normalization_agrees_with_keras(k, axis, invert):
    ours = layers.Normalization(axis=axis, invert=invert)
    theirs = k.Normalization(axis=axis, invert=invert)
    for layer in (ours, theirs):
        layer.adapt(DATA)
    np.testing.assert_allclose(ours(DATA), theirs(DATA), rtol=1e-3, atol=1e-3)
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    for one, two in zip(ours.get_weights()[:2], theirs.get_weights()):
        assert one.shape == two.shape
        np.testing.assert_allclose(one, two, rtol=1e-4)
    assert not ours.trainable_weights
    assert ours.count.numpy() == 20


def test_weights_go_over_to_keras(k):
    ours, theirs = layers.Normalization(), k.Normalization()
    ours.adapt(DATA)
    theirs.build(DATA.shape)
    theirs.set_weights(ours.get_weights())
    theirs.finalize_state()
    np.testing.assert_allclose(ours(DATA), theirs(DATA), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("axis", "mean", "variance"),
    [
        (-1, 3.0, 4.0),
        (-1, [1.0, 2.0, 3.0], [4.0, 5.0, 6.0]),
        ((1, 3), np.arange(12.0).reshape(4, 3), np.ones((4, 3))),
        ((1, 3), [1.0, 2.0, 3.0], [4.0, 5.0, 6.0]),
        (None, 3.0, 4.0),
    ],
)
def test_given_statistics_agree_with_keras(k, axis, mean, variance):
    for invert in (False, True):
        options = {"axis": axis, "mean": mean, "variance": variance, "invert": invert}
        ours = layers.Normalization(**options)
        np.testing.assert_allclose(ours(DATA), k.Normalization(**options)(DATA), rtol=1e-4)
        assert not ours.weights


@settings(max_examples=10)
@given(cuts=st.lists(st.integers(1, 19), max_size=4, unique=True), seed=st.integers(0, 99))
def test_batches_give_the_statistics_of_the_whole(cuts, seed):
    data = np.random.default_rng(seed).normal(1e4, 1, (20, 3)).astype("float32")
    parts = np.split(data, sorted(cuts))
    layer = layers.Normalization()
    layer.adapt(iter(parts))
    np.testing.assert_allclose(layer.mean.numpy(), data.mean(0, np.float64), rtol=1e-6)
    np.testing.assert_allclose(layer.variance.numpy(), data.var(0, np.float64), rtol=1e-5)


@pytest.mark.parametrize(
    "form",
    [
        lambda x: x.tolist(),
        lambda x: pd.DataFrame(x),
        lambda x: [x[:5], x[5:]],
        lambda x: [(x[:5], None), (x[5:], None)],
        lambda x: (part for part in (x[:5], x[5:5], x[5:])),
        lambda x: x.astype("int64"),
    ],
)
def test_data_come_in_many_forms(form):
    data = RNG.integers(0, 99, (12, 3)).astype("float32")
    layer = layers.Normalization()
    layer.adapt(form(data))
    np.testing.assert_allclose(layer.mean.numpy(), data.mean(0), rtol=1e-6)
    np.testing.assert_allclose(layer.variance.numpy(), data.var(0), rtol=1e-5)


def test_large_data_are_taken_in_parts(monkeypatch):
    monkeypatch.setattr("maeum.layers.preprocessing_statistics._AT_ONCE", 150)
    layer = layers.Normalization()
    layer.adapt((DATA > 5).astype("uint8"))
    np.testing.assert_allclose(layer.mean.numpy(), (DATA > 5).mean((0, 1, 2)), rtol=1e-6)


def test_one_row_of_numbers_needs_no_axis():
    layer = layers.Normalization(axis=None)
    layer.adapt(np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(layer(np.array([1.0, 2.0, 3.0])), [-(1.5**0.5), 0, 1.5**0.5], 1e-6)


def test_a_constant_feature_becomes_zero():
    layer = layers.Normalization()
    layer.adapt(np.full((5, 2), 3.0))
    assert np.asarray(layer(np.full((2, 2), 3.0))).tolist() == [[0, 0], [0, 0]]


def test_a_saved_model_keeps_the_statistics(tmp_path):
    norm = layers.Normalization()
    norm.adapt(DATA)
    given = layers.Normalization(mean=np.ones(3), variance=[1.0, 2.0, 3.0])
    model = mm.Sequential([mm.Input((4, 5, 3)), norm, given])
    model.save(tmp_path / "m.maeum")
    loaded = mm.load_model(tmp_path / "m.maeum")
    np.testing.assert_array_equal(loaded.predict(DATA), model.predict(DATA))
    assert model.count_params() == 3 + 3 + 1


def test_adapting_again_reaches_a_model_that_was_used_before():
    norm = layers.Normalization()
    model = mm.Sequential([mm.Input((3,)), norm])
    x = RNG.normal(5, 2, (50, 3))
    before = model.predict(x)
    norm.adapt(x)
    np.testing.assert_allclose(model.predict(x).mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(before, x, rtol=1e-6)


@pytest.mark.parametrize(
    "options", [{}, {"axis": (1, -1)}, {"mean": [1.0, 2, 3], "variance": [1.0, 2, 3]}]
)
def test_the_contract_of_layers_is_kept(options):
    check_layer(layers.Normalization, (6, 5, 3), init=options)


def adapted(data, **options):
    layers.Normalization(**options).adapt(data)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: layers.Normalization(mean=1.0), ConfigError, "together"),
        (lambda: layers.Normalization(mean=1.0, variance=[1.0]), ConfigError, "shapes"),
        (lambda: layers.Normalization(mean=[[1.0]], variance=[[1.0]]), ConfigError, "shapes"),
        (lambda: layers.Normalization(mean=1.0, variance=-1.0), ConfigError, "at least 0"),
        (lambda: layers.Normalization(mean="a", variance="b"), ConfigError, "mean"),
        (lambda: layers.Normalization(axis="x"), ConfigError, "axis"),
        (lambda: layers.Normalization(axis=4)(DATA), ShapeError, "axis=4"),
        (
            lambda: layers.Normalization(mean=[1.0, 2.0], variance=[1.0, 2.0])(DATA),
            ShapeError,
            "mean of shape",
        ),
        (lambda: layers.Normalization()(mm.Input((None,))), ShapeError, "Input"),
        (lambda: adapted(np.zeros((0, 3))), DataError, "no rows"),
        (lambda: adapted([]), DataError, "no rows"),
        (lambda: adapted(np.zeros(3)), ShapeError, "size of its input along axis -1"),
        (lambda: adapted(np.array([[1.0, np.nan]])), DataError, "NaN"),
        (lambda: adapted([["a", "b"]]), DataError, "numbers"),
        (lambda: adapted("photos"), DataError, "str"),
        (lambda: adapted(3.0), DataError, "float"),
        (lambda: adapted(None), DataError, "NoneType"),
        (lambda: adapted({"x": DATA}), DataError, "dict"),
        (lambda: adapted([np.ones((2, 3)), np.ones((2, 4))]), ShapeError, "adapt got shape"),
        (lambda: adapted(DATA, mean=1.0, variance=1.0), ConfigError, "omit them"),
    ],
)
def test_bad_input_is_explained(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_statistics_of_the_last_axis_serve_inputs_of_other_ranks():
    data = np.random.default_rng(0).normal(size=(100, 4, 3)).astype("float32")
    layer = layers.Normalization()
    layer.adapt(data)
    for shape in ((2, 5, 4, 3), (2, 4, 3), (5, 3)):
        x = np.random.default_rng(1).normal(size=shape).astype("float32")
        expected = (x - data.mean((0, 1))) / data.std((0, 1))
        np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-5)
    with pytest.raises(ShapeError, match="size 3 along axis -1"):
        layer(np.ones((2, 4), "float32"))
    rows = layers.Normalization(axis=(-2, -1))
    rows.adapt(data)
    with pytest.raises(ShapeError, match="at least 2 axes"):
        rows(np.ones(3, "float32"))
