"""Reading baskets from a table, in whichever way it holds them."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from maeum.classics.rules.baskets import Baskets
from maeum.classics.rules.cells import (
    Spellings,
    filled,
    marks_told,
    pieces,
    separator_of,
)
from maeum.classics.rules.options import BasketReading
from maeum.classics.rules.recognising import Layout, flags_of, recognise_layout
from maeum.core.errors import DataError
from maeum.core.messages import _, ngettext
from maeum.core.wording import Things, enumeration, some
from maeum.tables.cells import Cells
from maeum.tables.reading import Table, read_records, read_table

BASKETS = Things("{n:,} basket", "{n:,} baskets")
ITEMS = Things("{n:,} item", "{n:,} items")
_HEADER = re.compile(
    r"items?\b|products?\b|transaction|basket|품목|상품|장바구니|거래", re.IGNORECASE
)


@dataclass(frozen=True)
class ReadBaskets:
    """Baskets as they were read.

    Attributes:
        baskets: them.
        notes: what was recognised, ignored and made one, as sentences.
        name: what the table is called.
        layout: how it holds them.
    """

    baskets: Baskets
    notes: list[str]
    name: str
    layout: Layout


def read_baskets(source: Any, reading: BasketReading | None = None) -> ReadBaskets:
    """Read a table of any kind that `maeum.tables.reading.read_table` takes as baskets.

    Args:
        source: the path of a file, several of them, or a DataFrame.
        reading: how it is read; everything is recognised by default.

    Raises:
        DataError: if it is not clear where the baskets are, or if there are too few.
        UnknownNameError: for a column that is not there.
    """
    reading = reading or BasketReading()
    table = _of_lines(source, reading) or _regular(source, reading)
    notes = list(table.notes)
    columns = filled(table.frame)
    if not columns:
        raise DataError("{name} holds no values.", name=table.name)
    layout = recognise_layout(columns, len(table.frame), reading.basket, reading.item,
                              reading.layout)  # fmt: skip
    baskets = _BUILD[layout.kind](table.frame, columns, layout, reading, notes)
    _check(baskets, layout, table.name)
    return ReadBaskets(baskets, notes, table.name, layout)


def _regular(source: Any, reading: BasketReading) -> Table:
    """Read a table whose rows are equally long; a first row of items is no header."""
    table = read_table(source, **reading.of_file)
    if reading.header is None and reading.item is None and isinstance(source, str | os.PathLike):
        names = [str(name).strip().casefold() for name in table.frame.columns]
        texts = {text.casefold() for cells in filled(table.frame).values()
                 for text in cells.texts.tolist()}  # fmt: skip
        if len(names) > 1 and 2 * sum(name in texts for name in names) > len(names):
            table = read_table(source, **{**reading.of_file, "header": False})
            table.notes.append(_("The first line holds items like the others, so it is a basket "
                                 "(--header reads it as the names of the columns)."))  # fmt: skip
    return table


def _of_lines(source: Any, reading: BasketReading) -> Table | None:
    """Read a file whose lines hold as many items as each basket has; None for any other."""
    if not isinstance(source, str | os.PathLike) or os.fspath(source) == "-":
        return None
    if reading.basket or reading.item or reading.layout not in (None, "cells"):
        return None
    if reading.sheet is not None or Path(source).is_dir():
        return None
    found = read_records(source, separator=reading.separator, encoding=reading.encoding)
    if found is None:
        return None
    rows, notes = [row for row in found[0].cells if any(cell.strip() for cell in row)], found[1]
    alone = [row[0] for row in rows]
    if all(len(row) == 1 for row in rows) and _is_spaced(alone):
        rows = [cell.split() for cell in alone]
        notes = [_("The items of a line are separated by spaces.")]
    widths = Counter(len(row) for row in rows[1:])
    if len(widths) < 3 and not (len(widths) == 2 and len(rows[0]) == 1):
        return None
    header = reading.header
    if header is None:
        below = {cell.strip().casefold() for row in rows[1:] for cell in row}
        header = bool(_HEADER.match(rows[0][0].strip())) and not any(
            cell.strip().casefold() in below for cell in rows[0]
        )
    rows = rows[1:] if header else rows
    width = max(map(len, rows))
    cells = np.full((len(rows), width), "", object)
    for number, row in enumerate(rows):
        cells[number, : len(row)] = row
    notes.append(_("Each line is a basket, with as many items as it has."))
    frame = pd.DataFrame(cells, columns=[f"item_{i + 1}" for i in range(width)], dtype=object)
    return Table(frame, notes, Path(source))


def _is_spaced(lines: Sequence[str]) -> bool:
    """Whether lines are whole numbers with spaces between them, as sets of them are published."""
    sample = lines[:: max(len(lines) // 200, 1)]
    several = sum(len(line.split()) > 1 for line in sample)
    return several > 0 and all(re.fullmatch(r"\s*\d+(\s+\d+)*\s*", line) for line in sample)


def _long(
    frame: pd.DataFrame, columns: Mapping[str, Cells], layout: Layout, reading: BasketReading,
    notes: list[str],
) -> Baskets:  # fmt: skip
    rows, names = _keys(columns, layout.baskets)
    cells = columns[layout.items[0]]
    known = (rows >= 0) & (cells.codes >= 0)
    if lost := int((~known).sum()):
        notes.append(ngettext("{n:,} row without a basket or an item is ignored.",
                              "{n:,} rows without a basket or an item are ignored.",
                              lost))  # fmt: skip
    notes.append(_("A row for each item: {basket} tells the baskets apart, {item} holds the items "
                   "(--basket, --item).", basket=enumeration([*map(repr, layout.baskets)]),
                   item=repr(layout.items[0])))  # fmt: skip
    notes += marks_told([cells])
    spellings = Spellings(reading.case_sensitive)
    codes = spellings.codes(cells.texts.tolist(), cells.counts.tolist())[cells.codes[known]]
    number, kept = pd.factorize(rows[known])
    return _made(number, codes, spellings, len(kept), [names[i] for i in kept.tolist()], notes)


def _wide(
    frame: pd.DataFrame, columns: Mapping[str, Cells], layout: Layout, reading: BasketReading,
    notes: list[str],
) -> Baskets:  # fmt: skip
    spellings = Spellings(reading.case_sensitive)
    rows, codes = [], []
    for name in layout.items:
        cells = columns[name]
        known = np.flatnonzero(cells.codes >= 0)
        found = spellings.codes(cells.texts.tolist(), cells.counts.tolist())
        rows.append(known)
        codes.append(found[cells.codes[known]])
    notes.append(_("A row for each basket, an item in each cell."))
    _tell_unused(columns, layout, notes)
    notes += marks_told([columns[name] for name in layout.items])
    names = _row_names(columns, layout, len(frame))
    return _made(np.concatenate(rows), np.concatenate(codes), spellings, len(frame), names, notes)


def _lists(
    frame: pd.DataFrame, columns: Mapping[str, Cells], layout: Layout, reading: BasketReading,
    notes: list[str],
) -> Baskets:  # fmt: skip
    cells = columns[layout.items[0]]
    texts = cells.texts.tolist()
    separator = separator_of(texts)
    found = [pieces(text, separator) for text in texts]
    lengths = np.array([len(each) for each in found], np.int64)
    spellings = Spellings(reading.case_sensitive)
    counts = np.repeat(cells.counts, lengths).tolist()
    flat = spellings.codes([piece for each in found for piece in each], counts)
    starts = np.cumsum(lengths) - lengths
    known = np.flatnonzero(cells.codes >= 0)
    text = cells.codes[known]
    rows = np.repeat(known, lengths[text])
    offsets = np.cumsum(lengths[text]) - lengths[text]
    places = np.arange(len(rows)) + np.repeat(starts[text] - offsets, lengths[text])
    notes.append(_("A row for each basket: the cells of {item} list its items.",
                   item=repr(layout.items[0])))  # fmt: skip
    _tell_unused(columns, layout, notes)
    names = _row_names(columns, layout, len(frame))
    return _made(rows, flat[places], spellings, len(frame), names, notes)


def _matrix(
    frame: pd.DataFrame, columns: Mapping[str, Cells], layout: Layout, reading: BasketReading,
    notes: list[str],
) -> Baskets:  # fmt: skip
    names = [str(name) for name in frame.columns if str(name) not in layout.baskets]
    spellings = Spellings(reading.case_sensitive)
    rows, codes, counted = [], [], []
    for name in layout.items:
        cells = columns[name]
        flags = np.append(flags_of(cells), 0)[cells.codes]
        rows.append(np.flatnonzero(flags > 0))
        code = spellings.codes([name], [len(rows[-1])])[0]
        codes.append(np.full(len(rows[-1]), code))
        if {"0", "1"} < {*cells.texts.tolist()}:
            counted.append(name)
    if not rows:
        raise DataError("No column says yes or no (0 and 1) of an item.")
    notes.append(
        _("A row for each basket, a column for each item, which says whether it is there.")
    )
    if counted:
        notes.append(_("Numbers above 1 count as “is there”: {names}.", names=some(counted, 5)))
    empty = [name for name in names if name not in columns]
    if empty:
        notes.append(_("Columns without a value, which no basket has: {names}.",
                       names=some(empty, 5)))  # fmt: skip
    _tell_unused(columns, layout, notes)
    named = _row_names(columns, layout, len(frame))
    return _made(np.concatenate(rows), np.concatenate(codes), spellings, len(frame), named, notes)


_BUILD = {"long": _long, "cells": _wide, "lists": _lists, "matrix": _matrix}


def _made(
    rows: np.ndarray, codes: np.ndarray, spellings: Spellings, count: int, names: Sequence[str],
    notes: list[str],
) -> Baskets:  # fmt: skip
    """Return the baskets, and tell what was made one and what is empty."""
    items, told = spellings.names()
    notes += told
    baskets = Baskets.of_pairs(rows, codes, items, count, names)
    if again := len(rows) - len(baskets.codes):
        notes.append(ngettext("{n:,} time an item is in a basket again; it counts once.",
                              "{n:,} times an item is in a basket again; it counts once.",
                              again))  # fmt: skip
    if empty := int((baskets.sizes == 0).sum()):
        notes.append(ngettext("{n:,} basket is empty; it counts as a basket.",
                              "{n:,} baskets are empty; they count as baskets.",
                              empty))  # fmt: skip
    return baskets


def _keys(columns: Mapping[str, Cells], names: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Return which basket each row belongs to, -1 of none, and what the baskets are called."""
    first = columns[names[0]]
    codes, texts = first.codes, first.texts.tolist()
    for name in names[1:]:
        cells = columns[name]
        joined = np.where((codes >= 0) & (cells.codes >= 0),
                          codes.astype(np.int64) * len(cells.texts) + cells.codes, -1)  # fmt: skip
        new, found = pd.factorize(joined)
        lost = new[joined < 0][:1]
        pairs = [divmod(int(each), len(cells.texts)) for each in found]
        texts = [f"{texts[one]}, {cells.texts[other]}" if one >= 0 else "" for one, other in pairs]
        codes = np.where(np.isin(new, lost), -1, new)
    return codes, texts


def _row_names(columns: Mapping[str, Cells], layout: Layout, rows: int) -> list[str]:
    if not layout.baskets:
        return []
    codes, texts = _keys(columns, layout.baskets)
    return [texts[code] if code >= 0 else "" for code in codes.tolist()]


def _tell_unused(columns: Mapping[str, Cells], layout: Layout, notes: list[str]) -> None:
    unused = [name for name in columns if name not in (*layout.items, *layout.baskets)]
    if unused:
        notes.append(_("Columns that hold no items are ignored: {names}.", names=some(unused, 5)))


def _check(baskets: Baskets, layout: Layout, name: str) -> None:
    """Refuse what no rule can come of.

    Raises:
        DataError: for fewer than two baskets, and if no basket holds two items.
    """
    if not len(baskets.codes):
        raise DataError("{name}: no basket holds an item.", name=name)
    told = enumeration([*map(repr, layout.baskets)]) if layout.baskets else ""
    if len(baskets) < 2:
        if told:
            raise DataError("{name}: {column} has one value, so everything is in one basket, and "
                            "every combination would be in all baskets. Name another column with "
                            "--basket.", name=name, column=told)  # fmt: skip
        raise DataError("{name} holds one basket; rules need several.", name=name)
    if baskets.sizes.max() < 2:
        hint = _(" Perhaps it is not {column} that tells the baskets apart; --basket names another "
                 "column.", column=told) if layout.kind == "long" else ""  # fmt: skip
        raise DataError("{name}: no basket holds two different items, so nothing is found "
                        "together.{hint}", name=name, hint=hint)  # fmt: skip
