"""A map of words: one page with the vectors in two and three dimensions, to walk around in."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.checks import check_choice, check_whole
from maeum.core.errors import DataError
from maeum.core.files import writing
from maeum.core.messages import _, language, ngettext
from maeum.text.vectors.base import BaseKeyedVectors

METHODS = {"pca": "PCA", "tsne": "t-SNE"}


def write_map(
    wv: BaseKeyedVectors,
    path: str | os.PathLike = "vectors.html",
    words: int | Sequence[str] = 500,
    methods: str | Sequence[str] = ("pca", "tsne"),
    neighbours: int = 10,
    title: str | None = None,
    seed: int = 0,
) -> Path:
    """Write a page with a map of words: everything is in the one file, and nothing is downloaded.

    It shows two or three dimensions, finds a word that is typed, names the word under the pointer,
    and lists the nearest words of one that is clicked on (by the cosine of the whole vectors, not
    by the distance on the map).

    Args:
        wv: the words and their vectors.
        path: of the page.
        words: how many, the most frequent ones; or which. t-SNE of thousands takes minutes.
        methods: ``"pca"`` and ``"tsne"``, or one of them.
        neighbours: how many near words are listed.
        title: of the page; "A map of words" by default.
        seed: of t-SNE.

    Returns:
        The path.

    Raises:
        DataError: for fewer than two words.
        UnknownNameError: for a word that has no vector.
        SaveError: if the page cannot be written.

    Example:
        >>> from maeum.text.vectors import KeyedVectors
        >>> wv = KeyedVectors(["a", "b", "c"], [[1, 0, 0], [1, 1, 0], [0, 0, 1]])
        >>> write_map(wv, "map.html", methods=["pca"]).name
        'map.html'
    """
    methods = [methods] if isinstance(methods, str) else list(methods)
    for method in methods or [""]:
        check_choice(method, METHODS, "methods")
    check_whole(neighbours, "neighbours", 0)
    if isinstance(words, (int, np.integer)):
        check_whole(words, "words", 2)
        words = wv.index_to_key[: int(words)]
    words = list(dict.fromkeys(words))
    if len(words) < 2:
        raise DataError("A map needs at least two words; there are {n}.", n=len(words))
    vectors = np.stack([wv.get_vector(word, norm=True) for word in words])
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -2)
    near = np.argsort(-cosines, axis=1, kind="stable")[:, : min(neighbours, len(words) - 1)]
    data = {
        "words": words,
        "counts": _counts(wv, words),
        "near": near.tolist(),
        "cosines": np.take_along_axis(cosines, near, axis=1).round(3).tolist(),
        "maps": [
            {"name": METHODS[method], "places": _places(vectors, method, seed)}
            for method in methods
        ],
    }
    with writing(path) as file:
        file.write(_page(_("A map of words") if title is None else title, data))
    return Path(path)


def _page(title: str, data: dict[str, Any]) -> bytes:
    """Return the page, which speaks the reader's language."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    n = len(data["words"])
    data["said"] = {
        "words": ngettext("{n:,} word", "{n:,} words", n),
        "help": _("Click on a word, or type one, to see the words nearest to it."),
        "once": _("Once in the text."),
        "times": _("{n} times in the text."),
        "nearest": _("Nearest words, and the cosine between them:"),
        "missing": _("There is no word “{word}” on this map."),
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    made = Environment(
        loader=PackageLoader("maeum.text"), autoescape=True, undefined=StrictUndefined
    )
    page = made.get_template("map.html")
    shown = page.render(title=title, data=Markup(text), language=language(), _=_)
    return shown.encode("utf-8", "replace")


def _counts(wv: BaseKeyedVectors, words: Sequence[str]) -> list[int] | None:
    if wv.counts is None:
        return None
    rows = [wv.key_to_index.get(word) for word in words]
    return [0 if row is None else int(wv.counts[row]) for row in rows]


def _places(vectors: np.ndarray, method: str, seed: int) -> dict[str, list]:
    """Return the places in two and in three dimensions, within -1 to 1."""
    return {str(n): _fitted(_projected(vectors, method, n, seed)) for n in (2, 3)}


def _projected(vectors: np.ndarray, method: str, dimensions: int, seed: int) -> np.ndarray:
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    if np.array_equal(vectors.min(0), vectors.max(0)):  # all words in one place
        return np.zeros((len(vectors), dimensions))
    most = min(vectors.shape)
    if method == "pca" or len(vectors) < 5:  # t-SNE has nothing to do with so few
        flat = PCA(min(dimensions, most), random_state=seed).fit_transform(vectors)
        return np.pad(flat, ((0, 0), (0, dimensions - flat.shape[1])))
    return TSNE(
        dimensions,
        perplexity=min(30.0, (len(vectors) - 1) / 3),
        init="pca" if most >= dimensions else "random",
        random_state=seed,
    ).fit_transform(vectors)


def _fitted(places: np.ndarray) -> list[list[float]]:
    places = places - (places.max(0) + places.min(0)) / 2
    return np.round(places / max(float(np.abs(places).max()), 1e-12), 4).tolist()
