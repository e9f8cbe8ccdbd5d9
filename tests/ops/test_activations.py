"""Activations against their formulas in float64 (SciPy), and their gradients."""

import hypothesis.extra.numpy as hnp
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads

from maeum import activations, ops
from maeum.core.hints import hint_of


def elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


FORMULAS = {
    "linear": lambda x: x,
    "step": lambda x: np.where(x >= 0, 1.0, 0.0),
    "sign": np.sign,
    "sigmoid": sp.expit,
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "relu6": lambda x: np.clip(x, 0, 6),
    "elu": elu,
    # Klambauer et al. (2017), equation 14: the two constants from erfc(1 / sqrt(2)).
    "selu": lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772),
    "celu": elu,
    "gelu": lambda x: x * sp.ndtr(x),
    "silu": lambda x: x * sp.expit(x),
    "mish": lambda x: x * np.tanh(np.logaddexp(x, 0)),
    "softplus": lambda x: np.logaddexp(x, 0),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "exponential": np.exp,
    "hard_silu": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "hard_shrink": lambda x: np.where(np.abs(x) > 0.5, x, 0),
    "soft_shrink": lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),
    "tanh_shrink": lambda x: x - np.tanh(x),
    "log_sigmoid": lambda x: -np.logaddexp(0, -x),
    "sparse_sigmoid": lambda x: np.clip((x + 1) / 2, 0, 1),
    "sparse_plus": lambda x: np.where(np.abs(x) < 1, (x + 1) ** 2 / 4, np.maximum(x, 0)),
    "squareplus": lambda x: (x + np.sqrt(x**2 + 4)) / 2,
    "softmax": lambda x: sp.softmax(x, -1),
    "log_softmax": lambda x: sp.log_softmax(x, -1),
}
shapes = st.sampled_from([(5,), (2, 3, 4)])
inputs = hnp.arrays(np.float64, shapes, elements=st.floats(-30, 30, width=32))


@pytest.mark.parametrize("name", FORMULAS)
@settings(max_examples=8)
@given(x=inputs)
def test_values_are_those_of_the_formula(name, x):
    with jax.enable_x64(True):
        got = getattr(activations, name)(x)
    np.testing.assert_allclose(got, FORMULAS[name](x), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", sorted(FORMULAS.keys() - {"step", "sign"}))
def test_gradients_are_those_of_finite_differences(name):
    x = np.array([[-3.7, -0.4, 0.3], [0.9, 2.2, 5.1]])
    with jax.enable_x64(True):
        check_grads(getattr(activations, name), (x,), order=1, modes=["rev"], eps=1e-5)


@pytest.mark.parametrize("name", sorted(FORMULAS.keys() - {"squareplus"}))
def test_gradients_are_finite_at_zero_and_far_away(name):
    far = [0.0, -0.0, -80.0, 80.0] if name == "exponential" else [0.0, -0.0, -1e30, 1e30, 1e4]
    x = jnp.array(far, jnp.float32)
    values, gradient = (
        getattr(activations, name)(x),
        jax.grad(lambda x: getattr(activations, name)(x)[1:].sum())(x),
    )
    assert np.isfinite(values).all()
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("name", FORMULAS)
def test_whole_numbers_become_floating(name):
    assert (
        name in ("linear", "sign")
        or getattr(activations, name)(np.array([1, 2])).dtype == np.float32
    )


def test_softmax_does_not_overflow():
    # course.md 4
    got = ops.softmax(np.array([1.0, 2.0, 788.0, 789.0]))
    np.testing.assert_allclose(got, [0, 0, 0.268941, 0.731059], atol=1e-6)


def test_gelu_by_tanh():
    x = np.linspace(-4, 4, 9)
    inner = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    np.testing.assert_allclose(
        ops.gelu(x, approximate=True), 0.5 * x * (1 + np.tanh(inner)), atol=1e-6
    )


@settings(max_examples=10)
@given(
    slope=st.sampled_from([0.0, 0.1]),
    top=st.sampled_from([None, 3.0]),
    threshold=st.sampled_from([0.0, 1.5]),
)
def test_relu_with_all_its_arguments(slope, top, threshold):
    x = np.linspace(-4, 6, 21)
    expected = np.where(x > threshold, x, slope * (x - threshold))
    if top is not None:
        expected = np.minimum(expected, top)
    np.testing.assert_allclose(ops.relu(x, slope, top, threshold), expected, atol=1e-6)


def test_maxout_takes_the_largest_of_neighbours():
    x = np.random.default_rng(0).normal(size=(3, 8, 2)).astype("float32")
    np.testing.assert_array_equal(ops.maxout(x, 4, axis=1), x.reshape(3, 4, 2, 2).max(2))


def test_sigmoid_and_softmax_note_their_logits():
    x = jnp.array([[1.0, -2.0]])
    assert hint_of(ops.sigmoid(x), "sigmoid_logits") is x
    assert hint_of(ops.softmax(x), "softmax_logits") is x
    assert hint_of(ops.softmax(x, axis=1), "softmax_logits") is x
    assert hint_of(ops.softmax(x, axis=0), "softmax_logits") is None
