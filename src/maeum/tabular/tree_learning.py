"""Trees that learn a table, to be blended with its networks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from maeum.core.messages import _
from maeum.experiment.classes import calm
from maeum.experiment.events import work
from maeum.layers import DecisionTrees
from maeum.tabular.baselines import matrix
from maeum.tabular.dataset import Dataset
from maeum.tabular.trees import Trees
from maeum.training.class_weights import balanced_class_weights

MOST_NODES = 150_000  # of each kind: about 3 MB
MANY_ROWS = 5_000  # from which on trees of boosting have more leaves
FEW_LEAVES, MANY_LEAVES = 16, 31  # of a tree of boosting
TURNS, FEWEST_TURNS, TOTAL_RATE = 150, 30, 12.0  # of boosting; 12 / turns is the learning rate
TREES, FEWEST_TREES, TRIED_TREES = 100, 30, 5  # of a forest
LEAF = 3  # rows of a leaf of a forest, at least
MOST_ROWS = 50_000  # that forests learn from
FOLDS = 8


class _Lesson(NamedTuple):
    """What trees learn: features, goals and weights of the rows that are not for the test."""

    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray | None
    task: str
    classes: int
    seed: int

    @property
    def units(self) -> int:
        """How many numbers the network says of a row."""
        return self.classes if self.task == "multiclass" else 1

    def of(self, rows: np.ndarray) -> dict[str, Any]:
        """Return what ``fit`` takes of some rows."""
        weights = None if self.weights is None else self.weights[rows]
        return {"X": self.x[rows], "y": self.y[rows], "sample_weight": weights}


def learn_trees(data: Dataset, seconds: float) -> list[Trees]:
    """Learn gradient boosting and forests, as far as the time goes.

    Boosting learns from all folds but one in turn, as the members of an ensemble do; the folds
    together choose how many turns are best. Forests tell by their out-of-bag rows how good they
    are, unless rows belong together (groups, times). Texts are not learnt from.

    Args:
        data: the table, with an ensemble's options.
        seconds: how long it may take, about.
    """
    preparation, rest = data.preparation, data.parts.rest
    if not (preparation.feature_names or preparation.embedded):
        return []
    arrays = {key: data.arrays[key][rest] for key in ("numbers", *preparation.embedded)}
    y, classes = data.goals(rest), len(data.target.classes)
    if classes and len(np.unique(y)) < classes:
        return []  # their numbers would be others
    lesson = _Lesson(matrix(arrays, arrays, False), y, loss_weights(data), data.target.task,
                     classes, data.options.seed)  # fmt: skip
    ends = time.monotonic() + seconds
    work(_("Training trees to blend with the networks ..."))
    forests = []
    with calm(len(y)):
        if data.groups is None and data.times is None and len(y) <= MOST_ROWS:
            for name in ("random_forest", "extra_trees"):
                forests.append(_forest(lesson, name, seconds / 4))
        boosting = _boosting(lesson, data.member_rows(FOLDS), ends)
    return [trees for trees in (boosting, *forests) if trees is not None]


def loss_weights(data: Dataset) -> np.ndarray | None:
    """Return how much rows that are not for the test count in the loss; None if all the same."""
    rest = data.parts.rest
    weights = data.row_weights(rest)
    if not data.options.balance or not data.target.classes:
        return weights
    labels = data.goals(rest)
    of_class = np.vectorize(balanced_class_weights(labels).get, "f")(labels)
    return of_class if weights is None else of_class * weights


def losses(task: str, y: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Return the squared error or the log loss of each row.

    Args:
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
        y: ``(n,)`` class numbers or values.
        outputs: ``(n, units)`` what a network says.

    >>> losses("binary", np.array([1, 0]), np.array([[0.5], [0.5]])).round(3).tolist()
    [0.693, 0.693]
    """
    if task == "regression":
        return (outputs[:, 0] - y) ** 2
    p = np.column_stack([1 - outputs[:, 0], outputs[:, 0]]) if task == "binary" else outputs
    return -np.log(np.clip(p[np.arange(len(y)), y], 1e-7, 1.0))


def _boosting(lesson: _Lesson, folds: Any, ends: float) -> Trees | None:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    numbers, rows = lesson.task == "regression", len(lesson.y)
    leaves = FEW_LEAVES if rows < MANY_ROWS else MANY_LEAVES
    turns = min(TURNS, MOST_NODES // (2 * leaves * lesson.units * FOLDS))
    if turns < FEWEST_TURNS:
        return None
    kind = HistGradientBoostingRegressor if numbers else HistGradientBoostingClassifier
    began, models, held, gone = time.monotonic(), [], [], []
    for own, held_out in folds:
        own = np.unique(own)
        if lesson.classes and len(np.unique(lesson.y[own])) < lesson.classes:
            return None
        model = kind(
            max_iter=turns, learning_rate=TOTAL_RATE / turns, max_leaf_nodes=leaves, max_depth=6,
            min_samples_leaf=3 * LEAF, l2_regularization=1.0, early_stopping=False,
            random_state=lesson.seed,
        )  # fmt: skip
        model.fit(**lesson.of(own))
        weights = None if lesson.weights is None else lesson.weights[held_out]
        each = [
            np.average(losses(lesson.task, lesson.y[held_out], outputs), weights=weights)
            for outputs in _staged(model, lesson, held_out)
        ]
        models.append(model)
        held.append(np.sort(held_out))
        gone.append(each)
        if time.monotonic() + (time.monotonic() - began) / len(models) > ends:
            break
    best = int(np.mean(gone, axis=0).argmin()) + 1
    outputs = [next(islice(_staged(model, lesson, own), best - 1, None))
               for model, own in zip(models, held)]  # fmt: skip
    for model in models:
        model._predictors = model._predictors[:best]
    activation = {"binary": "sigmoid", "multiclass": "softmax"}.get(lesson.task)
    layer = DecisionTrees.from_sklearn(*models, activation=activation)
    return _in_order("gradient_boosting", layer, np.concatenate(held), np.concatenate(outputs))


def _staged(model: Any, lesson: _Lesson, rows: np.ndarray) -> Iterator[np.ndarray]:
    """Yield what boosting says of some rows after each turn."""
    if lesson.task == "regression":
        yield from (said[:, None] for said in model.staged_predict(lesson.x[rows]))
        return
    first = int(lesson.task == "binary")  # of two classes, the second
    yield from (said[:, first:] for said in model.staged_predict_proba(lesson.x[rows]))


def _forest(lesson: _Lesson, name: str, seconds: float) -> Trees | None:
    """Return a forest; of two classes it learns the mean, which is the probability of the second.

    The gain of a split is the same for the squared error of 0 and 1 as for Gini's impurity.
    """
    from sklearn import ensemble as E

    kinds = {
        "random_forest": (E.RandomForestRegressor, E.RandomForestClassifier),
        "extra_trees": (E.ExtraTreesRegressor, E.ExtraTreesClassifier),
    }
    several = lesson.task == "multiclass"
    nodes = MOST_NODES * 5 // (4 + lesson.units)
    features = max(1, lesson.x.shape[1] // 3) if lesson.task == "regression" else "sqrt"
    arguments = lesson.of(np.arange(len(lesson.y)))

    def fitted(trees: int, oob: bool) -> Any:
        model = kinds[name][several](
            trees, min_samples_leaf=LEAF, max_leaf_nodes=max(2, nodes // (2 * TREES)),
            max_features=features, bootstrap=True, oob_score=oob, n_jobs=-1,
            random_state=lesson.seed,
        )  # fmt: skip
        return model.fit(**arguments)

    began = time.monotonic()
    fitted(TRIED_TREES, False)
    each = (time.monotonic() - began) / TRIED_TREES
    trees = min(TREES, int((seconds - (time.monotonic() - began)) / each))
    if trees < FEWEST_TREES:
        return None
    model = fitted(trees, True)
    outputs = model.oob_decision_function_ if several else model.oob_prediction_[:, None]
    rows = np.flatnonzero(np.isfinite(outputs).all(axis=1))
    return _in_order(name, DecisionTrees.from_sklearn(model), rows, outputs[rows])


def _in_order(name: str, layer: DecisionTrees, rows: np.ndarray, outputs: np.ndarray) -> Trees:
    order = np.argsort(rows, kind="stable")
    return Trees(name, layer, rows[order], outputs[order])
