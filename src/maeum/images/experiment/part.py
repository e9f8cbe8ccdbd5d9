"""The images to train on, to validate with or to test on."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.core.messages import _
from maeum.images.image_set import ImageSet
from maeum.images.loading import ImageLoader
from maeum.images.resizing import Reading


def loader_of(
    images: ImageSet, reading: Reading, batch_size: int = 256, **options: Any
) -> ImageLoader:
    """Return what makes batches of images; ``options`` are those of `ImageLoader`."""
    return ImageLoader(images, reading.size, batch_size, color_mode=reading.color_mode,
                       resize=reading.resize, **options)  # fmt: skip


@dataclass
class Part:
    """The images to train on, to validate with or to test on, without those unreadable.

    Attributes:
        images: their files or pixels, and labels.
        reading: how they are read.
        loader: read them first; what it noticed.
        x: ``(n, height, width, channels)`` bytes, or None if they are too many for the memory.
    """

    images: ImageSet
    reading: Reading
    loader: ImageLoader
    x: np.ndarray | None

    @classmethod
    def read(cls, images: ImageSet, reading: Reading, errors: str) -> Part:
        """Decode images, and leave out those that cannot be read; ``errors`` as `ImageLoader`."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is warned of stands in `skipped`
            loader = loader_of(images, reading, errors=errors)
            x = loader.arrays()[0] if loader.fits_memory else None
            readable = images if images.paths is None else loader.readable()
        return cls(readable, reading, loader, x)

    def __len__(self) -> int:
        return len(self.images)

    @property
    def skipped(self) -> list[tuple[str, str]]:
        """The files that could not be read, each with the reason."""
        return self.loader.skipped

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
        return self._again(self.images.subset(rows), len(rows)).arrays()[0]

    def to_fit(self, batch_size: int, seed: int) -> Any:
        """Return ``x`` and ``y`` for ``fit``; batches in random order if they are too many."""
        if self.x is not None:
            return self.x, self.y
        return self._again(self.images, batch_size, shuffle=True, seed=seed)

    def to_check(self) -> Any:
        """Return what ``validation_data`` and ``predict`` take, in the order of the images."""
        return (self.x, self.y) if self.x is not None else self._again(self.images, 256)

    def name(self, row: int) -> str:
        """Return how an image is called: its file, or its place."""
        if self.images.paths is None:
            return _("image {n}", n=int(self.images.rows[row]) + 1)
        return os.path.basename(self.images.paths[row])

    def _again(self, images: ImageSet, batch_size: int, **options: Any) -> ImageLoader:
        return loader_of(images, self.reading, batch_size, errors="raise", **options)
