"""Images of the report: small files inside the page, with the words around them."""

from __future__ import annotations

import numpy as np

from maeum.core.messages import _
from maeum.core.randomness import make_key
from maeum.core.scope import Scope
from maeum.core.wording import shorten
from maeum.images.experiment.network import augmentation
from maeum.images.experiment.part import Part
from maeum.images.experiment.result import ImageRun
from maeum.report.addresses import data_address
from maeum.report.sections import Image, ImageRows, Images
from maeum.report.wording import more

PER_CLASS = 8
MAX_CLASSES = 20
MISTAKES = 12
UNSURE = 6
AUGMENTED = 4  # images, and
VARIANTS = 5  # how often each is changed


def samples(run: ImageRun) -> ImageRows:
    """Some training images of each class, of many classes only the first."""
    train, rng, totals = run.data.train, _draws(run, 1), run.data.totals
    rows = []
    for number, name in enumerate(run.classes[:MAX_CLASSES]):
        chosen = np.sort(rng.permutation(np.flatnonzero(train.y == number))[:PER_CLASS])
        shown = [_plain(train, row, name) for row in chosen]
        rows.append(Images(shorten(name, 40), shown, f"{totals[name]:,}", "small"))
    return ImageRows(_("Samples"), rows, caption=more(len(run.classes) - MAX_CLASSES))


def augmented(run: ImageRun) -> ImageRows | None:
    """A few training images, and what the network gets to see of them instead."""
    options, train = run.data.options, run.data.train
    layers = augmentation(options.augment, bool(options.flip))
    if not layers:
        return None
    drawn = _draws(run, 2).permutation(len(train))
    first = np.unique(train.y[drawn], return_index=True)[1]  # of each class one, then others
    rows = np.concatenate([drawn[first], np.delete(drawn, first)])[:AUGMENTED]
    shown = []
    for row, pixels in zip(rows, train.pixels(rows)):
        x = np.repeat(pixels[None].astype(np.float32), VARIANTS, axis=0)
        with Scope(training=True, key=make_key(options.seed, f"augmented {row}")):
            for layer in layers:
                x = layer(x, training=True)
        name = shorten(run.classes[train.y[row]], 30)
        variants = np.clip(np.asarray(x), 0, 255).astype(np.uint8)
        images = [_plain(train, row, name, (_("as it is"),))]
        images += [Image(data_address(p), _("{name}, augmented", name=name)) for p in variants]
        shown.append(Images(name, images, style="small"))
    return ImageRows(_("Augmentation"), shown)


def mistakes(run: ImageRun) -> Images | None:
    """The wrong answers that the network was surest of; None if there is none."""
    sure = run.probabilities.max(axis=1)
    wrong = np.flatnonzero(run.answers != run.truth)
    if not len(wrong):
        return None
    chosen = wrong[np.argsort(-sure[wrong], kind="stable")][:MISTAKES]
    rest = len(wrong) - len(chosen)
    note = _("and {n:,} less sure", n=rest) if rest else ""
    return Images(_("Surest and wrong"), [_judged(run, row) for row in chosen], note)


def unsure(run: ImageRun) -> Images:
    """The images that the network could least decide on."""
    order = np.argsort(run.probabilities.max(axis=1), kind="stable")[:UNSURE]
    return Images(_("Least sure"), [_judged(run, row) for row in order])


def _judged(run: ImageRun, row: int) -> Image:
    """A test image with what it is, what was answered, and how surely."""
    said, truth, wrong = run.judged(row)
    name = shorten(run.data.test.name(row), 22)
    lines = (said, _("is {truth}", truth=truth), name) if wrong else (said, name)
    return _plain(run.data.test, row, truth, lines)._replace(wrong=wrong)


def _plain(part: Part, row: int, name: str, lines: tuple[str, ...] = ()) -> Image:
    return Image(data_address(part.pixels([row])[0]), f"{name}: {part.name(row)}", lines)


def _draws(run: ImageRun, purpose: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=[run.data.options.seed, purpose]))
