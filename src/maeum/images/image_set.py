"""Images and their labels: as files or as one array, to be counted, split and selected from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from maeum.core.checks import check_fraction, check_parts, check_whole
from maeum.core.errors import ConfigError, DataError, nearest
from maeum.core.messages import ngettext
from maeum.core.randomness import check_seed
from maeum.core.wording import some
from maeum.training.class_weights import balanced_class_weights

PARTS = ("train", "validation", "test")


def counted(n: int) -> str:
    """Return so many images, in words."""
    return ngettext("{n:,} image", "{n:,} images", n)


class ImageSet:
    """Images with labels. The images are files, or rows of an array.

    Args:
        paths: one file for each image; or
        pixels: ``(n, height, width, channels)``, or without channels for grey images.
        labels: ``(n,)`` class numbers from 0; None if there are none.
        class_names: the names of the classes, in the order of their numbers.
        parts: the rows that belong to ``"train"``, ``"validation"`` and ``"test"``, if whoever
            made the images divided them already.
        notes: what was noticed while reading, as sentences.
        unlabelled: files that were found beside those with labels, and have none.

    Attributes:
        rows: of a `subset` (and so a part), their numbers in the set that they were taken from.

    Raises:
        DataError: if there are no images, or if the labels do not fit them.

    Example:
        >>> images = ImageSet(pixels=np.zeros((6, 8, 8, 3), np.uint8), labels=[0, 1, 0, 1, 1, 1],
        ...                     class_names=["cat", "dog"])
        >>> images
        <ImageSet: 6 images of 8x8x3; cat 2, dog 4>
        >>> images.class_weights()
        {0: 1.5, 1: 0.75}
    """

    def __init__(
        self,
        paths: Sequence[str] | None = None,
        pixels: Any = None,
        labels: Any = None,
        class_names: Iterable[str] | None = None,
        *,
        parts: dict[str, np.ndarray] | None = None,
        notes: Iterable[str] = (),
        unlabelled: Iterable[str] = (),
    ):
        if (paths is None) == (pixels is None):
            raise ConfigError("An ImageSet has either paths or pixels.")
        self.paths = None if paths is None else [str(path) for path in paths]
        self.pixels = None if pixels is None else _check_pixels(pixels)
        if not len(self):
            raise DataError("There are no images.")
        names = [str(name) for name in class_names or ()]
        self.labels, self.class_names = _check_labels(labels, names, len(self))
        self.parts = parts or {}
        self.notes = list(notes)
        self.unlabelled = [str(path) for path in unlabelled]
        self.rows = np.arange(len(self))

    def __len__(self) -> int:
        return len(self.paths if self.paths is not None else self.pixels)  # type: ignore[arg-type]

    def __repr__(self) -> str:
        size = "" if self.pixels is None else " of " + "x".join(map(str, self.pixels.shape[1:]))
        counts = ", ".join(f"{name} {n:,}" for name, n in self.class_counts.items())
        return f"<ImageSet: {counted(len(self))}{size}; {counts or 'no labels'}>"

    @property
    def class_counts(self) -> dict[str, int]:
        """The number of images of every class, by its name."""
        if self.labels is None:
            return {}
        counts = np.bincount(self.labels, minlength=len(self.class_names))
        return dict(zip(self.class_names, counts.tolist()))

    def class_weights(self) -> dict[int, float]:
        """Return weights that make every class count as much as another, for ``fit``.

        The weight of a class is the mean number of images of a class over its own number
        (scikit-learn's ``"balanced"``); classes without an image have none.
        """
        return {} if self.labels is None else balanced_class_weights(self.labels)

    def subset(self, rows: Any) -> ImageSet:
        """Return some of the images.

        Args:
            rows: their numbers, in the order wanted, or one truth value for each image.

        Raises:
            DataError: if none is left, or for a number that no image has.
        """
        rows = np.asarray(rows)
        if rows.dtype == bool:
            if rows.shape != (len(self),):
                raise DataError("A selection has one truth value for each of the {n} images; got "
                                "shape {shape}.", n=len(self), shape=rows.shape)  # fmt: skip
            rows = np.flatnonzero(rows)
        if rows.size and (rows.min() < -len(self) or rows.max() >= len(self)):
            raise DataError("No image has the number {row}: the set has {images}.", row=rows.max(),
                            images=counted(len(self)))  # fmt: skip
        rows = rows.astype(np.int64)
        paths = None if self.paths is None else [self.paths[row] for row in rows]
        pixels, labels = (None if a is None else a[rows] for a in (self.pixels, self.labels))
        made = ImageSet(paths, pixels, labels, self.class_names)
        made.rows = rows
        return made

    def renumbered(self, classes: Sequence[str]) -> ImageSet:
        """Return the same images with the numbers that their classes have among ``classes``.

        Raises:
            DataError: for a class that is not among them.
        """
        for name in self.class_names:
            if name not in classes:
                raise DataError("The images have the class {name!r}, which the training does not "
                                "know.{hint} Its classes: {classes}.", name=name,
                                hint=nearest(name, classes), classes=some(classes, 8))  # fmt: skip
        numbers = np.array([classes.index(name) for name in self.class_names])
        return ImageSet(self.paths, self.pixels, numbers[self.labels], classes)

    def take(self, number: int, seed: int | None = None) -> ImageSet:
        """Return the first images, or with a seed, some at random in their order."""
        number = min(check_whole(number, "The number of images"), len(self))
        if seed is None:
            return self.subset(np.arange(number))
        drawn = _generator(seed).permutation(len(self))[:number]
        return self.subset(np.sort(drawn))

    def split(
        self,
        validation: float = 0.15,
        test: float = 0.15,
        seed: int = 42,
        stratified: bool = True,
        groups: Any = None,
    ) -> Split:
        """Divide the images into those to train on, to validate with and to test on.

        A file that is listed several times stays in one part. Parts that the folder had already
        (``parts``) are kept: only what is missing is taken from the training part.

        Args:
            validation: fraction of all images, 0 for none.
            test: fraction of all images, 0 for none.
            seed: the same seed gives the same parts.
            stratified: whether every class is divided in these fractions.
            groups: ``(n,)`` names; images of one group (a patient, a scene) stay together.

        Returns:
            A named tuple ``(train, validation, test)``; a part without images is None.

        Raises:
            ConfigError: if the fractions leave nothing to train on.
            DataError: if there are too few images.

        Example:
            >>> images = ImageSet(pixels=np.zeros((20, 4, 4)), labels=[0, 1] * 10)
            >>> [len(part) for part in images.split(validation=0.2, test=0.3)]
            [10, 4, 6]
        """
        check_fraction(validation, "validation")
        check_fraction(test, "test")
        check_parts(test, validation)
        rows = {part: self.parts.get(part, np.empty(0, np.int64)) for part in PARTS}
        if not self.parts:
            rows["train"] = np.arange(len(self))
        fractions = {
            part: fraction
            for part, fraction in [("test", test), ("validation", validation)]
            if fraction and not len(rows[part])
        }
        units, kinds = self._units(groups), self.labels if stratified else None
        rows["train"], taken = _divide(rows["train"], units, kinds, fractions, check_seed(seed))
        rows.update(taken)
        if not len(rows["train"]):
            raise DataError("{images}: too few to keep some aside and have some left.",
                            images=counted(len(self)))  # fmt: skip
        return Split(*(self.subset(rows[part]) if len(rows[part]) else None for part in PARTS))  # type: ignore[arg-type]

    def _units(self, groups: Any) -> np.ndarray:
        """Return a number for each image; those with the same stay together."""
        if groups is None:
            groups = self.paths or np.arange(len(self))
        names = np.asarray(groups)
        if names.shape != (len(self),):
            raise DataError("groups needs one name for each of the {n} images; got shape {shape}.",
                            n=len(self), shape=names.shape)  # fmt: skip
        return np.unique(names, return_inverse=True)[1].reshape(-1)


class Split(NamedTuple):
    """The parts of an `ImageSet`; None where there is none."""

    train: ImageSet
    validation: ImageSet | None
    test: ImageSet | None


def _divide(
    rows: np.ndarray,
    units: np.ndarray,
    labels: np.ndarray | None,
    fractions: dict[str, float],
    seed: int,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Take fractions of some rows, whole units at a time; return the rest and what was taken."""
    firsts = np.unique(units[rows], return_index=True)[1]
    own = units[rows][firsts]
    kinds = np.zeros(len(own), np.int64) if labels is None else labels[rows][firsts]
    generator = _generator(seed)
    taken: dict[str, list] = {part: [] for part in fractions}
    owed = dict.fromkeys(fractions, 0.0)  # what rounding in earlier classes kept back
    for kind in np.unique(kinds):
        members = generator.permutation(own[kinds == kind])
        total = len(members)
        for part, fraction in fractions.items():
            owed[part] += fraction * total
            number = min(round(owed[part]), max(0, len(members) - 1))  # one stays to learn from
            owed[part] -= number
            taken[part].append(members[:number])
            members = members[number:]
    parts = {part: np.concatenate(lists) for part, lists in taken.items()}
    result = {part: rows[np.isin(units[rows], chosen)] for part, chosen in parts.items()}
    gone = np.concatenate([*parts.values(), np.empty(0, np.int64)])
    return rows[~np.isin(units[rows], gone)], result


def _generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=check_seed(seed)))


def _check_pixels(pixels: Any) -> np.ndarray:
    pixels = np.asarray(pixels)
    if pixels.ndim == 3:
        pixels = pixels[..., None]
    if pixels.ndim != 4 or pixels.dtype.kind not in "buif":
        raise DataError("Images are an array of numbers (n, height, width) or (n, height, width, "
                        "channels); got {dtype} of shape {shape}.", dtype=pixels.dtype,
                        shape=pixels.shape)  # fmt: skip
    if pixels.shape[3] not in (1, 3, 4) and pixels.shape[1] in (1, 3, 4):
        raise DataError("The images have shape {shape}, with the channels first. Put them last: "
                        "numpy.moveaxis(pixels, 1, -1).", shape=pixels.shape)  # fmt: skip
    if 0 in pixels.shape[1:]:
        raise DataError("The images have no pixels: their shape is {shape}.", shape=pixels.shape)
    return pixels.astype(np.uint8) if pixels.dtype == bool else pixels


def _check_labels(labels: Any, names: list[str], rows: int) -> tuple[np.ndarray | None, list[str]]:
    """Return class numbers and the names of the classes, from numbers, one-hot rows or texts."""
    if labels is None:
        return None, names
    labels = np.asarray(labels)
    if labels.ndim == 2 and 1 in labels.shape:
        labels = labels.reshape(-1)
    elif labels.ndim == 2 and labels.dtype.kind in "buif":
        if not ((labels.sum(1) == 1).all() and np.isin(labels, (0, 1)).all()):
            raise DataError("Labels in rows are one-hot: a single 1 in each row.")
        labels = labels.argmax(1)
    if labels.shape != (rows,):
        raise DataError("There are {images} and labels of shape {shape}; one label for each image "
                        "was expected.", images=counted(rows), shape=labels.shape)  # fmt: skip
    if labels.dtype.kind in "OUS":
        texts = [str(label) for label in labels]
        names = names or sorted(set(texts))
        unknown = sorted(set(texts) - set(names))
        if unknown:
            raise DataError("The label {label!r} is not among class_names: {names}.",
                            label=unknown[0], names=names)  # fmt: skip
        return np.array([names.index(text) for text in texts], np.int32), names
    if labels.dtype.kind not in "buif" or (labels != np.floor(labels)).any() or labels.min() < 0:
        raise DataError(
            "Labels are class numbers from 0; got {labels} ...", labels=labels[:5].tolist()
        )
    names = names or [str(label) for label in range(int(labels.max()) + 1)]
    if labels.max() >= len(names):
        raise DataError("The label {label} has no name: there are {n} class_names, for 0 to "
                        "{last}.", label=int(labels.max()), n=len(names),
                        last=len(names) - 1)  # fmt: skip
    if len(set(names)) != len(names):
        raise ConfigError("Two classes have the same name: {names}.", names=names)
    return labels.astype(np.int32), names
