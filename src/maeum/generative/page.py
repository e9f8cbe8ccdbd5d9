"""The page of a model that makes: reconstructions, what is unusual, codes, samples, filters."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.errors import ConfigError, ShapeError
from maeum.core.messages import _, ngettext
from maeum.generative import figures
from maeum.generative.adversarial import Adversarial
from maeum.generative.autoencoder import Autoencoder
from maeum.generative.dbn import DeepBeliefNetwork
from maeum.generative.gan_figures import SampleHistory, gan_chapters, learning_of
from maeum.generative.rbm import RBM
from maeum.generative.vae import VAE
from maeum.report.learning import learning_curves
from maeum.report.sections import Chapter, Grid, Page, Section, Text, Tile
from maeum.report.wording import number

SAMPLES = 40


def write_report(
    model: Any,
    x: Any,
    path: str | os.PathLike = "report.html",
    *,
    labels: Any = None,
    image_shape: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
    source: str = "",
    seed: int = 0,
    through_time: SampleHistory | None = None,
) -> Path:
    """Write a page about a model of this room: one file that needs nothing but a browser.

    It shows, as far as the model has them, the curves of its training, data beside their
    reconstructions, the most unusual rows (and where they are unusual), a map of the codes that
    can be walked, samples, and the filters of the first layer; of a GAN ways between samples, and
    the data that are most like them.

    Args:
        model: an `Autoencoder`, `DenoisingAutoencoder`, `VAE`, `RBM`, `DeepBeliefNetwork` or `GAN`,
            which has been trained.
        x: data to show, better not those of the training; of a GAN those of the training, with
            which its samples are compared.
        path: where the page is written.
        labels: a label for each row, which colours the map.
        image_shape: the shape of the image that a row is, if the rows are flat: ``(28, 28)``.
        names: the names of the features of rows that are no images.
        source: the name of the data.
        seed: the seed of the samples.
        through_time: samples that were kept while a GAN was trained.

    Returns:
        The path that was written.

    Raises:
        ConfigError: for something else than such a model.
        ShapeError: for labels or a shape that do not fit.
        SaveError: if it cannot be written.
        ModuleNotFoundError: if Jinja or Pillow (``maeum[report,images]``) is not installed.
    """
    from maeum.report.html import write_page

    if not isinstance(model, (Adversarial, Autoencoder, RBM, DeepBeliefNetwork)):
        raise ConfigError("The page is about a model of maeum.generative; got {given!r}.",
                          given=model)  # fmt: skip
    rows = np.asarray(model.trainer.prepare(x, None, None)[0])
    if labels is not None and len(labels) != len(rows):
        raise ShapeError("labels has one for each row: x has {rows} rows, labels {n}.",
                         rows=len(rows), n=len(labels))  # fmt: skip
    shape = _image_shape(rows, image_shape)
    page = _page(model, figures.Rows(rows, shape, labels, names), source, seed, through_time)
    return write_page(page, path)


def _image_shape(rows: np.ndarray, given: Sequence[int] | None) -> tuple[int, ...] | None:
    """Return the shape of the image that a row is; None where it is none."""
    own = rows.shape[1:]
    if given is not None:
        if math.prod(given) != math.prod(own):
            raise ShapeError("image_shape={given} does not have as many entries as a row of shape "
                             "{shape}.", given=tuple(given), shape=own)  # fmt: skip
        return tuple(given)
    return own if len(own) == 2 or (len(own) == 3 and own[-1] in (1, 3)) else None


def _page(
    model: Any,
    data: figures.Rows,
    source: str,
    seed: int,
    through_time: SampleHistory | None,
) -> Page:
    kind = type(model).__name__
    count = ngettext("{n:,} row", "{n:,} rows", len(data.x))
    chapters = [_learning(model)]
    tiles = [Tile(_("Parameters"), f"{model.count_params():,}", kind)]
    if not isinstance(model, (Adversarial, DeepBeliefNetwork)):
        again = model.reconstruct(data.x)
        error = float(np.square(again.astype(float) - data.x).mean())
        tiles.append(Tile(_("Reconstruction error"), number(error), _("mean square, {rows}",
                                                                      rows=count)))  # fmt: skip
        chapters.append(figures.reconstructions(data, again))
    if isinstance(model, Autoencoder):
        scores = model.anomaly_scores(data.x), model.anomaly_scores(data.x, per_feature=True)
        chapters += [figures.unusual(data, again, *scores), figures.codes(model, data, scores[0])]
        tiles.append(Tile(_("Code"), " x ".join(map(str, model.code_shape)), _("numbers")))
    if isinstance(model, VAE):
        bound = float(model.bound(data.x, seed=seed).mean())
        tiles.append(Tile(_("Bound"), number(bound), _("nats for each row")))
    chapters.append(figures.samples(data, _made(model, data, seed)))
    if isinstance(model, Adversarial):
        chapters += gan_chapters(model, data, through_time, seed)
    elif not isinstance(model, Autoencoder):
        first = model.rbms[0] if isinstance(model, DeepBeliefNetwork) else model
        chapters.append(figures.filters(data, first.filters()))
    shown = [chapter for chapter in chapters if chapter is not None and chapter.sections]
    headline = _("{kind}: what it has learnt", kind=kind)
    return Page(
        title=f"{headline} ({source})" if source else headline,
        eyebrow=(*([source] if source else []), count),
        headline=headline,
        sentences=(),
        tiles=tiles,
        chapters=shown,
    )


def _made(model: Any, data: figures.Rows, seed: int) -> np.ndarray:
    """Return what the model makes up."""
    if isinstance(model, (Adversarial, VAE)):
        return model.sample(SAMPLES, seed=seed)
    if isinstance(model, Autoencoder):
        return model.sample(SAMPLES, seed, like=data.x) if len(data.x) > 1 else data.x[:0]
    begin = data.x[np.arange(SAMPLES) % len(data.x)]
    if isinstance(model, RBM):
        return model.sample(SAMPLES, 200, seed, start=begin, means=True)
    return model.sample(SAMPLES, 200, seed, start=begin)


def _learning(model: Any) -> Chapter | None:
    history = model.history.history if model.history is not None else {}
    if isinstance(model, Adversarial) and history.get("generator_loss"):
        return Chapter("learning", _("Learning"), learning_of(history))
    if not history.get("loss"):
        return None
    watched = "reconstruction_error" if isinstance(model, RBM) else "loss"
    best = int(np.argmin(history.get(f"val_{watched}", history[watched])))
    curves: list[Section] = list(learning_curves(history, best, most=4))
    said = _("Lower is better for the loss; where it rises on validation data, the model overfits.")
    return Chapter("learning", _("Learning"), [Text(said), Grid(curves)])
