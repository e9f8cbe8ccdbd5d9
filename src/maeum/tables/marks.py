"""Marks for "missing": which texts are such marks, and when one of them is a value after all.

What programs write for a missing cell (``NaN``, ``#N/A``) is a mark wherever it stands. A word or a
sign is one where the rest of the column is of another kind; among words that are written like it,
it is a level: ``none`` beside ``mild`` and ``severe``, the region ``NA`` beside ``EU``, the surname
``Null``, a strand ``-`` beside ``+``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from maeum.core.messages import _
from maeum.core.wording import Things, some

# Compared in lower case, without the blanks around them.
_NEVER = [  # days of no calendar, or of none that is meant
    day + time
    for day in ("0000-00-00", "0001-01-01", "9999-12-31", "9999-01-01", "31/12/9999", "12/31/9999",
                "31.12.9999", "00/00/0000")
    for time in ("", " 00:00:00", "t00:00:00")
]  # fmt: skip
_WRITTEN = frozenset(
    ["", "n/a", "n.a.", "#n/a", "#n/a n/a", "<na>", "nat", "#value!", "#div/0!", "#ref!", "#name?",
     "#num!", "#null!", "(null)", "\\n", "1.#ind", "1.#qnan", *_NEVER]
)  # fmt: skip
_WORDS = frozenset(["na", "nan", "null", "none", "nil"])
# Of statistical offices, too: two and three points, a colon, long dashes.
_SIGNS = frozenset(["-", "--", "---", "?", ".", "..", "...", "…", ":", "–", "—", "***"])
_SAID = frozenset(["unknown", "missing", "없음", "해당없음", "해당 없음", "결측", "미상", "모름"])
MISSING = _WRITTEN | _WORDS | _SIGNS | _SAID
YES = frozenset(["yes", "y", "true", "t", "1", "예", "네", "참"])
NO = frozenset(["no", "n", "false", "f", "0", "아니오", "아니요", "거짓"])
_REGIONS = frozenset(
    ["EU", "EMEA", "APAC", "LATAM", "AMER", "AS", "ASIA", "AF", "OC", "ME", "UK", "US"]
)
_WORD = re.compile(r"[^\W\d_](?!.*\d\d)")  # dates such as Jan-20 are no words
_SAMPLE = 300
CELLS = Things("{n:,} cell", "{n:,} cells")

Chooser = Callable[[Sequence[str]], Collection[str]]


def by_rule(texts: Sequence[str]) -> set[str]:
    """Return which of the different texts of a column are marks.

    >>> by_rule(["none", "mild", "severe"]), by_rule(["none", "1.5", "2"])
    (set(), {'none'})
    >>> by_rule(["NA", "EU", "AS"]), by_rule(["NA", "red", "green"]), by_rule(["-", "+"])
    (set(), {'NA'}, set())
    """
    found = [text for text in texts if text.lower() in MISSING]
    if not found:
        return set()
    others = _others(texts)
    return {text for text in found if not _is_a_level(text, others)}


def exactly(marks: Iterable[str]) -> Chooser:
    """Return what chooses those marks and empty cells; among numbers, all marks.

    >>> sorted(exactly(["NA"])(["NA", "none", "mild"])), sorted(exactly(["NA"])(["none", "1.5"]))
    (['NA'], ['none'])
    """
    wanted = {"", *marks}

    def choose(texts: Sequence[str]) -> set[str]:
        others = _others(texts)
        among_words = 2 * len(_words(others)) > len(others)
        usual = set() if among_words else by_rule(texts)
        return {text for text in texts if text in wanted} | usual

    return choose


def beside(levels: Collection[str], marks: Iterable[str] = ()) -> Chooser:
    """Return what chooses all marks that are no levels; for a column that is known already."""
    wanted = set(marks)
    return lambda texts: {
        text for text in texts if text in wanted or (text.lower() in MISSING and text not in levels)
    }


def _is_a_level(text: str, others: list[str]) -> bool:
    """Tell whether a mark stands among values that are written like it."""
    lower = text.lower()
    if lower in _WRITTEN or text in ("nan", "NaN") or not others:
        return False
    if lower in _SIGNS:
        return not any(c.isalnum() for other in others for c in other)
    words = _words(others)
    if 2 * len(words) <= len(others) or all(word.lower() in YES | NO for word in words):
        return False
    if lower in _SAID:
        return True
    if 2 * sum(_style(word) == _style(text) for word in words) <= len(words):
        return False
    if text == "NA":  # among other codes
        codes = [len(word) == 2 for word in words]
        return 2 * sum(codes) > len(codes) or bool(_REGIONS.intersection(words))
    return lower not in ("na", "null") or _style(text) == "Title"


def _others(texts: Sequence[str]) -> list[str]:
    """Return a sample of the texts that are no marks."""
    step = max(len(texts) // _SAMPLE, 1)
    return [text for text in texts[::step] if text.lower() not in MISSING]


def _words(texts: list[str]) -> list[str]:
    return [text for text in texts if _WORD.match(text)]


def _style(text: str) -> str:
    if text.isupper():
        return "UPPER"
    return "lower" if text.islower() else "Title" if text[:1].isupper() else ""


def otherwise() -> str:
    """Say how to keep what is taken as missing."""
    return _("To keep them, name the marks that are meant, or say that there are none: missing=() "
             "(--missing \"\").")  # fmt: skip


def told(taken: Mapping[str, int], kept: Sequence[str]) -> list[str]:
    """Say which marks of a column of words count as missing, and which as values."""
    notes = []
    if kept:
        notes.append(_("Counted as values, as they are written like the others: {marks}. To have "
                       "them missing, say missing={text!r} (--missing {text}).",
                       marks=some(map(repr, kept)), text=",".join(kept)))  # fmt: skip
    if cells := sum(taken.values()):
        notes.append(_("Taken as missing: {marks}, {cells}. {otherwise}",
                       marks=some(map(repr, taken)), cells=CELLS.count(cells),
                       otherwise=otherwise()))  # fmt: skip
    return notes
