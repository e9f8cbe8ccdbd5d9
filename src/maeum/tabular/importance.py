"""Which columns a network goes by: what it loses when a column is shuffled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from maeum.tabular.model import TabularModel

Importance = list[tuple[str, float, float]]

_REPEATS = 5
_MOST_ROWS = 2_000  # more do not make it clearer
_FEWEST_ROWS = 200
_MANY_COLUMNS = 100  # with more, each is shuffled once
_MOST_WORK = 1_000_000_000  # numbers that the network is given in all: some seconds
_AT_ONCE = 8_000_000  # of these, so many in one prediction


def permutation_importance(
    model: TabularModel, arrays: dict[str, np.ndarray], truth: np.ndarray, seed: int
) -> Importance:
    """Return for each column the mean drop of the score when it is shuffled, and its deviation.

    The score is the area under the ROC curve of two classes, the accuracy of several, and R2 of
    numbers. All features of a column are shuffled together (Breiman, 2001). Of a very wide table
    only the columns are shuffled that go most with the target by themselves, so that it stays a
    matter of seconds.

    Args:
        model: the trained network with its preparation.
        arrays: prepared rows, as `Preparation.transform` returns them.
        truth: their class numbers or values.
        seed: what the shuffling follows from.

    Returns:
        ``(column, mean, deviation)``, the most important first; empty where there is no score.
    """
    task = model.target.task
    random = np.random.default_rng(seed)
    places = _places(model)
    width = sum(array[:1].size for array in arrays.values())
    repeats = _REPEATS if len(places) <= _MANY_COLUMNS else 1
    work = max(len(places) * repeats * width, 1)
    most = int(np.clip(_MOST_WORK // work, _FEWEST_ROWS, _MOST_ROWS))
    rows = random.permutation(len(truth))[:most]
    arrays = {key: array[rows] for key, array in arrays.items()}
    truth = truth[rows]
    if not len(truth) or (whole := quick_score(task, truth, model.predict_arrays(arrays))) is None:
        return []
    fitting = max(_MOST_WORK // max(len(truth) * repeats * width, 1), 1)
    names = _most_telling(places, arrays, truth, bool(model.target.classes), fitting)
    shuffled = [(name, random.permutation(len(truth))) for name in names for _ in range(repeats)]
    at_once, drops = max(_AT_ONCE // max(len(truth) * width, 1), 1), []
    for start in range(0, len(shuffled), at_once):
        some = shuffled[start : start + at_once]
        stacked = {
            key: np.broadcast_to(array, (len(some), *array.shape)).copy()
            for key, array in arrays.items()
        }
        for i, (name, order) in enumerate(some):
            key, features = places[name]
            stacked[key][i][..., features] = arrays[key][order][..., features]
        n = len(some) * len(truth)
        flat = {key: array.reshape(n, *array.shape[2:]) for key, array in stacked.items()}
        found = model.predict_arrays(flat)
        for prediction in found.reshape(len(some), len(truth), *found.shape[1:]):
            drops.append(whole - (quick_score(task, truth, prediction) or 0.0))
    each = np.reshape(drops, (len(names), repeats))
    means, deviations = each.mean(axis=1).tolist(), each.std(axis=1).tolist()
    return sorted(zip(names, means, deviations), key=lambda entry: -entry[1])


def quick_score(task: str, truth: np.ndarray, prediction: np.ndarray) -> float | None:
    """Return the one score that importance is measured by; None where it is not defined."""
    if task == "binary":
        from scipy.stats import rankdata

        yes = truth == 1
        n, all_ = int(yes.sum()), len(yes)
        if not 0 < n < all_:
            return None
        above = rankdata(prediction)[yes].sum() - n * (n + 1) / 2
        return float(above / (n * (all_ - n)))
    if task == "multiclass":
        return float(np.mean(prediction.argmax(axis=1) == truth))
    total = float(np.sum((truth - truth.mean()) ** 2))
    return 1 - float(np.sum((truth - prediction) ** 2)) / total if total else None


def _most_telling(
    places: dict[str, tuple[str, Any]],
    arrays: dict[str, np.ndarray],
    truth: np.ndarray,
    classes: bool,
    most: int,
) -> list[str]:
    """Return the columns whose numbers are most correlated with the target, in their order."""
    if len(places) <= most:
        return [*places]
    goal = (truth[:, None] == np.unique(truth)) if classes else truth[:, None]
    x, y = (a - a.mean(axis=0) for a in (arrays["numbers"], goal.astype(np.float64)))
    scale = np.outer(np.linalg.norm(x, axis=0), np.linalg.norm(y, axis=0))
    strength = (np.abs(x.T @ y) / np.where(scale > 0, scale, 1)).max(axis=1)
    by_name = {
        name: float(strength[features].max()) if key == "numbers" else np.inf
        for name, (key, features) in places.items()
    }
    least = sorted(by_name.values(), reverse=True)[most - 1]
    return [name for name in places if by_name[name] >= least][:most]


def _places(model: TabularModel) -> dict[str, tuple[str, Any]]:
    """Return the array that holds each column's features, and their places on its last axis."""
    preparation = model.preparation
    of = np.asarray(preparation.feature_columns, object)
    places: dict[str, tuple[str, Any]] = {
        column: ("numbers", np.flatnonzero(of == column)) for column in dict.fromkeys(of)
    }
    embedded = [encoder.column for encoder in preparation.encoders if encoder.embedded]
    places |= {column: (key, slice(None)) for column, key in zip(embedded, preparation.embedded)}
    return places | {text.column: (key, slice(None)) for key, text in preparation.texts.items()}
