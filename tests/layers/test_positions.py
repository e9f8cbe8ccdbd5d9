"""Positions against their formulas, written out."""

import jax
import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.masks import mask_of
from maeum.layers import Embedding, PositionEmbedding, RotaryEmbedding, SinePositionEncoding


def test_learnt_positions_are_rows_of_the_table():
    layer = PositionEmbedding(7)
    x = np.zeros((2, 4, 3), "float32")
    got = layer(x)
    table = layer.get_weights()[0]
    assert table.shape == (7, 3)
    np.testing.assert_array_equal(got, np.stack([table[:4]] * 2))
    np.testing.assert_array_equal(layer(x, start_index=3), np.stack([table[3:]] * 2))
    np.testing.assert_array_equal(layer(x, positions=[6, 0, 2, 2])[1], table[[6, 0, 2, 2]])
    rows = layer(x, start_index=np.array([0, 2]))
    np.testing.assert_array_equal(rows, np.stack([table[:4], table[2:6]]))
    traced = jax.jit(lambda i: layer(x, start_index=i))
    np.testing.assert_array_equal(traced(3), layer(x, start_index=3))


def test_waves_follow_the_paper():
    length, size = 5, 7
    expected = np.zeros((length, size))
    for position in range(length):
        for i in range(size):
            angle = position / 10000 ** (2 * (i // 2) / size)
            expected[position, i] = np.cos(angle) if i % 2 else np.sin(angle)
    layer = SinePositionEncoding()
    x = np.zeros((2, length, size), "float32")
    np.testing.assert_allclose(layer(x)[1], expected, atol=1e-6)
    np.testing.assert_allclose(layer(x[:, 2:], start_index=2)[0], expected[2:], atol=1e-6)
    np.testing.assert_allclose(
        layer(x[:, :2], positions=[[3, 1], [0, 4]])[1], expected[[0, 4]], atol=1e-6
    )


def test_rotation_follows_its_formula():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 5, 3, 4)).astype("float32")
    expected = np.zeros_like(x)
    for position in range(5):
        for i in range(2):
            angle = position / 100 ** (2 * i / 4)
            a, b = x[:, position, :, i], x[:, position, :, i + 2]
            expected[:, position, :, i] = a * np.cos(angle) - b * np.sin(angle)
            expected[:, position, :, i + 2] = b * np.cos(angle) + a * np.sin(angle)
    layer = RotaryEmbedding(max_wavelength=100)
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)
    np.testing.assert_allclose(layer(x[:, 2:], start_index=2), expected[:, 2:], atol=1e-5)
    starts = layer(x[:, :1], start_index=np.array([0, 0]))
    np.testing.assert_allclose(starts, expected[:, :1], atol=1e-5)
    moved = RotaryEmbedding(100, sequence_axis=2, feature_axis=1)(x.transpose(0, 3, 1, 2))
    np.testing.assert_allclose(moved, expected.transpose(0, 3, 1, 2), atol=1e-5)
    slow = RotaryEmbedding(100, scaling_factor=2)(x, positions=[0, 2, 4, 6, 8])
    np.testing.assert_allclose(slow, expected, atol=1e-5)


def test_products_of_rotated_vectors_depend_on_the_distance_alone():
    rng = np.random.default_rng(0)
    q, k = (np.tile(rng.normal(size=(1, 1, 1, 8)), (1, 9, 1, 1)).astype("float32") for _ in "qk")
    layer = RotaryEmbedding()
    products = np.asarray(layer(q))[0, :, 0] @ np.asarray(layer(k))[0, :, 0].T
    for distance in range(-8, 9):
        np.testing.assert_allclose(np.ptp(np.diag(products, distance)), 0, atol=1e-4)


def test_the_mask_stays():
    x = Embedding(5, 4, mask_zero=True)(np.array([[1, 0]]))
    for layer in (PositionEmbedding(3), SinePositionEncoding(), RotaryEmbedding()):
        assert mask_of(layer(x)).tolist() == [[True, False]]


def test_unknown_lengths_are_accepted_and_long_ones_are_not():
    tokens = mm.Input((None,), dtype="int32")
    x = PositionEmbedding(4)(Embedding(5, 3)(tokens))
    assert x.shape == (None, None, 3)
    model = mm.Model(tokens, x)
    assert model(np.ones((1, 4), "int32")).shape == (1, 4, 3)
    with pytest.raises(ShapeError, match="sequence_length=4; got 5 steps"):
        model(np.ones((1, 5), "int32"))
    with pytest.raises(ShapeError, match="sequence_length=4; got 5 steps"):
        PositionEmbedding(4)(mm.Input((5, 3)))
    with pytest.raises(ShapeError, match="got 2 steps from position 3"):
        PositionEmbedding(4)(np.ones((1, 2, 3)), start_index=3)
    with pytest.raises(ShapeError, match="positions 0 to 3; got 1 to 7"):
        PositionEmbedding(4)(np.ones((1, 2, 3)), positions=[1, 7])
    with pytest.raises(ShapeError, match="one for each of the 2 steps"):
        SinePositionEncoding()(np.ones((1, 2, 3)), positions=[1, 2, 3])


def test_bad_arguments_are_named():
    for make in (
        lambda: PositionEmbedding(0),
        lambda: SinePositionEncoding(0),
        lambda: RotaryEmbedding(-1),
        lambda: RotaryEmbedding(scaling_factor=0),
    ):
        with pytest.raises(ConfigError):
            make()
    with pytest.raises(ShapeError, match="even number"):
        RotaryEmbedding()(np.ones((1, 2, 3)))
    with pytest.raises(ShapeError, match="an axis of their own"):
        RotaryEmbedding(sequence_axis=-1)(np.ones((1, 2, 4)))
    with pytest.raises(ShapeError, match="at least 2 axes"):
        SinePositionEncoding()(np.ones(3))
