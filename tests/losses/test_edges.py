"""Losses where floating point gets difficult, and where callers get things wrong."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum import activations, losses
from maeum.core.errors import ConfigError, ShapeError, UnknownNameError
from maeum.ops.alignment import align

SIZES = [0.0, 1.0, 30.0, 1e2, 1e4]


@pytest.mark.parametrize("size", SIZES)
def test_sigmoid_then_crossentropy_is_computed_from_the_logits(size):
    """The loss of a wrong prediction at logit x is log(1 + e^x), its slope sigmoid(x)."""

    def loss(x):
        return losses.BinaryCrossentropy()(jnp.zeros((1, 1)), activations.sigmoid(x))

    value, slope = jax.value_and_grad(loss)(jnp.full((1, 1), size))
    np.testing.assert_allclose(value, np.logaddexp(0, np.float64(size)), rtol=1e-6)
    np.testing.assert_allclose(slope, 1 / (1 + np.exp(-np.float64(size))), rtol=1e-6)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sparse", [True, False])
def test_softmax_then_crossentropy_is_computed_from_the_logits(size, sparse):
    """With logits (x, 0) and label 1 it is log(1 + e^x), its slope (sigmoid(x), -sigmoid(x))."""

    def loss(x):
        if sparse:
            one = losses.SparseCategoricalCrossentropy()
            return one(jnp.array([1]), activations.softmax(x))
        return losses.CategoricalCrossentropy()(jnp.array([[0.0, 1.0]]), activations.softmax(x))

    value, slope = jax.value_and_grad(loss)(jnp.array([[size, 0.0]]))
    sigmoid = 1 / (1 + np.exp(-np.float64(size)))
    np.testing.assert_allclose(value, np.logaddexp(0, np.float64(size)), rtol=1e-6)
    np.testing.assert_allclose(slope, [[sigmoid, -sigmoid]], rtol=1e-6)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_logits_survive_casting_and_alignment(rank):
    logits = jnp.full((2,) * rank + (1,), 1e3, jnp.bfloat16)
    y_true = jnp.zeros((2,) * rank)
    assert float(losses.BinaryCrossentropy()(y_true, activations.sigmoid(logits))) == 1000


def test_logits_of_a_softmax_do_not_count_as_those_of_a_sigmoid():
    p = activations.softmax(jnp.array([[2.0, 0.0]]))
    expected = -np.log(np.asarray(p, np.float64)[0, 0])
    value = losses.binary_crossentropy(jnp.array([[1.0, 0.0]]), p)[0]
    np.testing.assert_allclose(value, expected, rtol=1e-5)


@pytest.mark.parametrize("name", ["binary_focal_crossentropy", "categorical_focal_crossentropy"])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("size", [0.0, 50.0, 1e4])
def test_focal_losses_stay_finite(name, gamma, size):
    logits, y_true = jnp.array([[size, -size]]), jnp.array([[1.0, 0.0]])
    for labels in (y_true, 1 - y_true):
        value, slope = jax.value_and_grad(
            lambda x, y=labels: getattr(losses, name)(y, x, gamma=gamma, from_logits=True).sum()
        )(logits)
        assert np.isfinite(value)
        assert np.isfinite(slope).all()


ALL = [
    n
    for n in losses.__all__
    if n == n.lower() and "sparse" not in n
    if n not in ("as_loss", "get", "check_labels", "serialize", "deserialize", "ctc", "circle")
    if n != "categorical_generalized_cross_entropy"  # takes class numbers
]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("p", [[0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [0.0, 0.0]])
def test_no_gradient_is_nan_at_saturated_or_equal_predictions(name, p):
    if p == [0.0, 0.0] and ("categorical" in name or name == "crossentropy"):
        pytest.skip("rows of zeros are no probabilities")
    for y_true in ([[0.0, 1.0]], [[0.5, 0.5]]):
        gradient = jax.grad(lambda x, y=y_true: getattr(losses, name)(y, x).sum())(jnp.array([p]))
        assert np.isfinite(gradient).all(), (name, y_true, p)


def test_log_cosh_does_not_overflow():
    value, slope = jax.value_and_grad(lambda x: losses.log_cosh([0.0], x))(jnp.array([-1e4]))
    np.testing.assert_allclose([value, slope[0]], [1e4 - np.log(2), -1], rtol=1e-6)


@settings(max_examples=30)
@given(st.tuples(*[st.integers(1, 4)] * 2), st.tuples(*[st.integers(1, 4)] * 2))
def test_shapes_that_cannot_fit_are_named(true_shape, pred_shape):
    try:
        np.broadcast_shapes(true_shape, pred_shape)
    except ValueError:
        with pytest.raises(ShapeError) as error:
            align(np.zeros(true_shape), np.zeros(pred_shape))
        assert f"{true_shape} and the predictions {pred_shape}" in str(error.value)
    else:
        align(np.zeros(true_shape), np.zeros(pred_shape))


@pytest.mark.parametrize(
    ("loss", "true_shape", "pred_shape"),
    [
        ("mse", (4,), (4, 4)),  # would spread over the columns unnoticed
        ("sparse_categorical_crossentropy", (4, 3), (4, 3)),
        ("categorical_crossentropy", (4, 1), (4, 3)),
        ("categorical_crossentropy", (4,), (4, 3)),
    ],
)
def test_easily_confused_targets_are_refused(loss, true_shape, pred_shape):
    with pytest.raises(ShapeError, match=r"sparse|categorical"):
        losses.as_loss(loss)(np.zeros(true_shape), np.full(pred_shape, 1 / 3))


def test_weights_that_cannot_fit_are_named():
    with pytest.raises(ShapeError, match=r"\(3,\).*\(4,\)"):
        losses.MeanSquaredError()(np.zeros((4, 2)), np.zeros((4, 2)), np.ones(3))


def test_row_weights_count_for_every_step():
    y_true, y_pred = np.zeros((2, 2, 1)), np.array([[[1.0], [1.0]], [[3.0], [3.0]]])
    assert float(losses.MeanSquaredError()(y_true, y_pred, np.array([1.0, 0.0]))) == 0.5


def test_functions_are_losses():
    per_sample = losses.as_loss(lambda y_true, y_pred: jnp.mean(jnp.abs(y_true - y_pred), axis=-1))
    one_number = losses.as_loss(lambda y_true, y_pred: jnp.mean(jnp.abs(y_true - y_pred)))
    y_true, y_pred = np.zeros((2, 1)), np.array([[1.0], [3.0]])
    assert float(per_sample(y_true, y_pred)) == float(one_number(y_true, y_pred)) == 2
    assert float(per_sample(y_true, y_pred, np.array([1.0, 0.0]))) == 0.5
    assert per_sample.name == "<lambda>"


def test_losses_of_several_arrays():
    def distance(y_true, y_pred):
        return jnp.abs(y_true["a"] - y_pred["a"]) + jnp.abs(y_true["b"] - y_pred["b"])

    one, two = np.ones(3), np.full(3, 2.0)
    assert float(losses.as_loss(distance)({"a": one, "b": one}, {"a": two, "b": two})) == 2


def test_own_losses_are_reduced_and_weighted():
    class Quartic(losses.Loss):
        def __init__(self, scale=1.0, **kwargs):
            super().__init__(**kwargs)
            self.scale = scale

        def call(self, y_true, y_pred):
            return self.scale * jnp.mean((y_true - y_pred) ** 4, axis=-1)

    loss = Quartic(scale=2.0)
    assert loss.name == "quartic"
    assert float(loss(np.zeros((2, 1)), np.array([[1.0], [2.0]]), np.array([1.0, 0.5]))) == 9
    assert float(Quartic.from_config(loss.get_config())([[0.0]], [[1.0]])) == 2


@pytest.mark.parametrize("name", [n for n in losses.__all__ if n[0].isupper() and n != "Loss"])
def test_a_loss_is_made_again_from_its_config(name):
    if name == "LossFunctionWrapper":
        loss = losses.LossFunctionWrapper(losses.huber, delta=0.5, name="near")
    else:
        loss = getattr(losses, name)(reduction="sum")
    again = type(loss).from_config(loss.get_config())
    assert (again.name, again.reduction) == (loss.name, loss.reduction)
    y_true, y_pred = np.array([0, 1]), np.array([[0.2, 0.8], [0.3, 0.7]])
    if name == "CTC":
        y_true, y_pred = [[1, 0]], [y_pred]
    elif "Sparse" not in name and name not in ("Circle", "CategoricalGeneralizedCrossEntropy"):
        y_true = np.eye(2)[y_true]
    assert float(again(y_true, y_pred)) == float(loss(y_true, y_pred))


def test_crossentropy_takes_the_form_that_fits():
    loss, p = losses.as_loss("crossentropy"), np.array([[0.2, 0.8], [0.6, 0.4]])
    expected = -np.mean(np.log([0.8, 0.6]))
    for y_true, y_pred in (
        (np.array([1, 0]), p),
        (np.array([[1], [0]]), p),
        (np.array([[0, 1], [1, 0]]), p),
        (np.array([1, 0]), p[:, 1:]),
        (np.array([[1], [0]]), p[:, 1:]),
    ):
        np.testing.assert_allclose(loss(y_true, y_pred), expected, rtol=1e-6)


def test_misspelt_names_are_answered():
    with pytest.raises(UnknownNameError, match="binary_crossentropy"):
        losses.as_loss("binary_crosentropy")
    with pytest.raises(ConfigError, match="sum_over_batch_size"):
        losses.MeanSquaredError(reduction="sum_over_batch")
    with pytest.raises(TypeError, match="delta"):
        losses.Huber(dleta=1.0)
