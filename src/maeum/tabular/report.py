"""What the report of a training on a table shows: the table, the answers, what they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.experiment.report import notes, quality, right_and_wrong
from maeum.experiment.trained import Trained
from maeum.report.sections import (
    Caution,
    Chapter,
    Folded,
    Grid,
    Heading,
    Legend,
    Section,
    Text,
)
from maeum.report.wording import metric_name, more
from maeum.tabular import (
    alerts,
    bars,
    explaining,
    figures_columns,
    figures_data,
    figures_explaining,
    figures_model,
    outcome,
    profile,
    subgroups,
)
from maeum.tabular.figures_data import Groups, groups_by_target, legend_of
from maeum.tabular.relations import Relation, Sample, relations
from maeum.tabular.result import TableRun

MAX_HISTOGRAMS = 12
MAX_CATEGORY_CHARTS = 12
MANY_COLUMNS = 25  # from then on their profile is folded away


def chapters(trained: Trained) -> list[Chapter]:
    """Return the chapters; what would be too much to read is cut off and counted."""
    run = trained.run
    sample = Sample(run)
    found = [quality(run, *_answers(run, sample)), _reasons(trained, sample), _examples(trained),
             _table(run, sample)]  # fmt: skip
    return [chapter for chapter in found if chapter is not None]


def _answers(run: TableRun, sample: Sample) -> list[Section]:
    """The drawings and tables on how right the answers are; they differ by task."""
    fails = subgroups.sections(run, sample)
    failing = [Heading(_("Where it fails")), *fails] if fails else []
    if run.task == "regression":
        shown = figures_model.of_values(run)
        said = [Heading(_("Predicted and true values")), Grid(shown)] if shown else []
        return [*said, *failing]
    caution = Caution(_("The test rows hold only one class, so ranking curves and areas cannot be "
                        "drawn. More rows, or a stratified split, would help."))  # fmt: skip
    confusion, *pairs = right_and_wrong(run)
    curves = (figures_model.roc, figures_model.precision_recall, figures_model.calibration,
              figures_model.gains)  # fmt: skip
    cards = [confusion, outcome.thresholds(run), *pairs, *(make(run) for make in curves)]
    grid = Grid([card for card in cards if card is not None])
    one_class = len(set(run.truth.tolist())) < 2
    return [Heading(_("Right and wrong")), *([caution] if one_class else []), grid, *failing]


def _reasons(trained: Trained, sample: Sample) -> Chapter | None:
    run = trained.run
    chart = bars.importance_bars(run)
    if chart is None:
        return None
    key = {"binary": "roc_auc", "multiclass": "accuracy", "regression": "r2"}[run.task]
    said = _("How much worse the score on the test rows ({metric}) becomes when one column is "
             "shuffled among them: a column that the network leans on costs much, one that it "
             "ignores costs nothing. The thin line is the spread over several shufflings. Columns "
             "that say the same stand in for each other and look less important than they are.",
             metric=metric_name(key).label)  # fmt: skip
    return Chapter("reasons", _("What it goes by"),
                   [Text(said), chart, *_dependences(trained, sample)])  # fmt: skip


def _dependences(trained: Trained, sample: Sample) -> list[Section]:
    """What the main columns do to the answers."""
    run = trained.run
    if said := explaining.too_wide(run, trained.model):
        return [Text(said, small=True)]
    if not explaining.can_explain(run, trained.model):
        return []
    found = explaining.dependences(run, trained.model, sample)
    said = _("What the network answers on average when each test row gets this value of the "
             "column, and everything else stays as it is. Where columns go together, some of these "
             "rows are such as do not occur.")  # fmt: skip
    shown = [figures_explaining.dependence(run, sample, each) for each in found]
    return [Heading(_("Along the main columns")), Text(said), Grid(shown)] if shown else []


def _examples(trained: Trained) -> Chapter | None:
    run = trained.run
    tables, rows = outcome.examples(run), outcome.example_rows(run)
    if not tables:
        return None
    said = _("Test rows as they stood in the file, with the columns that matter most.")
    why = _why(trained, rows)
    if why:
        said += " " + _("Below each table: what each column adds to the answer for its rows, "
                        "compared with the other test rows (Shapley values); of a class in points "
                        "of its probability.")  # fmt: skip
    shown: list[Section] = []
    for table in tables:
        shown += [Heading(table.title), table, *why.get(table.title, [])]
    return Chapter("examples", _("Examples"), [Text(said), *shown])


def _why(trained: Trained, rows: dict[str, np.ndarray]) -> dict[str, list[Section]]:
    """What the columns add to the answers for some rows, under the same titles."""
    run, chosen = trained.run, np.concatenate([*rows.values(), np.zeros(0, int)]).astype(int)
    if not explaining.can_explain(run, trained.model) or not len(chosen):
        return {}
    left = iter(explaining.contributions(run, trained.model, chosen))
    return {
        title: [Grid([figures_explaining.why(run, int(row), place, each)
                      for place, (row, each) in enumerate(zip(own, left), start=1)])]
        for title, own in rows.items()
    }  # fmt: skip


def _table(run: TableRun, sample: Sample) -> Chapter:
    groups, found = groups_by_target(run, sample), relations(run, sample)
    sections = [
        Text(profile.summary(run)),
        *notes(run),
        *_alerts(run, sample, found),
        *_columns(run),
        *_classes_and_gaps(run, sample),
        *_relations(run, found),
        *_correlations(run, sample),
        *_histograms(run, sample, groups, found),
        *_categories(run, sample, groups, found),
        *_pairs(run, sample, groups, found),
    ]
    return Chapter("table", _("The table"), sections)


def _alerts(run: TableRun, sample: Sample, found: list[Relation]) -> list[Section]:
    told = alerts.alerts(run, sample, found)
    return [Heading(_("Alerts")), alerts.terms(told)] if told else []


def _correlations(run: TableRun, sample: Sample) -> list[Section]:
    chart = figures_columns.correlations(run, sample)
    return [Heading(chart.title), chart] if chart is not None else []


def _columns(run: TableRun) -> list[Section]:
    columns, excluded = profile.columns(run), profile.excluded(run)
    n = len(columns.rows)
    shown: Section = columns
    if n > MANY_COLUMNS:
        said = _("All {n} columns, with their types and ranges", n=n)
        if columns.caption:
            said = _("The {n} columns that matter most, with their types and ranges", n=n)
        shown = Folded(said, [columns])
    left = [Heading(_("Excluded")), excluded] if excluded.terms else []
    return [Heading(_("Columns")), shown, *left]


def _classes_and_gaps(run: TableRun, sample: Sample) -> list[Section]:
    balance, missing = bars.class_balance(run, sample), bars.missing_values(run)
    cards: list[Section] = [card for card in (balance, missing) if card is not None]
    if not cards:
        return []
    matrix = figures_columns.missing_matrix(run)
    wide: list[Section] = [matrix] if matrix is not None else []
    both = _("Classes and gaps") if len(cards) == 2 else _("Classes") if balance else _("Gaps")
    return [Heading(both), Grid(cards), *wide]


def _relations(run: TableRun, found: list[Relation]) -> list[Section]:
    chart = bars.relation_bars(run, found)
    if chart is None:
        return []
    if run.task == "multiclass":
        said = _("Each column by itself, before any learning: how much knowing the column tells "
                 "about the class, from 0 (nothing) to 1 (everything).")  # fmt: skip
    else:
        said = _("Each column by itself, before any learning: its correlation (Pearson’s r), from "
                 "−1 over 0 (none) to +1.")  # fmt: skip
    return [Heading(_("What goes with {name}", name=shorten(run.target, 40))), Text(said), chart]


def _histograms(
    run: TableRun, sample: Sample, groups: Groups, found: list[Relation]
) -> list[Section]:
    """Histograms of the numbers that say most about the target."""
    names = _by_strength([*sample.numbers, *sample.dates], found)
    title = _("Numbers by class")
    said = _("How each class is spread along the column, drawn to the same total; the columns "
             "that tell most come first.")  # fmt: skip
    if run.task == "regression":
        names = [run.target, *names] if run.target in sample.frame.columns else names
        title = _("Numbers")
        said = _("How each third of the rows, by {name}, is spread along the column, drawn to the "
                 "same total; the columns that tell most come first.",
                 name=shorten(run.target, 30))  # fmt: skip
    made = [figures_data.histogram(sample, name, groups) for name in names[:MAX_HISTOGRAMS]]
    words: list[Section] = [
        Heading(title),
        Text(said),
        Legend(legend_of(groups)),
    ]
    return _charts(words, made, len(names) - MAX_HISTOGRAMS)


def _categories(
    run: TableRun, sample: Sample, groups: Groups, found: list[Relation]
) -> list[Section]:
    """Charts of the categories that say most about the target."""
    names = _by_strength(sample.categories, found)
    legend = []
    if run.task == "binary":
        said = _("The fraction of “{name}” among the rows with each value; the thin mark is its "
                 "fraction in the whole table.", name=shorten(run.classes[1], 30))  # fmt: skip
    elif run.task == "multiclass":
        said, legend = (
            _("Which classes the rows with each value have."),
            [Legend(legend_of(groups))],
        )
    else:
        said = _("The mean of {name} among the rows with each value, as its distance from the mean "
                 "of the whole table.", name=shorten(run.target, 30))  # fmt: skip
    made = [bars.category_chart(run, sample, n, groups) for n in names[:MAX_CATEGORY_CHARTS]]
    words = [Heading(_("Categories")), Text(said), *legend]
    return _charts(words, made, len(names) - MAX_CATEGORY_CHARTS)


def _charts(words: list[Section], made: Sequence[Section | None], rest: int) -> list[Section]:
    """The charts that could be made, under some words; nothing without a chart."""
    shown = [chart for chart in made if chart is not None]
    said: list[Section] = [Text(more(rest), small=True)] if rest > 0 else []
    return [*words, Grid(shown), *said] if shown else []


def _pairs(run: TableRun, sample: Sample, groups: Groups, found: list[Relation]) -> list[Section]:
    """The pair plot of the most telling numbers, if there are two."""
    most = figures_data.PAIR_COLUMNS - (run.task == "regression")
    names = [n for n in _by_strength(sample.numbers, found) if sample.varies(n)][:most]
    if run.task == "regression" and names and run.target in sample.frame.columns:
        names.append(run.target)
    if len(names) < 2:
        return []
    charts, rows = figures_data.pairs(sample, names, groups), figures_data.drawn(sample)
    return [Heading(_("Pairs of numbers")), *([Text(rows)] if rows else []),
            Legend(legend_of(groups)), Grid(charts)]  # fmt: skip


def _by_strength(names: Iterable[str], found: list[Relation]) -> list[str]:
    """The names in the order of their strongest relation with the target."""
    place = {relation.column: -i for i, relation in enumerate(reversed(found))}
    return sorted(names, key=lambda n: place.get(n, 1))
