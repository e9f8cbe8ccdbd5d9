"""The images to train on, to validate with or to test on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from maeum.core.messages import _
from maeum.images.image_set import ImageSet
from maeum.images.loading import ImageLoader


@dataclass
class Part:
    """The images to train on, to validate with or to test on, without those unreadable.

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

    def pixels(self, rows: Any) -> np.ndarray:
        """Return the pixels of some of the images."""
        rows = np.asarray(rows, np.int64)
        if self.x is not None:
            return self.x[rows]
        return self._again(self.images.subset(rows), len(rows)).arrays()[0]

    def blocks(self) -> Iterator[np.ndarray]:
        """Yield the pixels of all images, some hundred at a time."""
        if self.x is None:
            for x, _y in self._again(self.images, 256):
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
        """Return what ``validation_data`` and ``predict`` take, in the order of the images."""
        return (self.x, self.y) if self.x is not None else self._again(self.images, 256)

    def name(self, row: int) -> str:
        """Return how an image is called: its file, or its place."""
        if self.images.paths is None:
            place = int(row if self.places is None else self.places[row])
            return _("image {n}", n=place + 1)
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
