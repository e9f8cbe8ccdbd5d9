"""Images that are ready: chosen size and colour, decoded, and divided into parts."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.former import formerly
from maeum.core.messages import N_, _
from maeum.core.wording import some
from maeum.experiment.events import work
from maeum.experiment.seen import Seen
from maeum.images.experiment.copies import find_copies, mirrors_alike
from maeum.images.experiment.division import divide, names_of, tell_copies, without_copies
from maeum.images.experiment.options import ImageOptions
from maeum.images.experiment.part import Part
from maeum.images.image_set import PARTS, ImageSet, counted
from maeum.images.loading import unreadable
from maeum.images.pixels import as_bytes
from maeum.images.resizing import Reading
from maeum.images.sources import read_images

_SAMPLE = 60  # files looked at
_FEW_TO_TEST = 5
_OWN_SIZE = 96  # images that all have the same size keep it up to this
_SQUARE = 1.6  # images that are less stretched are cut to squares
_LONGEST = 8.0  # and none are taken for longer
_GREY = 12  # so much may red, green and blue differ in a grey image (JPEG rounds)


@dataclass
class ImageData:
    """Images that are ready to be learnt.

    Attributes:
        source: the name of the folder or file.
        classes: the names of the classes.
        train, validation, test: the parts; ``validation`` may be None. Of a cross-validation,
            both are all images: those in ``test`` in the order in which they are tested.
        shape: ``(height, width, channels)`` of each image.
        options: the choices, with those made by the images.
        notes: what was recognised and skipped, as sentences.
        seconds: how long it took.
        skipped: the files that could not be read, each with the reason.
        unlabelled: the files that are predicted, since they have no labels.
        divisions: of a cross-validation, the numbers of the images of ``train`` to train on and
            to test on, each; empty for none.
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
    skipped: list[tuple[str, str]] = field(default_factory=list)
    unlabelled: list[str] = field(default_factory=list)
    divisions: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)

    @classmethod
    @formerly(pictures="source")
    def prepare(
        cls,
        source: ImageSet | str | os.PathLike,
        options: ImageOptions | None = None,
        test: ImageSet | str | os.PathLike | None = None,
    ) -> ImageData:
        """Read images, decode and divide them.

        Args:
            source: a set, or the path of one; see `read_images`.
            options: the choices.
            test: images of their own to test on, with the same classes.

        Raises:
            DataError: if there is nothing to learn: no labels, one class only, too few images, or
                most of them unreadable.
            ImageError: for an image that cannot be read, with ``errors="raise"``.
        """
        options = options or ImageOptions()
        began = time.perf_counter()
        images = read_quietly(source, labelled=True)
        _check_classes(images)
        sizes, colourful = sample(images)
        mode = options.color_mode or ("rgb" if colourful or options.weights else "grayscale")
        size = options.size or choose_size(sizes, options.network)
        reading = Reading(size, mode, options.resize)
        work(_("Reading {images} ...", images=counted(len(images))))
        images = as_bytes(images, mode)
        whole = Part.read(images, reading, options.errors)
        own = None
        if test is not None:
            others = read_quietly(test, labelled=True).renumbered(images.class_names)
            own = Part.read(as_bytes(others, mode), reading, options.errors)
        notes = [*images.notes, *tell_skipped([whole, own] if own else [whole])]
        _check_classes(whole.images, whole.loader.skipped)
        parts, divisions, told = _divided(images, whole, own, options)
        if not own or divisions:
            own = whole.of(parts["test"])
        if not divisions:
            told += _untested(own)
        validation, train = parts["validation"], whole.of(parts["train"])
        if images.unlabelled:
            told.append(_("{images} without labels: not learnt, but predicted (predictions.csv "
                          "in the results).", images=counted(len(images.unlabelled))))  # fmt: skip
        color = "rgb" if mode == "rgb" else "grey"
        mirrored = mirrors_alike(train) if options.flip is None else None
        return cls(
            source=_("images") if isinstance(source, ImageSet) else Path(source).resolve().name,
            classes=images.class_names,
            train=train,
            validation=whole.of(validation) if len(validation) else None,
            test=own,
            shape=train.loader.image_shape,
            options=options.resolved(len(train), size, color, mirrored),
            notes=[*notes, *told],
            seconds={N_("preparing"): time.perf_counter() - began},
            skipped=sorted({*whole.loader.skipped, *own.loader.skipped}),
            unlabelled=images.unlabelled,
            divisions=divisions,
        )

    def fold(self, train: np.ndarray, test: np.ndarray) -> ImageData:
        """Return the data of one network of a cross-validation."""
        return replace(self, train=self.train.of(train), validation=None,
                       test=self.train.of(test), divisions=[])  # fmt: skip

    @property
    def seen(self) -> Seen:
        """What the network is trained on, told from what it is tested on."""
        learnt = [part.hashes for part in (self.train, self.validation) if part is not None]
        tested = self.test.hashes[: 0 if self.divisions else None]
        return Seen.of(np.concatenate(learnt), tested)

    @property
    def parts(self) -> dict[str, Part]:
        """The parts that there are, by name; of a cross-validation, all images are one."""
        if self.divisions:
            return {"train": self.train}
        found = ((name, getattr(self, name)) for name in PARTS)
        return {name: part for name, part in found if part is not None}

    @property
    def sizes(self) -> dict[str, int]:
        """The number of images in each part."""
        return {name: len(part) for name, part in self.parts.items()}

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """The number of images of each class, by part."""
        return {name: part.images.class_counts for name, part in self.parts.items()}

    @property
    def totals(self) -> dict[str, int]:
        """The number of images of each class, in all parts together."""
        return {name: sum(part[name] for part in self.counts.values()) for name in self.classes}


def _divided(
    images: ImageSet, whole: Part, own: Part | None, options: ImageOptions
) -> tuple[dict[str, np.ndarray], list[tuple[np.ndarray, np.ndarray]], list[str]]:
    """Return the numbers of the images of each part, the folds, and what is told of copies."""
    n, labels = len(whole), whole.y
    blocks, name = whole.blocks(), names_of(whole.images)
    if own is not None:
        other = names_of(own.images)
        blocks, labels = chain(blocks, own.blocks()), np.concatenate([labels, own.y])
        called = lambda row: name(row) if row < n else other(row - n)  # noqa: E731
    else:
        called = name
    work(_("Looking for copies among the images ..."))
    copies = find_copies(blocks, labels)
    whole.hashes = copies.hashes[:n]
    notes = tell_copies(copies.alike, labels, images.class_names, called)
    found = divide(images, whole.images.rows, (copies.same[:n], copies.alike[:n]), own is not None,
                   options)  # fmt: skip
    parts = found.parts
    if own is not None:
        own.hashes = copies.hashes[n:]
    if own is not None or (images.parts and not found.folds):
        tested = np.arange(n, n + len(own)) if own is not None else parts["test"]
        parts, told = without_copies({**parts, "test": tested}, copies.alike, labels)
        notes += told
    return parts, found.folds, [*notes, *found.notes]


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


def tell_skipped(parts: list[Part]) -> list[str]:
    """Say what was skipped, and refuse if that is most of them."""
    notes: dict[str, None] = {}
    for part in parts:
        skipped, total = part.loader.skipped, len(part.loader.images)
        named = [(os.path.join(*Path(path).parts[-2:]), why) for path, why in skipped]
        if len(skipped) > total / 2:
            raise DataError("More than half of the images cannot be read: {files}. Repair or "
                            "remove them.", files=unreadable(named, total, 3))  # fmt: skip
        if skipped:
            notes[unreadable(named, total, 3)] = None
        notes |= dict.fromkeys(part.loader.remarks)
    return list(notes)


def _untested(test: Part) -> list[str]:
    """Say which classes cannot be judged, or hardly."""
    counts = test.images.class_counts
    none = [name for name, n in counts.items() if not n]
    few = [f"{name} ({n})" for name, n in counts.items() if 0 < n < _FEW_TO_TEST]
    notes = []
    if none:
        said = _("Of these classes no image is left to test on: {names}.", names=some(none, 5))
        notes.append(said)
    if few:
        notes.append(_("Of these classes there are only a few images to test on, so what is "
                       "measured on them is largely chance: {names}.",
                       names=some(few, 5)))  # fmt: skip
    return notes


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

    It is a square unless most images are much wider than high, or higher than wide: the middle of
    a line of text is not the line.

    >>> choose_size([(28, 28)], "small"), choose_size([(480, 640), (300, 200)], "small")
    ((28, 28), (96, 96))
    >>> choose_size([(60, 240), (50, 210)], "small")
    (32, 128)
    """
    deep = network not in ("small", "residual")  # networks that halve the maps five times
    if len(set(sizes)) == 1 and max(sizes[0]) <= _OWN_SIZE and (min(sizes[0]) >= 32 or not deep):
        return sizes[0]
    usual = float(np.median([min(size) for size in sizes]))
    choices = (32, 64, 96, 128, 160) if deep else (16, 24, 32, 48, 64, 96)
    long = float(np.median([width / height for height, width in sizes]))
    stretch = min(max(long, 1 / long), _LONGEST)
    if stretch < _SQUARE:
        stretch = 1.0
    fitting = [c for c in choices if c <= usual and c * c * stretch <= choices[-1] ** 2]
    side = max(fitting, default=choices[0])
    other = 8 * round(side * stretch / 8)
    return (side, other) if long >= 1 else (other, side)
