"""The report of a training on pictures: one HTML file that needs nothing but a browser."""

from __future__ import annotations

import numpy as np

from maeum.core.wording import shorten
from maeum.images.experiment import seeing, shots, verdict
from maeum.images.experiment.result import ImageRun
from maeum.images.experiment.training import TrainedImages
from maeum.report import answers, wording
from maeum.report.learning import learning, learning_curves
from maeum.report.page import environment, head, setting
from maeum.report.pieces import Bar, BarChart, Segment, Some, Table
from maeum.report.wording import percent

MAX_SUMMARY_LINES = 120
MAX_BARS = 30
MAX_SKIPPED = 40
_COLOURS = {"train": "c0", "validation": "c2", "test": "c1"}


def render(trained: TrainedImages) -> str:
    """Return the report as one HTML page, with its style and pictures inside.

    Every name is escaped, the page holds no script and loads nothing; what would be too much to
    look at (samples of a thousand classes) is cut off and counted.
    """
    run, network = trained.run, trained.model.network
    page = environment("maeum.images.experiment").get_template("images.html")
    return page.render(
        run=run,
        headline=verdict.headline(run),
        sentences=verdict.sentences(run),
        tiles=verdict.tiles(run),
        comparison=answers.comparison(run.baselines) if len(run.baselines) > 1 else None,
        confusion=answers.confusion(run.truth, run.answers, run.classes),
        pairs_confused=answers.confused_pairs(run.truth, run.answers, run.classes, "Pictures"),
        by_class=by_class(run),
        mistakes=shots.mistakes(run),
        unsure=shots.unsure(run),
        explained=seeing.explained(run, network),
        maps=seeing.feature_maps(run, network),
        filters=seeing.first_filters(network),
        samples=Some(shots.samples(run), max(len(run.classes) - shots.MAX_CLASSES, 0)),
        counts=class_counts(run),
        augmented=shots.augmented(run),
        skipped=Some(_skipped(run), max(len(run.data.skipped) - MAX_SKIPPED, 0)),
        sharp=min(run.data.shape[:2]) <= 64,
        learning=learning(run.history, run.best_epoch, things="pictures"),
        curves=learning_curves(run.history, run.best_epoch),
        network=head(run.network, MAX_SUMMARY_LINES),
        settings=[(wording.shorten(k, 40), setting(v)) for k, v in run.settings.items()],
        seconds=[(wording.shorten(k, 40), wording.duration(v)) for k, v in run.seconds.items()],
        versions=sorted(run.versions.items()),
    )


def by_class(run: ImageRun) -> Table:
    """How well each class is found, and how often its name is right; the rarest found first."""
    rows = []
    for number, name in enumerate(run.classes):
        is_it, named = run.truth == number, run.answers == number
        hits = int((is_it & named).sum())
        found = hits / is_it.sum() if is_it.any() else None
        right = hits / named.sum() if named.any() else None
        both = 2 * hits / (is_it.sum() + named.sum()) if is_it.any() or named.any() else None
        shown = [f"{is_it.sum():,}", percent(found), percent(right), wording.number(both, 3)]
        rows.append((np.inf if found is None else found, [shorten(name, 40), *shown]))
    rows.sort(key=lambda row: row[0])
    heads = ["Class", "Test pictures", "Found (recall)", "Right when named (precision)", "F1"]
    caption = f"and {len(rows) - MAX_BARS} more classes" if len(rows) > MAX_BARS else ""
    return Table("Class by class", heads, [row for _, row in rows[:MAX_BARS]], caption=caption)


def class_counts(run: ImageRun) -> BarChart:
    """How many pictures each class has, in each part."""
    counts = run.data.counts
    totals = {name: sum(part[name] for part in counts.values()) for name in run.classes}
    most = max(totals.values())
    bars = []
    for name in run.classes[:MAX_BARS]:
        left, segments = 0.0, []
        for part, own in counts.items():
            width = 100 * own[name] / most
            segments.append(Segment(left, width, _COLOURS[part]))
            left += width
        bars.append(
            Bar(shorten(name, 40), f"{totals[name]:,}", [s for s in segments if s.width > 0])
        )
    rest = len(run.classes) - MAX_BARS
    legend = tuple((part, _COLOURS[part]) for part in counts)
    return BarChart("Classes", bars, f"and {rest} more classes" if rest > 0 else "", legend)


def _skipped(run: ImageRun) -> list[tuple[str, str]]:
    shown = run.data.skipped[:MAX_SKIPPED]
    return [(shorten(wording_of(path), 70), shorten(reason, 160)) for path, reason in shown]


def wording_of(path: str) -> str:
    """Return the last two parts of a path: the class folder and the file."""
    return "/".join(path.replace("\\", "/").split("/")[-2:])
