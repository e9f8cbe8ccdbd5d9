"""Reuters: 11,228 newswires on 46 topics (Reuters-21578, Lewis, 1997)."""

from __future__ import annotations

import numpy as np

from maeum.core.errors import DataError
from maeum.datasets.archives import located, read_arrays
from maeum.datasets.files import Split
from maeum.datasets.shuffling import orders, split_at
from maeum.datasets.word_numbers import Coding, as_array, files_of, read_word_index

_TOPICS = """cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade
    reserves ship cotton carcass crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold
    tin strategic-metal livestock retail ipi iron-steel rubber heat jobs lei bop zinc orange
    pet-chem dlr gas silver wpi hog lead"""
CLASS_NAMES = tuple(_TOPICS.split())
_DATA, _WORDS = files_of(
    "reuters",
    "sha256:d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916",
    "md5:4d44cc38712099c9e383dc6e5f11a921",
)
FILES = (_DATA,)


def load_data(
    path: str = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
) -> tuple[Split, Split]:
    """Return ``(x_train, y_train), (x_test, y_test)``: 8,982 and 2,246 newswires.

    A newswire is a list of numbers, of which a larger one stands for a rarer word; 0 is for
    padding. Labels are 0 to 45, and `CLASS_NAMES` says what they mean. Numbers and order are
    Keras's.

    Args:
        path: an archive of yours with the arrays x and y; the usual file is taken unless it is
            there.
        test_split: the fraction of the newswires to test with, from 0, below 1.
        num_words: as for `maeum.datasets.imdb`, like ``skip_top``, ``maxlen``, ``seed``,
            ``start_char``, ``oov_char`` and ``index_from``.

    Raises:
        ConfigError: for another ``test_split``.
        DataError: if the file is not here and cannot be downloaded, or is damaged; or if no
            newswire is as short as ``maxlen``.
    """
    split_at(0, test_split)  # checks it, before anything is downloaded
    coding = Coding(num_words, skip_top, maxlen, start_char, oov_char, index_from)
    found = located(path, _DATA)
    x, y = read_arrays(found, ("x", "y"), lists=("x",))
    if y.shape != (len(x),):
        raise DataError("{path!r} has {texts} texts, but labels of shape {labels}.",
                        path=str(found), texts=len(x), labels=y.shape)  # fmt: skip
    (order,) = orders(seed, len(x))
    texts, labels = coding.shifted([x[i] for i in order], y[order])
    texts, targets = coding.limited(texts), np.array(labels)
    end = split_at(len(texts), test_split)
    return (as_array(texts[:end]), targets[:end]), (as_array(texts[end:]), targets[end:])


def get_word_index(path: str = "reuters_word_index.json") -> dict[str, int]:
    """Return the number of each word, from 1 on; `load_data` adds ``index_from`` to it.

    Args:
        path: a file of yours; the usual one is taken unless it is there.

    Raises:
        DataError: if the file is not here and cannot be downloaded, or is damaged.
    """
    return read_word_index(path, _WORDS)


def get_label_names() -> tuple[str, ...]:
    """Return the topics, in the order of their labels: `CLASS_NAMES`.

    Example:
        >>> get_label_names()[3]
        'earn'
    """
    return CLASS_NAMES
