"""Images that are ready: chosen size and colour, decoded, and divided into parts."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.former import formerly
from maeum.core.messages import _
from maeum.core.wording import some
from maeum.images.experiment.choices import choose_size, sample
from maeum.images.experiment.options import ImageOptions
from maeum.images.experiment.part import Part
from maeum.images.image_set import PARTS, ImageSet, counted
from maeum.images.loading import unreadable
from maeum.images.pixels import as_bytes
from maeum.images.resizing import Reading
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
        own = None if test is None else read_quietly(test, labelled=True)
        if own is not None:
            own = as_bytes(own.renumbered(images.class_names), mode)
        groups = None
        if images.paths is not None:  # numbered in the order in which they are listed
            _paths, first, copy = np.unique(images.paths, return_index=True, return_inverse=True)
            groups = first[copy]  # so that a file that is listed twice stays in one part
        test_size = 0 if own else options.test_size
        divided = images.split(options.validation_size, test_size, options.seed, groups=groups)
        sets = divided._replace(test=own or divided.test)
        if sets.test is None:
            raise DataError("{images}: too few to keep some for the test. Add some, or give a "
                            "larger test_size.", images=counted(len(images)))  # fmt: skip
        reading = Reading(size, mode, options.resize)
        parts: dict[str, Any] = {
            name: found and Part.read(found, reading, options.errors)
            for name, found in sets._asdict().items()
        }
        train = parts["train"]
        _check_classes(train.images, train.skipped)
        return cls(
            source=_("images") if isinstance(source, ImageSet) else Path(source).resolve().name,
            classes=images.class_names,
            **parts,
            shape=train.loader.image_shape,
            options=options.resolved(len(train), size, "rgb" if mode == "rgb" else "grey"),
            notes=[*images.notes, *_told(parts)],
            seconds={"preparing": time.perf_counter() - began},
        )

    @property
    def parts(self) -> dict[str, Part]:
        """The parts that there are, by name."""
        found = ((name, getattr(self, name)) for name in PARTS)
        return {name: part for name, part in found if part is not None}

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


def _check_classes(images: ImageSet, skipped: Sequence[Any] = ()) -> None:
    """Refuse what has one class only; some can be lost where images turn out to be broken."""
    there = [name for name, n in images.class_counts.items() if n]
    if len(there) < 2:
        said = _("All images to learn from are of the class {name!r}; at least two classes are "
                 "needed.", name=there[0])  # fmt: skip
        lost = _(" {images} could not be read.", images=counted(len(skipped)))
        raise DataError(said + (lost if skipped else ""))


def _told(parts: dict[str, Part]) -> list[str]:
    """Say what was skipped, and which classes are too small to be judged."""
    notes: dict[str, None] = {}
    there = [part for part in parts.values() if part]
    skipped = [pair for part in there for pair in part.skipped]
    if skipped:
        named = [(os.path.basename(path), why) for path, why in skipped]
        notes[unreadable(named, sum(map(len, there)) + len(skipped), 3)] = None
    for part in there:
        notes |= dict.fromkeys(part.loader.remarks)
    few = [name for name, n in parts["test"].images.class_counts.items() if not n]
    if few:
        said = _("Of these classes no image is left to test on: {names}.", names=some(few, 5))
        notes[said] = None
    return list(notes)
