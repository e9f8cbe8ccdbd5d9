"""Ops that bear NumPy's names give NumPy's values (float64), on arrays and on lists."""

import hypothesis.extra.numpy as hnp
import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum import ops
from maeum.core import graph

floats = st.floats(-50, 50, width=32)
# Few shapes, many values: every new shape is compiled anew.
shapes = st.sampled_from([(1,), (2, 3), (2, 1, 4)])
arrays = hnp.arrays(np.float64, shapes, elements=floats)
pairs = st.sampled_from([((3,), (3,)), ((2, 3), (1,)), ((2, 1, 3), (4, 1)), ((), (2, 2))])


def same(got, expected, **tolerance):
    np.testing.assert_allclose(got, expected, **{"rtol": 1e-12, "atol": 1e-12, **tolerance})


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


UNARY = "negative absolute square exp expm1 sin cos tan floor ceil round isnan isinf isfinite"
POSITIVE = "sqrt log log1p log2 log10 reciprocal"
BINARY = (
    "add subtract multiply maximum minimum equal not_equal greater greater_equal less less_equal"
)
DIVISIONS = "divide floor_divide mod"


@settings(max_examples=4)
@given(arrays)
def test_functions_of_one_array(x):
    for name in UNARY.split():
        same(getattr(ops, name)(x), getattr(np, name)(x), rtol=1e-9)
    for name in POSITIVE.split():
        same(getattr(ops, name)(np.abs(x) + 0.1), getattr(np, name)(np.abs(x) + 0.1))
    same(ops.rsqrt(np.abs(x) + 0.1), (np.abs(x) + 0.1) ** -0.5)
    same(ops.clip(x, -1, 2), np.clip(x, -1, 2))


@settings(max_examples=4)
@given(pairs, st.data())
def test_functions_of_two_arrays_broadcast(shapes, data):
    x, y = (data.draw(hnp.arrays(np.float64, s, elements=floats)) for s in shapes)
    for name in BINARY.split():
        same(getattr(ops, name)(x, y), getattr(np, name)(x, y))
    for name in DIVISIONS.split():
        same(getattr(ops, name)(x, np.abs(y) + 1), getattr(np, name)(x, np.abs(y) + 1), atol=1e-9)
    same(ops.where(x > y, x, y), np.where(x > y, x, y))
    same(ops.logical_and(x > 0, y > 0), np.logical_and(x > 0, y > 0))
    same(ops.power(np.abs(x), y / 10 + 6), np.power(np.abs(x), y / 10 + 6), rtol=1e-9)


REDUCTIONS = "sum prod mean var std median max min any all"


@settings(max_examples=4)
@given(arrays, st.data())
def test_reductions_along_any_axis(x, data):
    axis = data.draw(st.one_of(st.none(), st.integers(-x.ndim, x.ndim - 1)))
    keepdims = data.draw(st.booleans())
    for name in REDUCTIONS.split():
        expected = getattr(np, name)(x, axis=axis, keepdims=keepdims)
        same(getattr(ops, name)(x, axis=axis, keepdims=keepdims), expected, rtol=1e-9, atol=1e-9)
    for name in ("argmax", "argmin", "count_nonzero"):
        same(getattr(ops, name)(x, axis=axis), getattr(np, name)(x, axis=axis))
    same(ops.cumsum(x, axis=axis), np.cumsum(x, axis=axis), atol=1e-9)
    same(ops.logsumexp(x, axis), np.log(np.sum(np.exp(x), axis)), rtol=1e-9)
    same(ops.norm(x, axis=axis), np.sqrt(np.sum(x**2, axis)), rtol=1e-9)


@settings(max_examples=4)
@given(arrays, st.data())
def test_orders_along_an_axis(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    same(ops.sort(x, axis=axis), np.sort(x, axis=axis))
    same(ops.take_along_axis(x, ops.argsort(x, axis=axis), axis), np.sort(x, axis=axis))
    values, indices = ops.top_k(x, x.shape[-1])
    same(values, -np.sort(-x, axis=-1))
    same(np.take_along_axis(x, np.asarray(indices), -1), values)


@settings(max_examples=4)
@given(arrays, st.data())
def test_rearrangements(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    same(ops.reshape(x, (-1,)), x.reshape(-1))
    same(ops.ravel(x), x.ravel())
    same(ops.transpose(x), x.T)
    same(ops.moveaxis(x, axis, 0), np.moveaxis(x, axis, 0))
    same(ops.swapaxes(x, axis, 0), np.swapaxes(x, axis, 0))
    same(ops.expand_dims(x, axis), np.expand_dims(x, axis))
    same(ops.squeeze(ops.expand_dims(x, 0), 0), x)
    same(ops.flip(x, axis), np.flip(x, axis))
    same(ops.roll(x, 1, axis), np.roll(x, 1, axis))
    same(ops.repeat(x, 2, axis=axis), np.repeat(x, 2, axis=axis))
    same(ops.tile(x, 2), np.tile(x, 2))
    same(ops.concatenate([x, x], axis), np.concatenate([x, x], axis))
    same(ops.stack([x, x], axis), np.stack([x, x], axis))
    same(ops.take(x, [0], axis=axis), np.take(x, [0], axis=axis))
    same(ops.broadcast_to(x, (2, *x.shape)), np.broadcast_to(x, (2, *x.shape)))
    width = [(1, 2)] * x.ndim
    same(ops.pad(x, width), np.pad(x, width))
    same(ops.pad(x, width, constant_values=3.0), np.pad(x, width, constant_values=3.0))
    same(ops.pad(x, width, "edge"), np.pad(x, width, "edge"))
    for part, expected in zip(ops.split(x, x.shape[axis], axis), np.split(x, x.shape[axis], axis)):
        same(part, expected)
    assert ops.shape(x) == x.shape


@settings(max_examples=4)
@given(st.integers(1, 2), st.integers(1, 2), st.sampled_from([1, 4]), st.integers(0, 99))
def test_products(batch, rows, inner, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(batch, rows, inner)), rng.normal(size=(batch, inner, 3))
    same(ops.matmul(x, y), x @ y)
    same(ops.dot(x[0], y[0]), x[0] @ y[0])
    same(ops.outer(x[0, 0], y[0, :, 0]), np.outer(x[0, 0], y[0, :, 0]))
    same(ops.tensordot(x, y, ((2,), (1,))), np.tensordot(x, y, ((2,), (1,))))
    same(ops.einsum("bij,bjk->bki", x, y), np.einsum("bij,bjk->bki", x, y))
    same(ops.batch_dot(x, y, (2, 1)), x @ y)
    same(ops.batch_dot(x, np.swapaxes(y, 1, 2), (-1, -1)), x @ y)
    same(ops.dense(x, y[0], [1.0, 2.0, 3.0]), x @ y[0] + [1, 2, 3])


def test_dense_takes_whole_numbers():
    assert ops.dense(np.array([[1, 2]]), np.ones((2, 3), "float32")).tolist() == [[3.0, 3.0, 3.0]]


def test_features_times_weights_of_the_course():
    # course.md 7: the first entry is 4 w1 + 3 w3 + 2 w5.
    features = [[4, 3, 2], [2, 9, 1], [3, 3, 2], [2, 4, 1]]
    w = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
    assert float(ops.dense(features, w)[0, 0]) == pytest.approx(4 * 0.1 + 3 * 0.3 + 2 * 0.5)


def test_lists_are_taken():
    assert ops.add([1, 2], [3, 4]).tolist() == [4, 6]
    assert ops.sum([1.0, 2.0]).tolist() == 3.0
    assert ops.cast([1.7], "int32").tolist() == [1]


def test_divide_no_nan_has_no_nan_gradient():
    gradient = jax.grad(lambda y: ops.divide_no_nan([1.0, 1.0], y).sum())(np.array([0.0, 2.0]))
    assert gradient.tolist() == [0.0, -0.25]


def test_norm_has_no_nan_gradient_at_zero():
    assert jax.grad(ops.norm)(np.zeros(3)).tolist() == [0.0, 0.0, 0.0]


def test_stop_gradient_stops_it():
    assert float(jax.grad(lambda x: x * ops.stop_gradient(x))(3.0)) == 3.0


def test_argmax_of_one_hot_rows_of_the_course():
    # course.md 5
    assert ops.argmax([0, 0, 1, 0]).tolist() == 2
    assert ops.argmax([[1, 0, 0, 0], [0, 0, 1, 0]], axis=1).tolist() == [0, 2]


def test_symbolic_tensors_record_shapes():
    x = graph.SymbolicTensor((None, 4, 6))
    assert ops.sum(x, axis=1).shape == (None, 6)
    assert ops.reshape(x, (-1, 24)).shape == (None, 24)
    assert ops.concatenate([x, x], -1).shape == (None, 4, 12)
    assert ops.expand_dims(x, -1).node.operation.name == "expand_dims"
    mean, variance = ops.moments(x, (0, 1))
    assert mean.shape == variance.shape == (6,)
    assert ops.shape(x) == (None, 4, 6)


def test_half_precision_is_summed_in_single():
    with jax.enable_x64(False):
        x = np.full(1000, 200, "float16") * np.array([1, -1] * 500, "float16")
        assert float(ops.mean(abs(x))) == 200
        assert float(ops.var(x)) == 40000
        assert ops.var(x).dtype == ops.mean(x).dtype == np.float16


def test_batches_of_matrices_and_vectors_are_solved():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(4, 3, 3))
    positive = a @ a.swapaxes(-1, -2) + 3 * np.eye(3)
    b = rng.normal(size=(4, 3))
    expected = np.stack([np.linalg.solve(m, v) for m, v in zip(positive, b)])
    np.testing.assert_allclose(ops.solve(positive, b), expected, rtol=1e-4)
    lower = np.linalg.cholesky(positive)
    np.testing.assert_allclose(
        ops.solve_triangular(lower, b, lower=True),
        np.stack([np.linalg.solve(m, v) for m, v in zip(lower, b)]),
        rtol=1e-4,
    )
    np.testing.assert_allclose(
        ops.cholesky_inverse(lower), np.linalg.inv(positive), rtol=1e-3, atol=1e-5
    )
    upper = lower.swapaxes(-1, -2)
    np.testing.assert_allclose(
        ops.cholesky_inverse(upper, upper=True), np.linalg.inv(positive), rtol=1e-3, atol=1e-5
    )


def test_a_grid_of_arrays_with_several_axes_is_that_of_their_entries():
    a, b = np.arange(4.0).reshape(2, 2), np.arange(3.0)
    for ours, theirs in zip(ops.meshgrid(a, b), np.meshgrid(a, b)):
        np.testing.assert_array_equal(ours, theirs)
