"""The plain-JAX kernels against the sums that define them, one output at a time, in float64."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads

from maeum.ops.kernels import matmul, reference, slices
from maeum.ops.windows import Window, reach

RANKS = st.sampled_from([1, 2, 2, 3])


def seen(window, place, tap, sizes):
    """Return where a tap of the window at a place looks, or None in the padding."""
    at = [
        p * s + t * d - low
        for p, s, t, d, (low, _) in zip(place, window.strides, tap, window.dilation, window.pads)
    ]
    return tuple(at) if all(0 <= a < n for a, n in zip(at, sizes)) else None


def meetings(window, sizes):
    """Yield every place with each tap that sees an entry there, and where it looks."""
    for place in np.ndindex(*window.output_sizes(sizes)):
        for tap in np.ndindex(*window.size):
            at = seen(window, place, tap, sizes)
            if at is not None:
                yield place, tap, at


def by_hand(x, kernel, dy, window):
    """Return the convolution and the gradients of ``(y * dy).sum()`` for its two operands."""
    own, filters = kernel.shape[-2:]
    each = filters // window.groups
    sizes = x.shape[1:-1]
    y = np.zeros((len(x), *window.output_sizes(sizes), filters))
    dx, dkernel = np.zeros(x.shape), np.zeros(kernel.shape)
    for place, tap, at in meetings(window, sizes):
        for g in range(window.groups):
            ins, outs = slice(g * own, (g + 1) * own), slice(g * each, (g + 1) * each)
            entry, weights = x[(slice(None), *at, ins)], kernel[(*tap, slice(None), outs)]
            y[(slice(None), *place, outs)] += entry @ weights
            gradient = dy[(slice(None), *place, outs)]
            dx[(slice(None), *at, ins)] += gradient @ weights.T
            dkernel[(*tap, slice(None), outs)] += entry.T @ gradient
    return y, dx, dkernel


@st.composite
def windows(draw):
    """Draw a window and the sizes of a grid that it fits into."""
    rank = draw(RANKS)
    axis = st.integers(1, 3 if rank < 3 else 2)
    size, strides, dilation = (tuple(draw(axis) for _ in range(rank)) for _ in range(3))
    pads = tuple((draw(st.integers(0, 5)), draw(st.integers(0, 5))) for _ in range(rank))
    spans = [reach(k, d) for k, d in zip(size, dilation)]
    sizes = tuple(
        max(draw(st.integers(1, 7 if rank < 3 else 4)), span - sum(pad))
        for span, pad in zip(spans, pads)
    )
    return Window(size, strides, pads, dilation), sizes


@st.composite
def convolutions(draw):
    """Draw the operands of a convolution, a gradient of its output, and the window."""
    window, sizes = draw(windows())
    groups, own, each = (draw(st.integers(1, 3)) for _ in range(3))
    window = Window(window.size, window.strides, window.pads, window.dilation, groups)
    numbers = np.random.default_rng(draw(st.integers(0, 1000)))
    batch = draw(st.integers(0, 3))
    x = numbers.standard_normal((batch, *sizes, groups * own))
    kernel = numbers.standard_normal((*window.size, own, groups * each))
    dy = numbers.standard_normal((batch, *window.output_sizes(sizes), groups * each))
    return x, kernel, dy, window


def check_convolution(problem):
    x, kernel, dy, window = problem

    @jax.jit
    def compute(x, kernel, dy):
        y, transpose = jax.vjp(lambda x, kernel: matmul.convolve(x, kernel, window), x, kernel)
        spread = matmul.convolve_transposed(dy, kernel, window, list(x.shape[1:-1]))
        return y, *transpose(dy), spread

    with jax.enable_x64(True):
        y, dx, dkernel, spread = compute(x, kernel, dy)
    for got, expected in zip((y, dx, dkernel, spread), (*by_hand(*problem), dx)):
        assert got.dtype == np.float64
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-10)


@settings(max_examples=12)
@given(convolutions())
def test_convolution_and_its_gradients_are_the_sums_that_define_them(problem):
    check_convolution(problem)


@settings(max_examples=6)
@given(convolutions(), st.integers(8, 400))
def test_blocks_of_a_batch_and_strips_of_a_sample_change_nothing(problem, size):
    gathered, matmul._GATHERED = matmul._GATHERED, size
    try:
        check_convolution(problem)
    finally:
        matmul._GATHERED = gathered


@pytest.mark.parametrize("size", [1 << 8, 1 << 9])
def test_a_sample_larger_than_a_block_is_done_in_strips(monkeypatch, size):
    monkeypatch.setattr(matmul, "_GATHERED", size)
    numbers = np.random.default_rng(0)
    window = Window((3, 2), (1, 2), ((1, 1), (0, 1)), (1, 1))
    x = numbers.standard_normal((3, 8, 5, 2))
    kernel = numbers.standard_normal((3, 2, 2, 4))
    check_convolution((x, kernel, numbers.standard_normal((3, 8, 3, 4)), window))


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16])
@pytest.mark.parametrize(("groups", "own", "filters"), [(1, 4, 3), (4, 1, 4), (2, 3, 6)])
def test_the_dtype_stays_and_sums_are_made_in_float32(dtype, groups, own, filters):
    numbers = np.random.default_rng(1)
    window = Window((3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1), groups)
    x = jnp.asarray(numbers.standard_normal((2, 5, 5, groups * own)), dtype)
    kernel = jnp.asarray(numbers.standard_normal((3, 3, own, filters)), dtype)
    dy = jnp.asarray(numbers.standard_normal((2, 5, 5, filters)), dtype)
    y, transpose = jax.vjp(lambda x, kernel: matmul.convolve(x, kernel, window), x, kernel)
    exact = by_hand(*(np.asarray(a, np.float64) for a in (x, kernel, dy)), window)
    for got, expected in zip((y, *transpose(dy)), exact):
        assert got.dtype == dtype
        # Half a unit in the last place, and as much again for sums of several phases or terms.
        np.testing.assert_allclose(
            np.asarray(got, np.float64), expected, rtol=2 * jnp.finfo(dtype).eps, atol=1e-5
        )


SECOND = [  # one window for each way to compute: in one block and in several
    (Window((3,), (2,), ((2, 1),), (1,)), (7,), 2, 3),
    (Window((3,), (1,), ((1, 1),), (1,)), (5,), 3, 2),
    (Window((2, 3), (2, 1), ((0, 1), (1, 1)), (1, 2)), (4, 5), 2, 2),
    (Window((2, 2), (1, 2), ((1, 0), (0, 0)), (1, 1), 3), (3, 4), 1, 6),
    (Window((2,), (1,), ((0, 0),), (1,), 2), (4,), 3, 8),
]


@pytest.mark.parametrize(
    ("window", "sizes", "own", "filters", "size"),
    [(*problem, size) for problem, size in zip(SECOND, [64, 1 << 20, 1 << 20, 1 << 20, 64])],
)
def test_second_derivatives_are_differences_of_the_first(
    monkeypatch, window, sizes, own, filters, size
):
    monkeypatch.setattr(matmul, "_GATHERED", size)
    numbers = np.random.default_rng(2)
    with jax.enable_x64(True):
        x = jnp.asarray(numbers.standard_normal((2, *sizes, own * window.groups)))
        kernel = jnp.asarray(numbers.standard_normal((*window.size, own, filters)))
        function = jax.jit(lambda x, kernel: jnp.tanh(matmul.convolve(x, kernel, window)))
        check_grads(function, (x, kernel), order=2, modes=["rev"], atol=1e-5, rtol=1e-5)


def test_second_derivatives_of_the_transposed_convolution_are_differences_of_the_first():
    numbers = np.random.default_rng(3)
    window = Window((3,), (2,), ((1, 0),), (1,))
    with jax.enable_x64(True):
        y, kernel = (jnp.asarray(numbers.standard_normal(s)) for s in ((2, 3, 4), (3, 2, 4)))
        check_grads(
            jax.jit(lambda y, k: jnp.tanh(matmul.convolve_transposed(y, k, window, (6,)))),
            (y, kernel),
            order=2,
            modes=["rev"],
            atol=1e-5,
            rtol=1e-5,
        )


@pytest.mark.parametrize(
    ("both", "size", "groups", "own"),
    [(False, 256, 1, 3), (True, 256, 1, 3), (True, 1 << 20, 3, 1)],
)
def test_vmap_is_a_loop(monkeypatch, both, size, groups, own):
    monkeypatch.setattr(matmul, "_GATHERED", size)
    numbers = np.random.default_rng(4)
    window = Window((3, 3), (2, 1), ((1, 1), (0, 1)), (1, 1), groups)
    x = jnp.asarray(numbers.standard_normal((3, 4, 6, 5, 3)), jnp.float32)
    kernels = jnp.asarray(numbers.standard_normal((3, 3, 3, own, 3)), jnp.float32)

    def gradients(x, kernel):
        return jax.grad(lambda *a: jnp.sin(matmul.convolve(*a, window)).sum(), (0, 1))(x, kernel)

    if both:
        got = jax.jit(jax.vmap(gradients))(x, kernels)
    else:
        got = jax.jit(jax.vmap(gradients, (0, None)))(x, kernels[0])
    each = jax.jit(gradients)
    for i in range(3):
        for a, b in zip(got, each(x[i], kernels[i if both else 0])):
            np.testing.assert_allclose(a[i], b, rtol=1e-4, atol=1e-5)


def pooled_by_hand(x, dy, window):
    """Return the greatest entries and the sums of windows, and the gradients of both for ``x``."""
    sizes = window.output_sizes(x.shape[1:-1])
    greatest = np.full((len(x), *sizes, x.shape[-1]), -np.inf)
    first = np.empty(greatest.shape, object)
    total = np.zeros(greatest.shape)
    dmax, dsum = np.zeros(x.shape), np.zeros(x.shape)
    for place, _, at in meetings(window, x.shape[1:-1]):
        for b in range(len(x)):
            for c in range(x.shape[-1]):
                entry, here = x[(b, *at, c)], (b, *place, c)
                total[here] += entry
                dsum[(b, *at, c)] += dy[here]
                if entry > greatest[here] or (np.isnan(entry) and not np.isnan(greatest[here])):
                    greatest[here], first[here] = entry, (b, *at, c)
    for here in np.ndindex(*greatest.shape):
        if first[here] is not None:
            dmax[first[here]] += dy[here]
    return greatest, dmax, total, dsum


@st.composite
def poolings(draw):
    """Draw a grid of few different numbers, so that there are ties, and a window over it."""
    window, sizes = draw(windows())
    if draw(st.booleans()):  # what most networks do: tiles
        window = Window(window.size, window.size, window.pads, (1,) * len(sizes))
        sizes = tuple(max(n, k - sum(p)) for n, k, p in zip(sizes, window.size, window.pads))
    numbers = np.random.default_rng(draw(st.integers(0, 1000)))
    x = numbers.integers(-2, 3, (draw(st.integers(0, 2)), *sizes, 2)).astype(np.float32)
    if draw(st.booleans()):
        x[numbers.random(x.shape) < 0.1] = np.nan
    dy = numbers.integers(1, 9, (len(x), *window.output_sizes(sizes), 2)).astype(np.float32)
    return x, dy, window


@settings(max_examples=12)
@given(poolings())
def test_pooling_and_its_gradient_go_to_the_first_greatest_entry(problem):
    x, dy, window = problem

    @jax.jit
    def compute(x, dy):
        greatest, first = jax.vjp(lambda x: slices.max_pool(x, window), x)
        total, spread = jax.vjp(lambda x: slices.sum_pool(x, window), x)
        return slices.max_pool(x, window), greatest, first(dy)[0], total, spread(dy)[0]

    greatest, *others = compute(x, dy)
    expected = pooled_by_hand(x, dy, window)
    np.testing.assert_array_equal(greatest, expected[0])
    for got, right in zip(others, expected):
        np.testing.assert_array_equal(got, right)


def test_whole_numbers_are_pooled_and_padding_is_the_least():
    x = np.array([-5, -7, 3, 2], np.int8).reshape(1, 4, 1)
    window = Window((2,), (2,), ((1, 1),), (1,))
    assert slices.max_pool(jnp.array(x), window)[0, :, 0].tolist() == [-5, 3, 2]
    assert slices.sum_pool(jnp.array(x), window)[0, :, 0].tolist() == [-5, -4, 2]


def test_windows_of_many_taps_are_pooled_too():
    x = jnp.arange(200.0).reshape(1, 200, 1)
    window = Window((200,), (1,), ((0, 0),), (1,))
    gradient = jax.grad(lambda x: slices.max_pool(x, window).sum())(x)
    assert int(gradient.argmax()) == 199
    assert float(gradient.sum()) == 1
    assert float(slices.sum_pool(x, window).sum()) == 199 * 200 / 2


@pytest.mark.parametrize("pool", [slices.max_pool, slices.sum_pool])
@pytest.mark.parametrize("strides", [(2, 2), (1, 2)])
def test_pooling_has_second_derivatives_and_vmap(pool, strides):
    window = Window((2, 2), strides, ((0, 1), (1, 0)), (1, 1))
    x = jax.random.normal(jax.random.key(0), (3, 2, 4, 5, 2))

    def gradient(x, pool):
        return jax.grad(lambda x: (pool(x, window) ** 3).sum())(x)

    def second(x, pool):
        return jax.grad(lambda x: (gradient(x, pool) * jnp.cos(x)).sum())(x)

    plain = {slices.max_pool: reference.max_pool, slices.sum_pool: reference.sum_pool}[pool]
    for derivative in (gradient, second):
        got = jax.jit(jax.vmap(lambda x, f=derivative: f(x, pool)))(x)
        expected = [derivative(entry, plain) for entry in x]
        np.testing.assert_allclose(got, np.stack(expected), rtol=1e-4, atol=1e-5)
