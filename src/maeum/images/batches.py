"""A sequence of batches that a pool of threads makes ahead of whoever takes them."""

from __future__ import annotations

import os
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from maeum.core.randomness import check_seed
from maeum.images.options import check_whole

_AHEAD = 2  # batches that are being made while one is used


class BatchSequence:
    """Batches of rows, by number; `ImageLoader` and the iterators of augmented pictures are such.

    ``fit`` takes the batches by their index. Who iterates gets them made ahead, and another order
    in every pass if ``shuffle`` is set. The order is a function of (seed, epoch).

    Args:
        rows: how many there are.
        batch_size: the rows of a batch; the last one may have fewer.
        shuffle: whether every epoch has its own order of the rows.
        seed: the seed of these orders.
        workers: the number of threads; by default that of the processors.
    """

    def __init__(
        self, rows: int, batch_size: int, shuffle: bool, seed: int, workers: int | None = None
    ):
        self.rows = rows
        self.batch_size = check_whole(batch_size, "batch_size")
        self.shuffle = bool(shuffle)
        self.seed = check_seed(seed)
        self.workers = processors() if workers is None else check_whole(workers, "workers")
        self.epoch = 0
        self._threads: ThreadPoolExecutor | None = None

    def __len__(self) -> int:
        return -(-self.rows // self.batch_size)

    def __getitem__(self, index: int) -> Any:
        if not -len(self) <= index < len(self):
            raise IndexError(f"There is no batch {index}: there are {len(self)}.")
        rows = self._cut(self.order(self.epoch), index % len(self))
        batch = self._begin(rows, self.epoch)()
        return self._none_left(rows) if batch is None else batch

    def __iter__(self) -> Iterator[Any]:
        yield from self.batches(self.epoch)
        self.on_epoch_end()

    def on_epoch_end(self) -> None:
        """Go on to the order of the next epoch."""
        self.epoch += 1

    def order(self, epoch: int, shuffle: bool | None = None) -> np.ndarray:
        """Return the rows in the order of an epoch."""
        if not (self.shuffle if shuffle is None else shuffle):
            return np.arange(self.rows)
        return generator(self.seed, "order", epoch).permutation(self.rows)

    def batches(
        self, epoch: int = 0, indices: Iterable[int] | None = None, shuffle: bool | None = None
    ) -> Iterator[Any]:
        """Yield the batches of an epoch, while the next ones are being made.

        Args:
            epoch: which order and which random numbers to take.
            indices: the batches wanted; all by default. A batch of which no picture can be read
                is passed over.
            shuffle: whether to shuffle, if not as the sequence itself says.
        """
        order = self.order(epoch, shuffle)
        under_way: deque[Callable[[], Any]] = deque()
        for index in range(len(self)) if indices is None else indices:
            under_way.append(self._begin(self._cut(order, index), epoch))
            if len(under_way) > _AHEAD:
                yield from _there(under_way.popleft()())
        while under_way:
            yield from _there(under_way.popleft()())

    def _cut(self, order: np.ndarray, index: int) -> np.ndarray:
        return order[index * self.batch_size : (index + 1) * self.batch_size]

    def _begin(self, rows: np.ndarray, epoch: int) -> Callable[[], Any]:
        """Begin to make a batch; return a function that waits for it, and returns it or None."""
        raise NotImplementedError

    def _none_left(self, rows: np.ndarray) -> Any:
        """Raise for a batch without any row that can be used."""
        raise NotImplementedError

    def _spread(self, work: Callable[[int], None], count: int) -> Callable[[], None]:
        """Do ``work(0) ... work(count - 1)`` in the threads; return a function that waits."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="maeum-pictures")
        size = max(1, -(-count // (4 * self.workers)))  # few tasks, and yet an even end

        def run(start: int) -> None:
            for number in range(start, min(start + size, count)):
                work(number)

        tasks = [self._threads.submit(run, start) for start in range(0, count, size)]

        def wait() -> None:
            try:
                for task in tasks:
                    task.result()
            except BaseException:
                for task in tasks:
                    task.cancel()
                raise

        return wait


def _there(batch: Any) -> Iterator[Any]:
    if batch is not None:
        yield batch


def processors() -> int:
    """Return how many processors this process may use, up to 16."""
    try:
        number = len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        number = os.cpu_count() or 1
    return min(number, 16)


def generator(seed: int, purpose: str, epoch: int, index: int = 0) -> np.random.Generator:
    """Return random numbers that are a function of these arguments alone."""
    words = [seed, zlib.crc32(purpose.encode()), epoch, index]
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(words)))
