"""Baskets: which items each one holds, as two arrays."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np

from maeum.core.checks import is_number
from maeum.core.errors import ConfigError, DataError


@dataclass(frozen=True)
class Baskets:
    """Which items are in which baskets; basket ``b`` holds ``codes[starts[b] : starts[b + 1]]``.

    Attributes:
        items: the name of each item.
        starts: where each basket begins, ``(baskets + 1,)``.
        codes: the items of all baskets, those of one in rising order and each of them once.
        names: what the baskets are called; none where they are only counted.
    """

    items: tuple[Hashable, ...]
    starts: np.ndarray
    codes: np.ndarray
    names: tuple[str, ...] = ()

    @classmethod
    def of_pairs(
        cls,
        basket: np.ndarray,
        item: np.ndarray,
        items: Iterable[Hashable],
        baskets: int,
        names: Iterable[str] = (),
    ) -> Baskets:
        """Return the baskets of which there is a pair ``(basket, item)`` for each item in one.

        A pair that occurs again counts once; a basket without a pair is empty.

        >>> found = Baskets.of_pairs(np.array([1, 0, 1, 1]), np.array([0, 1, 1, 0]), "ab", 3)
        >>> found.starts.tolist(), found.codes.tolist()
        ([0, 1, 3, 3], [1, 0, 1])
        """
        named = tuple(items)
        width = max(len(named), 1)
        pairs = np.sort(basket.astype(np.int64) * width + item)
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]  # numpy.unique hashes, which takes longer
        starts = np.searchsorted(pairs, np.arange(baskets + 1, dtype=np.int64) * width)
        return cls(named, starts, (pairs % width).astype(np.int32), tuple(names))

    @classmethod
    def of(cls, data: Any) -> Baskets:
        """Return the baskets that some data hold; see `frequent_itemsets` for what is taken.

        Raises:
            DataError: if it cannot be read as baskets, or if there are none.
        """
        if isinstance(data, cls):
            return data
        if hasattr(data, "columns") and hasattr(data, "to_numpy"):
            return _of_frame(data)
        if isinstance(data, np.ndarray) and data.ndim == 2 and data.dtype.kind in "biuf":
            return _of_matrix(data, range(data.shape[1]))
        if isinstance(data, str | bytes) or not isinstance(data, Iterable):
            raise DataError("Baskets are lists of items, a table of 0 and 1 with a column for each "
                            "item, or a table with a basket and an item in each row; got {kind}.",
                            kind=type(data).__name__)  # fmt: skip
        return _of_lists(list(data))

    def __len__(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def sizes(self) -> np.ndarray:
        """How many different items each basket holds."""
        return np.diff(self.starts)

    @cached_property
    def counts(self) -> np.ndarray:
        """How many baskets hold each item."""
        return np.bincount(self.codes, minlength=len(self.items))

    def basket(self, number: int) -> list[Hashable]:
        """Return the items of one basket."""
        codes = self.codes[self.starts[number] : self.starts[number + 1]]
        return [self.items[code] for code in codes.tolist()]


def check_support(value: float, name: str) -> float:
    """Return a fraction above 0, up to 1, or a whole number from 2 on; or raise `ConfigError`."""
    number = is_number(value)
    if number and value == 0:
        raise ConfigError("With {name}=0 every combination of items would be frequent, also those "
                          "that no basket holds. The smallest support that says something is that "
                          "of one basket: 1 divided by their number.", name=name)  # fmt: skip
    if not number or not (0 < value <= 1 or (value >= 2 and float(value).is_integer())):
        raise ConfigError("{name} is a fraction above 0, up to 1, or a number of baskets from 2 "
                          "on; got {value!r}.", name=name, value=value)  # fmt: skip
    return value


def least_count(min_support: float, baskets: int) -> int:
    """Return the fewest baskets that a support stands for.

    Args:
        min_support: a fraction above 0, up to 1; or, from 2 on, a number of baskets.
        baskets: how many there are.

    Raises:
        ConfigError: for anything else. Of a support of 0 every combination of items would be
            frequent, also those that no basket holds.

    >>> least_count(0.01, 250), least_count(0.3, 10), least_count(5, 250)
    (3, 3, 5)
    """
    check_support(min_support, "min_support")
    if min_support >= 2:
        return int(min_support)
    count = max(int(np.ceil(min_support * baskets)) - 1, 1)
    while count / baskets < min_support:  # the fraction itself decides, not a product of it
        count += 1
    return count


def _of_lists(lists: list[Any]) -> Baskets:
    if not lists:
        raise DataError("There are no baskets.")
    for number, items in enumerate(lists):
        if isinstance(items, str | bytes) or not isinstance(items, Iterable):
            raise DataError("A basket is a list of items; basket {n:,} is {value!r}.",
                            n=number + 1, value=items)  # fmt: skip
    lists = [items if hasattr(items, "__len__") else list(items) for items in lists]
    try:
        distinct = dict.fromkeys(chain.from_iterable(lists))
    except TypeError:
        raise DataError("An item is a text or a number, and a basket a list of items; here a "
                        "basket holds lists.") from None  # fmt: skip
    items = [item for item in distinct if item is not None and item == item]
    place = dict(zip(items, range(len(items))))
    codes = np.array([place.get(item, -1) for item in chain.from_iterable(lists)], np.int64)
    rows = np.repeat(np.arange(len(lists)), [len(each) for each in lists])
    known = codes >= 0
    return Baskets.of_pairs(rows[known], codes[known], items, len(lists))


def _of_frame(frame: Any) -> Baskets:
    """Return the baskets of a table of 0 and 1, or of one with a basket and an item in each row."""
    if not len(frame):
        raise DataError("There are no baskets.")
    plain = all(getattr(dtype, "kind", "O") in "biuf" for dtype in frame.dtypes)
    if plain and np.isin(values := frame.to_numpy(float), (0, 1)).all():
        return _of_matrix(values, frame.columns)
    if frame.shape[1] != 2:
        raise DataError("A table of baskets has a column of 0 and 1 (or False and True) for each "
                        "item; or two columns, basket and item, with a row for each item in a "
                        "basket. This one has {n:,} columns with other values.",
                        n=frame.shape[1])  # fmt: skip
    import pandas as pd

    known = frame.dropna()
    rows, baskets = pd.factorize(known.iloc[:, 0], sort=False)
    codes, items = pd.factorize(known.iloc[:, 1], sort=False)
    if not len(baskets):
        raise DataError("There are no baskets.")
    return Baskets.of_pairs(rows, codes, items.tolist(), len(baskets), map(str, baskets.tolist()))


def _of_matrix(values: np.ndarray, items: Iterable[Hashable]) -> Baskets:
    if not np.isin(values, (0, 1)).all():
        raise DataError("A table of baskets with a column for each item holds 0 and 1 only.")
    rows, codes = np.nonzero(values)
    if not len(values):
        raise DataError("There are no baskets.")
    return Baskets.of_pairs(rows, codes, items, len(values))
