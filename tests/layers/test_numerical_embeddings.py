from itertools import pairwise

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import maeum as mm
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.layers import PeriodicEmbedding, PiecewiseLinearEmbedding, ValueEmbedding
from maeum.testing import check_layer


def test_cosines_stand_beside_each_number():
    x = np.random.default_rng(0).normal(size=(5, 2)).astype("float32")
    layer = PeriodicEmbedding(3, scale=0.5)
    got = np.asarray(layer(x)).reshape(5, 2, 4)
    f, p = (np.asarray(w, np.float64) for w in layer.get_weights())
    np.testing.assert_array_equal(got[..., 0], x)
    waves = np.cos(2 * np.pi * (x[..., None].astype(np.float64) * f + p))
    np.testing.assert_allclose(got[..., 1:], waves, atol=2e-6)


def test_frequencies_and_phases_begin_as_drawn():
    layer = PeriodicEmbedding(200, scale=0.3)
    layer.build((None, 50))
    frequency, phase = layer.get_weights()
    assert frequency.std() == pytest.approx(0.3, rel=0.05)
    assert (phase.min(), phase.max()) == pytest.approx((-0.5, 0.5), abs=0.01)


def naive(x, boundaries):
    """Return one row's pieces, bin by bin."""
    found = []
    for value, ends in zip(x, boundaries):
        bins = list(pairwise(ends))
        for place, (a, b) in enumerate(bins):
            piece = (value - a) / (b - a)
            piece = piece if place == 0 else max(piece, 0.0)
            found.append(piece if place == len(bins) - 1 else min(piece, 1.0))
    return found


@settings(max_examples=12)
@given(data=st.data(), features=st.integers(1, 4))
def test_pieces_are_those_of_each_bin(data, features):
    numbers = st.integers(-50, 50).map(lambda n: n / 4)
    several = st.lists(numbers, min_size=2, max_size=6, unique=True).map(sorted)
    boundaries = data.draw(st.lists(several, min_size=features, max_size=features))
    x = data.draw(hnp.arrays("float32", (3, features), elements=st.floats(-20, 20, width=32)))
    got = np.asarray(jax.jit(PiecewiseLinearEmbedding(boundaries))(x))  # one program, not many
    expected = np.array([naive(row, boundaries) for row in x.astype(np.float64)])
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def test_boundaries_are_quantiles_of_what_it_is_adapted_to():
    x = np.column_stack([np.arange(101.0), np.repeat([1.0, 2.0], [100, 1]), np.full(101, 7.0)])
    layer = PiecewiseLinearEmbedding(num_bins=4)
    with pytest.raises(ConfigError, match="no boundaries yet"):
        layer(x.astype("float32"))
    layer.adapt(x)
    assert layer.bin_boundaries == [[0, 25, 50, 75, 100], [1, 2], [6.5, 7.5]]
    assert layer(x.astype("float32")).shape == (101, 6)


@pytest.mark.parametrize(
    "make",
    [
        lambda: PeriodicEmbedding(2),
        lambda: PiecewiseLinearEmbedding([[0, 1, 3], [-1, 1]], 4),
        lambda: ValueEmbedding([[0.0, 0.5], [-1, 2, 3]], 4),
    ],
)
def test_they_keep_the_contract_of_layers(make, tmp_path):
    check_layer(make, (4, 2))
    model = mm.Sequential([mm.Input((2,)), make(), mm.layers.Dense(1)])
    x = np.random.default_rng(0).normal(size=(6, 2)).astype("float32")
    model.save(tmp_path / "model.maeum")
    again = mm.load_model(tmp_path / "model.maeum")
    np.testing.assert_array_equal(model.predict(x, verbose=0), again.predict(x, verbose=0))


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: PeriodicEmbedding(0), ConfigError, "frequencies"),
        (lambda: PeriodicEmbedding(2, scale=0.0), ConfigError, "scale"),
        (PiecewiseLinearEmbedding, ConfigError, "num_bins"),
        (lambda: PiecewiseLinearEmbedding([[1.0]]), ConfigError, "two boundaries"),
        (lambda: PiecewiseLinearEmbedding([[1.0, 1.0]]), ConfigError, "larger"),
        (lambda: PiecewiseLinearEmbedding([[0, 1]]).adapt(np.ones((3, 1))), ConfigError, "given"),
        (lambda: PiecewiseLinearEmbedding(num_bins=3).adapt(np.ones(3)), DataError, "rows"),
        (lambda: PiecewiseLinearEmbedding(num_bins=3).adapt([[np.nan]]), DataError, "NaN"),
        (lambda: PiecewiseLinearEmbedding([[0, 1]])(np.ones((2, 3), "f")), ShapeError, "features"),
        (lambda: ValueEmbedding([[1.0, 1.0]]), ConfigError, "ascending"),
        (lambda: ValueEmbedding([[], []]), ConfigError, "some"),
        (lambda: ValueEmbedding([[1.0]], 0), ConfigError, "output_dim"),
        (lambda: ValueEmbedding([[1.0]])(np.ones((2, 3), "f")), ShapeError, "features"),
    ],
)
def test_what_makes_no_sense_is_told(make, error, says):
    with pytest.raises(error, match=says):
        make()


def test_each_value_has_its_own_vector_and_others_have_none():
    layer = ValueEmbedding([[2.0, 5.0], [], [0.1, 7.0]], 3)
    x = np.array([[5.0, 9.0, 0.1], [2.5, 0.0, 7.0], [1.0, 0.0, 8.0]], "float32")
    found = np.asarray(layer(x))
    vectors = np.asarray(layer.embeddings)
    assert vectors.shape == (4, 3)
    zero = np.zeros(3)
    expected = [[vectors[1], vectors[2]], [zero, vectors[3]], [zero, zero]]
    np.testing.assert_array_equal(found, np.reshape(expected, (3, 6)))
