"""The native pooling against windows taken by hand, in float64."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from maeum import native
from maeum.ops.kernels import compiled_pooling as compiled
from maeum.ops.windows import Window, resolve

pytestmark = pytest.mark.skipif(not native.status().present, reason="no native kernels")


@st.composite
def configurations(draw):
    rank = draw(st.integers(1, 3))
    size = tuple(draw(st.integers(1, 3)) for _ in range(rank))
    strides = tuple(draw(st.integers(1, 4)) for _ in range(rank))
    dilation = tuple(draw(st.integers(1, 2)) for _ in range(rank))
    sizes = tuple(
        draw(st.integers((k - 1) * d + 1, 9 if rank < 3 else 6)) for k, d in zip(size, dilation)
    )
    padding = draw(st.sampled_from(["valid", "same", ((2, 1),) * rank]))
    channels = draw(st.sampled_from([1, 2, 3, 6, 16, 20, 31, 75]))
    images = draw(st.sampled_from([1, 2, 5]))
    return (images, *sizes, channels), resolve(sizes, size, strides, padding, dilation)


def numbers(shape, whole=False):
    rng = np.random.default_rng(sum(shape))
    # Few different whole numbers: many windows have several greatest entries.
    return (rng.integers(-3, 1, shape) if whole else rng.normal(size=shape)).astype(np.float32)


def by_hand(x, places, kind):
    """Return the windows' values and, for each entry of them, its share of the gradient."""
    x = x.reshape(x.shape[0], -1, x.shape[-1]).astype(np.float64)
    taps = x[:, places]  # (images, windows, taps, channels)
    outside = (places < 0)[None, :, :, None]
    if kind == "sum":
        share = np.where(outside, 0.0, np.ones_like(taps))
        return (taps * share).sum(2), share
    taps = np.where(outside, -np.inf, taps)
    first = np.arange(taps.shape[2])[:, None] == taps.argmax(2)[:, :, None]
    return taps.max(2), np.where(outside, 0.0, first)


@settings(max_examples=20)
@given(configurations(), st.sampled_from(["max", "sum"]), st.booleans())
@example(((2, 4, 1), resolve((4,), (2,), (3,), "same", (1,))), "max", False)
def test_values_and_gradients_are_those_of_the_windows(sources, configuration, kind, whole):
    shape, window = configuration
    x, places = numbers(shape, whole), sources(shape[1:-1], window)
    values, share = by_hand(x, places, kind)
    y, transpose = jax.vjp(lambda x: getattr(compiled, f"{kind}_pool")(x, window), x)
    np.testing.assert_allclose(y.reshape(values.shape), values, atol=1e-5)
    dy = numbers(y.shape)
    expected = np.zeros((shape[0], math.prod(shape[1:-1]) + 1, shape[-1]))  # the last: padding
    np.add.at(expected, np.s_[:, places], share * dy.reshape(values.shape)[:, :, None])
    (dx,) = transpose(dy)
    np.testing.assert_allclose(dx.reshape(shape[0], -1, shape[-1]), expected[:, :-1], atol=1e-5)


def test_the_first_of_several_greatest_entries_has_the_gradient():
    window = resolve((4, 4), (3, 3), (1, 1), "valid", (1, 1))
    dx = jax.grad(lambda x: compiled.max_pool(x, window).sum())(jnp.ones((1, 4, 4, 1)))
    np.testing.assert_array_equal(
        dx[0, :, :, 0], [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    )


@pytest.mark.parametrize("channels", [1, 5, 40])
def test_nan_wins_every_window_that_it_is_in(channels):
    x = numbers((1, 6, 6, channels))
    x[0, 2, 3, 0] = np.nan
    y = compiled.max_pool(x, resolve((6, 6), (2, 2), (2, 2), "valid", (1, 1)))
    assert np.argwhere(np.isnan(y)).tolist() == [[0, 1, 1, 0]]


def test_infinities_are_numbers_like_others():
    x = jnp.array([-jnp.inf, -jnp.inf, 3.0, jnp.inf])[None, :, None]
    y = compiled.max_pool(x, resolve((4,), (2,), (2,), "valid", (1,)))
    assert y[0, :, 0].tolist() == [-np.inf, np.inf]


def test_a_window_in_the_padding_is_minus_infinity_and_has_no_gradient():
    window = Window((2,), (2,), ((2, 0),), (1,))
    y, transpose = jax.vjp(lambda x: compiled.max_pool(x, window), jnp.ones((1, 4, 3)))
    assert y[0, :, 0].tolist() == [-np.inf, 1, 1]
    np.testing.assert_array_equal(transpose(jnp.ones_like(y))[0][0, :, 0], [1, 0, 1, 0])


def test_many_rows_are_divided_over_threads_and_come_out_the_same_every_time():
    window = resolve((40, 40), (3, 3), (2, 2), "same", (1, 1))
    x = numbers((1, 40, 40, 64))
    gradient = jax.jit(jax.grad(lambda x: (compiled.max_pool(x, window) ** 2).sum()))
    whole = gradient(jnp.concatenate([x] * 16))
    for image in whole:
        np.testing.assert_array_equal(image, gradient(x)[0])


@pytest.mark.parametrize("kind", ["max", "sum"])
def test_no_images_give_no_images(kind):
    pool = getattr(compiled, f"{kind}_pool")
    window = resolve((4, 4), (2, 2), (2, 2), "valid", (1, 1))
    y, transpose = jax.vjp(lambda x: pool(x, window), jnp.zeros((0, 4, 4, 3)))
    assert y.shape == (0, 2, 2, 3)
    assert transpose(y)[0].shape == (0, 4, 4, 3)


@pytest.mark.parametrize("kind", ["max", "sum"])
def test_the_gradient_has_a_gradient(kind):
    pool = getattr(compiled, f"{kind}_pool")
    window = resolve((5, 5), (3, 3), (2, 2), "same", (1, 1))
    x, v = numbers((2, 5, 5, 3)), numbers((2, 5, 5, 3)) / 7

    def directional(x):  # d/dt of the sum of squares along v
        return (jax.grad(lambda x: (pool(x, window) ** 2).sum())(x) * v).sum()

    # With y = J x, it is 2 x'J'J v: its gradient is 2 J'J v.
    jacobian = jax.jacrev(lambda x: pool(x, window).ravel())(x).reshape(-1, x.size)
    expected = 2 * jacobian.T @ (jacobian @ v.ravel())
    np.testing.assert_allclose(jax.grad(directional)(x).ravel(), expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["max", "sum"])
def test_under_vmap_each_entry_is_a_batch(kind):
    pool = getattr(compiled, f"{kind}_pool")
    window = resolve((5,), (2,), (1,), "valid", (1,))
    x = numbers((3, 2, 5, 4))
    y = jax.vmap(lambda x: pool(x, window))(x)
    np.testing.assert_array_equal(y, jnp.stack([pool(entry, window) for entry in x]))
