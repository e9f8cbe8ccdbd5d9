"""Where batches come from: arrays that stay on the device, or a stream.

Both give the loop `Chunk`s: rows on the device, the order in which to take them, and how many
steps of which batch size that makes. The program does not know the difference.
"""

from __future__ import annotations

import itertools
import numbers
import queue
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from maeum.core.errors import ConfigError, DataError, MaeumError
from maeum.training.arrays import class_weights, each, row_count, take_rows

Prepare = Callable[[Any, Any, Any], tuple[Any, Any, Any]]

_STREAM_ROWS = 4096  # a chunk of a stream holds at most so many rows,
_STREAM_STEPS = 32  # and so many batches


@dataclass
class Chunk:
    """Rows on the device and the steps to take over them.

    Attributes:
        data: ``(x, y, sample_weight)``, structures of arrays or None.
        order: the rows in the order of the steps, int32.
        batch_size: the rows of one step.
        steps: how many steps there are.
    """

    data: tuple
    order: Any
    batch_size: int
    steps: int


def permutation(rows: int, seed: int, epoch: int) -> np.ndarray:
    """Return the order of an epoch: a function of (seed, epoch) alone."""
    key = zlib.crc32(b"shuffle")
    generator = np.random.Generator(np.random.Philox(key=[seed, (key << 32) | epoch]))
    return generator.permutation(rows).astype(np.int32)


def share(available: int, steps: int, epoch: int) -> range:
    """Return which of the ``available`` steps an epoch takes that has fewer of its own.

    Epochs go on where the one before stopped, until all steps were taken; then it begins anew.

    >>> [list(share(5, 2, epoch)) for epoch in range(4)]
    [[0, 1], [2, 3], [4], [0, 1]]
    """
    first = epoch % -(-available // steps) * steps
    return range(first, min(first + steps, available))


class ArraySource:
    """Rows held in memory; they move to the device once.

    Args:
        data: ``(x, y, sample_weight)`` with as many rows in every array.
        batch_size: the rows of a step; by default 32, or as many as ``steps`` steps need.
        shuffle: whether every epoch has its own order.
        seed: the seed of these orders.
        steps: the number of steps of an epoch; all rows by default.
    """

    def __init__(
        self,
        data: tuple,
        batch_size: int | None = None,
        shuffle: bool = False,
        seed: int = 0,
        steps: int | None = None,
    ):
        self.rows = row_count(data)
        if self.rows == 0:
            raise DataError("There are no rows: the arrays are empty.")
        self.data = data
        if batch_size is None:
            batch_size = 32 if steps is None else -(-self.rows // steps)
        self.batch_size = min(batch_size, self.rows)
        self.shuffle = shuffle
        self.seed = seed
        self.available = -(-self.rows // self.batch_size)
        self.steps: int | None = self.available if steps is None else min(steps, self.available)
        self._placed: Any = None

    def first_batch(self) -> tuple:
        """Return the rows of one step, to look at their shapes."""
        return take_rows(self.data, slice(0, self.batch_size))

    def chunks(self, epoch: int = 0, done: int = 0) -> Iterator[Chunk]:
        """Yield the full batches of an epoch, then the smaller last one if there is one.

        Args:
            epoch: the number of the epoch; it matters if an epoch does not take all rows.
            done: the steps trained before, which the order follows from, besides the seed.
        """
        if self._placed is None:
            self._placed = jax.device_put(self.data)
            self._in_order = np.arange(self.rows, dtype=np.int32)
        assert self.steps is not None
        steps = share(self.available, self.steps, epoch)
        order = self._in_order
        if self.shuffle:
            order = permutation(self.rows, self.seed, (done - steps.start) % 2**32)
        size, full = self.batch_size, self.rows // self.batch_size
        if steps.start < full:
            # Rolled rather than cut: another length would compile another program.
            rolled = np.roll(order, -steps.start * size) if steps.start else order
            count = min(steps.stop, full) - steps.start
            yield Chunk(self._placed, jax.device_put(rolled), size, count)
        if steps.stop > full:
            rest = order[full * size :]
            yield Chunk(self._placed, jax.device_put(rest), len(rest), 1)


class StreamSource:
    """Batches from an iterable: a generator, a sequence of batches, a loader.

    A background thread fetches them and puts them together to chunks, while the device works.

    Args:
        iterable: yields ``x``, ``(x, y)`` or ``(x, y, sample_weight)``.
        steps: the steps of an epoch; needed if the iterable never ends.
        prepare: turns what was yielded into arrays that fit the model.
        shuffle: whether a sequence of batches (one with an index) is taken in another order
            in every epoch.
        seed: the seed of these orders.
    """

    def __init__(
        self,
        iterable: Any,
        steps: int | None,
        prepare: Prepare,
        shuffle: bool = False,
        seed: int = 0,
    ):
        self.iterable = iterable
        self.prepare = prepare
        self.shuffle = shuffle
        self.seed = seed
        self.available = _length(iterable)
        self.indexed = hasattr(iterable, "__getitem__") and self.available is not None
        self.once = hasattr(iterable, "__next__")
        self.steps = self.available if steps is None else steps
        self._wanted = steps
        self._iterator: Iterator | None = None
        self._peeked: tuple | None = None

    def first_batch(self) -> tuple:
        """Return the first batch, to look at its shapes; it is not lost."""
        if self._peeked is None:
            first = next(in_turn(self.iterable), None)
            if first is None:
                raise DataError("The data source gave no batch at all.")
            self._peeked = self._unpack(first)
        return self._peeked

    def chunks(self, epoch: int = 0, done: int = 0) -> Iterator[Chunk]:
        """Yield chunks of equal batches, fetched ahead by a thread; see `ArraySource.chunks`."""
        yield from _ahead(_grouped(self._batches(epoch, done)))

    def _batches(self, epoch: int, done: int) -> Iterator[tuple]:
        """Yield the batches of an epoch."""
        if self.indexed:
            assert self.available is not None and self.steps is not None
            steps = share(self.available, min(self.steps, self.available), epoch)
            order: Any = range(self.available)
            if self.shuffle:
                order = permutation(self.available, self.seed, (done - steps.start) % 2**32)
            items = in_turn(self.iterable, order[steps.start : steps.stop])
        else:
            items = itertools.islice(self._going_on(), self._wanted)
        if self._peeked is not None and self.once:
            yield self._peeked
            self._peeked = None
            items = itertools.islice(items, None if self._wanted is None else self._wanted - 1)
        self._tell("on_epoch_begin")
        for number, item in enumerate(items):
            try:
                yield self._unpack(item)
            except MaeumError as error:
                error.add_note(
                    f"This was batch {number} of a {type(self.iterable).__name__}, of which every "
                    "item is one whole batch."
                )
                raise
        self._tell("on_epoch_end")

    def _going_on(self) -> Iterator:
        """Yield what an earlier epoch left; what is used up begins again, if it can."""
        left = iter(()) if self._iterator is None else self._iterator
        empty = True
        for item in left:
            empty = False
            yield item
        if empty and (self._iterator is None or not self.once):
            self._iterator = iter(self.iterable)
            for item in self._iterator:  # `yield from` would close it when the epoch ends
                yield item

    def _tell(self, hook: str) -> None:
        if self.indexed and hasattr(self.iterable, hook):
            getattr(self.iterable, hook)()

    def _unpack(self, item: Any) -> tuple:
        batch = self.prepare(*batch_parts(item))
        row_count(batch)
        return batch


def in_turn(iterable: Any, order: Any = None) -> Iterator:
    """Iterate over what an iterable or a sequence gives; of a sequence, the entries ``order``."""
    length = _length(iterable)
    if not hasattr(iterable, "__getitem__") or length is None:
        return iter(iterable)  # no generator around it: one that is dropped closes what is inside
    return (iterable[int(index)] for index in (range(length) if order is None else order))


def _length(iterable: Any) -> int | None:
    try:
        return len(iterable)
    except TypeError:  # it has none, or (a loader over a stream) does not know it
        return None


def batch_parts(item: Any) -> tuple[Any, Any, Any]:
    """Return ``(x, y, sample_weight)`` of what a source gave, None for what it left out.

    Raises:
        DataError: if it is no batch.
    """
    if not isinstance(item, (tuple, list)):
        item = (item,)
    if not 1 <= len(item) <= 3:
        raise DataError(
            "A batch is x, (x, y) or (x, y, sample_weight); the data source gave a "
            f"{type(item).__name__} of {len(item)}."
        )
    return (*item, None, None)[:3]  # type: ignore[return-value]


def _grouped(batches: Iterator[tuple]) -> Iterator[Chunk]:
    """Put batches of one shape together to chunks."""
    group: list[tuple] = []

    def shapes(batch: tuple) -> list:
        return [(a.shape, a.dtype) for a in jax.tree.leaves(batch)]

    def chunk() -> Chunk:
        joined = jax.tree.map(lambda *parts: np.concatenate(parts), *group)
        rows = row_count(group[0])
        # Chunks have one shape, filled up with rows that no step takes, so that they share one
        # compiled program.
        total = rows * (limit if len(group) > 1 else 1)
        padded = jax.tree.map(
            lambda a: np.concatenate([a, np.zeros((total - len(a), *a.shape[1:]), a.dtype)]),
            joined,
        )
        order = np.arange(total, dtype=np.int32)
        return Chunk(jax.device_put(padded), jax.device_put(order), rows, len(group))

    limit = 1
    for batch in batches:
        batch = each(np.asarray, batch)
        if group and (shapes(batch) != shapes(group[0]) or len(group) == limit):
            yield chunk()
            group = []
        if not group:
            limit = max(1, min(_STREAM_STEPS, _STREAM_ROWS // max(1, row_count(batch))))
        group.append(batch)
    if group:
        yield chunk()


def _ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """Run an iterator in a background thread, at most two chunks ahead."""
    ready: queue.Queue = queue.Queue(maxsize=2)
    stopped = threading.Event()

    def put(item: Any) -> bool:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def fetch() -> None:
        try:
            for chunk in chunks:
                if not put((chunk, None)):
                    return
            put((None, None))
        except BaseException as error:  # handed to the loop, which raises it
            put((None, error))

    thread = threading.Thread(target=fetch, name="maeum-prefetch", daemon=True)
    thread.start()
    try:
        while True:
            chunk, error = ready.get()
            if error is not None:
                raise error
            if chunk is None:
                return
            yield chunk
    finally:
        stopped.set()
        thread.join(timeout=5)


def make_source(
    x: Any,
    y: Any,
    sample_weight: Any,
    *,
    batch_size: int | None,
    steps: int | None,
    shuffle: bool,
    seed: int,
    class_weight: Mapping[int, float] | None,
    prepare: Prepare,
) -> ArraySource | StreamSource:
    """Make a source from whatever ``fit``, ``evaluate`` or ``predict`` was given.

    Raises:
        ConfigError: for arguments that do not go together.
        DataError: for data that is no data.
    """
    batch_size = check_count(batch_size, "batch_size")
    steps = check_count(steps, "The number of steps")

    def weighted(x: Any, y: Any, weight: Any) -> tuple:
        x, y, weight = prepare(x, y, weight)
        if class_weight:
            if y is None:
                raise DataError("class_weight needs labels, and there is no y.")
            factor = class_weights(y, class_weight)
            weight = factor if weight is None else np.asarray(weight) * factor
        return x, y, weight

    if is_stream(x):
        if y is not None or sample_weight is not None:
            raise ConfigError(
                f"x is a {type(x).__name__} that yields whole batches, (x, y) or (x, y, "
                "sample_weight), so y and sample_weight cannot be given beside it."
            )
        return StreamSource(x, steps, weighted, shuffle, seed)
    data = weighted(x, y, sample_weight)
    return ArraySource(data, batch_size, shuffle, seed, steps)


def is_stream(x: Any) -> bool:
    """Tell whether ``x`` gives batches, rather than being the data itself."""
    if x is None or isinstance(x, (np.ndarray, jax.Array, Mapping, list, tuple, str)):
        return False
    if type(x).__module__.startswith("pandas") or hasattr(x, "__array__") or hasattr(x, "shape"):
        return False
    return hasattr(x, "__iter__") or (hasattr(x, "__getitem__") and hasattr(x, "__len__"))


def check_count(value: Any, what: str) -> int | None:
    """Return a positive whole number, or None for None; raise `ConfigError` otherwise."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or value % 1 or value < 1:
        raise ConfigError(f"{what} is a whole number of 1 or more; got {value!r}.")
    return int(value)

