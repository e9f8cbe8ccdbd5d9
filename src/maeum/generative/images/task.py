"""Networks that make images, as a task of `maeum.experiment`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from maeum.callbacks import Callback
from maeum.core.messages import N_, _, ngettext
from maeum.experiment.events import Event, Found, Listener, Note, classes_line, ignore, work
from maeum.experiment.options import Options
from maeum.experiment.task import Task
from maeum.experiment.trained import Trained
from maeum.experiment.training import train
from maeum.experiment.verdict import Verdict
from maeum.generative.gan_figures import learning_of
from maeum.generative.images import verdict
from maeum.generative.images.callbacks import DivergenceGuard, TimeLimit, collapse_detector
from maeum.generative.images.data import GenerateData
from maeum.generative.images.judging import judge
from maeum.generative.images.model import ImageGenerator
from maeum.generative.images.network import build_network
from maeum.generative.images.options import NAMES, GenerateOptions
from maeum.generative.images.result import GenerateRun
from maeum.images.image_set import ImageSet
from maeum.images.sources import holds_images
from maeum.models import Model
from maeum.report.sections import Section

TrainedGenerator = Trained[ImageGenerator, GenerateRun]


class GenerateTask(Task):
    """Images, with or without labels: a network learns to make more of them."""

    kind = "generator"
    title = N_("networks that make images")
    told_by = N_("say --task generate")
    names = NAMES
    options = GenerateOptions
    reading = Options
    model = ImageGenerator
    report = "maeum.generative.images.report"
    run = GenerateRun
    holds = N_("The model file beside this report makes as many images as you like:")
    commands = (
        "maeum generate model.maeum --count 64",
        "maeum show model.maeum",
    )
    usage = "images = model.sample(64, seed=1)  # (64, height, width, channels), from 0 to 1"

    def recognises(self, path: Path, chosen: Mapping[str, Any]) -> bool:
        """Take images, if that is what is asked for."""
        return chosen.get("task") in NAMES and (holds_images(path) or not path.exists())

    def prepare(self, source: Any, reading: Options, options: GenerateOptions) -> GenerateData:
        """Read images, and bring them to one size."""
        return GenerateData.prepare(source, options)

    def describe(self, data: GenerateData) -> Iterable[Event]:
        """Yield what the images are, what is learnt, and what was out of the ordinary."""
        options, images = data.options, self.model.things.count(sum(data.sizes.values()))
        size = "x".join(map(str, data.shape[:2]))
        held = "" if data.held_out is None else _(
            ", {n:,} of them kept aside to judge what is made", n=len(data.held_out)
        )  # fmt: skip
        lines = [
            f"{data.source}: {images}{held}",
            _("Read as {size} {color}, latent codes of {n} numbers, {network}", size=size,
              color=options.color, n=options.latent_size, network=options.network),
        ]  # fmt: skip
        if data.classes:
            totals = data.train.images.class_counts
            told = _(" (learnt, too)") if options.conditional else ""
            lines.append(_("Labels: {classes}{told}", classes=classes_line(totals), told=told))
        yield Found(data.source, {"shape": data.shape, **data.sizes}, tuple(lines))
        yield from map(Note, data.notes)

    def build(self, data: GenerateData) -> Model:
        """Return the network."""
        return build_network(data.shape, data.conditions, data.options)

    def fit_arguments(self, data: GenerateData, refitting: bool) -> dict[str, Any]:
        """Return the images; a VAE is validated with those that were held out."""
        found = data.to_fit()
        held = data.to_check() if data.options.network == "vae" else None
        return found if held is None else {**found, "validation_data": held}

    def callbacks(self, data: GenerateData) -> list[Callback]:
        """Return what keeps samples, and what tells how it goes."""
        found: list[Callback] = [data.kept, TimeLimit(data.options.minutes), DivergenceGuard()]
        return [*found, collapse_detector()] if data.options.network == "gan" else found

    def wrap(self, network: Model, data: GenerateData) -> ImageGenerator:
        """Return the network with the names of its classes."""
        return ImageGenerator(network, data.classes if data.conditions else [])

    def score(self, model: ImageGenerator, data: GenerateData) -> dict[str, Any]:
        """Judge what the network makes by what was held out."""
        if data.held_out is not None:
            work(_("Judging what it makes ..."))
        judged = judge(model.network, data.train, data.held_out, len(data.classes),
                       data.options.seed)  # fmt: skip
        return {"metrics": judged.metrics if judged else {}, "data": data, "judged": judged}

    def name_of(self, network: Model) -> str:
        """Return what was judged."""
        return N_("Made images")

    def verdict(self, run: GenerateRun) -> Verdict:
        """Say how good the images are."""
        return verdict.of(run)

    def eyebrow(self, run: GenerateRun) -> tuple[str, ...]:
        """Return what was learnt from."""
        n = run.rows["train"]
        return (ngettext("made after {n:,} image", "made after {n:,} images", n),)

    def learning(self, trained: TrainedGenerator) -> list[Section] | None:  # type: ignore[override]
        """Return the curves of both networks of a GAN, of which no epoch is the best one."""
        history = trained.run.history
        return learning_of(history) if "generator_loss" in history else None


def train_generator(
    images: ImageSet | np.ndarray | str | os.PathLike,
    *,
    events: Listener = ignore,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
    report: bool = True,
    backup: str | os.PathLike | None = None,
    **options: Any,
) -> TrainedGenerator:
    """Train a network that makes more of some images.

    Ctrl-C ends the training: what was learnt so far is judged and returned.

    Args:
        images: a folder, at any depth (with one folder for each class there are labels), an IDX,
            HDF5, NumPy or CSV file, an `ImageSet`, or an array ``(n, height, width[, channels])``.
        events: is told what happens, see `maeum.experiment.events`.
        callbacks: further callbacks of the training.
        verbose: 1 for a progress display of the training.
        report: whether to compute what only a report needs.
        backup: a folder that the training goes on from when it was broken off.
        options: see `GenerateOptions`.

    Raises:
        DataError, ConfigError: for images or options that cannot be used.
        ImageError: for an image that cannot be read, with ``errors="raise"``.
        NonFiniteLossError: if the loss becomes NaN in the first epoch; later, that is told and
            what was learnt before is kept.
        KeyboardInterrupt: if Ctrl-C came before the first epoch was over.

    Example:
        >>> pixels = np.random.default_rng(0).integers(0, 255, (20, 8, 8), np.uint8)
        >>> trained = train_generator(pixels, filters=4, epochs=1, report=False)
        >>> trained.model.sample(2, seed=1).shape
        (2, 8, 8, 1)
    """
    task = GenerateTask()
    source = ImageSet(pixels=images) if isinstance(images, np.ndarray) else images
    data = task.prepare(source, *task.split(options))
    return train(task, data, events=events, callbacks=callbacks, verbose=verbose, report=report,
                 backup=backup)  # fmt: skip
