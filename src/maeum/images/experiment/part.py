"""The images to train on, to validate with or to test on."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from maeum.core.messages import _
from maeum.images.batches import BatchSequence
from maeum.images.image_set import ImageSet
from maeum.images.loading import ImageLoader
from maeum.images.resizing import Reading


def loader_of(
    images: ImageSet, reading: Reading, batch_size: int = 256, **options: Any
) -> ImageLoader:
    """Return what makes batches of images; ``options`` are those of `ImageLoader`."""
    return ImageLoader(images, reading.size, batch_size, color_mode=reading.color_mode,
                       resize=reading.resize, **options)  # fmt: skip


class LoadedRows(BatchSequence):
    """Some images of a loader, in batches."""

    def __init__(
        self, loader: ImageLoader, which: np.ndarray, batch_size: int, shuffle: bool = False,
        seed: int = 0,
    ):  # fmt: skip
        super().__init__(len(which), batch_size, shuffle, seed, loader.workers)
        self.loader = loader
        self.which = which

    def _begin(self, rows: np.ndarray, epoch: int) -> Callable[[], Any]:
        return self.loader._begin(self.which[rows], epoch)

    def _none_left(self, rows: np.ndarray) -> Any:
        return self.loader._none_left(self.which[rows])


@dataclass
class Part:
    """The images to train on, to validate with or to test on, without those unreadable.

    Attributes:
        images: their files or pixels, and labels.
        loader: read them, perhaps with those of other parts; what it noticed.
        which: their numbers among the images of the loader.
        x: ``(n, height, width, channels)`` bytes, or None if they are too many for the memory.
        hashes: ``(n,)`` of their pixels; empty until copies were looked for.
    """

    images: ImageSet
    loader: ImageLoader
    which: np.ndarray
    x: np.ndarray | None
    hashes: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint64))

    @classmethod
    def read(cls, images: ImageSet, reading: Reading, errors: str) -> Part:
        """Decode images, and leave out those that cannot be read; ``errors`` as `ImageLoader`."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is warned of stands in `skipped`
            loader = loader_of(images, reading, errors=errors)
            x = loader.arrays() if loader.fits_memory else None
            readable = images if images.paths is None else loader.readable()
        x = x[0] if isinstance(x, tuple) else x
        return cls(readable, loader, readable.rows, x)

    def of(self, rows: np.ndarray) -> Part:
        """Return the part with some of the images, by their numbers here."""
        images = self.images.subset(rows)
        images.rows = self.images.rows[rows]
        x = None if self.x is None else self.x[rows]
        hashes = self.hashes[rows] if len(self.hashes) else self.hashes
        return Part(images, self.loader, self.which[rows], x, hashes)

    @property
    def reading(self) -> Reading:
        """How they are read."""
        return self.loader.reading

    def __len__(self) -> int:
        return len(self.images)

    @property
    def y(self) -> np.ndarray:
        """The class numbers ``(n,)``."""
        assert self.images.labels is not None
        return self.images.labels

    def pixels(self, rows: Any) -> np.ndarray:
        """Return the pixels of some of the images."""
        rows = np.asarray(rows, np.int64)
        if self.x is not None:
            return self.x[rows]
        batch = self.loader.take(self.which[rows])
        return batch[0] if isinstance(batch, tuple) else batch

    def blocks(self, size: int = 256) -> Iterator[np.ndarray]:
        """Yield the pixels of all images, some at a time."""
        for start in range(0, len(self), size):
            yield self.pixels(np.arange(start, min(start + size, len(self))))

    def to_fit(self, batch_size: int, seed: int) -> Any:
        """Return ``x`` and ``y`` for ``fit``; batches in random order if they are too many."""
        if self.x is not None:
            return self.x, self.y
        return LoadedRows(self.loader, self.which, batch_size, True, seed)

    def to_check(self) -> Any:
        """Return what ``validation_data`` and ``predict`` take, in the order of the images."""
        if self.x is not None:
            return self.x, self.y
        return LoadedRows(self.loader, self.which, 256)

    def name(self, row: int) -> str:
        """Return how an image is called: its file, or its place."""
        if self.images.paths is None:
            return _("image {n}", n=int(self.images.rows[row]) + 1)
        return os.path.basename(self.images.paths[row])
