"""``tf.data``: elements one after the other, changed on their way."""

from __future__ import annotations

import glob
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jax
import numpy as np

from maeum.compat.data.elements import (
    arrays_of,
    called,
    given,
    padded,
    refilled,
    row,
    stacked,
)
from maeum.compat.data.iterators import GraphIterator
from maeum.compat.graph import modes
from maeum.compat.graph.types import as_dtype
from maeum.compat.ops.recording import as_numpy
from maeum.core.errors import ConfigError
from maeum.core.randomness import generator, next_seed
from maeum.core.symbolic import leaves, map_structure

__all__ = ["AUTOTUNE", "Dataset"]

AUTOTUNE = -1


class Dataset:
    """Elements: arrays, or structures of them, in batches or one by one.

    Args:
        begin: returns the elements from the first, each time it is called.
        size: how many there are; None if that is not known, infinity if they never end.

    Example:
        >>> numbers = Dataset.range(5).map(lambda x: x * x).batch(2)
        >>> [batch.tolist() for batch in numbers]
        [[0, 1], [4, 9], [16]]
    """

    def __init__(self, begin: Callable[[], Iterator[Any]], size: float | None = None):
        self._begin, self._size = begin, size

    # ---- where elements come from --------------------------------------------------------------

    @classmethod
    def from_tensor_slices(cls, tensors: Any, name: str | None = None) -> Dataset:
        """Return the rows of arrays."""
        arrays = arrays_of(tensors)
        rows = {len(x) for x in leaves(arrays)}
        if len(rows) != 1:
            raise ConfigError("The arrays of a Dataset have the same number of rows; got {rows}.",
                              rows=sorted(rows))  # fmt: skip
        count = rows.pop()
        return cls(lambda: (row(arrays, i) for i in range(count)), count)

    @classmethod
    def from_tensors(cls, tensors: Any, name: str | None = None) -> Dataset:
        """Return arrays as the only element."""
        arrays = arrays_of(tensors)
        return cls(lambda: iter([arrays]), 1)

    @classmethod
    def from_generator(cls, generator: Callable[..., Iterable], output_types: Any = None,
                       output_shapes: Any = None, args: Any = (), output_signature: Any = None,
                       name: str | None = None) -> Dataset:  # fmt: skip
        """Return what a generator function yields."""

        def begin() -> Iterator[Any]:
            several = isinstance(output_types, (tuple, list))
            for element in generator(*args):
                if several:
                    yield tuple(as_numpy(x, t) for x, t in zip(element, output_types))
                elif isinstance(element, (tuple, dict)):
                    yield map_structure(as_numpy, element)
                else:
                    yield as_numpy(element, output_types)

        return cls(begin)

    @classmethod
    def range(cls, *args: int, output_type: Any = None, name: str | None = None) -> Dataset:
        """Return numbers, as Python's ``range``."""
        numbers = range(*(int(n) for n in args))
        dtype = as_dtype(output_type or "int64").dtype
        return cls(lambda: (dtype.type(n) for n in numbers), len(numbers))

    @classmethod
    def list_files(cls, file_pattern: Any, shuffle: bool = True, seed: int | None = None,
                   name: str | None = None) -> Dataset:  # fmt: skip
        """Return the names of files."""
        patterns = [file_pattern] if isinstance(file_pattern, str) else list(file_pattern)
        names = sorted(name for pattern in patterns for name in glob.glob(pattern))
        found = cls.from_tensor_slices(np.asarray(names, object))
        return found.shuffle(len(names), seed) if shuffle and names else found

    @staticmethod
    def zip(*datasets: Any, name: str | None = None) -> Dataset:
        """Return the elements of several data sets, together."""
        single = len(datasets) == 1 and not isinstance(datasets[0], Dataset)
        whole = datasets[0] if single else datasets
        parts = list(leaves(whole))

        def begin() -> Iterator[Any]:
            for values in zip(*(part._begin() for part in parts)):
                yield refilled(tuple(whole) if isinstance(whole, list) else whole, values)

        sizes = [part._size for part in parts]
        return Dataset(begin, None if None in sizes else min(sizes))  # type: ignore[type-var]

    # ---- what becomes of them --------------------------------------------------------------------

    def map(self, map_func: Callable, num_parallel_calls: Any = None, deterministic: Any = None,
            name: str | None = None) -> Dataset:  # fmt: skip
        """Return what a function makes of each element."""
        return Dataset(lambda: (called(map_func, one) for one in self._begin()), self._size)

    def filter(self, predicate: Callable, name: str | None = None) -> Dataset:
        """Return the elements of which something holds."""
        return Dataset(lambda: (x for x in self._begin() if bool(called(predicate, x))))

    def flat_map(self, map_func: Callable, name: str | None = None) -> Dataset:
        """Return the elements of the data sets that a function makes of each element."""
        return Dataset(lambda: (x for one in self._begin() for x in called(map_func, one)._begin()))

    def interleave(self, map_func: Callable, cycle_length: int | None = None,
                   block_length: int = 1, num_parallel_calls: Any = None,
                   deterministic: Any = None, name: str | None = None) -> Dataset:  # fmt: skip
        """Return the elements of the data sets that a function makes, from several in turn."""

        def begin() -> Iterator[Any]:
            outer, width = self._begin(), cycle_length or 1
            width = 8 if width < 1 else width
            open_ = [called(map_func, one)._begin() for one in itertools.islice(outer, width)]
            while open_:
                for source in list(open_):
                    block = list(itertools.islice(source, block_length))
                    yield from block
                    if len(block) < block_length:
                        place = open_.index(source)
                        new = [called(map_func, one)._begin() for one in itertools.islice(outer, 1)]
                        open_[place : place + 1] = new

        return Dataset(begin)

    def batch(self, batch_size: int, drop_remainder: bool = False, num_parallel_calls: Any = None,
              deterministic: Any = None, name: str | None = None) -> Dataset:  # fmt: skip
        """Return elements in batches; the last one may be smaller."""
        n = int(batch_size)

        def begin() -> Iterator[Any]:
            elements = self._begin()
            while rows := list(itertools.islice(elements, n)):
                if len(rows) == n or not drop_remainder:
                    yield stacked(rows)

        size = self._size
        if size is not None and size != float("inf"):
            size = size // n if drop_remainder else -(-size // n)
        return Dataset(begin, size)

    def padded_batch(self, batch_size: int, padded_shapes: Any = None, padding_values: Any = None,
                     drop_remainder: bool = False, name: str | None = None) -> Dataset:  # fmt: skip
        """Return elements in batches, each filled up to the longest, or to a shape."""

        def begin() -> Iterator[Any]:
            elements = self._begin()
            while rows := list(itertools.islice(elements, int(batch_size))):
                if len(rows) == batch_size or not drop_remainder:
                    yield stacked(padded(rows, padded_shapes, padding_values))

        return Dataset(begin)

    def unbatch(self, name: str | None = None) -> Dataset:
        """Return the rows of the elements."""

        def begin() -> Iterator[Any]:
            for one in self._begin():
                for i in range(len(next(leaves(one)))):
                    yield row(one, i)

        return Dataset(begin)

    def shuffle(self, buffer_size: int, seed: int | None = None,
                reshuffle_each_iteration: bool = True,
                name: str | None = None) -> Dataset:  # fmt: skip
        """Return elements in another order: each is drawn from so many that wait."""
        own, epoch = next_seed() if seed is None else int(seed), itertools.count()

        def begin() -> Iterator[Any]:
            random = generator(own, "shuffle", next(epoch) if reshuffle_each_iteration else 0)
            waiting: list[Any] = []
            for one in self._begin():
                waiting.append(one)
                if len(waiting) >= buffer_size:
                    place = int(random.integers(len(waiting)))
                    waiting[place], waiting[-1] = waiting[-1], waiting[place]
                    yield waiting.pop()
            yield from (waiting[i] for i in random.permutation(len(waiting)))

        return Dataset(begin, self._size)

    def repeat(self, count: int | None = None, name: str | None = None) -> Dataset:
        """Return the elements again and again; without end by default."""
        endless = count is None or count < 0

        def begin() -> Iterator[Any]:
            for _ in itertools.count() if endless else range(count):  # type: ignore[arg-type]
                empty = True
                for one in self._begin():
                    empty = False
                    yield one
                if empty:
                    return

        size = float("inf") if endless else None if self._size is None else self._size * count  # type: ignore
        return Dataset(begin, size)

    def take(self, count: int, name: str | None = None) -> Dataset:
        """Return the first elements."""
        size = None if self._size is None else min(self._size, count) if count >= 0 else self._size
        stop = None if count < 0 else int(count)
        return Dataset(lambda: itertools.islice(self._begin(), stop), size)

    def skip(self, count: int, name: str | None = None) -> Dataset:
        """Return the elements behind the first ones."""
        size = None if self._size is None else max(self._size - count, 0)
        return Dataset(lambda: itertools.islice(self._begin(), int(count), None), size)

    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """Return the elements of another data set behind these."""
        sizes = self._size, dataset._size
        size = None if None in sizes else sum(sizes)  # type: ignore[arg-type]
        return Dataset(lambda: itertools.chain(self._begin(), dataset._begin()), size)

    def enumerate(self, start: int = 0, name: str | None = None) -> Dataset:
        """Return the elements with their numbers."""
        return Dataset(lambda: ((np.int32(i), x) for i, x in enumerate(self._begin(), start)),
                       self._size)  # fmt: skip

    def window(self, size: int, shift: int | None = None, stride: int = 1,
               drop_remainder: bool = False, name: str | None = None) -> Dataset:  # fmt: skip
        """Return data sets of neighbouring elements."""
        step, length = int(shift or size), (int(size) - 1) * stride + 1

        def begin() -> Iterator[Any]:
            elements = self._begin()
            waiting: list[Any] = []
            while True:
                waiting += itertools.islice(elements, length - len(waiting))
                if not waiting or (drop_remainder and len(waiting) < length):
                    return
                rows = waiting[::stride]
                if isinstance(rows[0], tuple):
                    yield tuple(_listed(column) for column in zip(*rows))
                else:
                    yield _listed(rows)
                skipped = step - len(waiting)
                del waiting[:step]
                if skipped > 0:
                    next(itertools.islice(elements, skipped - 1, skipped), None)

        return Dataset(begin)

    def cache(self, filename: Any = "", name: str | None = None) -> Dataset:
        """Return the elements, which are made once."""
        kept: list[list[Any]] = []

        def begin() -> Iterator[Any]:
            if not kept:
                kept.append(list(self._begin()))
            return iter(kept[0])

        return Dataset(begin, self._size)

    def prefetch(self, buffer_size: Any = None, name: str | None = None) -> Dataset:
        """Return the elements; what uses them fetches them in advance."""
        return self

    def with_options(self, options: Any, name: str | None = None) -> Dataset:
        """Return the elements; there are no options."""
        return self

    def apply(self, transformation_func: Callable) -> Any:
        """Return what a function makes of the data set."""
        return transformation_func(self)

    def reduce(self, initial_state: Any, reduce_func: Callable, name: str | None = None) -> Any:
        """Return what a function makes in the end of a state and each element."""
        state = initial_state
        with modes.eagerly():
            for one in self:
                state = reduce_func(state, one)
        return state

    # ---- how they are read ---------------------------------------------------------------------

    def __iter__(self) -> Iterator[Any]:
        return (map_structure(given, one) for one in self._begin())

    def __len__(self) -> int:
        if self._size is None or self._size == float("inf"):
            raise TypeError("The length of the data set is not known, or infinite.")
        return int(self._size)

    def __bool__(self) -> bool:
        return True

    def cardinality(self) -> int:
        """Return the number of elements: -1 if they never end, -2 if it is not known."""
        return -2 if self._size is None else -1 if self._size == float("inf") else int(self._size)

    def as_numpy_iterator(self) -> Iterator[Any]:
        """Return the elements as NumPy's."""
        return (map_structure(lambda x: np.asarray(x)[()] if not isinstance(x, Dataset) else x, one)
                for one in self._begin())  # fmt: skip

    @property
    def element_spec(self) -> Any:
        """The shapes and dtypes of the first element."""
        first = next(self._begin())
        return map_structure(
            lambda x: jax.ShapeDtypeStruct(np.shape(x), np.asarray(x).dtype), first
        )

    def make_one_shot_iterator(self) -> GraphIterator:
        """Return an iterator for a graph."""
        return GraphIterator(self)

    make_initializable_iterator = make_one_shot_iterator


def _listed(rows: Any) -> Dataset:
    return Dataset(lambda: iter(rows), len(rows))
