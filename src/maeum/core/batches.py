"""Batches of rows by number, for ``fit``: the order of an epoch follows from (seed, epoch)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError
from maeum.core.messages import _
from maeum.core.randomness import check_seed, epoch_order


def only_maeums(format: str) -> None:
    """Check Keras's argument ``format``, whose other values ask for other libraries' data sets.

    Raises:
        ConfigError: for another value than Keras's default, ``"tf"``.
    """
    if format != "tf":
        raise ConfigError("The batches are Maeum's own, whatever format says; there are none of "
                          "{format!r}. Leave the argument out.", format=format)  # fmt: skip


class RowBatches:
    """Base of the loaders that take batches of rows from somewhere.

    A loader writes ``take(rows)``. ``fit`` asks for batches by their index, and in another order
    in every epoch; each pass of an iteration takes the order of the next epoch.

    Args:
        rows: how many there are.
        batch_size: the rows of a batch; the last one may have fewer.
        shuffle: whether every epoch has its own order of the rows.
        seed: the seed of these orders.
    """

    def __init__(self, rows: int, batch_size: int, shuffle: bool = False, seed: int = 0):
        self.rows = rows
        self.batch_size = check_whole(batch_size, "batch_size")
        self.shuffle = bool(shuffle)
        self.seed = check_seed(seed)
        self.epoch = 0

    def __len__(self) -> int:
        return -(-self.rows // self.batch_size)

    def __getitem__(self, index: int) -> Any:
        if not -len(self) <= index < len(self):
            raise IndexError(
                _("There is no batch {index}: there are {n}.", index=index, n=len(self))
            )
        return self.take(self.parts(self.epoch, self.shuffle)[index])

    def __iter__(self) -> Iterator[Any]:
        yield from self.batches(self.epoch)
        self.on_epoch_end()

    def on_epoch_end(self) -> None:
        """Go on to the order of the next epoch."""
        self.epoch += 1

    def batches(
        self, epoch: int = 0, indices: Iterable[int] | None = None, shuffle: bool | None = None
    ) -> Iterator[Any]:
        """Yield the batches of an epoch: those of ``indices``, or all.

        Args:
            epoch: which order to take.
            indices: the batches wanted.
            shuffle: whether to shuffle, if not as the loader itself says.
        """
        parts = self.parts(epoch, self.shuffle if shuffle is None else shuffle)
        for index in range(len(parts)) if indices is None else indices:
            yield self.take(parts[index])

    def parts(self, epoch: int, shuffle: bool) -> list[np.ndarray]:
        """Return the rows of every batch of an epoch."""
        order = epoch_order(self.rows, self.seed, epoch) if shuffle else np.arange(self.rows)
        return [order[i : i + self.batch_size] for i in range(0, self.rows, self.batch_size)]

    def take(self, rows: np.ndarray) -> Any:
        """Return the batch of these rows."""
        raise NotImplementedError
