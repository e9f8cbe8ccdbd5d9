"""Workbooks and Parquet: tables whose numbers, dates and categories have types, which they keep."""

from __future__ import annotations

import datetime
import io
import json
from typing import Any

import pandas as pd

from maeum.core.errors import DataError, UnknownNameError, nearest
from maeum.core.messages import _
from maeum.core.wording import enumeration, some
from maeum.tables.cells import text_of
from maeum.tables.layout import arrange
from maeum.tables.rows import Rows, is_number, width_of
from maeum.tables.sources import Content

_AT_END = 30  # rows among which notes may stand


def read_workbook(
    content: Content, notes: list[str], *, sheet: str | None = None,
    header: bool | None = None, trim: bool = True,
) -> pd.DataFrame:  # fmt: skip
    """Return the table on a sheet of an Excel workbook (.xlsx).

    Raises:
        ImportError: if openpyxl is not installed.
        DataError: if the workbook is damaged or the sheet is empty.
        UnknownNameError: if there is no such sheet.
    """
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content.data), read_only=True, data_only=True)
        page = _page(book, content.name, sheet, notes)
        page.reset_dimensions()  # some programs write wrong ones
        values = {i: row for i, row in enumerate(page.iter_rows(values_only=True), 1) if any(
            cell is not None for cell in row)}  # fmt: skip
    except (KeyError, ValueError, OSError, TypeError, AttributeError) as error:
        if isinstance(error, UnknownNameError):
            raise
        raise DataError("{name} cannot be read as an Excel workbook: {reason}.", name=content.name,
                        reason=error) from error  # fmt: skip
    filled = [i for row in values.values() for i, cell in enumerate(row) if cell is not None]
    left = min(filled, default=0)  # a table need not begin in column A
    values = {line: row[left:] for line, row in values.items()}
    rows = Rows([_cut([_text(cell) for cell in row]) for row in values.values()], list(values))
    rows = _rectangle(rows, notes)
    names, kept = arrange(rows, content.name, notes, header=header, trim=trim)
    columns = ([_at(values[line], i) for line in kept.lines] for i in range(len(names)))
    frame = pd.DataFrame({i: _typed(cells) for i, cells in enumerate(columns)})
    frame.columns = pd.Index(names, dtype=object)
    return frame


def _page(book: Any, name: str, sheet: str | None, notes: list[str]) -> Any:
    """Return the sheet that is asked for, or the first that is not hidden."""
    names = [page.title for page in book.worksheets]
    if sheet is not None:
        if sheet in names:
            return book[sheet]
        if sheet.isdigit() and 1 <= int(sheet) <= len(names):
            return book.worksheets[int(sheet) - 1]
        raise UnknownNameError("{name} has no sheet {sheet!r}.{hint} Its sheets are: {known}.",
                               name=name, sheet=sheet, hint=nearest(sheet, names),
                               known=enumeration(names))  # fmt: skip
    shown = [page for page in book.worksheets if page.sheet_state == "visible"]
    filled = (page for page in shown if any(any(row) for row in page.iter_rows(values_only=True)))
    page = next(filled, (shown or book.worksheets)[0])
    if len(names) > 1:
        others = some([other for other in names if other != page.title], 5)
        notes.append(_("The sheet {sheet!r} was read; --sheet reads another: {others}.",
                       sheet=page.title, others=others))  # fmt: skip
    return page


def _cut(row: list[str]) -> list[str]:
    """Drop the empty cells at the end of a row."""
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return row[:end]


def _rectangle(rows: Rows, notes: list[str]) -> Rows:
    """Fill rows up to the width of the table, titles and notes aside, and cut what is beside it."""
    usual = width_of(rows.cells)
    first = next((i for i, row in enumerate(rows.cells) if len(row) >= usual), 0)
    width = len(rows.cells[first]) if rows else 0
    if beside := sum(len(row) > width for row in rows.cells):
        notes.append(_("Rows with cells beside the table, cut off: {n:,}.", n=beside))
    around = {*range(first), *range(max(first + 1, len(rows) - _AT_END), len(rows))}
    cells = [
        row
        if i in around and len(row) == 1 and not is_number(row)[0]
        else [*row, *[""] * (width - len(row))]
        for i, row in enumerate(rows.cells)
    ]
    return Rows([row[:width] for row in cells], rows.lines)


def _at(row: tuple, i: int) -> Any:
    cell = row[i] if i < len(row) else None
    return None if _is_error(cell) or cell == "" else cell


def _is_error(cell: Any) -> bool:
    """Whether a cell holds what Excel writes where a formula failed."""
    return isinstance(cell, str) and cell.startswith("#") and cell.endswith(("!", "?", "/A"))


def _text(cell: Any) -> str:
    if cell is None or _is_error(cell):
        return ""
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ").removesuffix(" 00:00:00")
    return text_of(cell)


def _typed(cells: list) -> pd.Series:
    """Return a column of its type, if all of its cells have one; else of texts."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds and (kinds <= {int, float} or kinds <= {datetime.datetime, datetime.date}):
        if kinds <= {int, float}:
            return pd.Series(cells)
        return pd.Series(pd.to_datetime(pd.Series(cells, dtype=object)))
    return pd.Series([_text(cell) for cell in cells], dtype=object)


def read_parquet(content: Content, notes: list[str]) -> pd.DataFrame:
    """Return the table of a Parquet file.

    Raises:
        ImportError: if pyarrow is not installed.
        DataError: if the file is damaged.
    """
    import pyarrow as arrow
    from pyarrow import parquet

    try:
        source = io.BytesIO(content.loaded) if content.path is None else str(content.path)
        table = parquet.ParquetFile(source).read()
    except (arrow.ArrowException, OSError) as error:
        raise DataError("{path!r} cannot be read: {reason}.", path=content.name,
                        reason=str(error).rstrip(".")) from error  # fmt: skip
    nested = [field.name for field in table.schema if arrow.types.is_struct(field.type)]
    while any(arrow.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    if nested:
        notes.append(_("Nested values are columns of their own: {names}.", names=some(nested, 5)))
    lists = []
    for i, field in enumerate(table.schema):
        kind, column = field.type, table.column(i)
        if arrow.types.is_decimal(kind) or arrow.types.is_duration(kind):
            seconds = arrow.types.is_duration(kind)
            changed = column.cast(arrow.duration("us")).cast(arrow.int64()) if seconds else column
            numbers = changed.cast(arrow.float64())
            table = table.set_column(
                i, field.name, arrow.compute.divide(numbers, 1e6) if seconds else numbers
            )
        elif arrow.types.is_nested(kind) or arrow.types.is_binary(kind):
            lists.append(field.name)
            texts = [None if v is None else json.dumps(v, default=str) for v in column.to_pylist()]
            table = table.set_column(i, field.name, [texts])
    if lists:
        notes.append(_("Columns of lists, taken as texts: {names}.", names=some(lists, 5)))
    return table.to_pandas(date_as_object=False).reset_index(drop=True)
