"""What the report of a training on a table shows: the table, the answers, what they rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import shorten
from maeum.experiment.report import notes, quality, right_and_wrong
from maeum.report.sections import (
    Caution,
    Chapter,
    Drawing,
    Folded,
    Grid,
    Heading,
    Legend,
    Section,
    Text,
)
from maeum.tabular import bars, figures_data, figures_model, outcome, profile
from maeum.tabular.figures_data import Groups, groups_by_target
from maeum.tabular.relations import Relation, Sample, relations
from maeum.tabular.result import TableRun

MAX_HISTOGRAMS = 12
MAX_CATEGORY_CHARTS = 12
MANY_COLUMNS = 25  # from then on their profile is folded away

T = TypeVar("T")


def chapters(run: TableRun) -> list[Chapter]:
    """Return the chapters; what would be too much to read is cut off and counted."""
    found = [quality(run, *_answers(run)), _reasons(run), _examples(run), _table(run)]
    return [chapter for chapter in found if chapter is not None]


def _answers(run: TableRun) -> list[Section]:
    """The drawings and tables on how right the answers are; they differ by task."""
    if run.task == "regression":
        drawings = [figures_model.predicted_against_true(run), *figures_model.residuals(run)]
        shown = [d for d in drawings if d]
        return [Heading(_("Predicted and true values")), Grid(shown)] if shown else []
    makers: tuple[Callable[[TableRun], Drawing | None], ...] = (
        figures_model.roc,
        figures_model.precision_recall,
        figures_model.calibration,
    )
    one_class = len(set(run.truth.tolist())) < 2
    caution = Caution(_("The test rows hold only one class, so ranking curves and areas cannot be "
                        "drawn. More rows, or a stratified split, would help."))  # fmt: skip
    confusion, *pairs = right_and_wrong(run)
    cards = [confusion, outcome.thresholds(run), *pairs, *(make(run) for make in makers)]
    return [
        Heading(_("Right and wrong")),
        *([caution] if one_class else []),
        Grid([card for card in cards if card is not None]),
    ]


_LOST = {
    "binary": N_("How much worse the ROC AUC on the test rows becomes when one column is shuffled "
                 "among them:"),
    "multiclass": N_("How much worse the accuracy on the test rows becomes when one column is "
                     "shuffled among them:"),
    "regression": N_("How much worse the R² on the test rows becomes when one column is shuffled "
                     "among them:"),
}  # fmt: skip


def _reasons(run: TableRun) -> Chapter | None:
    chart = bars.importance_bars(run)
    if chart is None:
        return None
    said = _("a column that the network leans on costs much, one that it ignores costs nothing. "
             "The thin line is the spread over several shufflings. Columns that say the same "
             "stand in for each other and look less important than they are.")  # fmt: skip
    return Chapter("reasons", _("What it goes by"), [Text(f"{_(_LOST[run.task])} {said}"), chart])


def _examples(run: TableRun) -> Chapter | None:
    tables = outcome.examples(run)
    if not tables:
        return None
    if len(run.ranking) > outcome.MAX_EXAMPLE_COLUMNS:
        said = _("Test rows as they stood in the file, with the columns that matter most.")
    else:
        said = _("Test rows as they stood in the file.")
    shown = [section for table in tables for section in (Heading(table.title), table)]
    return Chapter("examples", _("Examples"), [Text(said), *shown])


def _table(run: TableRun) -> Chapter:
    sample = Sample(run)
    groups, found = groups_by_target(run, sample), relations(run, sample)
    sections = [
        Text(profile.summary(run)),
        *notes(run),
        *_columns(run),
        *_classes_and_gaps(run, sample),
        *_relations(run, found),
        *_histograms(run, sample, groups, found),
        *_categories(run, sample, groups, found),
        *_pairs(run, sample, groups, found),
    ]
    return Chapter("table", _("The table"), sections)


def _columns(run: TableRun) -> list[Section]:
    columns, excluded = profile.columns(run), profile.excluded(run)
    shown: Section = columns
    if len(columns.rows) > MANY_COLUMNS:
        if columns.caption:
            said = _("The {n} columns that matter most, with their types and ranges")
        else:
            said = _("All {n} columns, with their types and ranges")
        shown = Folded(said.format(n=len(columns.rows)), [columns])
    left = [Heading(_("Excluded")), excluded] if excluded.terms else []
    return [Heading(_("Columns")), shown, *left]


def _classes_and_gaps(run: TableRun, sample: Sample) -> list[Section]:
    balance, missing = bars.class_balance(run, sample), bars.missing_values(run)
    cards = [card for card in (balance, missing) if card is not None]
    if not cards:
        return []
    both = _("Classes and gaps") if len(cards) == 2 else _("Classes") if balance else _("Gaps")
    return [Heading(both), Grid(cards)]


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
    if run.task == "regression" and run.target in sample.frame.columns:
        names = [run.target, *names]
    shown = _made(names[:MAX_HISTOGRAMS], lambda n: figures_data.histogram(sample, n, groups))
    if not shown:
        return []
    if run.task == "regression":
        title = _("Numbers")
        said = _("How each third of the rows, by {name}, is spread along the column, drawn to the "
                 "same total; the columns that tell most come first.",
                 name=shorten(run.target, 30))  # fmt: skip
    else:
        title = _("Numbers by class")
        said = _("How each class is spread along the column, drawn to the same total; the columns "
                 "that tell most come first.")  # fmt: skip
    more = len(names) - MAX_HISTOGRAMS
    rest = ngettext("and {n:,} more column of numbers", "and {n:,} more columns of numbers", more)
    return [Heading(title), Text(said), Legend(groups.legend), Grid(shown), *_rest(more, rest)]


def _categories(
    run: TableRun, sample: Sample, groups: Groups, found: list[Relation]
) -> list[Section]:
    """Charts of the categories that say most about the target."""
    names = _by_strength(sample.categories, found)
    shown = _made(
        names[:MAX_CATEGORY_CHARTS], lambda n: bars.category_chart(run, sample, n, groups)
    )
    if not shown:
        return []
    legend = []
    if run.task == "binary":
        said = _("The fraction of “{name}” among the rows with each value; the thin mark is its "
                 "fraction in the whole table.", name=shorten(run.classes[1], 30))  # fmt: skip
    elif run.task == "multiclass":
        said, legend = _("Which classes the rows with each value have."), [Legend(groups.legend)]
    else:
        said = _("The mean of {name} among the rows with each value, as its distance from the mean "
                 "of the whole table.", name=shorten(run.target, 30))  # fmt: skip
    more = len(names) - MAX_CATEGORY_CHARTS
    rest = ngettext("and {n:,} more category", "and {n:,} more categories", more)
    return [Heading(_("Categories")), Text(said), *legend, Grid(shown), *_rest(more, rest)]


def _pairs(run: TableRun, sample: Sample, groups: Groups, found: list[Relation]) -> list[Section]:
    """The pair plot of the most telling numbers, if there are two."""
    most = figures_data.PAIR_COLUMNS - (run.task == "regression")
    names = [n for n in _by_strength(sample.numbers, found) if sample.varies(n)][:most]
    if run.task == "regression" and names and run.target in sample.frame.columns:
        names.append(run.target)
    if len(names) < 2:
        return []
    return [Heading(_("Pairs of numbers")), figures_data.pair_plot(sample, names, groups)]


def _by_strength(names: Iterable[str], found: list[Relation]) -> list[str]:
    """The names in the order of their strongest relation with the target."""
    place: dict[str, int] = {}
    for i, relation in enumerate(found):
        place.setdefault(relation.column, i)
    return sorted(names, key=lambda n: place.get(n, len(found)))


def _made(names: list[str], make: Callable[[str], T | None]) -> list[T]:
    return [made for name in names if (made := make(name)) is not None]


def _rest(more: int, said: str) -> list[Section]:
    return [Text(said, small=True)] if more > 0 else []
