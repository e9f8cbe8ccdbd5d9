"""The losses and metrics of a compiled model, matched to its outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import losses as losses_room
from maeum import metrics as metrics_room
from maeum.core.errors import ConfigError, DataError, NotCompiledError, nearest
from maeum.core.graph import map_structure
from maeum.core.variable import Variable


def flatten(structure: Any) -> list:
    """Return the arrays of a list, tuple or dict (by sorted key) of outputs."""
    if isinstance(structure, Mapping):
        return [leaf for key in sorted(structure) for leaf in flatten(structure[key])]
    if isinstance(structure, (list, tuple)):
        return [leaf for part in structure for leaf in flatten(part)]
    return [structure]


def batch_rows(y_pred: Any) -> int:
    """Return the number of rows of the outputs."""
    return flatten(y_pred)[0].shape[0]


class Objectives:
    """What a model is trained for: one loss and some metrics for each output.

    Args:
        loss: a loss for every output, or a list or dict of them by output.
        loss_weights: how much each counts in the total.
        metrics: one list for every output, or lists or a dict of lists by output.
        weighted_metrics: metrics that take the sample weights into account.
    """

    def __init__(self, loss: Any, loss_weights: Any, metrics: Any, weighted_metrics: Any):
        self.given = (loss, loss_weights, metrics, weighted_metrics)
        self.tracker = metrics_room.Mean(name="loss")
        self.names: list[str] | None = None
        self._outputs: list[_Output] = []

    def check_names(self) -> None:
        """Raise `UnknownNameError` for a loss or metric that there is not."""
        loss, _, *metrics = self.given
        for one in flatten(loss):
            losses_room.get(one)
        for one in flatten(metrics):
            if isinstance(one, str):
                metrics_room.get(one)

    @property
    def built(self) -> bool:
        """Whether the outputs are known."""
        return self.names is not None

    def build(self, names: list[str], y_true: Any, y_pred: Any) -> None:
        """Match losses and metrics with the outputs, from arrays (or their shapes)."""
        if self.built:
            return
        loss, weights, metrics, weighted = self.given
        predictions = flatten(y_pred)
        targets = [None] * len(names) if y_true is None else flatten(self.by_output(y_true, names))
        if len(targets) != len(names):
            raise DataError(f"The model has {len(names)} outputs; y has {len(targets)} arrays.")
        several = len(names) > 1
        wanted = zip(
            _spread(loss, names, "loss", single=True),
            _spread(weights, names, "loss_weights", single=True),
            _spread(metrics, names, "metrics"),
            _spread(weighted, names, "weighted_metrics"),
        )
        outputs = []
        for name, target, pred, (one, weight, plain, heavy) in zip(
            names, targets, predictions, wanted
        ):
            prefix = f"{name}_" if several else ""
            true_shape = pred.shape if target is None else target.shape
            resolved = [
                [metrics_room.resolve(m, true_shape, pred.shape) for m in group]
                for group in (plain, heavy)
            ]
            tracker = metrics_room.Mean(name=f"{prefix}loss") if several and one else None
            outputs.append(
                _Output(losses_room.get(one), weight, *_distinct(resolved), prefix, tracker)
            )
        self._outputs, self.names = outputs, names

    @staticmethod
    def by_output(structure: Any, names: list[str]) -> Any:
        """Put a dict keyed by output names into the order of the outputs."""
        if isinstance(structure, Mapping) and set(structure) <= set(names):
            return [structure.get(name) for name in names]
        return structure

    def loss(self, y_true: Any, y_pred: Any, sample_weight: Any) -> jax.Array:
        """Return the weighted sum of the losses, and note each of several."""
        if all(output.loss is None for output in self._outputs):
            raise NotCompiledError("compile(loss=...) was given no loss; training needs one.")
        total: Any = 0.0
        for output, true, pred, weight in self._rows(y_true, y_pred, sample_weight):
            if output.loss is None:
                continue
            value = output.loss(true, pred, weight)
            if output.tracker is not None:
                output.tracker.update_state(value, sample_weight=np.float32(pred.shape[0]))
            total = total + (value if output.weight is None else value * output.weight)
        return total

    def update_metrics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> None:
        """Add a batch to the metrics."""
        for output, true, pred, weight in self._rows(y_true, y_pred, sample_weight):
            for metric in output.metrics:
                metric.update_state(true, pred)
            for metric in output.weighted:
                metric.update_state(true, pred, sample_weight=weight)

    def _rows(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Iterator[tuple]:
        assert self.names is not None
        predictions = flatten(y_pred)
        targets = flatten(self.by_output(y_true, self.names))
        weights = self.by_output(sample_weight, self.names)
        weights = flatten(weights) if isinstance(weights, (list, tuple)) else [weights]
        weights = weights if len(weights) == len(predictions) else weights * len(predictions)
        return zip(self._outputs, targets, predictions, weights)

    @property
    def metrics(self) -> list[Any]:
        """The metrics, the mean of the loss first."""
        found = [self.tracker]
        for output in self._outputs:
            found += [output.tracker] if output.tracker is not None else []
        for output in self._outputs:
            found += [*output.metrics, *output.weighted]
        return found

    def results(self) -> dict[str, Any]:
        """Return the value of every metric by its name in the logs."""
        results = {"loss": self.tracker.result()}
        for output in self._outputs:
            if output.tracker is not None:
                results[output.tracker.name] = output.tracker.result()
        for output in self._outputs:
            for metric in [*output.metrics, *output.weighted]:
                value = metric.result()
                if isinstance(value, Mapping):
                    results.update({f"{output.prefix}{k}": v for k, v in value.items()})
                else:
                    results[f"{output.prefix}{metric.name}"] = value
        return results

    def check_labels(self, y_true: Any, y_pred: Any) -> None:
        """Raise `DataError` if concrete labels do not suit the losses."""
        assert self.names is not None
        targets = flatten(self.by_output(y_true, self.names))
        for output, true, pred in zip(self._outputs, targets, flatten(y_pred)):
            if output.loss is not None and true is not None:
                losses_room.check_labels(output.loss, np.asarray(true), pred.shape[-1])

    @property
    def variables(self) -> list[Variable]:
        """The variables of all metrics."""
        return [v for metric in self.metrics for v in metric.variables]


class _Output:
    """The loss and metrics of one output."""

    def __init__(
        self, loss: Any, weight: Any, metrics: list, weighted: list, prefix: str, tracker: Any
    ):
        self.loss = loss
        self.weight = weight
        self.metrics = metrics
        self.weighted = weighted
        self.prefix = prefix
        self.tracker = tracker


def _distinct(groups: list[list[Any]]) -> list[list[Any]]:
    """Number metrics of one output that share a name: auc, auc_1, ..."""
    seen: dict[str, int] = {"loss": 1}
    for metric in [m for group in groups for m in group]:
        count = seen[metric.name] = seen.get(metric.name, -1) + 1
        if count:
            metric.name = f"{metric.name}_{count}"
    return groups


def _spread(value: Any, names: list[str], what: str, single: bool = False) -> list[Any]:
    """Spread what ``compile`` was given over the outputs: one entry for each.

    An entry is a list (of metrics), or with ``single`` one thing (a loss, a weight).
    """

    def entry(one: Any) -> Any:
        if single:
            return one
        if one is None:
            return []
        return list(one) if isinstance(one, (list, tuple)) else [one]

    if isinstance(value, Mapping):
        unknown = [key for key in value if key not in names]
        if unknown:
            raise ConfigError(
                f"{what} names the output {unknown[0]!r}; the model's are {', '.join(names)}."
                f"{nearest(unknown[0], names)}"
            )
        return [entry(value.get(name)) for name in names]
    if isinstance(value, (list, tuple)):
        nested = single or any(isinstance(part, (list, tuple)) or part is None for part in value)
        if nested:
            if len(value) != len(names):
                raise ConfigError(f"{what} has {len(value)} entries for {len(names)} outputs.")
            return [entry(part) for part in value]
        if len(names) > 1 and len(value) == len(names):
            return [entry(part) for part in value]
    if single and value is not None and what == "loss_weights" and len(names) > 1:
        raise ConfigError("loss_weights is a list or dict with one number for each output.")
    return [entry(value) for _ in names]


def shapes_of(structure: Sequence[Any] | Any) -> Any:
    """Return the same structure with shape and dtype in place of each array."""
    return map_structure(
        lambda a: None if a is None else jax.ShapeDtypeStruct(jnp.shape(a), a.dtype), structure
    )
