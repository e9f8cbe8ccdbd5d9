"""What stands around the rows of a table and is none of them: titles, rules, units, totals, notes.

Each function names the rows that are not data; they are left out, and told with their lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from maeum.core.messages import _
from maeum.tables.cells import MISSING
from maeum.tables.rows import (
    Profile,
    Rows,
    is_number,
    numbers_of,
    sample_of,
    shape_of,
    told_lines,
    width_of,
)

_AT_TOP, _AT_END = 30, 30  # rows that are looked at
_TOTAL = re.compile(
    r"[*=\s]*((grand|overall|sub|running)?[\s_-]*totals?(?P<more>\s.{0,40})?|sums?|(zwischen|gesamt)?summe"
    r"|gesamt|insgesamt|suma|totale|total général|итого|всего|[합총소누]\s*계|총\s*합계?|계"
    r"|合計|小計|総計|总计|合计|小计)[:.*\s]*",
    re.IGNORECASE,
)
# Totals of groups, as spreadsheets call them; only where the row lacks what the others have.
_TOTAL_OF = re.compile(
    r".{1,60}[\s_-](sub)?totals?|.{1,60}\s?(소계|합계)|(.{1,60}\s)?(gesamt)?ergebnis", re.IGNORECASE
)
_ENDS = ("total", "totals", "소계", "합계", "ergebnis")
_INITIALS = frozenset("*= \ttsgorziив합총소누계合小総总")  # of what it matches
_STATISTICS: dict[str, Callable[[np.ndarray], float]] = {
    "mean": np.mean, "average": np.mean, "avg": np.mean, "mittelwert": np.mean, "평균": np.mean,
    "median": np.median, "중앙값": np.median, "min": np.min, "minimum": np.min, "최솟값": np.min,
    "max": np.max, "maximum": np.max, "최댓값": np.max, "count": len, "개수": len,
    "std": lambda values: float(np.std(values, ddof=1)), "": np.sum,
}  # fmt: skip
_COUNTED = re.compile(
    r"\(?\s*[\d,]+ (rows?|records?|건|행)\b.*|.*\brows? (affected|selected|returned|in set)\b.*"
    r"|query ok\b.*|completion time:.*|elapsed:?\s.*|\(end\)|eof|end of (file|data|report).*",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"[(\[*†‡※#]|(foot)?notes?\b|sources?\b|remarks?\b|legend\b|copyright\b|©|data (from|source)"
    r"|(generated|exported|printed|created|updated|last updated|retrieved|as of)\b|page \d"
    r"|quelle\b|hinweis|anmerkung|fuente\b|nota\b|출처|주\)|주:|자료|비고|작성",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"[(\[<{].*[)\]>}]|%|°.*|[µμmkcdn]?[mgslwvah]|k?hz|m?pa|[kmgt]?b|bar|mbar|[mk]?wh|kcal|k?j|k|ppm"
    r"|lbs?|oz|inch(es)?|in|ft|miles?|mi|mph|km/h|m/s|kg/m[2²3³]|[cmk]m[2²3³]|m[lgm]\s?/?\s?(d?l|hg)?"
    r"|bpm|sec(onds?)?|min(utes?)?|hrs?|hours?|days?|weeks?|months?|years?|yrs?|usd|eur|gbp|krw|jpy"
    r"|[$€£¥₩]|원|만원|천원|백만원|개|명|세|년|월|일|시간|분|초|건|회|units?|count|number|text|date|float|int"
    r"|string|str|integer|numeric|real|double|bool",
    re.IGNORECASE,
)


def without_rules(rows: Rows, bars: bool, notes: list[str]) -> Rows:
    """Leave out lines of dashes as in Markdown and consoles, and the bars around such tables."""
    rules = [i for i, row in enumerate(rows.cells) if _is_rule(row)]
    if rules:
        lines = told_lines(rows, rules, quote=False)
        notes.append(_("Lines that only rule the table, ignored: line {lines}.", lines=lines))
        rows = rows.without(rules)
    lined = [row for row in rows.cells if len(row) > 1] if bars else []
    if lined and not any(row[0].strip() or row[-1].strip() for row in lined):
        rows = Rows([row[1:-1] if len(row) > 1 else row for row in rows.cells], rows.lines)
    return rows


def _is_rule(row: Sequence[str]) -> bool:
    if any(cell[:1].isalnum() for cell in row):  # nearly all rows of a table
        return False
    cells = [cell.strip() for cell in row if cell.strip()]
    text = "".join(cells)
    dashes = text.count("-") + text.count("=")
    return dashes >= max(3, 2 * len(cells)) and not text.strip("-=+|: \t")


def titles(rows: Rows) -> int:
    """Return how many rows stand above the table: titles of a cell or two, before full rows."""
    head = rows.cells[: _AT_TOP + 20]
    width = width_of(sample_of(rows.cells))
    if width < 2:
        return 0
    gaps = [i for i in range(1, min(len(head), _AT_TOP)) if rows.lines[i] - rows.lines[i - 1] > 1]
    for i in gaps:  # facts in a cell or two, and a blank line before the table
        full = len(head[i]) == width and not is_number([c for c in head[i] if c.strip()]).any()
        if full and all(len(row) < width for row in head[:i]) and i < len(rows) - 1:
            return i
    for i, row in enumerate(head[:_AT_TOP]):
        filled = [cell for cell in row if cell.strip()]
        thin = len(filled) <= max(1, width // 3) and (width > 2 or len(row) == 1)
        thin = thin or (len(row) < width - 1 and len(filled) <= max(2, width // 2))
        if not thin or is_number([filled[0]])[0] or not row[0].strip():
            return i if len(row) >= width - 1 and i < len(rows) - 1 else 0
    return 0


def holds_units(names: Sequence[str], row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Tell whether a row below the header holds units: words where only numbers follow."""
    profile = Profile(sample_of(below), len(names))
    cells = [cell.strip() for cell in [*row, *[""] * len(names)][: len(names)]]
    columns = np.flatnonzero(profile.numeric & (profile.known > 1))
    if not len(columns) or is_number([cells[i] for i in columns if cells[i]]).any():
        return False
    words = [cells[i] for i in columns if cells[i].lower() not in MISSING]
    others = [cells[i] for i in range(len(names)) if i not in set(columns) and cells[i]]
    if not words or any(cell in profile.columns[i] for i, cell in enumerate(cells) if cell):
        return False
    lacks = any(profile.always[i] and not cell for i, cell in enumerate(cells))
    if lacks or all(map(_UNIT.fullmatch, words)):
        return True
    if len(words) == len(columns) > 1:
        return True
    return len(words) >= max(2, len(columns) / 2) and all(map(_UNIT.fullmatch, others))


def questions(rows: Rows, width: int) -> int:
    """Return how many rows below the header explain it, as surveys write it: its questions.

    Below the answers repeat; a row in which nothing does, of longer texts, is none of them.
    """
    for i, row in enumerate(rows.cells[:3]):
        if row and row[0].lstrip().startswith('{"ImportId"'):  # as Qualtrics ends them
            return i + 1
    first, *below = rows.cells[:2000]
    profile = Profile(sample_of(below, 2000), width)
    if profile.rows < 10:
        return 0
    cells = [cell.strip() for cell in [*first, *[""] * width][:width]]
    columns = [i for i in range(width) if cells[i] and profile.known[i]]
    repeat = [i for i in columns if len({*profile.columns[i]}) <= 0.5 * len(profile.columns[i])]
    if len(repeat) < max(2, len(columns) / 2) or any(
        cells[i] in profile.columns[i] for i in repeat
    ):
        return 0
    asked = [
        (len(cells[i].split()) > 2 or cells[i].endswith("?"))
        and len(cells[i]) > 1.5 * np.median([len(cell) for cell in profile.columns[i]])
        for i in columns
    ]
    return int(sum(asked) >= 0.6 * len(asked))


def repeated(header: Sequence[str], rows: Rows) -> list[int]:
    """Return the rows that repeat the header."""
    names = [name.strip() for name in header]
    start = header[0]
    same = (i for i, row in enumerate(rows.cells) if row[0] == start and len(row) == len(names))
    return [i for i in same if [cell.strip() for cell in rows.cells[i]] == names]


def below_data(rows: Rows, width: int) -> list[int]:
    """Return the rows that hold totals, and the notes at the end."""
    body = sample_of(rows.cells[: max(1, len(rows) - min(_AT_END, len(rows) // 2))])
    profile = Profile([row for row in body if _label(row) is None] or body, width)
    found = []
    end = len(rows)
    while end > max(1, len(rows) - _AT_END):
        row = rows.cells[end - 1]
        blank_before = rows.lines[end - 1] - rows.lines[end - 2] > 1
        if not (_is_note(row, profile, blank_before) or _is_total(row, profile, rows, end - 1)):
            break
        end -= 1
        found.append(end)
    if _label(rows.cells[0]) is not None and _is_total(rows.cells[0], profile, rows, 0):
        found.append(0)
    if profile.always.sum() > 1:  # totals of groups, in between
        inside = (i for i, row in enumerate(rows.cells[:end]) if _label(row) is not None)
        found += [i for i in inside if _is_total(rows.cells[i], profile)]
    if width > 2:
        found += _within_groups(rows.part(0, end), width)
    return sorted(set(found))


def may_hold_totals(texts: Iterable[str]) -> bool:
    """Tell whether one of the texts of a column is how totals are called."""
    return any(
        (text[:1].lower() in _INITIALS and _TOTAL.fullmatch(text))
        or text[-8:].lower().endswith(_ENDS)
        for text in texts
    )


def _label(row: Sequence[str]) -> str | None:
    """Return the first cell of a row that calls itself a total."""
    for cell in row[:3]:
        if cell.strip():
            return cell.strip() if _TOTAL.fullmatch(cell) or _TOTAL_OF.fullmatch(cell) else None
    return None


def _within_groups(rows: Rows, width: int) -> list[int]:
    """Return the rows that sum up the others with the same words: ``Seoul,Subtotal,30``."""
    found = []
    for i, row in enumerate(rows.cells):
        at = next((k for k, cell in enumerate(row[1:3], 1) if _TOTAL.fullmatch(cell)), 0)
        if at and row[0].strip():
            found.append((i, at))
    if not found or len(found) > len(rows) // 3:
        return []
    step = max(1, len(found) // 20)
    sums = [_sums_group(rows, i, at, width) for i, at in found[::step]]
    return [i for i, _at in found] if sum(sums) >= 0.8 * len(sums) else []


def _sums_group(rows: Rows, i: int, at: int, width: int) -> bool:
    row = rows.cells[i]
    group = [other for k, other in enumerate(rows.cells)
             if k != i and other[:at] == row[:at] and len(other) == width == len(row)]  # fmt: skip
    sums = [(numbers_of([other[k] for other in group]), numbers_of([row[k]])[0])
            for k in range(at + 1, width)]  # fmt: skip
    known = [(parts, total) for parts, total in sums if not np.isnan(total)]
    return (
        len(group) > 1
        and bool(known)
        and all(np.isclose(np.nansum(parts), total, rtol=1e-3) for parts, total in known)
    )


def _is_note(row: Sequence[str], profile: Profile, blank_before: bool) -> bool:
    """Tell a note from data: a few words, and no number where the columns have numbers."""
    width = len(profile.columns)
    filled = [cell.strip() for cell in row if cell.strip()]
    short = len(row) < width
    if width > 1 and _COUNTED.fullmatch(" ".join(filled)):
        return True
    if width == 1 or is_number(filled[:1])[0] or filled[0] in profile.columns[0]:
        return False
    shape = shape_of(filled[0])
    if "9" in shape and shape in map(shape_of, profile.columns[0][-50:]):
        return False  # the time of a step whose values are not known yet, and the like
    apart = short or len(filled) < width or (blank_before and ":" in filled[0])
    marked = apart and _MARK.match(filled[0]) is not None
    thin = len(filled) <= max(1, width // 3) and (width > 2 or short)
    columns = np.flatnonzero(profile.numeric).tolist()
    if is_number([row[i] for i in columns if i < len(row) and row[i].strip()]).any():
        return False
    if not len(columns):
        return thin and short and (marked or blank_before)
    usual = (profile.filled[1:].sum() == 0) or not profile.always[1:].any()
    return marked or (thin and not usual)


def _is_total(row: Sequence[str], profile: Profile, rows: Rows | None = None, at: int = 0) -> bool:
    """Tell whether a row sums up: by its name, by what it lacks, by its numbers.

    With the ``rows`` above, of which it is number ``at``, its numbers may tell, too.
    """
    cells = [cell.strip() for cell in [*row, *[""] * len(profile.columns)]][: len(profile.columns)]
    filled = [i for i, cell in enumerate(cells) if cell]
    values = [i for i in filled if is_number([cells[i]])[0]]
    if not filled or not values:
        return False
    named = next((i for i in filled if i not in values), None)
    label = "" if named is None else cells[named]
    words = [i for i in filled if i not in values and i != named]
    lacks = any(profile.always[i] and not cells[i] for i in range(len(cells)))
    if lacks and label and _TOTAL_OF.fullmatch(label) and not words:
        return True
    if label and (named_so := _TOTAL.fullmatch(label)) and not words:
        bare = not named_so["more"] or "(" in named_so["more"]  # "Total Recall" is a film
        alone = bare and rows is not None and sum(label in row for row in rows.cells) == 1
        if lacks or alone:
            return True
    of = _STATISTICS.get(label.lower().rstrip(":"))
    if rows is None or of is None or words or not (lacks or label):
        return False
    columns = [i for i in values if profile.numeric[i]]
    return bool(columns) and all(_agrees(cells[i], i, rows, at, of) for i in columns)


def _agrees(cell: str, column: int, rows: Rows, at: int, of: Callable[[np.ndarray], float]) -> bool:
    """Whether a cell is what a statistic of the cells above it is, other totals aside."""
    value = numbers_of([cell])[0]
    above = [row[column].strip() if len(row) > column else "" for row in rows.cells[:at]]
    numbers = numbers_of(above)
    for end in range(len(above), max(1, len(above) - 5), -1):
        known = numbers[:end][~np.isnan(numbers[:end])]
        if len(known) > 1 and np.isclose(of(known), value, rtol=1e-3):
            return True
    return False
