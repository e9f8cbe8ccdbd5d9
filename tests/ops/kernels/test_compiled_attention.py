"""The native kernels of attention, against the plain formula in float64."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum import native, ops
from maeum.ops.kernels import attention, choice, compiled_attention

pytestmark = pytest.mark.skipif(not native.status().present, reason=native.status().reason)


def numbers(rng, *shape):
    return rng.normal(size=shape).astype("f")


def terms(mask=None, causal=False, scale=0.3, bias=None, soft_cap=None):
    return attention.Terms(bias, mask, scale, causal, soft_cap)


def exact(q, k, v, dout, mask, causal, scale=0.3):
    """Return the outputs and the gradients by queries, keys and values, in float64."""
    q, k, v, dout = (x.astype(np.float64) for x in (q, k, v, dout))
    group = q.shape[2] // k.shape[2]
    wide_k, wide_v = (np.repeat(x, group, 2) for x in (k, v))
    scores = scale * np.einsum("bthd,bshd->bhts", q, wide_k)
    seen = np.ones(scores.shape, bool) if mask is None else np.broadcast_to(mask, scores.shape)
    seen = seen & np.tri(*scores.shape[2:], dtype=bool) if causal else seen
    most = np.where(seen, scores, -1e300).max(-1, keepdims=True)
    p = np.where(seen, np.exp(np.where(seen, scores - most, 0)), 0)
    total = p.sum(-1, keepdims=True)
    p = p / np.where(total > 0, total, 1)
    dp = np.einsum("bthd,bshd->bhts", dout, wide_v)
    ds = scale * p * (dp - (p * dp).sum(-1, keepdims=True))

    def of_group(x):
        return x.reshape(*k.shape[:3], group, -1).sum(3)

    return (
        np.einsum("bhts,bshd->bthd", p, wide_v),
        np.einsum("bhts,bshd->bthd", ds, wide_k),
        of_group(np.einsum("bhts,bthd->bshd", ds, q)),
        of_group(np.einsum("bhts,bthd->bshd", p, dout)),
    )


def check(q, k, v, dout, mask, causal):
    out, transpose = jax.vjp(
        lambda q, k, v: compiled_attention.attend(q, k, v, terms(mask, causal)), q, k, v
    )
    for got, wanted in zip((out, *transpose(dout)), exact(q, k, v, dout, mask, causal)):
        # Gradients are differences of products, and 0 where these cancel.
        products = np.abs(dout).max() * np.abs(v).max() * v.shape[-1] ** 0.5
        scale = max(1, np.abs(wanted).max(), products)
        np.testing.assert_allclose(got, wanted, atol=4e-6 * scale)


def problem(rng, batch, lengths, heads, groups, depths):
    queries, keys = lengths
    q = numbers(rng, batch, queries, heads * groups, depths[0])
    k = numbers(rng, batch, keys, heads, depths[0])
    v = numbers(rng, batch, keys, heads, depths[1])
    return q, k, v, numbers(rng, *q.shape[:3], depths[1])


@settings(max_examples=25)
@given(
    st.integers(1, 3),
    st.tuples(st.integers(1, 70), st.integers(1, 70)),
    st.integers(1, 2),
    st.integers(1, 3),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.sampled_from([None, (1, 0, 0, 1), (1, 1, 1, 1), (0, 1, 0, 1), (1, 0, 1, 0), (0, 0, 1, 1)]),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_any_shape(batch, lengths, heads, groups, depths, masked, causal, seed):
    rng = np.random.default_rng(seed)
    q, k, v, dout = problem(rng, batch, lengths, heads, groups, depths)
    mask = None
    if masked is not None:
        full = batch, heads * groups, *lengths
        mask = rng.random([n if there else 1 for n, there in zip(full, masked)]) < 0.6
    check(q, k, v, dout, mask, causal)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("lengths", "depths"), [((500, 410), (32, 32)), ((250, 470), (72, 130))])
def test_several_blocks_of_queries_and_of_keys(lengths, depths, causal):
    """More than 192 keys and 48 queries; a single head is divided among the threads."""
    rng = np.random.default_rng(0)
    q, k, v, dout = problem(rng, 1, lengths, 1, 1, depths)
    mask = rng.random((1, 1, *lengths)) < 0.5
    mask[..., 3:30, :] = False  # these see nothing
    mask[..., 40:60, :200] = False  # nor do these, in the first block
    for seen in None, mask:
        check(q, k, v, dout, seen, causal)


def test_a_query_that_sees_nothing_gets_zeros():
    rng = np.random.default_rng(0)
    q, k, v, dout = problem(rng, 2, (9, 9), 2, 1, (8, 8))
    mask = np.ones((2, 1, 1, 9), bool)
    mask[1] = False
    out, transpose = jax.vjp(
        lambda *x: compiled_attention.attend(*x, terms(mask, True)), *map(jnp.asarray, (q, k, v))
    )
    for array in out, *transpose(jnp.asarray(dout)):
        assert (array[1] == 0).all()
        assert (array[0] != 0).any()


def test_great_scores_do_not_overflow():
    x = np.array([1e3, -1e3, 1e4, 0], "f").reshape(1, 4, 1, 1)
    out = compiled_attention.attend(x, x, x, terms(scale=1.0))
    np.testing.assert_array_equal(out[0, :, 0, 0], [1e4, -1e3, 1e4, 2500])


def test_what_is_not_a_number_stays_that():
    rng = np.random.default_rng(0)
    q, k, v, _ = problem(rng, 1, (20, 20), 1, 1, (8, 8))
    q[0, 5] = np.nan
    k[0, 11] = np.nan
    out = np.isnan(compiled_attention.attend(q, k, v, terms(causal=True))).any((0, 2, 3))
    assert out.tolist() == [i == 5 or i >= 11 for i in range(20)]


def test_second_derivatives_and_vmap():
    rng = np.random.default_rng(0)
    q, k, v, dout = (jnp.asarray(x) for x in problem(rng, 2, (7, 6), 1, 2, (4, 3)))
    mask = rng.random((2, 1, 7, 6)) < 0.7

    def slopes(way):
        def loss(q, k, v, dout):
            return (way(q, k, v, terms(mask, True)) * dout).sum()

        def steepness(*given):
            return sum((g**2).sum() for g in jax.grad(loss, (0, 1, 2))(*given))

        return jax.jit(jax.grad(steepness, (0, 1, 2, 3)))(q, k, v, dout)

    for got, wanted in zip(slopes(compiled_attention.attend), slopes(attention.plain)):
        np.testing.assert_allclose(got, wanted, atol=1e-5 * np.abs(wanted).max())

    def gradient(q, k, v, mask):
        return jax.grad(lambda q: compiled_attention.attend(q, k, v, terms(mask)).sum())(q)

    args = tuple(x[:, None] for x in (q, k, v, mask))
    for got, wanted in zip(jax.vmap(gradient)(*args), map(gradient, *args)):
        np.testing.assert_array_equal(got, wanted)


def test_what_the_kernels_do_not_know_goes_another_way(monkeypatch):
    seen = []
    monkeypatch.setattr(compiled_attention, "attend", lambda q, *a: seen.append(q.dtype) or q)
    monkeypatch.setattr(choice, "_on_cpu", lambda: True)
    x, few, deep = np.ones((1, 9, 1, 4), "f"), np.ones((1, 7, 1, 4), "f"), np.ones((1, 9, 1, 257))
    key = jax.random.PRNGKey(0)
    ops.dot_product_attention(x, x, x, bias=np.ones((9, 9), "f"))
    ops.dot_product_attention(x, x, x, attn_logits_soft_cap=2.0)
    ops.dot_product_attention(x, x, x, dropout=0.5, dropout_key=key)
    ops.dot_product_attention(x, x, x, flash_attention=False)
    ops.dot_product_attention(few, x, x)
    ops.dot_product_attention(*[deep.astype("f")] * 3)
    ops.dot_product_attention(*[x.astype(jnp.bfloat16)] * 3)
    assert not seen
    ops.dot_product_attention(x, x, x, mask=np.ones((9, 9), bool), is_causal=True)
    ops.dot_product_attention(x, x, x, flash_attention=True)
    assert seen == [np.float32] * 2


# 21 and 37 fill neither vectors nor tiles.
SCRIPT = """
import sys
import jax, numpy as np
from maeum import native
from maeum.ops.kernels import attention, compiled_attention as way

assert native.status().instruction_set == sys.argv[2]
rng = np.random.default_rng(0)
q, k, v = (rng.normal(size=(2, n, h, 21)).astype("f") for n, h in ((37, 4), (230, 2), (230, 2)))
mask = rng.random((2, 1, 37, 230)) < 0.5
results = {}
for causal in (False, True):
    terms = attention.Terms(None, mask, 0.3, causal, None)
    y, transpose = jax.vjp(lambda *x: way.attend(*x, terms), q, k, v)
    results.update({f"{causal} {i}": np.asarray(a) for i, a in enumerate((y, *transpose(y)))})
np.savez(sys.argv[1], **results)
"""


def test_all_instruction_sets_compute_the_same(by_instruction_set):
    *others, best = by_instruction_set(SCRIPT)
    for older in others:
        for name in best.files:
            wanted = best[name]
            scale = np.abs(wanted).max()
            np.testing.assert_allclose(older[name], wanted, atol=5e-6 * scale, err_msg=name)
