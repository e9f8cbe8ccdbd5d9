"""Losses and metrics that are attached to a graph: layers that hand on what they note."""

from __future__ import annotations

from typing import Any

from maeum.core import registry
from maeum.layers.layer import Layer


@registry.builtin
class AddLoss(Layer):
    """Adds its input to the loss of the model: what ``model.add_loss(tensor)`` puts in a graph."""

    supports_masking = True

    def call(self, loss: Any) -> Any:
        """Note the loss, and return it."""
        self.add_loss(loss)
        return loss


@registry.builtin
class AddMetric(Layer):
    """Shows its input among the metrics: what ``model.add_metric(tensor, name)`` puts in a graph.

    Args:
        metric_name: the name under which it is logged.
        aggregation: how batches are put together; ``"mean"`` is the only way.
    """

    supports_masking = True

    def __init__(self, metric_name: str, aggregation: str | None = "mean", **kwargs: Any):
        super().__init__(**kwargs)
        self.metric_name = metric_name
        self.aggregation = aggregation

    def call(self, value: Any) -> Any:
        """Count the value, and return it."""
        self.add_metric(value, self.metric_name, self.aggregation)
        return value
