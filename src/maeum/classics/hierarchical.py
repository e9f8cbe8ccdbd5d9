"""Hierarchical clustering (SciPy's linkage), and its dendrogram as lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

MOST_ROWS = 2_000  # the distances between all of them are held in memory
LEAVES = 40  # of the dendrogram that is shown; below them, rows are counted


@dataclass(frozen=True)
class Tree:
    """Rows joined to groups, the nearest first.

    Attributes:
        links: ``(m - 1, 4)`` as `scipy.cluster.hierarchy.linkage` returns them.
        rows: ``(m,)`` the numbers of the rows that were joined.
        linkage: how the distance between two groups is measured.
    """

    links: np.ndarray
    rows: np.ndarray
    linkage: str

    @classmethod
    def of(cls, x: np.ndarray, rows: np.ndarray, linkage: str, distance: str) -> Tree:
        """Join points ``(m, d)``, which are the rows of some numbers."""
        from scipy.cluster.hierarchy import linkage as joined
        from scipy.spatial.distance import pdist

        away = pdist(x, "cityblock" if distance == "manhattan" else "euclidean")
        return cls(joined(away, linkage), rows, linkage)

    def labels(self, groups: int) -> np.ndarray:
        """Return the group of each of the ``m`` rows, from 0 on, where the tree is cut."""
        from scipy.cluster.hierarchy import cut_tree

        return cut_tree(self.links, groups)[:, 0]

    def height(self, groups: int) -> float:
        """Return at which distance the first two of so many groups are joined."""
        return float(self.links[len(self.links) + 1 - groups, 2])

    def cut(self, groups: int) -> float:
        """Return the height between the join that makes so many groups and the next one."""
        below = self.links[len(self.links) - groups, 2] if groups <= len(self.links) else 0.0
        return float(below + self.height(groups)) / 2


class Branch(NamedTuple):
    """A join in a drawing: three sides of a box, of leaves that all have one label, or of none."""

    x: list[float]
    y: list[float]
    label: int | None


class Drawing(NamedTuple):
    """A dendrogram: its joins, and the rows under each leaf, which stand at 5, 15, 25 ..."""

    branches: list[Branch]
    leaves: list[int]
    labels: list[int]


def dendrogram(tree: Tree, labels: np.ndarray, leaves: int = LEAVES) -> Drawing:
    """Lay out the upper part of a tree.

    Args:
        tree: the tree.
        labels: ``(m,)`` the group of each row.
        leaves: how many there are at most; what lies below one is a count.
    """
    from scipy.cluster.hierarchy import dendrogram as laid_out

    n = len(labels)
    of_node = [*labels.tolist(), *[None] * len(tree.links)]  # the one label below each node
    for place, (left, right) in enumerate(tree.links[:, :2].astype(int).tolist()):
        of_node[n + place] = of_node[left] if of_node[left] == of_node[right] else None
    counts = [1] * n + tree.links[:, 3].astype(int).tolist()
    found = laid_out(
        tree.links,
        p=leaves,
        truncate_mode="lastp",
        no_plot=True,
        link_color_func=lambda node: str(of_node[node]),
    )
    colours = [None if c == "None" else int(c) for c in found["color_list"]]
    branches = [Branch(*each) for each in zip(found["icoord"], found["dcoord"], colours)]
    below = found["leaves"]
    return Drawing(
        branches, [counts[node] for node in below],
        [-1 if of_node[node] is None else of_node[node] for node in below],
    )  # fmt: skip
