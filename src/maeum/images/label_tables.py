"""Labels of images from a table that lies beside them, or from the names of the files."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maeum.core.errors import DataError
from maeum.core.wording import some
from maeum.images.formats import SUFFIXES
from maeum.images.layout import plain, role_of
from maeum.images.reading import shown
from maeum.tables.cells import text_of

FILES = ("path", "file", "filename", "file_name", "filepath", "image", "image_path", "image_id",
         "image_name", "img", "picture", "id", "name")  # fmt: skip
LABELS = ("label", "labels", "class", "classes", "target", "category", "y", "class_id", "classid",
          "class_name", "label_name", "breed", "species", "diagnosis", "dx")  # fmt: skip
_NUMBERED = re.compile(r"(.*?[^\W\d_])[\W_]*\d+\W*")  # a word and a number, as in dog.12
_DEVICES = {"img", "image", "images", "dsc", "dscn", "dscf", "dcim", "pic", "picture", "photo",
            "frame", "screenshot", "scan", "pxl", "test", "train", "val"}  # fmt: skip
_SUFFIXES = (".csv", ".tsv")
_LEAST = 0.5  # of the rows of a table, so many name an image that is there
_CLASSES = 0.5  # a column of labels has at most this many different values for each row


@dataclass
class LabelTable:
    """A table of labels.

    Attributes:
        path: the file; None for labels that the names of the images tell.
        labels: the label of each image, by its path.
        rows: how many rows the table has.
        further: tables of the same name beside other images, which belong to it.
    """

    path: Path | None
    labels: dict[str, str]
    rows: int
    further: tuple[Path, ...] = ()

    def with_those_of(self, others: Iterable[LabelTable]) -> LabelTable:
        """Return the table with those called alike, one in the folder of each part."""
        labels, rows, further = dict(self.labels), self.rows, []
        for other in others:
            alike = self.path and other.path and self.path.name == other.path.name
            if other.path and alike and not labels.keys() & other.labels.keys():
                labels |= other.labels
                rows += other.rows
                further.append(other.path)
        return LabelTable(self.path, labels, rows, tuple(further))


def find_labels(folders: Iterable[Path], files: list[str], top: Path) -> LabelTable | None:
    """Return the table beside some images that names most of them; None if there is none.

    Tables called after a submission are passed over: their labels are made up.

    Args:
        folders: where it may lie.
        files: the images.
        top: the folder in which they lie.

    Raises:
        DataError: if it names the images, and no column can be told to be their label.
    """
    indices = {part: index_of(files, top, part) for part in ("train", "test")}
    found: list[LabelTable] = []
    refused: list[DataError] = []
    for path in _candidates(folders):
        frame = _read(path)
        if frame is None or not len(frame):
            continue
        near = str(path.parent) + os.sep
        beside = [f for f in files if path.parent != top and f.startswith(near)]
        named = column_of_files(frame, index_of(beside, path.parent)) or column_of_files(
            frame, indices["test" if "test" in path.stem.lower() else "train"]
        )
        if named is None:
            continue
        column, paths = named
        try:
            labels = _labels(frame, column, path)
        except DataError as error:
            refused.append(error)
            continue
        pairs = zip(paths, labels)
        known = {file: label for file, label in pairs if file is not None and label is not None}
        found.append(LabelTable(path, known, len(frame)))
    if not found and refused:
        raise refused[0]
    best = max(found, key=lambda table: len(table.labels), default=None)
    return best and best.with_those_of(found)


def labels_by_name(files: list[str]) -> LabelTable | None:
    """Return the labels that file names begin with, as in ``dog.12.jpg``; None if they do not.

    >>> found = labels_by_name(["cat.0.jpg", "cat.1.jpg", "dog.0.jpg", "dog.1.jpg"])
    >>> found.labels["cat.1.jpg"], labels_by_name(["IMG_1.jpg", "IMG_2.jpg"])
    ('cat', None)
    """
    stems = {file: plain(os.path.splitext(os.path.basename(file))[0]) for file in files}
    matches = {file: _NUMBERED.fullmatch(stem) for file, stem in stems.items()}
    words = {file: match[1] for file, match in matches.items() if match}
    counts = Counter(words.values())
    told = len(counts) > 1 and min(counts.values()) > 1
    if not told or any(word.lower().split("_")[0] in _DEVICES for word in counts):
        return None
    return LabelTable(None, words, len(words))


def lists_images(path: Path) -> bool:
    """Tell whether a table names image files that are there, beside it or below.

    Only its first rows are looked at.
    """
    if path.suffix.lower() not in _SUFFIXES or not path.is_file():
        return False
    frame = _read(path, rows=20)
    for name in () if frame is None else frame:
        values = [str(value).strip() for value in frame[name].dropna()]
        if values and all(value.lower().endswith(SUFFIXES) for value in values):
            below = [path.parent, *(p for p in path.parent.iterdir() if p.is_dir())]
            return any((folder / value).is_file() for folder in below for value in values)
    return False


def _candidates(folders: Iterable[Path]) -> list[Path]:
    paths = [p for folder in dict.fromkeys(folders) for p in sorted(folder.iterdir())]
    return [
        p for p in paths
        if p.suffix.lower() in _SUFFIXES and "submission" not in p.name.lower()
        and not p.name.startswith(".") and p.is_file()
    ]  # fmt: skip


def _read(path: Path, rows: int | None = None) -> Any:
    """Return a table as texts; None if it cannot be read as one."""
    import pandas as pd

    try:
        return pd.read_csv(path, sep=None, engine="python", dtype=str, nrows=rows,
                           keep_default_na=False, na_values=[""])  # fmt: skip
    except (ValueError, OSError, pd.errors.ParserError):
        return None


def index_of(files: list[str], top: Path, part: str = "train") -> dict[str, str | None]:
    """Return images by what a table may call them; None for what means several.

    Args:
        files: the images.
        top: the folder in which they lie.
        part: of images that are called the same, the one in this part is meant.
    """
    found: dict[str, str | None] = {}
    meant: dict[str, bool] = {}
    for file in files:
        parts = plain(os.path.relpath(file, top)).replace(os.sep, "/").split("/")
        inside = any(role_of(name) == part for name in parts[:-1])
        names = {"/".join(parts[start:]) for start in range(len(parts))}
        for name in names | {os.path.splitext(name)[0] for name in names}:
            if name not in found or (inside and not meant[name]):
                found[name], meant[name] = file, inside
            elif inside or not meant[name]:
                found[name] = None
    return found


def column_of_files(
    frame: Any, index: dict[str, str | None]
) -> tuple[Any, list[str | None]] | None:
    """Return the column that names most images, and the image of each row."""
    best, most = None, 0
    for name in frame.columns:
        paths = [index.get(spelt(value)) for value in frame[name]]
        count = len({path for path in paths if path is not None})
        if count > most and count >= _LEAST * len(frame):
            best, most = (name, paths), count
    return best


def spelt(value: Any) -> str:
    """Return how a table calls a file, as `index_of` spells it."""
    return plain(str(value).strip().replace("\\", "/").removeprefix("./"))


def _labels(frame: Any, files: Any, path: Path) -> list[str | None]:
    """Return the label of each row."""
    found = guess_labels(frame, files)
    if found is None:
        others = [name for name in frame.columns if name != files]
        raise DataError("{path} names the images, and which of its columns is their class is not "
                        "clear: {names}. Call that column label.", path=shown(str(path)),
                        names=some(others, 8))  # fmt: skip
    return [None if text != text or text is None else text_of(text) for text in found]


def guess_labels(frame: Any, files: Any) -> list[Any] | None:
    """Return the label of each row: of the column called so, of one-hot columns, or of the only
    other column whose values repeat; None if it is not clear which that is.

    >>> import pandas as pd
    >>> guess_labels(pd.DataFrame({"id": ["1", "2"], "cat": ["0", "1"], "dog": ["1", "0"]}), "id")
    ['dog', 'cat']
    """
    others = [name for name in frame.columns if name != files]
    usual = [name for name in others if str(name).strip().lower() in LABELS]
    if not usual and len(others) > 1 and (hot := _one_hot(frame[others])) is not None:
        return hot
    few = [name for name in others if frame[name].nunique() <= max(2, _CLASSES * len(frame))]
    chosen = usual[:1] or (few if len(few) == 1 else [])
    return frame[chosen[0]].tolist() if chosen else None


def _one_hot(frame: Any) -> list[str | None] | None:
    """Return the names of the columns in which rows have their single 1; None if they have not."""
    import pandas as pd

    values = frame.apply(pd.to_numeric, errors="coerce")
    if not (values.isin((0, 1)).all(axis=None) and (values.sum(axis=1) == 1).all()):
        return None
    return [str(name).strip() for name in values.idxmax(axis=1)]


def sorted_names(texts: Iterable[str]) -> list[str]:
    """Sort class names: as numbers if all of them are."""
    names = set(texts)
    try:
        return sorted(names, key=float)
    except ValueError:
        return sorted(names)
