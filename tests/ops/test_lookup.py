"""Embedding tables and one-hot rows."""

import jax
import numpy as np
import pytest

from maeum import ops


def test_embedding_takes_rows():
    table = np.arange(12.0, dtype="float32").reshape(4, 3)
    x = np.array([[0, 3], [2, 2]])
    np.testing.assert_array_equal(ops.embedding(x, table), table[x])
    np.testing.assert_array_equal(ops.embedding(x.astype("float32"), table), table[x])


@pytest.mark.parametrize("outside", [-1, 4, 2**31 - 1])
def test_an_index_outside_the_table_is_nan_and_has_no_gradient(outside):
    table = np.ones((4, 3), "float32")
    assert np.isnan(ops.embedding([outside], table)).all()
    gradient = jax.grad(lambda t: ops.embedding([outside, 1], t)[1].sum())(table)
    assert gradient.sum(1).tolist() == [0.0, 3.0, 0.0, 0.0]


def test_one_hot_of_the_course():
    # course.md 6: Cat, Dog, Turtle, Fish, Cat
    rows = np.asarray(ops.one_hot([0, 1, 2, 3, 0], 4)).astype(int)
    assert ["".join(map(str, row)) for row in rows] == ["1000", "0100", "0010", "0001", "1000"]


def test_one_hot_along_another_axis_and_outside():
    x = np.array([[0, 2], [5, -1]])
    expected = np.stack([x == 0, x == 1, x == 2], axis=1).astype("float32")
    np.testing.assert_array_equal(ops.one_hot(x, 3, axis=1), expected)
    assert ops.one_hot([1], 2, dtype="int32").dtype == np.int32
