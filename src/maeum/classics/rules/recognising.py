"""How a table holds its baskets: which column tells them apart, and where the items are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from maeum.classics.rules.cells import lists_items
from maeum.core.errors import ConfigError, DataError, UnknownNameError, nearest
from maeum.core.wording import some
from maeum.tables.cells import Cells, yes_no

# What columns are called, the surest words first.
_BASKETS = (
    r"basket|장바구니|바구니",
    r"transaction|^t?id$|^trans|거래|트랜잭션",
    r"invoice|receipt|\bbill|영수증",
    r"order|주문",
    r"ticket|session|visit|세션|방문",
    r"member|customer|client|user|patient|회원|고객|사용자|환자",
    r"(\b|_)(id|no|number|nr)$|번호|아이디",
)
_ITEMS = (
    r"^item(_?name)?s?$|item.?(name|description)|아이템|품목|품명",
    r"product.?name|상품명|제품명|description|descr",
    r"item|product|상품|제품|menu|메뉴|goods|물품",
    r"article|sku|stock|movie|title|song|book|course|symptom|영화|곡|책|과목|증상",
)
_SHARED = 0.1  # of the cells of a column of items are values of other columns, too


class Layout(NamedTuple):
    """How a table holds its baskets.

    Attributes:
        kind: one of `options.LAYOUTS`.
        baskets: the columns that tell baskets apart.
        items: the columns with items.
    """

    kind: str
    baskets: tuple[str, ...]
    items: tuple[str, ...]


def recognise_layout(
    columns: Mapping[str, Cells],
    rows: int,
    basket: Sequence[str] = (),
    item: str | None = None,
    kind: str | None = None,
) -> Layout:
    """Return how a table holds its baskets.

    Args:
        columns: its columns that hold anything.
        rows: how many rows it has.
        basket: the columns that are known to tell baskets apart.
        item: the column that is known to hold the items.
        kind: the layout, where it is known.

    Raises:
        UnknownNameError: for a column that is not there.
        ConfigError: for a column that is named for both.
        DataError: if it cannot be told.
    """
    for name in (*basket, *([item] if item is not None else [])):
        if name not in columns:
            raise UnknownNameError("The table has no column {name!r} with values.{hint} It has: "
                                   "{names}.", name=name, hint=nearest(name, columns),
                                   names=some(columns, 12))  # fmt: skip
    if item in basket:
        raise ConfigError("--basket and --item are two different columns; got {name!r} for both.",
                          name=item)  # fmt: skip
    others = [name for name in columns if name not in basket]
    if item is not None:
        if kind == "lists" or (kind is None and not basket and lists_items(columns[item])):
            return Layout("lists", tuple(basket), (item,))
        return Layout("long", tuple(basket) or (_basket(columns, rows, item),), (item,))
    if kind is None:
        kind = _kind(columns, others, rows, bool(basket))
    if kind == "matrix":
        flags = [name for name in others if holds_flags(columns[name])]
        return Layout("matrix", tuple(basket), tuple(flags))
    if kind == "lists":
        listed = [name for name in others if lists_items(columns[name])]
        if len(listed) != 1:
            raise _unclear(columns)
        return Layout("lists", tuple(basket), (listed[0],))
    if kind == "cells":
        if len(others) == 1:
            return Layout("cells", tuple(basket), tuple(others))
        shared = _shared(columns, others)
        found = [name for name in others if shared[name] >= _SHARED or _is_sparse(columns[name])]
        return Layout("cells", tuple(basket), tuple(found or others))
    if basket:
        return Layout("long", tuple(basket), (_item(columns, others),))
    named = _by_name(columns, _ITEMS, others)
    chosen = named or _item(columns, others)
    return Layout("long", (_basket(columns, rows, chosen),), (chosen,))


def holds_flags(cells: Cells) -> bool:
    """Whether a column says yes or no, or only yes; or tells small numbers, mostly 0."""
    return bool((flags_of(cells) >= 0).all())


def flags_of(cells: Cells) -> np.ndarray:
    """Return 1 for each text that says that the item is there, 0 for no, and -1 for others."""
    said = yes_no(cells.texts)
    if (said < 0).any():
        numbers = np.array([int(t) if t.isdecimal() else -1 for t in cells.texts.tolist()])
        if (numbers >= 0).all() and (numbers == 0).any():  # how many of them
            return np.minimum(numbers, 1)
    return said


def _kind(
    columns: Mapping[str, Cells], others: Sequence[str], rows: int, has_basket: bool
) -> str | None:
    flags = [name for name in others if holds_flags(columns[name])]
    rest = [name for name in others if name not in flags]
    if len(flags) >= 2 and all(_is_key(columns[name], rows) for name in rest):
        return "matrix"
    listed = [name for name in others if lists_items(columns[name])]
    if len(listed) == 1 and not (has_basket and _repeats(columns, rows)):
        return "lists"
    shared = _shared(columns, others)
    if sum(value >= 0.5 for value in shared.values()) >= 2:
        return "cells"
    return None


def _repeats(columns: Mapping[str, Cells], rows: int) -> bool:
    return any(len(cells.texts) < rows / 2 for cells in columns.values())


def _shared(columns: Mapping[str, Cells], names: Sequence[str]) -> dict[str, float]:
    """Return the fraction of each column's cells whose value stands in other columns, too."""
    holders: dict[str, int] = {}
    for name in names:
        for text in {text.casefold() for text in columns[name].texts.tolist()}:
            holders[text] = holders.get(text, 0) + 1
    found = {}
    for name in names:
        cells = columns[name]
        there = np.array([holders[text.casefold()] > 1 for text in cells.texts.tolist()])
        found[name] = float(cells.counts[there].sum() / max(cells.counts.sum(), 1))
    return found


def _is_sparse(cells: Cells) -> bool:
    """Whether most cells of a column are empty, as those of the last items of large baskets."""
    return 2 * int((cells.codes >= 0).sum()) < len(cells.codes)


def _is_key(cells: Cells, rows: int) -> bool:
    """Whether each row has another value: it counts or names the rows."""
    return len(cells.texts) > 0.9 * rows


def _by_name(
    columns: Mapping[str, Cells], words: Sequence[str], names: Sequence[str]
) -> str | None:
    for word in words:
        found = [name for name in names if re.search(word, name, re.IGNORECASE)]
        found = [name for name in found if len(columns[name].texts) > 1]
        if found:
            return found[0]
    return None


def _basket(columns: Mapping[str, Cells], rows: int, item: str) -> str:
    """Return the column that tells the baskets of a long table apart."""
    others = [name for name in columns if name != item]
    repeated = [name for name in others if len(columns[name].texts) < int(
        (columns[name].codes >= 0).sum())]  # fmt: skip
    if found := _by_name(columns, _BASKETS, repeated):
        return found
    if len(others) == 1:
        return others[0]
    raise _unclear(columns)


def _item(columns: Mapping[str, Cells], names: Sequence[str]) -> str:
    """Return the column with the items of a long table."""
    if found := _by_name(columns, _ITEMS, names):
        return found
    if len(names) == 1:
        return names[0]
    if len(names) == 2 and (basket := _by_name(columns, _BASKETS, names)):
        return names[1 - list(names).index(basket)]
    if len(names) == 2:  # there are fewer items than baskets, mostly
        return min(reversed(names), key=lambda name: len(columns[name].texts))
    raise _unclear(columns)


def _unclear(columns: Mapping[str, Cells]) -> DataError:
    return DataError("It is not clear where the baskets are. In a table with a row for each item, "
                     "name the columns: --basket and --item. In one with a row for each basket, "
                     "say whether it has an item in each cell (--layout cells), a list in one cell "
                     "(--layout lists) or a column of 0 and 1 for each item (--layout matrix). The "
                     "columns are: {names}.", names=some(columns, 12))  # fmt: skip
