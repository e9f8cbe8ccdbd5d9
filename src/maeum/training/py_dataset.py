"""Data sets that are written in Python, batch by batch, and may be loaded by several workers."""

from __future__ import annotations

import itertools
import os
import pickle
import queue
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future
from typing import Any

from maeum.core.errors import DataError
from maeum.core.messages import _


class PyDataset:
    """Base of a data set that gives whole batches by their number.

    Write ``__getitem__(index)``, which returns one batch, and ``__len__()``, the number of batches
    (or, for data without an end, the property ``num_batches`` that returns None). ``fit``,
    ``evaluate`` and ``predict`` take it. Batches come in their order (``fit`` shuffles it), however
    many workers load them.

    Args:
        workers: how many batches are loaded at the same time; with 1 they are loaded by the
            thread that prepares batches, while the device computes.
        use_multiprocessing: load in processes rather than threads, for loading that computes much
            in Python. They are fresh processes: the class has to stand in a module, or below
            ``if __name__ == "__main__"`` in a script, and the data set has to be picklable.
        max_queue_size: the most batches that are loaded ahead.

    Example:
        >>> import numpy as np
        >>> import maeum as mm
        >>> class Squares(PyDataset):
        ...     def __len__(self):
        ...         return 4
        ...     def __getitem__(self, index):
        ...         x = np.full((8, 1), index / 4)
        ...         return x, x**2
        >>> model = mm.Sequential([mm.Input((1,)), mm.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> history = model.fit(Squares(workers=2), epochs=2, verbose=0)
        >>> model.predict(Squares(), verbose=0).shape
        (32, 1)
    """

    # A subclass may forget super().__init__().
    workers = 1
    use_multiprocessing = False
    max_queue_size = 10

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ):
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index: int) -> Any:
        """Return the batch of that number."""
        raise NotImplementedError(
            _("{kind} has no __getitem__(index) yet; write one.", kind=type(self).__name__)
        )

    @property
    def num_batches(self) -> int | None:
        """The number of batches; None if there is no end."""
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(
            _("{kind} needs a __len__(), or a property num_batches that returns None for data "
              "without an end.", kind=type(self).__name__)
        )  # fmt: skip

    def __iter__(self) -> Iterator[Any]:
        """Yield the batches one after the other, without workers."""
        return (self[index] for index in numbers(self))

    def on_epoch_begin(self) -> None:
        """Be told that an epoch begins."""

    def on_epoch_end(self) -> None:
        """Be told that an epoch has ended."""


Sequence = PyDataset  # its former name


def numbers(dataset: PyDataset) -> Iterable[int]:
    """Return the numbers of the batches of a data set, without an end if it has none."""
    try:
        count = dataset.num_batches
    except NotImplementedError:
        count = None
    return itertools.count() if count is None else range(count)


def batches_of(dataset: PyDataset, order: Iterable[int]) -> Iterator[Any]:
    """Yield the batches of these numbers in this order, loaded ahead by the workers."""
    workers = int(dataset.workers)
    processes = bool(dataset.use_multiprocessing) and workers > 0
    if workers <= 1 and not processes:
        return (_load(dataset.__getitem__, dataset, index) for index in order)
    if processes:
        return _by_processes(dataset, order, workers)
    return _by_threads(dataset.__getitem__, dataset, order, workers)


def _load(get: Callable[[int], Any], dataset: PyDataset, index: Any) -> Any:
    try:
        return get(int(index))
    except Exception as error:
        kind = type(dataset).__name__
        error.add_note(_("This was batch {number} of {kind}.", number=int(index), kind=kind))
        raise


def _by_threads(
    get: Callable[[int], Any], dataset: PyDataset, order: Iterable[int], workers: int
) -> Iterator[Any]:
    """Yield ``get(index)`` for each index of ``order``, called ahead by threads.

    The threads are daemons: neither a training that stops nor the end of Python waits for a batch
    that nobody needs any more.
    """
    tasks: queue.SimpleQueue = queue.SimpleQueue()
    waiting: deque[Future] = deque()
    rest = iter(order)

    def ask() -> None:
        for index in itertools.islice(rest, 1):
            waiting.append(Future())
            tasks.put((waiting[-1], index))

    def work() -> None:
        while (task := tasks.get()) is not None:
            future, index = task
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(_load(get, dataset, index))
            except BaseException as error:  # raised where the batch is taken
                future.set_exception(error)

    for _number in range(workers):
        threading.Thread(target=work, name="maeum-worker", daemon=True).start()
    try:
        for _number in range(max(workers, int(dataset.max_queue_size))):
            ask()
        while waiting:
            batch = waiting.popleft().result()
            ask()
            yield batch
    finally:
        for future in waiting:
            future.cancel()
        for _number in range(workers):
            tasks.put(None)


def _by_processes(dataset: PyDataset, order: Iterable[int], workers: int) -> Iterator[Any]:
    """Yield batches that fresh processes load: a forked one could hang in JAX's threads."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor  # slows the import of Maeum otherwise

    try:
        pickled = pickle.dumps(dataset)
    except Exception as error:
        raise DataError(
            "{kind} cannot be handed to other processes: {error}. Use threads "
            "(use_multiprocessing=False), or hold nothing that cannot be pickled.",
            kind=type(dataset).__name__,
            error=error,
        ) from error
    with tempfile.NamedTemporaryFile(suffix=".pickle", delete=False) as file:
        file.write(pickled)
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin)

    def get(index: int) -> Any:
        return pool.submit(_in_process, file.name, index).result()

    try:
        yield from _by_threads(get, dataset, order, workers)
    except BrokenExecutor as error:
        raise DataError(
            "A process that loads batches of {kind} has died. In a script, begin below "
            'if __name__ == "__main__":, since each process reads the script again; or use '
            "threads (use_multiprocessing=False).",
            kind=type(dataset).__name__,
        ) from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        os.unlink(file.name)


_held: list[tuple[str, PyDataset]] = []  # in a process that loads: the data set that it holds


def _begin() -> None:
    """Leave the accelerator to the process that trains."""
    os.environ["JAX_PLATFORMS"] = "cpu"
    if "jax" in sys.modules:
        sys.modules["jax"].config.update("jax_platforms", "cpu")


def _in_process(path: str, index: int) -> Any:
    if not _held or _held[0][0] != path:
        with open(path, "rb") as file:
            _held[:] = [(path, pickle.load(file))]
    return _held[0][1][index]
