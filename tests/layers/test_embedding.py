import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core import functional
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.core.masks import mask_of
from maeum.layers import Embedding, Input


@settings(max_examples=8)
@given(
    shape=st.sampled_from([(3,), (2, 4)]),
    dtype=st.sampled_from(["int32", "uint8"]),
    mask_zero=st.booleans(),
)
def test_agrees_with_keras(agree, k, shape, dtype, mask_zero):
    x = agree.rng.integers(0, 7, shape).astype(dtype)
    arguments = {"mask_zero": mask_zero}
    agree(Embedding(7, 3, **arguments), k.Embedding(7, 3, **arguments), x)


def test_padding_is_masked():
    x = np.array([[1, 2, 0], [3, 0, 0]])
    mask = mask_of(Embedding(4, 2, mask_zero=True)(x))
    assert mask.tolist() == [[True, True, False], [True, False, False]]
    assert mask_of(Embedding(4, 2)(x)) is None


def test_older_arguments():
    table = np.arange(8.0).reshape(4, 2)
    layer = Embedding(4, 2, weights=[table], input_length=5)
    assert layer.first_shape == (None, 5)
    np.testing.assert_array_equal(layer(np.array([3, 1])), table[[3, 1]])
    assert "weights" not in layer.get_config()
    np.testing.assert_array_equal(Embedding(4, 2, weights=table)(np.array([0])), table[:1])
    with pytest.raises(ShapeError, match=r"\(4, 2\)"):
        Embedding(4, 2, weights=np.ones((3, 2)))


@pytest.mark.parametrize("index", [-1, 7, 2.0e9, 2**32 + 1, np.nan])
def test_an_index_outside_the_vocabulary_is_an_error(index):
    layer = Embedding(7, 3)
    with pytest.raises(DataError, match="from 0 to 6"):
        layer(np.array([1, index]))


def test_an_index_outside_the_vocabulary_is_nan_in_a_program():
    layer = Embedding(7, 3)
    layer.build()
    run = jax.jit(lambda values, x: functional.apply(layer, values, x)[0])
    got = run(functional.values(layer), np.array([6, 7, -1], "int32"))
    assert np.isnan(got).any(1).tolist() == [False, True, True]
    floats = run(functional.values(layer), np.array([6, np.nan, np.inf], "float32"))
    assert np.isnan(floats).any(1).tolist() == [False, True, True]


def test_symbolic_shape():
    assert Embedding(7, 3)(Input((None,), dtype="int32")).shape == (None, None, 3)


def test_sizes_that_are_none():
    for sizes in ((0, 3), (7, 0), (7.5, 3), ("7", 3)):
        with pytest.raises(ConfigError):
            Embedding(*sizes)
