"""Maps: the rows of a table as places in two dimensions, by PCA, kernel PCA, LLE and t-SNE."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from maeum.classics.components import Components, components_of
from maeum.classics.options import MAP_METHODS, MAP_TITLES, MapOptions
from maeum.classics.points import Points, points_of
from maeum.core.messages import _
from maeum.experiment.events import work
from maeum.tables.columns import known_column
from maeum.tables.reading import Table

MOST_ROWS = 2_000  # of kernel PCA, LLE and t-SNE, whose memory or time grows with their square
CHUNK = 2_000  # rows that are placed at a time
NEAR = 10  # neighbours by which a map is judged


@dataclass(frozen=True)
class Layout:
    """The places of rows on a map.

    Attributes:
        method: of `maeum.classics.options.MAP_METHODS`.
        places: ``(n, 2)``; NaN for a row that has none.
        trust: how far near rows on the map are near in the table, from 0 to 1 (Venna and Kaski,
            2001); NaN where rows are too few.
        settings: what it was made with, as pairs of a name and a value.
    """

    method: str
    places: np.ndarray
    trust: float = float("nan")
    settings: list[tuple[str, str]] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What the method is called."""
        return _(MAP_TITLES[self.method])


@dataclass(frozen=True)
class Projection:
    """A table as a map.

    Attributes:
        points: the rows as points.
        options: the choices.
        components: of the principal component analysis.
        layouts: the maps, one for each method.
        rows: the numbers of the rows that all maps show.
        notes: what is to be known, as sentences.
    """

    points: Points
    options: MapOptions
    components: Components
    layouts: list[Layout]
    rows: np.ndarray
    notes: list[str]

    def table(self) -> pd.DataFrame:
        """Return the rows with their number from 1 on, and their place on each map."""
        found: dict[str, Any] = {"row": np.arange(1, len(self.points) + 1)}
        for layout in self.layouts:
            name = layout.method.replace("-", "_")
            found |= {
                f"{name}_{axis}": np.round(layout.places[:, place], 6)
                for place, axis in enumerate("xy")
            }
        return pd.DataFrame(found)

    def to_json(self) -> dict[str, Any]:
        """Return what ``metrics.json`` holds."""
        return {
            "source": self.points.source,
            "rows": len(self.points),
            "explained_variance": self.components.explained,
            "trustworthiness": {layout.method: layout.trust for layout in self.layouts},
            "options": self.options,
            "notes": self.notes,
        }


def map_table(table: Table | pd.DataFrame | str | os.PathLike, **options: Any) -> Projection:
    """Place the rows of a table in two dimensions, so that rows that are alike lie near.

    PCA places all rows. Kernel PCA and LLE learn from at most 2,000 rows, drawn at random, and
    place the others by what they learnt; t-SNE places these 2,000 only. Notes tell of it.

    Args:
        table: a table, a DataFrame, or the file of one.
        options: see `MapOptions`.

    Raises:
        DataError: if there is no column by which rows differ, or only one row.
        UnknownNameError: for a column or a choice that there is not.
        ConfigError: for an option that makes no sense.

    Example:
        >>> frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 9.0], "b": [2.0, 4.0, 5.5, 18.0]})
        >>> made = map_table(frame, method="pca")
        >>> made.components.explained.round(2).tolist(), made.table().columns.tolist()
        ([1.0, 0.0], ['row', 'pca_x', 'pca_y'])
    """
    MapOptions.check_names(options)
    chosen = MapOptions(**options)
    points = points_of(table, chosen)
    if chosen.color is not None:
        known_column([column.name for column in points.columns], chosen.color)
    components = components_of(points.values, points.names)
    rows, notes, layouts = points.drawn(MOST_ROWS, chosen.seed), list(points.notes), []
    wanted = MAP_METHODS if chosen.method == "all" else (chosen.method,)
    if len(rows) < len(points) and wanted != ("pca",):
        notes.append(_("The maps are made of {rows:,} of {n:,} rows, drawn at random; "
                       "PCA sees all of them.", rows=len(rows), n=len(points)))  # fmt: skip
    for method in wanted:
        work(_("Making the map by {method} ...", method=_(MAP_TITLES[method])))
        own = points.values[rows]
        if (why := _impossible(method, own)) is not None:
            notes.append(_("There is no map by {method}: {why}.", method=_(MAP_TITLES[method]),
                           why=why))  # fmt: skip
            continue
        places, settings = _PLACED[method](points.values, rows, components, chosen)
        trust = _trust(own, places[rows])
        layouts.append(Layout(method, places, trust, settings))
        if method == "lle" and len(settings) > 1:
            said = _("The neighbours of the rows join them to separate pieces ({n}), which LLE "
                     "cannot place beside each other: its map says little here. More neighbours "
                     "(--neighbors) may join them.", n=settings[1][1])  # fmt: skip
            notes.append(said)
    if not layouts:
        layouts = [Layout("pca", components.places(points.values))]
    return Projection(points, chosen, components, layouts, rows, notes)


def _impossible(method: str, own: np.ndarray) -> str | None:
    """Say why a method cannot place so few rows or features; None if it can."""
    if method != "pca" and len(own) < 5:
        return _("it needs at least five rows")
    if method == "lle" and own.shape[1] < 2:
        return _("the rows lie on a line already")
    return None


_Placed = tuple[np.ndarray, list[tuple[str, str]]]


def _by_pca(
    x: np.ndarray, rows: np.ndarray, components: Components, options: MapOptions
) -> _Placed:
    return components.places(x), []


def _by_kernel_pca(
    x: np.ndarray, rows: np.ndarray, components: Components, options: MapOptions
) -> _Placed:
    from sklearn.decomposition import KernelPCA
    from sklearn.metrics import pairwise_distances

    own = x[rows]
    squares = pairwise_distances(own[:500], metric="sqeuclidean")
    middle = float(np.median(squares[squares > 0])) if (squares > 0).any() else 1.0
    fitted = KernelPCA(
        2, kernel="rbf", gamma=1 / middle, random_state=options.seed, eigen_solver="dense"
    ).fit(own)
    return _placed(fitted, x), [(_("Kernel"), "RBF"), ("gamma", f"{1 / middle:.3g}")]


def _by_lle(
    x: np.ndarray, rows: np.ndarray, components: Components, options: MapOptions
) -> _Placed:
    from sklearn.manifold import LocallyLinearEmbedding

    near, own = min(options.neighbors, len(rows) - 1), x[rows]
    fitted = LocallyLinearEmbedding(
        n_neighbors=near, n_components=2, eigen_solver="dense", random_state=options.seed
    ).fit(own)
    places = fitted.embedding_
    if len(rows) < len(x):
        places = _placed(fitted, x)
        places[rows] = fitted.embedding_
    scale = np.sqrt(len(rows))  # scikit-learn's have a length of 1
    settings = [(_("Neighbours"), str(near))]
    if (pieces := _pieces(own, near)) > 1:
        settings.append((_("separate pieces"), str(pieces)))
    return places * scale, settings


def _pieces(x: np.ndarray, near: int) -> int:
    """Return into how many pieces rows fall that are joined to so many neighbours."""
    from scipy.sparse.csgraph import connected_components
    from sklearn.neighbors import kneighbors_graph

    return int(connected_components(kneighbors_graph(x, near), directed=False)[0])


def _by_tsne(
    x: np.ndarray, rows: np.ndarray, components: Components, options: MapOptions
) -> _Placed:
    from sklearn.manifold import TSNE

    perplexity = min(options.perplexity, (len(rows) - 1) / 3)
    places = np.full((len(x), 2), np.nan)
    init = components.places(x[rows])
    init = 1e-4 * init / (init[:, 0].std() or 1.0)
    init += 1e-6 * np.random.default_rng(options.seed).normal(size=init.shape)  # parts equal rows
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        places[rows] = TSNE(
            2, perplexity=perplexity, init=init.astype(np.float32), random_state=options.seed
        ).fit_transform(x[rows])
    return places, [(_("Perplexity"), f"{perplexity:.3g}")]


_PLACED = {"pca": _by_pca, "kernel-pca": _by_kernel_pca, "lle": _by_lle, "tsne": _by_tsne}


def _placed(fitted: Any, x: np.ndarray) -> np.ndarray:
    """Place rows by what was learnt, some at a time."""
    return np.concatenate([fitted.transform(part)[:, :2] for part in _chunks(x)])


def _chunks(x: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(x), CHUNK):
        yield x[start : start + CHUNK]


def _trust(own: np.ndarray, places: np.ndarray) -> float:
    from sklearn.manifold import trustworthiness

    near = min(NEAR, (len(own) - 1) // 2)
    if near < 1 or len(own) < 5:
        return float("nan")
    return float(trustworthiness(own, places, n_neighbors=near))
