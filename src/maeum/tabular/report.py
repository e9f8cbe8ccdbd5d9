"""The report of a training on a table: one HTML file that needs nothing but a browser."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from maeum.report import wording
from maeum.report.figures import Drawing
from maeum.report.learning import learning_curves
from maeum.report.page import environment, head, setting, write_page
from maeum.report.pieces import Some
from maeum.tabular import bars, figures_data, figures_model, outcome, verdict
from maeum.tabular.figures_data import Groups, groups_by_target
from maeum.tabular.profile import profile
from maeum.tabular.relations import Relation, Sample, relations
from maeum.tabular.result import TableRun

MAX_HISTOGRAMS = 12
MAX_CATEGORY_CHARTS = 12
MAX_SUMMARY_LINES = 120

T = TypeVar("T")


def render(run: TableRun) -> str:
    """Return the report as one HTML page, with its style and drawings inside.

    Every name and cell is escaped, the page holds no script and loads nothing; what would be too
    much to read (a histogram of each of 2,000 columns) is cut off and counted.
    """
    sample = Sample(run)
    groups = groups_by_target(run, sample)
    found = relations(run, sample)
    histograms, categories = _distributions(run, sample, groups, found)
    page = environment("maeum.tabular").get_template("report.html")
    return page.render(
        run=run,
        headline=verdict.headline(run),
        sentences=verdict.sentences(run),
        tiles=verdict.tiles(run),
        comparison=outcome.comparison(run),
        **_quality(run),
        importance=bars.importance_bars(run),
        examples=outcome.examples(run),
        profile=profile(run),
        balance=bars.class_balance(run, sample),
        missing=bars.missing_values(run),
        relations=bars.relation_bars(run, found),
        groups=groups,
        histograms=histograms,
        categories=categories,
        pairs=_pairs(run, sample, groups, found),
        learning=verdict.learning(run),
        curves=learning_curves(run.history, run.best_epoch),
        network=head(run.network, MAX_SUMMARY_LINES),
        settings=[(wording.shorten(k, 40), setting(v)) for k, v in run.settings.items()],
        seconds=[(wording.shorten(k, 40), wording.duration(v)) for k, v in run.seconds.items()],
    )


def write_report(run: TableRun, path: str | os.PathLike[str]) -> Path:
    """Write the report to ``path``; a report that was there stays whole until the new one is.

    Returns:
        The path that was written.

    Raises:
        SaveError: if the file or its folder cannot be written.
    """
    return write_page(render(run), path)


def _quality(run: TableRun) -> dict[str, Any]:
    """The drawings and tables on how right the answers are; they differ by task."""
    if run.task == "regression":
        drawings = [figures_model.predicted_against_true(run), *figures_model.residuals(run)]
        return {
            "drawings": [d for d in drawings if d], "confusion": None, "pairs_confused": None,
            "thresholds": None, "one_class": False,
        }  # fmt: skip
    makers: tuple[Callable[[TableRun], Drawing | None], ...] = (
        figures_model.roc,
        figures_model.precision_recall,
        figures_model.calibration,
    )
    return {
        "drawings": [d for make in makers if (d := make(run))],
        "confusion": outcome.confusion(run),
        "pairs_confused": outcome.confused_pairs(run),
        "thresholds": outcome.thresholds(run),
        "one_class": len(set(run.truth.tolist())) < 2,
    }


def _distributions(
    run: TableRun, sample: Sample, groups: Groups, found: list[Relation]
) -> tuple[Some, Some]:
    """Histograms and category charts of the columns that say most about the target."""
    numbers = _by_strength([*sample.numbers, *sample.dates], found)
    if run.task == "regression" and run.target in sample.frame.columns:
        numbers = [run.target, *numbers]
    categories = _by_strength(sample.categories, found)
    return (
        _some(numbers, MAX_HISTOGRAMS, lambda n: figures_data.histogram(sample, n, groups)),
        _some(
            categories,
            MAX_CATEGORY_CHARTS,
            lambda n: bars.category_chart(run, sample, n, groups),
        ),
    )


def _pairs(run: TableRun, sample: Sample, groups: Groups, found: list[Relation]) -> Drawing | None:
    """The pair plot of the most telling numbers; None with fewer than two."""
    most = figures_data.PAIR_COLUMNS - (run.task == "regression")
    names = [n for n in _by_strength(sample.numbers, found) if sample.varies(n)][:most]
    if run.task == "regression" and names and run.target in sample.frame.columns:
        names.append(run.target)
    return figures_data.pair_plot(sample, names, groups) if len(names) > 1 else None


def _by_strength(names: Iterable[str], found: list[Relation]) -> list[str]:
    """The names in the order of their strongest relation with the target."""
    place: dict[str, int] = {}
    for i, relation in enumerate(found):
        place.setdefault(relation.column, i)
    return sorted(names, key=lambda n: place.get(n, len(found)))


def _some(names: list[str], most: int, make: Callable[[str], T | None]) -> Some:
    shown = [made for name in names[:most] if (made := make(name)) is not None]
    return Some(shown, max(len(names) - most, 0))
