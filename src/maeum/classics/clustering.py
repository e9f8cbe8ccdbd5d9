"""Groups of rows that are alike, found in a table."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from maeum.classics.choosing import Choice, distances, silhouettes_of
from maeum.classics.methods import JUDGED_ROWS, Division, Draw, divide
from maeum.classics.options import CLUSTER_METHODS, CLUSTER_TITLES, ClusterOptions
from maeum.classics.points import Points, points_of
from maeum.classics.profiles import Profile, profiles_of
from maeum.core.messages import _
from maeum.experiment.events import work
from maeum.tables.reading import Table

BESIDE_ROWS = 1_500  # on which the other methods are shown


@dataclass(frozen=True)
class Beside:
    """What another method makes of the same rows.

    Attributes:
        method: its name.
        groups: how many it found.
        silhouette: the mean of the rows that have a group; NaN if there is none.
        noise: the fraction of rows without a group.
        agreement: the adjusted Rand index (Hubert and Arabie, 1985) with the groups that are shown:
            1 for the same groups, 0 for no more than chance.
    """

    method: str
    groups: int
    silhouette: float
    noise: float
    agreement: float


@dataclass(frozen=True)
class Clustering:
    """The rows of a table in groups.

    Attributes:
        points: the rows as points.
        options: the choices.
        groups: ``(n,)`` the number of each row's group, from 1 on, the largest first; 0 is noise.
        division: what the method did, in its own numbers from 0 on.
        order: the group that each of the method's own numbers became.
        judged: the numbers of the rows whose silhouettes are known.
        silhouettes: of these rows, from -1 to 1; NaN where there is none.
        profiles: what makes each group different.
        beside: what all methods make of the rows, the one that is shown first.
        beside_rows: of how many rows.
        notes: what is to be known, as sentences.
    """

    points: Points
    options: ClusterOptions
    groups: np.ndarray
    division: Division
    order: dict[int, int]
    judged: np.ndarray
    silhouettes: np.ndarray
    profiles: list[Profile]
    beside: list[Beside]
    beside_rows: int
    notes: list[str]

    @property
    def choice(self) -> Choice | None:
        """How the number of groups came about; None for DBSCAN, which finds it."""
        return self.division.choice

    @property
    def count(self) -> int:
        """How many groups there are, noise not counted."""
        return int(self.groups.max())

    @property
    def silhouette(self) -> float:
        """The mean silhouette; NaN where there are not two groups."""
        known = self.silhouettes[~np.isnan(self.silhouettes)]
        return float(known.mean()) if len(known) else float("nan")

    @property
    def centers(self) -> pd.DataFrame:
        """The mean of each group (of Manhattan's distance, the median) in the features."""
        way = "median" if self.options.distance == "manhattan" else "mean"
        frame = pd.DataFrame(self.points.values, columns=self.points.names)
        found = frame.groupby(pd.Series(self.groups, name="group")).agg(way)
        return found.loc[found.index > 0]

    def table(self) -> pd.DataFrame:
        """Return the rows as they were read, with their group in a column ``group``."""
        name, number = "group", 2
        while name in self.points.frame.columns:
            name, number = f"group_{number}", number + 1
        return self.points.frame.assign(**{name: self.groups})

    def to_json(self) -> dict[str, Any]:
        """Return what ``metrics.json`` holds."""
        return {
            "source": self.points.source,
            "rows": len(self.points),
            "method": self.options.method,
            "groups": self.count,
            "noise": int((self.groups == 0).sum()),
            "silhouette": self.silhouette,
            "choice": self.choice,
            "profiles": self.profiles,
            "options": self.options,
            "notes": self.notes,
        }


def cluster_table(
    table: Table | pd.DataFrame | str | os.PathLike, *, beside: bool = True, **options: Any
) -> Clustering:
    """Find groups of rows that are alike.

    Args:
        table: a table, a DataFrame, or the file of one.
        beside: whether the other methods are tried, too, for the report.
        options: see `ClusterOptions`.

    Raises:
        DataError: if there is no column by which rows differ, or only one row.
        UnknownNameError: for a column or a choice that there is not.
        ConfigError: for an option that makes no sense, such as more groups than different rows.

    Example:
        >>> frame = pd.DataFrame({"height": [150.0, 152.0, 151.0, 190.0, 189.0, 191.0]})
        >>> found = cluster_table(frame)
        >>> found.count, found.groups.tolist()
        (2, [1, 1, 1, 2, 2, 2])
        >>> print(found.profiles[1].traits[0].sentence)
        height is far higher: typically 190, in the other rows 151.
    """
    ClusterOptions.check_names(options)
    chosen = ClusterOptions(**options)
    points = points_of(table, chosen, chosen.distance)
    draw = Draw(points.values, points.distinct, chosen.seed)
    division = divide(draw, chosen)
    groups, order = _numbered(division.labels)
    judged = points.drawn(JUDGED_ROWS, chosen.seed)
    away = distances(points.values[judged], chosen.distance)
    silhouettes = silhouettes_of(away, groups[judged] - 1)
    work(_("Describing the groups ..."))
    told = [c for c in points.columns if c.used]
    profiles = profiles_of(points.typed, told, groups)
    notes = [*division.notes, *_told_of_noise(groups), *points.notes]
    rows = points.drawn(BESIDE_ROWS, chosen.seed)
    others = _beside(points.values[rows], groups[rows], chosen) if beside else []
    return Clustering(points, chosen, groups, division, order, judged, silhouettes, profiles,
                      others, len(rows), notes)  # fmt: skip


def _numbered(labels: np.ndarray) -> tuple[np.ndarray, dict[int, int]]:
    """Number groups from 1 on, the largest first; noise is 0."""
    found, first, counts = np.unique(labels, return_index=True, return_counts=True)
    known = [
        (-int(n), int(at), int(label)) for label, at, n in zip(found, first, counts) if label >= 0
    ]
    order = {label: place for place, (_n, _at, label) in enumerate(sorted(known), start=1)}
    table = np.zeros(int(labels.max()) + 2, int)
    for label, place in order.items():
        table[label] = place
    return table[labels], order  # the last place of the table is that of -1


def _told_of_noise(groups: np.ndarray) -> list[str]:
    noise = int((groups == 0).sum())
    if not noise:
        return []
    return [_("Rows without a group (noise): {n:,}. Their group is 0.", n=noise)]


def _beside(x: np.ndarray, groups: np.ndarray, options: ClusterOptions) -> list[Beside]:
    """Let every method divide some rows; into as many groups as are shown, where it can."""
    from sklearn.metrics import adjusted_rand_score

    work(_("Trying the other methods ..."))
    draw = Draw(x, len(np.unique(x, axis=0)), options.seed)
    away, count = distances(x, options.distance), len(np.unique(groups[groups > 0]))
    if count < 2 or count > draw.distinct:
        return []
    found = [_as_beside(options.method, groups - 1, away, 1.0)]
    for method in CLUSTER_METHODS:
        if method == options.method or (method, options.distance) == ("mixture", "manhattan"):
            continue
        number = None if method == "dbscan" else count
        own = replace(options, method=method, groups=number, linkage=None, eps=None,
                      min_samples=None, max_groups=max(count, 2))  # fmt: skip
        labels = divide(draw, own).labels
        found.append(_as_beside(method, labels, away, adjusted_rand_score(groups, labels)))
    return found


def _as_beside(method: str, labels: np.ndarray, away: np.ndarray, agreement: float) -> Beside:
    silhouettes = silhouettes_of(away, labels)
    known = silhouettes[~np.isnan(silhouettes)]
    mean = float(known.mean()) if len(known) else float("nan")
    groups = len(np.unique(labels[labels >= 0]))
    return Beside(method, groups, mean, float((labels < 0).mean()), float(agreement))


def method_title(method: str) -> str:
    """Return what a method is called.

    >>> method_title("kmeans")
    'k-means'
    """
    return _(CLUSTER_TITLES[method])
