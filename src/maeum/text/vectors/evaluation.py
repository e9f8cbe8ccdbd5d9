"""How good word vectors are: against human judgements of pairs, and by analogies."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from maeum.core.errors import DataError
from maeum.text.vectors.base import BaseKeyedVectors
from maeum.text.vectors.corpus import text_lines


@dataclass(frozen=True)
class PairScores:
    """How the similarities of pairs agree with human judgements.

    Attributes:
        pearson: correlation of the values.
        spearman: correlation of their ranks; equal values share the mean of their ranks.
        pairs: how many pairs were compared.
        unknown: the fraction of pairs that were ignored, because a word has no vector.
    """

    pearson: float
    spearman: float
    pairs: int
    unknown: float


@dataclass(frozen=True)
class Analogies:
    """How many questions "a is to b as c is to?" were answered as expected.

    Attributes:
        accuracy: the fraction of right answers, 0 to 1.
        sections: for each section, how many were right and how many were asked.
        asked: how many were asked in all.
        unknown: the fraction of questions that were ignored, because a word has no vector.
    """

    accuracy: float
    sections: dict[str, tuple[int, int]]
    asked: int
    unknown: float


def evaluate_word_pairs(
    wv: BaseKeyedVectors,
    pairs: str | os.PathLike | Iterable[tuple[str, str, float]],
    delimiter: str = "\t",
    encoding: str = "utf-8",
    case_insensitive: bool = True,
) -> PairScores:
    """Compare cosines with human judgements, as of WordSim-353 or SimLex-999.

    Args:
        wv: the vectors.
        pairs: ``(word, word, score)``, or a file of such lines; lines that begin with ``#`` are
            ignored.
        delimiter: between the columns of the file.
        encoding: of the file.
        case_insensitive: whether a word is looked up in lower case if it has no vector as it is.

    Raises:
        DataError: if a line is not a pair, or fewer than two pairs have vectors.

    Example:
        >>> from maeum.text.vectors import KeyedVectors
        >>> wv = KeyedVectors(["a", "b", "c"], [[1, 0], [1, 1], [0, 1]])
        >>> evaluate_word_pairs(wv, [("a", "b", 7.0), ("a", "c", 1.0), ("b", "c", 7.5)]).pairs
        3
    """
    if isinstance(pairs, (str, os.PathLike)):
        pairs = _read_pairs(pairs, delimiter, encoding)
    ours, theirs, total = [], [], 0
    for total, pair in enumerate(pairs, 1):
        first, second, score = _checked(total, pair)
        a, b = (_known(wv, word, case_insensitive) for word in (first, second))
        if a is not None and b is not None:
            ours.append(wv.similarity(a, b))
            theirs.append(score)
    if len(ours) < 2:
        raise DataError("Of {total} pairs, {known} have vectors for both words; a correlation "
                        "needs two.", total=total, known=len(ours))  # fmt: skip
    return PairScores(*_correlations(ours, theirs), len(ours), 1 - len(ours) / total)


def evaluate_analogies(
    wv: BaseKeyedVectors,
    analogies: str | os.PathLike | Iterable[tuple[str, str, str, str]],
    restrict_vocab: int | None = 300_000,
    case_insensitive: bool = True,
    encoding: str = "utf-8",
) -> Analogies:
    """Ask for the word nearest to b - a + c, and count how often it is d.

    Args:
        wv: the vectors.
        analogies: ``(a, b, c, d)``, or a file of such lines, where ``: name`` begins a section (as
            in questions-words.txt).
        restrict_vocab: only the first (most frequent) so many words are asked for and answered.
        case_insensitive: whether a word is looked up in lower case if it has no vector as it is,
            and an answer counts whatever its letters.
        encoding: of the file.

    Raises:
        DataError: if a line does not have four words, or no question can be asked.

    Example:
        >>> from maeum.text.vectors import KeyedVectors
        >>> wv = KeyedVectors("man woman king queen".split(), [[1, 0], [1, 1], [2, 0], [2, 1.9]])
        >>> evaluate_analogies(wv, [("man", "woman", "king", "queen")]).accuracy
        1.0
    """
    if isinstance(analogies, (str, os.PathLike)):
        questions: Iterable[tuple[str, tuple]] = _read_analogies(analogies, encoding)
    else:
        questions = (("all", tuple(question)) for question in analogies)
    limit = len(wv) if restrict_vocab is None else restrict_vocab
    sections: dict[str, tuple[int, int]] = {}
    total = 0
    for section, question in questions:
        if len(question) != 4:
            raise DataError("{question!r} is not a question; expected four words.",
                            question=question)  # fmt: skip
        total += 1
        right, asked = sections.get(section, (0, 0))
        known = [_known(wv, word, case_insensitive, limit) for word in question]
        if None not in known:
            a, b, c, d = known
            answers = wv.most_similar([b, c], [a], topn=1, restrict_vocab=limit)
            answer = answers[0][0] if answers else ""
            right += answer == d or (case_insensitive and answer.lower() == str(d).lower())
            asked += 1
        sections[section] = (right, asked)
    right, asked = np.sum([*sections.values()] or [(0, 0)], axis=0).tolist()
    if not asked:
        raise DataError("None of {total} questions has vectors for all of its four words.",
                        total=total)  # fmt: skip
    return Analogies(right / asked, sections, asked, 1 - asked / total)


def _checked(number: int, pair: tuple) -> tuple[str, str, float]:
    """Return two words and a score that is a finite number."""
    try:
        first, second, score = pair
        if math.isfinite(score := float(score)):
            return first, second, score
    except (TypeError, ValueError):
        pass
    raise DataError("{pair!r:.80}, number {number}, is not a pair; expected two words and a score, "
                    "a number (in a file, with `delimiter` between them).", pair=pair,
                    number=number)  # fmt: skip


def _known(
    wv: BaseKeyedVectors, word: str, case_insensitive: bool, limit: int | None = None
) -> str | None:
    for form in (word, word.lower()) if case_insensitive else (word,):
        if form in wv and (limit is None or wv.key_to_index.get(form, limit) < limit):
            return form
    return None


def _read_pairs(path: str | os.PathLike, delimiter: str, encoding: str) -> Iterator[tuple]:
    for line in text_lines(path, encoding):
        if line.strip() and not line.startswith("#"):
            yield tuple(part.strip() for part in line.strip().split(delimiter)[:3])


def _read_analogies(path: str | os.PathLike, encoding: str) -> Iterator[tuple[str, tuple]]:
    section = "all"
    for line in text_lines(path, encoding):
        if line.startswith(":"):
            section = line[1:].strip()
        elif line.strip():
            yield section, tuple(line.split())


def _correlations(ours: list[float], theirs: list[float]) -> tuple[float, float]:
    """Return Pearson's and Spearman's correlation; NaN if one of the lists does not vary."""
    from scipy import stats

    if len(set(ours)) == 1 or len(set(theirs)) == 1:
        return math.nan, math.nan
    pearson, spearman = stats.pearsonr(ours, theirs), stats.spearmanr(ours, theirs)
    return float(pearson.statistic), float(spearman.statistic)
