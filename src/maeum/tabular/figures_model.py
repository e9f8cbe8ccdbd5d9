"""Drawings of the trained network: its learning, its answers, its mistakes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.report.charts import SERIES, Axis, Chart, Dots, Line, Mark, Reading, Rule, Steps
from maeum.report.wording import number, percent
from maeum.tabular.result import TableRun

Legend = tuple[tuple[str, str], ...]

MAX_CURVES = len(SERIES)
MAX_POINTS = 1_500  # of a scatter plot
MAX_INTERVALS = 40
READINGS = 41  # places of a curve where its value is told
SQUARE = 220  # pixels that what is about as high as wide is high
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
    for place, label in enumerate(chosen):
        is_class, p = truth == label, probabilities[:, label]
        if 0 < is_class.sum() < len(is_class) and np.isfinite(p).all():
            paint = SERIES[1] if run.task == "binary" else SERIES[place]
            curves.append((shorten(run.classes[label], 24), paint, is_class, p))
    return curves


def roc(run: TableRun) -> Chart | None:
    """Hits against false alarms over all thresholds; None if only one class was tested."""
    said = _("Found (recall) against false alarms. The dashed line is guessing; the numbers are "
             "the areas (1 is perfect).")  # fmt: skip
    along = _("false alarms")
    marks, legend, readings = _curves(run, along, _false_alarms_found, roc_auc_score)
    if not legend:
        return None
    alt = _("ROC curve, area under the curve {areas}", areas=_listed(legend))
    return Chart(_("ROC curve"), alt, [_DIAGONAL, *marks], _fraction(along),
                 _fraction(_("found")), readings, said, legend, height=SQUARE)  # fmt: skip


def precision_recall(run: TableRun) -> Chart | None:
    """Precision against recall over all thresholds; None if only one class was tested."""
    said = _("How many of the named ones are right, as more of them are found.")
    along = _("found (recall)")
    marks, legend, readings = _curves(run, along, _recall_precision, average_precision_score)
    if not legend:
        return None
    if run.task == "binary":
        said += " " + _("The dashed line is guessing.")
        marks.insert(0, Rule(y=float(run.truth.mean())))
    alt = _("Precision-recall curve, average precision {areas}", areas=_listed(legend))
    return Chart(_("Precision and recall"), alt, marks, _fraction(along),
                 _fraction(_("correct (precision)")), readings, said, legend,
                 height=SQUARE)  # fmt: skip


_DIAGONAL = Line([0, 1], [0, 1], "muted", "dashed")


def _fraction(name: str = "") -> Axis:
    """An axis from 0% to 100%."""
    return Axis(name, 0.0, 1.0, "percent")


def _curves(
    run: TableRun, along: str, curve: Callable, area: Callable
) -> tuple[list[Mark], Legend, list[Reading]]:
    """Draw what scikit-learn computes of each class over all thresholds; the areas are told."""
    marks: list[Mark] = []
    legend, named, at = [], [], np.linspace(0, 1, READINGS)
    for name, paint, truth, p in one_against_rest(run):
        x, y = curve(truth, p)
        marks.append(Line(x, y, paint))
        legend.append((f"{name}: {area(truth, p):.3f}", paint))
        values = y[np.clip(np.searchsorted(x, at, "right") - 1, 0, len(x) - 1)]
        named.append((name, [percent(value, 0) for value in values]))
    heads = [f"{along}: {percent(place, 0)}" for place in at]
    return marks, tuple(legend), Reading.along(at, heads, named)


def _false_alarms_found(truth: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return roc_curve(truth, p)[:2]


def _recall_precision(truth: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    precision, recall, _thresholds = precision_recall_curve(truth, p)
    x, y = recall[-2::-1], precision[-2::-1]  # its last point is drawn up: nothing is named there
    return np.r_[0, x], np.r_[y[0], y]


def _listed(legend: Legend) -> str:
    return ", ".join(label for label, _paint in legend)


def calibration(run: TableRun) -> Chart | None:
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
    fractions, edges = np.histogram(p, 20, (0, 1))
    given = Steps(edges, 0.25 * fractions / fractions.max(), "muted")
    heads = [f"{said}: {percent(value, 0)}" for value in expected]
    so, name = _("how often it was so"), said
    readings = Reading.along(expected, heads, [(so, [percent(v, 0) for v in observed])])
    line, dots = Line(expected, observed, "c1"), Dots(expected, observed, "c1")
    marks: list[Mark] = [given, _DIAGONAL, line, dots]
    gap = float(np.abs(observed - expected).mean())
    alt = _("Calibration curve, {gap} away from the diagonal on average", gap=percent(gap))
    said = _("On the dashed line, “70% sure” is right 70% of the time; here the points are "
             "{gap:.1f} points away from it on average. Below: how often each probability was "
             "given.", gap=100 * gap)  # fmt: skip
    return Chart(_("Calibration"), alt, marks, _fraction(name), _fraction(so),
                 readings, said, height=SQUARE)  # fmt: skip


def gains(run: TableRun) -> Chart | None:
    """How many of a class are found among the rows that are held likeliest; of two classes."""
    if run.task != "binary" or not one_against_rest(run):
        return None
    [(name, paint, truth, p)] = one_against_rest(run)
    found = np.r_[0, np.cumsum(truth[np.argsort(-p, kind="stable")])] / truth.sum()
    share = np.linspace(0, 1, len(found))
    at = np.arange(1, 21) / 20
    values = np.interp(at, share, found)
    lifts = [f"{value / place:.1f}" for value, place in zip(values, at)]
    heads = [_("the likeliest {fraction} of the rows", fraction=percent(v, 0)) for v in at]
    told = [(name, [percent(v, 0) for v in values]), (_("times as many as by chance"), lifts)]
    tenth = float(np.interp(0.1, share, found))
    said = _("The tenth of the rows that is held likeliest holds {fraction} of all “{name}”: "
             "{lift:.1f} times as many as a tenth chosen by chance (the lift).",
             fraction=percent(tenth, 0), name=name, lift=10 * tenth)  # fmt: skip
    alt = _("Cumulative gains curve. {summary}", summary=said)
    return Chart(_("Gains and lift"), alt, [_DIAGONAL, Line(share, found, paint)],
                 _fraction(_("rows, the likeliest first")), _fraction(_("found")),
                 Reading.along(at, heads, told), said, height=SQUARE)  # fmt: skip


def of_values(run: TableRun) -> list[Chart]:
    """Every test row as a dot: predicted and true, and the errors; how these are spread."""
    there = np.isfinite(run.truth) & np.isfinite(run.answers)
    truth, answers = run.truth[there], run.answers[there]
    if len(truth) < 2:
        return []
    errors, chosen, drawn = answers - truth, np.arange(len(truth)), ""
    if len(truth) > MAX_POINTS:
        chosen = np.random.default_rng(0).choice(len(truth), MAX_POINTS, replace=False)
        drawn = " " + _("{n:,} of {all:,} rows are drawn.", n=MAX_POINTS, all=len(truth))
    low, high = (float(end(np.r_[truth, answers])) for end in (np.min, np.max))
    true, own, off = _("true value"), _("network's value"), _("error")
    outside = np.zeros(len(truth), bool)
    legend: Legend = ()
    if len(run.low):
        outside = (truth < run.low[there]) | (truth > run.high[there])
        legend = _outside_legend()
    within, beyond = chosen[~outside[chosen]], chosen[outside[chosen]]
    spread, edges = np.histogram(errors, 40)
    readings = [Reading(low, high, _("{low} to {high}", low=number(low, 3), high=number(high, 3))
                        + "\n" + run.things.count(int(n)))
                for low, high, n in zip(edges, edges[1:], spread)]  # fmt: skip
    return [
        Chart(_("Predicted and true"),
              _("Scatter plot of the network's values against the true ones"),
              [Dots(truth[chosen], answers[chosen]),
               Line([low, high], [low, high], "muted", "dashed")], Axis(true), Axis(own),
              caption=_("On the dashed line the network is exactly right.") + drawn,
              height=SQUARE),
        Chart(_("Errors over the predicted value"),
              _("Scatter plot of the errors against the network's values"),
              [Rule(y=0.0), Dots(answers[within], errors[within]),
               Dots(answers[beyond], errors[beyond], "c1")], Axis(own), Axis(off),
              caption=_("A good network leaves an even band around zero.") + drawn,
              legend=legend, height=SQUARE),
        Chart(_("Spread of the errors"), _("Histogram of the errors"),
              [Steps(edges, spread), Rule(x=0.0)], Axis(off), Axis(kind="whole"), readings,
              _("Left of zero the network guessed too low, right of it too high."),
              height=SQUARE),
        *_intervals(run),
    ]  # fmt: skip


def _outside_legend() -> Legend:
    return ((_("within its interval"), "c0"), (_("outside"), "c1"))


def _intervals(run: TableRun) -> list[Chart]:
    """Some test rows, by what is predicted: their intervals, and the true values."""
    if not len(run.low):
        return []
    there = np.flatnonzero(np.isfinite(run.truth) & np.isfinite(run.answers))
    order = there[np.argsort(run.answers[there], kind="stable")]
    rows = order[np.linspace(0, len(order) - 1, min(len(order), MAX_INTERVALS)).round().astype(int)]
    at, truth, low, high = np.arange(len(rows)), run.truth[rows], run.low[rows], run.high[rows]
    inside = (low <= truth) & (truth <= high)
    gap = np.full(len(rows), np.nan)
    bars = Line(np.c_[at, at, gap].ravel(), np.c_[low, high, gap].ravel(), "muted")
    marks: list[Mark] = [bars, Dots(at[inside], truth[inside], "c0"),
                         Dots(at[~inside], truth[~inside], "c1")]  # fmt: skip
    heads = [_("{value}, between {low} and {high}", value=number(value, 3), low=number(a, 3),
               high=number(b, 3)) for value, a, b in zip(run.answers[rows], low, high)]  # fmt: skip
    told = [(_("true value"), [number(value, 3) for value in truth])]
    said = _("Lines are intervals of {level} around predictions, dots the true values. {share} of "
             "all {rows} are within.", level=percent(run.interval, 0),
             share=percent(run.coverage["coverage"], 0), rows=run.things.count(len(run.truth))
             )  # fmt: skip
    return [Chart(_("Prediction intervals"), _("Prediction intervals of some rows. {summary}",
                                               summary=said),
                  marks, Axis(_("rows of the test, by predicted value"), marked=False),
                  Axis(shorten(run.target, 30)), Reading.along(at, heads, told), said,
                  _outside_legend(), "wide", height=SQUARE)]  # fmt: skip
