"""Images of classes, as a task of `maeum.experiment`."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from maeum.callbacks import Callback, LearningRateScheduler
from maeum.core.former import formerly
from maeum.core.messages import N_, _
from maeum.experiment.classes import score_classes, tested
from maeum.experiment.crossing import Tested, pooled_others
from maeum.experiment.events import (
    Event,
    Found,
    Imbalanced,
    Listener,
    Note,
    classes_line,
    ignore,
    parts_line,
    work,
)
from maeum.experiment.task import Task
from maeum.experiment.training import Trained, fit_arguments, train
from maeum.images.experiment.baselines import fit_baselines
from maeum.images.experiment.data import ImageData
from maeum.images.experiment.model import ImageModel
from maeum.images.experiment.network import build_network
from maeum.images.experiment.options import ImageOptions, ImageReading
from maeum.images.experiment.result import ImageRun
from maeum.images.image_set import ImageSet
from maeum.images.sources import holds_images, is_idx
from maeum.models import Model

TrainedImages = Trained[ImageModel, ImageRun]

_TABLES = (".csv", ".tsv", ".txt", ".gz", ".xlsx", ".parquet", ".json", ".jsonl", ".arff", "-")


class ImageTask(Task):
    """Images of classes: in folders, or in a file of numbers."""

    kind = "images"
    title = N_("images")
    options = ImageOptions
    reading = ImageReading
    model = ImageModel
    report = "maeum.images.experiment.report"
    run = ImageRun
    commands = (
        "maeum predict model.maeum image.jpg",
        "maeum predict model.maeum folder",
        "maeum evaluate model.maeum labelled-folder",
    )
    usage = 'print(model.predict("image.jpg"))'

    def recognises(self, path: Path, chosen: Mapping[str, Any]) -> bool:
        """Take a folder or a file of images, and a table that lists some unless one of its columns
        was chosen; and what is missing, unless it is called a table.
        """
        table, of_table = (
            path.name.lower().endswith(_TABLES),
            {"target", "text", "time"} & {*chosen},
        )
        if table and of_table and not is_idx(path):
            return False
        return holds_images(path) or not (path.exists() or table or "target" in chosen)

    def prepare(self, source: Any, reading: ImageReading, options: ImageOptions) -> ImageData:
        """Read images, divide and decode them."""
        return ImageData.prepare(source, options, reading.test_data)

    def describe(self, data: ImageData) -> Iterable[Event]:
        """Yield what the images are, what was skipped, and which classes are rare."""
        options, totals = data.options, data.totals
        size = "x".join(map(str, data.shape[:2]))
        flip = options.flip and options.augment != "none"
        read = _("Read as {size} {color}, augmentation: {augment}{flip}", color=options.color,
                 size=size, augment=options.augment,
                 flip=_(" with mirroring") if flip else "")  # fmt: skip
        images = ImageModel.things.count(sum(data.sizes.values()))
        yield Found(
            data.source,
            {"classes": totals, "shape": data.shape, **data.sizes},
            (f"{data.source}: {images}, {classes_line(totals)}", read,
             _("Images: {parts}", parts=parts_line(data.sizes))),
        )  # fmt: skip
        yield from map(Note, data.notes)
        yield from Imbalanced.of(totals, options.balance)

    def build(self, data: ImageData) -> Model:
        """Return the network for the images."""
        return build_network(data.shape, len(data.classes), len(data.train), data.options)

    def fit_arguments(self, data: ImageData, refitting: bool) -> dict[str, Any]:
        """Return the images to train on and to validate with."""
        options, validation = data.options, data.validation
        train = data.train.to_fit(options.batch_size or 32, options.seed)
        return fit_arguments(options, train, validation and validation.to_check(), data.train.y)

    def callbacks(self, data: ImageData) -> list[Callback]:
        """Return the schedule of the learning rate: half a cosine (Loshchilov and Hutter, 2016)."""
        epochs, rate = data.options.epochs or 1, float(data.options.learning_rate or 0.001)
        return [
            LearningRateScheduler(lambda epoch: rate * (1 + math.cos(math.pi * epoch / epochs)) / 2)
        ]

    def first_judged(self, data: ImageData) -> int:
        """Return the middle: while the rate is high, few validation images judge by luck."""
        return (data.options.epochs or 1) // 2

    def folds(self, data: ImageData) -> list[ImageData]:
        """Return the images divided in several ways, where they are few."""
        return [data.fold(*division) for division in data.divisions]

    def pool(
        self, data: ImageData, tests: list[Tested], tell: Listener
    ) -> tuple[ImageData, dict[str, Any], list[dict[str, Any]]]:
        """Judge what a cross-validation answered."""
        truth, p = (
            np.concatenate([test.found[name] for test in tests])
            for name in ("truth", "probabilities")
        )

        def judge(truth: np.ndarray, said: np.ndarray) -> dict[str, Any]:
            return {"metrics": score_classes(truth, said, data.classes)}

        return data, tested(truth, p, data), pooled_others(tests, truth, judge)

    def wrap(self, network: Model, data: ImageData) -> ImageModel:
        """Return the network with how it reads images."""
        return ImageModel(network, data.train.reading, data.classes, seen=data.seen)

    def score(self, model: ImageModel, data: ImageData) -> dict[str, Any]:
        """Test the network on the test images."""
        x = data.test.to_check()
        p = model.network.predict(x[0] if isinstance(x, tuple) else x, verbose=0)
        return tested(data.test.y.astype(int), p, data)

    def examine(
        self, model: ImageModel, data: ImageData, found: dict[str, Any], tell: Listener
    ) -> dict[str, Any]:
        """Predict the images that have no labels, if there are any."""
        if not data.unlabelled:
            return {}
        work(_("Predicting {images} without labels ...",
               images=ImageModel.things.count(len(data.unlabelled))))  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those that cannot be read are not in the table
            return {"unlabelled": model.predictions(data.unlabelled)[0]}

    def baselines(self, model: ImageModel, data: ImageData) -> list[dict[str, Any]]:
        """Train and test scikit-learn's models on thumbnails of the same images."""
        return fit_baselines(data)


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
        >>> pixels = np.random.default_rng(0).integers(0, 100, (80, 8, 8), np.uint8)
        >>> pixels[40:] += 150
        >>> images = ImageSet(pixels=pixels, labels=[0] * 40 + [1] * 40)
        >>> trained = train_images(images, epochs=2, report=False)
        >>> trained.run.rows
        {'train': 56, 'validation': 12, 'test': 12}
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
