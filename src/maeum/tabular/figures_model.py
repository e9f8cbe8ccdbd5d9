"""Drawings of the trained network: its learning, its answers, its mistakes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.report.figures import GUIDE, SERIES, Drawing, Sheet, colour, dots, shape
from maeum.report.wording import percent
from maeum.tabular.result import TableRun

Legend = tuple[tuple[str, str], ...]

MAX_CURVES = len(SERIES)
MAX_POINTS = 1_500  # of a scatter plot
MAX_STEPS = 400  # of a curve
MIN_CALIBRATION = 50  # fewer rows say nothing about probabilities


def one_against_rest(run: TableRun) -> list[tuple[str, str, np.ndarray, np.ndarray]]:
    """Name, colour, truth and probability of each class for which both answers occur.

    With two classes only the positive one; with many the most frequent ten.
    """
    truth, probabilities = run.truth, run.probabilities
    chosen: Sequence[int] = [1] if run.task == "binary" else range(len(run.classes))
    if len(chosen) > MAX_CURVES:
        counts = np.bincount(truth, minlength=len(run.classes))
        chosen = np.argsort(-counts, kind="stable")[:MAX_CURVES].tolist()
    curves = []
    for place, number in enumerate(chosen):
        is_class, p = truth == number, probabilities[:, number]
        if 0 < is_class.sum() < len(is_class) and np.isfinite(p).all():
            paint = SERIES[1] if run.task == "binary" else SERIES[place]
            curves.append((shorten(run.classes[number], 24), paint, is_class, p))
    return curves


def roc(run: TableRun) -> Drawing | None:
    """Hits against false alarms over all thresholds; None if only one class was tested."""
    said = _("Found (recall) against false alarms. The dashed line is guessing; the numbers are "
             "the areas (1 is perfect).")  # fmt: skip
    with Sheet(height=260) as sheet:
        axes = sheet.panel(_("false alarms"), _("found"))
        axes.plot([0, 1], [0, 1], **GUIDE)
        legend = _draw(axes, run, roc_curve, roc_auc_score)
    alt = _("ROC curve, area under the curve {areas}", areas=_listed(legend))
    return Drawing(_("ROC curve"), sheet.svg, alt, said, legend) if legend else None


def precision_recall(run: TableRun) -> Drawing | None:
    """Precision against recall over all thresholds; None if only one class was tested."""
    said = _("How many of the named ones are right, as more of them are found.")
    with Sheet(height=260) as sheet:
        axes = sheet.panel(_("found (recall)"), _("correct (precision)"))
        legend = _draw(axes, run, _recall_precision, average_precision_score)
        if run.task == "binary" and legend:
            said += " " + _("The dashed line is guessing.")
            axes.axhline(run.truth.mean(), **GUIDE)
    alt = _("Precision-recall curve, average precision {areas}", areas=_listed(legend))
    return Drawing(_("Precision and recall"), sheet.svg, alt, said, legend) if legend else None


def _draw(axes: Axes, run: TableRun, curve: Callable, area: Callable) -> Legend:
    """Draw what scikit-learn computes of each class over all thresholds; the areas are told."""
    curves = one_against_rest(run)
    for _name, paint, truth, p in curves:
        axes.plot(*_thinned(*curve(truth, p)[:2]), color=colour(paint))
    _unit_square(axes)
    return tuple((f"{name}: {area(truth, p):.3f}", paint) for name, paint, truth, p in curves)


def _recall_precision(truth: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    precision, recall, _thresholds = precision_recall_curve(truth, p)
    return recall, precision


def _listed(legend: Legend) -> str:
    return ", ".join(label for label, _paint in legend)


def calibration(run: TableRun) -> Drawing | None:
    """Whether "70% sure" is right 70% of the time; None without enough usable answers."""
    if run.task == "binary":
        p, happened = run.probabilities[:, 1], run.truth == 1
        said = _("probability given to {name}", name=shorten(run.classes[1], 20))
    else:
        p, happened = run.probabilities.max(axis=1), run.answers == run.truth
        said = _("probability given to the answer")
    usable = np.isfinite(p) & (p >= 0) & (p <= 1)
    p, happened = p[usable], happened[usable]
    if len(p) < MIN_CALIBRATION:
        return None
    bins = int(np.clip(len(p) // 20, 2, 10))
    observed, expected = calibration_curve(happened, p, n_bins=bins, strategy="quantile")
    with Sheet(height=260) as sheet:
        axes = sheet.panel(said, _("how often it was so"))
        shares, edges = np.histogram(p, 20, (0, 1))
        axes.stairs(0.25 * shares / shares.max(), edges, fill=True, color=colour("line"))
        axes.plot([0, 1], [0, 1], **GUIDE)
        axes.plot(expected, observed, "o-", color=colour("c1"), markersize=5)
        _unit_square(axes)
    gap = float(np.abs(observed - expected).mean())
    alt = _("Calibration curve, {gap} away from the diagonal on average", gap=percent(gap))
    said = _("On the dashed line, “70% sure” is right 70% of the time; here the points are "
             "{gap:.1f} points away from it on average. Below: how often each probability was "
             "given.", gap=100 * gap)  # fmt: skip
    return Drawing(_("Calibration"), sheet.svg, alt, said)


def of_values(run: TableRun) -> list[Drawing]:
    """Every test row as a dot: predicted and true, and the errors; how these are spread."""
    there = np.isfinite(run.truth) & np.isfinite(run.answers)
    truth, answers = run.truth[there], run.answers[there]
    if len(truth) < 2:
        return []
    errors, chosen, drawn = answers - truth, np.arange(len(truth)), ""
    if len(truth) > MAX_POINTS:
        chosen = np.random.default_rng(0).choice(len(truth), MAX_POINTS, replace=False)
        drawn = " " + _("{n:,} of {all:,} rows are drawn.", n=MAX_POINTS, all=len(truth))
    ends = [float(end(np.r_[truth, answers])) for end in (np.min, np.max)]
    with Sheet(height=260) as against:
        axes = against.panel(_("true value"), _("network's value"), left=52)
        dots(axes, truth[chosen], answers[chosen], "c0", size=4.5)
        axes.plot(ends, ends, **GUIDE)
    with Sheet(height=260) as over:
        axes = over.panel(_("network's value"), _("error"), left=52)
        axes.axhline(0, **GUIDE)
        dots(axes, answers[chosen], errors[chosen], "c0", size=4.5)
    with Sheet(height=260) as spread:
        axes = spread.panel(_("error"), left=12)
        shape(axes, *np.histogram(errors, 40), "c0")
        axes.axvline(0, **GUIDE)
    return [
        Drawing(_("Predicted and true"), against.svg,
                _("Scatter plot of the network's values against the true ones"),
                _("On the dashed line the network is exactly right.") + drawn),
        Drawing(_("Errors over the predicted value"), over.svg,
                _("Scatter plot of the errors against the network's values"),
                _("A good network leaves an even band around zero.") + drawn),
        Drawing(_("Spread of the errors"), spread.svg, _("Histogram of the errors"),
                _("Left of zero the network guessed too low, right of it too high.")),
    ]  # fmt: skip


def _thinned(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A curve with at most ``MAX_STEPS`` points, its ends kept."""
    keep = np.unique(np.linspace(0, len(x) - 1, min(len(x), MAX_STEPS)).astype(int))
    return x[keep], y[keep]


def _unit_square(axes: Axes) -> None:
    axes.set(xlim=(0, 1.01), ylim=(0, 1.02))
