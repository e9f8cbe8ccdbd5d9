"""The nodes of trees that scikit-learn learnt, as `DecisionTrees` holds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from maeum.core.errors import ConfigError


class Forest(NamedTuple):
    """The nodes of several trees, one tree after the other.

    Attributes:
        root: ``(trees,)`` the number of the first node of each tree.
        feature, threshold, left, missing_left: ``(nodes,)``, see `maeum.layers.DecisionTrees`.
        value: ``(nodes, width)``.
        bias: ``(units,)`` what is added to the sum of the trees.
        depth: the levels below the first node of the deepest tree.
        features: how many features there are.
    """

    root: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    missing_left: np.ndarray
    value: np.ndarray
    bias: np.ndarray
    depth: int
    features: int

    @property
    def weights(self) -> tuple[np.ndarray, ...]:
        """The arrays in the order of the layer's weights."""
        return self[:-2]

    @classmethod
    def of(cls, trees: Sequence[Nodes], bias: np.ndarray, features: int) -> Forest:
        """Return trees one after the other."""
        sizes = [len(tree.feature) for tree in trees]
        root = np.cumsum([0, *sizes[:-1]])
        joined = Nodes(*map(np.concatenate, zip(*trees)))
        left = joined.left + np.repeat(root, sizes)
        value = joined.value.astype(np.float32)
        return cls(root.astype(np.int32), joined.feature.astype(np.int32), joined.threshold,
                   left.astype(np.int32), joined.missing_left.astype(np.int8), value,
                   bias.astype(np.float32), max(map(_depth, trees)), features)  # fmt: skip

    @classmethod
    def mean(cls, forests: Sequence[Forest]) -> Forest:
        """Return the trees of several forests, whose sum is the mean of their sums."""
        if len(forests) == 1:
            return forests[0]
        first, n = forests[0], len(forests)
        if len({(each.value.shape[1], len(each.bias), each.features) for each in forests}) != 1:
            raise ConfigError("Trees of several models are averaged if these have the same "
                              "features and outputs; got others.")  # fmt: skip
        starts = np.cumsum([0, *(len(each.feature) for each in forests[:-1])]).astype(np.int32)
        moved = [
            each._replace(root=each.root + start, left=each.left + start, value=each.value / n)
            for each, start in zip(forests, starts)
        ]
        bias = np.mean([each.bias for each in forests], axis=0)
        root, feature, threshold, left, missing_left, value = (
            np.concatenate(arrays) for arrays in zip(*(each.weights[:-1] for each in moved))
        )
        depth = max(each.depth for each in forests)
        return cls(root, feature, threshold, left, missing_left, value, bias, depth,
                   first.features)  # fmt: skip


class Nodes(NamedTuple):
    """The nodes of one tree; the attributes are those of `Forest`."""

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    missing_left: np.ndarray
    value: np.ndarray

    @classmethod
    def of(
        cls, feature: np.ndarray, threshold: np.ndarray, left: np.ndarray, right: np.ndarray,
        leaf: np.ndarray, missing_left: np.ndarray, value: np.ndarray,
    ) -> Nodes:  # fmt: skip
        """Return the nodes of a tree with each right child behind the left one."""
        inner = np.flatnonzero(~leaf)
        place, first = np.zeros(len(leaf), np.int64), 1 + 2 * np.arange(len(inner))
        place[left[inner]], place[right[inner]] = first, first + 1
        to_left = place.copy()  # a leaf leads to itself
        to_left[inner] = first
        order = np.argsort(place)
        found = (
            np.where(leaf, 0, feature),
            np.where(leaf, np.float32(np.inf), rounded_down(threshold)),
            to_left,
            np.where(leaf, 1, missing_left),
            np.where(leaf[:, None], value, 0.0),
        )
        return cls(*(each[order] for each in found))


def rounded_down(x: np.ndarray) -> np.ndarray:
    """Return the largest float32 that is at most ``x``: a float32 is at most both, or neither.

    >>> float(rounded_down(np.array([0.1]))[0]) < 0.1 < float(np.float32(0.1))
    True
    """
    with np.errstate(over="ignore"):  # beyond all float32 is infinite, or the next below
        near = np.asarray(x, np.float64).astype(np.float32)
    return np.where(near > x, np.nextafter(near, np.float32(-np.inf)), near)


def forest_of(model: Any) -> Forest:
    """Return the trees of a trained model of scikit-learn.

    Raises:
        ConfigError: for other models, several targets, or splits on categories.
        sklearn.exceptions.NotFittedError: for a model that was not trained.
    """
    from sklearn import ensemble as E
    from sklearn.tree import BaseDecisionTree
    from sklearn.utils.validation import check_is_fitted

    forests = (E.RandomForestClassifier, E.RandomForestRegressor, E.ExtraTreesClassifier,
               E.ExtraTreesRegressor)  # fmt: skip
    boosting = E.HistGradientBoostingClassifier, E.HistGradientBoostingRegressor
    if not isinstance(model, (BaseDecisionTree, *forests, *boosting)):
        raise ConfigError("Trees are taken over from HistGradientBoosting, RandomForest, "
                          "ExtraTrees and DecisionTree models of scikit-learn; got {given!r}.",
                          given=model)  # fmt: skip
    check_is_fitted(model)
    if isinstance(model, boosting):
        return _boosting(model)
    trees = model.estimators_ if isinstance(model, forests) else [model]
    if trees[0].tree_.n_outputs != 1:
        raise ConfigError("Trees of several targets are not taken over; got {n}.",
                          n=trees[0].tree_.n_outputs)  # fmt: skip
    found = [_nodes(each.tree_, len(trees)) for each in trees]
    return Forest.of(found, np.zeros(found[0].value.shape[1]), trees[0].tree_.n_features)


def _boosting(model: Any) -> Forest:
    """Return the trees of HistGradientBoosting*, whose nodes have no public name."""
    rows = [tree.nodes for turn in model._predictors for tree in turn]
    if any(each["is_categorical"].any() for each in rows):
        raise ConfigError("Trees with splits on categories (categorical_features) are not taken "
                          "over; give the categories as numbers.")  # fmt: skip
    trees = [
        Nodes.of(each["feature_idx"], each["num_threshold"], each["left"], each["right"],
                 each["is_leaf"].astype(bool), each["missing_go_to_left"], each["value"][:, None])
        for each in rows
    ]  # fmt: skip
    return Forest.of(trees, model._baseline_prediction.reshape(-1), model.n_features_in_)


def _nodes(tree: Any, among: int) -> Nodes:
    """Return the nodes of one of several trees whose mean answers."""
    leaf = tree.children_left < 0
    value = tree.value[:, 0] / among
    return Nodes.of(tree.feature, tree.threshold, tree.children_left, tree.children_right, leaf,
                    tree.missing_go_to_left, value)  # fmt: skip


def _depth(tree: Nodes) -> int:
    """Return how many levels a tree has below its first node."""
    levels, place = 0, np.zeros(1, np.int64)
    while len(place := place[tree.left[place] != place]):
        place = np.concatenate([tree.left[place], tree.left[place] + 1])
        levels += 1
    return levels
