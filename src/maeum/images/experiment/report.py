"""What the report of a training on images shows: the answers, what they rest on, the images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from maeum.core.messages import _, ngettext
from maeum.core.wording import shorten
from maeum.experiment.report import class_counts, notes, quality, right_and_wrong
from maeum.experiment.trained import Trained
from maeum.images.experiment import explanations, samples
from maeum.images.experiment.baselines import SIDE
from maeum.images.experiment.result import ImageRun
from maeum.models import Model
from maeum.report.sections import Chapter, Grid, Heading, Section, Table, Terms, Text
from maeum.report.wording import more, number, percent

MAX_BARS = 30
MAX_SKIPPED = 40


def chapters(trained: Trained) -> list[Chapter]:
    """Return the chapters; what would be too much to look at is cut off and counted."""
    run, network = trained.run, trained.model.network
    others = _("scikit-learn models that see each image as {side}x{side} grey values, trained and "
               "tested on the same images. The best value of each column is marked.",
               side=SIDE)  # fmt: skip
    answers = [Heading(_("Right and wrong")), Grid([*right_and_wrong(run), by_class(run)])]
    measured = ""
    if run.data.divisions:
        measured = _("Everything here is measured by cross-validation on {images}: each was "
                     "answered by one of {n} networks that had not seen it. The network that is "
                     "kept was trained on all of them.", n=len(run.data.divisions),
                     images=run.things.count(len(run.truth)))  # fmt: skip
    judged = quality(run, *answers, measured=measured, others=others)
    return [judged, _mistakes(run), _explanations(run, network), _images(run)]


def by_class(run: ImageRun) -> Table:
    """How well each class is found, and how often its name is right; the rarest found first."""
    from sklearn.metrics import precision_recall_fscore_support

    precision, recall, f1, counts = precision_recall_fscore_support(
        run.truth, run.answers, labels=np.arange(len(run.classes)), zero_division=np.nan
    )
    rows = [
        [shorten(run.classes[k], 40), f"{counts[k]:,}", percent(recall[k]), percent(precision[k]),
         number(f1[k], 3)]
        for k in np.argsort(recall, kind="stable")[:MAX_BARS]  # those without an image come last
    ]  # fmt: skip
    head = [_("Class"), _("Test images"), _("Found (recall)"), _("Right when named (precision)"),
            _("F1")]  # fmt: skip
    return Table(_("Class by class"), head, rows, caption=more(len(run.classes) - MAX_BARS),
                 style="numbers wide")  # fmt: skip


def _mistakes(run: ImageRun) -> Chapter:
    wrong, unsure = samples.mistakes(run), samples.unsure(run)
    if wrong is None:
        said = _("Every test image is answered correctly. Of these the network was least sure:")
        return Chapter("mistakes", _("Hard images"), [Text(said), unsure])
    said = _("A wrong answer that the network is sure of points to a wrong label, to an image "
             "unlike all others, or to something that it has learnt by accident. Under each image "
             "stand the answer with its probability, what it is, and its file.")  # fmt: skip
    return Chapter("mistakes", _("Mistakes"), [Text(said), wrong, unsure])


def _explanations(run: ImageRun, network: Model) -> Chapter:
    mattered = explanations.explanations(run, network)
    said = Markup(_("Three views of the same question: what in the image speaks for the answer? "
                    "The <b>gradient</b> is bright where a small change moves the answer most. "
                    "<b>Integrated gradients</b> divide the answer among the pixels: red speaks "
                    "for it, blue against it. <b>Grad-CAM</b> shows in red where the last feature "
                    "maps found it. If these lie beside the thing, the network goes by something "
                    "else."))  # fmt: skip
    found: list[Section] = [Heading(mattered.title), Text(said), mattered]
    found += [
        Heading(_("Feature maps")),
        Text(_("What comes out of the layers for one test image (the first one above). First "
               "layers find edges and colours, last ones what the classes are told apart by.")),
        *explanations.feature_maps(run, network),
    ]  # fmt: skip
    filters = explanations.first_filters(network)
    if filters is not None:
        found += [Heading(_("Filters")), Text(_("What the first convolution looks for.")), filters]
    return Chapter("sees", _("What it sees"), found)


def _images(run: ImageRun) -> Chapter:
    *size, channels = run.data.shape
    said = _("{images}, read as {size} pixels {color}.", size="x".join(map(str, size)),
             images=run.things.count(sum(run.rows.values())),
             color=_("in colour") if channels == 3 else _("in grey"))  # fmt: skip
    shown = samples.samples(run)
    found = [
        Text(said),
        *notes(run),
        Grid([class_counts(run.data.counts, MAX_BARS, "two")]),
        Heading(shown.title),
        shown,
    ]
    augmented = samples.augmented(run)
    if augmented is not None:
        said = _("In training, the network sees each image changed a little, in another way each "
                 "time, so that it does not overfit. What is tested and predicted is not "
                 "changed.")  # fmt: skip
        found += [Heading(augmented.title), Text(said), augmented]
    if run.data.skipped:
        found += [Heading(_("Skipped")), *skipped(run.data.skipped)]
    return Chapter("images", _("The images"), found)


def skipped(files: Sequence[tuple[str, str]]) -> list[Section]:
    """The files that could not be read, each with the reason."""
    said = ngettext("{n:,} file could not be read. The others were used.",
                    "{n:,} files could not be read. The others were used.",
                    len(files))  # fmt: skip
    terms = [(shorten(_tail(path), 70), "", shorten(why, 160)) for path, why in files]
    return [Text(said), Terms(terms[:MAX_SKIPPED], max(len(files) - MAX_SKIPPED, 0))]


def _tail(path: str) -> str:
    """Return the last two parts of a path: the class folder and the file."""
    return "/".join(path.replace("\\", "/").split("/")[-2:])
