"""Images that are ready: chosen size and colour, decoded, and divided into parts."""

from __future__ import annotations

import os
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.former import formerly
from maeum.core.messages import _, ngettext
from maeum.core.wording import some
from maeum.images.experiment.choices import choose_size, sample
from maeum.images.experiment.options import COLORS, ImageOptions
from maeum.images.experiment.part import Part
from maeum.images.image_set import PARTS, ImageSet
from maeum.images.loading import ImageLoader
from maeum.images.pixels import as_bytes
from maeum.images.reading import shown
from maeum.images.sources import read_images


@dataclass
class ImageData:
    """Images that are ready to be learnt.

    Attributes:
        source: the name of the folder or file.
        classes: the names of the classes.
        train, validation, test: the parts; ``validation`` may be None.
        shape: ``(height, width, channels)`` of each image.
        options: the choices, with those made by the images.
        notes: what was recognised and skipped, as sentences.
        seconds: how long it took.
    """

    source: str
    classes: list[str]
    train: Part
    validation: Part | None
    test: Part
    shape: tuple[int, int, int]
    options: ImageOptions
    notes: list[str]
    seconds: dict[str, float]

    @classmethod
    @formerly(pictures="source")
    def prepare(
        cls,
        source: ImageSet | str | os.PathLike,
        options: ImageOptions | None = None,
        test: ImageSet | str | os.PathLike | None = None,
    ) -> ImageData:
        """Read images, divide and decode them.

        Args:
            source: a set, or the path of one; see `read_images`.
            options: the choices.
            test: images of their own to test on, with the same classes.

        Raises:
            DataError: if there is nothing to learn: no labels, one class only, too few images.
            ImageError: for an image that cannot be read, with ``errors="raise"``.
        """
        options = options or ImageOptions()
        began = time.perf_counter()
        images = read_quietly(source, labelled=True)
        _check_classes(images)
        sizes, colourful = sample(images)
        mode = options.color_mode or ("rgb" if colourful or options.weights else "grayscale")
        size = options.size or choose_size(sizes, options.network)
        images = as_bytes(images, mode)
        own = None if test is None else as_bytes(_test_set(test, images.class_names), mode)
        rows = _divide(images, options, 0 if own else options.test_size)
        sets = {part: images.subset(found) for part, found in rows.items()}
        if own:
            sets["test"] = own
        if "test" not in sets:
            raise DataError(
                ngettext(
                    "{n:,} image is too little to keep some for the test. Add some, or give a "
                    "larger test_size.",
                    "{n:,} images are too few to keep some for the test. Add some, or give a "
                    "larger test_size.",
                    len(images),
                )
            )
        parts: dict[str, Any] = dict.fromkeys(PARTS)
        for name, found in sets.items():
            parts[name] = _decode(found, size, mode, options)
            if images.pixels is not None and found is not own:
                parts[name].places = rows[name]
        _check_learnable(parts["train"])
        notes = [*images.notes, *_told(parts)]
        color = "grey" if mode == COLORS["grey"] else "rgb"
        return cls(
            source=Path(source).resolve().name
            if isinstance(source, (str, os.PathLike))
            else _("images"),
            classes=images.class_names,
            **parts,
            shape=parts["train"].loader.image_shape,
            options=options.resolved(len(parts["train"]), size, color),
            notes=notes,
            seconds={"preparing": time.perf_counter() - began},
        )

    @property
    def parts(self) -> dict[str, Part]:
        """The parts that there are, by name."""
        found = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: part for name, part in found.items() if part is not None}

    @property
    def sizes(self) -> dict[str, int]:
        """The number of images in each part."""
        return {name: len(part) for name, part in self.parts.items()}

    @property
    def skipped(self) -> list[tuple[str, str]]:
        """The files that could not be read, each with the reason."""
        return sorted(pair for part in self.parts.values() for pair in part.skipped)

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """The number of images of each class, by part."""
        return {name: part.images.class_counts for name, part in self.parts.items()}

    @property
    def totals(self) -> dict[str, int]:
        """The number of images of each class, in all parts together."""
        return {name: sum(part[name] for part in self.counts.values()) for name in self.classes}


def read_quietly(source: Any, labelled: bool) -> ImageSet:
    """Read images without warnings: what is warned of stands in their notes, too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return read_images(source, labelled=labelled)


def _divide(images: ImageSet, options: ImageOptions, test: float) -> dict[str, np.ndarray]:
    """Return the rows of each part that there is; a file that is listed twice stays in one."""
    # The set of the rows' numbers is divided, since the parts of a set do not tell their rows.
    places = [f"{row:012}" for row in range(len(images))]
    _places, first, group = np.unique(
        images.paths or places, return_index=True, return_inverse=True
    )
    stand_in = ImageSet(
        places, labels=images.labels, class_names=images.class_names, parts=images.parts
    )
    groups = first[group]
    split = stand_in.split(options.validation_size, test, seed=options.seed, groups=groups)
    return {
        name: np.array([int(place) for place in part.paths or ()])
        for name, part in split._asdict().items()
        if part is not None
    }


def _check_classes(images: ImageSet) -> None:
    there = [name for name, n in images.class_counts.items() if n]
    if len(there) < 2:
        raise DataError(
            _(
                "All images are of the class {name!r}; at least two classes are needed.",
                name=there[0],
            )
        )


def _check_learnable(train: Part) -> None:
    """Classes can be lost when their images turn out to be broken."""
    there = [name for name, n in train.images.class_counts.items() if n]
    if len(there) < 2:
        said = _("Only the class {name!r} is left to train on; at least two are needed.",
                 name=there[0])  # fmt: skip
        if train.skipped:
            said += ngettext(
                " {n:,} image could not be read.",
                " {n:,} images could not be read.",
                len(train.skipped),
            )
        raise DataError(said)


def _test_set(test: ImageSet | str | os.PathLike, classes: list[str]) -> ImageSet:
    """Return the images to test on, with the class numbers of the training."""
    images = read_quietly(test, labelled=True)
    unknown = [name for name in images.class_names if name not in classes]
    if unknown:
        raise DataError(
            _(
                "The images to test on have the class {name!r}, and those to train on do not: "
                "{classes}.",
                name=unknown[0],
                classes=some(classes, 8),
            )
        )
    numbers = np.array([classes.index(name) for name in images.class_names])
    return ImageSet(images.paths, images.pixels, numbers[images.labels], classes)


def _decode(images: ImageSet, size: tuple[int, int], mode: str, options: ImageOptions) -> Part:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is warned of stands in `skipped`
        loader = ImageLoader(
            images, size, 256, color_mode=mode, resize=options.resize, errors=options.errors
        )
        x = loader.arrays()[0] if loader.fits_memory else None
        readable = images if images.paths is None else loader.readable()
        return Part(readable, loader, x, loader.skipped)


def _told(parts: dict[str, Part | None]) -> list[str]:
    """Say what was skipped, and which classes are too small to be judged."""
    notes: dict[str, None] = {}
    skipped = [pair for part in parts.values() if part for pair in part.skipped]
    if skipped:
        listed = some((f"{shown(os.path.basename(p))} ({why})" for p, why in skipped), 3)
        said = ngettext(
            "{n:,} image skipped, as it cannot be read: {files}.",
            "{n:,} images skipped, as they cannot be read: {files}.",
            len(skipped),
            files=listed,
        )
        notes[said] = None
    for part in parts.values():
        notes |= dict.fromkeys(part.loader.remarks if part else ())
    train, test = parts["train"], parts["test"]
    if train and test:
        few = [name for name, n in test.images.class_counts.items() if not n]
        if few:
            said = _("Of these classes no image is left to test on: {names}.", names=some(few, 5))
            notes[said] = None
    return list(notes)
