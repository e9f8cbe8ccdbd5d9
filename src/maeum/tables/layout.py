"""How a file of separated values is laid out: comments at the top, separator, header."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.messages import N_, _
from maeum.tables.marks import MISSING
from maeum.tables.numbers import parse_numbers

SEPARATORS = {"\t": N_("tabs"), ";": N_("semicolons"), "|": N_("bars"), ",": N_("commas")}
SAMPLE = 200  # records that are read to recognise separator and header


def split_off_comments(text: str, notes: list[str]) -> tuple[list[str], list[str], int]:
    """Split into lines; comments and blank lines at the top are taken off and counted."""
    lines = list(io.StringIO(text, newline=None))  # also within a cell, any line break is \n
    skipped, comments = 0, []
    while skipped < len(lines) and (lines[skipped].strip()[:1] in ("#", "")):
        if lines[skipped].strip():
            comments.append(lines[skipped].strip())
        skipped += 1
    if skipped == len(lines):
        return [], comments, skipped
    if not comments or _is_header_with_hash(comments, lines[skipped]):
        blank = next(i for i, line in enumerate(lines) if line.strip())
        return lines[blank:], [], blank
    notes.append(_("Comment lines at the top, skipped: {n:,}.", n=len(comments)))
    return lines[skipped:], comments, skipped


def _is_header_with_hash(comments: list[str], following: str) -> bool:
    """Tell a header whose first name starts with ``#`` (as in ``#,Name,Type``) from a comment."""
    return len(comments) == 1 and any(
        re.match(rf"#{re.escape(s)}", comments[0]) and comments[0].count(s) == following.count(s)
        for s in SEPARATORS
    )


def reader_of(lines: Iterable[str], separator: str, strict: bool = False) -> Any:
    """Return Python's reader of separated values, with the settings that every step here needs."""
    return csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=strict)


def _sample(lines: list[str], separator: str) -> list[list[str]]:
    """Return the first records that hold anything."""
    sample: list[list[str]] = []
    with contextlib.suppress(csv.Error):  # reported with its line when the whole file is read
        for record in itertools.islice(filter(any, reader_of(lines, separator)), SAMPLE):
            sample.append(record)
    return sample


def recognise_separator(lines: list[str], path: Path) -> str:
    """Choose the separator that cuts most records, the first one included, into equal rows."""
    preferred = "\t" if ".tsv" in path.suffixes else ","

    def merit(separator: str) -> tuple:
        sample = _sample(lines, separator)
        widths = Counter(len(record) for record in sample if len(record) > 1)
        if not widths:
            return (0.0,)
        width, rows = widths.most_common(1)[0]
        cells = [cell for record in sample if len(record) == width for cell in record]
        plain = np.mean([not any(s in cell for s in SEPARATORS if s != ",") for cell in cells])
        agree = len(sample[0]) == width
        return rows / len(sample) + agree * 0.5, plain, separator == preferred, width

    best = max(SEPARATORS, key=merit)
    return best if merit(best)[0] > 0 else preferred


def names_in_comment(comments: list[str], records: list[list[str]], separator: str) -> list[str]:
    """Return the cells of the last comment if they can be the names of the columns, else none."""
    if not comments:
        return []
    names = [c.strip() for c in next(reader_of([comments[-1].lstrip("# ")], separator), [])]
    width = Counter(map(len, records[:SAMPLE])).most_common(1)[0][0]
    return names if len(names) == width and all(names) and len(set(names)) == width else []


def header_votes(records: list[list[str]]) -> int:
    """Let each column say whether its first cell is unlike the cells below it (1) or not (-1)."""
    first = [cell.strip() for cell in records[0]]
    numeric = ~np.isnan(parse_numbers(np.array(first, object)))
    if _counts_up(first, numeric):
        return len(first)
    if numeric.all() or len(records) == 1:
        return int(np.sum(~numeric) - np.sum(numeric))
    votes = 0
    for i, cell in enumerate(first):
        below = [record[i].strip() for record in records[1:] if len(record) > i]
        below = [other for other in below if other.lower() not in MISSING]
        if not below or cell.lower() in MISSING:
            continue
        if numeric[i] or cell in below:
            votes -= 1
        elif len(set(below)) <= len(below) / 2 or (
            np.mean(~np.isnan(parse_numbers(np.array(below, object)))) > 0.9
        ):
            votes += 1
    return votes


def _counts_up(first: list[str], numeric: np.ndarray) -> bool:
    """Whether the names are 0, 1, 2 ... (pandas's for nameless columns) or years after words."""
    counted = [int(cell) for cell in first if cell.isdecimal()]
    if len(counted) < 2 or counted != list(range(counted[0], counted[0] + len(counted))):
        return False
    if len(counted) == sum(map(bool, first)):
        return counted[0] == 0 and len(counted) > 2
    return len(counted) == numeric.sum() and 1900 <= counted[0] <= 2100
