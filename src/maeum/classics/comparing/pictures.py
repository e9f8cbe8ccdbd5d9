"""What models learn from the one or two most telling columns of numbers, to be drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from maeum.classics.comparing.options import ComparisonOptions
from maeum.classics.comparing.trials import FAILURES, NETWORK
from maeum.core.messages import _
from maeum.experiment.classes import calm, said_by
from maeum.experiment.events import work
from maeum.tables.outliers import usual_range_of
from maeum.tabular.dataset import Dataset
from maeum.tabular.relations import as_floats
from maeum.tabular.untested import fit_table
from maeum.tabular.usual_models import USUAL_MODELS, Setting

PERCEPTRON = "perceptron"
ROWS = 1_000  # that are learnt from
MOST_COLUMNS = 200  # that are looked at
MOST_PAIRED = 6  # of the best ones, each pair of which is tried
Predict = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Pictures:
    """Models that were trained on very few columns.

    Attributes:
        names: of the columns: two for classes, one for numbers.
        x: ``(n, columns)`` the rows that all of them were trained on.
        y: ``(n,)`` class numbers or values.
        models: for each key a function from ``(m, columns)`` to class numbers or probabilities,
            or to values ``(m,)``.
    """

    names: list[str]
    x: np.ndarray
    y: np.ndarray
    models: dict[str, Predict]


def pictures_of(
    data: Dataset, options: ComparisonOptions, keys: Sequence[str]
) -> Pictures | None:  # fmt: skip
    """Train the models on the most telling columns of numbers; None where there are too few.

    Two classes or more are told apart by the two columns from which a small decision tree tells
    them best (of those with the most mutual information); numbers are predicted from one column.

    Args:
        data: the table.
        options: the choices.
        keys: the models beside the network.

    Raises:
        KeyboardInterrupt: for Ctrl-C.
    """
    goal = data.target
    random = np.random.default_rng(options.seed)
    rows = np.sort(random.permutation(len(data.frame))[: 2 * ROWS])
    y = data.truth(np.arange(len(data.frame)))[rows]
    numbers = [
        c.name for c in data.columns if c.used and c.kind == "number" and c.name != goal.name
    ]
    found = {name: as_floats(data.typed[name].iloc[rows]) for name in numbers[:MOST_COLUMNS]}
    found = {name: x for name, x in found.items() if _varies(x)}
    wanted = 2 if goal.classes else 1
    if len(found) < wanted:
        return None
    work(_("Looking for the most telling columns ..."))
    names = most_telling(found, y, wanted, options.seed)
    x = np.column_stack([found[name] for name in names])
    kept = np.isfinite(x).all(axis=1)
    for column in x.T:
        low, high = usual_range_of(column[np.isfinite(column)])
        kept &= (column >= low) & (column <= high)
    x, y = x[kept][:ROWS], y[kept][:ROWS]
    if len(x) < 10 or len(np.unique(y)) < 2:
        return None
    return Pictures(names, x, y, _trained(names, x, y, data, options, keys))


def most_telling(
    columns: dict[str, np.ndarray], y: np.ndarray, wanted: int, seed: int
) -> list[str]:
    """Return the columns that tell most of a target.

    Args:
        columns: ``(n,)`` numbers each, NaN for missing ones.
        y: ``(n,)`` class numbers, or values if one column is wanted.
        wanted: 1, or 2 for classes.
        seed: of the random choices.

    >>> random = np.random.default_rng(0)
    >>> columns = {name: random.normal(size=200) for name in "abc"}
    >>> most_telling(columns, (columns["a"] > columns["c"]).astype(int), 2, 0)
    ['a', 'c']
    """
    from sklearn.feature_selection import mutual_info_classif, mutual_info_regression
    from sklearn.model_selection import cross_val_score
    from sklearn.tree import DecisionTreeClassifier

    names = list(columns)
    x = np.column_stack([np.where(np.isnan(c), np.nanmedian(c), c) for c in columns.values()])
    measure = mutual_info_classif if wanted == 2 else mutual_info_regression
    with calm(len(y)):
        tell = measure(x, y, random_state=seed)
        best = np.argsort(-tell, kind="stable")[: MOST_PAIRED if wanted == 2 else 1].tolist()
        if len(best) <= wanted:
            return [names[i] for i in sorted(best)]
        tree = DecisionTreeClassifier(max_depth=5, min_samples_leaf=5, random_state=seed)
        scores = {
            pair: cross_val_score(tree, x[:, pair], y, cv=_folds(y), scoring="balanced_accuracy")
            for pair in combinations(sorted(best), 2)
        }
    return [names[i] for i in max(scores, key=lambda pair: scores[pair].mean())]


def _folds(y: np.ndarray) -> Any:
    from sklearn.model_selection import KFold, StratifiedKFold

    enough = np.unique(y, return_counts=True)[1].max() >= 3
    return (StratifiedKFold if enough else KFold)(3, shuffle=True, random_state=0)


def _varies(x: np.ndarray) -> bool:
    known = x[np.isfinite(x)]
    return len(known) > 1 and bool(known.min() < known.max())


def _trained(
    names: list[str],
    x: np.ndarray,
    y: np.ndarray,
    data: Dataset,
    options: ComparisonOptions,
    keys: Sequence[str],
) -> dict[str, Predict]:
    from sklearn.linear_model import Perceptron
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    goal = data.target
    setting = Setting(goal.task, y, options.seed, options.neighbors, bool(options.balance))
    found: dict[str, Predict] = {}
    for key in (PERCEPTRON, *keys) if goal.classes else keys:
        with suppress(*FAILURES), calm(len(y)):  # one that cannot learn these rows is not drawn
            model = (Perceptron(random_state=options.seed) if key == PERCEPTRON
                     else USUAL_MODELS[key].build(setting))  # fmt: skip
            model = make_pipeline(StandardScaler(), model).fit(x, y)
            found[key] = _asked(model, len(goal.classes))
    work(_("Training the network on {columns} for a picture ...", columns=", ".join(names)))
    made = fit_table(pd.DataFrame(x, columns=names), y, options.of_network, classes=goal.classes)
    if made.interrupted:
        raise KeyboardInterrupt
    network = made.model

    def ask(points: np.ndarray) -> np.ndarray:
        raw = network.predict_raw(pd.DataFrame(points, columns=names))[0]
        return network.probabilities(raw) if goal.classes else raw

    return {NETWORK: ask, **found}


def _asked(model: Any, classes: int) -> Predict:
    """Return the function that asks a model of scikit-learn's."""
    if not hasattr(model, "predict_proba"):
        return model.predict

    return lambda points: said_by(model, points, classes)
