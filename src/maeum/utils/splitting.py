"""Data divided into two parts."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator
from typing import Any

import numpy as np

from maeum.core.batches import RowBatches
from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import _
from maeum.core.randomness import check_seed, generator, next_seed
from maeum.tree import flatten, is_nested, map_structure


class Samples:
    """Samples by their number, which ``fit`` takes in batches: a part of `split_dataset`.

    Args:
        columns: a structure of arrays with the samples along their first axis.
        rows: the numbers of the samples that belong to this part.
    """

    # What `fit` asks a loader for whose rows all fit into memory.
    fits_memory = True
    batch_size = 32

    def __init__(self, columns: Any, rows: np.ndarray):
        self.columns, self.rows = columns, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Any:
        return map_structure(lambda column: column[self.rows[index]], self.columns)

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    def arrays(self) -> Any:
        """Return the arrays of all samples."""
        return map_structure(lambda column: column[self.rows], self.columns)

    def batch(self, batch_size: int, shuffle: bool = False, seed: int = 0) -> RowBatches:
        """Return batches of these samples."""
        return _Batches(self, batch_size, shuffle, seed)


class _Batches(RowBatches):
    def __init__(self, samples: Samples, batch_size: int, shuffle: bool, seed: int):
        super().__init__(len(samples), batch_size, shuffle, seed)
        self.samples = samples

    def take(self, rows: np.ndarray) -> Any:
        """Return the batch of these samples."""
        wanted = self.samples.rows[rows]
        return map_structure(lambda column: column[wanted], self.samples.columns)


def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Samples, Samples]:
    """Divide data into two parts, such as one to train on and one to test with.

    Args:
        dataset: an array, a tuple, list or dict of arrays with as many rows each, or a source of
            single samples (of TensorFlow, of PyTorch, any iterable), which is read whole.
        left_size: a fraction of the samples, or their number; by default what ``right_size``
            leaves.
        right_size: the same of the second part.
        shuffle: whether the samples are shuffled first.
        seed: the seed of that order.
        preferred_backend: Keras's argument, for data sets of TensorFlow or PyTorch; both parts are
            Maeum's.

    Returns:
        Two sequences of samples, which ``fit`` takes as they are.

    Raises:
        ConfigError: for sizes that do not fit.
        DataError: for data without samples.

    Example:
        >>> x, y = np.arange(10.0)[:, None], np.arange(10)
        >>> left, right = split_dataset((x, y), left_size=0.8)
        >>> len(left), len(right), right[0][0].tolist()
        (8, 2, [8.0])
    """
    if preferred_backend not in (None, "jax", "numpy"):
        raise ConfigError("Both parts are Maeum's, which fit takes; there is none of {name!r}.",
                          name=preferred_backend)  # fmt: skip
    columns = _columns(dataset)
    leaves = flatten(columns)
    total = len(leaves[0]) if leaves else 0
    if not total or any(len(leaf) != total for leaf in leaves):
        raise DataError("A data set has samples, as many in each array; got lengths {lengths}.",
                        lengths=[len(leaf) for leaf in leaves])  # fmt: skip
    left, right = _sizes(left_size, right_size, total)
    order = np.arange(total)
    if shuffle:
        seed = next_seed() if seed is None else check_seed(seed)
        order = generator(seed, "split").permutation(total)
    return Samples(columns, order[:left]), Samples(columns, order[total - right :])


def _columns(dataset: Any) -> Any:
    """Return a data set as a structure of arrays."""
    if hasattr(dataset, "__array__") or (is_nested(dataset) and _holds_arrays(dataset)):
        return map_structure(np.asarray, dataset)
    if isinstance(dataset, (str, bytes)) or not (
        hasattr(dataset, "__iter__") or hasattr(dataset, "__getitem__")
    ):
        raise TypeError(_("split_dataset takes arrays, or a source of samples; got a {kind}.",
                          kind=type(dataset).__name__))  # fmt: skip
    sized = hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")
    samples = [dataset[i] for i in range(len(dataset))] if sized else list(dataset)
    if not samples:
        raise DataError("The data set gave no samples.")
    if not is_nested(samples[0]):
        return np.stack([np.asarray(sample) for sample in samples])
    return map_structure(lambda *parts: np.stack([np.asarray(p) for p in parts]), *samples)


def _holds_arrays(structure: Any) -> bool:
    """Tell whether a structure has its samples in arrays, rather than being a list of them."""
    return all(hasattr(leaf, "shape") and len(leaf.shape) > 0 for leaf in flatten(structure))


def _sizes(left: Any, right: Any, total: int) -> tuple[int, int]:
    counts = [_count(left, "left_size", total), _count(right, "right_size", total)]
    if counts == [None, None]:
        raise ConfigError("Give left_size, right_size, or both.")
    first = total - counts[1] if counts[0] is None else counts[0]  # type: ignore[operator]
    second = total - first if counts[1] is None else counts[1]
    if first + second > total:
        raise ConfigError("left_size={left} and right_size={right} are more than the {total} "
                          "samples.", left=left, right=right, total=total)  # fmt: skip
    if not first or not second:
        raise ConfigError("left_size={left} and right_size={right} leave a part without samples; "
                          "there are {total}.", left=left, right=right, total=total)  # fmt: skip
    return first, second


def _count(size: Any, name: str, total: int) -> int | None:
    if size is None:
        return None
    if not isinstance(size, numbers.Real) or isinstance(size, bool):
        raise TypeError(_("{name} is a fraction or a number of samples; got {size!r}.",
                          name=name, size=size))  # fmt: skip
    number: Any = size
    whole: Any = size if isinstance(size, numbers.Integral) else None
    if not math.isfinite(number) or not 0 < number < (1 if whole is None else total):
        raise ConfigError("{name} is a fraction between 0 and 1, or a number of samples below "
                          "{total}; got {size!r}.", name=name, total=total, size=size)  # fmt: skip
    return round(float(number) * total) if whole is None else int(whole)
