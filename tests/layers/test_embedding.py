import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import maeum as mm
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


def _of_ids(recurrent=False):
    middle = mm.layers.LSTM(3) if recurrent else mm.layers.Flatten()
    model = mm.Sequential([mm.Input((4,)), Embedding(10, 2), middle, mm.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


class _Subclassed(mm.Model):
    def __init__(self):
        super().__init__()
        self.table, self.out = Embedding(10, 3), mm.layers.Dense(1)
        self.compile("sgd", "mse")

    def call(self, x):
        return self.out(mm.ops.mean(self.table(x), axis=1))


@pytest.mark.parametrize("wrong", [10, -1])
@pytest.mark.parametrize("make", [_of_ids, lambda: _of_ids(True), _Subclassed])
def test_the_row_and_the_index_outside_a_vocabulary_are_named(make, wrong):
    x = np.random.default_rng(0).integers(0, 10, (5000, 4))
    x[4711, 2], y = wrong, np.zeros(5000)
    told = f"indices go from 0 to 9; row 4711 has {wrong}. Raise input_dim"
    with pytest.raises(mm.MaeumError, match=told):
        make().predict(x)
    with pytest.raises(mm.MaeumError, match=told):
        make().evaluate(x, y, verbose=0)
    with pytest.raises(mm.MaeumError, match=told):
        make().fit(x, y, batch_size=500, verbose=0)
    with pytest.raises(mm.MaeumError, match="row 11 has"):
        make().fit(((x[i : i + 100], y[:100]) for i in range(0, 5000, 100)), verbose=0)
    with pytest.raises(mm.MaeumError, match="row 1 has"):
        make().train_on_batch(x[4710:4720], y[:10])
