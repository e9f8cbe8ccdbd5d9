"""Every metric, streamed through compiled programs with a smaller last batch, beside Keras 3."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from maeum import metrics
from maeum.core.masks import with_mask


def grid(rng, shape):
    """Probabilities of which many lie exactly on a threshold."""
    return np.where(rng.integers(0, 2, shape), rng.integers(0, 200, shape) / 199, rng.random(shape))


def one_hot(rng, shape):
    return np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]


def simplex(rng, shape):
    return rng.dirichlet(np.ones(shape[-1]), shape[:-1])


def numbers(rng, shape):
    return rng.normal(size=shape) * 3


def labels(rng, shape):
    return rng.integers(0, 2, shape)


def classes(rng, shape):
    return rng.integers(0, 3, shape[:-1])


# name, arguments, how targets and predictions are drawn, their shape within a row
CASES = [
    ("Accuracy", {}, labels, labels, (1,)),
    ("BinaryAccuracy", {"threshold": 0.3}, labels, grid, (1,)),
    ("PearsonCorrelation", {}, numbers, numbers, (5,)),
    ("PearsonCorrelation", {"axis": 1}, numbers, numbers, (5, 2)),
    ("ConcordanceCorrelation", {}, numbers, numbers, (5,)),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, classes, simplex, (3,)),
    ("BinaryAccuracy", {}, labels, grid, (4,)),
    ("CategoricalAccuracy", {}, one_hot, simplex, (3,)),
    ("CategoricalAccuracy", {}, one_hot, simplex, (2, 3)),
    ("SparseCategoricalAccuracy", {}, classes, simplex, (3,)),
    ("SparseCategoricalAccuracy", {}, classes, simplex, (2, 3)),
    ("TopKCategoricalAccuracy", {"k": 2}, one_hot, simplex, (5,)),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, classes, simplex, (5,)),
    ("TruePositives", {}, labels, grid, (1,)),
    ("FalsePositives", {"thresholds": [0.8, 0.2]}, labels, grid, (1,)),
    ("TrueNegatives", {"thresholds": [0.0, 0.25, 0.5, 0.75, 1.0]}, labels, grid, (1,)),
    ("FalseNegatives", {}, labels, grid, (2,)),
    ("Precision", {}, labels, grid, (1,)),
    ("Precision", {"thresholds": [0.1, 0.5, 0.6]}, labels, grid, (1,)),
    ("Precision", {"top_k": 2}, labels, simplex, (4,)),
    ("Precision", {"class_id": 1}, labels, simplex, (4,)),
    ("Recall", {}, labels, grid, (1,)),
    ("Recall", {"top_k": 2, "class_id": 2}, labels, simplex, (4,)),
    ("SensitivityAtSpecificity", {"specificity": 0.4}, labels, grid, (1,)),
    ("SpecificityAtSensitivity", {"sensitivity": 0.7}, labels, grid, (1,)),
    ("PrecisionAtRecall", {"recall": 0.6, "num_thresholds": 50}, labels, grid, (1,)),
    ("RecallAtPrecision", {"precision": 0.4}, labels, grid, (1,)),
    ("RecallAtPrecision", {"precision": 0.4, "num_thresholds": 1}, labels, grid, (1,)),
    ("AUC", {}, labels, grid, (1,)),
    ("AUC", {"curve": "PR"}, labels, grid, (1,)),
    ("AUC", {"curve": "PR", "summation_method": "majoring"}, labels, grid, (1,)),
    ("AUC", {"curve": "PRGAIN"}, labels, grid, (1,)),
    ("AUC", {"summation_method": "minoring", "num_thresholds": 20}, labels, grid, (2,)),
    ("AUC", {"thresholds": [0.7, 0.3, 0.31]}, labels, grid, (1,)),
    ("AUC", {"from_logits": True}, labels, numbers, (1,)),
    ("AUC", {"multi_label": True}, labels, grid, (3,)),
    ("AUC", {"multi_label": True, "curve": "PR", "label_weights": [1.0, 2.0]}, labels, grid, (2,)),
    ("F1Score", {}, one_hot, simplex, (3,)),
    ("F1Score", {"average": "micro", "threshold": 0.4}, labels, grid, (3,)),
    ("F1Score", {"average": "weighted"}, one_hot, simplex, (3,)),
    ("FBetaScore", {"average": "macro", "beta": 2.0}, one_hot, simplex, (3,)),
    ("MeanSquaredError", {}, numbers, numbers, (2,)),
    ("RootMeanSquaredError", {}, numbers, numbers, (2,)),
    ("MeanAbsoluteError", {}, numbers, numbers, (3, 2)),
    ("MeanAbsolutePercentageError", {}, simplex, numbers, (2,)),
    ("MeanSquaredLogarithmicError", {}, numbers, numbers, (2,)),
    ("LogCoshError", {}, numbers, numbers, (2,)),
    ("CosineSimilarity", {}, numbers, numbers, (3,)),
    ("R2Score", {}, numbers, numbers, (2,)),
    ("R2Score", {"class_aggregation": "variance_weighted_average"}, numbers, numbers, (3,)),
    ("R2Score", {"class_aggregation": None, "num_regressors": 2}, numbers, numbers, (3,)),
    ("KLDivergence", {}, simplex, simplex, (3,)),
    ("Poisson", {}, simplex, simplex, (3,)),
    ("Hinge", {}, labels, numbers, (1,)),
    ("SquaredHinge", {}, labels, numbers, (2,)),
    ("CategoricalHinge", {}, one_hot, numbers, (3,)),
    ("BinaryCrossentropy", {"label_smoothing": 0.1}, labels, grid, (1,)),
    ("CategoricalCrossentropy", {"from_logits": True}, one_hot, numbers, (3,)),
    ("SparseCategoricalCrossentropy", {}, classes, simplex, (3,)),
    ("IoU", {"num_classes": 3, "target_class_ids": [0, 2]}, labels, labels, ()),
    ("BinaryIoU", {}, labels, grid, (1,)),
    ("BinaryIoU", {"target_class_ids": [1], "threshold": 0.3}, labels, grid, ()),
    ("MeanIoU", {"num_classes": 3, "ignore_class": 0}, labels, labels, ()),
    ("OneHotIoU", {"num_classes": 3, "target_class_ids": [1]}, one_hot, simplex, (3,)),
    ("OneHotMeanIoU", {"num_classes": 3}, one_hot, simplex, (3,)),
]


def close(ours, theirs):
    np.testing.assert_allclose(ours, np.asarray(theirs), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("name", "arguments", "targets", "predictions", "shape"), CASES)
def test_streamed_values_equal_those_of_keras(stream, name, arguments, targets, predictions, shape):
    count = None
    theirs = getattr(keras.metrics, name)(**arguments)
    step, result = (jax.jit(f) for f in (theirs.stateless_update_state, theirs.stateless_result))
    for seed in (1, 2):  # by the programs of one metric
        rng = np.random.default_rng(seed)
        expected, batches = None, []
        for rows, weighted in ((7, False), (7, True), (3, True)):
            y_true = np.asarray(targets(rng, (rows, *shape)), "float32")
            y_pred = np.asarray(predictions(rng, (rows, *shape)), "float32")
            # Whole numbers, because Keras's IoU cuts others off; one for each row.
            weight = rng.integers(0, 4, (rows,) + (1,) * (len(shape) - 1)).astype("float32")
            batches.append((y_true, y_pred, weight if weighted else None))
            if expected is None:  # its variables may have the shape of the first batch
                jax.eval_shape(theirs.update_state, *batches[-1][:2])
                theirs.reset_state()
                expected = [v.value for v in theirs.variables]
            expected = step(expected, *batches[-1])
        count = count or stream(getattr(metrics, name)(**arguments), *batches[0][:2])
        close(count(batches), result(expected))


def test_every_metric_of_the_list_was_compared():
    compared = {case[0] for case in CASES}
    every = {n for n in metrics.__all__ if isinstance(getattr(metrics, n), type)}
    assert every - compared == {"Metric", "Mean", "Sum", "MeanMetricWrapper", "ConfusionMatrix"}


@pytest.mark.parametrize("name", ["Mean", "Sum"])
@pytest.mark.parametrize("value_shape", [(), (5,), (5, 1), (5, 3), (5, 3, 2)])
@pytest.mark.parametrize("weight_shape", [None, (), (5,), (5, 1), (5, 3)])
def test_means_and_sums_of_any_shape(name, value_shape, weight_shape):
    if value_shape == () and weight_shape not in (None, ()):
        pytest.skip("Keras refuses it")
    if weight_shape == (5, 3) and value_shape in ((5,), (5, 1)):
        pytest.skip("Keras refuses it")
    rng = np.random.default_rng(0)
    ours, theirs = getattr(metrics, name)(), getattr(keras.metrics, name)()
    for _ in range(2):
        values = rng.random(value_shape).astype("float32")
        weight = None if weight_shape is None else rng.random(weight_shape).astype("float32")
        close(ours(values, weight), theirs(values, weight))
    ours.reset_state()
    assert float(ours.result()) == 0


@pytest.mark.parametrize("weighted", [False, True])
def test_masked_steps_do_not_count_as_in_keras(weighted):
    rng = np.random.default_rng(0)
    ours, theirs = metrics.BinaryAccuracy(), keras.metrics.BinaryAccuracy()
    for _ in range(2):
        y_true, y_pred = rng.integers(0, 2, (4, 3, 1)), rng.random((4, 3, 1)).astype("float32")
        mask = rng.integers(0, 2, (4, 3)).astype(bool)
        weight = rng.random((4, 3)).astype("float32") if weighted else None
        masked = jnp.asarray(y_pred)
        keras.src.backend.set_keras_mask(masked, jnp.asarray(mask))
        value = theirs(y_true, masked, weight)
        close(ours(y_true, with_mask(jnp.asarray(y_pred), mask), weight), value)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("AUC", {}), ("Precision", {}), ("R2Score", {}), ("ConfusionMatrix", {}), ("MeanIoU", {})],
)
def test_masked_steps_do_not_count_in_any_metric(name, arguments):
    """Keras counts them in these; here a mask is a weight of 0 everywhere."""
    rng = np.random.default_rng(1)
    if name == "MeanIoU":
        arguments = {"num_classes": 2}
    y_true = rng.integers(0, 2, (40,)).astype("float32")
    y_pred = rng.random(40).astype("float32").round(1 if name != "MeanIoU" else 0)
    mask = rng.integers(0, 2, 40).astype(bool)
    masked = getattr(metrics, name)(**arguments)
    masked.update_state(y_true, with_mask(jnp.asarray(y_pred), mask))
    kept = getattr(metrics, name)(**arguments)
    kept.update_state(y_true[mask], y_pred[mask])
    close(masked.result(), kept.result())
