"""Images listed in a table: a column of files, and one of labels."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.errors import DataError, UnknownNameError
from maeum.core.messages import _, ngettext
from maeum.core.wording import some
from maeum.images.folders import list_images
from maeum.images.image_set import ImageSet
from maeum.images.label_tables import (
    FILES,
    LABELS,
    column_of_files,
    guess_labels,
    index_of,
    sorted_names,
    spelt,
)
from maeum.images.reading import MissingImageError, find_file
from maeum.tables.cells import text_of
from maeum.tables.columns import known_column


def read_frame(
    frame: Any,
    path_column: str | None = None,
    label_column: str | None = None,
    folder: str | os.PathLike | None = None,
    class_names: list[str] | None = None,
) -> ImageSet:
    """Take images from a table with one row for each.

    Args:
        frame: a pandas DataFrame, or the path of a CSV file.
        path_column: the column of the files; by default the one called ``path``, ``file``,
            ``filename``, ``image`` or the like, or the one whose values are the names of
            images that are there.
        label_column: the column of the classes; by default ``label``, ``class`` or the like,
            one-hot columns, or the only other one whose values repeat; no labels if there is none.
            Labels may be of any kind; they become class names.
        folder: where the files lie if their paths are not whole; by default beside the CSV file,
            or the working folder.
        class_names: the classes in the order of their numbers; by default sorted. Rows of other
            classes are ignored, and noted.

    Raises:
        UnknownNameError: for a column that is not there.
        DataError: if nothing is left, or if none of the files is there.

    Example:
        >>> import pandas as pd, tempfile
        >>> top = Path(tempfile.mkdtemp())
        >>> (top / "a.jpg").touch(), (top / "b.jpg").touch()
        (None, None)
        >>> read_frame(pd.DataFrame({"file": ["a.jpg", "b.jpg"], "label": [3, 7]}), folder=top)
        <ImageSet: 2 images; 3 1, 7 1>
    """
    import pandas as pd

    if isinstance(frame, (str, os.PathLike)):
        folder = Path(frame).parent if folder is None else folder
        try:
            frame = pd.read_csv(frame)
        except FileNotFoundError:
            raise MissingImageError(frame, _("there is no such table")) from None  # type: ignore[arg-type]
        except ValueError as error:
            raise DataError(
                "{frame!r} is no table: {error}.", frame=os.fspath(frame), error=error
            ) from error  # type: ignore[arg-type]
    if not isinstance(frame, pd.DataFrame):
        raise DataError("A DataFrame or the path of a CSV file was expected; got {type}.",
                        type=type(frame).__name__)  # fmt: skip
    index = _Index(folder)
    column = _column(frame, path_column, FILES)
    if column is None or (path_column is None and not index.knows(frame[column])):
        found = column_of_files(frame, index.files)
        column = column if found is None else found[0]
    if column is None:
        raise UnknownNameError("No column of the table names image files: {names}. Give a folder "
                               "of images, or a table in which the column file (or "
                               "path_column=...) names them.",
                               names=some(frame.columns, 8))  # fmt: skip
    files = frame[column].map(lambda file: str(file).strip() or None, na_action="ignore")
    rows = pd.DataFrame({"path": files})
    label = _column(frame, label_column, LABELS)
    labels = frame[label].tolist() if label is not None else guess_labels(frame, column)
    if labels is not None:
        rows["label"] = pd.Series(labels, rows.index).map(text_of, na_action="ignore")
    kept = rows.dropna()
    notes: list[str] = []
    if lost := len(rows) - len(kept):
        notes.append(ngettext("{n:,} row without a file or a label ignored.",
                              "{n:,} rows without a file or a label ignored.", lost))  # fmt: skip
    if labels is not None and class_names is not None:
        wanted = kept["label"].isin([*map(str, class_names)])
        if others := int((~wanted).sum()):
            notes.append(ngettext("{n:,} row of other classes ignored.",
                                  "{n:,} rows of other classes ignored.", others))  # fmt: skip
        kept = kept[wanted]
    paths, texts = kept["path"].tolist(), None if labels is None else kept["label"].tolist()
    if not paths:
        said = _("The table has no row with a file and a label.")
        raise DataError(" ".join([said, *notes]))
    names = class_names if class_names is not None or texts is None else sorted_names(texts)
    return ImageSet(_located(paths, index), class_names=names, notes=notes,
                    labels=None if texts is None else np.array(texts, object))  # fmt: skip


class _Index:
    """Finds the files that a table names: where it says, or anywhere below the folder."""

    def __init__(self, folder: str | os.PathLike | None):
        self.folder = Path(folder or "")

    @cached_property
    def files(self) -> dict[str, str | None]:
        """The images below the folder, by what a table may call them."""
        there = list_images(self.folder, False, []) if self.folder.is_dir() else []
        return index_of(there, self.folder)

    def find(self, path: str) -> str | None:
        """Return where a file is, or None."""
        try:
            return find_file(os.path.join(self.folder, path))
        except MissingImageError:
            return self.files.get(spelt(path))

    def knows(self, names: Any) -> bool:
        """Tell whether one of the first names is that of a file."""
        return any(self.find(str(name).strip()) for name in names.dropna().head(20))


def _located(paths: list[str], index: _Index) -> list[str]:
    """Return where the files are; one that is not there stays, to be named when it is read."""
    found = [index.find(path) for path in paths]
    missing = [path for path, there in zip(paths, found) if there is None]
    if len(missing) == len(paths):
        raise DataError("None of the files is there, for example {names} in {folder}. Say where "
                        "they are: folder=...", names=some(missing),
                        folder=os.path.abspath(index.folder))  # fmt: skip
    return [there or os.path.join(index.folder, path) for path, there in zip(paths, found)]


def _column(frame: Any, name: str | None, usual: tuple[str, ...]) -> Any:
    """Return a column, or by default the first that is called as usual; None if there is none."""
    if name is not None:
        return known_column(list(frame.columns), name)
    return next((known for known in frame.columns if str(known).lower() in usual), None)
