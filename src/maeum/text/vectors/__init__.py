"""Word vectors: from a text to numbers that tell which words are similar, in one line.

>>> wv = train(["the cat sat on the mat", "the dog sat on the rug"] * 20, min_count=1)
>>> wv["cat"].shape
(100,)
"""

from __future__ import annotations

from typing import Any

from maeum.core.checks import check_choice
from maeum.text.vectors.corpus import Corpus, Sentences, read_corpus
from maeum.text.vectors.evaluation import Analogies, PairScores
from maeum.text.vectors.fasttext import FastText
from maeum.text.vectors.glove import GloVe
from maeum.text.vectors.keyed import KeyedVectors
from maeum.text.vectors.lsa import LSA
from maeum.text.vectors.subwords import SubwordVectors
from maeum.text.vectors.word2vec import Word2Vec

__all__ = [
    "LSA",
    "Analogies",
    "Corpus",
    "FastText",
    "GloVe",
    "KeyedVectors",
    "PairScores",
    "SubwordVectors",
    "Word2Vec",
    "read_corpus",
    "train",
]

_METHODS = {"word2vec": Word2Vec, "fasttext": FastText, "glove": GloVe, "lsa": LSA}


def train(sentences: Sentences, method: str = "word2vec", **settings: Any) -> KeyedVectors:
    """Learn word vectors from a text.

    Args:
        sentences: the path of a text file (a line is a sentence), or an iterable of texts or of
            lists of words.
        method: ``"word2vec"`` (the skip-gram, unless ``sg=0`` is given), ``"fasttext"``,
            ``"glove"`` or ``"lsa"``.
        **settings: those of `Word2Vec`, `FastText`, `GloVe` or `LSA`.

    Returns:
        The words and their vectors: ``wv.most_similar("king")``, ``wv.map("vectors.html")``.

    Raises:
        UnknownNameError: for an unknown method.
        DataError: if there is no text, or no word in it often enough.
    """
    make = _METHODS[check_choice(method, _METHODS, "method")]
    if method in ("word2vec", "fasttext"):
        settings.setdefault("sg", 1)  # better than the bag of words on small texts
    return make(sentences, **settings).wv
