"""Whether a target is a number or a class, where nobody said so, and what is told of the guess."""

from __future__ import annotations

import re

import numpy as np

from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.core.wording import enumeration
from maeum.tables.cells import Cells
from maeum.tables.columns import Column

MANY_CLASSES = 20  # whole numbers with more distinct values than this are quantities
_TOLD_UP_TO = 100  # different whole numbers; of more, nobody would think of classes
_COUNTED = 6  # different values from which on whole numbers may be counts
_FEW_CLASSES = 10  # of more whole numbers, some often and some seldom, an order is likelier
_YEARS = 1800, 2100
# What a column of grades is called; elsewhere, single letters may be anything.
_GRADES = re.compile(r"grade|rating|mark|등급|학점|성적", re.IGNORECASE)
# Words that have an order, from little to much; those with the same meaning stand together.
_SCALES = (
    "very low|lowest, low, medium|mid|middle|moderate|average|normal, high, very high|highest",
    "tiny, small|little, medium|mid|middle, large|big, huge",
    "xxs, xs, s, m, l, xl, xxl, xxxl",
    "none|no, minimal, mild|slight|light, moderate|medium, severe|serious|heavy, critical|extreme",
    "terrible|awful|very bad, bad|poor, fair|ok|okay|average|neutral|acceptable, good, very good, "
    "excellent|great|outstanding",
    "never, rarely|seldom, sometimes|occasionally, often|frequently|usually, always",
    "strongly disagree, disagree, neutral|undecided, agree, strongly agree",
    "beginner|novice, intermediate|medium, advanced, expert|professional",
    "easy, medium|moderate, hard|difficult, very hard",
    "slow, medium, fast",
    "young, middle|middle-aged|adult, old|senior",
    "bronze, silver, gold, platinum, diamond",
    "매우 낮음, 낮음|하|저, 중간|보통|중, 높음|상|고, 매우 높음",
    "나쁨|미흡, 보통, 좋음|양호|우수, 매우 좋음|매우 우수",
    "소, 중, 대",
)


def guess_task(
    name: str, column: Column, cells: Cells, values: np.ndarray
) -> tuple[str, str | None]:
    """Return ``"regression"`` or ``"classification"``, and what the user is told of it.

    Args:
        name: the name of the target.
        column: what it was recognised as.
        cells: its texts.
        values: its numbers, those that are missing left out.

    Raises:
        DataError: for dates, and for what looks like a key.
    """
    rows, classes = int(cells.counts.sum()), len(cells.texts)
    if column.kind == "date":
        raise DataError("The target {name!r} holds dates, which cannot be predicted.", name=name)
    if column.kind == "number":
        distinct, counts = np.unique(values, return_counts=True)
        if len(distinct) > 2:
            return _of_numbers(name, distinct, counts, rows)
        return "classification", None
    if column.kind in ("identifier", "text") and classes > 2 and classes > 0.5 * rows:
        raise DataError(
            "The target {name!r} has {classes:,} different texts in {rows:,} rows: it looks "
            "like a key or free text, not like classes.",
            name=name,
            classes=classes,
            rows=rows,
        )
    words = cells.texts.tolist()
    order = ordered_words(words) or (ordered_letters(words) if _GRADES.search(name) else None)
    if order is None:
        return "classification", None
    return "classification", _(
        "The classes of {name!r} have an order ({order}), which is not used. Written as 1, 2, 3 "
        "and so on, they are learnt as a number.",
        name=name, order=enumeration(order),
    )  # fmt: skip


def _of_numbers(
    name: str, distinct: np.ndarray, counts: np.ndarray, rows: int
) -> tuple[str, str | None]:
    n, low, high = len(distinct), distinct[0], distinct[-1]
    if not np.all(distinct == np.round(distinct)):
        return "regression", None
    words = {"name": name, "n": n, "low": f"{low:.0f}", "high": f"{high:.0f}"}
    if low >= _YEARS[0] and high <= _YEARS[1]:
        return "regression", _(
            "{name!r} holds years from {low} to {high}: taken as a number. --task classification "
            "takes each for a class.", **words
        )  # fmt: skip
    codes = n <= 10 and low in (0, 1) and high - low == n - 1
    if not ((n <= MANY_CLASSES and rows >= 5 * n) or (codes and rows >= 2 * n)):
        told = _(
            "{name!r} holds {n:,} different whole numbers: taken as a number. --task "
            "classification takes each for a class.", **words
        )  # fmt: skip
        return "regression", told if n <= _TOLD_UP_TO else None
    if _are_counts(distinct, counts):
        return "regression", _(
            "{name!r} holds whole numbers from {low} to {high}, as counts do: taken as a number. "
            "--task classification takes each for a class.", **words
        )  # fmt: skip
    return "classification", _(
        "{name!r} holds {n:,} different whole numbers from {low} to {high}: taken as classes, "
        "whose order is not used. --task regression takes them as a number.", **words
    )  # fmt: skip


def _are_counts(distinct: np.ndarray, counts: np.ndarray) -> bool:
    """Whether whole numbers occur as often as counts do: around one value, and others ever less."""
    low, high = int(distinct[0]), int(distinct[-1])
    if high - low >= 2 * len(distinct):  # with so many gaps, they are names
        return False
    if len(distinct) > _FEW_CLASSES and counts.min() < counts.max() / 4:
        return True
    if len(distinct) < _COUNTED or low not in (0, 1) or counts[-1] > counts.max() / 10:
        return False
    often = np.zeros(high - low + 1)
    often[(distinct - low).astype(int)] = counts
    peak = int(often.argmax())
    outwards = (often[peak:], often[: peak + 1][::-1])
    return all(bool((np.diff(o) <= 1.5 * np.sqrt(o[:-1] + 1) + 1).all()) for o in outwards)


def ordered_letters(words: list[str]) -> list[str] | None:
    """Return three grades or more, from the worst to the best; None if they are no grades.

    >>> ordered_letters(["A", "B+", "C", "A-"]), ordered_letters(["A", "yes", "C"])
    (['C', 'B+', 'A-', 'A'], None)
    """
    if len(words) < 3 or not all(re.fullmatch(r"[A-Fa-f][+-]?0?", word) for word in words):
        return None
    return sorted(words, key=lambda w: (-ord(w[0].upper()), {"+": 1, "-": -1}.get(w[1:2], 0)))


def ordered_words(words: list[str]) -> list[str] | None:
    """Return three words or more in the order of a scale that has all of them; None without one.

    >>> ordered_words(["High", "low", "Medium"]), ordered_words(["red", "low", "high"])
    (['low', 'Medium', 'High'], None)
    """
    kept = {" ".join(word.lower().replace("_", " ").split()): word for word in words}
    for scale in _SCALES:
        place = {
            word: step for step, alike in enumerate(scale.split(", ")) for word in alike.split("|")
        }
        if len(kept) >= 3 and all(word in place for word in kept):
            return [kept[word] for word in sorted(kept, key=place.__getitem__)]
    return None
