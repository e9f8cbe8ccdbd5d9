"""How good the network is, in plain sentences and key numbers."""

from __future__ import annotations

import math

import numpy as np

from maeum.core.wording import enumeration, plural, shorten
from maeum.report.learning import learning as learning_of
from maeum.report.pieces import Tile, wilson
from maeum.report.wording import finite, metric, metric_name, number, percent
from maeum.tabular.result import TableRun

PRIMARY = {
    "binary": ("auc", "roc_auc", "accuracy"),
    "multiclass": ("accuracy", "macro_f1", "log_loss"),
    "regression": ("rmse", "mae"),
}


def headline(run: TableRun) -> str:
    """The result in one plain sentence."""
    target, unseen = shorten(run.target, 40), plural(len(run.truth), "row")
    if run.task == "regression":
        errors = _errors(run)
        if not len(errors):
            return f"{target}: no prediction could be checked"
        typical = number(np.median(errors), 3)
        return f"{target}: typically within {typical} of the truth on {unseen} never seen before"
    if not len(run.truth):
        return f"{target}: no row was left to test on"
    right = wilson(*_hits(run))
    return f"{target}: right for {percent(right.share)} of {unseen} never seen before"


def sentences(run: TableRun) -> list[str]:
    """How good that is: against always giving one answer, and against other models."""
    said = _regression(run) if run.task == "regression" else _classification(run)
    return [s for s in (*said, _against_baselines(run), _caution(run)) if s]


def _classification(run: TableRun) -> list[str]:
    hits, count = _hits(run)
    if count == 0:
        return []
    counts = np.bincount(run.truth, minlength=len(run.classes))
    commonest, share = run.classes[int(counts.argmax())], counts.max() / count
    gain = 100 * (hits / count - share)
    lazy = f"always answering “{shorten(commonest, 30)}”"
    if gain > 0.05:
        said = [f"That is {gain:.1f} points better than {lazy} ({percent(share)})."]
    elif gain > -0.05:
        said = [f"By that measure it is no better than {lazy}."]
    else:
        said = [f"By that measure it is worse than {lazy} ({percent(share)})."]
    if run.task == "binary":
        area = next((run.metrics[k] for k in PRIMARY["binary"][:2] if k in run.metrics), None)
        no, yes = (shorten(c, 30) for c in run.classes)
        if finite(area):
            said.append(
                f"Shown one “{yes}” row and one “{no}” row, it gives the “{yes}” row the higher "
                f"probability {100 * float(area):.0f} times out of 100."  # type: ignore[arg-type]
            )
        found = (run.answers[run.truth == 1] == 1).mean() if counts[1] else None
        named = (run.truth[run.answers == 1] == 1).mean() if (run.answers == 1).any() else None
        if found is not None and named is not None:
            said.append(
                f"It finds {percent(found, 0)} of the “{yes}” rows, and of those that it names "
                f"{percent(named, 0)} are right."
            )
    return said


def _regression(run: TableRun) -> list[str]:
    errors = _errors(run)
    if not len(errors):
        return []
    truth = run.truth[np.isfinite(run.truth)]
    lazy = float(np.abs(truth - truth.mean()).mean())
    said = [
        f"On average it is off by {number(errors.mean())}; always answering with the mean would be "
        f"off by {number(lazy)}."
    ]
    r2 = run.metrics.get("r2")
    if r2 is not None and finite(r2):
        said.append(
            f"It explains {percent(r2)} of the differences between the rows (R²)."
            if r2 > 0
            else "It explains none of the differences between the rows (R² is not above 0)."
        )
    return said


def primary_metric(run: TableRun) -> str | None:
    """The metric that decides: the first of the task's that the network has a value of."""
    return next((k for k in PRIMARY[run.task] if finite(run.metrics.get(k))), None)


def _against_baselines(run: TableRun) -> str:
    key = primary_metric(run)
    others = [b for b in run.baselines[1:] if key and finite(b["metrics"].get(key))]
    if key is None or not others:
        return ""
    better = metric_name(key).better
    best = max(others, key=lambda b: better * b["metrics"][key])
    ours, theirs = run.metrics[key], best["metrics"][key]
    rows = max(len(run.truth), 1)
    # standard errors: at most this of a share of so many rows, about this of a root mean square
    chance = 0.5 / math.sqrt(rows) if better > 0 else abs(theirs) / math.sqrt(2 * rows)
    if abs(ours - theirs) <= chance:
        verdict = "level with"
    else:
        verdict = "ahead of" if better * (ours - theirs) > 0 else "behind"
    label = metric_name(key).label
    return (
        f"It is {verdict} the best of the scikit-learn models trained on the same rows, "
        f"{shorten(best['name'], 40)} ({label} {metric(key, ours)} against {metric(key, theirs)})."
    )


def _caution(run: TableRun) -> str:
    if run.task == "regression" or not 0 < len(run.truth) < 300:
        return ""
    trust = wilson(*_hits(run))
    return (
        f"With only {plural(len(run.truth), 'test row')}, the true share may lie anywhere between "
        f"{percent(trust.low, 0)} and {percent(trust.high, 0)}."
    )


def learning(run: TableRun) -> str:
    """Which epoch was kept, and whether the network began to learn its rows by heart after it."""
    return learning_of(run.history, run.best_epoch, bool(run.settings.get("refit")))


def tiles(run: TableRun) -> list[Tile]:
    """The key numbers: rows, then the test metrics that have a meaning to tell."""
    shown = [
        Tile(
            "Rows",
            f"{sum(run.rows.values()):,}",
            enumeration([f"{count:,} {part}" for part, count in run.rows.items() if count]),
        )
    ]
    told: set[str] = set()
    positive = shorten(run.classes[1], 20) if run.task == "binary" else "each class"
    for key, meaning in _MEANING.items():
        label, value = metric_name(key).label, run.metrics.get(key)
        if label not in told and finite(value):
            told.add(label)
            meaning = meaning.format(positive=positive)
            if key == "accuracy":
                trust = wilson(*_hits(run))
                meaning += f"; {percent(trust.low)} to {percent(trust.high)} with 95% confidence"
            shown.append(Tile(label, metric(key, value), meaning))
    return shown[:6]


_MEANING = {
    "accuracy": "of the test rows are answered correctly",
    "auc": "how well the two classes are ranked apart (0.5 guesses, 1 is perfect)",
    "roc_auc": "how well the classes are ranked apart (0.5 guesses, 1 is perfect)",
    "precision": "of the rows named “{positive}” are so",
    "recall": "of the “{positive}” rows are found",
    "f1": "balance of precision and recall (1 is perfect)",
    "macro_f1": "balance of precision and recall, mean of the classes",
    "balanced_accuracy": "mean share of each class that is answered correctly",
    "top_3_accuracy": "of the test rows have the truth among the three likeliest classes",
    "log_loss": "how surprised it is by the truth (0 is perfect)",
    "brier": "mean squared error of the probabilities (0 is perfect)",
    "mae": "mean absolute error, in the target's units",
    "rmse": "root mean squared error, in the target's units",
    "r2": "share of the differences that is explained (1 is perfect)",
    "mape": "mean absolute error, as a share of the true value",
}


def _hits(run: TableRun) -> tuple[int, int]:
    return int((run.answers == run.truth).sum()), len(run.truth)


def _errors(run: TableRun) -> np.ndarray:
    errors = np.abs(run.answers - run.truth)
    return errors[np.isfinite(errors)]
