"""A sequence of batches that a pool of threads makes ahead of whoever takes them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from maeum.core.batches import RowBatches
from maeum.core.checks import check_whole
from maeum.core.runtime import processors

_AHEAD = 2  # batches that are being made while one is used


class BatchSequence(RowBatches):
    """Batches of rows, by number; `ImageLoader` and the iterators of augmented images are such.

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
        super().__init__(rows, batch_size, shuffle, seed)
        self.workers = min(processors(), 16) if workers is None else check_whole(workers, "workers")
        self._threads: ThreadPoolExecutor | None = None

    def batches(
        self, epoch: int = 0, indices: Iterable[int] | None = None, shuffle: bool | None = None
    ) -> Iterator[Any]:
        """Yield the batches of an epoch, while the next ones are being made.

        Args:
            epoch: which order and which random numbers to take.
            indices: the batches wanted; all by default. A batch of which no image can be read
                is passed over.
            shuffle: whether to shuffle, if not as the sequence itself says.
        """
        parts = self.parts(epoch, self.shuffle if shuffle is None else shuffle)
        under_way: deque[Callable[[], Any]] = deque()
        for index in range(len(parts)) if indices is None else indices:
            under_way.append(self._begin(parts[index], epoch))
            if len(under_way) > _AHEAD:
                yield from _there(under_way.popleft()())
        while under_way:
            yield from _there(under_way.popleft()())

    def take(self, rows: np.ndarray) -> Any:
        """Return the batch of these rows, with the random numbers of this epoch.

        Raises:
            DataError: if none of them can be read.
        """
        batch = self._begin(rows, self.epoch)()
        return self._none_left(rows) if batch is None else batch

    def _begin(self, rows: np.ndarray, epoch: int) -> Callable[[], Any]:
        """Begin to make a batch; return a function that waits for it, and returns it or None."""
        raise NotImplementedError

    def _none_left(self, rows: np.ndarray) -> Any:
        """Raise for a batch without any row that can be used."""
        raise NotImplementedError

    def _spread(self, work: Callable[[int], None], count: int) -> Callable[[], None]:
        """Do ``work(0) ... work(count - 1)`` in the threads; return a function that waits."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="maeum-images")
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
