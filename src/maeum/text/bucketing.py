"""Bucketing: batches of sequences of similar lengths, padded only as far as their bucket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from maeum.core.batches import RowBatches
from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError, DataError
from maeum.core.randomness import generator
from maeum.text.padding import pad_sequences, sequence_lengths


@dataclass(eq=False, repr=False)
class BucketedBatches(RowBatches):
    """Batches of sequences of similar lengths for ``fit``, ``evaluate`` and ``predict``.

    Every batch has the length of its bucket, so that there are as few shapes (and compiled
    programs) as buckets, and little padding. Which sequences share a batch, and the order of the
    batches, are a function of (seed, epoch). For ``predict`` set ``shuffle=False``; `parts` tells
    the order: short sequences come first.

    Args:
        sequences: lists or arrays of numbers, of any lengths.
        y: the targets: an array with one entry for each sequence.
        batch_size: the sequences of a batch.
        boundaries: the lengths of the buckets, increasing; longer sequences are cut to the last
            one. A number asks for so many buckets of equally many sequences each; no sequence is
            cut then.
        padding: the side to pad, ``"post"`` or ``"pre"``.
        value: what to pad with.
        dtype: the dtype of the batches.
        shuffle: whether every epoch has its own order.
        seed: the seed of these orders.

    Raises:
        DataError: if there are no sequences, or not as many as ``y`` has entries.
        ConfigError: for boundaries that do not increase.

    Example:
        >>> sequences = [[1], [2] * 9, [3] * 2, [4] * 8]
        >>> batches = bucket_by_length(sequences, batch_size=2, boundaries=2)
        >>> sorted(x.shape for x in batches)
        [(2, 2), (2, 9)]
    """

    sequences: Sequence[Any]
    y: Any = None
    batch_size: int = 32
    boundaries: Any = 4
    _: KW_ONLY
    padding: str = "post"
    value: Any = 0
    dtype: Any = "int32"
    shuffle: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        self.lengths = np.asarray(sequence_lengths(self.sequences))
        if not len(self.lengths):
            raise DataError("There are no sequences to make batches of.")
        if self.y is not None:
            self.y = np.asarray(self.y)
            if self.y.ndim == 0 or len(self.y) != len(self.lengths):
                raise DataError("y needs one entry for each of the {n} sequences; got shape "
                                "{shape}.", n=len(self.lengths), shape=self.y.shape)  # fmt: skip
        if isinstance(self.boundaries, (int, np.integer)):
            check_whole(self.boundaries, "boundaries")
            fractions = np.arange(1, self.boundaries + 1) / self.boundaries
            found = np.quantile(self.lengths, fractions, method="inverted_cdf")
            self.boundaries = np.unique(np.maximum(found, 1))
        self.boundaries = ends = [int(n) for n in self.boundaries]
        if not ends or ends[0] < 1 or sorted(set(ends)) != ends:
            raise ConfigError("boundaries is a list of increasing lengths; got {boundaries}.",
                              boundaries=ends)  # fmt: skip
        super().__init__(len(self.lengths), self.batch_size, self.shuffle, self.seed)
        # The last bucket takes what is longer than all, too; it is cut there.
        self.bucket_of = np.minimum(np.searchsorted(ends, self.lengths), len(ends) - 1)

    def __repr__(self) -> str:
        return (
            f"<BucketedBatches: {self.rows:,} sequences in {len(self)} batches, padded to "
            f"{', '.join(map(str, self.boundaries))}>"
        )

    def parts(self, epoch: int, shuffle: bool) -> list[np.ndarray]:
        """Return the rows of every batch of an epoch.

        What does not fill a batch goes on into the next longer bucket, so that only one batch of
        an epoch is smaller than the others.
        """
        random = generator(self.seed, "order", epoch) if shuffle else None
        full: list[np.ndarray] = []
        rest = np.zeros(0, np.int64)
        for bucket in range(len(self.boundaries)):
            rows = np.flatnonzero(self.bucket_of == bucket)
            rows = np.concatenate([rest, rows if random is None else random.permutation(rows)])
            count = len(rows) // self.batch_size
            full += np.split(rows[: count * self.batch_size], count) if count else []
            rest = rows[count * self.batch_size :]
        if len(rest):
            full.append(rest)
        order = range(len(full)) if random is None else random.permutation(len(full))
        return [full[index] for index in order]

    def take(self, rows: np.ndarray) -> Any:
        """Return the batch of these rows, padded to the length of the longest one's bucket."""
        sequences = [self.sequences[row] for row in rows]
        length = self.boundaries[self.bucket_of[rows].max()]
        x = pad_sequences(sequences, length, self.dtype, self.padding, "post", self.value)
        return x if self.y is None else (x, self.y[rows])


bucket_by_length = BucketedBatches
