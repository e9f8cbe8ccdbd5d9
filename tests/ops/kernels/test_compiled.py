"""The native convolution against loops over taps in float64, for every instruction set."""

import itertools
import math
import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum import native, ops
from maeum.core.errors import MaeumError
from maeum.ops.kernels import choice, compiled, matmul
from maeum.ops.windows import Window, resolve

pytestmark = pytest.mark.skipif(not native.status().present, reason=native.status().reason)


def taps_of(x, window, sizes):
    """Yield, for every tap, its index and the inputs under it, (batch, *outputs, channels)."""
    padded = np.pad(x, [(0, 0), *window.pads, (0, 0)])
    for tap in itertools.product(*map(range, window.size)):
        cut = [
            slice(t * d, t * d + (n - 1) * s + 1, s)
            for t, d, n, s in zip(tap, window.dilation, sizes, window.strides)
        ]
        yield tap, (slice(None), *cut), padded


def plain(x, kernel, bias, dy, window, relu):
    """Return the output and the gradients of a convolution, in float64."""
    x, kernel, dy = (np.asarray(a, np.float64) for a in (x, kernel, dy))
    sizes, groups = window.output_sizes(x.shape[1:-1]), window.groups
    own, filters = kernel.shape[-2], kernel.shape[-1] // groups

    def split(a, n):
        return a.reshape(*a.shape[:-1], groups, n)

    y = np.zeros((*dy.shape[:-1], groups, filters))
    for tap, cut, padded in taps_of(x, window, sizes):
        y += np.einsum("...gc,cgo->...go", split(padded[cut], own), split(kernel[tap], filters))
    y = y.reshape(dy.shape) + (0 if bias is None else np.asarray(bias, np.float64))
    if relu:
        y = np.maximum(y, 0)
        dy = np.where(y > 0, dy, 0)
    dkernel = np.zeros((*kernel.shape[:-1], groups, filters))
    dpadded = np.zeros(np.pad(x, [(0, 0), *window.pads, (0, 0)]).shape)
    for tap, cut, padded in taps_of(x, window, sizes):
        under = split(padded[cut], own)
        dz = split(dy, filters)
        dkernel[tap] = (
            np.tensordot(under, dz, [range(under.ndim - 2)] * 2)
            .diagonal(axis1=0, axis2=2)
            .transpose(0, 2, 1)
            if groups > 1
            else np.tensordot(under[..., 0, :], dz[..., 0, :], [range(under.ndim - 2)] * 2)[:, None]
        )
        back = np.einsum("...go,cgo->...gc", dz, split(kernel[tap], filters))
        dpadded[cut] += back.reshape(*back.shape[:-2], -1)
    inner = [slice(low, low + n) for (low, _), n in zip(window.pads, x.shape[1:-1])]
    dbias = dy.sum(tuple(range(dy.ndim - 1)))
    return y, (dpadded[(slice(None), *inner)], dkernel.reshape(kernel.shape), dbias)


@st.composite
def convolutions(draw):
    """Draw the batch, the sizes of the grid, the channels and a window that fits."""
    rank = draw(st.integers(1, 3))
    most = {1: 40, 2: 14, 3: 6}[rank]

    def axis(low, high):
        return tuple(draw(st.integers(low, high)) for _ in range(rank))

    sizes, size, strides, dilation = axis(1, most), axis(1, 4), axis(1, 3), axis(1, 2)
    pads = tuple((draw(st.integers(0, 3)), draw(st.integers(0, 3))) for _ in range(rank))
    groups = draw(st.sampled_from([1, 1, 1, 2, 3]))
    padding = draw(st.sampled_from(["same", pads]))
    try:
        window = resolve(sizes, size, strides, padding, dilation, groups)
    except MaeumError:
        window = resolve(sizes, size, strides, "same", dilation, groups)
    channels = draw(st.sampled_from([1, 2, 3, 5, 8, 16, 20])) * groups
    filters = draw(st.sampled_from([1, 3, 8, 16, 17, 33, 70])) * groups
    return draw(st.sampled_from([1, 2, 7, 33])), sizes, channels, filters, window


def check(n, sizes, channels, filters, window, relu=False, biased=True):
    """Compare the native kernels with the plain loops."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, *sizes, channels)).astype("float32")
    own = channels // window.groups
    spread = math.sqrt(math.prod(window.size) * own)
    kernel = (rng.normal(size=(*window.size, own, filters)) / spread).astype("float32")
    bias = rng.normal(size=filters).astype("float32") if biased else None
    dy = rng.normal(size=(n, *window.output_sizes(sizes), filters)).astype("float32")
    y, gradients = plain(x, kernel, bias, dy, window, relu)
    operands = (x, kernel, bias) if biased else (x, kernel)

    def ours(x, kernel, bias=None):
        return compiled.convolve(x, kernel, bias, window, relu)

    got, back = jax.vjp(ours, *map(jnp.asarray, operands))
    np.testing.assert_allclose(got, y, atol=1e-5)
    for one, two in zip(back(jnp.asarray(dy)), gradients):
        np.testing.assert_allclose(one, two, atol=1e-5 * max(1, np.abs(two).max()))
    # The kernel's gradient alone is another call, and so is the transposed convolution.
    (alone,) = jax.vjp(lambda kernel: ours(x, kernel, *operands[2:]), kernel)[1](jnp.asarray(dy))
    np.testing.assert_allclose(alone, gradients[1], atol=1e-5 * max(1, np.abs(alone).max()))
    if not relu:
        spread_out = compiled.convolve_transposed(dy, kernel, None, window, sizes)
        np.testing.assert_allclose(
            spread_out, gradients[0], atol=1e-5 * max(1, np.abs(gradients[0]).max())
        )


@settings(max_examples=25)
@given(convolutions(), st.booleans(), st.booleans())
def test_drawn_convolutions_agree_with_float64(drawn, relu, biased):
    check(*drawn, relu=relu, biased=biased)


CASES = {
    "3x3 taps, fewer multiplications": (9, (11, 10), 48, 80, (3, 3), (1, 1), ((2, 2), (0, 1))),
    "3x3 taps, same": (8, (14, 14), 16, 32, (3, 3), (1, 1), "same"),
    "3x3 taps, one picture": (1, (56, 40), 32, 16, (3, 3), (1, 1), "same"),
    "large kernel, small grid": (16, (2, 2), 160, 224, (3, 3), (1, 1), "same"),
    "one tap": (8, (9, 9), 64, 128, (1, 1), (1, 1), "valid"),
    "one tap, large kernel": (4, (2, 2), 256, 520, (1, 1), (2, 2), "valid"),
    "large steps": (3, (29, 31), 3, 24, (7, 7), (4, 3), "same"),
    "few outputs": (5, (12, 12), 40, 3, (3, 3), (2, 2), "same"),
    "a long series": (2, (5000,), 2, 4, (5,), (1,), "same"),
    "one large picture": (1, (300, 310), 3, 8, (5, 5), (1, 1), "same"),
}


@pytest.mark.parametrize("case", CASES)
def test_each_way_through_the_kernels_agrees_with_float64(case):
    n, sizes, channels, filters, size, strides, padding = CASES[case]
    window = resolve(sizes, size, strides, padding, (1,) * len(sizes))
    check(n, sizes, channels, filters, window, relu=len(case) % 2 == 0)


# The last are what all other tests here run with, where the processor has them.
@pytest.mark.parametrize("instructions", ["plain", "avx512", "avx2"])
def test_every_instruction_set_agrees_with_float64(instructions):
    code = f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r})\n" + (
        "import test_compiled as t\n"
        "for case in t.CASES:\n"
        "    if 'large p' not in case and 'long' not in case:\n"
        "        t.test_each_way_through_the_kernels_agrees_with_float64(case)\n"
        "print(t.native.status().instruction_set)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"MAEUM_NATIVE": instructions},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    # A processor without the instructions takes the plain ones.
    assert run.stdout.split() in ([instructions], ["plain"])


SMALL = resolve((6, 5), (3, 2), (1, 2), "same", (1, 1))


def small(seed, *shape):
    return jnp.asarray(np.random.default_rng(seed).normal(size=shape), "float32")


X, KERNEL, BIAS = small(0, 3, 6, 5, 4), small(1, 3, 2, 4, 5) / 5, small(2, 5)


@pytest.mark.parametrize("axes", [(0, None, None), (None, 0, None), (0, 0, 0)])
def test_vmap_gives_what_each_gives_alone(axes):
    many = [
        jnp.stack([a, 2 * a, -a]) if axis == 0 else a for a, axis in zip((X, KERNEL, BIAS), axes)
    ]

    def loss(x, kernel, bias):
        return (compiled.convolve(x, kernel, bias, SMALL, True) ** 2).sum()

    gradients = jax.jit(jax.vmap(jax.grad(loss, (0, 1, 2)), axes))(*many)
    for i in range(3):
        alone = jax.grad(loss, (0, 1, 2))(*(a[i] if x == 0 else a for a, x in zip(many, axes)))
        jax.tree.map(lambda a, b, i=i: np.testing.assert_array_equal(a[i], b), gradients, alone)


@pytest.mark.parametrize("relu", [False, True])
def test_second_derivatives_are_those_of_the_plain_formulation(relu):
    def penalty(convolve):
        def loss(x, kernel):
            return (convolve(x, kernel) ** 2).sum()

        def size_of_slope(x, kernel):
            dx, dkernel = jax.grad(loss, (0, 1))(x, kernel)
            return (dx**2).sum() + (dkernel**3).sum()

        return jax.grad(size_of_slope, (0, 1))(X, KERNEL)

    def by_products(x, kernel):
        y = matmul.convolve(x, kernel, SMALL) + BIAS
        return jax.nn.relu(y) if relu else y

    got = penalty(lambda x, kernel: compiled.convolve(x, kernel, BIAS, SMALL, relu))
    for one, two in zip(got, penalty(by_products)):
        np.testing.assert_allclose(one, two, rtol=2e-4, atol=1e-4 * np.abs(two).max())


def test_the_gradient_of_a_slope_agrees_with_finite_differences():
    def outputs(x, kernel):
        return jnp.tanh(compiled.convolve(x, kernel, BIAS, SMALL, False))

    def size_of_slope(kernel):  # as penalties of discriminators have it
        return (jax.grad(lambda x: outputs(x, kernel).sum())(X) ** 2).sum()

    direction = small(9, *KERNEL.shape)
    step = 3e-3
    two, one = (float(size_of_slope(KERNEL + sign * step * direction)) for sign in (1, -1))
    got = float((jax.grad(size_of_slope)(KERNEL) * direction).sum())
    assert got == pytest.approx((two - one) / (2 * step), rel=3e-3)
    program = jax.jit(jax.grad(size_of_slope)).lower(KERNEL).as_text()
    assert "dot_general" not in program  # all of it by the kernels


def test_a_transposed_convolution_has_the_gradients_of_the_plain_formulation():
    y = compiled.convolve(X, KERNEL, None, SMALL, False)

    def loss(way):
        return jax.grad(lambda y, k: (way(y, k) ** 2).sum(), (0, 1))(y, KERNEL)

    got = loss(lambda y, k: compiled.convolve_transposed(y, k, None, SMALL, (6, 5)))
    expected = loss(lambda y, k: matmul.convolve_transposed(y, k, SMALL, (6, 5)))
    for one, two in zip(got, expected):
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-4)


def test_a_loop_gives_what_single_calls_give():
    def step(x):
        return compiled.convolve(
            x, KERNEL[..., :4], None, resolve((6, 5), (3, 2), (1, 1), "same", (1, 1)), True
        )

    looped = jax.jit(lambda x: jax.lax.fori_loop(0, 3, lambda _, x: step(x), x))(X)
    np.testing.assert_array_equal(looped, step(step(step(X))))


def test_the_same_call_gives_the_same_bits():
    window = resolve((28, 28), (3, 3), (1, 1), "same", (1, 1))
    x, kernel = small(0, 64, 28, 28, 16), small(1, 3, 3, 16, 16)
    slope = jax.jit(jax.grad(lambda k: (compiled.convolve(x, k, None, window, True) ** 2).sum()))
    first = slope(kernel)
    for _ in range(5):
        np.testing.assert_array_equal(slope(kernel), first)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_is_computed_in_single_precision(dtype):
    x, kernel = X.astype(dtype), KERNEL.astype(dtype)
    got = ops.conv(x, kernel, padding="same", bias=BIAS.astype(dtype))
    assert got.dtype == dtype
    single = ops.conv(
        x.astype("float32"),
        kernel.astype("float32"),
        padding="same",
        bias=BIAS.astype(dtype).astype("float32"),
    )
    np.testing.assert_array_equal(got, single.astype(dtype))
    slope = jax.grad(lambda k: ops.conv(x, k).astype("float32").sum())(kernel)
    assert slope.dtype == dtype


def test_nan_and_infinity_go_through():
    x = X.at[0, 2, 2, 1].set(jnp.nan)
    y = compiled.convolve(x, KERNEL, BIAS, SMALL, True)
    assert np.isnan(y[0]).any()
    assert np.isfinite(y[1:]).all()


@pytest.mark.parametrize("shape", [(0, 6, 5, 4), (2, 6, 5, 0)])
def test_empty_arrays_are_left_to_the_plain_formulation(shape):
    kernel = jnp.zeros((3, 2, shape[-1], 5))
    y = choice.convolve(jnp.zeros(shape), kernel, BIAS, SMALL)
    assert y.shape == (shape[0], 6, 3, 5)
    np.testing.assert_array_equal(y, jnp.broadcast_to(BIAS, y.shape))


def test_samples_too_large_for_32_bits_are_left_to_the_plain_formulation():
    window = Window((1, 1), (1, 1), ((0, 0), (0, 0)), (1, 1))
    x = jax.ShapeDtypeStruct((1, 2**15, 2**15, 2), jnp.float32)
    kernel = jax.ShapeDtypeStruct((1, 1, 2, 1), jnp.float32)
    program = jax.jit(lambda x, k: choice.convolve(x, k, None, window)).lower(x, kernel)
    assert "MaeumConvolution" not in program.as_text()


@pytest.mark.soak
def test_arrays_of_more_than_two_gigabytes():
    rng = np.random.default_rng(0)
    part = rng.normal(size=(10, 1000, 1000, 1)).astype("float32")
    x = jnp.concatenate([jnp.asarray(part)] * 58)  # 2.3 GB
    kernel = rng.normal(size=(3, 3, 1, 2)).astype("float32")
    window = resolve((1000, 1000), (3, 3), (3, 3), "same", (1, 1))
    y, back = jax.vjp(lambda x: compiled.convolve(x, kernel, None, window, False), x)
    alone, back_alone = jax.vjp(lambda x: compiled.convolve(x, kernel, None, window, False), part)
    np.testing.assert_array_equal(y[-10:], alone)
    np.testing.assert_array_equal(back(y)[0][-10:], back_alone(alone)[0])
