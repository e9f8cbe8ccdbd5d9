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


@settings(deadline=None, max_examples=25)
@given(convolutions())
def test_convolution_and_its_gradients_are_the_sums_that_define_them(problem):
    check_convolution(problem)


@settings(deadline=None, max_examples=10)
@given(convolutions(), st.integers(8, 400))
def test_blocks_of_a_batch_and_strips_of_a_sample_change_nothing(problem, size):
    gathered, matmul._GATHERED = matmul._GATHERED, size
    try:
        check_convolution(problem)
    finally:
        matmul._GATHERED = gathered
