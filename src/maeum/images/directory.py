"""`image_dataset_from_directory`: a folder of images as batches, with Keras's arguments."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.core.batches import only_maeums
from maeum.core.checks import check_choice, check_fraction
from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import N_, _
from maeum.core.randomness import next_seed
from maeum.core.settings import say, settings
from maeum.images.folders import list_images, read_folder
from maeum.images.image_set import ImageSet
from maeum.images.loading import LABEL_MODES, ImageLoader

_SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")


def image_dataset_from_directory(
    directory: str | os.PathLike,
    labels: str | Sequence[int] | None = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: int | tuple[int, int] = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
    *,
    errors: str = "skip",
    cache: bool = True,
    dtype: str = "float32",
) -> Any:
    """Return the images of a folder, one folder for each class, as batches.

    The same seed gives the same parts as in Keras: all files in order, shuffled by NumPy's
    ``RandomState(seed)``, the last ones for validation. Shrinking an image smooths it here, so
    its pixels are those of Keras's ``Resizing`` with ``antialias=True``.

    Args:
        directory: the folder.
        labels: ``"inferred"`` from the folders; None; or a list of class numbers, one for each
            file in order.
        label_mode: ``"int"``, ``"categorical"``, ``"binary"`` or None; see `ImageLoader`.
        class_names: the folders to take, in the order of their numbers; by default all, sorted.
        color_mode: ``"rgb"``, ``"rgba"`` or ``"grayscale"``.
        batch_size: the images of a batch.
        image_size: ``(height, width)``.
        shuffle: whether to shuffle.
        seed: of the order and of the parts.
        validation_split: the fraction of files to validate with.
        subset: ``"training"``, ``"validation"``, or ``"both"`` for a list of the two.
        interpolation: see `load_image`.
        follow_links: whether links to folders are followed.
        crop_to_aspect_ratio: whether to crop, rather than to distort.
        pad_to_aspect_ratio: whether to pad, rather than to distort.
        data_format: only ``"channels_last"``.
        format: Keras's argument for data sets of other libraries; the batches are Maeum's.
        verbose: whether to print how many files were found.
        errors: ``"skip"`` or ``"raise"``; see `ImageLoader`.
        cache: see `ImageLoader`.
        dtype: ``"float32"`` (0 to 255), or ``"uint8"`` in a quarter of the memory.

    Returns:
        An `ImageLoader`, with ``class_names`` and ``file_paths``; a list of two for
        ``subset="both"``.

    Raises:
        ConfigError: for arguments that do not go together.
        DataError: if there are no images.

    Example:
        >>> import tempfile
        >>> from maeum.images import save_img
        >>> top = tempfile.mkdtemp()
        >>> for name in ["cat/1.png", "cat/2.png", "dog/1.png"]:
        ...     save_img(f"{top}/{name}", np.zeros((20, 30, 3)))
        >>> images = image_dataset_from_directory(top, image_size=(16, 16), cache=False)
        Found 3 files belonging to 2 classes.
        >>> images.class_names, [x.shape for x, y in images]
        (['cat', 'dog'], [(3, 16, 16, 3)])
    """
    only_maeums(format)
    how = FolderOptions(labels, label_mode, class_names, shuffle, seed, validation_split, subset,
                        follow_links, verbose)  # fmt: skip
    if (data_format or settings.image_data_format) != "channels_last":
        raise ConfigError(
            'data_format is "channels_last" only; got {data_format!r}.', data_format=data_format
        )
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ConfigError("Only one of crop_to_aspect_ratio and pad_to_aspect_ratio can be chosen.")
    if batch_size is None:
        raise ConfigError("batch_size is a whole number; a batch of one image has batch_size=1.")
    if how.inferred:
        found = read_folder(
            directory, class_names, follow_links=follow_links, suffixes=_SUFFIXES, divided=False
        )
    else:
        paths, numbers, names = how.list(directory, _SUFFIXES)
        found = ImageSet(paths, labels=numbers, class_names=names)

    def loader(rows: np.ndarray, part: str) -> ImageLoader:
        return ImageLoader(
            found.subset(rows), image_size, batch_size, color_mode=color_mode,
            resize="crop" if crop_to_aspect_ratio else "pad" if pad_to_aspect_ratio else "stretch",
            interpolation=interpolation, label_mode=label_mode, seed=how.seed, errors=errors,
            shuffle=shuffle and part != "validation", cache=cache, dtype=dtype,
        )  # fmt: skip

    classes = None if found.labels is None else len(found.class_names)
    return how.parts(loader, len(found), classes)


@dataclass
class FolderOptions:
    """How the files of a folder are labelled and divided; see `image_dataset_from_directory`."""

    labels: Any
    label_mode: str | None
    class_names: Any
    shuffle: bool
    seed: Any
    validation_split: float | None
    subset: str | None
    follow_links: bool
    verbose: bool

    def __post_init__(self) -> None:
        check_choice(self.label_mode, LABEL_MODES, "label_mode")
        check_choice(self.subset, ("training", "validation", "both", None), "subset")
        if isinstance(self.labels, str) and self.labels != "inferred":
            raise ConfigError('labels is "inferred", None or a list of class numbers; got '
                              "{labels!r}.", labels=self.labels)  # fmt: skip
        if self.class_names is not None and not isinstance(self.labels, str):
            raise ConfigError('class_names goes together with labels="inferred" only.')
        check_fraction(self.validation_split or 0, "validation_split")
        if bool(self.validation_split) != (self.subset is not None):
            raise ConfigError("validation_split and subset go together: give both, or neither.")
        if self.subset not in (None, "both") and self.shuffle and self.seed is None:
            raise ConfigError("Without a seed, the training and the validation subset would "
                              "overlap. Give the same seed to both calls, or take both at once "
                              'with subset="both".')  # fmt: skip
        self.seed = next_seed() if self.seed is None else self.seed

    @property
    def inferred(self) -> bool:
        """Whether the folders are the labels."""
        return self.label_mode is not None and isinstance(self.labels, str)

    def list(
        self, directory: str | os.PathLike, suffixes: tuple[str, ...]
    ) -> tuple[list[str], np.ndarray | None, list[str]]:
        """Return the files below a folder in order, their class numbers, and the classes' names.

        Raises:
            DataError: if there is no such folder, if it holds no such files, or if they have not
                so many labels.
        """
        top = os.fspath(directory)
        if not os.path.isdir(top):
            raise DataError("There is no folder {path!r}.", path=top)
        paths = list_images(top, self.follow_links, [], suffixes)
        if not paths:
            raise DataError("{path!r} holds no such files ({suffixes}).", path=top,
                            suffixes=" ".join(suffixes))  # fmt: skip
        if self.labels is None or self.label_mode is None:
            return paths, None, []
        numbers = np.asarray(self.labels)
        if numbers.shape != (len(paths),) or numbers.dtype.kind not in "iu":
            raise DataError("labels is a class number for each of the {n} files in {path!r}; got "
                            "an array {shape} of {dtype}.", n=len(paths), path=top,
                            shape=numbers.shape, dtype=numbers.dtype)  # fmt: skip
        return paths, numbers, [str(label) for label in range(int(numbers.max()) + 1)]

    def parts(self, make: Callable[[np.ndarray, str], Any], files: int, classes: int | None) -> Any:
        """Return what is made of a part of some files, or of both parts; say how many there are.

        Args:
            make: takes the rows and the name of the part, which is empty for all files.
            files: how many there are.
            classes: how many classes they have; None without labels.

        Raises:
            DataError: for a part without a file.
        """
        order = np.arange(files)
        if self.shuffle:
            np.random.RandomState(self.seed).shuffle(order)
        kept = files - int((self.validation_split or 0) * files)
        names = (N_("training"), N_("validation"))
        parts = dict(zip(names, (order[:kept], order[kept:]))) if self.subset else {"": order}
        wanted = [*parts] if self.subset in (None, "both") else [str(self.subset)]
        if self.verbose:
            said = N_("Found {n} files belonging to {classes} classes.")
            said = said if classes is not None else N_("Found {n} files.")
            say(_(said, n=files, classes=classes))
        for part in wanted:
            if not len(parts[part]):
                raise DataError("No files are left for {part}: there are {n:,}, and "
                                "validation_split is {fraction}.", part=_(part), n=files,
                                fraction=self.validation_split)  # fmt: skip
            if self.verbose and part:
                say(_("Using {n} files for {part}.", n=len(parts[part]), part=_(part)))
        made = [make(parts[part], part) for part in wanted]
        return made if self.subset == "both" else made[0]
