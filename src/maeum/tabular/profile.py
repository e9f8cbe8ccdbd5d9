"""The table's profile: what each column holds, and which were excluded and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from maeum.core.messages import N_, _
from maeum.core.wording import enumeration, shorten
from maeum.experiment.run import ROWS, Things
from maeum.report.sections import Table, Terms
from maeum.report.wording import MISSING, finite, more, number, percent
from maeum.tables.columns import Column
from maeum.tabular.result import COLUMNS, TableRun

MAX_COLUMNS = 60
MAX_EXCLUDED = 30
_KINDS = {
    "number": Things("{n:,} number", "{n:,} numbers", N_("number")),
    "yesno": Things("{n:,} yes/no", "{n:,} yes/no", N_("yes/no")),
    "category": Things("{n:,} category", "{n:,} categories", N_("category")),
    "date": Things("{n:,} date", "{n:,} dates", N_("date")),
    "text": Things("{n:,} text", "{n:,} texts", N_("text")),
    "identifier": Things("{n:,} identifier", "{n:,} identifiers", N_("identifier")),
    "constant": Things("{n:,} constant", "{n:,} constants", N_("constant")),
    "empty": Things("{n:,} empty", "{n:,} empty", N_("empty")),
}


def summary(run: TableRun) -> str:
    """How many rows, columns, inputs and missing cells there are, in words."""
    inputs = [c for c in run.columns if c.name != run.target]
    used = Counter(c.kind for c in inputs if c.used)
    kinds = [_KINDS[kind].count(count) for kind, count in used.most_common()]
    gaps, cells = sum(c.missing for c in inputs), len(run.frame) * len(inputs)
    missing = f"{gaps:,} ({percent(gaps / cells, 2)})" if gaps and cells else "0"
    return _("{rows} and {columns} besides {target}. {used:,} of them are used ({kinds}) and "
             "became {features:,} inputs of the network. Missing cells: {missing}.",
             rows=ROWS.count(len(run.frame)), columns=COLUMNS.count(len(inputs)),
             target=shorten(run.target, 40), used=used.total(),
             kinds=enumeration(kinds) or MISSING, features=len(run.features),
             missing=missing)  # fmt: skip


def columns(run: TableRun) -> Table:
    """What each column holds, the most important ones first when there are too many to show."""
    used = [c for c in run.columns if c.used and c.name != run.target]
    shown = used
    if len(used) > MAX_COLUMNS:
        place = {name: i for i, name in enumerate(run.ranking)}
        shown = sorted(used, key=lambda c: place.get(c.name, len(place)))[:MAX_COLUMNS]
    return table_of(shown, len(run.frame), more(len(used) - len(shown)))


def table_of(columns: Sequence[Column], rows: int, caption: str = "") -> Table:
    """What some columns of a table of so many rows hold."""
    head = [_("Column"), _("Type"), _("Content"), _("Distinct"), _("Missing")]
    lines = [_line(column, rows) for column in columns]
    return Table(_("Columns"), head, lines, caption=caption, style="wide profile", titled=False,
                 named=True)  # fmt: skip


def excluded(run: TableRun) -> Terms:
    """The columns that the network did not get to see, and why."""
    return reasons_of([c for c in run.columns if not c.used and c.name != run.target])


def reasons_of(unused: Sequence[Column]) -> Terms:
    """Why some columns are not used."""
    terms = [(shorten(c.name), _kind(c), shorten(c.reason, 120)) for c in unused[:MAX_EXCLUDED]]
    return Terms(terms, max(len(unused) - MAX_EXCLUDED, 0))


def _line(column: Column, rows: int) -> list[str]:
    share = column.missing / max(rows, 1)
    content, note = _content(column), shorten(" ".join(column.notes), 200)
    if note:
        content = Markup("{}<small>{}</small>").format(content, note)
    return [
        shorten(column.name),
        _kind(column),
        content,
        f"{column.distinct:,}",
        f"{column.missing:,} ({percent(share)})" if column.missing else "",
    ]


def _kind(column: Column) -> str:
    return _(_KINDS[column.kind].name)


def _content(column: Column) -> str:
    """What the cells hold, in a few words."""
    known = column.statistics
    if finite(known.get("min")) and finite(known.get("max")):
        low, high = number(known["min"]), number(known["max"])
        middle = number(known.get("median"))
        return _("{low} to {high}, median {median}", low=low, high=high, median=middle)
    if "first" in known:
        low, high = (str(known.get(end, ""))[:10] for end in ("first", "last"))
        return _("{low} to {high}", low=low, high=high)
    if column.kind == "text" and finite(known.get("length")):
        return _("{n} letters on average", n=number(known["length"], 3))
    counts = known.get("counts")
    if isinstance(counts, dict) and counts and column.count:
        often = sorted(counts.items(), key=lambda item: -item[1])[:3]
        text = ", ".join(f"{shorten(v, 24)} ({percent(n / column.count, 0)})" for v, n in often)
        return text + (" …" if column.distinct > len(often) else "")
    return ""
