"""The native depthwise convolution against windows taken by hand, in float64."""

import math
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads

from maeum import native
from maeum.ops.kernels import compiled
from maeum.ops.windows import Window, resolve


def depthwise(x, kernel, bias, window, relu):
    return compiled.convolve(x, kernel, bias, replace(window, groups=x.shape[-1]), relu)


pytestmark = pytest.mark.skipif(not native.status().present, reason="no native kernels")


@st.composite
def configurations(draw):
    rank = draw(st.integers(1, 3))
    size = tuple(draw(st.integers(1, 4)) for _ in range(rank))
    strides = tuple(draw(st.integers(1, 3)) for _ in range(rank))
    dilation = tuple(draw(st.integers(1, 3)) for _ in range(rank))
    sizes = tuple(
        draw(st.integers((k - 1) * d + 1, 14 if rank < 3 else 10)) for k, d in zip(size, dilation)
    )
    padding = draw(st.sampled_from(["valid", "same", ((2, 1),) * rank]))
    channels = draw(st.sampled_from([1, 3, 16, 21, 70]))
    multiplier = draw(st.sampled_from([1, 1, 2, 3]))
    images = draw(st.sampled_from([1, 2, 9]))
    window = resolve(sizes, size, strides, padding, dilation, channels)
    return (images, *sizes, channels), multiplier, window


def numbers(*shape, seed=0):
    return np.random.default_rng(seed + sum(shape)).normal(size=shape).astype(np.float32)


def by_hand(x, kernel, bias, relu, dy, places):
    """Return the outputs and the gradients of x, kernel and bias."""
    images, channels, outputs = x.shape[0], x.shape[-1], kernel.shape[-1]
    m = outputs // channels
    taps = x.reshape(images, -1, channels).astype(np.float64)[:, places]
    taps = np.repeat(np.where((places < 0)[None, :, :, None], 0, taps), m, -1)
    weights = kernel.reshape(-1, outputs).astype(np.float64)
    y = (taps * weights).sum(2) + (0 if bias is None else bias)
    dz = dy.reshape(y.shape).astype(np.float64) * ((y > 0) if relu else 1)
    dx = np.zeros((images, math.prod(x.shape[1:-1]) + 1, channels))  # the last: padding
    parts = (dz[:, :, None] * weights).reshape(*taps.shape[:3], channels, m).sum(-1)
    np.add.at(dx, np.s_[:, places], parts)
    dkernel = (taps * dz[:, :, None]).sum((0, 1))
    return np.maximum(y, 0) if relu else y, dx[:, :-1], dkernel, dz.sum((0, 1))


@settings(max_examples=15)
@given(configurations(), st.booleans(), st.booleans())
def test_outputs_and_gradients_are_those_of_the_windows(sources, configuration, biased, relu):
    shape, multiplier, window = configuration
    outputs = shape[-1] * multiplier
    x, kernel = numbers(*shape), numbers(*window.size, 1, outputs)
    bias = numbers(outputs) if biased else None
    y, transpose = jax.vjp(
        lambda x, kernel, bias: depthwise(x, kernel, bias, window, relu), x, kernel, bias
    )
    dy = numbers(*y.shape, seed=1)
    expected = by_hand(x, kernel, bias, relu, dy, sources(shape[1:-1], window))
    for got, wanted in zip((y, *transpose(dy)), expected):
        if got is not None:
            np.testing.assert_allclose(
                got.reshape(wanted.shape), wanted, atol=1e-5 * max(1, np.abs(wanted).max())
            )


@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("shape", [(1, 50, 40, 48), (3, 33, 65, 32), (40, 9, 8, 24)])
def test_what_is_divided_over_threads_and_blocks_of_rows_is_whole(shape, strides, sources):
    window = resolve(shape[1:-1], (3, 3), (strides,) * 2, "same", (1, 1), shape[-1])
    x, kernel, bias = numbers(*shape), numbers(3, 3, 1, shape[-1]), numbers(shape[-1])
    y, transpose = jax.vjp(lambda *args: depthwise(*args, window, True), x, kernel, bias)
    dy = numbers(*y.shape, seed=1)
    gradients = transpose(dy)
    expected = by_hand(x, kernel, bias, True, dy, sources(shape[1:-1], window))
    for got, wanted in zip((y, *gradients), expected):
        error = np.abs(got.reshape(wanted.shape) - wanted).max()
        assert error < 2e-6 * math.sqrt(y.size / shape[-1]) * max(1, np.abs(wanted).max() / 30)
    for again, gradient in zip(transpose(dy), gradients):
        np.testing.assert_array_equal(again, gradient)


@pytest.mark.parametrize("wrt", [(0,), (1,), (2,), (1, 2)])
def test_each_gradient_is_the_same_alone(wrt):
    window = resolve((6, 5), (3, 3), (1, 1), "same", (1, 1), 20)
    args = numbers(2, 6, 5, 20), numbers(3, 3, 1, 20), numbers(20)

    def loss(*args):
        return (depthwise(*args, window, True) ** 2).sum()

    together = jax.grad(loss, (0, 1, 2))(*args)
    for i, alone in zip(wrt, jax.grad(loss, wrt)(*args)):
        np.testing.assert_array_equal(alone, together[i])


def test_a_window_in_the_padding_gives_the_bias():
    window = Window((2,), (2,), ((2, 0),), (1,), 3)
    y = depthwise(jnp.ones((1, 4, 3)), jnp.ones((2, 1, 3)), jnp.arange(3.0), window, False)
    assert y[0].tolist() == [[0, 1, 2], [2, 3, 4], [2, 3, 4]]


def test_no_images_give_no_images_and_no_gradients():
    window = resolve((4, 4), (3, 3), (1, 1), "same", (1, 1), 3)
    y, transpose = jax.vjp(
        lambda *args: depthwise(*args, window, True),
        jnp.zeros((0, 4, 4, 3)),
        jnp.ones((3, 3, 1, 3)),
        jnp.ones(3),
    )
    dx, dkernel, db = transpose(y)
    assert y.shape == dx.shape == (0, 4, 4, 3)
    assert not np.any(dkernel)
    assert not np.any(db)


def test_nan_in_one_channel_stays_there():
    window = resolve((5, 5), (3, 3), (1, 1), "same", (1, 1), 20)
    x = numbers(1, 5, 5, 20)
    x[0, 2, 2, 17] = np.nan
    y = depthwise(x, numbers(3, 3, 1, 20), None, window, True)
    assert set(np.argwhere(np.isnan(y))[:, 3]) == {17}


def test_second_derivatives_agree_with_finite_differences():
    window = resolve((4, 5), (3, 2), (2, 1), "same", (1, 1), 3)
    args = numbers(2, 4, 5, 3), numbers(3, 2, 1, 6), numbers(6)

    def smooth(*args):
        return depthwise(*args, window, False) ** 2

    check_grads(smooth, args, order=2, modes=["rev"], atol=0.05, rtol=0.05, eps=1e-2)


def test_under_vmap_each_entry_is_a_batch():
    window = resolve((5,), (2,), (1,), "valid", (1,), 4)
    x, kernel = numbers(3, 2, 5, 4), numbers(2, 1, 4)
    y = jax.vmap(lambda x: depthwise(x, kernel, None, window, False))(x)
    np.testing.assert_array_equal(
        y, jnp.stack([depthwise(entry, kernel, None, window, False) for entry in x])
    )
