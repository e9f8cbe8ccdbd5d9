"""Batches from an iterable: a generator, a sequence of batches, a loader."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from maeum.core.errors import DataError, MaeumError
from maeum.core.messages import _
from maeum.core.randomness import epoch_order
from maeum.training.arrays import row_count
from maeum.training.chunks import Chunk, Chunks, steps_of_epoch
from maeum.training.py_dataset import PyDataset, batches_of, numbers

Prepare = Callable[[Any, Any, Any], tuple[Any, Any, Any]]

# A chunk of a stream holds at most so many rows, so many batches and so many bytes.
_STREAM_ROWS = 4096
_STREAM_STEPS = 32
_STREAM_BYTES = 64 * 2**20


@dataclass(eq=False, repr=False)
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

    iterable: Any
    steps: int | None
    prepare: Prepare
    shuffle: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        self.available = _length(self.iterable)
        self.indexed = hasattr(self.iterable, "__getitem__") and self.available is not None
        self.told = self.indexed or isinstance(self.iterable, PyDataset)
        self.once = hasattr(self.iterable, "__next__") and not self.indexed
        self._wanted = self.steps
        self.steps = self.available if self.steps is None else self.steps
        self._iterator: Iterator | None = None
        self._first: tuple | None = None
        self._given = 0  # batches since the iterator (of an index: the epoch) began
        self._skipped = 0  # batches that another process took, which are still to be passed over

    def first_batch(self) -> tuple:
        """Return the first batch, to look at its shapes; it is not lost."""
        if self._first is None:
            first = next(in_turn(self.iterable), None)
            if first is None:
                raise DataError("The data source gave no batch at all.")
            if self.once:
                self._iterator = itertools.chain([first], self.iterable)
            self._first = self._unpack(first)
        return self._first

    def identity(self) -> list[Any]:
        """Return, ready for JSON, what tells these data from others: more is not known of them."""
        shapes = [f"{a.shape[1:]} {a.dtype}" for a in jax.tree.leaves(self.first_batch())]
        return [type(self.iterable).__name__, self.available, *shapes]

    def rewind(self) -> None:
        """Begin again at the beginning, if that can be done."""
        if not self.once:
            self._iterator, self._skipped = None, 0

    def go_on(self, passes: int, batches: int) -> None:
        """Be where the source of another process was, which is run through again up to there.

        Args:
            passes: the epochs or evaluations that are over.
            batches: how many batches it gave since it began.
        """
        for _pass in range(passes):
            self._tell("on_epoch_begin")
            self._tell("on_epoch_end")
        if not self.indexed:
            self._skipped = batches

    def chunks(self, epoch: int = 0, first_step: int = 0, done: int = 0) -> Chunks:
        """Yield chunks of equal batches, fetched ahead by a thread; see `ArraySource.chunks`."""
        batches = self._batches(epoch, first_step, done)
        yield from _ahead(_grouped(batches, lambda: self._given - 1, done))

    def _batches(self, epoch: int, first_step: int, done: int) -> Iterator[tuple]:
        """Yield the batches of an epoch."""
        if self.indexed:
            assert self.available is not None
            assert self.steps is not None
            steps = steps_of_epoch(self.available, min(self.steps, self.available), epoch)
            items = self._chosen(steps[done:], (first_step - steps.start) % 2**32)
            self._given = done
        else:
            wanted = None if self._wanted is None else self._wanted - done
            items = itertools.islice(self._going_on(), wanted)
        self._tell("on_epoch_begin")
        for number, item in enumerate(items, done):
            self._given += 1
            try:
                yield self._unpack(item)
            except MaeumError as error:
                error.add_note(
                    _(
                        "This was batch {number} of a {kind}, of which every item is one whole "
                        "batch.",
                        number=number,
                        kind=type(self.iterable).__name__,
                    )
                )
                raise
        self._tell("on_epoch_end")

    def _chosen(self, steps: range, number: int) -> Iterator:
        """Yield batches by index, in the order that follows from a number.

        A loader with a method ``batches`` knows better: it shuffles rows rather than batches, and
        makes the next ones ahead.
        """
        if hasattr(self.iterable, "batches"):
            indices = range(steps.start, steps.stop)
            return self.iterable.batches(number, indices, self.shuffle)
        order: Any = range(self.available or 0)
        if self.shuffle:
            order = epoch_order(len(order), self.seed, number)
        return loaded(self.iterable, order[steps.start : steps.stop])

    def _going_on(self) -> Iterator:
        """Yield what an earlier epoch left; what was used up begins again, if it can."""
        empty, left = True, self._iterator is not None or self._skipped > 0
        if self._iterator is None:
            self._iterator, self._given = loaded(self.iterable), 0
        if self._skipped:
            self._given = sum(1 for _item in itertools.islice(self._iterator, self._skipped))
            self._skipped = 0
        for item in self._iterator:  # `yield from` would close it when the epoch ends
            empty = False
            yield item
        if not self.once:
            self._iterator = None
            if empty and left:
                yield from self._going_on()

    def _tell(self, hook: str) -> None:
        if self.told and hasattr(self.iterable, hook):
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


def loaded(iterable: Any, order: Any = None) -> Iterator:
    """Iterate as `in_turn` does; the batches of a data set with workers are loaded ahead."""
    if not isinstance(iterable, PyDataset):
        return iter(iterable) if order is None else in_turn(iterable, order)
    return batches_of(iterable, numbers(iterable) if order is None else order)


def _length(iterable: Any) -> int | None:
    try:
        return iterable.num_batches if isinstance(iterable, PyDataset) else len(iterable)
    except (
        TypeError,
        NotImplementedError,
    ):  # it has none, or (a loader over a stream) does not know it
        return None


def batch_parts(item: Any) -> tuple[Any, Any, Any]:
    """Return ``(x, y, sample_weight)`` of what a source gave, None for what it left out.

    Raises:
        DataError: if it is no batch.
    """
    if not isinstance(item, (tuple, list)) or any(isinstance(part, str) for part in item):
        item = (item,)  # one array, or a list of texts
    if not 1 <= len(item) <= 3:
        raise DataError(
            "A batch is x, (x, y) or (x, y, sample_weight); the data source gave a {kind} of "
            "{count}.",
            kind=type(item).__name__,
            count=len(item),
        )
    return (*item, None, None)[:3]  # type: ignore[return-value]


def _grouped(batches: Iterator[tuple], number: Callable[[], int], done: int) -> Iterator[Chunk]:
    """Put batches of one shape together to chunks.

    Args:
        batches: the batches.
        number: returns which one is the latest.
        done: how many batches of the epoch there were before: chunks end where they would have.
    """
    group: list[tuple] = []
    first = 0

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
        return Chunk(jax.device_put(padded), jax.device_put(order), rows, len(group), first)

    limit = size = 1
    for batch in batches:
        batch = jax.tree.map(np.asarray, batch)
        if group and (shapes(batch) != shapes(group[0]) or len(group) == size):
            yield chunk()
            group, done = [], 0
        if not group:
            first = number()
            taken = sum(a.nbytes for a in jax.tree.leaves(batch))
            most = (_STREAM_ROWS // max(1, row_count(batch)), _STREAM_BYTES // max(1, taken))
            limit = max(1, min(_STREAM_STEPS, *most))
            size = limit - done % limit
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
