"""Pictures that are ready: chosen size and colour, decoded, and divided into parts."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.wording import plural, some
from maeum.images.experiment.options import COLORS, ImageOptions
from maeum.images.experiment.sources import as_bytes, read_pictures
from maeum.images.image_set import PARTS, ImageSet
from maeum.images.loading import ImageLoader
from maeum.images.reading import shown

_SAMPLE = 60  # files looked at to choose size and colour
_OWN_SIZE = 96  # pictures that all have the same size keep it up to this
_GREY = 12  # so much may red, green and blue differ in a grey picture (JPEG rounds)


@dataclass
class Part:
    """The pictures to train on, to validate with or to test on, without those unreadable.

    Attributes:
        images: their files or pixels, and labels.
        loader: makes batches of them.
        x: ``(n, height, width, channels)`` bytes, or None if they are too many for the memory.
        skipped: files that could not be read, each with the reason.
        places: where each stood in the file of numbers that it comes from, from 0.
    """

    images: ImageSet
    loader: ImageLoader
    x: np.ndarray | None
    skipped: list[tuple[str, str]] = field(default_factory=list)
    places: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.images)

    @property
    def y(self) -> np.ndarray:
        """The class numbers ``(n,)``."""
        assert self.images.labels is not None
        return self.images.labels

    def pictures(self, rows: Any) -> np.ndarray:
        """Return the pixels of some of the pictures."""
        rows = np.asarray(rows, np.int64)
        if self.x is not None:
            return self.x[rows]
        return self._again(self.images.subset(rows), len(rows)).arrays()[0]

    def blocks(self) -> Iterator[np.ndarray]:
        """Yield the pixels of all pictures, some hundred at a time."""
        if self.x is None:
            for x, _ in self._again(self.images, 256):
                yield x
            return
        for start in range(0, len(self.x), 256):
            yield self.x[start : start + 256]

    def to_fit(self, batch_size: int, seed: int) -> tuple[Any, Any]:
        """Return ``x`` and ``y`` for ``fit``; a source of batches and None if they are too many."""
        if self.x is not None:
            return self.x, self.y
        return self._again(self.images, batch_size, shuffle=True, seed=seed), None

    def to_check(self) -> Any:
        """Return what ``validation_data`` and ``predict`` take, in the order of the pictures."""
        return (self.x, self.y) if self.x is not None else self._again(self.images, 256)

    def name(self, row: int) -> str:
        """Return how a picture is called: its file, or its place."""
        if self.images.paths is None:
            return f"picture {int(row if self.places is None else self.places[row]) + 1}"
        return os.path.basename(self.images.paths[row])

    def _again(self, images: ImageSet, batch_size: int, **options: Any) -> ImageLoader:
        like = self.loader
        return ImageLoader(
            images,
            like.image_shape[:2],
            batch_size,
            color_mode=like.color_mode,
            resize=like.resize,
            errors="raise",
            **options,
        )


@dataclass
class ImageData:
    """Pictures that are ready to be learnt.

    Attributes:
        source: the name of the folder or file.
        classes: the names of the classes.
        train, validation, test: the parts; ``validation`` may be None.
        shape: ``(height, width, channels)`` of each picture.
        options: the choices, with those made by the pictures.
        notes: what was recognised and left out, as sentences.
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
    def prepare(
        cls,
        pictures: ImageSet | str | os.PathLike,
        options: ImageOptions | None = None,
        test: ImageSet | str | os.PathLike | None = None,
    ) -> ImageData:
        """Read pictures, divide and decode them.

        Args:
            pictures: a set, or the path of one; see `read_pictures`.
            options: the choices.
            test: pictures of their own to test on, with the same classes.

        Raises:
            DataError: if there is nothing to learn: no labels, one class only, too few pictures.
            PictureError: for a picture that cannot be read, with ``errors="raise"``.
        """
        options = options or ImageOptions()
        began = time.perf_counter()
        source = "pictures" if isinstance(pictures, ImageSet) else Path(pictures).resolve().name
        images = pictures if isinstance(pictures, ImageSet) else read_pictures(pictures)
        _check_classes(images)
        sizes, colourful = _look(images)
        mode = options.color_mode or ("rgb" if colourful or options.weights else "grayscale")
        size = options.size or _choose_size(sizes, options.network)
        images = as_bytes(images, mode)
        own = None if test is None else as_bytes(_test_set(test, images.class_names), mode)
        rows = _divide(images, options, 0 if own else options.test_size)
        sets = {part: images.subset(found) for part, found in rows.items()}
        if own:
            sets["test"] = own
        if "test" not in sets:
            raise DataError(
                f"{plural(len(images), 'picture')} are too few to keep some for the test. Add "
                "some, or give a larger test_size."
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
            source=source,
            classes=images.class_names,
            **parts,
            shape=parts["train"].loader.image_shape,
            options=options.resolved(len(parts["train"]), size, color),
            notes=notes,
            seconds={"reading": time.perf_counter() - began},
        )

    @property
    def parts(self) -> dict[str, Part]:
        """The parts that there are, by name."""
        found = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: part for name, part in found.items() if part is not None}

    @property
    def skipped(self) -> list[tuple[str, str]]:
        """The files that could not be read, each with the reason."""
        return sorted(pair for part in self.parts.values() for pair in part.skipped)

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """The number of pictures of each class, by part."""
        return {name: part.images.class_counts for name, part in self.parts.items()}


def _divide(images: ImageSet, options: ImageOptions, test: float) -> dict[str, np.ndarray]:
    """Return the rows of each part that there is; a file that is listed twice stays in one."""
    # The set of the rows' numbers is divided, since the parts of a set do not tell their rows.
    places = [f"{row:012}" for row in range(len(images))]
    _, first, group = np.unique(images.paths or places, return_index=True, return_inverse=True)
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
    if images.labels is None:
        raise DataError("The pictures have no labels, so there is nothing to learn.")
    there = [name for name, n in images.class_counts.items() if n]
    if len(there) < 2:
        raise DataError(
            f"All pictures are of the class {there[0]!r}; at least two classes are needed to tell "
            "apart."
        )


def _check_learnable(train: Part) -> None:
    """Classes can be lost when their pictures turn out to be broken."""
    there = [name for name, n in train.images.class_counts.items() if n]
    if len(there) < 2:
        broken = f" {plural(len(train.skipped), 'picture')} could not be read." * bool(
            train.skipped
        )
        raise DataError(
            f"Only the class {there[0]!r} is left to train on; at least two are needed.{broken}"
        )


def _test_set(test: ImageSet | str | os.PathLike, classes: list[str]) -> ImageSet:
    """Return the pictures to test on, with the class numbers of the training."""
    images = test if isinstance(test, ImageSet) else read_pictures(test)
    if images.labels is None:
        raise DataError("The pictures to test on have no labels.")
    unknown = [name for name in images.class_names if name not in classes]
    if unknown:
        raise DataError(
            f"The pictures to test on have the class {unknown[0]!r}, and those to train on have "
            f"not: {some(classes, 8)}."
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
    """Say what was left out, and which classes are too small to be judged."""
    notes: dict[str, None] = {}
    skipped = [pair for part in parts.values() if part for pair in part.skipped]
    if skipped:
        listed = some((f"{shown(os.path.basename(p))} ({why})" for p, why in skipped), 3)
        notes[f"{plural(len(skipped), 'picture')} skipped, as they cannot be read: {listed}."] = (
            None
        )
    for part in parts.values():
        for note in part.loader.notes if part else ():
            if "cannot be read" not in note:
                notes[note] = None
    train, test = parts["train"], parts["test"]
    if train and test:
        few = [name for name, n in test.images.class_counts.items() if not n]
        if few:
            notes[f"No picture is left to test: {some(few, 5)}."] = None
    return list(notes)


def _look(images: ImageSet) -> tuple[list[tuple[int, int]], bool]:
    """Return the sizes (height, width) of some pictures, and whether one of them has colours."""
    if images.pixels is not None:
        sample = images.pixels[:: max(1, len(images) // _SAMPLE)].astype(np.float32)
        spread = np.ptp(sample[..., :3], axis=-1).max(initial=0)
        limit = _GREY / 255 if sample.max(initial=0) <= 1 else _GREY
        return [images.pixels.shape[1:3]], bool(sample.shape[-1] > 1 and spread > limit)
    assert images.paths is not None
    from PIL import Image

    sizes, colourful = [], False
    for path in images.paths[:: max(1, len(images) // _SAMPLE)]:
        try:
            with warnings.catch_warnings(), Image.open(path) as picture:
                warnings.simplefilter("ignore")
                sizes.append((picture.height, picture.width))
                if not colourful and picture.mode not in ("1", "L", "LA", "I", "I;16", "F"):
                    picture.draft("RGB", (64, 64))
                    thumb = np.asarray(picture.convert("RGB").resize((32, 32)), np.int16)
                    colourful = bool(np.ptp(thumb, axis=-1).max() > _GREY)
        except Exception:  # it is told, by name, when the pictures are decoded
            continue
    return sizes or [(64, 64)], colourful


def _choose_size(sizes: list[tuple[int, int]], network: str) -> tuple[int, int]:
    """Return the size that all pictures have, or a common one that few lie below.

    >>> _choose_size([(28, 28)], "small"), _choose_size([(480, 640), (300, 200)], "small")
    ((28, 28), (96, 96))
    """
    deep = network not in ("small", "residual")  # networks that halve the maps five times
    if len(set(sizes)) == 1 and max(sizes[0]) <= _OWN_SIZE and (min(sizes[0]) >= 32 or not deep):
        return sizes[0]
    usual = float(np.median([min(size) for size in sizes]))
    choices = (32, 64, 96, 128, 160) if deep else (16, 24, 32, 48, 64, 96)
    side = max((c for c in choices if c <= usual), default=choices[0])
    return side, side
