"""The chapters of the page of a GAN: samples through time, ways between samples, copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from maeum.callbacks import Callback
from maeum.core.checks import check_whole
from maeum.core.messages import _
from maeum.generative.figures import Rows
from maeum.generative.quality import squared_distances
from maeum.report.addresses import data_address
from maeum.report.learning import learning_curves
from maeum.report.sections import Chapter, Grid, Image, Images, Section, Slides, Text

PAIRS = 16
WAYS, STEPS = 4, 8
MOST_MOMENTS = 12
MOST_COMPARED = 20_000  # training images, and
_NUMBERS = 2**26  # numbers of these
LEARNING = 6  # curves


class SampleHistory(Callback):
    """Keep samples of a GAN after some epochs, made of the same latent codes each time.

    Give it to ``fit(callbacks=[...])``, and to `maeum.generative.write_report` as ``through_time``.

    Args:
        count: how many samples to keep each time.
        every: after every so many epochs, and before the first one.
        seed: the seed of the latent codes.

    Attributes:
        epochs: after how many epochs samples were kept.
        samples: an array of samples for each of these.

    Example:
        >>> import numpy as np
        >>> from maeum.generative import GAN, SampleHistory
        >>> kept = SampleHistory(count=2)
        >>> model = GAN.convolutional((8, 8, 1), (4,), latent_size=2, seed=1)
        >>> model.compile()
        >>> x = np.random.default_rng(0).random((16, 8, 8, 1), "float32")
        >>> _ = model.fit(x, epochs=2, callbacks=[kept], verbose=0)
        >>> kept.epochs, kept.samples[0].shape
        ([0, 1, 2], (2, 8, 8, 1))
    """

    state_attributes = ("epochs", "samples")

    def __init__(self, count: int = 16, every: int = 1, seed: int = 0):
        self.count = check_whole(count, "count")
        self.every = check_whole(every, "every")
        self.seed = check_whole(seed, "seed", 0)
        self.epochs: list[int] = []
        self.samples: list[np.ndarray] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Keep what the generator makes before it has learnt."""
        if not self.epochs:
            self._keep(0)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep what it makes after an epoch."""
        if (epoch + 1) % self.every == 0:
            self._keep(epoch + 1)

    def _keep(self, epochs: int) -> None:
        self.epochs.append(epochs)
        self.samples.append(self.model.sample(self.count, seed=self.seed))


def learning_of(history: Mapping[str, Sequence[float]]) -> list[Section]:
    """Return the curves of a GAN's training, and what they say."""
    said = _("Neither loss has to fall: each network makes the other's task harder. It is well "
             "where they stay apart from 0 and the diversity is near 1.")  # fmt: skip
    return [Text(said), Grid(learning_curves(history, -1, most=LEARNING))]


def gan_chapters(
    model: Any, data: Rows, through_time: SampleHistory | None, seed: int
) -> list[Chapter]:
    """Return what the page shows of a GAN beside its samples."""
    chapters = [] if through_time is None else [_through_time(data, through_time)]
    return [*chapters, _ways(model, data, seed), nearest(model, data, seed)]


def _through_time(data: Rows, kept: SampleHistory) -> Chapter:
    chosen = np.unique(np.linspace(0, len(kept.epochs) - 1, MOST_MOMENTS).round().astype(int))
    epochs = [f"{kept.epochs[i]:,}" for i in chosen.tolist()]
    slides: list[Section] = [
        Images("", [_image(data, one) for one in kept.samples[i]], style="tiny")
        for i in chosen.tolist()
    ]
    said = _("What the generator makes of the same latent codes as it learns.")
    name = _("Samples through time")
    shown = Slides(name, _("After epochs"), epochs, slides, said, len(slides) - 1)
    return Chapter("through-time", name, [shown])


def _ways(model: Any, data: Rows, seed: int) -> Chapter:
    codes = model.draw_codes(2 * WAYS, seed=seed)
    said = _("Each row is a way from one latent code to another. Where images change evenly, the "
             "generator has learnt more than single images.")  # fmt: skip
    sections: list[Section] = [Text(said)]
    for way in range(WAYS):
        classes = getattr(model, "classes", None)
        labels = None if classes is None else way % classes
        made = model.interpolate(*codes[2 * way : 2 * way + 2], STEPS, labels)
        sections.append(Images("", [_image(data, one) for one in made], style="tiny"))
    return Chapter("interpolation", _("Interpolation"), sections)


def nearest(model: Any, data: Rows, seed: int) -> Chapter:
    """Samples beside the data that are most like them: learnt or copied?"""
    most = min(MOST_COMPARED, max(2, _NUMBERS // data.x[0].size))
    flat = data.flat(data.x[:most]).astype(float)
    made = model.sample(PAIRS, seed=seed)
    places, distances = _nearest(data.flat(made).astype(float), flat)
    some = flat[:: max(1, len(flat) // 200)]
    among = np.concatenate(
        [np.partition(d, 1, axis=1)[:, 1] for d in squared_distances(some, flat)]
    )
    usual = float(np.median(np.sqrt(among))) or 1.0
    copies = int((distances < 0.5 * usual).sum())
    said = [
        _("To the left samples, to the right the image of the data that is nearest by its pixels. "
          "The number tells how far it is, where images of the data are 1 from their nearest "
          "neighbours (median)."),
        _("{n} of {all} samples are nearer than 0.5: they may be copies.", n=copies, all=len(made))
        if copies
        else _("None is nearer than 0.5: these samples are no copies."),
    ]  # fmt: skip
    images = [
        _beside(data, made[i], flat[place], f"{distances[i] / usual:.2f}")
        for i, place in enumerate(places.tolist())
    ]
    shown = Images("", images, style="small")
    return Chapter("nearest", _("Learnt or copied?"), [*map(Text, said), shown])


def _nearest(points: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each point the number of the nearest other one, and its distance."""
    blocks = list(squared_distances(points, others))
    places = np.concatenate([d.argmin(1) for d in blocks])
    return places, np.sqrt(np.concatenate([d.min(1) for d in blocks]))


def _beside(data: Rows, left: np.ndarray, right: np.ndarray, told: str) -> Image:
    one, two = data.pixels(left), data.pixels(right)
    gap = np.full((one.shape[0], 1, *one.shape[2:]), 128, np.uint8)
    both = np.concatenate([one, gap, two], axis=1)
    return Image(data_address(both), _("A sample, and the nearest image of the data"), [told])


def _image(data: Rows, row: np.ndarray, lines: Sequence[str] = ()) -> Image:
    return Image(data_address(data.pixels(row)), _("sample"), lines)
