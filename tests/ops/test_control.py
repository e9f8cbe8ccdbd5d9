"""Branches, loops and maps in graphs; what the table of ops gives besides values."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum import ops
from maeum.core import masks
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.ops.arrays import numpy_op

ROWS = np.arange(6, dtype="float32").reshape(3, 2)

# What a call makes of a symbolic tensor x, and of an array.
GRAPHS = {
    "scan": "ops.scan(lambda s, r: (s + r, s), ops.zeros(2), x)[1]",
    "while_loop": "ops.while_loop(lambda i, t: i < 3, lambda i, t: (i + 1, 2 * t), (0, x))[1]",
    "fori_loop": "ops.fori_loop(0, 3, lambda i, t: t + i, x)",
    "map": "ops.map(lambda r: r[::-1], x)",
    "vectorized_map": "ops.vectorized_map(lambda r: r / (1 + r.sum()), x)",
    "associative_scan": "ops.associative_scan(jnp.maximum, x, reverse=True)",
    "switch": "ops.switch(1, [jnp.sin, jnp.cos], x)",
    "cond": "ops.cond(ops.sum(x) > 3, lambda: 2 * x, lambda: x)",
    "jvp": "ops.jvp(jnp.sin, (x,), (x,))[1]",
    "unstack": "sum(ops.unstack(x, axis=-1))",
    "get_item": "ops.get_item(x, (slice(None), 1))",
    "where": "ops.where(x > 2, x, 0.0)",
    "meshgrid": "ops.stack(ops.meshgrid(x[:, 0], ops.arange(2)))",
}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_computes_what_the_call_computes(name):
    inputs = mm.Input(batch_shape=(3, 2))
    outputs = eval(GRAPHS[name], {**globals(), "x": inputs})
    expected = eval(GRAPHS[name], {**globals(), "x": ROWS})
    assert outputs.shape == np.shape(expected)
    np.testing.assert_allclose(mm.Model(inputs, outputs)(ROWS), expected, rtol=1e-6)


def test_ops_of_the_table_are_saved_with_a_graph(tmp_path):
    inputs = mm.Input((2,))
    x = ops.arctan2(ops.clip(inputs, x_min=1, x_max=4), [[2.0, 3.0]])
    x = ops.concatenate([x, ops.hard_tanh(inputs), ops.take(x, [0], axis=1)], axis=-1)
    model = mm.Model(inputs, ops.moments(ops.abs(x), axes=-1)[1])
    model.save(tmp_path / "ops.maeum")
    np.testing.assert_array_equal(mm.load_model(tmp_path / "ops.maeum")(ROWS), model(ROWS))


def test_branches_that_do_not_fit():
    with pytest.raises(ShapeError, match="float32\\[3\\]"):
        ops.cond(True, lambda: jnp.ones(3), lambda: jnp.ones(4))
    x = mm.Input((2,))
    with pytest.raises(ShapeError, match="Both branches"):
        ops.cond(ops.sum(x) > 0, lambda: x, lambda: x[:, :1])


def test_custom_gradient_is_taken():
    @ops.custom_gradient
    def function(x):
        return x**2, lambda upstream: 5 * upstream

    assert float(function(mm.Variable((), 3.0))) == 9
    assert float(jax.grad(function)(3.0)) == 5


def test_an_op_of_one_line():
    total = numpy_op(jnp.sum, "x, axis=None", "The total.", mask=masks.along_axis, name="total")
    assert str(inspect.signature(total)) == "(x, axis=None)"
    assert (total.__name__, total.__doc__) == ("total", "The total.")
    assert total.mask_rule is masks.along_axis
    for x in ([[1, 2]], np.array([[1, 2]]), jnp.array([[1, 2]]), mm.Variable((1, 2), [[1, 2]])):
        assert total(x, axis=[1]).tolist() == [3]
    assert total(mm.Input((4,)), axis=1).shape == (None,)
    with pytest.raises(TypeError, match=r"total\(\) got an unexpected keyword argument 'axes'"):
        total([1], axes=0)


def test_numbers_take_the_dtype_of_their_partner():
    half = jnp.ones(2, jnp.bfloat16)
    assert ops.add(half, 2.0).dtype == ops.maximum(1, half).dtype == jnp.bfloat16
    assert ops.multiply(np.array([1, 2]), 0.5).dtype == jnp.float32


REFUSED = {
    "ops.reshape(ROWS, (4, 2))": ShapeError,
    "ops.reshape(ROWS, (-2, 3))": ShapeError,
    "ops.transpose(ROWS, (0, 0))": ShapeError,
    "ops.split(ROWS, 2, axis=5)": ShapeError,
    "ops.matmul(ROWS, ROWS)": ShapeError,
    "ops.concatenate([ROWS, ROWS[:, :1]])": ShapeError,
    "ops.unstack(ROWS, num=4)": ShapeError,
    "ops.unstack(mm.Input((2,)))": ShapeError,
    "ops.searchsorted(ROWS, ROWS)": ShapeError,
    "ops.slice(ROWS, (0,), (1,))": ShapeError,
    "ops.segment_sum(ROWS, [0, 1])": ShapeError,
    "ops.rearrange(ROWS, 'a b c -> c b a')": ShapeError,
    "ops.rearrange(ROWS, 'a (b c) -> a b c')": ShapeError,
    "ops.rearrange(ROWS, 'a b -> a')": ConfigError,
    "ops.rearrange(ROWS, 'a b -> b a', c=2)": ConfigError,
    "ops.cholesky(-np.eye(2))": DataError,
    "ops.det(ROWS)": ShapeError,
    "ops.solve(np.eye(2), np.ones(3))": ShapeError,
    "ops.qr(ROWS, 'full')": ConfigError,
    "ops.normalize(ROWS, order=0)": ConfigError,
    "ops.pad(ROWS, 1, 'edge', 0.0)": ConfigError,
    "ops.pad(ROWS, 1, 'edges')": ConfigError,
    "ops.where(ROWS > 1, ROWS)": ConfigError,
    "ops.scan(lambda c, x: (c, x), 0.0)": ConfigError,
    "ops.associative_scan(jnp.add, (ROWS, ROWS[:2]))": ShapeError,
    "ops.scatter_update(ROWS, [[0]], ROWS[:1], 'mean')": ConfigError,
    "ops.glu(ROWS[:, :1])": ShapeError,
    "ops.one_hot([1], 2, sparse=True)": ConfigError,
    "ops.multi_hot([1])": ConfigError,
    "ops.categorical_crossentropy(ROWS, ROWS[:1])": ShapeError,
    "ops.sparse_categorical_crossentropy([1, 2], ROWS)": ShapeError,
    "ops.fft(ROWS)": DataError,
    "ops.stft(ROWS, 4, 1, 2)": ConfigError,
    "ops.view_as_complex(ROWS[:, :1])": DataError,
    "ops.cdist(ROWS, ROWS[:, :1])": ShapeError,
    "ops.histogram(ROWS, bins=0)": ConfigError,
    "ops.ctc_decode(ROWS[None], [3], 'best')": ConfigError,
    "ops.ctc_decode(ROWS[None], [3], 'beam_search', 2, 3)": ConfigError,
    "ops.ldexp(ROWS, ROWS)": TypeError,
    "ops.convert_to_numpy(mm.Input((2,)))": DataError,
    "ops.image.crop_images(np.ones((4, 4, 1)), 1, 1)": ConfigError,
    "ops.image.crop_images(np.ones((4, 4, 1)), 1, 1, 4, 1)": ConfigError,
    "ops.image.map_coordinates(ROWS, [[0.0]], 1)": ShapeError,
    "ops.image.rgb_to_hsv(np.ones((4, 4, 3), int))": DataError,
    "ops.image.ssim(np.ones((4, 4, 1)), np.ones((4, 5, 1)))": ShapeError,
    "ops.image.perspective_transform(np.ones((4, 4, 1)), ROWS, ROWS)": ShapeError,
    "ops.depth_to_space(np.ones((1, 2, 2, 3)), 2)": ShapeError,
    "ops.fold(np.ones((1, 4, 3)), 4, 2)": ShapeError,
}


@pytest.mark.parametrize("call", REFUSED)
def test_what_makes_no_sense_is_an_error(call):
    with pytest.raises(REFUSED[call]):
        eval(call)


def test_elastic_images_follow_their_seed_and_keep_their_mean():
    image = np.random.default_rng(0).random((2, 16, 16, 3)).astype("float32")
    one = ops.image.elastic_transform(image, 2.0, 2.0, seed=1)
    np.testing.assert_array_equal(one, ops.image.elastic_transform(image, 2.0, 2.0, seed=1))
    assert one.shape == image.shape
    assert not np.array_equal(one, ops.image.elastic_transform(image, 2.0, 2.0, seed=2))
    first = ops.image.elastic_transform(image.transpose(0, 3, 1, 2), 2.0, 2.0, seed=1,
                                        data_format="channels_first")  # fmt: skip
    np.testing.assert_allclose(np.moveaxis(first, 1, -1), one, atol=1e-6)
    flat = np.ones(image.shape, "float32")
    np.testing.assert_allclose(ops.image.elastic_transform(flat, seed=3), flat, atol=1e-6)
    np.testing.assert_allclose(ops.image.elastic_transform(image, 0.0, seed=3), image, atol=1e-5)
