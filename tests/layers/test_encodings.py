"""CategoryEncoding and Discretization beside Keras's."""

import numpy as np
import pytest

import maeum as mm
from maeum import layers
from maeum.core.errors import ConfigError, DataError

RNG = np.random.default_rng(4)


@pytest.mark.parametrize("mode", ["one_hot", "multi_hot", "count"])
@pytest.mark.parametrize("shape", [(3,), (3, 1), (3, 4), (2, 3, 4)])
def test_categories_are_encoded_as_in_keras(k, mode, shape):
    x = RNG.integers(0, 5, shape)
    ours, theirs = (room.CategoryEncoding(5, mode) for room in (layers, k))
    out = np.asarray(ours(x))
    np.testing.assert_array_equal(out, theirs(x))
    assert ours.compute_output_shape(shape) == out.shape


def test_counts_may_have_weights(k):
    x, weights = np.array([[1, 2, 3, 1]]), np.array([[0.1, 0.2, 0.3, 0.4]], "float32")
    ours, theirs = (room.CategoryEncoding(6, "count") for room in (layers, k))
    expected = theirs(x, count_weights=weights)
    np.testing.assert_allclose(ours(x, count_weights=weights), expected)
    with pytest.raises(ConfigError, match="count_weights"):
        layers.CategoryEncoding(6)(x, count_weights=weights)


@pytest.mark.parametrize("number", [5, -1])
def test_unknown_categories_are_named(number):
    with pytest.raises(DataError, match=f"from 0 to 4; got {number}"):
        layers.CategoryEncoding(5)(np.array([[0, number]]))


@pytest.mark.parametrize("mode", ["int", "one_hot", "multi_hot", "count"])
@pytest.mark.parametrize("shape", [(6,), (6, 1), (3, 4)])
def test_bins_are_those_of_keras(k, mode, shape):
    x = np.concatenate([RNG.normal(size=shape).ravel()[:-3], [0.0, 0.5, -1.0]]).reshape(shape)
    ours, theirs = (room.Discretization([-1.0, 0.0, 0.5], output_mode=mode) for room in (layers, k))
    out = np.asarray(ours(x))
    np.testing.assert_array_equal(out, theirs(x))
    assert ours.compute_output_shape(shape) == out.shape


@pytest.mark.parametrize("epsilon", [0.01, 0.1])
@pytest.mark.parametrize("count", [7, 500])
def test_boundaries_are_learned_as_in_keras(k, count, epsilon):
    x = RNG.normal(size=(count, 2)).astype("float32")
    ours, theirs = (room.Discretization(num_bins=4, epsilon=epsilon) for room in (layers, k))
    ours.adapt(x)
    theirs.update_state(x)  # its adapt asks for TensorFlow
    theirs.finalize_state()
    np.testing.assert_allclose(ours.bin_boundaries, theirs.bin_boundaries, rtol=1e-6)
    ours.adapt([x[: count // 2], x[count // 2 :]] if count > 7 else x)
    assert len(ours.bin_boundaries) == 3


def test_an_adapted_layer_is_saved_with_its_boundaries(tmp_path):
    layer = layers.Discretization(num_bins=3)
    layer.adapt(np.arange(30.0))
    again = layers.Discretization.from_config(layer.get_config())
    assert again.bin_boundaries == layer.bin_boundaries
    assert again.num_bins == 3
    model = mm.Sequential([mm.Input((1,)), layer])
    model.save(tmp_path / "m.maeum")
    x = np.array([[0.0], [15.0], [29.0]])
    expected = [[0], [1], [2]]
    np.testing.assert_array_equal(
        mm.load_model(tmp_path / "m.maeum").predict(x, verbose=0), expected
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: layers.Discretization(), "num_bins"),
        (lambda: layers.Discretization([0.0], num_bins=2), "num_bins"),
        (lambda: layers.Discretization(num_bins=2)(np.ones(3)), "adapt"),
        (lambda: layers.Discretization([0.0]).adapt(np.ones(3)), "num_bins"),
        (lambda: layers.Discretization(num_bins=2).adapt(np.array([np.nan])), "NaN"),
        (lambda: layers.CategoryEncoding(), "num_tokens"),
        (lambda: layers.CategoryEncoding(3, sparse=True), "sparse"),
    ],
)
def test_bad_arguments_are_explained(call, words):
    with pytest.raises((ConfigError, DataError), match=words):
        call()
