"""The report of a training as a page of sections: what all tasks show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from maeum.core.messages import N_, _
from maeum.core.wording import as_written, shorten
from maeum.experiment.run import ClassificationRun, Run
from maeum.experiment.trained import Trained
from maeum.report import answers
from maeum.report.learning import learning, learning_curves
from maeum.report.sections import (
    Bar,
    Bars,
    Chapter,
    Code,
    Grid,
    Heading,
    Notes,
    Page,
    Pairs,
    Section,
    Table,
    Text,
    stacked,
)
from maeum.report.wording import duration, more

MAX_SUMMARY_LINES = 120
MAX_LAYERS = 80
PARTS = {
    "train": (N_("training"), "c0"),
    "validation": (N_("validation"), "c2"),
    "test": (N_("test"), "c1"),
}


def page_of(trained: Trained) -> Page:
    """Return the report of a training."""
    task, run = trained.task, trained.run
    verdict = task.verdict(run)
    source = shorten(run.source, 60)
    return Page(
        title=_("{headline}: report of {source}", headline=verdict.headline, source=source),
        eyebrow=(source, *task.eyebrow(run)),
        headline=verdict.headline,
        sentences=verdict.sentences,
        tiles=verdict.tiles,
        chapters=[*task.sections(trained), training(trained), next_steps(trained)],
    )


def quality(run: Run, *sections: Section, measured: str = "", others: str = "") -> Chapter:
    """How good it is: what is measured, the comparison with other models, then ``sections``.

    Args:
        run: the training.
        sections: what the task adds.
        measured: on what; by default the test part.
        others: what the other models are.
    """
    if not measured and (run.settings.get("folds") or 1) > 1:
        test = run.things.count(run.rows["test"])
        measured = _("Everything here is measured by cross-validation on {test}, each judged by a "
                     "network that has not seen it.", test=test)  # fmt: skip
    measured = measured or _("Everything here is measured on the {test} of the test, which were "
                             "used neither for learning nor for choosing the best epoch.",
                             test=run.things.count(run.rows.get("test", 0)))  # fmt: skip
    found: list[Section] = [Text(measured)]
    if len(run.models) > 1:
        table = answers.comparison(run.models)
        others = others or _("scikit-learn models with their usual settings, trained and tested on "
                             "the same {things}. The best value of each column is marked.",
                             things=_(run.things.name))  # fmt: skip
        found += [Heading(table.title), Text(others), table]
    return Chapter("quality", _("How good it is"), [*found, *sections])


def right_and_wrong(run: ClassificationRun) -> list[Section]:
    """The confusion matrix and, of more than two classes, the most frequent mistakes."""
    things = _(run.things.name).capitalize()
    caption = _("{things} of the test, and their fraction of the true class.", things=things)
    judged = run.truth, run.answers, run.classes
    pairs = answers.confused_pairs(*judged, things)
    return [answers.confusion(*judged, caption), *([pairs] if pairs else [])]


def class_counts(counts: Mapping[str, Mapping[str, int]], most: int, style: str = "") -> Bars:
    """How many rows each class has, in each part.

    Args:
        counts: of each part, the number of rows of each class.
        most: how many classes are shown.
        style: of the bars.
    """
    classes = list(next(iter(counts.values())))
    totals = {name: sum(own[name] for own in counts.values()) for name in classes}
    scale, bars = 100 / max(totals.values()), []
    for name in classes[:most]:
        segments = stacked((scale * own[name], PARTS[part][1]) for part, own in counts.items())
        bars.append(Bar(shorten(name, 40), f"{totals[name]:,}", segments))
    legend = tuple((_(PARTS[part][0]), PARTS[part][1]) for part in counts)
    return Bars(_("Classes"), bars, more(len(classes) - most), legend, style=style)


def notes(run: Run) -> list[Section]:
    """What was recognised, filled and what happened."""
    return [Notes(run.notes)] if run.notes else []


def training(trained: Trained, *sections: Section) -> Chapter:
    """How the network learnt, what it is, and what was chosen."""
    run, refit = trained.run, bool(trained.run.settings.get("refit"))
    own = trained.task.learning(trained)
    if own is None:
        said = learning(run.history, run.best_epoch, refit, run.settings.get("members"))
        curves = learning_curves(run.history, run.best_epoch)
        own = [Text(said)] if said else []
        own.append(Grid(curves) if curves else Text(_("No epoch was recorded.")))
    found: list[Section] = [*own]
    if run.network:
        found += [Heading(_("The network")), *network(run.network)]
    cards = [
        Pairs(_("Settings"), [(shorten(k, 40), _setting(v)) for k, v in run.settings.items()]),
        Pairs(_("Time"), [(_(k), duration(v)) for k, v in run.seconds.items()]),
        Pairs(_("Versions"), sorted(run.versions.items())),
    ]
    found.append(Grid([card for card in cards if card.pairs]))
    return Chapter("training", _("The training"), [*sections, *found])


def next_steps(trained: Trained) -> Chapter:
    """How the model file is used."""
    task = trained.task
    python: list[Section] = [Text(_("The same in Python:")), Code(task.snippet)]
    if task.inside:
        python.append(Text(Markup(_(task.inside, network="<code>model.network</code>"))))
    commands = Code("\n".join(task.commands))
    return Chapter("next", _("What next"), [Text(_(task.holds)), commands, *python])


def network(summary: str) -> list[Section]:
    """Return a network's summary as a table of its layers; as it is, if it has none."""
    lines = summary.strip("\n").splitlines()
    drawn = [line for line in lines if line.startswith("│")]
    if len(drawn) < 2:
        kept = lines[:MAX_SUMMARY_LINES]
        left = [_("… and {n:,} more lines", n=len(lines) - len(kept))] * (len(kept) < len(lines))
        return [Code("\n".join([*kept, *left]))]
    head, *rows = ([cell.strip() for cell in line.strip("│").split("│")] for line in drawn)
    title = lines[0] if lines[0] != drawn[0] else _("The network")
    counts = [line for line in lines[1:] if line[:1].isalpha()]
    return [
        Table(title, head, rows[:MAX_LAYERS], caption=more(len(rows) - MAX_LAYERS),
              style="wide layers", titled=False, named=True),
        Text(", ".join(counts) + ".", small=True),
    ]  # fmt: skip


def _setting(value: Any) -> str:
    """Return the value of an option as text."""
    if isinstance(value, dict):
        value = ", ".join(f"{k}: {_setting(v)}" for k, v in value.items())
    elif isinstance(value, (list, tuple)):
        value = ", ".join(_setting(v) for v in value) or _("none")
    elif isinstance(value, bool) or value is None:
        value = {True: _("yes"), False: _("no"), None: _("none")}[value]
    elif isinstance(value, float):
        value = as_written(value)
    return shorten(value, 160)
