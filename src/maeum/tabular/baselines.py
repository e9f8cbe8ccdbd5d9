"""What the network has to beat: scikit-learn's usual models, scored in the same way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from maeum.core.messages import N_
from maeum.experiment.classes import calm, fit_others
from maeum.experiment.rare import best_threshold
from maeum.report.scores import score
from maeum.tabular.text_columns import contains
from maeum.tabular.usual_models import BOOSTING, LINEAR, Setting

Inputs = np.ndarray | Mapping[str, np.ndarray]
ONE_HOT_LEVELS = 50  # of an embedded category, for models that know no embedding


def fit_baselines(
    task: str,
    x_train: Inputs,
    y_train: np.ndarray,
    x_test: Inputs,
    y_test: np.ndarray,
    seed: int = 42,
    classes: Sequence[str] = (),
    checked: int = 0,
    rare: int | None = None,
) -> list[dict[str, Any]]:
    """Train a linear model, gradient boosting and a constant guess, and score them.

    Args:
        task: as for `score`.
        x_train, x_test: ``(n, features)``, or what `Preparation.transform` returns.
        y_train, y_test: ``(n,)`` class numbers or values.
        seed: of the gradient boosting.
        classes: the names of the classes.
        checked: so many of the last training rows choose the threshold before they are learnt.
        rare: the class that is found best from there on; None answers from 0.5 on.

    Returns:
        ``{"name": ..., "metrics": ..., "seconds": ..., "prediction": ...}`` for each model that
        could be trained (see `maeum.experiment.classes.fit_others`); if the training rows have one
        class only, that is the constant guess alone.

    >>> x = np.arange(20.0)[:, None]
    >>> [b["name"] for b in fit_baselines("regression", x, x[:, 0], x, x[:, 0])]
    ['Ridge regression', 'Gradient boosting', 'Constant guess']
    """
    y_train = np.asarray(y_train).reshape(-1)
    number = len(classes) or int(max(np.max(y_train), np.max(y_test, initial=0))) + 1
    number = {"binary": 2, "regression": 0}.get(task, number)
    constant_only = task != "regression" and len(np.unique(y_train)) < 2
    thresholds: dict[str, float] = {}

    def models() -> Iterator[tuple[str, Any, np.ndarray, np.ndarray]]:
        for name, model, one_hot in _models(task, y_train, seed)[2 * constant_only :]:
            x, x_tested = matrix(x_train, x_train, one_hot), matrix(x_test, x_train, one_hot)
            if checked and rare is not None:
                thresholds[name] = _threshold(model, x, y_train, checked, rare)
            yield name, model, x, x_tested

    def judge(name: str, truth: np.ndarray, p: np.ndarray) -> dict[str, Any]:
        said = p[:, 1] if task == "binary" else p
        return score(task, truth, said, classes, thresholds.get(name, 0.5))

    found = fit_others(models(), y_train, np.asarray(y_test), range(number), judge)
    return [each | {"threshold": thresholds.get(each["name"], 0.5)} for each in found]


def _threshold(model: Any, x: np.ndarray, y: np.ndarray, checked: int, rare: int) -> float:
    """Return the threshold that a model chooses on the last rows, trained on the others."""
    from sklearn.base import clone

    learnt, held = slice(None, -checked), slice(-checked, None)
    if len(np.unique(y[learnt])) < 2:
        return 0.5
    with calm(len(y)):
        p = clone(model).fit(x[learnt], y[learnt]).predict_proba(x[held])[:, 1]
    chosen = best_threshold(y[held], p, rare)
    return 0.5 if chosen is None else chosen


def _models(task: str, y: np.ndarray, seed: int) -> list[tuple[str, Any, bool]]:
    """Return name, untrained model and whether it needs its categories one-hot."""
    from sklearn.dummy import DummyClassifier, DummyRegressor

    setting, numbers = Setting(task, y, seed), task == "regression"
    constant = DummyRegressor() if numbers else DummyClassifier(strategy="prior")
    return [
        *((each.title_for(task), each.build(setting), each.one_hot) for each in (LINEAR, BOOSTING)),
        (N_("Constant guess"), constant, False),
    ]


def matrix(x: Inputs, x_train: Inputs, one_hot: bool) -> np.ndarray:
    """Lay prepared inputs side by side; indices as they are or one-hot.

    Frequent levels come first; of texts, it is told which of the frequent words they contain.

    Args:
        x: ``(n, features)``, or what `Preparation.transform` returns.
        x_train: the same of the training rows, which decide how many levels there are.
        one_hot: whether a level becomes a feature of its own.

    Returns:
        ``(n, features)`` float32.
    """
    if not isinstance(x, Mapping):
        return np.asarray(x)
    assert isinstance(x_train, Mapping)
    blocks = [np.asarray(x["numbers"])]
    for key in [key for key in x if key != "numbers"]:
        index = np.asarray(x[key])
        if index.ndim == 2:  # the words of texts
            blocks.append(contains(index))
            continue
        index = index.reshape(-1, 1)
        most = min(int(np.max(x_train[key], initial=0)), ONE_HOT_LEVELS)
        blocks.append(index == np.arange(1, most + 1) if one_hot else index)
    blocks += [] if any(block.size for block in blocks) else [np.zeros((len(blocks[0]), 1))]
    return np.concatenate([block.astype(np.float32) for block in blocks], axis=1)
