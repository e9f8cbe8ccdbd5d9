"""The cells of baskets as items: spellings that are one item, cells that hold several."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from maeum.core.messages import _, ngettext
from maeum.core.wording import some
from maeum.tables.cells import Cells, cells_of

_LIST = re.compile(r"[\[({].*[\])}]", re.DOTALL)  # as Python and R write lists and sets
_SEPARATORS = re.compile(r"[,;、]")
_MOST = 5  # spellings that are told


@dataclass
class Spellings:
    """The items that texts stand for, and what was made one.

    Attributes:
        case_sensitive: whether capitals tell items apart.
        items: their names, in the order of their first text.
    """

    case_sensitive: bool = False
    items: list[str] = field(default_factory=list)
    _place: dict[str, int] = field(default_factory=dict)
    _forms: dict[int, Counter[str]] = field(default_factory=dict)

    def codes(self, texts: Sequence[str], counts: Sequence[int]) -> np.ndarray:
        """Return which item each text is, and remember how often it is written so.

        >>> spellings = Spellings()
        >>> spellings.codes(["Tea", "tea ", "Green  tea"], [5, 2, 1]).tolist()
        [0, 0, 1]
        """
        found = np.empty(len(texts), np.int64)
        for number, (text, count) in enumerate(zip(texts, counts)):
            name = " ".join(unicodedata.normalize("NFC", text).split())
            key = name if self.case_sensitive else name.casefold()
            code = self._place.setdefault(key, len(self._place))
            if code == len(self.items):
                self.items.append(name)
                self._forms[code] = Counter()
            self._forms[code][name] += count
            found[number] = code
        return found

    def names(self) -> tuple[list[str], list[str]]:
        """Return the items by their most frequent spellings, and what is to be told of them."""
        names, told = [], []
        for code in range(len(self.items)):
            forms = self._forms[code].most_common()
            names.append(forms[0][0])
            if len(forms) > 1:
                told.append(" = ".join(f"{form} ({count:,})" for form, count in forms))
        if not told:
            return names, []
        return names, [
            ngettext("{n:,} item is written in several ways, which differ in capitals only: "
                     "{forms}. They are one item; --case-sensitive (case_sensitive=True) keeps "
                     "them apart.",
                     "{n:,} items are written in several ways, which differ in capitals only: "
                     "{forms}. They are one item each; --case-sensitive (case_sensitive=True) "
                     "keeps them apart.", len(told), forms=some(told, _MOST))
        ]  # fmt: skip


def pieces(text: str, separator: re.Pattern = _SEPARATORS) -> list[str]:
    """Return the items that a cell lists.

    >>> pieces("bread, milk;  tea"), pieces("['bread', 'milk']"), pieces("{rye bread,milk}")
    (['bread', 'milk', 'tea'], ['bread', 'milk'], ['rye bread', 'milk'])
    """
    listed = text.strip()
    if _LIST.fullmatch(listed):
        listed = listed[1:-1]
    found = (piece.strip().strip("\"'“”‘’").strip() for piece in separator.split(listed))
    return [piece for piece in found if piece]


def separator_of(texts: Sequence[str]) -> re.Pattern:
    """Return what stands between the items of cells: a bar, or commas and semicolons."""
    for sign in ("|", "\t", "+"):
        if 2 * sum(sign in text for text in texts) > len(texts):
            return re.compile(re.escape(sign))
    return _SEPARATORS


def lists_items(cells: Cells) -> bool:
    """Whether the cells of a column list items: many hold several, and these occur again.

    >>> lists_items(cells_of(pd.Series(["a,b", "b;c", "a", "c,b"])))
    True
    >>> lists_items(cells_of(pd.Series(["Smith, John", "Doe, Jane", "Roe, Max"])))
    False
    """
    texts = cells.texts.tolist()[:2000]
    separator = separator_of(texts)
    found = [pieces(text, separator) for text in texts]
    several = sum(len(each) > 1 for each in found)
    flat = [piece.casefold() for each in found for piece in each]
    if not flat or 3 * several < len(texts):
        return False
    return len(set(flat)) < 0.7 * len(flat)


def filled(frame: pd.DataFrame) -> dict[str, Cells]:
    """Return the cells of each column that holds any."""
    found = {str(name): cells_of(frame.iloc[:, i]) for i, name in enumerate(frame.columns)}
    return {name: cells for name, cells in found.items() if len(cells.texts)}


def marks_told(columns: Sequence[Cells]) -> list[str]:
    """Say which marks were taken for empty cells."""
    marks: Counter[str] = Counter()
    for cells in columns:
        marks.update(cells.marks)
    if not marks:
        return []
    told = some([f"{mark!r} ({count:,})" for mark, count in marks.most_common()], _MOST)
    return [_("Taken for empty cells: {marks}.", marks=told)]
