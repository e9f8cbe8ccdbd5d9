"""Files in folders, one folder for each class, as batches: what texts and sounds share."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.batches import RowBatches
from maeum.core.errors import ConfigError, DataError, nearest
from maeum.images.directory import FolderOptions
from maeum.images.folders import list_images


class LabelledFiles(RowBatches):
    """Batches ``(x, labels)`` of files, read when they are asked for; made for ``fit``.

    Args:
        file_paths: the files, in the order of the rows.
        labels: their class numbers, or None.
        class_names: the names of the classes, in the order of their numbers.
        label_mode: ``"int"``, ``"categorical"``, ``"binary"`` or None.
        read: returns what the files at some paths hold, as one array.
        batch_size: the files of a batch.
        shuffle: whether every epoch has its own order.
        seed: the seed of these orders.
    """

    def __init__(
        self,
        file_paths: list[str],
        labels: np.ndarray | None,
        class_names: list[str],
        label_mode: str | None,
        read: Callable[[list[str]], Any],
        batch_size: int,
        shuffle: bool,
        seed: int,
    ):
        super().__init__(len(file_paths), batch_size, shuffle, seed)
        self.file_paths, self.labels, self.class_names = file_paths, labels, class_names
        self.label_mode, self.read = label_mode, read

    def take(self, rows: np.ndarray) -> Any:
        """Return what the files of these rows hold, and their labels."""
        x = self.read([self.file_paths[row] for row in rows])
        if self.labels is None:
            return x
        labels = self.labels[rows]
        if self.label_mode == "categorical":
            return x, np.eye(len(self.class_names), dtype=np.float32)[labels]
        if self.label_mode == "binary":
            return x, labels.astype(np.float32)[:, None]
        return x, labels.astype(np.int32)


def files_in_folders(
    how: FolderOptions,
    directory: str | os.PathLike,
    suffixes: tuple[str, ...],
    read: Callable[[list[str]], Any],
    batch_size: int,
) -> Any:
    """Return the files below a folder as `LabelledFiles`; a list of two for ``subset="both"``.

    Raises:
        ConfigError: for arguments that do not go together.
        DataError: if there are no such files.
    """
    numbers: np.ndarray | None
    if how.inferred:
        paths, numbers, names = _listed(
            Path(directory), how.class_names, how.follow_links, suffixes
        )
    else:
        paths, numbers, names = how.list(directory, suffixes)
    if how.label_mode == "binary" and len(names) != 2:
        raise ConfigError('label_mode="binary" needs two classes; there are {n}.', n=len(names))

    def files(rows: np.ndarray, part: str) -> LabelledFiles:
        return LabelledFiles(
            [paths[row] for row in rows], None if numbers is None else numbers[rows], names,
            how.label_mode, read, batch_size, how.shuffle and part != "validation", how.seed,
        )  # fmt: skip

    return how.parts(files, len(paths), None if numbers is None else len(names))


def _listed(
    top: Path,
    class_names: Sequence[str] | None,
    follow_links: bool,
    suffixes: tuple[str, ...],
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
    found = [list_images(top / name, follow_links, [], suffixes) for name in names]
    if not any(found):
        raise DataError("There are no files ({suffixes}) in the folders of {path!r}.",
                        suffixes=", ".join(suffixes), path=str(top))  # fmt: skip
    lengths = [len(paths) for paths in found]
    return [p for paths in found for p in paths], np.repeat(np.arange(len(names)), lengths), names
