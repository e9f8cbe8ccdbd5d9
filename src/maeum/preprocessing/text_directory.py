"""`text_dataset_from_directory`: a folder of text files as batches, with Keras's arguments."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.batches import RowBatches
from maeum.core.errors import ConfigError, DataError, nearest
from maeum.images.directory import FolderOptions
from maeum.images.folders import list_images
from maeum.text.lines import read_text

_SUFFIXES = (".txt",)


@dataclass(eq=False, repr=False)
class TextFiles(RowBatches):
    """Batches ``(texts, labels)`` of text files, read when they are asked for; made for ``fit``.

    Attributes:
        class_names: the names of the classes, in the order of their numbers.
        file_paths: the files, in the order of the rows.
    """

    file_paths: list[str]
    labels: np.ndarray | None
    class_names: list[str]
    label_mode: str | None
    batch_size: int
    shuffle: bool
    seed: int
    max_length: int | None
    encoding: str | None

    def __post_init__(self) -> None:
        super().__init__(len(self.file_paths), self.batch_size, self.shuffle, self.seed)

    def take(self, rows: np.ndarray) -> Any:
        """Return the texts of these rows as an array of objects, and their labels."""
        texts = np.empty(len(rows), dtype=object)
        for place, row in enumerate(rows):
            texts[place] = read_text(self.file_paths[row], self.encoding)[: self.max_length]
        if self.labels is None:
            return texts
        labels = self.labels[rows]
        if self.label_mode == "categorical":
            return texts, np.eye(len(self.class_names), dtype=np.float32)[labels]
        if self.label_mode == "binary":
            return texts, labels.astype(np.float32)[:, None]
        return texts, labels


def text_dataset_from_directory(
    directory: str | os.PathLike,
    labels: str | Sequence[int] | None = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    verbose: bool = True,
    *,
    encoding: str | None = None,
) -> Any:
    """Return the ``.txt`` files of a folder, one folder for each class, as batches of texts.

    The same seed gives the same parts as in Keras: all files in order, shuffled by NumPy's
    ``RandomState(seed)``, the last fraction for validation.

    Args:
        directory: the folder.
        labels: ``"inferred"`` from the folders; None; or a list of class numbers, one for each
            file in order.
        label_mode: ``"int"``, ``"categorical"``, ``"binary"`` or None.
        class_names: the folders to take, in the order of their numbers; by default all, sorted.
        batch_size: the texts of a batch.
        max_length: the most characters of a text; the rest is cut off.
        shuffle: whether to shuffle.
        seed: of the order and of the parts.
        validation_split: the fraction of files to validate with.
        subset: ``"training"``, ``"validation"``, or ``"both"`` for a list of the two.
        follow_links: whether links to folders are followed.
        verbose: whether to print how many files were found.
        encoding: that of the files; recognised from each file by default (UTF-8 or CP949).

    Returns:
        Batches with ``class_names`` and ``file_paths``; a list of two for ``subset="both"``.

    Raises:
        ConfigError: for arguments that do not go together.
        DataError: if there are no files; while it is iterated over, if one cannot be read.

    Example:
        >>> import tempfile
        >>> top = Path(tempfile.mkdtemp())
        >>> for name in ["bad/1.txt", "good/1.txt", "good/2.txt"]:
        ...     (top / name).parent.mkdir(exist_ok=True)
        ...     _ = (top / name).write_text(f"a {name[:-6]} text")
        >>> texts = text_dataset_from_directory(top, shuffle=False)
        Found 3 files belonging to 2 classes.
        >>> [(x.tolist(), y.tolist()) for x, y in texts]
        [(['a bad text', 'a good text', 'a good text'], [0, 1, 1])]
    """
    how = FolderOptions(labels, label_mode, class_names, shuffle, seed, validation_split, subset,
                        follow_links, verbose)  # fmt: skip
    numbers: np.ndarray | None
    if how.inferred:
        paths, numbers, names = _listed(Path(directory), class_names, follow_links)
    else:
        paths, numbers, names = how.list(directory, _SUFFIXES)
    if label_mode == "binary" and len(names) != 2:
        raise ConfigError('label_mode="binary" needs two classes; there are {n}.', n=len(names))

    def files(rows: np.ndarray, part: str) -> TextFiles:
        return TextFiles(
            [paths[row] for row in rows], None if numbers is None else numbers[rows], names,
            label_mode, batch_size, shuffle and part != "validation", how.seed, max_length,
            encoding,
        )  # fmt: skip

    classes = None if numbers is None else len(names)
    return how.parts(files, len(paths), classes)


def _listed(
    top: Path, class_names: Sequence[str] | None, follow_links: bool
) -> tuple[list[str], np.ndarray, list[str]]:
    """Return the files of the class folders, their class numbers and the names of the classes."""
    if not top.is_dir():
        raise DataError("There is no folder {path!r}.", path=str(top))
    folders = sorted(p.name for p in top.iterdir() if p.is_dir() and not p.name.startswith("."))
    names = folders if class_names is None else [str(name) for name in class_names]
    for name in names:
        if name not in folders:
            raise DataError("There is no folder for the class {name!r} in {path!r}.{hint}",
                            name=name, path=str(top), hint=nearest(name, folders))  # fmt: skip
    found = [list_images(top / name, follow_links, [], _SUFFIXES) for name in names]
    if not any(found):
        raise DataError("There are no text files (.txt) in the folders of {path!r}.", path=str(top))
    lengths = [len(paths) for paths in found]
    return [p for paths in found for p in paths], np.repeat(np.arange(len(names)), lengths), names
