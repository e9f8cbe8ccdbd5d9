"""Cross-entropies from logits against the definition in float64, and far from 0."""

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads

from maeum import ops

seeds = st.integers(0, 2**32 - 1)
shapes = st.sampled_from([(4,), (2, 3, 5)])


@settings(max_examples=6)
@given(seeds, shapes)
def test_sigmoid_cross_entropy_is_its_definition(seed, shape):
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(0, 5, shape), rng.uniform(0, 1, shape)
    p = sp.expit(logits)
    with jax.enable_x64(True):
        got = ops.sigmoid_cross_entropy(labels, logits)
        check_grads(lambda x: ops.sigmoid_cross_entropy(labels, x), (logits,), 1, modes=["rev"])
    np.testing.assert_allclose(got, -labels * np.log(p) - (1 - labels) * np.log1p(-p), rtol=1e-8)


@settings(max_examples=6)
@given(seeds, shapes, st.booleans())
def test_softmax_cross_entropy_is_its_definition(seed, shape, first):
    axis = 0 if first else -1
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 5, shape)
    labels = sp.softmax(rng.normal(size=shape), axis)
    chosen = rng.integers(0, shape[axis], np.delete(shape, axis))
    log_p = np.log(sp.softmax(logits, axis))
    expected = -np.take_along_axis(log_p, np.expand_dims(chosen, axis), axis).squeeze(axis)
    with jax.enable_x64(True):
        dense = ops.softmax_cross_entropy(labels, logits, axis)
        sparse = ops.sparse_softmax_cross_entropy(chosen, logits, axis)
        for function, y in (
            (ops.softmax_cross_entropy, labels),
            (ops.sparse_softmax_cross_entropy, chosen),
        ):
            check_grads(lambda x, f=function, y=y: f(y, x, axis), (logits,), 1, modes=["rev"])
    np.testing.assert_allclose(dense, -(labels * log_p).sum(axis), rtol=1e-8)
    np.testing.assert_allclose(sparse, expected, rtol=1e-8)


def test_large_logits_neither_overflow_nor_lose_gradient():
    logits = jnp.array([-1e4, -50.0, 0.0, 50.0, 1e4])
    for label in (0.0, 1.0):
        values = ops.sigmoid_cross_entropy(label, logits)
        slopes = jax.grad(lambda x: ops.sigmoid_cross_entropy(label, x).sum())(logits)  # noqa: B023
        np.testing.assert_allclose(
            values, [np.logaddexp(0, x if label == 0 else -x) for x in logits.tolist()], rtol=1e-6
        )
        # The derivative is sigmoid(x) - label.
        np.testing.assert_allclose(
            slopes, sp.expit(np.array(logits, "float64")) - label, rtol=1e-6, atol=1e-30
        )
    assert ops.sparse_softmax_cross_entropy(0, [0.0, 1e4]) == 1e4


def test_a_label_outside_the_classes_is_nan():
    got = ops.sparse_softmax_cross_entropy([0, -1, 3], np.zeros((3, 3)))
    assert np.isnan(got).tolist() == [False, True, True]


def test_entropy_relation_of_the_course():
    # course.md 11: H(P, Q) = H(P) + KL(P, Q)
    rng = np.random.default_rng(0)
    p, logits = sp.softmax(rng.normal(size=5)), rng.normal(size=5)
    q = sp.softmax(logits)
    expected = -(p * np.log(p)).sum() + sp.rel_entr(p, q).sum()
    np.testing.assert_allclose(ops.softmax_cross_entropy(p, logits), expected, rtol=1e-6)
