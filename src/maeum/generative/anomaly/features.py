"""From the cells of a table to what the network takes, and back to what a reader sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.experiment.seen import row_hashes
from maeum.generative.anomaly.layout import Block, Layout
from maeum.generative.anomaly.network import Hidden
from maeum.report.wording import number
from maeum.tables.cells import cells_of
from maeum.tables.columns import Column
from maeum.tables.marks import beside
from maeum.tabular.preparation import Encoder, Preparation

MOST_LEVELS = 64  # of a category that are outcomes of their own; the others are one together
MISSING, OTHER = 0, 1  # the first outcomes of a category
_DAY = "day count"


class Features:
    """The way from a table to the rows of `maeum.generative.anomaly.layout.Layout`.

    Args:
        preparation: how cells become numbers and levels.

    >>> from maeum.tables.columns import recognise
    >>> frame = pd.DataFrame({"age": [20, None, 60, 40], "plan": ["a", "a", "b", "b"]})
    >>> features = Features.fit(*recognise(frame))
    >>> features.encode(frame)[0].round(2).tolist()[1]
    [0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    """

    def __init__(self, preparation: Preparation):
        self.preparation = preparation
        self.encoders: list[Encoder] = [
            each for each in preparation.encoders if isinstance(each, Encoder)
        ]
        self.blocks = [_block(each) for each in self.encoders]

    @classmethod
    def fit(cls, typed: pd.DataFrame, columns: Sequence[Column]) -> Features:
        """Fit them to the rows of a table.

        Args:
            typed: the rows, as `maeum.tables.columns.recognise` returns them.
            columns: what it said of them.

        Raises:
            DataError: if no column is used.
        """
        made = Preparation.fit(typed, columns, "standard", embed_above=0)
        known = (e for e in made.encoders if isinstance(e, Encoder))
        # That a cell is missing is an outcome of every column, however seldom it is.
        return cls(replace(made, encoders=[replace(e, flag=not e.embedded) for e in known]))

    @property
    def columns(self) -> list[str]:
        """The columns that are looked at."""
        return self.preparation.columns

    @cached_property
    def layout(self) -> Layout:
        """Where the columns stand in a row; of a network, the components count, too."""
        return Layout(self.blocks, 1)

    def encode(self, frame: pd.DataFrame, trained: bool = False) -> tuple[np.ndarray, list[str]]:
        """Return the rows, ``(n, width)`` float32, and sentences on what had to be read otherwise.

        Args:
            frame: raw or typed rows with the columns of the training.
            trained: whether these are the rows of the training.

        Raises:
            DataError: if a column is not there.
        """
        arrays, told = self.preparation.transform(frame, trained)
        numbers, outcomes, at = [], [], 0
        for encoder, block in zip(self.encoders, self.blocks):
            if encoder.embedded:
                series = frame[encoder.column]
                gone = cells_of(series, beside(encoder.levels, encoder.marks)).codes < 0
                found = arrays["numbers_" if encoder.column == "numbers" else encoder.column]
                found = np.where(found > block.outcomes - 2, 0, found) + OTHER
                outcomes.append(_one_hot(np.where(gone, MISSING, found), block.outcomes))
                continue
            width = len(encoder.parts)
            own = arrays["numbers"][:, at : at + width + 1]
            values, missing = own[:, :-1], own[:, -1]
            at += width + 1
            if block.numbers:
                numbers.append(values * (1 - missing)[:, None])
                outcomes.append(_one_hot(1 - missing, 2))
            else:  # yes or no
                outcomes.append(_one_hot((1 - missing) * (1 + values[:, 0]), 3))
        blocks = [np.zeros((len(frame), 0), np.float32), *numbers, *outcomes]
        return np.concatenate(blocks, axis=1), told

    def hashes(self, x: np.ndarray) -> np.ndarray:
        """Return a hash of each row; see `maeum.experiment.seen`."""
        return row_hashes({"x": x}, np.zeros(len(x)))

    def found(self, x: np.ndarray, row: int, column: int) -> str:
        """Return what a cell was read as, in a reader's words."""
        return self._said(column, x[row, : self.layout.numbers], x[row, self.layout.numbers :])

    def expected(self, said: Hidden, row: int, column: int) -> str:
        """Return what the other columns let expect of a cell, in a reader's words."""
        return self._said(column, said.values[row], said.chances[row])

    def _said(self, column: int, values: np.ndarray, outcomes: np.ndarray) -> str:
        layout, encoder = self.layout, self.encoders[column]
        likeliest = int(outcomes[layout.outcome_column == column].argmax())
        if likeliest == MISSING:
            return _("missing")
        if encoder.embedded:
            rare = likeliest == OTHER
            return _("a rare value") if rare else shorten(encoder.levels[likeliest - 2], 40)
        if encoder.kind == "yesno":
            return shorten(encoder.levels[likeliest - 1], 40)
        parts = values[layout.number_column == column].astype(float)
        parts = parts * np.asarray(encoder.spread) + np.asarray(encoder.shift)
        if encoder.kind == "date":
            day = parts[encoder.parts.index(_DAY)]
            return str(np.datetime64(int(np.floor(day)), "D"))
        return number(float(parts[0]), 3)

    def to_json(self) -> dict[str, Any]:
        """Return them as plain data."""
        return self.preparation.to_json()

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Features:
        """Return what `to_json` described."""
        return cls(Preparation.from_json(dict(saved)))


def _block(encoder: Encoder) -> Block:
    if encoder.embedded:
        return Block(0, 2 + min(len(encoder.levels), MOST_LEVELS))
    return Block(0, 3) if encoder.kind == "yesno" else Block(len(encoder.parts), 2)


def _one_hot(codes: np.ndarray, count: int) -> np.ndarray:
    return (codes[:, None] == np.arange(count)).astype(np.float32)
