"""Watching one number of the logs: which way is better, and which one is meant."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from maeum.callbacks.callback import Callback
from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, nearest
from maeum.core.messages import _
from maeum.core.names import is_builtin
from maeum.core.registry import snake_case

# How the words in the name of a metric begin, of which more or less is better.
_MORE_IS_BETTER = (
    "acc", "auc", "precision", "recall", "f1", "fbeta", "f_beta", "iou", "io_u",
    "miou", "r2", "top_k", "sensitivity", "specificity", "cosine", "correlation", "true_positives",
    "true_negatives",
)  # fmt: skip
_LESS_IS_BETTER = (
    "loss", "error", "mse", "mae", "mape", "msle", "rmse", "crossentropy", "ce", "bce", "hinge",
    "kl", "poisson", "logcosh", "log_cosh", "huber", "perplexity", "false_positives",
    "false_negatives",
)  # fmt: skip


class MonitoringCallback(Callback):
    """Base of the callbacks that compare a monitored value with the best one so far.

    They are dataclasses with these fields.

    Args:
        monitor: the name in the logs, such as ``"val_loss"``.
        mode: ``"min"``, ``"max"`` or ``"auto"``: by the metric of that name.
        min_delta: the least change that counts as an improvement.

    Raises:
        ConfigError: when a training begins, if ``"auto"`` cannot tell.
    """

    monitor: str
    mode: str
    min_delta: float = 0.0

    def __post_init__(self) -> None:
        check_choice(self.mode, ("auto", "min", "max"), "mode")
        self.min_delta = abs(self.min_delta)
        self.reset()

    def reset(self) -> None:
        """Start again: nothing is known to be the best yet."""
        self.best: float | None = None
        self._direction: bool | None = None

    def begin(self) -> None:
        """Start a training; raise if it is not known which way a watched metric is better.

        What is no metric of the model may be in the logs all the same: that shows after an epoch.
        """
        self.reset()
        if self._metric() is not None:
            self.more_is_better  # noqa: B018

    @property
    def more_is_better(self) -> bool:
        """Whether a larger value is a better one."""
        if self._direction is None:
            self._direction = self.mode == "max" if self.mode != "auto" else self._found_direction()
        return self._direction

    @property
    def monitor_op(self) -> Any:
        """What compares a value with the best one: ``numpy.greater`` or ``numpy.less``."""
        return np.greater if self.more_is_better else np.less

    def _metric(self) -> Any:
        """Return the metric of the model that is watched, or None."""
        compiled = getattr(self.model, "losses_and_metrics", None)
        logged = () if compiled is None else compiled.logged
        return dict(logged).get(self.monitor.removeprefix("val_"))

    def _found_direction(self) -> bool:
        name, metric = self.monitor.removeprefix("val_"), self._metric()
        own = getattr(metric, "fn", type(metric))  # of a mean, what it is the mean of
        called = own.__name__ if metric is not None and is_builtin(own) else name
        found = more_is_better(called)
        if found is not None:
            return found
        raise ConfigError(
            "Whether more or less of {monitor!r} is better is not known: give {kind} "
            'mode="max" or mode="min".',
            monitor=self.monitor,
            kind=type(self).__name__,
        )

    def is_better(self, value: float, than: float | None) -> bool:
        """Tell whether ``value`` beats ``than``, None being worse than all."""
        delta = self.min_delta
        if than is None:
            return not np.isnan(value)
        return value - delta > than if self.more_is_better else value + delta < than

    def monitored(self, logs: dict[str, Any] | None) -> float | None:
        """Return the monitored value; warn and return None if it is not there."""
        value = (logs or {}).get(self.monitor)
        if value is None:
            warnings.warn(
                _(
                    "{kind} watches {monitor!r}, which is not among: {known}.{hint}",
                    kind=type(self).__name__,
                    monitor=self.monitor,
                    known=", ".join(logs or {}),
                    hint=nearest(self.monitor, logs or {}),
                ),
                stacklevel=3,
            )
            return None
        return float(value)


def more_is_better(name: str) -> bool | None:
    """Return whether more is better, by the words in the name of a metric; None if unknown.

    >>> more_is_better("val_accuracy"), more_is_better("val_loss"), more_is_better("size")
    (True, False, None)
    """
    name = snake_case(name.removeprefix("val_"))
    if name.endswith("loss"):
        return False
    more, less = (
        any(f"_{word}" in f"_{name}" for word in words)
        for words in (_MORE_IS_BETTER, _LESS_IS_BETTER)
    )
    return None if more == less else more
