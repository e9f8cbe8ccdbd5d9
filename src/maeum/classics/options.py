"""What can be chosen where groups are looked for, or where a table becomes a map."""

from __future__ import annotations

from dataclasses import dataclass

from maeum.core.errors import ConfigError
from maeum.core.messages import N_
from maeum.experiment.checks import any_text, one_of, positive, random_seed, whole
from maeum.experiment.options import option
from maeum.tabular.options import ColumnOptions

DISTANCES = ("euclidean", "manhattan")
CLUSTER_METHODS = ("kmeans", "hierarchical", "dbscan", "mixture")
LINKAGES = ("ward", "complete", "average", "single")
MAP_METHODS = ("pca", "kernel-pca", "lle", "tsne")
CLUSTER_TITLES = {
    "kmeans": N_("k-means"),
    "hierarchical": N_("Hierarchical clustering"),
    "dbscan": N_("DBSCAN"),
    "mixture": N_("Gaussian mixture"),
}
MAP_TITLES = {
    "pca": N_("PCA"),
    "kernel-pca": N_("Kernel PCA"),
    "lle": N_("LLE"),
    "tsne": N_("t-SNE"),
}


@dataclass(frozen=True, kw_only=True)
class SeededOptions(ColumnOptions):
    """Which columns of a table are looked at, and what random choices follow from.

    Attributes:
        seed: what every random choice follows from.
    """

    seed: int = option(42, N_("What every random choice follows from."), random_seed())


@dataclass(frozen=True, kw_only=True)
class ClusterOptions(SeededOptions):
    """The choices of a clustering; None means "choose by the data".

    Attributes:
        groups: how many groups.
        method: ``"kmeans"``, ``"hierarchical"``, ``"dbscan"`` or ``"mixture"``.
        distance: ``"euclidean"`` or ``"manhattan"``.
        max_groups: the most groups that are tried where their number is not given.
        linkage: of a hierarchical clustering, ``"ward"``, ``"complete"``, ``"average"`` or
            ``"single"``; Ward's, and the average where distances are Manhattan's.
        eps: of DBSCAN, how far apart neighbours are at most.
        min_samples: of DBSCAN, how many neighbours make a row the core of a group, itself counted.
    """

    groups: int | None = option(
        None, N_("How many groups; by the silhouette, of mixtures by BIC."), whole(2)
    )
    method: str = option(
        "kmeans", N_("kmeans, hierarchical, dbscan or mixture."), one_of(CLUSTER_METHODS)
    )
    distance: str = option(
        "euclidean",
        N_("euclidean or manhattan; with Manhattan's, k-means moves to medians (k-medians)."),
        one_of(DISTANCES),
    )
    max_groups: int = option(10, N_("The most groups that are tried."), whole(2))
    linkage: str | None = option(
        None,
        N_("hierarchical: ward, complete, average or single; ward where distances are Euclidean."),
        one_of(LINKAGES),
    )
    eps: float | None = option(
        None,
        N_("dbscan: how far apart neighbours are at most; by the k-distance plot."),
        positive(),
    )
    min_samples: int | None = option(
        None, N_("dbscan: the rows that make a group dense; by rows and columns."), whole(2)
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        of = {"linkage": "hierarchical", "eps": "dbscan", "min_samples": "dbscan"}
        for name, method in of.items():
            if getattr(self, name) is not None and self.method != method:
                raise ConfigError("{name} is for the method {method!r}; the method is {given!r}.",
                                  name=name, method=method, given=self.method)  # fmt: skip
        if self.groups is not None and self.method == "dbscan":
            raise ConfigError("DBSCAN finds the number of groups itself: give eps (how far apart "
                              "neighbours are) instead of groups, or another method.")  # fmt: skip
        if self.distance == "manhattan" and self.method == "mixture":
            raise ConfigError("A Gaussian mixture has no Manhattan distance: leave the distance "
                              "out, or take another method.")  # fmt: skip
        if self.distance == "manhattan" and self.linkage == "ward":
            raise ConfigError("Ward's linkage needs Euclidean distances; with Manhattan's take "
                              "average, complete or single.")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class MapOptions(SeededOptions):
    """The choices of a map.

    Attributes:
        method: ``"pca"``, ``"kernel-pca"``, ``"lle"``, ``"tsne"``, or ``"all"`` of them.
        color: the column whose values colour the map at first; any column, used or not.
        perplexity: of t-SNE, about how many neighbours a row has.
        neighbors: of LLE, by how many neighbours a row is described.
    """

    method: str = option(
        "all", N_("pca, kernel-pca, lle, tsne or all."), one_of((*MAP_METHODS, "all"))
    )
    color: str | None = option(
        None, N_("The column whose values colour the map at first."), any_text("COLUMN")
    )
    perplexity: float = option(30.0, N_("tsne: about how many neighbours a row has."), positive())
    neighbors: int = option(12, N_("lle: by how many neighbours a row is described."), whole(2))
