"""Numbers with what stands beside them: units, currencies, durations, ``~``, ``<`` and ``+``.

`number_form` looks at a column once and says how its numbers are written; `read_numbers` reads
texts by that form, the same texts at any later time too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from maeum.core.messages import _
from maeum.core.wording import enumeration
from maeum.tables.numbers import parse_plain, values_of
from maeum.tables.quantity import HOURS, MINUTES, Quantity, take_apart
from maeum.tables.units import COUNT, Dimension, currency, dimensions_of, rate_of, single

NEARLY = 0.95  # of a column's cells have to be numbers of one dimension
SAMPLE = 300  # texts that are looked at before all of them are
MANY = 10  # a word that no table knows is a unit only beside more different numbers than this

_CHUNKS = re.compile(r"([0-9](?:[0-9.,' ]*[0-9])?)")


class NumberForm(NamedTuple):
    """How the numbers of a column are written.

    Attributes:
        decimal: the sign before the fraction.
        unit: what one is: a unit, the code of a currency, or empty.
        clock: what ``12:34`` says: ``"h:m"``, ``"m:s"``, or empty.
    """

    decimal: str = "."
    unit: str = ""
    clock: str = ""

    def __str__(self) -> str:
        """Return the form as a text, as it stands in the file of a model."""
        return self.decimal + self.unit + (f"|{self.clock}" if self.clock else "")

    @classmethod
    def of(cls, text: str) -> NumberForm:
        """Return the form that `str` wrote.

        >>> NumberForm.of(",kg"), NumberForm.of("") == NumberForm()
        (NumberForm(decimal=',', unit='kg', clock=''), True)
        """
        unit, _bar, clock = text[1:].partition("|")
        return cls(text[:1] or ".", unit, clock)

    @property
    def dimension(self) -> Dimension:
        """What its numbers measure."""
        if not self.unit:
            return COUNT
        return next(iter(dimensions_of(self.unit)), None) or single(self.unit)


class Numbers(NamedTuple):
    """What `number_form` found.

    Attributes:
        form: how the numbers are written; None where the texts are not numbers of one kind.
        notes: what is to be told of it.
    """

    form: NumberForm | None
    notes: list[str]


def number_form(
    texts: np.ndarray, counts: np.ndarray, decimal: str = ".", plain: np.ndarray | None = None
) -> Numbers:
    """Find out how the numbers of a column are written.

    Args:
        texts: its distinct texts.
        counts: how many cells hold each of them.
        decimal: the sign before the fraction.
        plain: what `parse_plain` says of the texts, where that is known.

    >>> found = number_form(np.array(["72.5kg", "81 kg"], object), np.array([4, 3]))
    >>> found.form, found.notes
    (NumberForm(decimal='.', unit='kg', clock=''), ['Its numbers are in kg.'])
    """
    plain = parse_plain(texts, decimal) if plain is None else plain
    left = np.flatnonzero(np.isnan(plain))
    total = counts.sum()
    if counts[left].sum() <= (1 - NEARLY) * total and not _promising(texts[left], decimal):
        return Numbers(NumberForm(decimal), [])
    if not _promising(texts[left], decimal):
        return Numbers(None, [])
    taken = [take_apart(text, decimal) for text in texts[left[_spaced(len(left), 6 * SAMPLE)]]]
    weights = counts[left[_spaced(len(left), 6 * SAMPLE)]]
    known = [(each, int(n)) for each, n in zip(taken, weights) if each is not None]
    cells, bare = sum(n for _each, n in known), int(counts.sum() - counts[left].sum())
    share = cells / max(int(weights.sum()), 1)
    if bare + share * counts[left].sum() < NEARLY * total:
        return Numbers(None, [])
    bounds = Counter[bool]()  # <=50K and >50K are two classes
    for each, n in known:
        bounds[each.bound == "<"] += n if each.bound else 0
    if 2 * bounds.total() > cells + bare and len(+bounds) > 1:
        return Numbers(None, [])
    return _of_one_dimension(known, plain, cells, bare, decimal)


def _of_one_dimension(
    known: list[tuple[Quantity, int]], plain: np.ndarray, cells: int, bare: int, decimal: str
) -> Numbers:
    """Choose the dimension that covers the most cells, and tell what is unusual."""
    words: Counter[str] = Counter()
    for each, n in known:
        for word in dict.fromkeys(each.units):
            words[word] += n
    dimension, covered = COUNT, -1
    for candidate in _candidates(words, known, plain):
        fits = sum(n for each, n in known if each.value(candidate) is not None)
        if fits > covered:
            dimension, covered = candidate, fits
    if dimension.name == "%" and _all_fractions(plain) and bare > (1 - NEARLY) * (cells + bare):
        return _refused([*words, _("no unit")])  # is 0.12 12%?
    if covered < 0 or covered + bare < NEARLY * (cells + bare):
        several = len(words) > 1 and all(dimensions_of(word) or rate_of(word) for word in words)
        return _refused([w for w, _n in words.most_common(4)] if several else [])
    fits_only = [(each, n) for each, n in known if each.value(dimension) is not None]
    return Numbers(*_told(_form(dimension, fits_only, decimal), words, fits_only, bare))


def _refused(units: list[str]) -> Numbers:
    """Take cells as words, and say which units they mix."""
    if not units:
        return Numbers(None, [])
    return Numbers(None, [_("Its cells are numbers in several units ({units}), which are not "
                           "mixed: they are taken as words. Bring them to one unit to have them "
                           "learnt as numbers.", units=enumeration(units))])  # fmt: skip


def _all_fractions(plain: np.ndarray) -> bool:
    bare = plain[~np.isnan(plain)]
    return bool(np.any(bare) and np.all(np.abs(bare) <= 1))


def _candidates(
    words: Counter[str], known: list[tuple[Quantity, int]], plain: np.ndarray
) -> Iterator[Dimension]:
    if not words:
        yield COUNT
        return
    order = {d: None for word, _n in words.most_common() for d in dimensions_of(word)}
    for rate in sorted({rate_of(word) for word in words} - {""}):
        order |= {currency(d.name, rate): None for d in [*order] if d.currency and not d.rate}
    yield from order
    often, _n = words.most_common(1)[0]
    if not order:
        values = [each.terms[0][0] for each, _n in known if each.terms]
        distinct = {*values, *plain[~np.isnan(plain)].tolist()}
        many = len(distinct) > MANY and (len(often) > 1 or not often.isalpha())  # 12B is a code
        if many or any(value % 1 for value in distinct):
            yield single(often)


def _form(dimension: Dimension, known: list[tuple[Quantity, int]], decimal: str) -> NumberForm:
    """Name the unit: the most frequent one as it is written; of durations, the second."""
    clock = ""
    if two := [each.clock for each, _n in known if len(each.clock) == 2]:
        three = any(len(each.clock) == 3 for each, _n in known)
        clock = MINUTES if three or max(first for first, _second in two) > 23 else HOURS
    if dimension.currency:
        return NumberForm(decimal, dimension.name)
    if not any(word for each, _n in known for word in each.units) or dimension is COUNT:
        return NumberForm(decimal)
    used = Counter[str]()
    for each, n in known:
        for _number, word in each.terms:
            used[word] += n if word else 0
    several = len({dimension.factor(word) for word in +used}) > 1
    if clock or any(each.clock for each, _n in known) or (several and dimension.name == "time"):
        return NumberForm(decimal, dimension.base, clock)
    unit = used.most_common(1)[0][0]
    if NumberForm(decimal, unit).dimension != dimension or unit in "'\"":
        # the name that no other dimension has
        same = (n for n, w in dimension.units.items() if w == dimension.factor(unit))
        unit = next(same, dimension.base)
    return NumberForm(decimal, unit)


def _told(
    form: NumberForm, words: Counter[str], known: list[tuple[Quantity, int]], bare: int
) -> tuple[NumberForm, list[str]]:
    """Say what the numbers are in, and which cells are not plain values."""
    notes = []
    unit, dimension = form.unit, form.dimension
    if form.clock:
        notes.append(
            _("Its times such as 12:34 are read as minutes and seconds, in seconds.")
            if form.clock == MINUTES
            else _("Its times such as 12:34 are read as hours and minutes, in seconds.")
        )
    elif unit == dimension.base and dimension.name == "time":
        notes.append(_("Its durations are read in seconds."))
    elif unit:
        notes.append(_("Its numbers are in {unit}.", unit=unit))
    others = [w for w, _n in words.most_common() if dimension.factor(w) not in (None, _worth(form))]
    if dimension.scaled and others:
        notes.append(_("Its numbers are written with {words}; read in full.",
                       words=enumeration([repr(word) for word in others[:4]])))  # fmt: skip
    elif others and dimension.name != "time":
        notes.append(_("Cells in {units} were converted.",
                       units=enumeration([repr(word) for word in others[:4]])))  # fmt: skip
    without = bare + sum(n for each, n in known if not any(each.units))
    if without and unit and not dimension.currency:
        notes.append(_("Cells without a unit, taken in {unit}: {n:,}.", unit=unit, n=without))
    if bounds := sum(n for each, n in known if each.bound):
        notes.append(_("Cells such as <100 or 100+, read as the bound: {n:,}.", n=bounds))
    return form, notes


def _worth(form: NumberForm) -> float:
    """Return what one of the form's unit is worth in its dimension's first unit."""
    return form.dimension.factor(form.unit) or 1.0


def read_numbers(
    texts: np.ndarray, form: NumberForm, plain: np.ndarray | None = None
) -> np.ndarray:
    """Return what each text says as a number in the form's unit, float64; NaN where it is none.

    Args:
        texts: the texts.
        form: how they are written.
        plain: what `parse_plain` says of them, where that is known.

    >>> texts = np.array(["5 km", "300m", "2", "3 kg"], object)
    >>> read_numbers(texts, NumberForm(".", "km")).tolist()
    [5.0, 0.3, 2.0, nan]
    """
    values = parse_plain(texts, form.decimal) if plain is None else plain.copy()
    left = np.flatnonzero(np.isnan(values))
    if not _promising(texts[left], form.decimal):
        return values
    dimension, worth = form.dimension, _worth(form)
    weights: dict[tuple[str, ...], list[float]] = {}
    numbers: list[str] = []
    worths: list[float] = []
    starts = []
    for text in texts[left].tolist():
        parts = _CHUNKS.split(text)
        around = tuple(parts[::2])
        known = weights.get(around)
        if known is None:
            known = weights[around] = _weights(around, form, dimension, worth)
        starts.append(len(numbers))
        numbers += parts[1::2] or [""]
        worths += known
    products = values_of(numbers, form.decimal) * worths
    values[left] = np.add.reduceat(products, starts)
    for i in left[np.isnan(values[left])]:
        values[i] = _read(texts[i], form, dimension, worth)
    return values


def _weights(
    around: tuple[str, ...], form: NumberForm, dimension: Dimension, worth: float
) -> list[float]:
    """Return what one of each number is worth among such words, NaN where they do not add up.

    Words repeat, numbers do not: most texts of a column need no look at their words.
    """

    def read(*numbers: int) -> float:
        text = around[0] + "".join(f"{n}{word}" for n, word in zip(numbers, around[1:]))
        return _read(text, form, dimension, worth)

    n = len(around) - 1
    none = [np.nan] * max(n, 1)
    if not n or n > 6 or any(word.endswith((".", ",")) for word in around[:-1]):
        return none
    weights = [read(*(int(i == j) for j in range(n))) for i in range(n)]
    for probe in ([2, 3, 5, 7, 4, 6], [9, 8, 1, 2, 3, 5], [0] * 6):
        if not np.isclose(read(*probe[:n]), np.dot(weights, probe[:n])):
            return none
    return weights


def _read(text: str, form: NumberForm, dimension: Dimension, worth: float) -> float:
    taken = take_apart(text, form.decimal)
    value = None if taken is None else taken.value(dimension, form.clock)
    if taken is None or value is None:
        return np.nan
    return value / worth if any(taken.units) else value


def _promising(texts: np.ndarray, decimal: str) -> bool:
    """Whether a sample of texts holds numbers that are written with more than digits."""
    sample = texts[_spaced(len(texts), SAMPLE)]
    return any(take_apart(text, decimal) for text in sample if any(c.isdecimal() for c in text))


def _spaced(n: int, most: int) -> np.ndarray:
    """Return ``most`` places among ``n`` at most, evenly spaced."""
    return np.arange(n) if n <= most else np.linspace(0, n - 1, most).astype(int)
