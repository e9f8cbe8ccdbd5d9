"""How the columns of a table stand in what a network takes, and in what it returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

FLOOR = 0.1  # the least deviation of a component, in deviations of the column
ANYTHING = 0.003  # the fraction of values that may lie anywhere
BROAD = 3.0  # the scale of the Cauchy distribution that these follow
STEEP = 15.0  # logits end there, so that no outcome is impossible
MOST_PASSES = 64  # in which columns are hidden in turn; of more columns, several at once


class Block(NamedTuple):
    """A column: how many numbers it is, and how many outcomes it has.

    The first outcome is "missing". A column of numbers has one more, "there is one".
    """

    numbers: int
    outcomes: int


class Layout:
    """Where the columns of a table stand.

    A row is the numbers of all columns, then the outcomes of all columns, each a one-hot vector.
    Of each number, the outputs have a mixture of ``components`` normal distributions (the logits
    of their weights, their means, their scales), and of each outcome a logit.

    Args:
        blocks: the columns, as `Block` or pairs.
        components: of a mixture.

    >>> layout = Layout([(1, 2), (0, 3)], components=2)
    >>> layout.width, layout.outputs
    (6, 11)
    """

    def __init__(self, blocks: Sequence[Sequence[int]], components: int):
        self.blocks = [Block(*block) for block in blocks]
        self.components = components
        columns = np.arange(len(self.blocks))
        numbers = np.array([block.numbers for block in self.blocks])
        outcomes = np.array([block.outcomes for block in self.blocks])
        self.number_column = np.repeat(columns, numbers)
        self.outcome_column = np.repeat(columns, outcomes)
        self.numbers, self.outcomes = len(self.number_column), len(self.outcome_column)
        self.first_outcome = self.numbers + np.cumsum(outcomes) - outcomes  # places in a row
        self.width = self.numbers + self.outcomes
        self.outputs = 3 * components * self.numbers + self.outcomes
        self.column = np.concatenate([self.number_column, self.outcome_column])
        of_numbers = np.tile(np.repeat(self.number_column, components), 3)
        self.output_column = np.concatenate([of_numbers, self.outcome_column])
        self.present = self.first_outcome[self.number_column] + 1
        self.to_column = np.zeros((self.numbers, len(columns)), np.float32)
        self.to_column[np.arange(self.numbers), self.number_column] = 1
        self.to_column /= np.maximum(numbers, 1)  # of several numbers, such as a date's, the mean
        self.of_column = (self.outcome_column[:, None] == columns).astype(np.float32)
        passes = min(len(columns), MOST_PASSES)
        self.groups = [columns[start::passes] for start in range(passes)]

    def mixtures(self, outputs: Any, xp: Any = np) -> tuple[Any, Any, Any]:
        """Return logarithms of weights, means and scales, ``(rows, numbers, components)`` each."""
        shape = (len(outputs), 3, self.numbers, self.components)
        parts = outputs[:, : 3 * self.components * self.numbers].reshape(shape)
        weights, means, scales = parts[:, 0], parts[:, 1], parts[:, 2]
        weights = weights - _log_sum_exp(weights, xp)[..., None]
        softplus = xp.log1p(xp.exp(-xp.abs(scales))) + xp.maximum(scales, 0)
        return weights, means, FLOOR + softplus

    def logits(self, outputs: Any, xp: Any = np) -> Any:
        """Return the logits of the outcomes, ``(rows, outcomes)``."""
        return STEEP * xp.tanh(outputs[:, 3 * self.components * self.numbers :] / STEEP)

    def surprises(self, x: Any, outputs: Any, xp: Any = np) -> Any:
        """Return ``-log p`` of each column, in nats: ``(rows, columns)``.

        Args:
            x: the rows, ``(rows, width)``.
            outputs: what the network says of them, ``(rows, outputs)``.
            xp: NumPy, or JAX's.
        """
        weights, means, scales = self.mixtures(outputs, xp)
        values = x[:, : self.numbers]
        gaps = (values[:, :, None] - means) / scales
        logs = weights - 0.5 * gaps**2 - xp.log(scales) - 0.5 * np.log(2 * np.pi)
        anything = np.log(ANYTHING / (np.pi * BROAD)) - xp.log1p((values / BROAD) ** 2)
        likely = xp.logaddexp(_log_sum_exp(logs, xp), anything) * x[:, self.present]
        logits = self.logits(outputs, xp)
        said = x[:, self.numbers :] * logits
        outcomes = xp.log(xp.exp(logits) @ self.of_column) - said @ self.of_column
        return outcomes - likely @ self.to_column

    def hidden(self, x: np.ndarray, columns: Any) -> np.ndarray:
        """Return rows in which some columns are hidden: all their entries are 0."""
        return np.where(np.isin(self.column, columns), np.float32(0), x)


def _log_sum_exp(values: Any, xp: Any) -> Any:
    most = values.max(-1, keepdims=True)
    return (most + xp.log(xp.exp(values - most).sum(-1, keepdims=True)))[..., 0]
