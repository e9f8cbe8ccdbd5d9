"""From how surprising each column is to how unusual a row is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from maeum.core.json import Saved
from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.generative.anomaly.features import Features
from maeum.generative.anomaly.network import Hidden

LEAST_SCORE = 3.0  # of a row that is unusual, where nothing was chosen: deviations of a column
FENCE = 3.0  # Tukey's outer fence: quartile ranges above the third quartile
KEPT = 1001  # quantiles of the scores of the training
MOST_COLUMNS = 3  # of a row that are told
LEAST_PART = 0.1  # of a row's score that a column has, to be told
STAYS = 0.5  # of its excess, of a column that is unusual whatever the other columns hold
LEAST_SPREAD = 0.3  # nats; what hardly differs otherwise would be unusual at once


@dataclass(frozen=True)
class Scale(Saved):
    """What surprises and scores of the training were like.

    The score of a row is ``sqrt(sum(excess ** 2))`` over its columns. A column's excess is how
    much more surprising it is than on average, in standard deviations, and 0 where it is less: so
    a single column that is very surprising counts more than many that are a little.

    Attributes:
        usual: the mean surprise of each column, among rows not learnt from.
        spread: its standard deviation, or a little where it hardly differs.
        quantiles: of the scores of these rows, from the least to the largest.
        threshold: the score from which on a row is unusual.

    >>> scale = Scale.of(np.array([[1.0, 2.0], [1.0, 2.0], [4.0, 8.0]]), contamination=0.3)
    >>> scale.usual, scale.scores(np.array([[2.0, 4.0]])).tolist()
    ([2.0, 4.0], [0.0])
    """

    usual: list[float] = field(default_factory=list)
    spread: list[float] = field(default_factory=list)
    quantiles: list[float] = field(default_factory=list)
    threshold: float = 0.0

    @classmethod
    def of(cls, surprises: np.ndarray, contamination: float | None = None) -> Scale:
        """Return the scale for the surprises of rows ``(n, columns)`` that were not learnt from.

        Args:
            surprises: in nats.
            contamination: the fraction of the rows that is unusual; None takes what lies beyond
                the outer fence of Tukey ("Exploratory data analysis", 1977).
        """
        found = cls(surprises.mean(0).tolist(),
                    np.maximum(surprises.std(0), LEAST_SPREAD).tolist())  # fmt: skip
        scores = found.scores(surprises)
        first, third = np.quantile(scores, [0.25, 0.75]).tolist()
        threshold = max(third + FENCE * (third - first), LEAST_SCORE)
        if contamination is not None:
            count = max(1, round(contamination * len(scores)))
            threshold = max(float(np.sort(scores)[-count]), 1e-9)  # no row without any surprise
        quantiles = np.quantile(scores, np.linspace(0, 1, min(KEPT, len(scores))))
        return replace(found, quantiles=quantiles.tolist(), threshold=threshold)

    def scores(self, surprises: np.ndarray) -> np.ndarray:
        """Return how unusual rows are, ``(n,)``."""
        return np.sqrt(self.squares(surprises).sum(1))

    def parts(self, surprises: np.ndarray) -> np.ndarray:
        """Return which part of its score each column of each row has: ``(n, columns)``."""
        squares = self.squares(surprises)
        return squares / np.maximum(squares.sum(1, keepdims=True), 1e-12)

    def squares(self, surprises: np.ndarray) -> np.ndarray:
        """Return the square of each column's excess, ``(n, columns)``."""
        beyond = np.maximum(surprises - np.asarray(self.usual), 0)
        return np.square(beyond / np.asarray(self.spread))

    def below(self, scores: np.ndarray) -> np.ndarray:
        """Return the fraction of the rows of the training that are less unusual, ``(n,)``."""
        known = np.asarray(self.quantiles)
        places = np.searchsorted(known, scores, side="left")
        return np.minimum(places, len(known) - 1) / (len(known) - 1)


def ranks(scores: np.ndarray) -> np.ndarray:
    """Return the places of rows, 1 for the most unusual.

    >>> ranks(np.array([0.5, 3.0, 1.0])).tolist()
    [3, 1, 2]
    """
    found = np.empty(len(scores), int)
    found[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return found


def telling(parts: np.ndarray) -> list[int]:
    """Return the columns that make a row unusual, the most unusual first.

    >>> telling(np.array([0.05, 0.7, 0.25]))
    [1, 2]
    """
    order = np.argsort(-parts, kind="stable")[:MOST_COLUMNS].tolist()
    return [column for column in order if parts[column] >= LEAST_PART]


def blamed(
    scale: Scale, said: Hidden, together: Callable[[np.ndarray, np.ndarray], Hidden]
) -> tuple[np.ndarray, Hidden]:
    """Return which part of each row's score each column has, and what is expected.

    A number far outside makes what goes with it look wrong, too. So the columns that make a row
    unusual are all hidden at once: those that are unusual even then have the blame. Where none
    is, they contradict each other, and it stays with all of them.

    Args:
        scale: of the training.
        said: what is said of the rows, each column hidden in turn.
        together: returns what is said of rows, by their numbers, with some columns hidden.
    """
    parts = scale.parts(said.surprises)
    rows = np.flatnonzero(scale.scores(said.surprises) >= scale.threshold)
    if not len(rows):
        return parts, said
    hide = np.zeros((len(rows), parts.shape[1]), bool)
    for place, row in enumerate(rows):
        hide[place, telling(parts[row])] = True
    again = together(rows, hide)
    alone, before = scale.squares(again.surprises), scale.squares(said.surprises[rows])
    alone = np.where(hide & (alone >= STAYS**2 * before), alone, 0)
    sure = alone.max(1) > 0
    parts[rows[sure]] = alone[sure] / alone[sure].sum(1, keepdims=True)
    values, chances = said.values.copy(), said.chances.copy()
    values[rows[sure]], chances[rows[sure]] = again.values[sure], again.chances[sure]
    return parts, Hidden(said.surprises, values, chances)


def reasons(
    features: Features, x: np.ndarray, said: Hidden, parts: np.ndarray, cells: Sequence[object],
    row: int,
) -> Iterable[str]:  # fmt: skip
    """Yield the columns that make a row unusual, with what was found and what was expected.

    Args:
        features: of the table.
        x: its rows.
        said: what was said of them.
        parts: which part of the score each column has, ``(n, columns)``.
        cells: the row as it stood in the table, a cell for each of the columns.
        row: its number.
    """
    for column in telling(parts[row]):
        name, cell = features.columns[column], cells[column]
        found = features.found(x, row, column)
        if not (cell is None or cell != cell) and str(cell).strip():
            found = shorten(str(cell).removesuffix(" 00:00:00"), 40)  # as it was written
        yield _("{feature}: {value} (expected {expected})", feature=shorten(name, 40), value=found,
                expected=features.expected(said, row, column))  # fmt: skip
