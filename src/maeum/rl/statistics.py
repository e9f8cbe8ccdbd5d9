"""How good an agent is over several seeds: interquartile means with intervals, learning curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from maeum.core.checks import check_fraction, check_whole
from maeum.core.errors import DataError
from maeum.core.randomness import generator


class Estimate(NamedTuple):
    """A figure, and the interval within which it would lie with other seeds.

    Attributes:
        value: the figure.
        low, high: the ends of the interval.
    """

    value: float
    low: float
    high: float


def interquartile_mean(
    scores: Any, confidence: float = 0.95, resamples: int = 2000, seed: int = 0
) -> Estimate:
    """Return the mean of the middle half of all scores, with a bootstrap interval over the seeds.

    Agarwal et al. (2021): less misled by a lucky or an unlucky seed than the mean, and less
    wasteful than the median. Where there are several tasks, each of these is resampled by itself,
    and the interval is that of percentiles.

    Args:
        scores: one for each seed, of shape ``(seeds,)``; or ``(seeds, tasks)``, scaled so that
            tasks can be compared.
        confidence: how often such an interval holds the figure.
        resamples: how often seeds are drawn again.
        seed: of these draws.

    Raises:
        DataError: for scores of another shape, or such as are not finite.

    Example:
        >>> found = interquartile_mean([500.0, 500.0, 480.0, 490.0, 20.0, 500.0, 495.0, 500.0])
        >>> found.value
        496.25
    """
    table = np.asarray(scores, np.float64)
    if table.ndim == 1:
        table = table[:, None]
    if table.ndim != 2 or not table.size or not np.isfinite(table).all():
        raise DataError(
            "Scores are finite numbers of shape (seeds,) or (seeds, tasks); got the shape {shape}.",
            shape=np.shape(scores),
        )
    confidence = check_fraction(confidence, "confidence", zero=False)
    count, tasks = table.shape
    draws = generator(seed, "interquartile_mean").integers(
        count, size=(check_whole(resamples, "resamples"), count, tasks)
    )
    again = np.take_along_axis(table[None], draws, 1).reshape(resamples, -1)
    ends = (1 - confidence) / 2, (1 + confidence) / 2
    low, high = np.quantile(_middle_half(again), ends)
    return Estimate(float(_middle_half(table.ravel())), float(low), float(high))


def _middle_half(scores: np.ndarray) -> np.ndarray:
    """Return the means of the middle halves along the last axis; SciPy's takes long to import."""
    count = scores.shape[-1]
    cut = count // 4
    return np.sort(scores)[..., cut : count - cut].mean(-1)


class LearningCurve(NamedTuple):
    """What several seeds reached epoch by epoch.

    Attributes:
        median, low, high: the median and the two quartiles, of shape ``(epochs,)``; NaN where no
            seed told anything.
        seeds: all curves, of shape ``(seeds, epochs)``.
    """

    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    seeds: np.ndarray


def learning_curve(histories: Sequence[Any], name: str = "return") -> LearningCurve:
    """Return the median and the quartiles over the histories of several seeds.

    Args:
        histories: what `fit` or `fit_agents` returned.
        name: of which entry.

    Raises:
        DataError: if there is no history, or one without that entry.

    Example:
        >>> from maeum.rl import QLearning, fit_agents
        >>> agents = [QLearning("CliffWalking-v1", seed=seed) for seed in range(3)]
        >>> curve = learning_curve(fit_agents(agents, steps_per_epoch=100, epochs=4))
        >>> curve.seeds.shape, bool(curve.low[-1] <= curve.median[-1] <= curve.high[-1])
        ((3, 4), True)
    """
    told = [getattr(history, "history", history) for history in histories]
    if not told or any(name not in one for one in told):
        raise DataError(
            "A learning curve of {name!r} needs histories that have it; got {known}.",
            name=name,
            known=[sorted(one) for one in told],
        )
    longest = max(len(one[name]) for one in told)
    seeds = np.full((len(told), longest), np.nan)
    for row, one in zip(seeds, told):
        row[: len(one[name])] = one[name]  # a seed that failed has fewer
    some = np.isfinite(seeds).any(0)
    quartiles = np.full((3, longest), np.nan)
    quartiles[:, some] = np.nanquantile(seeds[:, some], (0.25, 0.5, 0.75), axis=0)
    low, median, high = quartiles
    return LearningCurve(median, low, high, seeds)
