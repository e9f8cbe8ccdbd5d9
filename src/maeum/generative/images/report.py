"""What the report of a network that makes images shows: samples, figures, what they are like."""

from __future__ import annotations

import numpy as np

from maeum.core.messages import _
from maeum.experiment.report import class_counts, notes
from maeum.experiment.trained import Trained
from maeum.generative import figures
from maeum.generative.gan_figures import MOST_COMPARED, gan_chapters
from maeum.generative.images.network import decode, unit
from maeum.generative.images.result import GenerateRun
from maeum.generative.page import SAMPLES
from maeum.images.experiment.report import skipped
from maeum.report.addresses import data_address
from maeum.report.sections import (
    Chapter,
    Grid,
    Heading,
    Image,
    ImageRows,
    Images,
    Section,
    Table,
    Text,
)
from maeum.report.wording import more, number, percent

_OF_CLASS = 8  # samples
_CLASSES = 20
_ROWS = 40  # training images that are shown


def chapters(trained: Trained) -> list[Chapter]:
    """Return the chapters."""
    run, network = trained.run, trained.model.network
    train, seed = run.data.train, run.settings["seed"]
    learnt = train.pixels(np.arange(min(len(train), MOST_COMPARED)))
    data = figures.Rows(unit(learnt), run.data.shape, None, None)
    found = [_samples(trained, data), _quality(run),
             *gan_chapters(network, data, run.data.kept, seed), _images(run, data)]  # fmt: skip
    return [chapter for chapter in found if chapter is not None]


def _samples(trained: Trained, data: figures.Rows) -> Chapter | None:
    network, classes = trained.model.network, trained.model.classes
    seed = trained.run.settings["seed"]
    if not classes:
        return figures.samples(data, decode(network, network.draw_codes(SAMPLES, seed)))
    shown = classes[:_CLASSES]
    codes = network.draw_codes(_OF_CLASS, seed)
    rows = []
    for label, name in enumerate(shown):
        made = decode(network, codes, np.full(len(codes), label))
        images = [Image(data_address(data.pixels(one)), _("sample")) for one in made]
        rows.append(Images(name, images, style="small"))
    said = _("What the model makes up: in each row of one class, and below each other of the same "
             "latent code.")  # fmt: skip
    lines = ImageRows(_("Drawn samples"), rows, caption=more(len(classes) - len(shown)))
    return Chapter("samples", _("Drawn samples"), [Text(said), lines])


def _quality(run: GenerateRun) -> Chapter | None:
    if run.judged is None:
        return None
    made, real = run.judged.comparison
    images = run.things.count(made.rows[1])
    if run.judged.accuracy is None:
        said = _("As there are no labels, images are compared by the codes of an autoencoder that "
                 "learnt from the same images: they say what an image looks like, and less of what "
                 "is in it. With one folder for each class, a classifier would judge.")  # fmt: skip
    else:
        said = _("Images are compared by the features of a classifier that learnt from the same "
                 "images; it is right for {accuracy} of those that it has not learnt.",
                 accuracy=percent(run.judged.accuracy))  # fmt: skip
    measured = _("{images} that neither network has learnt from are compared with as many made "
                 "ones, and, in the last column, with as many other real ones: that can be "
                 "reached.", images=images)  # fmt: skip
    rows = [
        [_("Fréchet distance"), number(made.frechet_distance, 3), number(real.frechet_distance, 3)],
        [_("Precision"), percent(made.precision), percent(real.precision)],
        [_("Recall"), percent(made.recall), percent(real.recall)],
    ]
    if made.classes:
        rows.append([_("Classes among them"), f"{made.modes:,} / {made.classes:,}",
                     f"{real.modes:,} / {real.classes:,}"])  # fmt: skip
    meaning = _("The Fréchet distance says how far both distributions lie apart (0 is best), "
                "precision which fraction of the images lies among real ones, recall which "
                "fraction of real ones lies among the images.")  # fmt: skip
    head = [_("Figure"), _("Made images"), _("Real images")]
    table = Table(_("Figures of quality"), head, rows, caption=meaning, style="wide", named=True,
                  titled=False)  # fmt: skip
    return Chapter("quality", _("How good they are"), [Text(measured), table, Text(said)])


def _images(run: GenerateRun, data: figures.Rows) -> Chapter:
    height, width, channels = run.data.shape
    said = _("{images}, read as {size} pixels {color}.", size=f"{height}x{width}",
             images=run.things.count(sum(run.rows.values())),
             color=_("in colour") if channels == 3 else _("in grey"))  # fmt: skip
    rows = data.x[:: max(1, len(data.x) // _ROWS)][:_ROWS]
    images = [Image(data_address(data.pixels(row)), _("image of the data")) for row in rows]
    found: list[Section] = [Text(said), *notes(run)]
    if run.data.classes:
        parts = {"train": run.data.train, "test": run.data.held_out}
        counts = {name: part.images.class_counts for name, part in parts.items() if part}
        found.append(Grid([class_counts(counts, _CLASSES, "two")]))
    found += [Heading(_("Images to learn from")), Images("", images, style="tiny")]
    if run.data.skipped:
        found += [Heading(_("Skipped")), *skipped(run.data.skipped)]
    return Chapter("images", _("The images"), found)
