"""scikit-learn's usual models for tables: what stands beside the network, each defined once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from maeum.core.messages import N_

CALIBRATION_FOLDS = 3  # of a support vector machine, which has no probabilities of its own


@dataclass(frozen=True)
class Setting:
    """What a model is made for.

    Attributes:
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
        y: ``(n,)`` what it will be trained on: class numbers or values.
        seed: what its random choices follow from.
        neighbors: of k-nearest neighbours; by the number of rows if None.
        balanced: whether each class counts the same, where a model knows weights.
    """

    task: str
    y: np.ndarray
    seed: int
    neighbors: int | None = None
    balanced: bool = False

    @property
    def of_classes(self) -> bool:
        """Whether classes are learnt, and not numbers."""
        return self.task != "regression"

    @property
    def weights(self) -> dict[str, Any]:
        """What a classifier is given that may weight its classes."""
        return {"class_weight": "balanced"} if self.balanced else {}


@dataclass(frozen=True)
class UsualModel:
    """A model of scikit-learn's.

    Attributes:
        key: its short name.
        title: what it is called where classes are learnt.
        build: returns it untrained.
        title_of_numbers: what it is called where numbers are learnt, if that is something else.
        one_hot: whether it needs its categories one-hot; others take the numbers of the values.
        most_rows: more would take too long, or too much memory.
        least: rows of a class that it can learn.
    """

    key: str
    title: str
    build: Callable[[Setting], Any]
    title_of_numbers: str = ""
    one_hot: bool = False
    most_rows: int | None = None
    least: int = 1

    def title_for(self, task: str) -> str:
        """Return what it is called, as a message."""
        return (task == "regression" and self.title_of_numbers) or self.title


def usual_neighbors(rows: int, task: str) -> int:
    """Return the number of neighbours near the root of the rows; odd for two classes.

    >>> usual_neighbors(100, "regression"), usual_neighbors(100, "binary")
    (10, 11)
    >>> usual_neighbors(2, "binary")
    1
    """
    k = max(1, round(sqrt(rows)))
    if task == "binary" and k % 2 == 0:
        k += 1 if k < rows else -1
    return min(k, rows)


def _linear(setting: Setting) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge

    return LogisticRegression(max_iter=2000, **setting.weights) if setting.of_classes else Ridge()


def _neighbors(setting: Setting) -> Any:
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

    kind = KNeighborsClassifier if setting.of_classes else KNeighborsRegressor
    k = setting.neighbors or usual_neighbors(len(setting.y), setting.task)
    return kind(k, algorithm="brute")  # with 8 features, 4 times as fast as by a tree


def _svm(setting: Setting) -> Any:
    """Return a support vector machine; its distances become probabilities (Platt, 1999)."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.model_selection import StratifiedKFold
    from sklearn.svm import SVC, SVR

    if not setting.of_classes:
        return _standardised(SVR())
    rarest = int(np.unique(setting.y, return_counts=True)[1].min())
    folds = StratifiedKFold(min(CALIBRATION_FOLDS, rarest), shuffle=True, random_state=setting.seed)
    return CalibratedClassifierCV(SVC(**setting.weights), cv=folds, ensemble=False)


def _standardised(model: Any) -> Any:
    """Let a model learn numbers of mean 0 and deviation 1: its defaults are made for them."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.preprocessing import StandardScaler

    return TransformedTargetRegressor(model, transformer=StandardScaler())


def _tree(setting: Setting) -> Any:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    if setting.of_classes:
        return DecisionTreeClassifier(random_state=setting.seed, **setting.weights)
    return DecisionTreeRegressor(random_state=setting.seed)


def _forest(setting: Setting) -> Any:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    how = {"random_state": setting.seed, "n_jobs": -1}
    if setting.of_classes:
        return RandomForestClassifier(**how, **setting.weights)
    return RandomForestRegressor(**how)


def _boosting(setting: Setting) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    if setting.of_classes:
        return HistGradientBoostingClassifier(random_state=setting.seed, **setting.weights)
    return HistGradientBoostingRegressor(random_state=setting.seed)


LINEAR = UsualModel(
    "linear", N_("Logistic regression"), _linear, N_("Ridge regression"), one_hot=True
)
NEIGHBORS = UsualModel(
    "knn", N_("k-nearest neighbours"), _neighbors, one_hot=True, most_rows=20_000
)
SVM = UsualModel("svm", N_("Support vector machine"), _svm, one_hot=True, most_rows=5_000, least=2)
TREE = UsualModel("tree", N_("Decision tree"), _tree)
FOREST = UsualModel("forest", N_("Random forest"), _forest, most_rows=100_000)
BOOSTING = UsualModel("boosting", N_("Gradient boosting"), _boosting)
USUAL_MODELS = {model.key: model for model in (LINEAR, NEIGHBORS, SVM, TREE, FOREST, BOOSTING)}
