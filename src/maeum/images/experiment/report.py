"""What the report of a training on images shows: the answers, what they rest on, the images."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import shorten
from maeum.experiment.report import notes, quality, right_and_wrong
from maeum.images.experiment import explanations, samples
from maeum.images.experiment.baselines import SIDE
from maeum.images.experiment.result import ImageRun
from maeum.models import Model
from maeum.report.sections import (
    Bar,
    Bars,
    Chapter,
    Grid,
    Heading,
    Section,
    Segment,
    Table,
    Terms,
    Text,
)
from maeum.report.wording import number, percent

MAX_BARS = 30
MAX_SKIPPED = 40
_COLOURS = {"train": "c0", "validation": "c2", "test": "c1"}
_PARTS = {"train": N_("training"), "validation": N_("validation"), "test": N_("test")}


def chapters(run: ImageRun, network: Model) -> list[Chapter]:
    """Return the chapters; what would be too much to look at is cut off and counted."""
    others = _(
        "scikit-learn models that see each image as {side}x{side} grey values, trained and tested "
        "on the same images. The best value of each column is marked.",
        side=SIDE,
    )
    answers = [Heading(_("Right and wrong")), Grid([*right_and_wrong(run), by_class(run)])]
    return [
        quality(run, *answers, others=others),
        _mistakes(run),
        _explanations(run, network),
        _images(run),
    ]


def by_class(run: ImageRun) -> Table:
    """How well each class is found, and how often its name is right; the rarest found first."""
    rows = []
    for label, name in enumerate(run.classes):
        is_it, named = run.truth == label, run.answers == label
        hits = int((is_it & named).sum())
        found = hits / is_it.sum() if is_it.any() else None
        right = hits / named.sum() if named.any() else None
        both = 2 * hits / (is_it.sum() + named.sum()) if is_it.any() or named.any() else None
        shown = [f"{is_it.sum():,}", percent(found), percent(right), number(both, 3)]
        rows.append((np.inf if found is None else found, [shorten(name, 40), *shown]))
    rows.sort(key=lambda row: row[0])
    head = [_("Class"), _("Test images"), _("Found (recall)"), _("Right when named (precision)"),
            _("F1")]  # fmt: skip
    return Table(
        _("Class by class"),
        head,
        [row for _share, row in rows[:MAX_BARS]],
        caption=_more_classes(run),
        style="numbers wide",
    )


def class_counts(run: ImageRun) -> Bars:
    """How many images each class has, in each part."""
    counts, totals = run.data.counts, run.data.totals
    most = max(totals.values())
    bars = []
    for name in run.classes[:MAX_BARS]:
        left, segments = 0.0, []
        for part, own in counts.items():
            width = 100 * own[name] / most
            segments += [Segment(left, width, _COLOURS[part])] if width else []
            left += width
        bars.append(Bar(shorten(name, 40), f"{totals[name]:,}", segments))
    legend = tuple((_(_PARTS[part]), _COLOURS[part]) for part in counts)
    return Bars(_("Classes"), bars, _more_classes(run), legend, style="two")


def _more_classes(run: ImageRun) -> str:
    more = len(run.classes) - MAX_BARS
    return ngettext("and {n:,} more class", "and {n:,} more classes", more) if more > 0 else ""


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
    said = Markup(
        _("Three views of the same question: what in the image speaks for the answer? The "
          "<b>gradient</b> is bright where a small change moves the answer most. <b>Integrated "
          "gradients</b> divide the answer among the pixels: red speaks for it, blue against it. "
          "<b>Grad-CAM</b> shows in red where the last feature maps found it. If these lie beside "
          "the thing, the network goes by something else.")
    )  # fmt: skip
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
    height, width, channels = run.data.shape
    what = {"images": run.things.count(sum(run.rows.values())), "size": f"{height}x{width}"}
    if channels == 3:
        said = _("{images}, read as {size} pixels in colour.", **what)
    else:
        said = _("{images}, read as {size} pixels, grey.", **what)
    shown = samples.samples(run)
    found = [Text(said), *notes(run), Grid([class_counts(run)]), Heading(shown.title), shown]
    augmented = samples.augmented(run)
    if augmented is not None:
        said = _("In training, the network sees each image changed a little, in another way each "
                 "time, so that it does not overfit. What is tested and predicted is not "
                 "changed.")  # fmt: skip
        found += [Heading(augmented.title), Text(said), augmented]
    if run.data.skipped:
        found += [Heading(_("Skipped")), *_skipped(run)]
    return Chapter("images", _("The images"), found)


def _skipped(run: ImageRun) -> list[Section]:
    skipped = run.data.skipped
    said = ngettext(
        "{n:,} file could not be read. The others were used.",
        "{n:,} files could not be read. The others were used.",
        len(skipped),
    )
    terms = [(shorten(_tail(path), 70), "", shorten(why, 160)) for path, why in skipped]
    return [Text(said), Terms(terms[:MAX_SKIPPED], max(len(skipped) - MAX_SKIPPED, 0))]


def _tail(path: str) -> str:
    """Return the last two parts of a path: the class folder and the file."""
    return "/".join(path.replace("\\", "/").split("/")[-2:])
