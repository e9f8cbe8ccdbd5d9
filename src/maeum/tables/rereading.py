"""How numbers are written in a file that comes after the training: perhaps not as they were there.

A reading is judged by how many cells it reads as values that the training showed, too. The form of
the training is kept unless another one is better; where both read the cells as possible values,
the other columns of the file decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from maeum.core.messages import _
from maeum.core.wording import enumeration
from maeum.tables.cells import Cells
from maeum.tables.numbers import GROUPS, allows_both, decimal_sign
from maeum.tables.quantities import NumberForm, number_form, read_numbers
from maeum.tables.quantity import take_apart

CLEARLY = 0.05  # of the cells have to be better read by another form


class Known(NamedTuple):
    """A column of numbers as it was in the training.

    Attributes:
        cells: its cells in the new file.
        form: how its numbers were written.
        low, high: between which they were; NaN if that is not known.
    """

    cells: Cells
    form: NumberForm
    low: float = np.nan
    high: float = np.nan

    def merit(self, form: NumberForm) -> float:
        """Return the fraction of cells that a form reads as values near those of the training."""
        values = read_numbers(self.cells.texts, form)
        good = ~np.isnan(values)
        if not np.isnan(self.low):
            more = (self.high - self.low) / 2
            good &= (values >= self.low - more) & (values <= self.high + more)
        return float(self.cells.counts[good].sum() / max(self.cells.counts.sum(), 1))

    def others(self) -> Iterator[NumberForm]:
        """Yield the other forms that its cells may be written in."""
        for sign in sorted(GROUPS, key=lambda sign: sign != self.form.decimal):
            yield self.form._replace(decimal=sign)
            found = number_form(self.cells.texts, self.cells.counts, sign).form
            if found and found.unit and not self.form.unit:
                yield found


def written_here(columns: Mapping[str, Known]) -> dict[str, NumberForm]:
    """Return how the numbers of each column are written here.

    >>> cells = Cells(np.array([0, 1]), np.array(["1,615", "2,5"], object))
    >>> written_here({"x": Known(cells, NumberForm("."), 0.0, 5.0)})
    {'x': NumberForm(decimal=',', unit='', clock='')}
    """
    forms: dict[str, NumberForm] = {}
    votes: Counter[str] = Counter()
    unsure: list[str] = []
    for name, known in columns.items():
        forms[name] = known.form
        texts = known.cells.texts
        both = allows_both(texts, ",")
        merit = known.merit(known.form)
        if merit < 1 or both:
            best = max(known.others(), key=known.merit, default=known.form)
            if known.merit(best) > merit + CLEARLY:
                forms[name] = best
                votes[best.decimal] += 1
                continue
        if both and decimal_sign(texts) is None:
            unsure.append(name)
        elif sign := decimal_sign(texts):
            votes[sign] += 1
    usual = votes.most_common(1)[0][0] if votes else ""
    for name in unsure:
        other = forms[name]._replace(decimal=usual or forms[name].decimal)
        if columns[name].merit(other) >= columns[name].merit(forms[name]):
            forms[name] = other
    return forms


def otherwise(trained: NumberForm, here: NumberForm, texts: Sequence[object] = ()) -> list[str]:
    """Say how numbers are written otherwise than in the training, some texts of which are given."""
    if trained == here:
        return _converted(here, texts)
    signs = {",": _("a decimal comma"), ".": _("a decimal point")}
    notes = []
    if trained.decimal != here.decimal:
        notes.append(_("Its numbers are written with {sign} here, unlike in training; read so.",
                       sign=signs[here.decimal]))  # fmt: skip
    if here.unit != trained.unit:
        notes.append(_("Its numbers are in {unit} here; in training they had no unit.",
                       unit=here.unit))  # fmt: skip
    return notes + _converted(here, texts)


def _converted(form: NumberForm, texts: Sequence[object]) -> list[str]:
    """Say in which unit most of the texts are, if it is another one than that of the form."""
    dimension = form.dimension
    taken = [take_apart(text, form.decimal) for text in texts if isinstance(text, str)]
    words = Counter(word for each in taken if each for word in {*each.units})
    others = [word for word, n in words.most_common() if 2 * n > len(taken)
              and dimension.factor(word) not in (None, dimension.factor(form.unit))]  # fmt: skip
    if not others or dimension.name == "time":
        return []
    return [_("Cells in {units} were converted.", units=enumeration([*map(repr, others)]))]
