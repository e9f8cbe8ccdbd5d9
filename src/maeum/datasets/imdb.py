"""IMDB: 50,000 reviews of films, half of them positive (Maas et al., 2011)."""

from __future__ import annotations

import numpy as np

from maeum.core.errors import DataError
from maeum.datasets.archives import located, read_arrays
from maeum.datasets.files import Split
from maeum.datasets.shuffling import orders
from maeum.datasets.word_numbers import Coding, as_array, files_of, read_word_index

CLASS_NAMES = ("negative", "positive")
_DATA, _WORDS = files_of(
    "imdb",
    "sha256:69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    "md5:bfafd718b763782e994055a2d397834f",
)
FILES = (_DATA,)


def load_data(
    path: str = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
) -> tuple[Split, Split]:
    """Return ``(x_train, y_train), (x_test, y_test)``: 25,000 reviews each.

    A review is a list of numbers, of which a larger one stands for a rarer word; 0 is for padding.
    Labels are 0 (negative) or 1. Numbers and order are Keras's.

    Args:
        path: an archive of yours with the arrays x_train, y_train, x_test and y_test; the usual
            file is taken unless it is there.
        num_words: numbers from this one on are replaced; None for the largest one that there is.
        skip_top: numbers below this one are replaced.
        maxlen: only reviews with fewer numbers are kept; None for all.
        seed: for the order of the reviews.
        start_char: the number that every review begins with; None for no such number.
        oov_char: the number that replaces others; None to leave them out.
        index_from: what is added to the number of every word.

    Raises:
        DataError: if the file is not here and cannot be downloaded, or is damaged; or if no
            review is as short as ``maxlen``.
    """
    coding = Coding(num_words, skip_top, maxlen, start_char, oov_char, index_from)
    found = located(path, _DATA)
    names = ("x_train", "y_train", "x_test", "y_test")
    x, y, x_test, y_test = read_arrays(found, names, lists=("x_train", "x_test"))
    texts: list[list[int]] = []
    labels: list[int] = []
    ends = [0]
    parts = (x, x_test), (y, y_test), orders(seed, len(x), len(x_test))
    for reviews, marks, order in zip(*parts):
        if marks.shape != (len(reviews),):
            raise DataError("{path!r} has {texts} texts, but labels of shape {labels}.",
                            path=str(found), texts=len(reviews), labels=marks.shape)  # fmt: skip
        kept, of_kept = coding.shifted([reviews[i] for i in order], marks[order])
        texts += kept
        labels += of_kept
        ends.append(len(texts))
    texts, targets = coding.limited(texts), np.array(labels)
    train, test = slice(*ends[:2]), slice(*ends[1:])
    return (as_array(texts[train]), targets[train]), (as_array(texts[test]), targets[test])


def get_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """Return the number of each word, from 1 on; `load_data` adds ``index_from`` to it.

    Args:
        path: a file of yours; the usual one is taken unless it is there.

    Raises:
        DataError: if the file is not here and cannot be downloaded, or is damaged.
    """
    return read_word_index(path, _WORDS)
