"""ARFF, the tables of Weka and OpenML: named columns with their types, then rows."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from maeum.core.errors import DataError
from maeum.tables.dialect import Dialect, reader_of

_ATTRIBUTE = re.compile(r"""@attribute\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\S+)\s+(.+)""", re.I)
_PAIR = re.compile(r"""[{,]\s*(\d+)\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,}]*)""")
_QUOTED = re.compile(r"""(?:^|[,{]\s*)'""")


def is_arff(text: str) -> bool:
    """Tell whether a text is ARFF: its first statement is ``@relation`` or ``@attribute``."""
    first = next((s for line in text[:20_000].splitlines() if (s := line.strip())
                  and not s.startswith("%")), "")  # fmt: skip
    return first.lower().startswith(("@relation", "@attribute"))


def read_arff(text: str, name: str) -> pd.DataFrame:
    """Return the table: numbers as float64, named values as categories, texts as they are.

    Raises:
        DataError: if there are no columns or rows, or if a row has another number of cells.

    >>> read_arff("@relation r\\n@attribute x real\\n@attribute c {a, b}\\n@data\\n1.5, a\\n?, b",
    ...           "t.arff").to_dict("list")
    {'x': [1.5, nan], 'c': ['a', 'b']}
    """
    lines = text.splitlines()
    names, kinds, start = [], [], len(lines)
    for number, line in enumerate(lines):
        if line.strip().lower().startswith("@data"):
            start = number + 1
            break
        if found := _ATTRIBUTE.match(line.strip()):
            names.append(_unquoted(found[1]))
            kinds.append(found[2].strip())
    if not names or start >= len(lines):
        raise DataError("{name} holds no @attribute or no @data, which an ARFF file needs.",
                        name=name)  # fmt: skip
    rows = []
    for number, cells in _rows(lines[start:], start + 1, names, kinds):
        if len(cells) != len(names):
            raise DataError("{name}: line {line} has {cells} cells, but the table has {columns} "
                            "columns. A cell that contains the separator must be in quotation "
                            "marks.", name=name, line=number, cells=len(cells),
                            columns=len(names))  # fmt: skip
        rows.append(cells)
    if not rows:
        raise DataError("{name} holds only a header and no rows, so there is nothing to use.",
                        name=name)  # fmt: skip
    columns = np.array(rows, object).T
    typed = {i: _typed(cells, kind) for i, (cells, kind) in enumerate(zip(columns, kinds))}
    frame = pd.DataFrame(typed)
    frame.columns = pd.Index(names, dtype=object)
    return frame


def _rows(
    lines: list[str], first: int, names: list[str], kinds: list[str]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each line with data, and its cells."""
    quote = "'" if any(map(_QUOTED.search, lines)) else '"'
    usual = [_levels(kind)[0] if kind.startswith("{") else "0" for kind in kinds]
    for number, line in enumerate(lines, first):
        if not (text := line.strip()) or text.startswith("%"):
            continue
        separator = "\t" if "\t" in text and "," not in text else ","
        dialect = Dialect(separator, quote, "\\" if "\\" in text else None)
        if not text.startswith("{"):
            yield number, [cell.strip() for cell in next(reader_of([text], dialect))]
            continue
        cells = usual.copy()  # sparse: only what differs from zero, or from the first value
        for place, value in _PAIR.findall(text):
            if int(place) < len(names):
                cells[int(place)] = _unquoted(value.strip())
        yield number, cells


def _typed(cells: np.ndarray, kind: str) -> pd.Series:
    """Return a column as the type that was declared."""
    cells = np.array([None if cell == "?" else cell for cell in cells], object)
    if kind.lower().startswith(("numeric", "real", "integer")):
        numbers = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce")
        return numbers.astype(float)
    if kind.startswith("{"):
        present = set(cells)
        return pd.Series(pd.Categorical(cells, [x for x in _levels(kind) if x in present]))
    return pd.Series(cells, dtype=object)


def _levels(kind: str) -> list[str]:
    text = kind.strip().strip("{}")
    quote = "'" if "'" in text else '"'
    dialect = Dialect(",", quote, "\\" if "\\" in text else None)
    cells: list[str] = next(reader_of([text], dialect), [])
    return list(dict.fromkeys(cell.strip() for cell in cells))


def _unquoted(name: str) -> str:
    if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        return re.sub(r"\\(.)", r"\1", name[1:-1])
    return name
