"""The losses and metrics of a compiled model, matched to its outputs."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from maeum import losses as losses_room
from maeum import metrics as metrics_room
from maeum.core.errors import ConfigError, DataError, NotCompiledError
from maeum.core.names import is_builtin
from maeum.losses.loss import explained
from maeum.ops.alignment import as_column, is_sparse
from maeum.training.part_losses import (
    PartLoss,
    by_name,
    check_keys,
    flatten,
    is_nested,
    mapped,
    of_kind,
    part_losses,
)


class LossesAndMetrics:
    """What ``compile`` was told to minimise and to measure, for each output.

    Args:
        loss: a loss for every output, or a list or dict of them by output.
        loss_weights: how much each counts in the total.
        metrics: one list for every output, or lists or a dict of lists by output.
        weighted_metrics: metrics that take the sample weights into account.

    Attributes:
        names: the names of the outputs; None as long as they are not known.
        tracker: the mean of the loss.
    """

    def __init__(self, loss: Any, loss_weights: Any, metrics: Any, weighted_metrics: Any):
        made = _made(loss, losses_room.as_loss)
        measured = [_made(given, metrics_room.get) for given in (metrics, weighted_metrics)]
        self.given = (made, loss_weights, *measured)
        self.tracker = metrics_room.Mean(name="loss")
        self.forget()

    def forget(self) -> None:
        """Be as before `build`."""
        self.names: list[str] | None = None
        self._outputs: list[_Output] = []
        self._losses: list[PartLoss] = []
        self._trackers: list[Any] = []
        self._structure: Any = None
        self._logged: list[tuple[str, Any]] = []

    def check_names(self) -> None:
        """Raise `UnknownNameError` for a loss or metric that there is not."""
        loss, _weights, *metrics = self.given
        for one in flatten(loss):
            losses_room.as_loss(one)
        for one in flatten(metrics):
            metrics_room.get(one)

    @property
    def wanted(self) -> bool:
        """Whether there is any loss or metric."""
        return any(one is not None for one in self.given)

    def build(self, names: list[str], y_true: Any, y_pred: Any) -> None:
        """Match losses and metrics with the outputs, from arrays (or their shapes)."""
        if self.names is not None:
            return
        loss, weights, metrics, weighted = self.given
        losses = part_losses(loss, weights, y_pred, names)
        needed = {i for one in losses for i in flatten(one.part)}
        self._structure = mapped(lambda _output: None, y_pred)
        outputs, used = [], set[int]()
        for i, (name, true, pred, plain, heavy) in enumerate(
            zip(
                names,
                _targets(y_true, names, needed, y_pred),
                flatten(y_pred),
                _spread_lists(metrics, names, "metrics"),
                _spread_lists(weighted, names, "weighted_metrics"),
            )
        ):
            if true is None and (i in needed or plain or heavy):
                raise _no_targets(name)
            output = _Output(name, pred.shape)
            output.metrics, output.weighted = (
                [_resolve(_own(metric, used), true.shape, pred.shape) for metric in group]
                for group in (plain, heavy)
            )
            outputs.append(output)
        tracked = dict.fromkeys(one.name for one in losses)
        if len(tracked) > 1:
            tracked = {name: metrics_room.Mean(name=f"{name}_loss") for name in tracked}
        for one in losses:
            one.tracker = tracked[one.name]
        self._trackers = [tracker for tracker in tracked.values() if tracker is not None]
        self.names, self._outputs, self._losses = names, outputs, losses
        self._logged = _log_names(outputs)

    def takes_class_numbers(self, y_true: Any) -> bool:
        """Tell whether an output is compared with class numbers, by the shapes of both."""
        pairs = zip(self._outputs, flatten(y_true))
        return any(is_sparse(target.shape, output.shape) for output, target in pairs)

    def loss(self, y_true: Any, y_pred: Any, sample_weight: Any) -> jax.Array:
        """Return the weighted sum of the losses, and note each of several."""
        if not self._losses:
            raise NotCompiledError("compile(loss=...) was given no loss; training needs one.")
        targets, predictions, weights = self._flat(y_true, y_pred, sample_weight)
        values: dict[Any, Any] = {}
        total: Any = 0.0
        for one in self._losses:
            true, pred = one.of(targets), one.of(predictions)
            if any(part is None for part in flatten(true)):
                raise _no_targets(one.name)
            if one.single:
                true, pred = _as_columns(one.loss, true, pred)
            value = one.loss(true, pred, _weight_of(one, weights))
            values[one.name] = values.get(one.name, 0.0) + value
            total = total + (value if one.weight is None else value * one.weight)
        for tracker, value in zip(self._trackers, values.values()):
            tracker.update_state(value, sample_weight=np.float32(predictions[0].shape[0]))
        return total

    def update_metrics(self, y_true: Any, y_pred: Any, sample_weight: Any) -> None:
        """Add a batch to the metrics."""
        rows = zip(self._outputs, *self._flat(y_true, y_pred, sample_weight))
        for output, true, pred, weight in rows:
            if true is None:
                continue
            for metric in output.metrics:
                with explained(metric.name):
                    metric.update_state(*_as_columns(metric, true, pred))
            for metric in output.weighted:
                with explained(metric.name):
                    metric.update_state(*_as_columns(metric, true, pred), sample_weight=weight)

    def _flat(self, y_true: Any, y_pred: Any, sample_weight: Any) -> tuple[list, list, list]:
        """Return the targets, predictions and weights of each output."""
        assert self.names is not None
        weights = [sample_weight] * len(self.names)
        if is_nested(sample_weight):
            weights = _for_each(sample_weight, self.names, self._structure, "sample_weight")
        return self._targets(y_true), flatten(y_pred), weights

    def _targets(self, y_true: Any) -> list[Any]:
        assert self.names is not None
        needed = {i for one in self._losses for i in flatten(one.part)}
        return _targets(y_true, self.names, needed, self._structure)

    @property
    def metrics(self) -> list[Any]:
        """The metrics, the mean of the loss first."""
        others = [m for output in self._outputs for m in (*output.metrics, *output.weighted)]
        return [self.tracker, *self._trackers, *others]

    def results(self) -> dict[str, Any]:
        """Return the value of every metric by its name in the logs."""
        results = {one.name: one.result() for one in (self.tracker, *self._trackers)}
        for name, metric in self._logged:
            value = metric.result()
            results.update(value if isinstance(value, Mapping) else {name: value})
        return results

    @property
    def logged(self) -> list[tuple[str, Any]]:
        """The metrics with their names in the logs."""
        return self._logged

    @property
    def logged_names(self) -> list[str]:
        """The names in the logs, in their order."""
        trackers = [tracker.name for tracker in (self.tracker, *self._trackers)]
        return [*trackers, *(name for name, _metric in self._logged)]

    def check_labels(self, y_true: Any) -> None:
        """Raise `DataError` if concrete labels do not suit the outputs and their losses."""
        targets = self._targets(y_true)
        for one in self._losses:
            if one.single and targets[one.part] is not None:
                labels, shape = np.asarray(targets[one.part]), self._outputs[one.part].shape
                width = shape[-1] if len(shape) > 1 else None
                if labels.ndim == len(shape) - 1 and width == 1:
                    labels = labels[..., None]
                losses_room.check_labels(one.loss, labels, width)


@dataclass(eq=False)
class _Output:
    """The metrics of one output; the shape is that of its predictions, with the rows."""

    name: str
    shape: tuple[int, ...]
    metrics: list[Any] = field(default_factory=list)
    weighted: list[Any] = field(default_factory=list)


def _weight_of(one: PartLoss, weights: list[Any]) -> Any:
    """Return the sample weights of a part of the outputs."""
    first, *others = flatten(one.of(weights))
    if any(other is not first for other in others):
        raise ConfigError(
            "One loss takes the outputs of {name} together. Give one sample_weight for all of "
            "them, and not one for each.",
            name=one.name,
        )
    return first


def _targets(y_true: Any, names: list[str], needed: set[int], outputs: Any) -> list[Any]:
    """Return the targets of each output, None where there are none.

    A list may leave out the outputs that have no loss.
    """
    if y_true is None:
        return [None] * len(names)
    if not isinstance(y_true, Mapping):
        flat = flatten(y_true)
        if len(flat) != len(names) and len(flat) == len(needed):
            left = iter(flat)
            return [next(left) if i in needed else None for i in range(len(names))]
    return _for_each(y_true, names, outputs, "y")


def _for_each(given: Any, names: list[str], outputs: Any, what: str) -> list[Any]:
    """Return what each output is given: by its name, or in the structure of the outputs.

    Raises:
        UnknownNameError: if there is no such output.
        DataError: if there are more or fewer of them.
    """
    if isinstance(given, Mapping) and not any(is_nested(part) for part in given.values()):
        return by_name(given, names, what)
    check_keys(given, outputs, what)
    flat = flatten(given)
    if len(flat) != len(names):
        raise DataError(
            "The outputs of the model are {names}; {what} has another number of arrays: {count}. "
            "Give a list or dict with one for each output (and a list of rows as one array: "
            "numpy.stack({what})).",
            names=", ".join(names),
            what=what,
            count=len(flat),
        )
    return flat


def _made(given: Any, make: Any) -> Any:
    """Return what ``compile`` was given with the objects of its dicts in Keras's form."""
    if isinstance(given, Mapping):
        if {"class_name", "config"} <= set(given) or {"class", "config"} == set(given):
            return make(given)
        return {name: _made(part, make) for name, part in given.items()}
    return of_kind(given, [_made(part, make) for part in given]) if is_nested(given) else given


def _own(metric: Any, used: set[int]) -> Any:
    """Return a metric that measures nothing else: a copy of an object that already does."""
    if hasattr(metric, "update_state"):
        if id(metric) in used:
            return copy.deepcopy(metric)
        used.add(id(metric))
    return metric


def _as_columns(measure: Any, true: Any, pred: Any) -> tuple[Any, Any]:
    """Return one number for each row as a column, so that no mean is taken over the rows.

    Losses and metrics of users get what the model gave.
    """
    own = is_builtin(type(measure)) and is_builtin(getattr(measure, "fn", type(measure)))
    return (as_column(true), as_column(pred)) if own and len(pred.shape) == 1 else (true, pred)


def _resolve(identifier: Any, true_shape: Any, pred_shape: Any) -> Any:
    metric = metrics_room.resolve(identifier, true_shape, pred_shape)
    if isinstance(identifier, str):  # "mse" is logged as mse, as in Keras
        metric.name = identifier
    return metric


def _log_names(outputs: list[_Output]) -> list[tuple[str, Any]]:
    """Return the metrics with the names under which they are logged, as Keras gives them.

    With several outputs a name begins with the output's. Of two with one name the second is
    numbered, or called weighted.
    """
    several = len(outputs) > 1
    named: dict[str, Any] = {}
    for weighted in (False, True):
        for output in outputs:
            prefix = f"{output.name}_" if several else ""
            for metric in output.weighted if weighted else output.metrics:
                name = prefix + metric.name
                if weighted and name in named:
                    name = f"{prefix}weighted_{metric.name}"
                base, count = name, 1
                while name in named or name == "loss":
                    name, count = f"{base}_{count}", count + 1
                named[name] = metric
    return sorted(named.items()) if several else list(named.items())


def _no_targets(name: str) -> DataError:
    return DataError(
        "The loss and metrics of the output {name!r} need targets, and y has none. Give them as y, "
        "or as the second part of each batch.",
        name=name,
    )


def _spread(value: Any, names: list[str], argument: str) -> list[Any]:
    """Return, for each output, one entry of what ``compile`` was given as an argument."""
    if isinstance(value, Mapping):
        return by_name(value, names, argument)
    if isinstance(value, (list, tuple)):
        if len(value) != len(names):
            raise ConfigError(
                "{argument} has {count} entries for {outputs} outputs.",
                argument=argument,
                count=len(value),
                outputs=len(names),
            )
        return list(value)
    return [value] * len(names)


def _spread_lists(value: Any, names: list[str], argument: str) -> list[list[Any]]:
    """Return a list of metrics for each output."""
    several, listed = len(names) > 1, isinstance(value, (list, tuple))
    given = list(value) if listed else [value]
    nested = any(isinstance(part, (list, tuple)) or part is None for part in given)
    if several and not isinstance(value, Mapping) and not nested and len(given) != len(names):
        return [given] * len(names)
    entries = [given] if listed and not nested and not several else _spread(value, names, argument)
    return [list(one) if isinstance(one, (list, tuple)) else flatten(one or []) for one in entries]
