"""What came out of the test, as small tables: other thresholds, examples."""

from __future__ import annotations

import numpy as np

from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.report.sections import Table
from maeum.report.wording import cell, number, percent
from maeum.tabular.result import TableRun

MAX_EXAMPLE_COLUMNS = 6
EXAMPLES = 4


def thresholds(run: TableRun) -> Table | None:
    """What another threshold than the one that was chosen would give; only with two classes."""
    if run.task != "binary" or not len(run.truth):
        return None
    p, truth, rows = run.probabilities[:, 1], run.truth == 1, []
    chosen = float(run.settings.get("threshold") or 0.5)
    others = (0.2, 0.3, 0.4, 0.6, 0.7, 0.8)
    if chosen < min(others) or chosen > max(others):  # of a rare class, where the answers change
        nearer = min(chosen, 1 - chosen) * np.array([0.25, 0.5, 2, 4])
        others = tuple(nearer if chosen < 0.5 else 1 - nearer)
    shown = sorted({chosen, *others})
    for threshold in shown:
        named = p >= threshold
        hits = (named & truth).sum()
        right, found = (hits / n.sum() if n.any() else None for n in (named, truth))
        shares = [percent(right, 0), percent(found, 0), percent((named == truth).mean())]
        rows.append([percent(threshold, 0 if chosen == 0.5 else 1), f"{named.sum():,}", *shares])
    yes = shorten(run.classes[1], 24)
    head = [_("“{name}” from", name=yes), _("Named"), _("Of these right"), _("Found"),
            _("Accuracy")]  # fmt: skip
    strong = frozenset((shown.index(chosen), j) for j in range(len(head)))
    return Table(_("Another threshold"), head, rows, strong, style="two numbers")


def examples(run: TableRun) -> list[Table]:
    """A few test rows: surest and right, surest and wrong, most unsure; or the errors' ends."""
    if not len(run.truth):
        return []
    named = [c.name for c in run.columns if c.kind == "identifier"][:1]  # to tell the row by
    there = [n for n in [*named, *run.ranking] if n in run.test_rows.columns]
    names = there[:MAX_EXAMPLE_COLUMNS]
    if run.task == "regression":
        errors = run.answers - run.truth
        usable = np.flatnonzero(np.isfinite(errors))
        high, low = usable[errors[usable] > 0], usable[errors[usable] < 0]
        chosen = {
            _("Closest to the truth"): usable[np.argsort(np.abs(errors[usable]))][:EXAMPLES],
            _("Much too high"): high[np.argsort(-errors[high])][:EXAMPLES],
            _("Much too low"): low[np.argsort(errors[low])][:EXAMPLES],
        }
        head = [_("Network"), _("Truth"), _("Error"), *names]
    else:
        sure = np.nan_to_num(run.probabilities.max(axis=1), nan=0.0)
        right = run.answers == run.truth
        surest, unsure = np.argsort(-sure, kind="stable"), np.argsort(sure, kind="stable")
        chosen = {
            _("Surest and right"): surest[right[surest]][:EXAMPLES],
            _("Surest and wrong"): surest[~right[surest]][:EXAMPLES],
            _("Most unsure"): unsure[:EXAMPLES],
        }
        head = [_("Network"), _("Sure"), _("Truth"), *names]
    head = [shorten(name, 30) for name in head]
    lines = {title: [_line(run, i, names) for i in rows] for title, rows in chosen.items()}
    return [
        Table(title, head, rows, style="wide examples", titled=False)
        for title, rows in lines.items()
        if rows
    ]


def _line(run: TableRun, row: int, names: list[str]) -> list[str]:
    answer, truth = run.answers[row], run.truth[row]
    cells = [cell(run.test_rows[name].iloc[row]) for name in names]
    if run.task == "regression":
        return [number(answer), number(truth), number(answer - truth), *cells]
    sure = percent(run.probabilities[row].max())
    return [shorten(run.classes[answer], 24), sure, shorten(run.classes[truth], 24), *cells]
