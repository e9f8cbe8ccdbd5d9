"""Pictures of the report: small files inside the page, with the words around them."""

from __future__ import annotations

import base64
import io
from typing import NamedTuple

import numpy as np

from maeum.core.randomness import make_key
from maeum.core.scope import Scope
from maeum.core.wording import shorten
from maeum.images.experiment.data import Part
from maeum.images.experiment.network import augmentation
from maeum.images.experiment.result import ImageRun
from maeum.report.wording import percent

PER_CLASS = 8
MAX_CLASSES = 20
MISTAKES = 12
UNSURE = 6
AUGMENTED = 4  # pictures, and
VARIANTS = 5  # how often each is changed
_SHARP = 64  # pictures with fewer rows are shown pixel by pixel, and kept without loss


class Shot(NamedTuple):
    """A picture with what is said about it; ``wrong`` marks a mistake."""

    src: str
    alt: str
    lines: tuple[str, ...] = ()
    wrong: bool = False


class Strip(NamedTuple):
    """Pictures in a row under a title."""

    title: str
    shots: list[Shot]
    note: str = ""


def data_address(pixels: np.ndarray) -> str:
    """Return bytes ``(rows, columns, 1 or 3)`` or ``(rows, columns)`` as a ``data:`` address."""
    from PIL import Image

    plain = np.ascontiguousarray(pixels[..., 0] if pixels.shape[2:] == (1,) else pixels)
    picture = Image.fromarray(plain)
    stream = io.BytesIO()
    if min(plain.shape[:2]) <= _SHARP:
        picture.save(stream, "PNG", optimize=True)
        kind = "png"
    else:
        picture.save(stream, "JPEG", quality=85)
        kind = "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(stream.getvalue()).decode()}"


def samples(run: ImageRun) -> list[Strip]:
    """Some training pictures of each class, of many classes only the first."""
    train, rng = run.data.train, _draws(run, 1)
    strips = []
    for number, name in enumerate(run.classes[:MAX_CLASSES]):
        rows = np.flatnonzero(train.y == number)
        chosen = np.sort(rng.permutation(rows)[:PER_CLASS])
        shots = [_plain(train, row, name, ()) for row in chosen]
        count = sum(part[name] for part in run.data.counts.values())
        strips.append(Strip(shorten(name, 40), shots, f"{count:,}"))
    return strips


def augmented(run: ImageRun) -> list[Strip]:
    """A few training pictures, and what the network gets to see of them instead."""
    options, train = run.data.options, run.data.train
    layers = augmentation(options.augment, bool(options.flip))
    if not layers:
        return []
    drawn = _draws(run, 2).permutation(len(train))
    first = np.unique(train.y[drawn], return_index=True)[1]  # of each class one, then others
    rows = np.concatenate([drawn[first], np.delete(drawn, first)])[:AUGMENTED]
    strips = []
    for row, pixels in zip(rows, train.pictures(rows)):
        x = np.repeat(pixels[None].astype(np.float32), VARIANTS, axis=0)
        with Scope(training=True, key=make_key(options.seed, f"augmented {row}")):
            for layer in layers:
                x = layer(x, training=True)
        name = shorten(run.classes[train.y[row]], 30)
        changed = np.clip(np.asarray(x), 0, 255).astype(np.uint8)
        shots = [_plain(train, row, name, ("as it is",))]
        shots += [Shot(data_address(p), f"{name}, changed") for p in changed]
        strips.append(Strip(name, shots))
    return strips


def mistakes(run: ImageRun) -> Strip | None:
    """The wrong answers that the network was surest of; None if there is none."""
    sure = run.probabilities.max(axis=1)
    wrong = np.flatnonzero(run.answers != run.truth)
    if not len(wrong):
        return None
    chosen = wrong[np.argsort(-sure[wrong], kind="stable")][:MISTAKES]
    more = len(wrong) - len(chosen)
    note = f"and {more:,} less sure" if more else ""
    return Strip("Surest and wrong", [_judged(run, row) for row in chosen], note)


def unsure(run: ImageRun) -> Strip:
    """The pictures that the network could least decide on."""
    order = np.argsort(run.probabilities.max(axis=1), kind="stable")[:UNSURE]
    return Strip("Most unsure", [_judged(run, row) for row in order])


def _judged(run: ImageRun, row: int) -> Shot:
    """A test picture with what it is, what was answered, and how surely."""
    truth, answer = (shorten(run.classes[k], 24) for k in (run.truth[row], run.answers[row]))
    share = percent(run.probabilities[row].max(), 0)
    name = shorten(run.data.test.name(row), 22)
    wrong = run.truth[row] != run.answers[row]
    lines = (f"{answer}, {share}", f"is {truth}", name) if wrong else (f"{answer}, {share}", name)
    return _plain(run.data.test, row, truth, lines)._replace(wrong=bool(wrong))


def _plain(part: Part, row: int, name: str, lines: tuple[str, ...]) -> Shot:
    return Shot(data_address(part.pictures([row])[0]), f"{name}: {part.name(row)}", lines)


def _draws(run: ImageRun, purpose: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=[run.data.options.seed, purpose]))
