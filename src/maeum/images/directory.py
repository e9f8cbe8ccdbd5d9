"""`image_dataset_from_directory`: a folder of images as batches, with Keras's arguments."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import N_, _
from maeum.core.randomness import next_seed
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
    check_arguments(
        labels, label_mode, class_names, validation_split, subset, shuffle, seed, data_format
    )
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ConfigError("Only one of crop_to_aspect_ratio and pad_to_aspect_ratio can be chosen.")
    if batch_size is None:
        raise ConfigError("batch_size is a whole number; a batch of one image has batch_size=1.")
    seed = next_seed() if seed is None else seed
    if label_mode is not None and isinstance(labels, str):
        found = read_folder(
            directory, class_names, follow_links=follow_links, suffixes=_SUFFIXES, divided=False
        )
    else:
        labels = None if label_mode is None else labels
        paths, numbers, names = list_files(directory, labels, follow_links, _SUFFIXES)
        found = ImageSet(paths, labels=numbers, class_names=names)

    def loader(rows: np.ndarray, part: str) -> ImageLoader:
        return ImageLoader(
            found.subset(rows), image_size, batch_size, color_mode=color_mode,
            resize="crop" if crop_to_aspect_ratio else "pad" if pad_to_aspect_ratio else "stretch",
            interpolation=interpolation, label_mode=label_mode, seed=seed, errors=errors,
            shuffle=shuffle and part != "validation", cache=cache, dtype=dtype,
        )  # fmt: skip

    classes = None if found.labels is None else len(found.class_names)
    return make_parts(loader, len(found), classes, shuffle, seed, validation_split, subset, verbose)


def make_parts(
    make: Callable[[np.ndarray, str], Any],
    files: int,
    classes: int | None,
    shuffle: bool,
    seed: int,
    validation_split: float | None,
    subset: str | None,
    verbose: bool,
) -> Any:
    """Return what is made of the rows of a part of some files, or of both parts; say how many.

    Args:
        make: takes the rows and the name of the part, which is empty for all files.
        files: how many there are.
        classes: how many classes they have; None without labels.
        shuffle, seed, validation_split, subset, verbose: see `image_dataset_from_directory`.

    Raises:
        DataError: for a part without a file.
    """
    order = np.arange(files)
    if shuffle:
        np.random.RandomState(seed).shuffle(order)
    kept = files - int((validation_split or 0) * files)
    names = (N_("training"), N_("validation"))
    parts = dict(zip(names, (order[:kept], order[kept:]))) if subset else {"": order}
    wanted = [*parts] if subset in (None, "both") else [str(subset)]
    if verbose:
        said = N_("Found {n} files belonging to {classes} classes.")
        print(_(said if classes is not None else N_("Found {n} files."), n=files, classes=classes))
    for part in wanted:
        if not len(parts[part]):
            raise DataError("No files are left for {part}: there are {n:,}, and validation_split "
                            "is {fraction}.", part=_(part), n=files,
                            fraction=validation_split)  # fmt: skip
        if verbose and part:
            print(_("Using {n} files for {part}.", n=len(parts[part]), part=_(part)))
    made = [make(parts[part], part) for part in wanted]
    return made if subset == "both" else made[0]


def check_arguments(
    labels: Any,
    label_mode: str | None,
    class_names: Any,
    validation_split: float | None,
    subset: str | None,
    shuffle: bool,
    seed: int | None,
    data_format: str | None,
) -> None:
    """Check what a folder of files is read with, or raise `ConfigError`."""
    check_choice(label_mode, LABEL_MODES, "label_mode")
    check_choice(subset, ("training", "validation", "both", None), "subset")
    if isinstance(labels, str) and labels != "inferred":
        raise ConfigError('labels is "inferred", None or a list of class numbers; got {labels!r}.',
                          labels=labels)  # fmt: skip
    if class_names is not None and not isinstance(labels, str):
        raise ConfigError('class_names goes together with labels="inferred" only.')
    if data_format not in ("channels_last", None):
        raise ConfigError(
            'data_format is "channels_last" only; got {data_format!r}.', data_format=data_format
        )
    if validation_split and not 0 < validation_split < 1:
        raise ConfigError("validation_split is a fraction between 0 and 1; got "
                          "{validation_split!r}.", validation_split=validation_split)  # fmt: skip
    if bool(validation_split) != (subset is not None):
        raise ConfigError("validation_split and subset go together: give both, or neither.")
    if validation_split and shuffle and seed is None and subset != "both":
        raise ConfigError("Without a seed, the training and the validation subset would overlap. "
                            "Give the same seed to both calls, or take both at once with "
                            'subset="both".')  # fmt: skip


def list_files(
    directory: str | os.PathLike, labels: Any, follow_links: bool, suffixes: tuple[str, ...]
) -> tuple[list[str], np.ndarray | None, list[str]]:
    """Return the files below a folder in order, their class numbers, and the classes' names.

    Args:
        directory: the folder.
        labels: a class number for each file, or None for none.
        follow_links: whether links to folders are followed.
        suffixes: of the files.

    Raises:
        DataError: if there is no such folder, if it holds no such files, or if they have not so
            many labels.
    """
    top = os.fspath(directory)
    if not os.path.isdir(top):
        raise DataError("There is no folder {path!r}.", path=top)
    paths = list_images(top, follow_links, [], suffixes)
    if not paths:
        raise DataError("{path!r} holds no such files ({suffixes}).", path=top,
                        suffixes=" ".join(suffixes))  # fmt: skip
    if labels is None:
        return paths, None, []
    numbers = np.asarray(labels)
    if numbers.shape != (len(paths),) or numbers.dtype.kind not in "iu":
        raise DataError("labels is a class number for each of the {n} files in {path!r}; got an "
                        "array {shape} of {dtype}.", n=len(paths), path=top, shape=numbers.shape,
                        dtype=numbers.dtype)  # fmt: skip
    return paths, numbers, [str(label) for label in range(int(numbers.max()) + 1)]
