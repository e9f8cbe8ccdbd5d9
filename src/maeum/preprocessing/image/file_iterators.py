"""Batches of the augmented images of files, listed by a folder or a table."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError, UnknownNameError, nearest
from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import some
from maeum.images.conversion import img_to_array, load_img
from maeum.images.folders import list_images
from maeum.images.resizing import CHANNELS, check_interpolation, check_size
from maeum.preprocessing.image.iterators import ImageIterator, subset_rows

_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".tif", ".tiff")
_WITH_CLASSES = ("binary", "categorical", "sparse")
_PLAIN = (*_WITH_CLASSES, "input", None)
_FOUND = {  # whether the files were validated, and whether they have classes
    (True, True): N_("Found {n} validated image filenames belonging to {classes} classes."),
    (True, False): N_("Found {n} validated image filenames."),
    (False, True): N_("Found {n} non-validated image filenames belonging to {classes} classes."),
    (False, False): N_("Found {n} non-validated image filenames."),
}


class FileIterator(ImageIterator):
    """Batches of the augmented images of files: what folders and tables have in common."""

    filenames: list[str]
    filepaths: list[str]
    class_indices: dict[str, int]
    classes: Any
    target_size: Any
    color_mode: str
    class_mode: str | None
    interpolation: str
    keep_aspect_ratio: bool
    sample_weight: Any = None
    targets: Any = None

    def _set_up_files(self) -> None:
        self._set_up(len(self.filepaths))
        self.target_size = check_size(self.target_size, "target_size")
        channels = CHANNELS[check_choice(self.color_mode, CHANNELS, "color_mode")]
        self.interpolation = check_interpolation(self.interpolation)
        last = self.data_format == "channels_last"
        self.image_shape = (*self.target_size, channels) if last else (channels, *self.target_size)

    @property
    def labels(self) -> Any:
        """The class numbers, or the targets of a table."""
        return self.classes if self.targets is None else self.targets

    @property
    def num_classes(self) -> int:
        """The number of classes."""
        return len(self.class_indices)

    def _image(self, row: int) -> np.ndarray:
        image = load_img(
            self.filepaths[row],
            self.color_mode,
            self.target_size,
            self.interpolation,
            self.keep_aspect_ratio,
        )
        return img_to_array(image, self.data_format, self.dtype)

    def _batch(self, rows: np.ndarray, x: np.ndarray) -> Any:
        if self.class_mode is None:
            return x
        if self.class_mode == "input":
            y: Any = x.copy()
        elif self.class_mode in ("binary", "sparse"):
            y = np.asarray(self.classes)[rows].astype(self.dtype)
        elif self.class_mode == "categorical":
            y = np.zeros((len(rows), self.num_classes), self.dtype)
            for number, row in enumerate(rows):
                y[number, self.classes[row]] = 1
        elif self.class_mode == "multi_output":
            y = [target[rows] for target in self.targets]
        else:
            y = self.targets[rows]
        return (x, y) if self.sample_weight is None else (x, y, self.sample_weight[rows])


@dataclass(eq=False, repr=False)
class DirectoryIterator(FileIterator):
    """Batches of the augmented images of a folder that holds one folder for each class.

    Args:
        directory: the folder.
        image_data_generator: what augments the images; None leaves them unchanged.
        target_size: ``(height, width)``.
        color_mode: ``"rgb"``, ``"rgba"`` or ``"grayscale"``.
        classes: the folders to take, in the order of their numbers; by default all, sorted.
        class_mode: ``"categorical"`` (one-hot rows), ``"binary"`` and ``"sparse"`` (class
            numbers), ``"input"`` (the image itself) or None.
        batch_size: the images of a batch.
        shuffle: whether every epoch has its own order.
        seed: of the order and of the augmentation.
        data_format: where the channels are.
        save_to_dir: see `NumpyArrayIterator`.
        save_prefix: see `NumpyArrayIterator`.
        save_format: see `NumpyArrayIterator`.
        follow_links: whether links to folders are followed.
        subset: ``"training"`` or ``"validation"``, if the generator has a ``validation_split``;
            the first files of each class are those for validation.
        interpolation: see `load_img`.
        keep_aspect_ratio: see `load_img`.
        dtype: of the images.

    Raises:
        DataError: if there is no such folder or class.
        UnknownNameError: for an unknown mode.
    """

    directory: Any
    image_data_generator: Any = None
    target_size: Any = (256, 256)
    color_mode: str = "rgb"
    classes: Any = None
    class_mode: str | None = "categorical"
    batch_size: int = 32
    shuffle: bool = True
    seed: Any = None
    data_format: str | None = None
    save_to_dir: str | None = None
    save_prefix: str = ""
    save_format: str = "png"
    follow_links: bool = False
    subset: str | None = None
    interpolation: str = "nearest"
    keep_aspect_ratio: bool = False
    dtype: Any = None

    def __post_init__(self) -> None:
        check_choice(self.class_mode, _PLAIN, "class_mode")
        self.directory = directory = os.fspath(self.directory)
        if not os.path.isdir(directory):
            raise DataError("There is no folder {path!r}.", path=directory)
        folders = (entry.name for entry in os.scandir(directory) if entry.is_dir())
        known = sorted(name for name in folders if not name.startswith("."))
        names = list(self.classes) if self.classes else known
        for name in names:
            if name not in known:
                hint = nearest(name, known)
                raise DataError("There is no folder {name!r} in {path!r}.{hint}", name=name,
                                path=directory, hint=hint)  # fmt: skip
        self.class_indices = {name: number for number, name in enumerate(names)}
        self.filepaths, numbers = [], []
        for name, number in self.class_indices.items():
            files = list_images(os.path.join(directory, name), self.follow_links, [], _SUFFIXES)
            if self.subset is not None:
                files = files[subset_rows(self.subset, self.image_data_generator, len(files))]
            self.filepaths += files
            numbers += [number] * len(files)
        self.classes = np.array(numbers, np.int32)
        self.filenames = [os.path.relpath(path, directory) for path in self.filepaths]
        print(
            _("Found {n} images belonging to {classes} classes.",
              n=len(self.filepaths), classes=len(names))
        )  # fmt: skip
        self._set_up_files()


@dataclass(eq=False, repr=False)
class DataFrameIterator(FileIterator):
    """Batches of the augmented images that a table lists.

    Args:
        dataframe: a pandas DataFrame with one row for each image.
        directory: where the files are, if their paths are relative.
        image_data_generator: what augments the images; None leaves them unchanged.
        x_col: the column of the files.
        y_col: the column of the classes (texts; lists of texts for several at once, with
            ``"categorical"``) or targets; a list of columns for ``"multi_output"``.
        weight_col: the column of the sample weights, if any.
        target_size: ``(height, width)``.
        color_mode: ``"rgb"``, ``"rgba"`` or ``"grayscale"``.
        classes: the classes to take, in the order of their numbers; by default all, sorted.
        class_mode: as in `DirectoryIterator`, or ``"raw"`` (the column as it is) or
            ``"multi_output"``.
        batch_size: the images of a batch.
        shuffle: whether every epoch has its own order.
        seed: of the order and of the augmentation.
        data_format: where the channels are.
        save_to_dir: see `NumpyArrayIterator`.
        save_prefix: see `NumpyArrayIterator`.
        save_format: see `NumpyArrayIterator`.
        subset: ``"training"`` or ``"validation"``; the first rows are those for validation.
        interpolation: see `load_img`.
        keep_aspect_ratio: see `load_img`.
        dtype: of the images.
        validate_filenames: whether rows whose file does not exist, or is not an image by its
            suffix, are ignored with a warning.

    Raises:
        UnknownNameError: for a column or mode that does not exist.
        DataError: for columns that do not hold what they should.
    """

    dataframe: Any
    directory: Any = None
    image_data_generator: Any = None
    x_col: str = "filename"
    y_col: Any = "class"
    weight_col: str | None = None
    target_size: Any = (256, 256)
    color_mode: str = "rgb"
    classes: Any = None
    class_mode: str | None = "categorical"
    batch_size: int = 32
    shuffle: bool = True
    seed: Any = None
    data_format: str | None = None
    save_to_dir: str | None = None
    save_prefix: str = ""
    save_format: str = "png"
    subset: str | None = None
    interpolation: str = "nearest"
    keep_aspect_ratio: bool = False
    dtype: Any = None
    validate_filenames: bool = True

    def __post_init__(self) -> None:
        check_choice(self.class_mode, (*_PLAIN, "raw", "multi_output"), "class_mode")
        self.directory = os.fspath(self.directory or "")
        frame, x_col, y_col, class_mode = self.dataframe, self.x_col, self.y_col, self.class_mode
        _check_columns(frame, x_col, y_col, self.weight_col, class_mode)
        if self.validate_filenames:
            there = np.array([self._exists(name) for name in frame[x_col]], bool)
            if not there.all():
                warnings.warn(
                    ngettext("{n:,} row ignored, as {column!r} does not name an existing image.",
                             "{n:,} rows ignored, as {column!r} does not name an existing image.",
                             int((~there).sum()), column=x_col), stacklevel=2
                )  # fmt: skip
            frame = frame[there]
        self.class_indices = {}
        if class_mode in _WITH_CLASSES:
            frame = self._number_classes(frame, y_col, self.classes, class_mode)
        if self.subset is not None:
            frame = frame.iloc[subset_rows(self.subset, self.image_data_generator, len(frame))]
        self.filenames = frame[x_col].tolist()
        self.filepaths = [os.path.join(self.directory, name) for name in self.filenames]
        if class_mode in _WITH_CLASSES:
            self.classes = [self._numbers(value) for value in frame[y_col]]
        elif class_mode == "raw":
            self.targets = frame[y_col].to_numpy()
        elif class_mode == "multi_output":
            self.targets = [np.array(frame[column].tolist()) for column in y_col]
        if self.weight_col is not None:
            self.sample_weight = frame[self.weight_col].to_numpy()
        said = _FOUND[bool(self.validate_filenames), bool(self.class_indices)]
        print(_(said, n=len(self.filepaths), classes=len(self.class_indices)))
        self._set_up_files()

    def _exists(self, name: str) -> bool:
        path = os.path.join(self.directory, name)
        return path.lower().endswith(_SUFFIXES) and os.path.isfile(path)

    def _number_classes(self, frame: Any, y_col: str, wanted: Any, mode: str) -> Any:
        """Number the classes; return the rows that have any of them."""
        own = [_as_list(value) for value in frame[y_col]]
        names = list(dict.fromkeys(wanted)) if wanted else sorted({n for ns in own for n in ns})
        if mode == "binary" and len(names) != 2:
            raise DataError('class_mode="binary" needs two classes; {column!r} has {n}.',
                            column=y_col, n=len(names))  # fmt: skip
        self.class_indices = {name: number for number, name in enumerate(names)}
        return frame[[any(n in self.class_indices for n in ns) for ns in own]]

    def _numbers(self, value: Any) -> Any:
        numbers = [self.class_indices[n] for n in _as_list(value) if n in self.class_indices]
        return numbers if isinstance(value, (list, tuple)) else numbers[0]


def _check_columns(
    frame: Any, x_col: str, y_col: Any, weight_col: str | None, class_mode: str | None
) -> None:
    columns = [x_col]
    if class_mode not in ("input", None):
        columns += y_col if isinstance(y_col, (list, tuple)) else [y_col]
    columns += [weight_col] if weight_col is not None else []
    for column in columns:
        if column not in frame.columns:
            raise UnknownNameError("The table has no column {name!r}.{hint} Its columns are: "
                                   "{known}.", name=column,
                                   hint=nearest(column, map(str, frame.columns)),
                                   known=some(frame.columns, 20))  # fmt: skip
    if not all(isinstance(name, str) for name in frame[x_col]):
        raise DataError("The column {column!r} holds values that are not file names.", column=x_col)
    if class_mode == "multi_output" and not isinstance(y_col, (list, tuple)):
        raise ConfigError('class_mode="multi_output" needs a list of columns: y_col=[...].')
    kinds: Any = (str, list, tuple) if class_mode == "categorical" else str
    if class_mode in _WITH_CLASSES and not all(isinstance(v, kinds) for v in frame[y_col]):
        raise DataError("With class_mode={mode!r}, {column!r} holds names of classes, as texts. "
                        "Write frame[{column!r}] = frame[{column!r}].astype(str), or use "
                        'class_mode="raw".', mode=class_mode, column=y_col)  # fmt: skip
    if weight_col is not None and frame[weight_col].dtype.kind not in "biuf":
        raise DataError("The column {column!r} is not numeric.", column=weight_col)


def _as_list(value: Any) -> list[str]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
