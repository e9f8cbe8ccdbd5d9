"""Native steps of Adam, masks of dropout, pieces of numbers and SiLU, one member or several."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from maeum import native
from maeum.core.randomness import make_key
from maeum.layers import Dropout, FeatureScale, NTKDense
from maeum.ops import random
from maeum.ops.kernels import choice, compiled_elementwise, compiled_rowwise, pieces, rowwise
from maeum.optimizers import Adam, AdamW

pytestmark = pytest.mark.skipif(not native.status().present, reason=native.status().reason)

SHAPES = [(1,), (3, 5), (131, 64), (700, 300)]  # the last one is divided among threads


def numbers(*shape, seed=0):
    return np.random.default_rng([*shape, seed]).normal(size=shape).astype("f")


def adam_by_definition(w, g, m, v, rate, epsilon, a, b, decay):
    """Return one step in float64."""
    w, g, m, v = (x.astype("d") for x in (w, g, m, v))
    m, v = m + (g - m) * a, v + (g * g - v) * b
    return w - w * decay - rate * m / (np.sqrt(v) + epsilon), m, v


@pytest.mark.parametrize("shape", SHAPES)
def test_a_step_of_adam_is_that_of_the_definition(shape):
    w, g, m, root = (numbers(*shape, seed=i) for i in range(4))
    bias = numbers(4, 7)
    arrays = [(w, bias[0]), (g, bias[1]), (m, bias[2]), (root * root, bias[3] ** 2)]
    rates = (0.01, 1e-7, 0.1, 0.05, 0.002), (0.02, 1e-3, 0.2, 0.01, 0)
    got = jax.jit(compiled_elementwise.adam)(*arrays, rates)
    for i, of_weight in enumerate(zip(*arrays)):
        for one, wanted in zip(got, adam_by_definition(*of_weight, *rates[i])):
            np.testing.assert_allclose(one[i], wanted, rtol=1e-5, atol=1e-6)


def test_members_step_with_numbers_of_their_own():
    w, g, m, root = (numbers(3, 4, 5, seed=i) for i in range(4))
    rates = np.float32([0.1, 0.2, 0.3])

    def step(w, g, m, v, rate):
        new = compiled_elementwise.adam([w], [g], [m], [v], [(rate, 1e-7, 0.1, 0.05, 0)])
        return [each[0] for each in new]

    got = jax.vmap(step)(w, g, m, root * root, rates)
    for i, rate in enumerate(rates):
        wanted = adam_by_definition(w[i], g[i], m[i], root[i] ** 2, rate, 1e-7, 0.1, 0.05, 0)
        for one, expected in zip(got, wanted):
            np.testing.assert_allclose(one[i], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", [Adam, AdamW])
def test_the_optimizer_takes_the_kernel_unless_it_is_another_one(kind):
    class Own(kind):
        def update(self, g, *slots, w, lr, step):
            return super().update(g, *slots, w=w, lr=lr, step=step)

    def steps(optimizer, w):
        state = optimizer.init([w])
        advance = lambda w, state: optimizer.advance([w], [w * 0.3], state)  # noqa: E731
        program = str(jax.make_jaxpr(advance)(w, state))
        for _step in range(5):
            [w], state = advance(w, state)
        return w, "MaeumAdam" in program

    w = numbers(7, 3)
    (one, native_one), (other, native_other) = steps(kind(0.1), w), steps(Own(0.1), w)
    assert (native_one, native_other) == (True, False)
    np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    assert not steps(kind(0.1), w.astype("float16"))[1]
    assert not steps(kind(0.1, amsgrad=True), w)[1]


def test_a_step_has_the_derivatives_of_its_formula():
    w, g, m = numbers(4, 3), numbers(4, 3, seed=1), numbers(4, 3, seed=2)

    def after(rate, w, g, update):
        [new], *_means = update([w], [g], [m], [m * m], [(rate, 0.1, 0.1, 0.1, 0.01)])
        return jnp.sum(new**2)

    ways = compiled_elementwise.adam, adam_plain
    got, wanted = (jax.grad(after, (0, 1, 2))(0.5, w, g, way) for way in ways)
    for one, other in zip(got, wanted):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def adam_plain(weights, gradients, means, squares, numbers):
    [w], [g], [m], [v], [(rate, epsilon, a, b, decay)] = weights, gradients, means, squares, numbers
    m, v = m + (g - m) * a, v + (g * g - v) * b
    return [w - w * decay - rate * m / (jnp.sqrt(v) + epsilon)], [m], [v]


@pytest.mark.parametrize("shape", [*SHAPES, (2, 1, 9)])
def test_masks_are_those_of_the_random_bits(shape):
    key, threshold = make_key(3, "mask"), jnp.uint32(10**9)
    got = choice.keep(key, threshold, shape)
    np.testing.assert_array_equal(got, random.bits(key, shape) >= threshold)
    assert "MaeumKeep" in str(jax.make_jaxpr(lambda k: choice.keep(k, threshold, shape))(key))


def test_members_have_masks_of_their_own():
    keys = jnp.stack([jnp.asarray(make_key(i, "mask")) for i in range(4)])
    thresholds = jnp.arange(1, 5, dtype=jnp.uint32) * 10**9
    got = jax.vmap(lambda key, t: choice.keep(key, t, (13, 7)))(keys, thresholds)
    wanted = jax.vmap(lambda key, t: random.bits(key, (13, 7)) >= t)(keys, thresholds)
    np.testing.assert_array_equal(got, wanted)
    same = jax.vmap(lambda key: choice.keep(key, thresholds[0], (13, 7)))(keys)
    np.testing.assert_array_equal(same[0], wanted[0])


def test_dropout_keeps_the_same_forwards_and_backwards():
    layer, x = Dropout(0.4, seed=1), jnp.ones((50, 20))
    y, transpose = jax.vjp(lambda x: layer(x, training=True), x)
    np.testing.assert_array_equal(transpose(jnp.ones_like(y))[0], y)
    y, tangent = jax.jvp(lambda x: layer(x, training=True), (x,), (x,))
    np.testing.assert_array_equal(tangent, y)


@settings(max_examples=20)
@given(
    st.lists(st.integers(1, 17), min_size=1, max_size=6),
    st.lists(st.integers(1, 4), max_size=2),
    st.integers(0, 100),
)
def test_pieces_are_those_of_the_definition(counts, sizes, seed):
    rng = np.random.default_rng(seed)
    boundaries = [np.cumsum(rng.uniform(0.1, 1, n + 1)) - 3 for n in counts]
    x = rng.normal(size=(*sizes, len(counts))).astype("f") * 3

    def wanted(x):
        for value, ends in zip(x.astype("d"), boundaries):
            parts = (value - ends[:-1]) / np.diff(ends)
            parts[1:] = np.maximum(parts[1:], 0)
            parts[:-1] = np.minimum(parts[:-1], 1)
            yield from parts

    assert "MaeumPieces" in str(jax.make_jaxpr(lambda x: choice.pieces(x, boundaries))(x))
    got = choice.pieces(jnp.asarray(x), boundaries)
    expected = np.array([[*wanted(row)] for row in x.reshape(-1, len(counts))])
    np.testing.assert_allclose(got, expected.reshape(got.shape), rtol=1e-5, atol=1e-5)


def test_pieces_have_derivatives_and_keep_nan():
    boundaries = [[-1.0, 0.0, 0.5], [0.0, 2.0]]
    x = jnp.asarray(numbers(3, 4, 2)).at[0, 0, 1].set(jnp.nan)
    got = jax.vmap(lambda x: compiled_elementwise.pieces(x, boundaries))(x)
    np.testing.assert_allclose(got, pieces.pieces(x, boundaries), rtol=1e-6)
    assert np.isnan(got).sum() == 1

    def total(way):
        return lambda x: jnp.sum(jnp.sin(way(x, boundaries)))

    slopes = [jax.grad(total(way))(x[1]) for way in (compiled_elementwise.pieces, pieces.pieces)]
    np.testing.assert_allclose(*slopes, rtol=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (4, 6, 64), (3000, 77)])
def test_silu_is_that_of_the_definition(shape):
    x, amount, dy = numbers(*shape) * 5, numbers(shape[-1]), numbers(*shape, seed=1)
    y, transpose = jax.vjp(compiled_rowwise.partly_silu, x, amount)
    dx, damount = transpose(dy)
    z, s = x.astype("d"), expit(x.astype("d"))
    np.testing.assert_allclose(y, z + amount * (z * s - z), rtol=1e-5, atol=1e-5)
    slope = 1 + amount * (s + z * s * (1 - s) - 1)
    np.testing.assert_allclose(dx, dy * slope, rtol=1e-5, atol=1e-5)
    rows = tuple(range(len(shape) - 1))
    np.testing.assert_allclose(damount, (dy * (z * s - z)).sum(rows), rtol=1e-4, atol=1e-3)


def test_members_have_amounts_of_their_own_and_far_numbers_stay():
    x, amount = numbers(3, 7, 10), numbers(3, 10)
    wanted = jax.vmap(rowwise.partly_silu)(x, amount)
    np.testing.assert_allclose(jax.vmap(choice.partly_silu)(x, amount), wanted, atol=1e-6)
    far = jnp.asarray([[1e30, -1e30, 200.0, -200.0, np.nan]], "f")
    got = choice.partly_silu(far, jnp.ones(5))
    np.testing.assert_allclose(got, [[1e30, 0, 200, 0, np.nan]], atol=1e-5)


def test_a_layer_learns_how_much_its_inputs_count():
    x = numbers(6, 4)
    layer, before, behind = NTKDense(3, input_rate=6.0), FeatureScale(6.0), NTKDense(3)
    layer.build((None, 4)), before.build((None, 4)), behind.build((None, 4))
    scale = numbers(4, seed=3)
    layer.input_scale.assign(scale), before.scale.assign(scale)
    behind.set_weights([layer.kernel, layer.bias])
    np.testing.assert_allclose(layer(x), behind(before(x)), rtol=1e-5, atol=1e-6)
    assert [w.name for w in layer.weights] == ["kernel", "bias", "input_scale"]
