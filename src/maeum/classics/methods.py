"""The four ways to divide points into groups; each with what its page shows of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from maeum.classics import density, hierarchical, kmeans, mixtures
from maeum.classics.choosing import Choice, bend, best, distances, silhouette, try_counts
from maeum.classics.options import ClusterOptions
from maeum.core.errors import ConfigError
from maeum.core.messages import _, ngettext
from maeum.experiment.events import work

TRIED_ROWS = 3_000  # on which the number of groups is tried
JUDGED_ROWS = 2_000  # whose silhouettes are computed: all their distances are held in memory
TRIED_RESTARTS = 3


@dataclass(frozen=True)
class Division:
    """Points divided into groups.

    Attributes:
        labels: ``(n,)`` from 0 on; -1 is noise.
        choice: how the number of groups came about; None for DBSCAN.
        detail: what the method went by: the steps of k-means (with the labels of all rows), a
            `Tree`, a `Density` or a `Mixture`.
        notes: what is to be known, as sentences.
    """

    labels: np.ndarray
    choice: Choice | None
    detail: list[kmeans.Step] | hierarchical.Tree | density.Density | mixtures.Mixture
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Draw:
    """Points, and the rows of them that are drawn for what all rows are too many for.

    Attributes:
        x: ``(n, d)``.
        distinct: how many of them differ.
        seed: of every draw.
    """

    x: np.ndarray
    distinct: int
    seed: int

    def rows(self, most: int) -> np.ndarray:
        """Return the numbers of at most so many rows, in random order for a draw."""
        n = len(self.x)
        if n <= most:
            return np.arange(n)
        return np.random.default_rng(self.seed).permutation(n)[:most]

    def most_groups(self, options: ClusterOptions) -> int:
        """Return how many groups are tried at most.

        Raises:
            ConfigError: if more are asked for than there are different rows.
        """
        if (options.groups or 0) > self.distinct:
            raise ConfigError("groups is {groups}, but only {n:,} of the {rows:,} rows differ in "
                              "the columns that count: at most so many groups.",
                              groups=options.groups, n=self.distinct,
                              rows=len(self.x))  # fmt: skip
        return min(options.max_groups, max(self.distinct - 1, 2), self.distinct)


def divide(draw: Draw, options: ClusterOptions) -> Division:
    """Divide points into groups by the method that was chosen."""
    return _METHODS[options.method](draw, options)


def _kmeans(draw: Draw, options: ClusterOptions) -> Division:
    rows = draw.rows(TRIED_ROWS)
    x, how = draw.x[rows], (options.distance, options.seed)
    counts, judged = list(range(1, draw.most_groups(options) + 1)), min(JUDGED_ROWS, len(rows))
    work(_("Trying {low} to {high} groups ...", low=2, high=counts[-1]))

    def fit(k: int) -> tuple[np.ndarray, float]:
        step = kmeans.fitted(x, k, *how, TRIED_RESTARTS)
        return step.labels[:judged], step.inertia

    distinct = len(np.unique(x, axis=0))
    counts = [k for k in counts if k <= distinct]
    choice = _chosen(counts, fit, x[:judged], options, len(rows))
    work(_("Dividing the rows into {n} groups ...", n=choice.chosen))
    start = kmeans.beginning(draw.x, choice.chosen, *how)
    steps = list(kmeans.lloyd(draw.x, start, options.distance))
    notes = _told_of_draw(len(rows), len(draw.x), _("The number of groups was tried"))
    return Division(steps[-1].labels, choice, steps, notes)


def _hierarchical(draw: Draw, options: ClusterOptions) -> Division:
    most = draw.most_groups(options)
    rows = np.sort(draw.rows(hierarchical.MOST_ROWS))
    x = draw.x[rows]
    linkage = options.linkage or ("average" if options.distance == "manhattan" else "ward")
    work(_("Joining {n:,} rows ...", n=len(rows)))
    tree = hierarchical.Tree.of(x, rows, linkage, options.distance)
    if (options.groups or 0) > len(rows):
        raise ConfigError("groups is {groups}; the tree is made of {n:,} drawn rows, and can be "
                          "cut into so many groups at most.", groups=options.groups,
                          n=len(rows))  # fmt: skip

    def fit(k: int) -> tuple[np.ndarray, float]:
        return tree.labels(k), tree.height(k)

    choice = _chosen(list(range(2, most + 1)), fit, x, options, len(rows))
    own = tree.labels(choice.chosen)
    labels = np.empty(len(draw.x), int)
    labels[rows] = own
    others = np.setdiff1d(np.arange(len(draw.x)), rows)
    if len(others):
        from sklearn.metrics import pairwise_distances_argmin

        work(_("Finding the nearest of the drawn rows ..."))
        labels[others] = own[pairwise_distances_argmin(draw.x[others], x, metric=options.distance)]
    notes = _told_of_draw(len(rows), len(draw.x), _("The tree is made of drawn rows"))
    if notes:
        notes.append(_("Each other row belongs to the group of the drawn row that is nearest."))
    return Division(labels, choice, tree, notes)


def _dbscan(draw: Draw, options: ClusterOptions) -> Division:
    rows = np.sort(draw.rows(density.MOST_ROWS))
    work(_("Measuring how dense the rows are ..."))
    found = density.density_of(
        draw.x[rows], rows, options.distance, options.eps, options.min_samples
    )
    notes = _told_of_draw(len(rows), len(draw.x), _("DBSCAN looked at drawn rows"))
    if notes:
        notes.append(_("Each other row belongs to the group of the nearest dense row within eps, "
                       "or else is noise."))  # fmt: skip
    return Division(dense := density.dense_groups(draw.x, found, options.distance), None, found,
                    [*notes, *_told_of_groups(dense)])  # fmt: skip


def _told_of_groups(labels: np.ndarray) -> list[str]:
    groups = len(np.unique(labels[labels >= 0]))
    if groups > 1:
        return []
    if groups:
        return [_("With this eps DBSCAN finds one group: everywhere between the rows it is dense. "
                  "A smaller eps (see the k-distance plot) may find more.")]  # fmt: skip
    return [_("With this eps DBSCAN finds no group: nowhere are the rows dense. Take a larger eps "
              "(see the k-distance plot), or smaller min_samples.")]  # fmt: skip


def _mixture(draw: Draw, options: ClusterOptions) -> Division:
    rows = draw.rows(mixtures.MOST_ROWS)
    tried = rows[: mixtures.TRIED_ROWS]
    reduced, told = mixtures.reduced(draw.x)
    x, judged = reduced[tried], min(JUDGED_ROWS, len(tried))
    counts = [k for k in range(1, draw.most_groups(options) + 1) if k <= len(x)]
    work(_("Trying {low} to {high} groups ...", low=1, high=counts[-1]))
    bic: dict[str, list[float]] = {}
    labels: dict[str, list[np.ndarray]] = {}
    for covariance in mixtures.COVARIANCES:
        models = [mixtures.fitted(x, k, covariance, options.seed) for k in counts]
        bic[covariance] = [float(model.bic(x)) for model in models]
        labels[covariance] = [model.predict(x[:judged]) for model in models]
    at = options.groups
    place = counts.index(at) if at in counts else None
    lowest = {c: min(v[1:], default=v[0]) if place is None else v[place] for c, v in bic.items()}
    covariance = min(lowest, key=lowest.__getitem__)
    costs, away = bic[covariance], distances(draw.x[tried[:judged]], options.distance)
    shown = [silhouette(away, each) for each in labels[covariance]]
    chosen = at or counts[1 + best(costs[1:], highest=False)]
    choice = Choice(counts, shown, costs, chosen, at is not None, None, len(tried))
    work(_("Dividing the rows into {n} groups ...", n=chosen))
    model = mixtures.fitted(reduced[rows], chosen, covariance, options.seed)
    sure = model.predict_proba(reduced)
    notes = [*told, *_told_of_draw(len(tried), len(draw.x), _("The number of groups was tried"))]
    if at is None and best(costs, highest=False) == 0:
        notes.append(_("By BIC one single bell describes the rows best: these groups are no more "
                       "than a way to cut it."))  # fmt: skip
    if missing := chosen - len(np.unique(found := sure.argmax(axis=1))):
        notes.append(ngettext("{n} of the bells is nowhere the likeliest one, so it has no rows.",
                              "{n} of the bells are nowhere the likeliest, so they have no rows.",
                              missing))  # fmt: skip
    detail = mixtures.Mixture(covariance, bic, sure.max(axis=1))
    return Division(found, choice, detail, notes)


_METHODS = {
    "kmeans": _kmeans,
    "hierarchical": _hierarchical,
    "dbscan": _dbscan,
    "mixture": _mixture,
}


def _chosen(counts, fit, x: np.ndarray, options: ClusterOptions, rows: int) -> Choice:  # type: ignore[no-untyped-def]
    """Try numbers of groups, and take the one with the highest silhouette if none was given."""
    silhouettes, costs = try_counts(counts, fit, distances(x, options.distance))
    place = bend(counts, costs)
    chosen = options.groups or max(counts[best(silhouettes)], 2)
    elbow = None if place is None else counts[place]
    return Choice(counts, silhouettes, costs, chosen, options.groups is not None, elbow, rows)


def _told_of_draw(rows: int, n: int, what: str) -> list[str]:
    if rows == n:
        return []
    return [_("{what}: {rows:,} of {n:,} rows, drawn at random.", what=what, rows=rows, n=n)]
