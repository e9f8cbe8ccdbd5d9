"""From pictures to a tested network: prepare, train, test, compare with simple models."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from maeum.callbacks import EarlyStopping, LearningRateScheduler
from maeum.core.config import accepted_arguments
from maeum.core.errors import ConfigError, nearest
from maeum.core.wording import plural
from maeum.images.experiment.baselines import fit_baselines, score_pictures
from maeum.images.experiment.data import ImageData
from maeum.images.experiment.model import ImageModel, Reading
from maeum.images.experiment.network import build_network
from maeum.images.experiment.options import COLORS, ImageOptions
from maeum.images.experiment.result import ImageRun
from maeum.images.image_set import ImageSet
from maeum.models import Model

Tell = Callable[[str], Any]


@dataclass
class TrainedImages:
    """What `train_images` returns.

    Attributes:
        model: the network, with how it reads pictures.
        run: everything that is known of the training; what the report shows.
    """

    model: ImageModel
    run: ImageRun


def train_images(
    pictures: ImageSet | str | os.PathLike,
    *,
    test: ImageSet | str | os.PathLike | None = None,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
    report: bool = True,
    **options: Any,
) -> TrainedImages:
    """Train a network on labelled pictures and test it on those that it has never seen.

    Ctrl-C ends the training: the network of the best epoch so far is tested and returned.

    Args:
        pictures: a folder with one folder for each class, an IDX, HDF5 or NumPy file, or an
            `ImageSet`. A folder that is divided into train, validation and test stays so.
        test: pictures of their own to test on, with the same classes.
        callbacks: further callbacks of the training.
        verbose: 1 for a progress display of the training.
        report: whether to compute what only a report needs (other models).
        options: see `ImageOptions`.

    Raises:
        DataError, ConfigError: for pictures or options that cannot be used.
        PictureError: for a picture that cannot be read, with ``errors="raise"``.
        KeyboardInterrupt: if Ctrl-C came before the first epoch was over.

    Example:
        >>> import numpy as np
        >>> pixels = np.zeros((40, 8, 8), np.uint8)
        >>> pixels[20:] = 255
        >>> pictures = ImageSet(pixels=pixels, labels=[0] * 20 + [1] * 20)
        >>> trained = train_images(pictures, epochs=2, report=False)
        >>> trained.run.rows
        {'train': 28, 'validation': 6, 'test': 6}
    """
    known = accepted_arguments(ImageOptions)
    for name in options:
        if name not in known:
            raise ConfigError(
                f"There is no option {name!r}.{nearest(name, known)} There are: {', '.join(known)}."
            )
    data = ImageData.prepare(pictures, ImageOptions(**options), test)
    return train_on(data, callbacks=callbacks, verbose=verbose, report=report)


def train_on(
    data: ImageData,
    *,
    tell: Tell = lambda text: None,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
    report: bool = True,
) -> TrainedImages:
    """Train a network on pictures that are ready; see `train_images`.

    Args:
        data: the pictures.
        tell: is told, in a sentence, what is being done.
        callbacks, verbose, report: as for `train_images`.
    """
    options, seconds, notes = data.options, dict(data.seconds), list(data.notes)
    network = build_network(data.shape, len(data.classes), len(data.train), options)
    with _timed(seconds, "training"):
        history, best = _learn(network, data, [*callbacks], verbose)
    if history.interrupted:
        epochs = plural(len(history.epoch), "epoch")
        notes.append(f"The training was stopped by hand after {epochs}.")
    reading = Reading(data.shape[:2], COLORS[str(options.color)], options.resize)
    model = ImageModel(network, reading, data.classes)
    with _timed(seconds, "testing"):
        checked = data.test.to_check()
        x = checked[0] if isinstance(checked, tuple) else checked
        probabilities = network.predict(x, verbose=0)
        metrics = score_pictures(data.test.y.astype(int), probabilities, data.classes)
    own = {"name": "Maeum network", "metrics": metrics, "seconds": seconds["training"]}
    others: list[dict[str, Any]] = []
    if report:
        tell("Comparing with simple models on the same pictures ...")
        try:
            with _timed(seconds, "other models"):
                others = fit_baselines(data)
        except KeyboardInterrupt:
            if history.interrupted:  # asked twice
                raise
            notes.append("The comparison with other models was stopped by hand.")
            tell(notes[-1])
    run = ImageRun(
        data=data,
        history=history.history,
        best_epoch=best,
        probabilities=probabilities,
        metrics=metrics,
        baselines=[own, *others],
        notes=notes,
        network=_summary(network),
        settings=options.to_json(),
        seconds=seconds,
        versions=_versions(),
    )
    model.facts = {
        "source": run.source, "metrics": metrics, "rows": run.rows, "settings": run.settings,
    }  # fmt: skip
    return TrainedImages(model, run)


def _learn(network: Model, data: ImageData, callbacks: list, verbose: int) -> tuple[Any, int]:
    """Train until the validation loss gets no better; return the history and the best epoch.

    The learning rate falls along half a cosine (Loshchilov and Hutter, 2016). Few validation
    pictures judge by luck while it is high, so the best epoch is looked for in the second half.
    """
    options = data.options
    epochs = options.epochs or 1
    first, rate = epochs // 2, float(options.learning_rate or 0.001)
    watched = data.validation is not None
    stopping = EarlyStopping(
        "val_loss" if watched else "loss",
        patience=options.patience or epochs,
        restore_best_weights=watched,
        start_from_epoch=first,
    )
    slower = LearningRateScheduler(
        lambda epoch: rate * (1 + math.cos(math.pi * epoch / epochs)) / 2
    )
    x, y = data.train.to_fit(options.batch_size or 32, options.seed)
    history = network.fit(
        x,
        y,
        batch_size=options.batch_size if y is not None else None,
        epochs=epochs,
        class_weight=data.train.images.class_weights() if options.balance else None,
        validation_data=data.validation.to_check() if data.validation is not None else None,
        validation_batch_size=256 if y is not None and watched else None,
        callbacks=[stopping, slower, *callbacks],
        verbose=verbose,
    )
    done = len(history.epoch)
    if history.interrupted and not done:
        raise KeyboardInterrupt("stopped before the first epoch was over: there is no network yet")
    return history, stopping.best_epoch if watched and done > first else done - 1


def _versions() -> dict[str, str]:
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for name in ("maeum", "jax", "numpy", "pillow"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # not installed, only on the path
            continue
    return found


@contextmanager
def _timed(seconds: dict[str, float], part: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[part] = time.perf_counter() - began


def _summary(network: Model) -> str:
    lines: list[str] = []
    network.summary(print_fn=lines.append)
    return "\n".join(lines)
