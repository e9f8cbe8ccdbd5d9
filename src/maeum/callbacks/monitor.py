"""Watching one number of the logs: which way is better, and which one is meant."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from maeum.callbacks.callback import Callback
from maeum.core.checks import check_choice
from maeum.core.errors import nearest
from maeum.core.messages import _

# Metrics of which more is better; of everything else (losses, errors) less is.
_MORE_IS_BETTER = (
    "acc", "auc", "precision", "recall", "f1", "fbeta", "iou", "_io_u", "r2", "top_k",
    "sensitivity", "specificity", "cosine", "true_positives", "true_negatives",
)  # fmt: skip


class MonitoringCallback(Callback):
    """Base of the callbacks that compare a monitored value with the best one so far.

    They are dataclasses with these fields.

    Args:
        monitor: the name in the logs, such as ``"val_loss"``.
        mode: ``"min"``, ``"max"`` or ``"auto"``: by what the name says.
        min_delta: the least change that counts as an improvement.
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
        self.best: float = -np.inf if self.more_is_better else np.inf

    @property
    def more_is_better(self) -> bool:
        """Whether a larger value is a better one."""
        if self.mode != "auto":
            return self.mode == "max"
        name = self.monitor.lower()
        return not name.endswith("loss") and any(word in name for word in _MORE_IS_BETTER)

    def is_better(self, value: float, than: float) -> bool:
        """Tell whether ``value`` beats ``than``."""
        delta = self.min_delta
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
