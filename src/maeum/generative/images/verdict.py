"""How good the images are that a network makes, in plain sentences and key numbers."""

from __future__ import annotations

from collections.abc import Iterator

from maeum.core.messages import N_, _, ngettext
from maeum.experiment.verdict import Verdict
from maeum.generative.images.options import STEPS
from maeum.generative.images.result import GenerateRun
from maeum.generative.quality import Quality
from maeum.report.sections import Tile
from maeum.report.wording import number, percent

_UNSURE = 0.7  # how often a classifier is right, below which it judges badly
_POOR = 0.3  # of precision or recall


def of(run: GenerateRun) -> Verdict:
    """Return the verdict."""
    learnt = run.things.count(run.rows["train"])
    if run.judged is None:
        said = _("Makes images after {images}", images=learnt)
        told = _("How good they are was not measured: too few real images could be kept aside. "
                 "Look at the samples, and at what they may be copies of.")  # fmt: skip
        return Verdict(said, [*_short(run), told], _tiles(run), [*_short(run), told])
    made, real = run.judged.comparison
    if _is_unsure(run):  # the figures may be high where nothing is told apart
        said = _("Makes images after {images}; how good they are cannot be told", images=learnt)
    else:
        said = _("{precision} of the images that it makes look like real ones, and {recall} of "
                 "real ones like these", precision=percent(made.precision, 0),
                 recall=percent(made.recall, 0))  # fmt: skip
    beside = _("Real images that were not learnt reach a Fréchet distance of {distance}, a "
               "precision of {precision} and a recall of {recall}.",
               distance=number(real.frechet_distance, 3), precision=percent(real.precision, 0),
               recall=percent(real.recall, 0))  # fmt: skip
    sentences = [*_classes(made), beside, *_cautions(run, made)]
    if _is_unsure(run):
        sentences = [*_cautions(run, made), beside]
    return Verdict(said, sentences, _tiles(run), sentences)


def _is_unsure(run: GenerateRun) -> bool:
    """Tell whether the classifier that judges knows little itself."""
    accuracy = run.judged.accuracy if run.judged is not None else None
    return accuracy is not None and accuracy < _UNSURE


def _classes(made: Quality) -> Iterator[str]:
    if made.classes:
        yield ngettext("{n} of {all} classes is among them, as a classifier sees it.",
                       "{n} of {all} classes are among them, as a classifier sees it.",
                       made.modes, all=made.classes)  # fmt: skip


def _short(run: GenerateRun) -> Iterator[str]:
    """Say that a GAN was trained too shortly, if it was."""
    epochs = len(next(iter(run.history.values()), []))
    steps = epochs * -(-run.rows["train"] // (run.data.options.batch_size or 1))
    if run.data.options.network == "gan" and steps < STEPS[0] // 2:
        yield ngettext("It was trained for {n:,} step only; a thousand or more are usual.",
                       "It was trained for {n:,} steps only; a thousand or more are usual.",
                       steps)  # fmt: skip


def _cautions(run: GenerateRun, made: Quality) -> Iterator[str]:
    judged = run.judged
    assert judged is not None
    yield from _short(run)
    if _is_unsure(run):
        yield _("The classifier that judges is right for only {accuracy} of images that it has "
                "not learnt, so that the figures say little.",
                accuracy=percent(judged.accuracy, 0))  # fmt: skip
    if min(made.precision, made.recall) < _POOR:
        said = N_("That is little: more epochs (--epochs) or more images may help.")
        if run.data.options.network == "vae":
            said = N_("That is little, as is usual of the blurred images of a variational "
                      "autoencoder: --network gan makes sharper ones.")  # fmt: skip
        yield _(said)


def _tiles(run: GenerateRun) -> list[Tile]:
    height, width, channels = run.data.shape
    color = _("in colour") if channels == 3 else _("in grey")
    shown = [
        Tile(_("Images"), f"{run.rows['train']:,}", _("learnt from")),
        Tile(_("Size"), f"{width}×{height}", color),
    ]
    if run.judged is None:
        return shown
    made, real = run.judged.comparison
    best = _("0 is best; real images reach {value}", value=number(real.frechet_distance, 3))
    return [
        *shown,
        Tile(_("Fréchet distance"), number(made.frechet_distance, 3), best),
        Tile(_("Precision"), percent(made.precision, 0),
             _("look like real ones; real images reach {value}", value=percent(real.precision, 0))),
        Tile(_("Recall"), percent(made.recall, 0),
             _("of real images are like one that is made; real ones reach {value}",
               value=percent(real.recall, 0))),
    ]  # fmt: skip
