"""Drawings of the trained network: its learning, its answers, its mistakes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from maeum.core.messages import _, ngettext
from maeum.core.wording import shorten
from maeum.report.figures import SERIES, Drawing, Sheet, colour, dots
from maeum.report.wording import percent
from maeum.tabular.result import TableRun

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
    curves, legend = one_against_rest(run), []
    with Sheet(height=260) as sheet:
        axes = sheet.panel()
        axes.plot([0, 1], [0, 1], color=colour("muted"), linewidth=1, linestyle="--")
        for name, paint, truth, p in curves:
            false_alarms, hits, *_rest = roc_curve(truth, p)
            axes.plot(*_thinned(false_alarms, hits), color=colour(paint))
            legend.append((f"{name}: {roc_auc_score(truth, p):.3f}", paint))
        axes.set_xlabel(_("false alarms"))
        axes.set_ylabel(_("found"))
        _unit_square(axes)
    if not curves:
        return None
    areas = ", ".join(label for label, paint in legend)
    alt = _("ROC curve, area under the curve {areas}", areas=areas)
    caption = _("Found (recall) against false alarms. The dashed line is guessing; the numbers are "
                "the areas (1 is perfect).")  # fmt: skip
    return Drawing(_("ROC curve"), sheet.svg, alt, caption, tuple(legend))


def precision_recall(run: TableRun) -> Drawing | None:
    """Precision against recall over all thresholds; None if only one class was tested."""
    curves, legend = one_against_rest(run), []
    with Sheet(height=260) as sheet:
        axes = sheet.panel()
        for name, paint, truth, p in curves:
            precision, recall, *_rest = precision_recall_curve(truth, p)
            axes.plot(*_thinned(recall, precision), color=colour(paint))
            if run.task == "binary":
                axes.axhline(truth.mean(), color=colour("muted"), linewidth=1, linestyle="--")
            legend.append((f"{name}: {average_precision_score(truth, p):.3f}", paint))
        axes.set_xlabel(_("found (recall)"))
        axes.set_ylabel(_("correct (precision)"))
        _unit_square(axes)
    if not curves:
        return None
    areas = ", ".join(label for label, paint in legend)
    alt = _("Precision-recall curve, average precision {areas}", areas=areas)
    caption = _("How many of the named ones are right, as more of them are found.")
    if run.task == "binary":
        caption += " " + _("The dashed line is guessing.")
    return Drawing(_("Precision and recall"), sheet.svg, alt, caption, tuple(legend))


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
        axes = sheet.panel()
        shares, edges = np.histogram(p, 20, (0, 1))
        axes.stairs(0.25 * shares / shares.max(), edges, fill=True, color=colour("line"))
        axes.plot([0, 1], [0, 1], color=colour("muted"), linewidth=1, linestyle="--")
        axes.plot(expected, observed, "o-", color=colour("c1"), markersize=5)
        axes.set_xlabel(said)
        axes.set_ylabel(_("how often it was so"))
        _unit_square(axes)
    gap = float(np.abs(observed - expected).mean())
    return Drawing(
        _("Calibration"),
        sheet.svg,
        _("Calibration curve, {gap} away from the diagonal on average", gap=percent(gap)),
        _(
            "On the dashed line, “70% sure” is right 70% of the time; here the points are "
            "{gap:.1f} points away from it on average. Below: how often each probability was "
            "given.",
            gap=100 * gap,
        ),
    )


def predicted_against_true(run: TableRun) -> Drawing | None:
    """Every test row as a dot: its true value and the network's."""
    truth, answers = _usable(run)
    if len(truth) < 2:
        return None
    chosen = _some(len(truth))
    low, high = float(min(truth.min(), answers.min())), float(max(truth.max(), answers.max()))
    with Sheet(height=260) as sheet:
        axes = sheet.panel(left=52)
        dots(axes, truth[chosen], answers[chosen], "c0", size=4.5)
        axes.plot([low, high], [low, high], color=colour("muted"), linewidth=1, linestyle="--")
        axes.set_xlabel(_("true value"))
        axes.set_ylabel(_("network's value"))
    return Drawing(
        _("Predicted and true"),
        sheet.svg,
        _("Scatter plot of the network's values against the true ones"),
        _("On the dashed line the network is exactly right.") + _drawn(chosen, truth),
    )


def residuals(run: TableRun) -> list[Drawing]:
    """The errors (network minus truth): over the predicted value, and how they are spread."""
    truth, answers = _usable(run)
    if len(truth) < 2:
        return []
    errors, chosen = answers - truth, _some(len(truth))
    with Sheet(height=260) as over:
        axes = over.panel(left=52)
        axes.axhline(0, color=colour("muted"), linewidth=1, linestyle="--")
        dots(axes, answers[chosen], errors[chosen], "c0", size=4.5)
        axes.set_xlabel(_("network's value"))
        axes.set_ylabel(_("error"))
    with Sheet(height=260) as spread:
        axes = spread.panel(left=12)
        counts, edges = np.histogram(errors, 40)
        axes.stairs(counts, edges, fill=True, color=colour("c0"), alpha=0.35)
        axes.stairs(counts, edges, color=colour("c0"), linewidth=1.4)
        axes.axvline(0, color=colour("muted"), linewidth=1, linestyle="--")
        axes.set_yticks([])
        axes.set_ylim(bottom=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(_("error"))
    return [
        Drawing(
            _("Errors over the predicted value"),
            over.svg,
            _("Scatter plot of the errors against the network's values"),
            _("A good network leaves an even band around zero.") + _drawn(chosen, truth),
        ),
        Drawing(
            _("Spread of the errors"),
            spread.svg,
            _("Histogram of the errors"),
            _("Left of zero the network guessed too low, right of it too high."),
        ),
    ]


def _usable(run: TableRun) -> tuple[np.ndarray, np.ndarray]:
    truth, answers = run.truth, run.answers
    there = np.isfinite(truth) & np.isfinite(answers)
    return truth[there], answers[there]


def _some(count: int) -> np.ndarray:
    if count <= MAX_POINTS:
        return np.arange(count)
    return np.random.default_rng(0).choice(count, MAX_POINTS, replace=False)


def _drawn(chosen: np.ndarray, everything: np.ndarray) -> str:
    if len(chosen) == len(everything):
        return ""
    return " " + ngettext("{n:,} row of {all:,} drawn.", "{n:,} rows of {all:,} drawn.",
                          len(chosen), all=len(everything))  # fmt: skip


def _thinned(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A curve with at most ``MAX_STEPS`` points, its ends kept."""
    if len(x) <= MAX_STEPS:
        return x, y
    keep = np.unique(np.linspace(0, len(x) - 1, MAX_STEPS).astype(int))
    return x[keep], y[keep]


def _unit_square(axes: Axes) -> None:
    axes.set_xlim(0, 1.01)
    axes.set_ylim(0, 1.02)
