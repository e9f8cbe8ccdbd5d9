"""From images to a tested network, in one call."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from maeum.core.former import formerly
from maeum.experiment.events import Listener, ignore
from maeum.experiment.training import train
from maeum.images.experiment.data import ImageData
from maeum.images.experiment.task import ImageTask, TrainedImages
from maeum.images.image_set import ImageSet

__all__ = ["TrainedImages", "train_images", "train_on"]


@formerly(pictures="images")
def train_images(
    images: ImageSet | str | os.PathLike,
    *,
    test: ImageSet | str | os.PathLike | None = None,
    events: Listener = ignore,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
    report: bool = True,
    backup: str | os.PathLike | None = None,
    **options: Any,
) -> TrainedImages:
    """Train a network on labelled images and test it on those that it has never seen.

    Ctrl-C ends the training: the network of the best epoch so far is tested and returned.

    Args:
        images: a folder with one folder for each class, an IDX, HDF5, NumPy or CSV file, or an
            `ImageSet`. A folder that is divided into train, validation and test stays so.
        test: images of their own to test on, with the same classes.
        events: is told what happens, see `maeum.experiment.events`.
        callbacks: further callbacks of the training.
        verbose: 1 for a progress display of the training.
        report: whether to compute what only a report needs (other models).
        backup: a folder that the training goes on from when it was broken off.
        options: see `ImageOptions`.

    Raises:
        DataError, ConfigError: for images or options that cannot be used.
        ImageError: for an image that cannot be read, with ``errors="raise"``.
        KeyboardInterrupt: if Ctrl-C came before the first epoch was over.

    Example:
        >>> import numpy as np
        >>> pixels = np.zeros((40, 8, 8), np.uint8)
        >>> pixels[20:] = 255
        >>> images = ImageSet(pixels=pixels, labels=[0] * 20 + [1] * 20)
        >>> trained = train_images(images, epochs=2, report=False)
        >>> trained.run.rows
        {'train': 28, 'validation': 6, 'test': 6}
    """
    task = ImageTask()
    data = task.prepare(images, *task.split({"test_data": test, **options}))
    return train(task, data, events=events, callbacks=callbacks, verbose=verbose, report=report,
                 backup=backup)  # fmt: skip


def train_on(data: ImageData, **arguments: Any) -> TrainedImages:
    """`maeum.experiment.train` with the `ImageTask`, by a former name.

    Args:
        data: images that are ready.
        arguments: those of `maeum.experiment.train`.
    """
    return train(ImageTask(), data, **arguments)
