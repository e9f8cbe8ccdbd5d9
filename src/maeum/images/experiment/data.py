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
from maeum.images.experiment.options import ImageOptions
from maeum.images.experiment.part import Part
from maeum.images.image_set import PARTS, ImageSet, counted
from maeum.images.loading import unreadable
from maeum.images.pixels import as_bytes
from maeum.images.resizing import Reading
from maeum.images.sources import read_images

_SAMPLE = 60  # files looked at
_OWN_SIZE = 96  # images that all have the same size keep it up to this
_GREY = 12  # so much may red, green and blue differ in a grey image (JPEG rounds)


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


def sample(images: ImageSet) -> tuple[list[tuple[int, int]], bool]:
    """Return the sizes ``(height, width)`` of some images, and whether one of them has colours."""
    if images.pixels is not None:
        some = images.pixels[:: max(1, len(images) // _SAMPLE)].astype(np.float32)
        spread = np.ptp(some[..., :3], axis=-1).max(initial=0)
        limit = _GREY / 255 if some.max(initial=0) <= 1 else _GREY
        return [images.pixels.shape[1:3]], bool(some.shape[-1] > 1 and spread > limit)
    assert images.paths is not None
    from PIL import Image

    sizes, colourful = [], False
    for path in images.paths[:: max(1, len(images) // _SAMPLE)]:
        try:
            with warnings.catch_warnings(), Image.open(path) as image:
                warnings.simplefilter("ignore")
                sizes.append((image.height, image.width))
                if not colourful and image.mode not in ("1", "L", "LA", "I", "I;16", "F"):
                    image.draft("RGB", (64, 64))
                    thumb = np.asarray(image.convert("RGB").resize((32, 32)), np.int16)
                    colourful = bool(np.ptp(thumb, axis=-1).max() > _GREY)
        except Exception:  # it is told, by name, when the images are decoded
            continue
    return sizes or [(64, 64)], colourful


def choose_size(sizes: list[tuple[int, int]], network: str) -> tuple[int, int]:
    """Return the size that all images have, or a common one that few lie below.

    >>> choose_size([(28, 28)], "small"), choose_size([(480, 640), (300, 200)], "small")
    ((28, 28), (96, 96))
    """
    deep = network not in ("small", "residual")  # networks that halve the maps five times
    if len(set(sizes)) == 1 and max(sizes[0]) <= _OWN_SIZE and (min(sizes[0]) >= 32 or not deep):
        return sizes[0]
    usual = float(np.median([min(size) for size in sizes]))
    choices = (32, 64, 96, 128, 160) if deep else (16, 24, 32, 48, 64, 96)
    side = max((c for c in choices if c <= usual), default=choices[0])
    return side, side
