"""Every loss, its weights, masks and gradients, against Keras 3 on JAX."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from maeum import losses
from maeum.core.errors import ShapeError
from maeum.core.masks import with_mask

NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]  # an example takes a while
KINDS = {  # how targets and predictions are drawn
    "numbers": lambda rng, shape: (rng.normal(size=shape) * 3, rng.normal(size=shape) * 3),
    "positive": lambda rng, shape: (rng.gamma(2, size=shape), rng.gamma(2, size=shape)),
    "binary": lambda rng, shape: (rng.integers(0, 2, shape), rng.uniform(size=shape)),
    "scores": lambda rng, shape: (rng.integers(0, 2, shape), rng.normal(size=shape) * 3),
    "simplex": lambda rng, shape: (simplex(rng, shape), simplex(rng, shape)),
    "one_hot": lambda rng, shape: (one_hot(rng, shape), simplex(rng, shape)),
    "one_hot_scores": lambda rng, shape: (one_hot(rng, shape), rng.normal(size=shape) * 3),
    "sparse": lambda rng, shape: (rng.integers(0, shape[-1], shape[:-1]), simplex(rng, shape)),
    "sparse_scores": lambda rng, shape: (
        rng.integers(0, shape[-1], shape[:-1]),
        rng.normal(size=shape) * 3,
    ),
}
CASES = [
    ("MeanSquaredError", {}, "numbers"),
    ("MeanAbsoluteError", {}, "numbers"),
    ("MeanAbsolutePercentageError", {}, "positive"),
    ("MeanSquaredLogarithmicError", {}, "numbers"),
    ("Huber", {"delta": 0.7}, "numbers"),
    ("LogCosh", {}, "numbers"),
    ("CosineSimilarity", {}, "numbers"),
    ("Poisson", {}, "positive"),
    ("KLDivergence", {}, "simplex"),
    ("Hinge", {}, "scores"),
    ("SquaredHinge", {}, "scores"),
    ("CategoricalHinge", {}, "one_hot_scores"),
    ("BinaryCrossentropy", {}, "binary"),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}, "binary"),
    ("BinaryCrossentropy", {"from_logits": True}, "scores"),
    ("BinaryFocalCrossentropy", {"apply_class_balancing": True, "gamma": 1.5}, "binary"),
    ("BinaryFocalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "scores"),
    ("CategoricalCrossentropy", {}, "one_hot"),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1, "from_logits": True}, "one_hot_scores"),
    ("CategoricalFocalCrossentropy", {"alpha": 0.5}, "one_hot"),
    ("CategoricalFocalCrossentropy", {"from_logits": True}, "one_hot_scores"),
    ("SparseCategoricalCrossentropy", {}, "sparse"),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, "sparse_scores"),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, "sparse"),
    ("CategoricalGeneralizedCrossEntropy", {"q": 0.7}, "sparse"),
    ("Dice", {"axis": -1}, "binary"),
    ("Tversky", {"alpha": 0.3, "beta": 0.6, "axis": -1}, "binary"),
]


def simplex(rng, shape):
    return rng.dirichlet(np.ones(shape[-1]), shape[:-1])


def one_hot(rng, shape):
    return np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]


def draw(kind, seed, shape):
    y_true, y_pred = KINDS[kind](np.random.default_rng(seed), shape)
    return np.asarray(y_true, "float32"), np.asarray(y_pred, "float32")


def close(ours, theirs, scale=1.0):
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5 * scale)


drawn = given(
    seed=st.integers(0, 2**16),
    shape=st.sampled_from([(4, 3), (5, 1), (3, 4, 2)]),
    reduction=st.sampled_from(
        ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none"]
    ),
    weights=st.sampled_from([None, "row", "value"]),
)


@pytest.mark.parametrize(("name", "config", "kind"), CASES)
@settings(max_examples=3, phases=NO_SHRINKING)
@drawn
def test_values_and_gradients_equal_those_of_keras(name, config, kind, **drawn):
    check_values_and_gradients(name, config, kind, **drawn)


@pytest.mark.soak
@pytest.mark.parametrize(("name", "config", "kind"), CASES)
@settings(max_examples=30, phases=NO_SHRINKING)
@drawn
def test_many_values_and_gradients_equal_those_of_keras(name, config, kind, **drawn):
    check_values_and_gradients(name, config, kind, **drawn)


def check_values_and_gradients(name, config, kind, seed, shape, reduction, weights):
    if shape[-1] == 1 and kind not in ("numbers", "positive", "binary", "scores"):
        shape = (5, 2)
    y_true, y_pred = draw(kind, seed, shape)
    size = {None: None, "row": (shape[0],) + (1,) * (len(shape) - 2), "value": shape[:-1]}[weights]
    weight = None if size is None else np.random.default_rng(seed).uniform(size=size)
    weight = None if weight is None else weight.astype("float32")
    ours = getattr(losses, name)(**config, reduction=reduction)
    theirs = getattr(keras.losses, name)(**config, reduction=reduction)

    def total(predictions, loss):
        value = loss(y_true, predictions, weight)
        return jnp.sum(value), value

    ((_, value), gradient), ((_, expected), slope) = (
        jax.jit(jax.value_and_grad(lambda p, loss=loss: total(p, loss), has_aux=True))(y_pred)
        for loss in (ours, theirs)
    )
    close(value, expected, scale=10)
    close(ours(y_true, y_pred, weight), expected, scale=10)
    if "ignore_class" in config:  # Keras divides 0 by 0 there
        assert np.isfinite(gradient).all()
    else:
        close(gradient, slope, scale=max(1, np.abs(slope).max()))


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kept", ["some", "none"])
def test_mask_counts_as_in_keras(reduction, weighted, kept):
    y_true, y_pred = draw("numbers", 0, (4, 3, 2))
    mask = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 0, 0]], bool) & (kept == "some")
    weight = np.random.default_rng(1).uniform(size=(4, 3)).astype("float32") if weighted else None
    theirs_pred = jnp.asarray(y_pred)
    keras.src.backend.set_keras_mask(theirs_pred, jnp.asarray(mask))
    theirs = keras.losses.MeanSquaredError(reduction=reduction)(y_true, theirs_pred, weight)
    ours_pred = with_mask(jnp.asarray(y_pred), mask)
    ours = losses.MeanSquaredError(reduction=reduction)(y_true, ours_pred, weight)
    close(ours, theirs)


def test_mask_of_ignored_class_meets_mask_of_the_predictions():
    y_true = jnp.array([[0, 1, -1], [1, 0, 0]])
    logits = np.random.default_rng(0).normal(size=(2, 3, 2)).astype("float32")
    mask = jnp.array([[True, True, True], [True, False, False]])
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    log_p = np.asarray(jax.nn.log_softmax(logits))
    expected = -(log_p[0, 0, 0] + log_p[0, 1, 1] + log_p[1, 0, 1]) / 3
    close(loss(y_true, with_mask(jnp.asarray(logits), mask)), expected)


@pytest.mark.parametrize(
    ("true_shape", "pred_shape"),
    [((4,), (4, 1)), ((4, 1), (4,)), ((4, 3), (4, 3, 1)), ((4,), (4,))],
)
def test_ranks_are_aligned_as_in_keras(true_shape, pred_shape):
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, 2, true_shape).astype("float32")
    y_pred = rng.uniform(size=pred_shape).astype("float32")
    for name in ("MeanSquaredError", "BinaryCrossentropy", "Hinge"):
        close(
            getattr(losses, name)()(y_true, y_pred), getattr(keras.losses, name)()(y_true, y_pred)
        )


@pytest.mark.parametrize("name", ["SparseCategoricalCrossentropy", "CategoricalCrossentropy"])
@pytest.mark.parametrize("from_logits", [False, True])
def test_classes_along_another_axis(name, from_logits):
    y_true, y_pred = draw("sparse" if "Sparse" in name else "one_hot", 0, (4, 5, 3))
    last = getattr(losses, name)(from_logits=from_logits)
    first = getattr(losses, name)(from_logits=from_logits, axis=1)
    turned = y_true if "Sparse" in name else y_true.swapaxes(1, 2)
    close(first(turned, y_pred.swapaxes(1, 2)), last(y_true, y_pred))


def test_every_loss_of_the_list_was_compared():
    compared = {name for name, _, _ in CASES}
    classes = {n for n in losses.__all__ if isinstance(getattr(losses, n), type)}
    assert classes - compared == {"Loss", "LossFunctionWrapper", "CTC", "Circle"}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(n, n) for n in ("mse", "MSE", "mae", "MAE", "mape", "msle", "bce", "BCE", "kld", "huber")]
    + [("logcosh", "log_cosh"), ("log_cosh", "log_cosh"), ("Huber", "Huber"), ("hinge", "hinge")],
)
def test_names_mean_what_they_mean_in_keras(ours, theirs):
    y_true, y_pred = draw("simplex", 3, (4, 3))
    loss = losses.as_loss(ours)
    value = np.mean(keras.losses.get(theirs)(jnp.asarray(y_true), jnp.asarray(y_pred)))
    close(loss(y_true, y_pred), value)


def whole(name, config, y_true, y_pred, weight=None):
    """Compare values and gradients of a loss that takes the batch as a whole, with Keras's."""
    for reduction in ("sum_over_batch_size", "none"):
        (value, slope), (expected, other) = (
            jax.jit(jax.value_and_grad(lambda p, loss=loss: jnp.sum(loss(y_true, p, weight))))(
                y_pred
            )
            for loss in (
                getattr(room, name)(**config, reduction=reduction)
                for room in (losses, keras.losses)
            )
        )
        close(value, expected, scale=10)
        close(slope, other, scale=max(1, np.abs(other).max()))


def test_ctc_equals_that_of_keras():
    rng = np.random.default_rng(0)
    y_true = rng.integers(1, 5, (5, 4))
    y_true[0, 2:], y_true[1], y_true[2] = 0, 0, [1, 1, 1, 2]  # short, empty, repeated
    y_pred = jnp.asarray(rng.normal(size=(5, 9, 5)), "float32")
    whole("CTC", {}, y_true, y_pred)
    ways = [(1, 1), (0, 1), (1, 0)]  # two steps read as the label 1
    p = np.exp(jax.nn.log_softmax(y_pred[0, :2]))
    expected = -np.log(sum(p[0, a] * p[1, b] for a, b in ways))
    close(losses.ctc([[1, 0]], y_pred[:1, :2])[0], expected)
    masked = with_mask(y_pred[:1], jnp.arange(9)[None] < 2)
    close(losses.CTC()([[1, 0]], masked), expected)
    with pytest.raises(ShapeError, match="CTC compares labels"):
        losses.CTC()(y_true[0], y_pred)


@pytest.mark.parametrize("name", ["Dice", "Tversky"])
@pytest.mark.parametrize("axis", [None, (1, 2, 3)])
def test_overlaps_equal_those_of_keras(name, axis):
    y_true, y_pred = draw("binary", 0, (3, 4, 4, 1))
    whole(name, {"axis": axis}, y_true, y_pred)
    if axis is not None:
        whole(name, {"axis": axis}, y_true, y_pred, np.array([1.0, 2.0, 0.0], "float32"))
    kept = np.arange(3) < 2  # rows that are masked do not count
    masked = with_mask(jnp.asarray(y_pred), np.broadcast_to(kept[:, None], (3, 4)))
    close(getattr(losses, name)()(y_true, masked), getattr(losses, name)()(y_true[:2], y_pred[:2]))


@pytest.mark.parametrize(
    "config", [{}, {"gamma": 4.0, "margin": 0.2, "remove_diagonal": False}], ids=str
)
def test_circle_equals_that_of_keras(config):
    rng = np.random.default_rng(0)
    y_pred = np.asarray(losses.regression.unit(jnp.asarray(rng.normal(size=(8, 3)), "float32")))
    y_true = rng.integers(0, 3, 8)
    for labels in (y_true, y_true[:, None], np.arange(8)):
        whole("Circle", config, labels, y_pred)
    whole("Circle", config, y_true, y_pred, np.arange(8, dtype="float32"))
    others = {"ref_labels": np.arange(3), "ref_embeddings": y_pred[:3], "remove_diagonal": False}
    expected = jax.jit(lambda p: keras.losses.circle(y_true, p, **others))(y_pred)
    close(losses.circle(y_true, y_pred, **others), expected, 10)


@pytest.mark.parametrize("name", ["BinaryCrossentropy", "BinaryFocalCrossentropy"])
def test_binary_targets_have_the_shape_of_the_predictions(name):
    for shapes in (((2, 3), (2, 1)), ((2, 1), (2, 3))):
        with pytest.raises(ShapeError, match="value by value"):
            getattr(losses, name)()(*map(np.ones, shapes))


def test_function_forms_give_one_value_for_each_sample():
    y_true, y_pred = draw("binary", 0, (4, 3, 2))
    for name in ("mean_squared_error", "binary_crossentropy", "huber", "hinge"):
        ours = getattr(losses, name)(y_true, y_pred)
        assert ours.shape == (4, 3)
        close(ours, getattr(keras.losses, name)(y_true, y_pred))
