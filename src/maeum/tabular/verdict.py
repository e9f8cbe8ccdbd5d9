"""How good a network for a table is, in plain sentences and key numbers."""

from __future__ import annotations

import numpy as np

from maeum.core.messages import N_, _
from maeum.core.wording import shorten
from maeum.experiment.verdict import Verdict, against_others, of_classes, tiles
from maeum.report.wording import finite, number, percent
from maeum.tabular.result import TableRun

_MEANING = {
    "mae": N_("mean absolute error, in the target's units"),
    "rmse": N_("root mean squared error, in the target's units"),
    "r2": N_("fraction of the differences that is explained (1 is perfect)"),
    "mape": N_("mean absolute error, as a fraction of the true value"),
}


def of(run: TableRun) -> Verdict:
    """Return the verdict on a network for a table."""
    if run.task != "regression":
        return of_classes(run, run.target)
    errors = np.abs(run.answers - run.truth)
    errors = errors[np.isfinite(errors)]
    target = shorten(run.target, 40)
    if not len(errors):
        said = _("{target}: no prediction could be checked", target=target)
        return Verdict(said, [], tiles(run, _MEANING))
    headline = _(
        "{target}: typically within {error} of the truth on {rows} never seen before",
        target=target,
        error=number(np.median(errors), 3),
        rows=run.things.count(len(run.truth)),
    )
    beside = against_others(run, *(k for k in ("rmse", "mae") if finite(run.metrics.get(k))))
    held = within(run)
    sentences = [_errors(run, errors), _explained(run), held, " ".join(beside.sentences)]
    told = [s for s in sentences if s]
    closing = [*([held] if held else []), *beside.behind]
    return Verdict(headline, told, tiles(run, _MEANING), closing)


def within(run: TableRun) -> str:
    """Say how often the prediction intervals hold the truth, and how wide they are."""
    if not len(run.low):
        return ""
    found = run.coverage
    return _("{level} of the intervals around predictions were meant to hold the true value; "
             "{held} did. Their median width is {width}.", level=percent(run.interval, 0),
             held=percent(found["coverage"], 0), width=number(found["interval_width"], 3)
             )  # fmt: skip


def _errors(run: TableRun, errors: np.ndarray) -> str:
    truth = run.truth[np.isfinite(run.truth)]
    return _(
        "On average it is off by {error}; always answering with the mean would be off by {lazy}.",
        error=number(errors.mean()),
        lazy=number(float(np.abs(truth - truth.mean()).mean())),
    )


def _explained(run: TableRun) -> str:
    r2 = run.metrics.get("r2")
    if r2 is None or not finite(r2):
        return ""
    if r2 > 0:
        return _("It explains {fraction} of the differences between the rows (R²).",
                 fraction=percent(r2))  # fmt: skip
    return _("It explains none of the differences between the rows (R² is not above 0).")
