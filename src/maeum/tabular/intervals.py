"""Prediction intervals: between which two values a number is, in nine of ten rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from maeum.core.errors import ConfigError
from maeum.core.json import Saved
from maeum.report.wording import percent

LEVEL = 0.9  # of the values that an interval is meant to hold, unless another is asked for
FEWEST = 30  # errors that intervals are measured by
FEWEST_SCALED = 200  # errors to learn by where predictions are farther off than elsewhere
MOST_KEPT = 1_000  # errors in a model file
MOST_ROWS = 20_000  # that intervals are measured by
MOST_FEATURES = 256  # that say where predictions are farther off; of more, the prediction alone
PENALTIES = (1.0, 0.3, 0.1)  # of the weights of these, for each row
GAIN = 0.02  # by how much intervals of several widths have to be better than those of one
FOLDS = 5
BLOCK = 65_536  # rows that are computed at a time
_FAR = 3.0  # deviations beyond which a feature says no more
_SMALL = 0.1  # of the median, to which smaller errors are raised: their logarithms say little


@dataclass(frozen=True)
class ExpectedErrors(Saved):
    """How far off predictions are expected to be: a ridge regression of the logarithms of errors.

    Attributes:
        means, deviations, weights: ``(k + 1,)`` of the features and, last, of the prediction; or
            ``(1,)`` of the prediction alone.
    """

    means: list[float]
    deviations: list[float]
    weights: list[float]

    @classmethod
    def fit(
        cls, features: np.ndarray, prediction: np.ndarray, errors: np.ndarray, penalty: float
    ) -> ExpectedErrors:
        """Return what is expected by the features ``(n, k)``, predictions and errors, ``(n,)``.

        Of more features than `MOST_FEATURES`, only the prediction is gone by.
        """
        seen = _seen(features, prediction, features.shape[1] <= MOST_FEATURES)
        logarithms = np.log(np.maximum(errors, _SMALL * np.median(errors)))
        means, deviations = seen.mean(axis=0), seen.std(axis=0)
        deviations[deviations == 0] = 1.0
        z = _standardised(seen, means, deviations)
        gram = z.T @ z + penalty * len(z) * np.eye(z.shape[1])
        weights = np.linalg.solve(gram, z.T @ (logarithms - logarithms.mean()))
        return cls(means.tolist(), deviations.tolist(), weights.tolist())

    def of(self, features: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Return how far off predictions are expected to be, ``(n,)``, compared with each other."""
        means, deviations, weights = map(np.array, (self.means, self.deviations, self.weights))
        found = np.empty(len(prediction))
        for start in range(0, len(found), BLOCK):
            some = slice(start, start + BLOCK)
            seen = _seen(features[some], prediction[some], len(weights) > 1)
            found[some] = np.exp(_standardised(seen, means, deviations) @ weights)
        return found


@dataclass(frozen=True)
class Intervals(Saved):
    """How far the predictions for rows that were not learnt from are off.

    An interval reaches as far to both sides of a prediction as a fraction of these errors does:
    split conformal prediction (Vovk et al., 2005), or with folds cross-conformal prediction (Vovk,
    2015). It holds new rows like those of the training in about that fraction, whatever the
    network. Where some rows are harder than others, errors are divided by what they are expected to
    be (normalized conformal prediction, Papadopoulos et al., 2008). How far the members of an
    ensemble differ is no measure for that: of a row that all but one have learnt from, they differ
    just where that one is wrong.

    Attributes:
        errors: in ascending order, at most `MOST_KEPT`, each the largest of as many others.
        rows: how many there were.
        expected: what they were divided by; None where intervals are equally wide.
    """

    errors: list[float]
    rows: int
    expected: ExpectedErrors | None = None

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """Return what `to_json` described."""
        expected = saved["expected"]
        return cls(saved["errors"], saved["rows"], expected and ExpectedErrors(**expected))

    @classmethod
    def fit(
        cls, features: np.ndarray, prediction: np.ndarray, truth: np.ndarray
    ) -> Intervals | None:
        """Return the intervals by the predictions for rows that were not learnt from.

        They are equally wide, unless by a cross-validation others have an interval score (Gneiting
        & Raftery, 2007) that is better by 2%.

        Args:
            features: ``(n, k)`` what the network sees of them.
            prediction, truth: ``(n,)``, in the target's units.

        Returns:
            The intervals; None for fewer than `FEWEST` rows.

        >>> zeros = np.zeros(99)
        >>> found = Intervals.fit(zeros[:, None], zeros, np.arange(1.0, 100.0))
        >>> found.around(zeros[:1, None], zeros[:1], 0.9)
        (array([-90.]), array([90.]))
        """
        known = np.flatnonzero(np.isfinite(truth - prediction))
        if len(known) < FEWEST:
            return None
        known = known[:: -(-len(known) // MOST_ROWS)]
        rows = features[known], prediction[known]
        errors = np.abs(truth - prediction)[known]
        scaled, expected = errors, None
        if len(errors) >= FEWEST_SCALED and np.median(errors) > 0:
            least = (1 - GAIN) * _interval_score(errors, np.ones(len(errors)))
            for penalty in PENALTIES:
                elsewhere = _expected_elsewhere(*rows, errors, penalty)
                if (score := _interval_score(errors, elsewhere)) < least:
                    least, scaled = score, errors / elsewhere
                    expected = ExpectedErrors.fit(*rows, errors, penalty)
        scaled = np.sort(scaled)
        steps = np.linspace(0, len(scaled), min(len(scaled), MOST_KEPT) + 1)[1:]
        kept = scaled[np.ceil(steps).astype(int) - 1]
        return cls([float(f"{error:.6g}") for error in kept], len(scaled), expected)

    def around(
        self, features: np.ndarray, prediction: np.ndarray, level: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the lower and the upper ends ``(n,)`` around predictions.

        Args:
            features: ``(n, k)`` what the network sees of the rows.
            prediction: ``(n,)`` in the target's units.
            level: the fraction of the values that the intervals are meant to hold.

        Raises:
            ConfigError: for a level that so few errors cannot tell.
        """
        rank = _rank(level, self.rows)
        if rank > self.rows:
            most = self.rows / (self.rows + 1)
            raise ConfigError("The intervals are measured by {n:,} rows, which tell levels up to "
                              "{most}; got {level}.", n=self.rows, most=percent(most, 2),
                              level=level)  # fmt: skip
        reach: Any = self.errors[math.ceil(rank / self.rows * len(self.errors) - 1e-9) - 1]
        if self.expected is not None:
            reach = reach * self.expected.of(features, prediction)
        return prediction - reach, prediction + reach


def coverage(truth: np.ndarray, low: np.ndarray, high: np.ndarray) -> dict[str, float]:
    """Return how often intervals hold the truth, and how wide they are; all ``(n,)``.

    >>> coverage(np.array([1.0, 5.0]), np.array([0.0, 1.0]), np.array([2.0, 4.0]))
    {'coverage': 0.5, 'interval_width': 2.5}
    """
    inside = (low <= truth) & (truth <= high)
    return {"coverage": float(inside.mean()), "interval_width": float(np.median(high - low))}


def named(level: float, low: np.ndarray, high: np.ndarray) -> dict[str, np.ndarray]:
    """Return the ends of intervals as columns of a prediction, by name.

    >>> list(named(0.9, np.zeros(1), np.ones(1))), list(named(0.999, np.zeros(1), np.ones(1)))[1]
    (['lower (90%)', 'upper (90%)'], 'upper (99.9%)')
    """
    said = f"{100 * level:.10g}%"
    return {f"lower ({said})": low, f"upper ({said})": high}


def _rank(level: float, rows: int) -> int:
    """Return which of so many errors, in ascending order, intervals of a level reach up to."""
    return max(1, math.ceil(round((rows + 1) * level, 9)))


def _seen(features: np.ndarray, prediction: np.ndarray, all_of_them: bool) -> np.ndarray:
    """Return what expected errors depend on: the features, or none of them; the prediction."""
    used = features if all_of_them else features[:, :0]
    return np.column_stack([used, prediction]).astype(np.float64)


def _standardised(seen: np.ndarray, means: np.ndarray, deviations: np.ndarray) -> np.ndarray:
    return np.clip((seen - means) / deviations, -_FAR, _FAR)


def _expected_elsewhere(
    features: np.ndarray, prediction: np.ndarray, errors: np.ndarray, penalty: float
) -> np.ndarray:
    """Return what errors are expected in each fold by those of the others."""
    fold = np.random.default_rng(0).permutation(len(errors)) % FOLDS
    found = np.empty(len(errors))
    for number in range(FOLDS):
        own, others = fold == number, fold != number
        model = ExpectedErrors.fit(features[others], prediction[others], errors[others], penalty)
        found[own] = model.of(features[own], prediction[own])
    return found


def _interval_score(errors: np.ndarray, expected: np.ndarray) -> float:
    """Return the mean width of intervals, and what lies outside of them, as it is weighed."""
    reach = np.sort(errors / expected)[_rank(LEVEL, len(errors)) - 1] * expected
    outside = np.maximum(0.0, errors - reach)
    return float(np.mean(2 * reach + 2 / (1 - LEVEL) * outside))
