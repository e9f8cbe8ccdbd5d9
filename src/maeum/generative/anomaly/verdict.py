"""What was found in a table, in plain sentences and key numbers."""

from __future__ import annotations

from collections.abc import Iterator

from maeum.core.messages import _, ngettext
from maeum.core.wording import enumeration, shorten
from maeum.experiment.run import ROWS
from maeum.experiment.verdict import Verdict, against_others
from maeum.generative.anomaly.result import AnomalyRun
from maeum.report.sections import Tile
from maeum.report.wording import finite, metric, metric_name, number, percent

_FIRST = 3  # rows and columns that are named


def of(run: AnomalyRun) -> Verdict:
    """Return the verdict."""
    found, rows = len(run.unusual), ROWS.count(len(run.frame))
    headline = ngettext("{n:,} of {rows} is unusual", "{n:,} of {rows} are unusual", found,
                        rows=rows)  # fmt: skip
    if not found:
        headline = _("None of {rows} stands out", rows=rows)
    compared = against_others(run, "pr_auc" if finite(run.metrics.get("pr_auc")) else None)
    sentences = [*_why(run), *_where(run), *_label(run), *compared.sentences]
    return Verdict(headline, sentences, _tiles(run), [*_where(run), *_label(run), *compared.behind])


def _why(run: AnomalyRun) -> Iterator[str]:
    chosen = run.settings.get("contamination")
    score = number(run.threshold, 3)
    if chosen is not None:
        yield _("These are the most unusual {fraction} of the rows, with a score of {score} or "
                "more (--contamination).", fraction=percent(chosen), score=score)  # fmt: skip
    else:
        yield _("A row is called unusual from a score of {score} on: far outside of the others "
                "(Tukey’s outer fence). --contamination 0.01 would take the most unusual 1% "
                "instead.", score=score)  # fmt: skip


def _where(run: AnomalyRun) -> Iterator[str]:
    if not len(run.unusual):
        return
    rows = [f"{row + 1:,}" for row in run.unusual[:_FIRST].tolist()]
    names = [shorten(name, 30) for name, n in run.by_column.items() if n][:_FIRST]
    yield ngettext("It is row {rows}.", "The most unusual are the rows {rows}.", len(rows),
                   rows=enumeration(rows))  # fmt: skip
    yield _("What makes rows unusual lies most often in {names}.", names=enumeration(names))


def _label(run: AnomalyRun) -> Iterator[str]:
    found = run.metrics
    if finite(found.get("recall")):
        yield _("Of the rows that are “{value}” by {label}, {recall} are among the unusual ones, "
                "and {precision} of the unusual ones are so.",
                value=shorten(run.unusual_label, 30), label=shorten(run.label, 30),
                recall=percent(found["recall"], 0),
                precision=percent(found["precision"], 0))  # fmt: skip


def _tiles(run: AnomalyRun) -> list[Tile]:
    rows, found = len(run.frame), len(run.unusual)
    shown = [
        Tile(_("Rows"), f"{rows:,}", _("each scored by a network that has not seen it")),
        Tile(_("Unusual"), f"{found:,}", percent(found / rows)),
        Tile(_("Threshold"), number(run.threshold, 3), _("the score from which on a row is "
                                                         "unusual")),
    ]  # fmt: skip
    if found:
        worst = int(run.unusual[0])
        shown.append(Tile(_("Highest score"), number(float(run.scores[worst]), 3),
                          _("row {n}", n=f"{worst + 1:,}")))  # fmt: skip
    meaning = {
        "roc_auc": _("how often a row that is “{value}” has a higher score than another"),
        "pr_auc": _("precision, mean over all that are found (1 is perfect)"),
    }
    for key, said in meaning.items():
        if finite(run.metrics.get(key)):
            said = said.replace("{value}", shorten(run.unusual_label, 20))
            shown.append(Tile(metric_name(key).label, metric(key, run.metrics[key]), said))
    return shown
