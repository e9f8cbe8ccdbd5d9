"""Word2Vec beside gensim's: words a second, and whether the vectors are as good.

The skip-gram, window 5, 5 negative words, 100 dimensions, words that occur 5 times, 2 workers. The
text: Shakespeare and reviews of films (the files `tinyshakespeare.txt` and `rt-polarity.*` in the
folder `text` of MAEUM_DATA), three times over. The vectors get two scores, both out of this text:
the rank correlation of their cosines with those of the words' rows of positive pointwise mutual
information, over pairs of frequent words; and how many reviews a logistic regression on the mean
of their words' vectors tells right, in 5-fold cross-validation.

gensim is no dependency of this project: `pip install gensim` beside the other peers.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import common

REPEATS, WORKERS, EPOCHS = 3, 2, 5
SETTINGS: dict[str, Any] = {
    "vector_size": 100,
    "window": 5,
    "min_count": 5,
    "sg": 1,
    "negative": 5,
    "workers": WORKERS,
    "epochs": EPOCHS,
}
common.NAMES["gensim"] = "gensim"


def work(peer: str) -> Iterator[dict]:
    make = word2vec_of(peer)
    plays, reviews, labels = texts()
    sentences = (plays + reviews) * REPEATS
    words = sum(map(len, sentences))
    judge = judges(plays + reviews, reviews, labels)
    seed = 0
    while True:
        seed += 1
        model = make(seed=seed, **SETTINGS)
        start, busy = time.perf_counter(), time.process_time()
        model.build_vocab(sentences)
        ready, ready_busy = time.perf_counter(), time.process_time()
        model.train(sentences, total_examples=len(sentences), epochs=EPOCHS)
        end, end_busy = time.perf_counter(), time.process_time()
        yield {
            "train": (end - ready) / (EPOCHS * words),
            "all": (end - start) / (EPOCHS * words),
            "busy": (end_busy - ready_busy) / (EPOCHS * words),
            "all busy": (end_busy - busy) / (EPOCHS * words),
            **judge(model.wv),
        }


def word2vec_of(peer: str) -> Callable:
    if peer == "gensim":
        from gensim.models import Word2Vec

        return Word2Vec
    from maeum.text.vectors import Word2Vec

    return Word2Vec


def texts() -> tuple[list[list[str]], list[list[str]], list[int]]:
    """Return the words of the plays' lines, those of the reviews, and which reviews are good."""
    from maeum.text.vectors.corpus import words_of

    folder = Path(os.environ["MAEUM_DATA"]) / "text"
    plays = (folder / "tinyshakespeare.txt").read_text("utf-8").splitlines()
    good, bad = (
        (folder / f"rt-polarity.{kind}").read_text("latin-1").splitlines()
        for kind in ("pos", "neg")
    )
    labels = [1] * len(good) + [0] * len(bad)
    return [words_of(line) for line in plays], [words_of(line) for line in good + bad], labels


def judges(sentences: list, reviews: list, labels: list) -> Callable[[Any], dict[str, float]]:
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score
    from sklearn.preprocessing import normalize

    from maeum.text.vectors import KeyedVectors, read_corpus
    from maeum.text.vectors.cooccurrence import cooccurrences, positive_pmi

    corpus = read_corpus(sentences, min_count=5)
    frequent = slice(100, 2000)
    names = corpus.vocabulary[frequent]
    table = normalize(positive_pmi(cooccurrences(corpus, 5, weigh=False))[frequent])
    cosines = (table @ table.T).toarray()
    a, b = np.nonzero(np.triu(cosines > 0.05, 1))
    some = np.random.default_rng(0).permutation(len(a))[:20_000]
    pairs = [(names[i], names[j], cosines[i, j]) for i, j in zip(a[some], b[some])]
    shuffled = np.random.default_rng(0).permutation(len(labels))

    def judge(wv: Any) -> dict[str, float]:
        ours = KeyedVectors(wv.index_to_key, wv.vectors)
        means = [
            ours[known].mean(0) if (known := [w for w in review if w in ours]) else np.zeros(100)
            for review in reviews
        ]
        regression = LogisticRegression(max_iter=1000)
        right = cross_val_score(regression, np.array(means)[shuffled], np.array(labels)[shuffled])
        agreement = ours.evaluate_word_pairs(pairs, case_insensitive=False).spearman
        return {"right": float(right.mean()), "agreement": agreement}

    return judge


def report(options: argparse.Namespace) -> None:
    _, later, failed = common.interleaved(__file__, options)
    rows = []
    for peer, steps in later.items():
        middle = {key: common.median(steps, key) for key in steps[0]}
        ratio = "-"
        if common.OURS in later:
            ratio = common.times(middle["train"] / common.median(later[common.OURS], "train"))
        rows.append(
            [
                common.NAMES[peer],
                f"{1 / middle['train']:,.0f}",
                ratio,
                f"{1 / middle['all']:,.0f}",
                f"{1 / middle['busy']:,.0f}",
                f"{middle['agreement']:.3f}",
                f"{middle['right']:.1%}",
            ]
        )
    heads = [
        *("", "words a second", "time, times Maeum's", "with counting the words"),
        *("words a processor second", "rank correlation with PMI", "reviews told right"),
    ]
    common.table(
        f"Word2Vec: skip-gram, window 5, 5 negatives, 100 dimensions, {WORKERS} workers",
        heads,
        rows,
        failed,
    )


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=3, peers=("gensim", "maeum"))
