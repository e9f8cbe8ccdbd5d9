"""Labelled texts from tables, data frames and folders."""

from __future__ import annotations

import csv
import mimetypes
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import N_, _
from maeum.core.wording import some
from maeum.experiment.seen import byte_hashes
from maeum.text import TextLines, read_text
from maeum.text.normalization import check_text

if TYPE_CHECKING:
    import pandas as pd

_FILES = (".txt", ".md", ".txt.gz")
_LONGEST = 1 << 30  # characters of a cell: whole books are texts, too


@dataclass
class Labelled:
    """Texts and their labels.

    Attributes:
        source: the name of the file or folder.
        texts: the texts, none of them empty.
        labels: the label of each, as a text.
        column: the column of the texts; None for a folder.
        target: the column of the labels; None for a folder.
        notes: what was recognised and ignored, as sentences.
    """

    source: str
    texts: list[str]
    labels: list[str]
    column: str | None = None
    target: str | None = None
    notes: list[str] = field(default_factory=list)


def text_hashes(texts: Iterable[str], labels: Iterable[str]) -> np.ndarray:
    """Return a hash of each text with its label, ``(n,)`` uint64."""
    pairs = zip(labels, texts)
    return byte_hashes("\0".join(pair).encode("utf-8", "surrogatepass") for pair in pairs)


def read_labelled(
    source: Any, text: str | None = None, target: str | None = None, **reading: Any
) -> Labelled:
    """Read labelled texts.

    Args:
        source: a table (its path or a data frame), or a folder with a folder of text files for
            each class.
        text: of a table, the column of the texts; recognised if only one can be it.
        target: of a table, the column of the labels.
        reading: ``separator``, ``encoding`` and ``header``, see `maeum.tabular.read_table`; of a
            folder only ``encoding``.

    Raises:
        DataError: if there are no texts, or the column holds numbers.
        UnknownNameError: for a column that is not there.
        ConfigError: for options that do not go with the source.
    """
    if isinstance(source, (str, os.PathLike)) and Path(source).is_dir():
        if text is not None or target is not None:
            raise ConfigError("{path!r} is a folder, whose classes are its folders: leave the "
                              "columns text and target out.", path=str(source))  # fmt: skip
        found = _folder(Path(source), _only_encoding(source, reading))
    else:
        found = _table(source, text, target, reading)
    return _without_empty(found)


@dataclass
class Unlabelled:
    """Texts to predict for.

    Attributes:
        texts: the texts, empty ones among them.
        names: a name for each: of its file, or its place.
        rows: what stands beside them, a row for each: the columns of a table, else the texts
            themselves (of a folder the names of the files).
        notes: what was recognised, as sentences.
    """

    texts: list[str]
    names: list[str]
    rows: pd.DataFrame
    notes: list[str] = field(default_factory=list)


def read_texts(source: Any, column: str | None, **reading: Any) -> tuple[list[str], list[str]]:
    """Return texts without labels, and a name for each; see `read_unlabelled`."""
    found = read_unlabelled(source, column, **reading)
    return found.texts, found.names


def read_unlabelled(source: Any, column: str | None, **reading: Any) -> Unlabelled:
    """Read texts without labels.

    Args:
        source: a list of texts; a table or a data frame with the column; a text file with a text
            on each line; or a folder of text files, at any depth.
        column: the column of a table.
        reading: as for `read_labelled`.
    """
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        if path.is_dir():
            files = sorted(p for p in path.rglob("*") if _is_text_file(p))
            if not files:
                raise DataError("There are no text files (.txt) in {path!r}.", path=str(path))
            encoding = _only_encoding(path, reading)
            names = [str(p.relative_to(path)) for p in files]
            return Unlabelled([read_text(p, encoding) for p in files], names, _column(names))
        if _is_text_file(path):
            return _numbered(list(TextLines(path, _only_encoding(path, reading))), "line")
    elif not hasattr(source, "columns"):
        return _numbered(_as_texts(source), "text")
    frame, _name, notes = _frame(source, reading)
    return _numbered(_cells(frame[_text_column(frame, column, None)]), "row", frame, notes)


def is_folder_of_texts(path: Path) -> bool:
    """Tell whether a path is a folder of folders with more text files than images."""
    if not path.is_dir():
        return False
    files = [p for child in path.iterdir() if child.is_dir() for p in child.iterdir()]
    texts = sum(map(_is_text_file, files))
    return texts > sum(map(_may_be_image, files))


def _may_be_image(path: Path) -> bool:
    """Tell images from others by their names; a name of no known kind may be one."""
    kind = mimetypes.guess_type(path.name, strict=False)[0]
    return not _is_text_file(path) and (kind is None or kind.startswith("image/"))


def _is_text_file(path: Path) -> bool:
    return path.name.lower().endswith(_FILES)


def _only_encoding(path: Any, reading: dict) -> str | None:
    """Return the encoding, and refuse the options of tables for text files."""
    for name, value in reading.items():
        if name != "encoding" and value is not None:
            raise ConfigError("The option {name!r} is for tables; {path!r} is read as text.",
                              name=name, path=str(path))  # fmt: skip
    return reading.get("encoding")


def _numbered(
    texts: list[str], name: str, rows: pd.DataFrame | None = None, notes: Iterable[str] = ()
) -> Unlabelled:
    names = [f"{name} {number}" for number in range(1, len(texts) + 1)]
    return Unlabelled(texts, names, _column(texts) if rows is None else rows, list(notes))


def _column(values: list[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"text": values}, dtype=object)


def _as_texts(source: Any) -> list[str]:
    if isinstance(source, (bytes, dict)) or not hasattr(source, "__len__"):
        raise DataError("Texts are given as a list, a table or a path; got {kind}.",
                        kind=type(source).__name__)  # fmt: skip
    return [check_text("" if _missing(text) else text) for text in source]


def _folder(top: Path, encoding: str | None) -> Labelled:
    found, skipped = Labelled(top.resolve().name, [], []), 0
    for folder in sorted(p for p in top.iterdir() if p.is_dir() and not p.name.startswith(".")):
        files = sorted(p for p in folder.rglob("*") if p.is_file())
        texts = [p for p in files if _is_text_file(p)]
        skipped += len(files) - len(texts)
        found.texts += [read_text(path, encoding) for path in texts]
        found.labels += [folder.name] * len(texts)
    if not found.texts:
        raise DataError("There are no texts in {path!r}. It needs a folder for each class, with "
                        "text files (.txt) in it.", path=str(top))  # fmt: skip
    if skipped:
        found.notes.append(_("Files that are not text files, ignored: {n:,}.", n=skipped))
    return found


def _table(source: Any, text: str | None, target: str | None, reading: dict) -> Labelled:
    from maeum.tables.columns import find_column
    from maeum.tables.numbers import parse_numbers

    frame, name, notes = _frame(source, reading)
    if target is None:
        raise ConfigError("Say which column holds the labels, with --target (target=...). The "
                          "columns of {name} are: {columns}.", name=name,
                          columns=some(map(repr, frame.columns), 20))  # fmt: skip
    target = find_column(frame, target)
    column = _text_column(frame, text, target)
    if column == target:
        raise ConfigError("text and target are the same column, {name!r}.", name=target)
    labels = [label.replace("\0", "").strip() for label in _cells(frame[target])]
    texts = _cells(frame[column])
    full = np.array([text for text in texts if text.strip()], object)
    if len(full) and not np.isnan(parse_numbers(full)).any():
        raise DataError("The column {name!r} holds numbers ({example}, ...), not texts. Choose "
                        "another column for the texts; a table of numbers is learnt without "
                        "--text.", name=column, example=full[0])  # fmt: skip
    if missing := labels.count(""):
        notes.append(_("Rows without a {name!r}, ignored: {n:,}.", name=target, n=missing))
    if unread := [str(name) for name in frame.columns if name not in (column, target)]:
        notes.append(_("Columns that are not read, as {name!r} alone is classified: {names}. A "
                       "table without --text is learnt as a whole, its texts too.", name=column,
                       names=some(unread, 8, 30)))  # fmt: skip
    known = [(text, label) for text, label in zip(texts, labels) if label]
    texts, labels = [text for text, _label in known], [label for _text, label in known]
    return Labelled(name, texts, labels, column, target, notes)


def _frame(source: Any, reading: dict) -> tuple[pd.DataFrame, str, list[str]]:
    from maeum.tables.reading import read_table

    limit = csv.field_size_limit(_LONGEST)
    try:
        table = read_table(source, **reading)
    finally:
        csv.field_size_limit(limit)
    return table.frame, table.name, list(table.notes)


def _text_column(frame: pd.DataFrame, text: str | None, target: str | None) -> str:
    """Return the column of the texts: the one asked for, or the only one that can be it."""
    from maeum.tables.columns import known_column

    names = [str(name) for name in frame.columns]
    if text is not None:
        return known_column(names, text, N_("column of the texts"))
    others = [name for name in names if name != target]
    if len(others) != 1:
        raise ConfigError("Say which column holds the texts, text='...': the table has {names}.",
                          names=some(names, 12))  # fmt: skip
    return others[0]


def _cells(column: Any) -> list[str]:
    """Return cells as texts; a whole number that became a float where some are missing as one."""
    cells = ["" if _missing(cell) else cell for cell in column.tolist()]
    return [str(int(c) if isinstance(c, float) and c.is_integer() else c) for c in cells]


def _missing(cell: Any) -> bool:
    return cell is None or cell != cell or type(cell).__name__ == "NAType"


def _without_empty(found: Labelled) -> Labelled:
    kept = [i for i, text in enumerate(found.texts) if text.strip()]
    if not kept:
        raise DataError("{source}: all texts are empty or missing.", source=found.source)
    if empty := len(found.texts) - len(kept):
        found.notes.append(_("Empty texts, ignored: {n:,}.", n=empty))
    found.texts, found.labels = ([of[i] for i in kept] for of in (found.texts, found.labels))
    return found
