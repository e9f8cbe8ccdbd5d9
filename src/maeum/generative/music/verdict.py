"""How good the music is that a network makes, in plain sentences and key numbers."""

from __future__ import annotations

from collections.abc import Iterator

from maeum.core.messages import _, ngettext
from maeum.core.wording import enumeration
from maeum.experiment.verdict import Verdict, parts
from maeum.generative.music.names import measure_names
from maeum.generative.music.result import TOLERANCE, MusicRun
from maeum.language.baselines import BIGRAMS
from maeum.report.sections import Tile
from maeum.report.wording import finite, metric, metric_name, number, percent

_COPIED = 0.9  # of two phrases that sound in both: nearly all of them
_UNUSUAL = 1.5  # times as much as phrases that were held out


def of(run: MusicRun) -> Verdict:
    """Return the verdict on music."""
    near, all_ = len(run.near), len(run.distances)
    if not all_:
        headline = _("What it makes has no notes that could be measured")
    else:
        headline = ngettext("{n} of {all} measures of its music is within {far} of the data's own",
                            "{n} of {all} measures of its music are within {far} of the data's own",
                            near, all=all_, far=percent(TOLERANCE, 0))  # fmt: skip
    said = [*_far(run), *_likely(run), *_copied(run), *_caution(run)]
    return Verdict(headline, said, _tiles(run), [*_far(run), *_likely(run)])


def _far(run: MusicRun) -> Iterator[str]:
    names = measure_names()
    told = [
        _("{name}: {made} instead of {real}", name=names[key].label,
          made=names[key].written(run.made[key]), real=names[key].written(run.real[key]))
        for key in run.distances if key not in run.near
    ]  # fmt: skip
    if told:
        yield _("Farther away: {measures}.", measures="; ".join(told))


def _likely(run: MusicRun) -> Iterator[str]:
    nats = run.metrics.get("nats_per_step")
    others = [m for m in run.models[1:] if finite(m["metrics"].get("nats_per_step"))]
    if not finite(nats):
        return
    said = _("Music that was held out costs it {nats} nats a step", nats=number(nats, 3))
    if not run.data.test:
        said = _("What it learnt costs it {nats} nats a step", nats=number(nats, 3))
    best = next((m for m in others if m["name"] == BIGRAMS), None)
    if best is None:
        yield f"{said}."
    else:
        yield said + _(", counting which token follows which {other}.",
                       other=number(best["metrics"]["nats_per_step"], 3))  # fmt: skip


def _copied(run: MusicRun) -> Iterator[str]:
    if run.copies is None:
        return
    n = int((run.copies.overlap >= _COPIED).sum())
    if n:
        yield ngettext("{n} of {all} phrases is nearly one of the training: it may be a copy.",
                       "{n} of {all} phrases are nearly ones of the training: they may be copies.",
                       n, all=len(run.copies.overlap))  # fmt: skip
    else:
        yield _("None of {all} phrases is a copy of one of the training, in any key.",
                all=len(run.copies.overlap))  # fmt: skip


def _caution(run: MusicRun) -> Iterator[str]:
    if not run.data.test:
        yield _("No music was held out, so it is compared with what it was trained on.")


def _tiles(run: MusicRun) -> list[Tile]:
    names = run.data.layout.names
    shown = [
        Tile(_("Pieces"), f"{sum(run.rows.values()):,}", parts(run.rows)),
        Tile(_("Tracks"), f"{len(names)}", enumeration([name for name in names if name][:8])),
    ]
    meaning = {
        "nats_per_step": _("−ln p of all that a step holds; lower is better"),
        "perplexity": _("as unsure as between so many tokens"),
        "measure_error": _("mean over the measures; 0% would be just as the data"),
    }
    for key, said in meaning.items():
        if finite(run.metrics.get(key)):
            shown.append(Tile(metric_name(key).label, metric(key, run.metrics[key]), said))
    return shown
