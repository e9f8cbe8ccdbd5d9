"""Where batches come from: arrays that stay on the device, or a stream.

Both give the loop `Chunk`s: rows on the device, the order in which to take them, and how many
steps of which batch size that makes. The program does not know the difference.
"""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from maeum.core.errors import ConfigError, DataError
from maeum.core.randomness import epoch_order
from maeum.core.settings import settings
from maeum.training.arrays import row_count, take_rows
from maeum.training.chunks import Chunk, Chunks, steps_of_epoch
from maeum.training.identity import describe_arrays
from maeum.training.streams import StreamSource


@dataclass(eq=False, repr=False)
class ArraySource:
    """Rows held in memory; they move to the device once.

    Args:
        data: ``(x, y, sample_weight)`` with as many rows in every array.
        batch_size: the rows of a step; by default 32, or as many as ``steps`` steps need.
        shuffle: whether every epoch has its own order.
        seed: the seed of these orders.
        steps: the number of steps of an epoch; all rows by default.
    """

    data: tuple
    batch_size: Any = None
    shuffle: bool = False
    seed: int = 0
    steps: int | None = None

    def __post_init__(self) -> None:
        self.rows = row_count(self.data)
        if self.rows == 0:
            raise DataError("There are no rows: the arrays are empty.")
        size, steps = self.batch_size, self.steps
        if size is None:
            size = 32 if steps is None else -(-self.rows // steps)
        self.batch_size = min(size, self.rows)
        self.available = -(-self.rows // self.batch_size)
        self.steps = self.available if steps is None else min(steps, self.available)
        self._placed: Any = None

    def first_batch(self) -> tuple:
        """Return the rows of one step, to look at their shapes."""
        return take_rows(self.data, slice(0, self.batch_size))

    def rewind(self) -> None:
        """Do nothing: without an epoch, the rows begin at the first."""

    def go_on(self, passes: int, batches: int) -> None:
        """Do nothing: what an epoch takes follows from its number."""

    def identity(self) -> list[str]:
        """Return, ready for JSON, what tells these data from others."""
        return describe_arrays(self.data)

    def chunks(self, epoch: int = 0, first_step: int = 0, done: int = 0) -> Chunks:
        """Yield the full batches of an epoch, then the smaller last one if there is one.

        Args:
            epoch: the number of the epoch; it matters if an epoch does not take all rows.
            first_step: the steps trained before it, which the order follows from, besides the seed.
            done: the steps of this epoch that are done already.
        """
        if self._placed is None:
            self._placed = jax.device_put(self.data)
            self._in_order = np.arange(self.rows, dtype=np.int32)
        assert self.steps is not None
        steps = steps_of_epoch(self.available, self.steps, epoch)
        order = self._in_order
        if self.shuffle:
            order = epoch_order(self.rows, self.seed, (first_step - steps.start) % 2**32)
        size, full = self.batch_size, self.rows // self.batch_size
        first = steps.start + done
        if first < full:
            # Rolled rather than cut: another length would compile another program.
            rolled = np.roll(order, -first * size) if first else order
            count = min(steps.stop, full) - first
            if count > 0:
                yield Chunk(self._placed, jax.device_put(rolled), size, count)
        if steps.stop > max(full, first):
            rest = order[full * size :]
            yield Chunk(self._placed, jax.device_put(rest), len(rest), 1)


Source = ArraySource | StreamSource


def is_stream(x: Any) -> bool:
    """Tell whether ``x`` gives batches, rather than being the data itself."""
    if x is None or isinstance(x, (np.ndarray, jax.Array, Mapping, list, tuple, str, type)):
        return False
    if type(x).__module__.startswith("pandas") or hasattr(x, "__array__") or hasattr(x, "shape"):
        return False
    return hasattr(x, "__iter__") or (hasattr(x, "__getitem__") and hasattr(x, "__len__"))


def check_count(value: Any, what: str) -> int | None:
    """Return a positive whole number, or None for None; raise `ConfigError` otherwise."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or value % 1 or value < 1:
        raise ConfigError(
            "{what} is a whole number of 1 or more; got {value!r}.", what=what, value=value
        )
    return int(value)  # type: ignore[call-overload]


def limited(batch_size: int | None, steps: int | None) -> tuple[int | None, int | None]:
    """Return the batch size and the number of steps, as far as the settings allow them.

    `maeum.config.set_max_steps_per_epoch` gives the limit, which does not make batches larger.
    """
    most = settings.max_steps
    if most is None or (steps is not None and steps <= most):
        return batch_size, steps
    return batch_size or 32, most
