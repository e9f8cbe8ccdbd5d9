"""`text_dataset_from_directory`: a folder of text files as batches, with Keras's arguments."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from maeum.core.batches import only_maeums
from maeum.images.directory import FolderOptions
from maeum.preprocessing.labelled_files import files_in_folders
from maeum.text.lines import read_text

_SUFFIXES = (".txt",)


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
    format: str = "tf",
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
        format: Keras's argument for data sets of other libraries; the batches are Maeum's.
        verbose: whether to print how many files were found.
        encoding: that of the files; recognised from each file by default (UTF-8 or CP949).

    Returns:
        Batches with ``class_names`` and ``file_paths``; a list of two for ``subset="both"``.

    Raises:
        ConfigError: for arguments that do not go together.
        DataError: if there are no files; while it is iterated over, if one cannot be read.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> top = Path(tempfile.mkdtemp())
        >>> for name in ["bad/1.txt", "good/1.txt", "good/2.txt"]:
        ...     (top / name).parent.mkdir(exist_ok=True)
        ...     _ = (top / name).write_text(f"a {name[:-6]} text")
        >>> texts = text_dataset_from_directory(top, shuffle=False)
        Found 3 files belonging to 2 classes.
        >>> [(x.tolist(), y.tolist()) for x, y in texts]
        [(['a bad text', 'a good text', 'a good text'], [0, 1, 1])]
    """
    only_maeums(format)
    how = FolderOptions(labels, label_mode, class_names, shuffle, seed, validation_split, subset,
                        follow_links, verbose)  # fmt: skip

    def read(paths: list[str]) -> np.ndarray:
        texts = np.empty(len(paths), dtype=object)
        for place, path in enumerate(paths):
            texts[place] = read_text(path, encoding)[:max_length]
        return texts

    return files_in_folders(how, directory, _SUFFIXES, read, batch_size)
