"""Tables in JSON: records, lines of records, columns, rows; what is nested gets names with dots."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pandas as pd

from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.core.wording import some

SUFFIXES = (".json", ".jsonl", ".ndjson", ".geojson")
_DEPTH = 4  # how deep in a document the rows may be


def read_json(text: str, name: str, notes: list[str]) -> pd.DataFrame | None:
    """Return the table of a JSON document or of lines of JSON; None if the text is neither.

    Raises:
        DataError: if a file that is called JSON is none, or holds no rows.

    >>> read_json('[{"a": 1, "b": {"c": "x"}}, {"a": 2}]', "t.json", []).columns.tolist()
    ['a', 'b.c']
    """
    if text.lstrip()[:1] not in ("{", "["):
        if name.lower().endswith(SUFFIXES):
            raise _not_json(name, 1, "")
        return None
    try:
        document = json.loads(text)
    except json.JSONDecodeError as whole:
        document, number = [], 0
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                try:
                    document.append(json.loads(line))
                except json.JSONDecodeError as error:
                    at = (whole.lineno, whole.msg) if number == 1 else (number, error.msg)
                    if name.lower().endswith(SUFFIXES):
                        raise _not_json(name, *at) from None
                    return None
    except RecursionError:
        raise DataError("{name} is nested too deeply to be a table.", name=name) from None
    frame = _frame(document, notes)
    if frame is None or not len(frame.columns) or not len(frame):
        raise DataError("{name} holds no rows: a list of records, such as [{{\"a\": 1}}, "
                        "{{\"a\": 2}}], or lines of them, was expected.", name=name)  # fmt: skip
    return _flat(frame, notes)


def _not_json(name: str, line: int, reason: str) -> DataError:
    said = f" ({reason})" if reason else ""
    return DataError("{name} is not JSON from line {line} on{said}.", name=name, line=line,
                     said=said)  # fmt: skip


def _frame(found: Any, notes: list[str], depth: int = 0) -> pd.DataFrame | None:
    """Return the rows of a document, however they are arranged."""
    if isinstance(found, list):
        return _rows(found)
    if not isinstance(found, dict) or depth > _DEPTH:
        return None
    values = list(found.values())
    if isinstance(found.get("data"), list) and isinstance(found.get("columns"), list):
        return pd.DataFrame(found["data"], columns=[str(name) for name in found["columns"]])
    if values and all(isinstance(value, list) for value in values) and len(values) > 1:
        if len({len(value) for value in values}) == 1 and not _records(values[0]):
            return pd.DataFrame(found)
    elif len(values) > 1 and all(isinstance(value, dict) for value in values):
        alike = set.intersection(*map(set, values))
        if alike or not _lists_of_records(found):  # else they tell of different things
            return _of_columns_or_rows(found)
    if (rows := _with_names_apart(found)) is not None:
        return rows
    inner = {k: v for k, v in found.items() if isinstance(v, list | dict) and v and k != "schema"}
    if lists := _lists_of_records(inner):
        taken = _those_of_the_table(lists)
        notes.append(_("The rows are those under {key}.", key=some(map(repr, taken), 5)))
        return _rows([row for key in taken for row in lists[key]])
    for key, value in inner.items() if len(inner) == 1 else ():
        frame = _frame(value, notes, depth + 1)
        if frame is not None and (isinstance(value, dict) or len(found) == 1):
            notes.append(_("The rows are those under {key}.", key=repr(key)))
            return frame
    return pd.json_normalize([found]) if found else None


def _lists_of_records(found: dict[str, Any], above: str = "", depth: int = 0) -> dict[str, list]:
    """Return the lists of records within a document, by their keys with dots."""
    lists: dict[str, list] = {}
    for key, value in found.items():
        if _records(value):
            lists[f"{above}{key}"] = value
        elif isinstance(value, dict) and depth < _DEPTH:
            lists |= _lists_of_records(value, f"{above}{key}.", depth + 1)
    return lists


def _those_of_the_table(lists: dict[str, list]) -> list[str]:
    """Return which lists of records are the table: all that are alike, or else the longest one."""
    columns = [set(rows[0]) for rows in lists.values()]
    if all(names == columns[0] for names in columns):
        return [*lists]
    longest, *others = sorted(lists, key=lambda key: -len(lists[key]))
    if len(lists[others[0]]) == len(lists[longest]):
        raise DataError("There are several lists of records, with different columns: {keys}. Keep "
                        "the one to learn.", keys=some(map(repr, lists), 5))  # fmt: skip
    return [longest]


def _with_names_apart(found: dict[str, Any]) -> pd.DataFrame | None:
    """Return rows of lists whose names stand elsewhere in the document, as portals write them."""
    lists = [value for value in found.values() if isinstance(value, list) and value]
    rows = next((v for v in lists if all(isinstance(row, list) for row in v)), None)
    if rows is None:
        return None
    for columns in _lists_of_records({k: v for k, v in found.items() if v is not rows}).values():
        names = [column.get("name") for column in columns]
        if all(names) and {len(names)} == {*map(len, rows)}:
            return pd.DataFrame(rows, columns=[str(name) for name in names])
    return None


def _records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _rows(rows: list) -> pd.DataFrame | None:
    """Return a frame of records, of lists (the first may hold the names), or of single values."""
    rows = [row for row in rows if row is not None]
    inside = [row["data"] for row in rows if isinstance(row, dict) and _records(row.get("data"))]
    if len(inside) == 1 and rows[0].get("type") == "header":  # as phpMyAdmin writes a table
        rows = inside[0]
    if all(isinstance(row, dict) for row in rows):
        return pd.json_normalize(rows)
    if all(isinstance(row, list) for row in rows):
        names = rows[0] if rows else []
        others = (cell for row in rows[1:] for cell in row)
        if all(isinstance(name, str) for name in names) and not all(
            isinstance(cell, str) for cell in others
        ):
            return pd.DataFrame(rows[1:], columns=names)
        return pd.DataFrame(rows, columns=_numbered(max(map(len, rows), default=0)))
    if not any(isinstance(row, dict | list) for row in rows):
        return pd.DataFrame({"column_1": rows})
    return None


def _numbered(width: int) -> list[str]:
    return [f"column_{i + 1}" for i in range(width)]


def _of_columns_or_rows(found: dict[str, dict]) -> pd.DataFrame:
    """Tell ``{"a": {"0": 1, "1": 2}}`` (columns) from ``{"0": {"a": 1}, "1": {"a": 2}}`` (rows)."""
    inner = {str(key) for value in found.values() for key in value}
    columns = all(key.isdigit() for key in inner) or (
        not all(key.isdigit() for key in found) and len(inner) >= len(found)
    )
    if columns:
        index = list(dict.fromkeys(key for value in found.values() for key in value))
        return pd.DataFrame({k: [v.get(row) for row in index] for k, v in found.items()})
    return pd.json_normalize(list(found.values()))


def _flat(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Tell of nested values, and write lists as texts."""
    dotted = [str(name) for name in frame.columns if "." in str(name)]
    if dotted:
        notes.append(_("Nested values are columns of their own: {names}.", names=some(dotted, 5)))
    lists = [n for n in frame.columns if frame[n].map(lambda v: isinstance(v, list | dict)).any()]
    for name in lists:
        cells: Iterable[Any] = frame[name]
        frame[name] = pd.Series(
            [json.dumps(c, ensure_ascii=False) if isinstance(c, list | dict) else c for c in cells],
            frame.index, object,
        )  # fmt: skip
    if lists:
        notes.append(_("Columns of lists, taken as texts: {names}.", names=some(lists, 5)))
    return frame
