"""What came out of the test, as small tables: other thresholds, examples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.report.charts import Thresholds
from maeum.report.sections import Table
from maeum.report.wording import cell, number, percent
from maeum.tabular.result import TableRun

MAX_EXAMPLE_COLUMNS = 6
EXAMPLES = 3


def thresholds(run: TableRun) -> Thresholds | None:
    """What another threshold than the chosen one would give; only with two classes."""
    if run.task != "binary" or not len(run.truth):
        return None
    p, truth = np.nan_to_num(run.probabilities[:, 1]), run.truth == 1
    hits, alarms = (
        (rows.sum() - np.searchsorted(np.sort(p[rows]), np.arange(101) / 100)).tolist()
        for rows in (truth, ~truth)
    )
    chosen = float(run.settings.get("threshold") or 0.5)
    shown = sorted({chosen, *_around(chosen)})
    rows = []
    for threshold in shown:
        named = p >= threshold
        found = int((named & truth).sum())
        parts = (found, int(named.sum())), (found, int(truth.sum()))
        cells = [percent(part / whole if whole else None, 0) for part, whole in parts]
        places = 0 if chosen == 0.5 else 1
        rows.append([percent(threshold, places), f"{named.sum():,}", *cells,
                     percent((named == truth).mean())])  # fmt: skip
    other, yes = (shorten(name, 24) for name in run.classes)
    head = [_("“{name}” from", name=yes), _("Named"), _("Of these right"), _("Found"),
            _("Accuracy")]  # fmt: skip
    strong = frozenset((shown.index(chosen), j) for j in range(len(head)))
    title, positives = _("Another threshold"), int(truth.sum())
    table = Table(title, head, rows, strong, style="numbers", titled=False)
    counts = list(zip(hits, alarms))
    return Thresholds(title, yes, other, positives, len(truth) - positives, counts, table,
                      chosen)  # fmt: skip


def _around(chosen: float) -> Sequence[float]:
    """Return thresholds to compare with; of a rare class, those where the answers change."""
    usual = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    if usual[0] <= chosen <= usual[-1]:
        return usual
    nearer = min(chosen, 1 - chosen) * np.array([0.25, 0.5, 2, 4])
    return (nearer if chosen < 0.5 else 1 - nearer).tolist()


def example_rows(run: TableRun) -> dict[str, np.ndarray]:
    """The places of a few test rows, by what they are: right or wrong, sure or unsure."""
    if not len(run.truth):
        return {}
    if run.task == "regression":
        errors = run.answers - run.truth
        usable = np.flatnonzero(np.isfinite(errors))
        high, low = usable[errors[usable] > 0], usable[errors[usable] < 0]
        chosen = {
            _("Closest to the truth"): usable[np.argsort(np.abs(errors[usable]))],
            _("Much too high"): high[np.argsort(-errors[high])],
            _("Much too low"): low[np.argsort(errors[low])],
        }
    else:
        sure = np.nan_to_num(run.probabilities.max(axis=1), nan=0.0)
        right = run.answers == run.truth
        surest, unsure = np.argsort(-sure, kind="stable"), np.argsort(sure, kind="stable")
        chosen = {
            _("Surest and right"): surest[right[surest]],
            _("Surest and wrong"): surest[~right[surest]],
            _("Most unsure"): unsure,
        }
    return {title: rows[:EXAMPLES] for title, rows in chosen.items() if len(rows)}


def examples(run: TableRun) -> list[Table]:
    """The rows of `example_rows` as they stood in the file."""
    named = [c.name for c in run.columns if c.kind == "identifier"][:1]  # to tell the row by
    there = [n for n in [*named, *run.ranking] if n in run.test_rows.columns]
    names = there[:MAX_EXAMPLE_COLUMNS]
    told = [_("Network"), *([_("Interval")] if len(run.low) else []), _("Truth"), _("Error")]
    if run.task != "regression":
        told = [_("Network"), _("Sure"), _("Truth")]
    head = [shorten(name, 30) for name in [*told, *names]]
    return [
        Table(title, head, [_line(run, i, names) for i in rows], style="wide examples",
              titled=False)
        for title, rows in example_rows(run).items()
    ]  # fmt: skip


def _line(run: TableRun, row: int, names: list[str]) -> list[str]:
    answer, truth = run.answers[row], run.truth[row]
    cells = [cell(run.test_rows[name].iloc[row]) for name in names]
    if run.task == "regression":
        ends = [f"{number(run.low[row])} – {number(run.high[row])}"] if len(run.low) else []
        return [number(answer), *ends, number(truth), number(answer - truth), *cells]
    sure = percent(run.probabilities[row].max())
    return [shorten(run.classes[answer], 24), sure, shorten(run.classes[truth], 24), *cells]
