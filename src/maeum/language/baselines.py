"""What counting alone predicts: simple models that a network has to beat."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from maeum.core.messages import N_
from maeum.language.data import LanguageData
from maeum.language.scores import metrics_of

BIGRAMS, UNIGRAMS = N_("Bigram frequencies"), N_("Unigram frequencies")
UNIFORM = N_("Uniform guessing")


def simple_models(data: LanguageData) -> list[dict[str, Any]]:
    """Return models that count the training part, measured on what the network is measured on.

    - bigram frequencies: how often each token comes after each other one;
    - unigram frequencies: how often each token is there;
    - uniform guessing: every token is as likely.

    The counts of the first two get one more for every token (Laplace's rule of succession), so
    that nothing is impossible.

    Args:
        data: the text, as it was learnt.

    Returns:
        ``{"name": ..., "metrics": ..., "seconds": ...}`` each; the metrics are those of
        `LanguageModel.evaluate`.
    """
    choices = len(data.encoder.vocabulary) - (data.end is not None)  # no beginning is predicted
    before, after = _pairs(data.rows(data.train))
    rows, characters = data.measured()
    last, tokens = _pairs(rows)
    size = len(data.encoder.vocabulary)
    models: dict[str, Callable[[], np.ndarray]] = {
        BIGRAMS: lambda: bigram_probabilities(before, after, last, tokens, choices),
        UNIGRAMS: lambda: (np.bincount(after, minlength=size)[tokens] + 1) / (len(after) + choices),
        UNIFORM: lambda: np.full(len(tokens), 1 / choices),
    }
    found = []
    for name, probabilities in models.items():
        began = time.perf_counter()
        loss = float(-np.log(probabilities()).mean())
        metrics = metrics_of(loss, len(tokens), characters)
        found.append({"name": name, "metrics": metrics, "seconds": time.perf_counter() - began})
    return found


def bigram_probabilities(
    before: np.ndarray, after: np.ndarray, last: np.ndarray, tokens: np.ndarray, choices: int
) -> np.ndarray:
    """Return the probability of each of some tokens after the last one, by counts plus one.

    Args:
        before, after: the pairs that are counted.
        last, tokens: the pairs that are predicted.
        choices: how many tokens can come.

    Returns:
        ``(count(last, token) + 1) / (count(last) + choices)`` of each pair.

    Example:
        >>> pairs = np.array([0, 0]), np.array([1, 1]), np.array([0]), np.array([1])
        >>> bigram_probabilities(*pairs, choices=2)
        array([0.75])
    """
    size = 1 + max(int(numbers.max(initial=0)) for numbers in (before, after, last, tokens))
    keys, counts = np.unique(before.astype(np.int64) * size + after, return_counts=True)
    wanted = last.astype(np.int64) * size + tokens
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    both = np.where(keys[place] == wanted, counts[place], 0)
    return (both + 1) / (np.bincount(before, minlength=size)[last] + choices)


def _pairs(rows: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the tokens before and after each step within the rows."""
    return np.concatenate([row[:-1] for row in rows]), np.concatenate([row[1:] for row in rows])
