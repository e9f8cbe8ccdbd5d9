"""Probabilities that mean what they say: temperature scaling of the members of an ensemble."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from maeum.models import Ensemble

FEWEST = 50  # rows to find a temperature by
_LEAST, _MOST = 0.5, 3.0
_TINY = 1e-7


def temperature_of(truth: np.ndarray, p: np.ndarray) -> float:
    """Return by what the logarithms of probabilities are divided, so that these fit best.

    It is that of Guo, Pleiss, Sun & Weinberger, "On calibration of modern neural networks" (2017):
    the one with the smallest log loss. 1 leaves probabilities as they are, more makes them less
    sure.

    Args:
        truth: ``(n,)`` class numbers.
        p: ``(n, k)`` the probabilities of all classes.

    >>> temperature_of(np.array([0, 0, 0, 1]), np.full((4, 2), [0.9, 0.1])) == 2.0
    True
    """
    from scipy.optimize import minimize_scalar

    logits = np.log(np.clip(p, _TINY, 1.0))

    def loss(rate: float) -> float:
        z = logits * rate
        z -= z.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), truth]))

    found = minimize_scalar(loss, bounds=(1 / _MOST, 1 / _LEAST), method="bounded",
                            options={"xatol": 1e-6})  # fmt: skip
    return round(1 / float(found.x), 4)


def calibrate(network: Ensemble, inputs: Any, truth: np.ndarray, batch_size: int) -> None:
    """Divide the logits of all members by the square root of their temperature.

    It is found by what each member says of the rows that it did not learn from. Members that do
    not agree are less sure together than each alone, so that their mean needs only a part of it:
    the root was better than the whole, and than nothing, on the tables of docs/performance.md.

    Args:
        network: the ensemble, trained with folds.
        inputs: what it was trained on.
        truth: ``(n,)`` the class numbers of the rows.
        batch_size: the rows of a step.
    """
    rows, outputs = network.predict_held_out(inputs, batch_size)
    if len(rows) < FEWEST:
        return
    p = outputs.astype(np.float64)
    p = np.column_stack([1 - p, p]) if p.shape[1] == 1 else p
    rate = 1 / math.sqrt(temperature_of(truth[rows], p))
    for member in network.members:
        last: Any = member.layers[-1]
        for variable in (last.kernel, last.bias):
            variable.assign(np.asarray(variable) * np.float32(rate))
