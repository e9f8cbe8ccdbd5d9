"""What one step of a model does: forward, loss, gradients, metrics. Made to be overridden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import ConfigError, NotCompiledError
from maeum.core.functional import value_and_grad
from maeum.core.scope import current_scope
from maeum.core.variable import Variable
from maeum.training.objectives import Objectives, batch_rows, flatten


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Return what a ``train_step`` gets: ``x``, ``(x, y)`` or ``(x, y, sample_weight)``."""
    if sample_weight is not None:
        return x, y, sample_weight
    if y is not None:
        return x, y
    return (x,) if isinstance(x, (tuple, list)) else x


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Return ``(x, y, sample_weight)`` from a batch that may lack the last ones."""
    if not isinstance(data, tuple):
        return data, None, None
    return (*data, None, None)[:3]  # type: ignore[return-value]


class Steps:
    """The steps of training, evaluation and prediction, and what they count.

    They run inside the functional bridge: variables can be read and assigned, and all of it
    becomes part of the compiled program.
    """

    # What the other half, the model, brings along.
    losses: list[Any]
    name: str
    output_names: list[str]
    trainable_variables: list[Variable]
    _untracked: frozenset[str]

    optimizer: Any = None
    objectives: Objectives | None = None

    def train_step(self, data: Any) -> dict[str, Any]:
        """Learn from one batch; return the logs. Override it for training of your own.

        Args:
            data: ``(x, y)`` or ``(x, y, sample_weight)``; ``x`` alone if ``fit`` was given no
                ``y``.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)

        def objective() -> tuple[Any, Any]:
            y_pred = self(x, training=True)  # type: ignore[operator]
            return self.compute_loss(x, y, y_pred, sample_weight, training=True), y_pred

        variables = self.trainable_variables
        if not variables:
            raise ConfigError(f"{self.name!r} has nothing to learn: all of its layers are frozen.")
        (loss, y_pred), gradients = value_and_grad(objective, variables)
        self._track_loss(loss, y_pred)
        self.optimizer.apply_gradients(zip(gradients, variables))
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Evaluate one batch; return the logs."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)  # type: ignore[operator]
        loss = self.compute_loss(x, y, y_pred, sample_weight, training=False)
        self._track_loss(loss, y_pred)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data: Any) -> Any:
        """Return the outputs for one batch."""
        x, _, _ = unpack_x_y_sample_weight(data)
        return self(x, training=False)  # type: ignore[operator]

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> jax.Array:
        """Return the loss of a batch, with what regularizers and layers add to it."""
        objectives = self._compiled()
        objectives.build(self._names_for(y_pred), y, y_pred)
        extra = self.losses
        if extra and objectives.given[0] is None:
            total: Any = 0.0
        else:
            total = objectives.loss(y, y_pred, sample_weight)
        return total + sum(extra) if extra else jnp.asarray(total)

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Add a batch to the metrics and return their values by name."""
        objectives = self._compiled()
        objectives.build(self._names_for(y_pred), y, y_pred)
        if y is not None:
            objectives.update_metrics(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the value of every metric by name."""
        results = self._compiled().results()
        for metric in self._own_metrics():
            results[metric.name] = metric.result()
        return results

    def _track_loss(self, loss: Any, y_pred: Any) -> None:
        self._compiled().tracker.update_state(loss, sample_weight=np.float32(batch_rows(y_pred)))
        scope = current_scope()
        if scope is not None:
            scope.watched = loss

    # ---- metrics --------------------------------------------------------------------------------

    @property
    def metrics(self) -> list[Any]:
        """Every metric, the mean of the loss first; then those held by the model itself."""
        compiled = [] if self.objectives is None else self.objectives.metrics
        return [*compiled, *self._own_metrics()]

    @property
    def metrics_names(self) -> list[str]:
        """The names of the metrics."""
        return [metric.name for metric in self.metrics]

    def reset_metrics(self) -> None:
        """Begin to count anew."""
        for metric in self.metrics:
            metric.reset_state()

    def _own_metrics(self) -> list[Any]:
        """Return the metrics that the model and the layers inside it hold as attributes."""
        inside = [
            layer
            for layer in self.named_layers().values()  # type: ignore[attr-defined]
            if layer is self or not isinstance(layer, Steps)
        ]
        held = [
            value
            for layer in inside
            for name, value in vars(layer).items()
            if name not in layer._untracked
        ]
        return list({id(metric): metric for metric in _metrics_in(held)}.values())

    def _compiled(self) -> Objectives:
        if self.objectives is None:
            raise NotCompiledError(
                f'Call {self.name}.compile(optimizer="adam", loss=...) before training or '
                "evaluating it."
            )
        return self.objectives

    def _names_for(self, y_pred: Any) -> list[str]:
        """Return a name for each output."""
        if isinstance(y_pred, Mapping):
            return sorted(y_pred)
        names = self.output_names
        count = len(flatten(y_pred))
        return names if len(names) == count else [f"output_{i + 1}" for i in range(count)]


def _metrics_in(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [metric for part in value for metric in _metrics_in(part)]
    return [value] if hasattr(value, "update_state") and not isinstance(value, type) else []
