"""What counting alone foresees: simple models that a network that writes has to beat."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from maeum.language.model import figures
from maeum.language.training import LanguageData

FREQUENCY, NEIGHBOUR, GUESSING = "Frequency alone", "What follows the last token", "Guessing"


def simple_models(data: LanguageData) -> list[dict[str, Any]]:
    """Return models that count the training part, judged on what the network is judged on.

    - "Frequency alone": how often each token is there.
    - "What follows the last token": how often each token comes behind each other one.
    - "Guessing": every token is as likely.

    The counts of the first two get one more for every token (Laplace's rule of succession), so
    that nothing is impossible.

    Args:
        data: the text, as it was learnt.

    Returns:
        ``{"name": ..., "metrics": ..., "seconds": ...}`` each, as `maeum.report.answers.comparison`
        takes them. The metrics are those of `LanguageModel.evaluate`.
    """
    choices = len(data.encoder.vocabulary) - (data.end is not None)  # nothing foresees a beginning
    before, after = _pairs(data.rows(data.train))
    rows, characters = data.measured()
    last, tokens = _pairs(rows)
    size = len(data.encoder.vocabulary)
    ways: dict[str, Callable[[], np.ndarray]] = {
        NEIGHBOUR: lambda: neighbour_chances(before, after, last, tokens, choices),
        FREQUENCY: lambda: (
            (np.bincount(after, minlength=size)[tokens] + 1) / (len(after) + choices)
        ),
        GUESSING: lambda: np.full(len(tokens), 1 / choices),
    }
    models = []
    for name, chances in ways.items():
        began = time.perf_counter()
        loss = float(-np.log(chances()).mean())
        metrics = figures(loss, len(tokens), characters)
        models.append({"name": name, "metrics": metrics, "seconds": time.perf_counter() - began})
    return models


def neighbour_chances(
    before: np.ndarray, after: np.ndarray, last: np.ndarray, tokens: np.ndarray, choices: int
) -> np.ndarray:
    """Return the chance of each of some tokens behind the last one, by counts plus one.

    Args:
        before, after: the pairs that are counted.
        last, tokens: the pairs that are foreseen.
        choices: how many tokens can come.

    Returns:
        ``(count(last, token) + 1) / (count(last) + choices)`` of each pair.

    Example:
        >>> neighbour_chances(np.array([0, 0]), np.array([1, 1]), np.array([0]), np.array([1]), 2)
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
