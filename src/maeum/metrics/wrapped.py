"""Losses as metrics: their means over all samples. Less is better."""

from __future__ import annotations

from maeum import losses
from maeum.metrics.reduction import FunctionMetric


class KLDivergence(FunctionMetric, of=losses.kl_divergence):
    """The mean of `losses.kl_divergence`."""


class Poisson(FunctionMetric, of=losses.poisson):
    """The mean of `losses.poisson`."""


class Hinge(FunctionMetric, of=losses.hinge):
    """The mean of `losses.hinge`."""


class SquaredHinge(FunctionMetric, of=losses.squared_hinge):
    """The mean of `losses.squared_hinge`."""


class CategoricalHinge(FunctionMetric, of=losses.categorical_hinge):
    """The mean of `losses.categorical_hinge`."""


class BinaryCrossentropy(FunctionMetric, of=losses.binary_crossentropy, label_smoothing=0):
    """The mean of `losses.binary_crossentropy`.

    Args:
        name: see `Metric`.
        dtype: see `Metric`.
        from_logits: whether the predictions are logits.
        label_smoothing: how far labels are moved from 0 and 1 towards one half.
        axis: the axis of the mean within a sample.

    >>> round(float(BinaryCrossentropy()([[0], [1]], [[0.5], [0.5]])), 6)
    0.693147
    """


class CategoricalCrossentropy(
    FunctionMetric, of=losses.categorical_crossentropy, label_smoothing=0
):
    """The mean of `losses.categorical_crossentropy`.

    Args:
        name: see `Metric`.
        dtype: see `Metric`.
        from_logits: whether the predictions are logits.
        label_smoothing: how much of each label is spread evenly over the classes.
        axis: the axis of the classes.
    """


class SparseCategoricalCrossentropy(FunctionMetric, of=losses.sparse_categorical_crossentropy):
    """The mean of `losses.sparse_categorical_crossentropy`.

    Args:
        name: see `Metric`.
        dtype: see `Metric`.
        from_logits: whether the predictions are logits.
        ignore_class: a label whose cross-entropy is 0. As in Keras, the mean is one of all labels,
            unless there are weights, of which it has none.
        axis: the axis of the classes.
    """
