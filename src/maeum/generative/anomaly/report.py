"""What the report on unusual rows shows: the rows, their scores, where they are unusual."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.experiment.report import notes, quality
from maeum.experiment.trained import Trained
from maeum.generative.anomaly.result import AnomalyRun
from maeum.report.charts import Axis, Chart, Reading, Rule, Steps
from maeum.report.sections import Bar, Bars, Chapter, Folded, Heading, Section, Table, Text
from maeum.report.wording import more, number, percent
from maeum.tabular import profile

MOST_ROWS = 50
FEWEST_ROWS = 5  # that are shown, though fewer are unusual
MOST_COLUMNS = 20
MANY_COLUMNS = 25  # from then on their profile is folded away
BINS = 40


def chapters(trained: Trained) -> list[Chapter]:
    """Return the chapters."""
    run = trained.run
    found = [_rows(run), _columns(run), _quality(run), _table(run)]
    return [chapter for chapter in found if chapter is not None]


def _rows(run: AnomalyRun) -> Chapter:
    said = _("Each column of a row is predicted from its other columns by a network that has not "
             "learnt from the row; the less likely what it holds, the higher the score (in "
             "standard deviations of how surprising the column is elsewhere). “Expected” is what "
             "the other columns let expect.")  # fmt: skip
    return Chapter("unusual", _("What is unusual"), [Text(said), _most_unusual(run), _spread(run)])


def _most_unusual(run: AnomalyRun) -> Table:
    order = np.argsort(-run.scores, kind="stable")
    n = min(max(len(run.unusual), FEWEST_ROWS), MOST_ROWS)
    lines = []
    for place, row in enumerate(order[:n].tolist(), start=1):
        why = str(run.judged["columns"].iloc[row]) or _("not unusual")
        lines.append([f"{place:,}", f"{row + 1:,}", number(float(run.scores[row]), 3), why])
    head = [_("Rank"), _("Row"), _("Score"), _("Where it is unusual")]
    return Table(_("The most unusual rows"), head, lines, caption=more(len(run.unusual) - n),
                 style="wide", named=True, searched=n > 10)  # fmt: skip


def _spread(run: AnomalyRun) -> Chart:
    bins = min(BINS, max(5, len(run.scores) // 10))
    heights, edges = np.histogram(run.scores, bins=bins)
    readings = [
        Reading(float(low), float(high), f"{number(low, 3)} – {number(high, 3)}\n{count:,}")
        for (low, high), count in zip(pairwise(edges), heights.tolist())
    ]
    return Chart(
        _("How the scores are spread"), _("Histogram of the scores of the rows"),
        [Steps(edges, heights), Rule(x=run.threshold)], Axis(_("score")),
        Axis(_("rows"), 0.0, kind="whole"), readings, style="wide",
        caption=_("The dashed line is the threshold, {score}.", score=number(run.threshold, 3)),
    )  # fmt: skip


def _columns(run: AnomalyRun) -> Chapter | None:
    counts = {name: n for name, n in run.by_column.items() if n}
    if not counts:
        return None
    most, found = max(counts.values()), len(run.unusual)
    bars = [
        Bar.of(shorten(name, 40), f"{n:,}", n / most, note=percent(n / found, 0))
        for name, n in [*counts.items()][:MOST_COLUMNS]
    ]
    said = _("In how many of the unusual rows each column is among those that make them so. Where "
             "two columns contradict each other, both are.")  # fmt: skip
    shown = Bars(_("Columns that are unusual most often"), bars,
                 more(len(counts) - MOST_COLUMNS), style="wide")  # fmt: skip
    return Chapter("columns", _("Where it is unusual"), [Text(said), shown])


def _quality(run: AnomalyRun) -> Chapter | None:
    if not run.label:
        return None
    measured = _("The column {label} says which rows are “{value}”; nothing was learnt from it. "
                 "Everything here compares the scores with it.", label=shorten(run.label, 40),
                 value=shorten(run.unusual_label, 30))  # fmt: skip
    others = _("scikit-learn’s methods on the same rows, each naming as many of them. The best "
               "value of each column is marked.")  # fmt: skip
    return quality(run, measured=measured, others=others)


def _table(run: AnomalyRun) -> Chapter:
    used = [column for column in run.columns if column.used]
    shown: Section = profile.table_of(used[: profile.MAX_COLUMNS], len(run.frame),
                                      more(len(used) - profile.MAX_COLUMNS))  # fmt: skip
    if len(used) > MANY_COLUMNS:
        said = _("All {n} columns, with their types and ranges", n=len(used))
        shown = Folded(said, [shown])
    excluded = profile.reasons_of([column for column in run.columns if not column.used])
    left: list[Section] = [Heading(_("Excluded")), excluded] if excluded.terms else []
    sections = [*notes(run), Heading(_("Columns")), shown, *left]
    return Chapter("table", _("The table"), sections)
