"""What the report on music shows: pieces that play, measures beside the data's, copies."""

from __future__ import annotations

import numpy as np

from maeum.core.messages import _
from maeum.experiment.report import notes, quality
from maeum.experiment.trained import Trained
from maeum.generative.music.judging import FLOOR, Copies, moved_by
from maeum.generative.music.layout import Layout
from maeum.generative.music.names import measure_names
from maeum.generative.music.result import TOLERANCE, MusicRun
from maeum.music import Piece, Roll, from_roll, piano_roll
from maeum.report.charts import Axis, Chart, Reading, Rule, Steps
from maeum.report.sections import Chapter, Grid, Heading, Section, Table, Terms, Text
from maeum.report.wording import number, percent

REAL = 1  # pieces of the data that are played
REAL_BARS = 8
PAIRS = 2  # made phrases beside what is most like them
BINS = 20


def chapters(trained: Trained) -> list[Chapter]:
    """Return the chapters."""
    run = trained.run
    return [*_listen(run), _measured(run), *_likelihood(run), *_copies(run), _music(run)]


def _listen(run: MusicRun) -> list[Chapter]:
    if not run.pieces:  # the comparison was stopped
        return []
    said = _("Made by the network, with the seed {seed}. The browser plays the notes itself; click "
             "into them to go on from there.", seed=run.data.options.seed)  # fmt: skip
    made = [piano_roll(piece, _("Made: piece {n}", n=n + 1)) for n, piece in enumerate(run.pieces)]
    title = _("Held out: the beginning of a piece") if run.data.test else _("From the training")
    real = [
        piano_roll(_beginning(piece, run.data.layout), title)
        for piece in run.data.held_out[:REAL]
    ]  # fmt: skip
    beside = _("For comparison, music that the network has not seen.") if run.data.test else _(
        "For comparison, music of the training.")  # fmt: skip
    return [Chapter("listen", _("Listen"), [Text(said), *made, Text(beside), *real])]


def _beginning(piece: Piece, layout: Layout) -> Piece:
    from maeum.generative.music.data import excerpt

    return excerpt(piece, 0, REAL_BARS, layout)


def _measured(run: MusicRun) -> Chapter:
    beside = _("music that was held out") if run.data.test else _("the music of the training")
    said = _("{n} phrases of {bars} bars that the network makes, beside {real:,} of {beside}. The "
             "measures are those of MuseGAN (Dong et al., 2018): the mean over phrases and tracks.",
             n=len(run.phrases), bars=run.data.options.bars, real=len(run.data.real),
             beside=beside)  # fmt: skip
    rows: list[list[str]] = []
    strong = set()
    for name, known in measure_names().items():
        if name not in run.real:
            continue
        far = run.distances.get(name)
        cells = [known.written(values.get(name)) for values in (run.made, run.real, run.drawn)]
        if far is not None and far <= TOLERANCE:
            strong.add((len(rows), 4))
        rows.append([known.label, *cells, percent(far, 0)])
    head = [_("Measure"), _("Made"), _("Data"), _("Notes by frequency"), _("Distance")]
    caption = _("The distance is that of what was made from the data, as a fraction of the data's "
                "value (of {floor} at least); those within {far} are marked.",
                floor=percent(FLOOR, 0), far=percent(TOLERANCE, 0))  # fmt: skip
    table = Table(_("Measures"), head, rows, frozenset(strong), caption, "wide numbers",
                  titled=False, named=True)  # fmt: skip
    return Chapter("measures", _("Like the data?"), [Text(said), table])


def _likelihood(run: MusicRun) -> list[Chapter]:
    if len(run.models) < 2:
        return []
    if run.data.options.sequential:
        measured = _("How well the network predicts music, note after note: nats (−ln of the "
                     "probability) for each step, of which a quarter note has {n}. {what}",
                     n=run.data.layout.steps_per_beat,
                     what=_("The music was held out.") if run.data.test else
                     _("No music was held out, so this is music of the training."))  # fmt: skip
        others = _("Bigram frequencies count which tokens come after which, unigram frequencies "
                   "how often each comes; notes by frequency are drawn by how often each pitch "
                   "sounds. The best value of each column is marked.")  # fmt: skip
    else:
        measured = _("A GAN tells no probabilities, so that it is judged by what it makes.")
        others = _("Notes by frequency are drawn by how often each pitch of each track sounds. The "
                   "best value of each column is marked.")  # fmt: skip
    return [quality(run, measured=measured, others=others)]


def _copies(run: MusicRun) -> list[Chapter]:
    like = run.copies
    if like is None or not len(like.overlap):
        return []
    said = _("For each made phrase the phrase of the training that has most of its notes, in "
             "whichever key. The overlap is what sounds in both, as a fraction of what sounds in "
             "either: 100% for equal ones.")  # fmt: skip
    if len(like.usual):
        said += " " + _("Of music that was held out it is {usual} (median), of made music {made}.",
                        usual=percent(np.median(like.usual), 0),
                        made=percent(np.median(like.overlap), 0))  # fmt: skip
    sections: list[Section] = [Text(said), Grid([_spread(like)])]
    some = run.data.phrases[:: max(1, len(run.data.phrases) // _MOST_COMPARED)]
    for place in np.argsort(-like.overlap, kind="stable")[:PAIRS].tolist():
        layout = run.data.layout
        nearest = some[like.nearest[place]][None]
        moved = moved_by(nearest, int(like.moved[place]), layout.drums)[0]
        far = percent(like.overlap[place], 0)
        sections += [
            piano_roll(_piece(run.phrases[place], layout), _("Made (overlap {far})", far=far)),
            piano_roll(_piece(moved, layout), _("The phrase of the training nearest to it")),
        ]
    return [Chapter("copies", _("Learnt or copied?"), sections)]


_MOST_COMPARED = 4000


def _spread(like: Copies) -> Chart:
    edges = np.linspace(0, 1, BINS + 1)
    made = np.histogram(np.clip(like.overlap, 0, 1), edges)[0] / len(like.overlap)
    marks: list = [Steps(edges, made)]
    caption = ""
    if len(like.usual):
        usual = float(np.median(like.usual))
        marks.append(Rule(x=usual))
        caption = _("The dashed line is the median of music that was held out.")
    readings = [
        Reading(float(a), float(b), f"{percent(a, 0)} – {percent(b, 0)}\n{percent(n, 0)}")
        for a, b, n in zip(edges[:-1], edges[1:], made)
    ]
    across = Axis(_("overlap"), 0.0, 1.0, kind="percent")
    up = Axis(_("made phrases"), 0.0, kind="percent")
    return Chart(_("Overlap with the nearest phrase"), _("Histogram of the overlaps"), marks,
                 across, up, readings, caption=caption)  # fmt: skip


def _piece(sounds: np.ndarray, layout: Layout) -> Piece:
    return from_roll(
        Roll(sounds, sounds & False, layout.pitches[0], layout.steps_per_beat, layout.tempo,
             layout.signature, layout.names, layout.programs, layout.drums)
    )  # fmt: skip


def _music(run: MusicRun) -> Chapter:
    data, layout = run.data, run.data.layout
    pieces = [*data.train, *data.validation, *data.test]
    rows = [
        (_("Notes"), f"{sum(piece.count for piece in pieces):,}"),
        (_("Bars"), f"{sum(-(-data.steps([piece]) // layout.steps) for piece in pieces):,}"),
        (_("Bar"), _("{n}/{d} of {steps} steps", n=layout.signature[0], d=layout.signature[1],
                     steps=layout.steps)),
        (_("Tempo"), _("{bpm} beats a minute (median)", bpm=number(layout.tempo))),
        (_("Pitches"), f"{layout.lowest} – {layout.highest}"),
    ]  # fmt: skip
    terms = Terms([(name, "", value) for name, value in rows])
    return Chapter("music", _("The music"), [*notes(run), Heading(_("What it is")), terms])
