"""The table's profile: what each column holds, and which were left out and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from maeum.core.wording import enumeration, plural, shorten
from maeum.report.wording import finite, number, percent
from maeum.tabular.result import TableRun

if TYPE_CHECKING:
    from maeum.tables.columns import Column

MAX_COLUMNS = 60
MAX_LEFT_OUT = 30
_KINDS = {
    "number": ("number", "numbers"),
    "yesno": ("yes/no", "yes/no"),
    "category": ("category", "categories"),
    "date": ("date", "dates"),
    "text": ("text", "texts"),
    "identifier": ("identifier", "identifiers"),
    "constant": ("constant", "constants"),
    "empty": ("empty", "empty"),
}


class Line(NamedTuple):
    """A column in the profile."""

    name: str
    kind: str
    distinct: str
    missing: str
    content: str
    note: str


class LeftOut(NamedTuple):
    """A column that the network did not get to see."""

    name: str
    kind: str
    reason: str


class Profile(NamedTuple):
    """The profile; ``more`` and ``more_left_out`` say how many lines are not shown."""

    summary: str
    lines: list[Line]
    more: int
    left_out: list[LeftOut]
    more_left_out: int


def profile(run: TableRun) -> Profile:
    """Describe the columns, the most important ones first when there are too many to show."""
    inputs = [c for c in run.columns if c.name != run.target]
    used = [c for c in inputs if c.used]
    unused = [c for c in inputs if not c.used]
    shown = used
    if len(used) > MAX_COLUMNS:
        place = {name: i for i, name in enumerate(run.ranking)}
        shown = sorted(used, key=lambda c: place.get(c.name, len(place)))[:MAX_COLUMNS]
    return Profile(
        _summary(run, inputs, used),
        [_line(run, column) for column in shown],
        len(used) - len(shown),
        [LeftOut(shorten(c.name), _kind(c), shorten(c.reason, 120)) for c in unused[:MAX_LEFT_OUT]],
        max(len(unused) - MAX_LEFT_OUT, 0),
    )


def _summary(run: TableRun, inputs: list[Column], used: list[Column]) -> str:
    counts: dict[str, int] = {}
    for column in used:
        counts[column.kind] = counts.get(column.kind, 0) + 1
    kinds = [
        f"{count:,} {_KINDS.get(kind, (kind, kind))[count != 1]}"
        for kind, count in sorted(counts.items(), key=lambda item: -item[1])
    ]
    gaps = sum(c.missing for c in inputs)
    cells = len(run.frame) * len(inputs)
    return (
        f"{plural(len(run.frame), 'row')} and {plural(len(inputs), 'column')} beside "
        f"{shorten(run.target, 40)}. {len(used):,} of them are used"
        + (f" ({enumeration(kinds)})" if kinds else "")
        + f"; they became {plural(len(run.features), 'input')} of the network. "
        + (
            f"{plural(gaps, 'cell is', 'cells are')} missing ({percent(gaps / cells, 2)})."
            if gaps and cells
            else "No cell is missing."
        )
    )


def _line(run: TableRun, column: Column) -> Line:
    share = column.missing / max(len(run.frame), 1)
    return Line(
        shorten(column.name),
        _kind(column),
        f"{column.distinct:,}",
        f"{column.missing:,} ({percent(share)})" if column.missing else "",
        _content(column),
        shorten(" ".join(column.notes), 200),
    )


def _kind(column: Column) -> str:
    return _KINDS.get(column.kind, (column.kind, ""))[0]


def _content(column: Column) -> str:
    """What the cells hold, in a few words."""
    known = column.statistics
    if finite(known.get("min")) and finite(known.get("max")):
        ends = f"{number(known['min'])} to {number(known['max'])}"
        middle = known.get("median", known.get("mean"))
        return f"{ends}, median {number(middle)}" if finite(middle) else ends
    if "first" in known:
        return f"{str(known['first'])[:10]} to {str(known.get('last', ''))[:10]}"
    counts = known.get("counts")
    if isinstance(counts, dict) and counts and column.count:
        often = sorted(counts.items(), key=lambda item: -item[1])[:3]
        text = ", ".join(f"{shorten(v, 24)} ({percent(n / column.count, 0)})" for v, n in often)
        return text + (" …" if column.distinct > len(often) else "")
    return ""
