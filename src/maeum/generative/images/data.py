"""Images made ready for a network that makes more of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.messages import N_, _
from maeum.core.randomness import generator
from maeum.core.wording import some
from maeum.experiment.events import work
from maeum.generative.gan_figures import SampleHistory
from maeum.generative.images.judging import FEWEST, Judged
from maeum.generative.images.network import unit
from maeum.generative.images.options import SIDES, GenerateOptions, check_size, suits
from maeum.images.experiment.data import read_quietly, sample, tell_skipped
from maeum.images.experiment.part import LoadedRows, Part
from maeum.images.formats import SUFFIXES
from maeum.images.image_set import ImageSet, counted
from maeum.images.pixels import as_bytes
from maeum.images.resizing import Reading

MOMENTS = 12  # of a training, of which samples are kept
SHOWN = 24  # samples of each
_AT_ONCE = 2**28  # numbers of images to train on, up to which all of them are held as floats
_FEW = 100  # images with which samples stay close to what was learnt from


@dataclass
class GenerateData:
    """Images made ready.

    Attributes:
        source: the name of the folder or file.
        train: the images to learn from.
        held_out: those that what is made is judged by; None if there are too few.
        classes: the names of the classes; empty without labels.
        shape: ``(height, width, channels)`` of each image.
        options: the choices, resolved.
        notes: what was recognised and skipped, as sentences.
        seconds: how long it took.
        skipped: the files that could not be read, each with the reason.
        kept: samples through the time of the training.
        judged: how good samples are in the end; None until then, or if nothing can be said.
    """

    source: str
    train: Part
    held_out: Part | None
    classes: list[str]
    shape: tuple[int, int, int]
    options: GenerateOptions
    notes: list[str]
    seconds: dict[str, float]
    kept: SampleHistory
    skipped: list[tuple[str, str]] = field(default_factory=list)
    judged: Judged | None = None

    @classmethod
    def prepare(
        cls, source: ImageSet | str | os.PathLike, options: GenerateOptions | None = None
    ) -> GenerateData:
        """Read images, bring them to one size, and keep some aside.

        Args:
            source: a set, or the path of one; see `maeum.images.read_images`. A folder is searched
                at any depth.
            options: the choices.

        Raises:
            DataError: for a single image, or if most of them are unreadable; for classes without
                labels.
            ConfigError: for a size that the networks do not make.
            ImageError: for an image that cannot be read, with ``errors="raise"``.
        """
        options = options or GenerateOptions()
        began = time.perf_counter()
        images = read(source, options.conditional)
        name = _("images") if isinstance(source, ImageSet) else Path(source).resolve().name
        sizes, colourful = sample(images)
        mode = options.color_mode or ("rgb" if colourful else "grayscale")
        size = options.size or choose_size(sizes)
        check_size(size, options.filters)
        work(_("Reading {images} ...", images=counted(len(images))))
        reading = Reading(size, mode, options.resize)
        whole = Part.read(as_bytes(images, mode), reading, options.errors)
        notes = [*images.notes, *tell_skipped([whole])]
        _check_count(whole, name)
        classes = _keep_classes(whole.images)
        if options.conditional and len(classes) < 2:
            raise DataError("--conditional learns of which class an image is, and there are no "
                            "labels of two classes. Put the images of each class into a folder "
                            "with its name, or leave it out.")  # fmt: skip
        rows, others = _divided(images, whole, options)
        train, held_out = whole.of(rows), whole.of(others) if len(others) else None
        options = options.resolved(len(train), size, "rgb" if mode == "rgb" else "grey")
        return cls(
            source=name,
            train=train,
            held_out=held_out,
            classes=classes,
            shape=train.loader.image_shape,
            options=options,
            notes=[*notes, *_told(sizes, size, len(train), held_out, options)],
            seconds={N_("preparing"): time.perf_counter() - began},
            kept=SampleHistory(SHOWN, every=-(-(options.epochs or 1) // MOMENTS)),
            skipped=sorted({*whole.loader.skipped}),
        )

    @property
    def sizes(self) -> dict[str, int]:
        """The number of images in each part."""
        held_out = {"test": len(self.held_out)} if self.held_out is not None else {}
        return {"train": len(self.train), **held_out}

    @property
    def conditions(self) -> int | None:
        """The number of classes, if they are learnt, too."""
        return len(self.classes) if self.options.conditional else None

    def to_fit(self) -> dict[str, Any]:
        """Return what ``fit`` takes: all images, or batches of more than the memory holds."""
        size = self.options.batch_size or 1
        labels = None if self.conditions is None else self.train.y
        if len(self.train) * np.prod(self.shape) > _AT_ONCE:
            return {"x": UnitRows(self.train, size, self.options.seed, labels)}
        x = unit(self.train.pixels(np.arange(len(self.train))))
        return {"x": x, "batch_size": size} | ({} if labels is None else {"y": labels})

    def to_check(self) -> Any:
        """Return what ``validation_data`` takes; None if nothing was held out."""
        if self.held_out is None:
            return None
        x = unit(self.held_out.pixels(np.arange(len(self.held_out))))
        return x if self.conditions is None else (x, self.held_out.y)


class UnitRows(LoadedRows):
    """Images in batches, with pixels from 0 to 1, and labels if there are any."""

    def __init__(self, part: Part, batch_size: int, seed: int, labels: np.ndarray | None):
        super().__init__(part.loader, part.which, batch_size, True, seed)
        self.labels = labels

    def _begin(self, rows: np.ndarray, epoch: int) -> Callable[[], Any]:
        wait = super()._begin(rows, epoch)

        def finish() -> Any:
            batch = wait()
            x = unit(batch[0] if isinstance(batch, tuple) else batch)
            return x if self.labels is None else (x, self.labels[rows])

        return finish


def read(source: Any, conditional: bool = False) -> ImageSet:
    """Return images, with labels if all of them have one (or if they are asked for).

    Raises:
        DataError: if there are none, or if nothing here reads them.
    """
    path = Path(source) if isinstance(source, (str, os.PathLike)) else None
    if path is None or not path.is_dir():
        one = path is not None and path.is_file() and path.name.lower().endswith(SUFFIXES)
        return read_quietly(source, labelled=False if one else None)  # type: ignore[arg-type]
    every = read_quietly(path, labelled=False)
    try:
        labelled = read_quietly(path, labelled=True)
    except DataError:
        if conditional:
            raise
        return every
    if conditional or len(labelled) == len(every):
        return labelled
    every.notes.append(_("{images} are in no class folder, so that labels are not used.",
                         images=counted(len(every) - len(labelled))))  # fmt: skip
    return every


def choose_size(sizes: list[tuple[int, int]]) -> tuple[int, int]:
    """Return the size that all images have, if it suits the networks, or a square near it.

    >>> choose_size([(28, 28)]), choose_size([(480, 640), (300, 200)]), choose_size([(40, 41)])
    ((28, 28), (64, 64), (32, 32))
    """
    if len(set(sizes)) == 1 and suits(sizes[0]):
        return sizes[0]
    usual = float(np.median([min(size) for size in sizes]))
    side = max((side for side in SIDES if side <= usual), default=SIDES[0])
    return side, side


def _check_count(whole: Part, name: str) -> None:
    if len(whole) < 2:
        raise DataError("{name} has {images}. A network learns what images have in common: give "
                        "it at least two, better hundreds.", name=name,
                        images=counted(len(whole)))  # fmt: skip


def _keep_classes(images: ImageSet) -> list[str]:
    """Number the classes that have images from 0 on, and return their names."""
    if images.labels is None:
        return []
    there, numbers = np.unique(images.labels, return_inverse=True)
    names = [images.class_names[k] for k in there.tolist()]
    images.labels, images.class_names = numbers.reshape(-1).astype(np.int32), names
    return names


def _divided(
    images: ImageSet, whole: Part, options: GenerateOptions
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the images to learn from, and of those held out, in random order."""
    count = len(whole)
    given = [images.parts[part] for part in ("validation", "test") if part in images.parts]
    if given:
        held = np.flatnonzero(np.isin(whole.which, np.concatenate(given)))
    elif round(options.validation_size * count) >= 2 * FEWEST:
        part = whole.images.split(options.validation_size, 0, options.seed).validation
        held = part.rows if part is not None else np.empty(0, np.int64)
    else:
        held = np.empty(0, np.int64)
    if not 2 * FEWEST <= len(held) < count:
        held = held[:0]
    learnt = np.setdiff1d(np.arange(count), held)
    return learnt, generator(options.seed, "held out").permutation(held)


def _told(
    sizes: list[tuple[int, int]],
    size: tuple[int, int],
    rows: int,
    held_out: Part | None,
    options: GenerateOptions,
) -> list[str]:
    """Say what may surprise."""
    notes = []
    small = sorted({f"{w}x{h}" for h, w in sizes if h < size[0] or w < size[1]})
    if small:
        notes.append(_("Some images are smaller than {size} pixels ({sizes}): they were enlarged, "
                       "which blurs them. --size chooses another size.",
                       size="x".join(map(str, size)), sizes=some(small)))  # fmt: skip
    if rows < _FEW:
        notes.append(_("{images} are few: what is made will be close to one or another of them. "
                       "Hundreds are better, thousands good.", images=counted(rows)))  # fmt: skip
    if held_out is None and options.validation_size:
        notes.append(_("Too few images to keep some aside: all are learnt from, and there are no "
                       "figures of quality. They need {images} aside (validation_size).",
                       images=counted(2 * FEWEST)))  # fmt: skip
    return notes
