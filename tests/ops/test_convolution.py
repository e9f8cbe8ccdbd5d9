"""Convolutions against the sums that define them, in NumPy and float64, one output at a time."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads

from maeum import ops
from maeum.core.errors import ConfigError, ShapeError
from maeum.layers import Input
from maeum.models import Model

FIRST = "channels_first"


def pads_of(padding, n, span, stride):
    """Return how many zeros stand before and behind an axis of size ``n``."""
    if padding == "valid":
        return 0, 0
    if padding == "causal":
        return span - 1, 0
    if padding == "same":
        total = max((-(-n // stride) - 1) * stride + span - n, 0)
        return total // 2, total - total // 2
    return padding


def by_hand(x, kernel, strides, padding, dilation):
    """The definition: each output is a sum of products over taps and the channels of a group."""
    taps, (own, filters) = kernel.shape[:-2], kernel.shape[-2:]
    groups = x.shape[-1] // own
    each = filters // groups
    spans = [(k - 1) * d + 1 for k, d in zip(taps, dilation)]
    pairs = padding if isinstance(padding, tuple) else [padding] * len(taps)
    pads = [pads_of(p, *axis) for p, *axis in zip(pairs, x.shape[1:-1], spans, strides)]
    x = np.pad(x, [(0, 0), *pads, (0, 0)])
    sizes = [(n - r) // s + 1 for n, r, s in zip(x.shape[1:-1], spans, strides)]
    y = np.zeros((x.shape[0], *sizes, filters))
    for place in np.ndindex(*sizes):
        for tap in np.ndindex(*taps):
            at = tuple(p * s + t * d for p, s, t, d in zip(place, strides, tap, dilation))
            for f in range(filters):
                g = f // each
                seen = x[(slice(None), *at, slice(g * own, (g + 1) * own))]
                y[(slice(None), *place, f)] += seen @ kernel[(*tap, slice(None), f)]
    return y


@st.composite
def problems(draw, paddings=("valid", "same")):
    """Draw inputs, a kernel and how it slides, small enough to do by hand."""
    rank = draw(st.sampled_from([1, 1, 2, 2, 2, 3]))

    def numbers(low, high):
        return tuple(draw(st.integers(low, high)) for _ in range(rank))

    most = {1: 9, 2: 6, 3: 4}[rank]
    taps, strides, dilation = numbers(1, 3), numbers(1, 3), numbers(1, 2)
    sizes = tuple(
        draw(st.integers((k - 1) * d + 1, (k - 1) * d + most - 2)) for k, d in zip(taps, dilation)
    )
    groups, own, each = (draw(st.integers(1, 2)) for _ in range(3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.normal(size=(2, *sizes, groups * own))
    kernel = rng.normal(size=(*taps, own, groups * each))
    padding = draw(st.sampled_from(paddings + (("causal",) if rank == 1 else ())))
    if padding == "pairs":
        padding = tuple((draw(st.integers(0, 2)), draw(st.integers(0, 2))) for _ in range(rank))
    return x, kernel, strides, padding, dilation


@settings(max_examples=14)
@given(problems(("valid", "same", "pairs")), st.booleans(), st.booleans(), st.booleans())
def test_conv_is_the_sum_that_defines_it(problem, first, relu, double):
    x, kernel, strides, padding, dilation = problem
    bias = np.linspace(-1, 1, kernel.shape[-1])
    expected = by_hand(x, kernel, strides, padding, dilation) + bias
    expected = np.maximum(expected, 0) if relu else expected
    with jax.enable_x64(double):
        run = jax.jit(
            lambda x, kernel, bias: ops.conv(
                x, kernel, strides, padding, FIRST if first else None, dilation, bias, relu
            )
        )
        got = run(np.moveaxis(x, -1, 1) if first else x, kernel, bias)
    got = np.moveaxis(got, 1, -1) if first else got
    np.testing.assert_allclose(got, expected, atol=1e-10 if double else 1e-4)


@settings(max_examples=6)
@given(problems(), st.integers(1, 2), st.booleans())
def test_depthwise_conv_takes_channel_by_channel(problem, multiplier, double):
    x, kernel, strides, padding, dilation = problem
    channels = x.shape[-1]
    kernel = np.stack([np.stack([kernel[..., 0, 0] + c - m for m in range(multiplier)], -1)
                       for c in range(channels)], -2)  # fmt: skip
    expected = np.concatenate(
        [by_hand(x[..., c : c + 1], kernel[..., c : c + 1, :], strides, padding, dilation)
         for c in range(channels)], -1)  # fmt: skip
    with jax.enable_x64(double):
        got = ops.depthwise_conv(x, kernel, strides, padding, None, dilation)
    np.testing.assert_allclose(got, expected, atol=1e-10 if double else 1e-4)


def test_separable_conv_mixes_what_depthwise_conv_made():
    rng = np.random.default_rng(0)
    x, depthwise = rng.normal(size=(2, 6, 5, 3)), rng.normal(size=(3, 2, 3, 2))
    pointwise, bias = rng.normal(size=(1, 1, 6, 4)), rng.normal(size=4)
    with jax.enable_x64(True):
        middle = np.asarray(ops.depthwise_conv(x, depthwise, 2, "same"))
        got = ops.separable_conv(x, depthwise, pointwise, 2, "same", bias=bias, relu=True)
        first = ops.separable_conv(np.moveaxis(x, -1, 1), depthwise, pointwise, 2, "same", FIRST)
    np.testing.assert_allclose(got, np.maximum(middle @ pointwise[0, 0] + bias, 0), atol=1e-12)
    np.testing.assert_allclose(np.moveaxis(first, 1, -1), middle @ pointwise[0, 0], atol=1e-12)


@settings(max_examples=9)
@given(problems(), st.booleans(), st.booleans(), st.booleans())
def test_conv_transpose_spreads_what_conv_gathers(problem, given_padding, first, double):
    _, kernel, strides, padding, dilation = problem
    padding = "valid" if padding == "causal" else padding
    rank, (filters, channels) = len(strides), kernel.shape[-2:]
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, *range(2, 2 + rank), channels))
    extra = tuple(s - 1 for s in strides) if given_padding else None
    sizes, whole, cuts = [], [], []
    for axis, (n, s) in enumerate(zip(x.shape[1:], strides)):
        r = (kernel.shape[axis] - 1) * dilation[axis] + 1
        if padding == "valid":
            size = (n - 1) * s + (max(r, s) if extra is None else r + extra[axis])
        else:
            size = n * s if extra is None else (n - 1) * s + r % 2 + extra[axis]
        # What sticks out is cut off at both ends, the odd place behind; the rest is zero.
        over = (n - 1) * s + r - size
        sizes.append(size)
        whole.append((n - 1) * s + r)
        cuts.append(max(over, 0) // 2 if padding == "same" else 0)
    if min(sizes) < 1:
        return
    y = np.zeros((2, *(max(a, b) for a, b in zip(whole, sizes)), filters))
    for place in np.ndindex(*x.shape[1:-1]):
        for tap in np.ndindex(*kernel.shape[:-2]):
            at = tuple(p * s + t * d for p, s, t, d in zip(place, strides, tap, dilation))
            y[(slice(None), *at)] += x[(slice(None), *place)] @ kernel[tap].T
    expected = y[(slice(None), *(slice(c, c + n) for c, n in zip(cuts, sizes)))]
    bias = np.arange(filters) + 0.5
    with jax.enable_x64(double):
        run = jax.jit(
            lambda x, kernel, bias: ops.conv_transpose(
                x, kernel, strides, padding, extra, FIRST if first else None, dilation, bias
            )
        )
        got = run(np.moveaxis(x, -1, 1) if first else x, kernel, bias)
    got = np.moveaxis(got, 1, -1) if first else got
    np.testing.assert_allclose(got, expected + bias, atol=1e-10 if double else 1e-4)


PADDINGS = ["valid", "same"]


@pytest.mark.parametrize("padding", PADDINGS)
def test_conv_transpose_agrees_with_keras(padding):
    import keras

    assert keras.backend.backend() == "jax"
    rng = np.random.default_rng(1)
    for k, s, d, n in [(1, 3, 1, 3), (2, 2, 1, 4), (3, 2, 1, 3), (4, 3, 1, 2), (3, 1, 2, 4),
                       (2, 2, 2, 3), (5, 3, 2, 2)]:  # fmt: skip
        x, kernel = rng.normal(size=(1, n, 2)), rng.normal(size=(k, 3, 2))
        x, kernel = x.astype("float32"), kernel.astype("float32")
        for extra in [None, *range(s)]:
            arguments = (s, padding, extra, None, d)
            if padding == "same" and extra is not None and (n - 1) * s + extra < 1:
                continue
            expected = keras.ops.conv_transpose(x, kernel, *arguments)
            got = ops.conv_transpose(x, kernel, *arguments)
            np.testing.assert_allclose(got, expected, atol=1e-5, err_msg=f"{(k, *arguments)}")


def test_gradients_agree_with_finite_differences():
    rng = np.random.default_rng(0)
    x, kernel, bias = (
        rng.normal(size=(2, 5, 4, 4)),
        rng.normal(size=(3, 2, 2, 4)),
        rng.normal(size=4),
    )
    functions = {
        "conv": lambda x, k, b: ops.conv(x, k, (2, 1), "same", None, 1, b),
        "dilated": lambda x, k, b: ops.conv(x, k, 1, "same", None, (1, 2), b),
        "depthwise": lambda x, k, b: ops.depthwise_conv(x, k.reshape(3, 2, 4, 2), (1, 2)) * b[0],
        "transpose": lambda x, k, b: ops.conv_transpose(x, k.reshape(3, 2, 2, 4), 2) + b[:2],
    }  # fmt: skip
    with jax.enable_x64(True):
        arrays = tuple(jnp.asarray(a) for a in (x, kernel, bias))
        for function in functions.values():
            check_grads(jax.jit(function), arrays, 1, ["rev"])


def test_a_relu_passes_gradients_where_outputs_are_positive():
    rng = np.random.default_rng(0)
    x, kernel, bias = (
        rng.normal(size=(2, 5, 4, 2)),
        rng.normal(size=(3, 3, 2, 3)),
        rng.normal(size=3),
    )
    direction = rng.normal(size=(2, 3, 2, 3))

    def loss(x, kernel, bias, fused):
        y = ops.conv(x, kernel, bias=bias, relu=fused)
        return ((y if fused else jnp.maximum(y, 0)) * direction).sum()

    with jax.enable_x64(True):
        arrays = tuple(jnp.asarray(a) for a in (x, kernel, bias))
        fused, apart = (
            jax.jit(jax.grad(loss, (0, 1, 2)), static_argnums=3)(*arrays, f) for f in (True, False)
        )
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-10), fused, apart)


@pytest.mark.parametrize(
    ("x", "kernel", "expected"),
    [
        ("float32", "float32", "float32"),
        ("bfloat16", "bfloat16", "bfloat16"),
        ("bfloat16", "float32", "float32"),
        ("uint8", "float32", "float32"),
        ("int32", "float16", "float16"),
        ("bool", "int32", "float32"),
    ],
)
def test_dtypes(x, kernel, expected):
    x, kernel = jnp.ones((1, 4, 4, 2), x), jnp.ones((2, 2, 2, 2), kernel)
    for got in (ops.conv(x, kernel, bias=[1, 2]), ops.depthwise_conv(x, kernel),
                ops.conv_transpose(x, kernel)):  # fmt: skip
        assert got.dtype == expected
    assert (ops.conv(x, kernel) == 8).all()  # 2 * 2 taps, 2 channels


def test_a_batch_may_be_empty():
    assert ops.conv(np.ones((0, 4, 4, 2)), np.ones((2, 2, 2, 3))).shape == (0, 3, 3, 3)


def test_symbolic_inputs():
    kernel = np.arange(12.0, dtype="float32").reshape(2, 2, 1, 3)
    inputs = Input((None, 5, 1))
    outputs = ops.conv(inputs, kernel, 2, "same")
    assert outputs.shape == (None, None, 3, 3)
    x = np.random.default_rng(0).normal(size=(2, 4, 5, 1)).astype("float32")
    got = Model(inputs, outputs).predict(x, verbose=0)
    np.testing.assert_allclose(got, ops.conv(x, kernel, 2, "same"), atol=1e-5)
    with pytest.raises(ShapeError, match="does not fit"):
        ops.conv(Input((None, 1, 1)), kernel)


def test_under_vmap_and_jit():
    rng = np.random.default_rng(0)
    x, kernels = rng.normal(size=(2, 5, 5, 2)), rng.normal(size=(3, 3, 3, 2, 4))
    run = jax.jit(jax.vmap(lambda k: ops.conv(x, k, padding="same")))
    for got, kernel in zip(run(kernels), kernels):
        np.testing.assert_allclose(got, ops.conv(x, kernel, padding="same"), atol=1e-4)


X, K = np.ones((1, 5, 5, 4)), np.ones((3, 3, 4, 6))


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: ops.conv(X[0, 0], K), ShapeError, "3, 4 or 5 axes"),
        (lambda: ops.conv(X, K[0]), ShapeError, "has 4 axes"),
        (lambda: ops.conv(X, np.ones((6, 1, 4, 2))), ShapeError, "does not fit into"),
        (lambda: ops.conv(X, K, dilation_rate=3), ShapeError, "dilation"),
        (lambda: ops.conv(X, np.ones((3, 3, 3, 6))), ShapeError, "takes 3 channels"),
        (lambda: ops.conv(X, np.ones((3, 3, 2, 5))), ShapeError, "divide its 5 filters"),
        (lambda: ops.conv(X, np.ones((3, 3, 0, 5))), ShapeError, "takes 0 channels"),
        (lambda: ops.conv(X[..., :0], K), ShapeError, "0"),
        (lambda: ops.conv(X, np.ones((0, 3, 4, 5))), ConfigError, "kernel_size is a whole number"),
        (lambda: ops.conv(X, K, strides=0), ConfigError, "strides"),
        (lambda: ops.conv(X, K, strides=(1, 1, 1)), ConfigError, "strides"),
        (lambda: ops.conv(X, K, strides=1.5), ConfigError, "strides"),
        (lambda: ops.conv(X, K, padding="full"), ConfigError, "padding"),
        (lambda: ops.conv(X, K, padding="causal"), ConfigError, "padding"),
        (lambda: ops.conv(X, K, padding=((1, 1),)), ConfigError, "padding"),
        (lambda: ops.conv(X, K, padding=((1, -1), (0, 0))), ConfigError, "padding of an axis"),
        (lambda: ops.conv(X, K, padding=("same", "same")), ConfigError, "padding of an axis"),
        (lambda: ops.conv(X, K, data_format="NHWC"), ConfigError, "data_format"),
        (lambda: ops.conv(X, K, dilation_rate=-1), ConfigError, "dilation_rate"),
        (lambda: ops.conv(X, K, bias=np.ones(5)), ShapeError, "6 filters"),
        (lambda: ops.depthwise_conv(X, np.ones((3, 3, 3, 1))), ShapeError, "3 channels"),
        (lambda: ops.separable_conv(X, K, np.ones((2, 1, 24, 6))), ShapeError, "has size 1 along"),
        (lambda: ops.separable_conv(X, K, np.ones((1, 1, 12, 6))), ShapeError, "12 channels"),
        (lambda: ops.conv_transpose(X, K), ShapeError, "6 channels"),
        (lambda: ops.conv_transpose(X, X, 2, "causal"), ConfigError, "'valid', 'same'"),
        (lambda: ops.conv_transpose(X, X, 2, "same", 2), ConfigError, "less than the strides"),
        (lambda: ops.conv_transpose(X, X, 2, "same", -1), ConfigError, "output_padding"),
        (lambda: ops.conv_transpose(X[:, :1], np.ones((2, 1, 1, 4)), 1, "same", 0),
         ShapeError, "nothing left"),
        (lambda: ops.conv_transpose(X[:, :0], X), ShapeError, "nothing left"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(make, error, words):
    with pytest.raises(error, match=words):
        make()
