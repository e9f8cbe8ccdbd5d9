"""Attention against the formula in float64, plainly and in blocks."""

import dataclasses
import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum import ops
from maeum.core.errors import ConfigError, ShapeError
from maeum.ops.kernels import attention as kernel
from maeum.ops.kernels.attention import Terms


def reference(q, k, v, bias=None, mask=None, scale=None, is_causal=False, cap=None):
    """Loop over everything, in float64."""
    q, k, v = (np.asarray(x, "float64") for x in (q, k, v))
    (batch, length, heads, depth), keys = q.shape, k.shape[1]
    group = heads // k.shape[2]
    full = (batch, heads, length, keys)
    bias = np.zeros(full) if bias is None else np.broadcast_to(bias, full)
    mask = np.ones(full, bool) if mask is None else np.broadcast_to(mask, full)
    out = np.zeros((batch, length, heads, v.shape[-1]))
    p = np.zeros(full)
    for b, h, t in np.ndindex(batch, heads, length):
        s = k[b, :, h // group] @ q[b, t, h] * (depth**-0.5 if scale is None else scale)
        s = s if cap is None else s / (1 + abs(s) / cap)
        seen = mask[b, h, t] & ((np.arange(keys) <= t) | (not is_causal))
        e = np.where(seen, np.exp(s + bias[b, h, t]), 0)
        p[b, h, t] = e / (e.sum() or 1)
        out[b, t, h] = p[b, h, t] @ v[b, :, h // group]
    return out, p


@st.composite
def problems(draw):
    batch, groups, per_group = (draw(st.integers(1, n)) for n in (2, 2, 3))
    length, keys = (draw(st.integers(1, 9)) for _ in range(2))
    heads, depth, value_depth = groups * per_group, draw(st.integers(1, 4)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 99)))

    def broadcast(what):
        axes = (batch, heads, length, keys)
        shape = [draw(st.sampled_from([1, n])) for n in axes][draw(st.integers(0, 2)) :]
        made = rng.normal(size=shape) if what == "bias" else rng.random(shape) < 0.7
        return made if draw(st.booleans()) else None

    q, k, v = (
        rng.normal(size=s)
        for s in ((batch, length, heads, depth), (batch, keys, groups, depth),
                  (batch, keys, groups, value_depth))
    )  # fmt: skip
    return (
        q,
        k,
        v,
        {
            "bias": broadcast("bias"),
            "mask": broadcast("mask"),
            "scale": draw(st.sampled_from([None, 0.7])),
            "is_causal": draw(st.booleans()),
            "cap": draw(st.sampled_from([None, 1.5])),
        },
    )


@settings(max_examples=8)
@given(problem=problems())
def test_the_formula(problem):
    q, k, v, options = problem
    with jax.enable_x64(True):
        expected, weights = reference(q, k, v, **options)
        cap = options.pop("cap")
        options["attn_logits_soft_cap"] = cap

        @jax.jit
        def both(q, k, v):
            return (
                ops.dot_product_attention(q, k, v, **options),
                ops.attention_weights(q, k, **options),
            )

        got = both(q, k, v)
        np.testing.assert_allclose(got[0], expected, atol=1e-10)
        np.testing.assert_allclose(got[1], weights, atol=1e-10)


@settings(max_examples=4)
@given(problem=problems(), block=st.integers(2, 4))
def test_blocks_give_the_same_and_so_do_their_gradients(problem, block):
    q, k, v, o = problem
    with jax.enable_x64(True):
        full = (None if o[n] is None else o[n].reshape((1,) * (4 - o[n].ndim) + o[n].shape)
                for n in ("bias", "mask"))  # fmt: skip
        bias, mask = full
        terms = Terms(bias, mask, 0.6, o["is_causal"], o["cap"])

        def loss(way, q, k, v, bias, **options):
            out = way(q, k, v, dataclasses.replace(terms, bias=bias), **options)
            return (out * jnp.cos(jnp.arange(out.size)).reshape(out.shape)).sum()

        by = (1, 2, 3) if bias is None else (1, 2, 3, 4)
        run = jax.jit(jax.value_and_grad(loss, by), static_argnums=0, static_argnames="block")
        expected, slopes = run(kernel.plain, q, k, v, bias)
        got, ours = run(kernel.blocked, q, k, v, bias, block=block)
        np.testing.assert_allclose(got, expected, atol=1e-10)
        for one, two in zip(ours, slopes):
            np.testing.assert_allclose(one, two, atol=1e-10)


@settings(max_examples=6)
@given(problem=problems())
def test_the_way_of_a_gpu_gives_the_same(problem):
    q, k, _, o = problem
    q, k, v = (x.astype("float32") for x in (q, k, 2 * k + 1))
    bias, mask = (
        None if o[n] is None else o[n].reshape((1,) * (4 - o[n].ndim) + o[n].shape)
        for n in ("bias", "mask")
    )
    bias = None if bias is None else bias.astype("float32")
    terms = Terms(bias, mask, 0.6, o["is_causal"], None)
    got = jax.jit(lambda *a: kernel.on_device(*a, terms, 0.0, None))(q, k, v)
    np.testing.assert_allclose(got, kernel.plain(q, k, v, terms), atol=1e-5)


def small(length=7, seed=0, heads=2):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(2, length, heads, 3)).astype("float32") for _ in range(3)]


@pytest.mark.parametrize("way", ["plain", "blocked"])
def test_second_derivatives_and_vmap(way):
    terms = Terms(None, None, 0.5, True, None)
    options = {"block": 4} if way == "blocked" else {}

    def loss(q, k, v):
        return (getattr(kernel, way)(q, k, v, terms, **options) ** 2).sum()

    with jax.enable_x64(True):
        q, k, v = (x.astype("float64") for x in small(5))
        direction = np.ones_like(q)
        slope = jax.grad(lambda q: (jax.grad(loss)(q, k, v) * direction).sum())
        step = 1e-5
        ends = [jax.grad(loss)(q + sign * step * direction, k, v) for sign in (1, -1)]
        np.testing.assert_allclose(slope(q), (ends[0] - ends[1]) / (2 * step), atol=1e-7)
        several = np.stack([q, 2 * q])
        got = jax.jit(jax.vmap(jax.grad(loss), (0, None, None)))(several, k, v)
        for one, q_i in zip(got, several):
            np.testing.assert_allclose(one, jax.grad(loss)(q_i, k, v), atol=1e-12)


def test_a_query_that_sees_nothing_gets_zeros_and_no_gradient_is_nan():
    q, k, v = small()
    mask = np.ones((2, 1, 7, 7), bool)
    mask[0, :, 2] = False

    for flash in (False, True):

        def out(q, k, v, flash=flash):
            return ops.dot_product_attention(q, k, v, mask=mask, flash_attention=flash)

        got = out(q, k, v)
        assert (np.asarray(got[0, 2]) == 0).all()
        assert (np.asarray(got[1, 2]) != 0).all()
        slopes = jax.grad(lambda *a: out(*a).sum(), (0, 1, 2))(q, k, v)
        assert all(np.isfinite(s).all() for s in slopes)


def test_no_output_depends_on_later_inputs():
    q, k, v = small(6)
    for flash in (False, True):
        before = ops.dot_product_attention(q, k, v, is_causal=True, flash_attention=flash)
        later = [x.copy() for x in (q, k, v)]
        for x in later:
            x[:, 4:] += 3
        after = ops.dot_product_attention(*later, is_causal=True, flash_attention=flash)
        np.testing.assert_array_equal(before[:, :4], after[:, :4])
        assert (np.asarray(before[:, 4:]) != np.asarray(after[:, 4:])).all()


def test_long_sequences_are_computed_in_blocks(monkeypatch):
    seen = []
    monkeypatch.setattr(kernel, "blocked", lambda *a: seen.append("blocked") or a[2])
    x, bias = np.zeros((1, 64, 1, 1), "float32"), np.zeros((64, 64), "float32")
    ops.dot_product_attention(x, x, x, bias=bias)  # which the native kernels do not know
    ops.dot_product_attention(x, x, x, bias=bias, flash_attention=False)
    assert seen == ["blocked"]


@pytest.mark.parametrize("flash", [False, True])
def test_dropout_follows_its_key_and_keeps_the_mean(flash):
    rng = np.random.default_rng(0)
    q, k = (rng.normal(size=(8, 40, 2, 4)).astype("float32") for _ in range(2))
    v = np.ones((8, 40, 2, 1), "float32")

    def draw(key):
        return ops.dot_product_attention(
            q, k, v, dropout=0.25, dropout_key=jax.random.PRNGKey(key), flash_attention=flash
        )

    np.testing.assert_array_equal(draw(1), draw(1))
    assert not np.array_equal(draw(1), draw(2))
    # Of 640 sums with mean 1, each over at least some weights: 4 standard errors.
    assert abs(np.mean(draw(1)) - 1) < 4 * np.std(draw(1)) / 640**0.5
    with pytest.raises(ConfigError, match="dropout_key"):
        ops.dot_product_attention(q, k, v, dropout=0.25)


def test_dropout_in_blocks_goes_backwards_through_what_it_kept():
    with jax.enable_x64(True):
        q, k, v = (x.astype("float64") for x in small(6))
        terms, key = Terms(None, None, 0.5, True, None), jax.random.PRNGKey(3)

        def loss(q, k, v):
            return (kernel.blocked(q, k, v, terms, 0.3, key, block=4) ** 2).sum()

        for by in range(3):
            slope = jax.grad(loss, by)(q, k, v)
            rng = np.random.default_rng(by)
            direction = rng.normal(size=q.shape)
            ends = []
            for sign in (1, -1):
                moved = [q, k, v]
                moved[by] = moved[by] + sign * 1e-6 * direction
                ends.append(loss(*moved))
            expected = (ends[0] - ends[1]) / 2e-6
            np.testing.assert_allclose((slope * direction).sum(), expected, rtol=1e-6)


def test_half_precision_stays_half():
    q, k, v = (x.astype("float16") for x in small())
    for flash in (False, True):
        got = ops.dot_product_attention(q, k, v, flash_attention=flash, is_causal=True)
        assert got.dtype == np.float16
        expected, _ = reference(q, k, v, is_causal=True)
        np.testing.assert_allclose(got, expected, atol=5e-3)


def test_as_keras_computes_it():
    import keras

    q, k, v = small()
    mask = np.tril(np.ones((7, 7), bool))
    bias = np.linspace(0, 1, 49, dtype="float32").reshape(1, 1, 7, 7)
    got = ops.dot_product_attention(q, k, v, bias, mask, 0.4)
    expected = keras.ops.dot_product_attention(q, k, v, bias, mask[None, None], 0.4)
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_no_keys_and_no_queries():
    x, none = np.ones((1, 3, 1, 2), "float32"), np.ones((1, 0, 1, 2), "float32")
    assert ops.dot_product_attention(none, x, x, flash_attention=True).shape == (1, 0, 1, 2)
    assert (
        ops.dot_product_attention(x, none, none, flash_attention=True).tolist() == (x * 0).tolist()
    )
    assert ops.dot_product_attention(x, none, none).tolist() == (x * 0).tolist()


def test_arrays_that_do_not_fit_are_named():
    x = np.ones((2, 5, 4, 3), "float32")
    for arguments, words in (
        ((x[0], x, x), "batch, length, heads, depth"),
        ((x, x, x[:, :4]), "value for every key"),
        ((x, x[:1], x[:1]), "same depth"),
        ((x, x[..., :2], x), "same depth"),
        ((x, x[:, :, :3], x[:, :, :3]), "heads divide those"),
        ((x, x, x, None, np.ones((2, 1, 5, 4), bool)), "mask of attention broadcasts"),
        ((x, x, x, np.ones((3, 5, 5))), "bias of attention broadcasts"),
    ):
        with pytest.raises(ShapeError, match=words):
            ops.dot_product_attention(*arguments)
