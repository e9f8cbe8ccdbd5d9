"""What is to be learnt: the target column, its task and its classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError, UnknownNameError, nearest
from maeum.core.json import Saved
from maeum.core.messages import _
from maeum.core.wording import some
from maeum.experiment.run import ROWS
from maeum.tables.cells import Cells, cells_of, text_of, yes_no
from maeum.tables.columns import Column, convert, quoted, recognise_column
from maeum.tables.marks import YES, Chooser, beside, by_rule, exactly
from maeum.tables.number_columns import far_outside
from maeum.tables.outliers import ordinary_range_of
from maeum.tables.quantities import NumberForm
from maeum.tables.rereading import Known, otherwise, written_here
from maeum.tabular.guessing import MANY_CLASSES, guess_task

TASKS = ("binary", "multiclass", "regression")


@dataclass(frozen=True)
class Target(Saved):
    """The column to learn.

    Attributes:
        name: its header.
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
        classes: names of the classes; binary ``[negative, positive]``; regression ``[]``.
        counts: how many rows have each class.
        missing: how many rows have no target.
        format: how a number is written (`maeum.tables.quantities.NumberForm`).
        shift, spread: `encode` returns ``(value - shift) / spread`` for a regression.
        threshold: of two classes, the probability from which on the positive one is answered.
        notes: what was recognised, as sentences.
        marks: what counts as missing beside the usual marks, such as ``-999``.
        low, high: between which the numbers of the training lie, values far outside aside.
        ends: the least and the largest number that is predicted; empty for no limit.
    """

    name: str
    task: str
    classes: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    missing: int = 0
    format: str = ""
    shift: float = 0.0
    spread: float = 1.0
    notes: list[str] = field(default_factory=list)
    threshold: float = 0.5
    marks: list[str] = field(default_factory=list)
    low: float | None = None
    high: float | None = None
    ends: list[float] = field(default_factory=list)

    @property
    def positive(self) -> str | None:
        """The class whose probability a binary network gives."""
        return self.classes[1] if self.task == "binary" else None

    def known(self, series: pd.Series) -> np.ndarray:
        """Return for each row whether its target can be read, ``(n,)`` bool.

        Raises:
            DataError: if a cell names a class that the network was not trained on.
        """
        if self.task == "regression":
            return self._numbers(series).notna().to_numpy()
        return self._codes(series) >= 0

    def encode(self, series: pd.Series) -> np.ndarray:
        """Return what the network learns: class numbers, int32, or values, float32; ``(n,)``.

        Raises:
            DataError: if a cell is missing or outside the classes; `known` tells the good rows.

        >>> Target("y", "binary", ["no", "yes"]).encode(pd.Series(["yes", "no"])).tolist()
        [1, 0]
        """
        if self.task == "regression":
            values = self._numbers(series).to_numpy()
            values = ((values - self.shift) / self.spread).astype(np.float32)
            bad = np.isnan(values)
        else:
            values = self._codes(series).astype(np.int32)
            bad = values < 0
        if bad.any():
            raise DataError(
                "The target {name!r} is missing in {rows}. Leave them out: Target.known(...) "
                "says which have one.",
                name=self.name,
                rows=ROWS.count(int(bad.sum())),
            )
        return values

    def truth(self, series: pd.Series) -> np.ndarray:
        """Return what a prediction is compared with: class numbers, or the values themselves.

        Raises:
            DataError: as `encode`.

        >>> Target("y", "regression", format=".", shift=3.3).truth(pd.Series(["0", "7"])).tolist()
        [0.0, 7.0]
        """
        encoded = self.encode(series)
        if self.task != "regression":
            return encoded
        return self._numbers(series).to_numpy(np.float64)

    def decode(self, prediction: np.ndarray) -> np.ndarray:
        """Turn the network's output into class names, ``(n,)`` object, or values, float64.

        ``prediction`` is ``(n,)`` or ``(n, 1)``: the probability of the positive class or the
        value; for more classes ``(n, k)`` probabilities.

        >>> Target("y", "binary", ["no", "yes"]).decode(np.array([[0.9], [0.2]])).tolist()
        ['yes', 'no']
        """
        prediction = np.asarray(prediction, np.float64)
        if self.task == "regression":
            values = prediction.reshape(-1) * self.spread + self.shift
            return self.clipped(values)
        if self.task == "binary":
            codes = (prediction.reshape(-1) >= self.threshold).astype(int)
        else:
            codes = prediction.argmax(axis=-1)
        return np.array(self.classes, object)[codes]

    def clipped(self, values: np.ndarray) -> np.ndarray:
        """Return values that are no further out than what is predicted."""
        return np.clip(values, self.ends[0], self.ends[1]) if self.ends else values

    def standardised(self, series: pd.Series) -> Target:
        """Return the regression target that encodes ``series`` with mean 0 and deviation 1.

        Values far outside the rest do not count for it.
        """
        if self.task != "regression":
            return self
        values = self._numbers(series).dropna().to_numpy()
        low, high = ordinary_range_of(values)
        rest = values[(values >= low) & (values <= high)]
        spread = float(rest.std()) or 1.0
        return replace(self, shift=float(rest.mean()), spread=spread, low=low, high=high)

    def limited(self, encoded: np.ndarray) -> np.ndarray:
        """Return what a network is trained on: `encode`'s values, none of them far outside.

        One impossible number among thousands would otherwise be all that is learnt.
        """
        if self.low is None or self.high is None:
            return encoded
        low, high = ((end - self.shift) / self.spread for end in (self.low, self.high))
        more = (high - low) / 2
        far = (encoded < low - more) | (encoded > high + more)
        return np.where(far, np.clip(encoded, low, high), encoded).astype(encoded.dtype)

    def told(self, series: pd.Series) -> list[str]:
        """Say which numbers are unlike those of the training, and written otherwise."""
        if self.task != "regression":
            return []
        notes = otherwise(NumberForm.of(self.format), self._form(series))
        far = far_outside(self.name, self._numbers(series), self.low, self.high)
        return [*(f"{self.name}: {note}" for note in notes), *far]

    def _form(self, series: pd.Series) -> NumberForm:
        form = NumberForm.of(self.format)
        if pd.api.types.is_numeric_dtype(series) or self.low is None or self.high is None:
            return form
        cells = cells_of(series, beside((), self.marks))
        return written_here({"": Known(cells, form, self.low, self.high)})[""]

    def _numbers(self, series: pd.Series) -> pd.Series:
        form = str(self._form(series))
        return convert(series, "number", form=form, marks=self.marks)[0]

    def answering_from(self, threshold: float) -> Target:
        """Return the target of two classes of which the positive one is answered from there on.

        Raises:
            ConfigError: if there are not two classes.
        """
        if self.task != "binary":
            raise ConfigError("A threshold is for two classes; the target {name!r} has not two.",
                              name=self.name)  # fmt: skip
        return replace(self, threshold=threshold)

    def _codes(self, series: pd.Series) -> np.ndarray:
        """Return class numbers, -1 where the cell is missing."""
        cells = cells_of(series, _also(beside(self.classes), self.marks))
        if self.task == "binary" and yes_no(np.array(self.classes, object)).tolist() == [0, 1]:
            codes = yes_no(cells.texts)  # in any spelling
        else:
            place = {name: i for i, name in enumerate(self.classes)}
            codes = np.array([place.get(canonical(text), -1) for text in cells.texts], np.int64)
        if (codes < 0).any():
            unknown = dict(zip(cells.texts[codes < 0], cells.counts[codes < 0].tolist()))
            raise DataError(
                "The target {name!r} holds {quoted} in {rows}, which is none of the classes: "
                "{some}.",
                name=self.name,
                quoted=quoted(unknown),
                rows=ROWS.count(sum(unknown.values())),
                some=some(self.classes, 10),
            )
        return cells.spread(codes, -1)


def recognise_target(
    series: pd.Series, name: str | None = None, *,
    task: str | None = None, positive: str | None = None,
    missing: Iterable[object] | None = None, decimal: str | None = None,
) -> Target:  # fmt: skip
    """Recognise what a column asks for: two classes, several, or a number.

    Args:
        series: the raw cells of the target.
        name: its header; that of the series if None.
        task: one of `TASKS`, or ``"classification"``; recognised if None.
        positive: of two classes, the one whose probability is predicted. If None it is yes or
            true, the larger of two numbers, otherwise the rarer one.
        missing, decimal: as for `maeum.tables.recognise`.

    Raises:
        DataError: for a target that is constant, missing everywhere, a key, a date, or has only
            one row.
        ConfigError: for an unknown task, or one that the cells do not allow.

    >>> recognise_target(pd.Series(["Yes", "No", "No"]), "Churn").classes
    ['No', 'Yes']
    """
    name = str(series.name if name is None else name)
    check_choice(task, (*TASKS, "classification", None), "task")
    wanted = None if missing is None else [text_of(mark) for mark in missing]
    column = recognise_column(series, missing=wanted, decimal=decimal)
    chosen = by_rule if wanted is None else exactly(wanted)
    cells = cells_of(series, _also(chosen, column.marks))
    if (present := int(cells.counts.sum())) < 2:
        raise DataError("The target {name!r} has a value in {rows}, too few to learn from.",
                        name=name, rows=ROWS.count(present))  # fmt: skip
    form = column.format if column.kind == "number" else decimal or "."
    values, unread = convert(series, "number", form=form, marks=column.marks)
    said = None
    if task is None:
        task, said = guess_task(name, column, cells, values.dropna().to_numpy())
    if task == "regression":
        target = _quantity(name, form, values, unread)
    else:
        target = _classes(name, column, cells, task, positive)
    of_numbers = column.kind == "number" and not column.marks and target.classes
    told = [f"{name}: {note}" for note in ([] if of_numbers else column.notes)]
    told += [] if said is None else [said]
    return replace(target, marks=column.marks, notes=[*told, *target.notes])


def _also(choose: Chooser, marks: Sequence[str]) -> Chooser:
    """Choose some marks, in any spelling of a number, beside others."""
    wanted = {canonical(mark) for mark in marks}
    if not wanted:
        return choose
    return lambda texts: {*choose(texts), *(t for t in texts if canonical(t) in wanted)}


def _quantity(name: str, form: str, values: pd.Series, unread: dict[str, int]) -> Target:
    known = int(values.notna().sum())
    if known < 2 or values.nunique() < 2:
        raise ConfigError(
            "The target {name!r} cannot be learnt as a number: {known:,} of its cells are "
            "numbers, {nunique} of them different.",
            name=name,
            known=known,
            nunique=values.nunique(),
        )
    missing = len(values) - known
    notes = _dropped(name, missing)
    if unread:
        notes.append(_("Cells of {name!r} that are not numbers count as missing: {cells}.",
                       name=name, cells=quoted(unread)))  # fmt: skip
    return Target(name, "regression", missing=missing, format=form, notes=notes)


def _classes(name: str, column: Column, cells: Cells, task: str, positive: str | None) -> Target:
    texts: list[str] = cells.texts.tolist()
    if column.kind == "yesno":
        texts = [column.levels[truth] for truth in yes_no(cells.texts)]
    often: Counter[str] = Counter()
    for text, count in zip(texts, cells.counts.tolist()):
        often[canonical(text)] += count
    keys = sorted(often, key=lambda key: ((n := _number(key)) is None, n or 0.0, key))
    if len(keys) < 2:
        marks = _(" Cells that count as missing: {cells}. --missing \"\" (missing=()) makes them "
                  "values.", cells=quoted(dict(cells.marks))) if cells.marks else ""  # fmt: skip
        raise DataError("The target {name!r} is {first!r} in every row, so there is nothing to "
                        "learn.{marks}", name=name, first=texts[0], marks=marks)  # fmt: skip
    if len(keys) > MANY_CLASSES and sum(n == 1 for n in often.values()) > 0.5 * sum(often.values()):
        raise ConfigError("The target {name!r} has {n:,} different values in {rows:,} rows, too "
                          "many to be classes; --task regression takes it as a number.", name=name,
                          n=len(keys), rows=sum(often.values()))  # fmt: skip
    if task == "binary" and len(keys) > 2:
        raise ConfigError(
            "The target {name!r} has {count} classes, so it is not binary.",
            name=name,
            count=len(keys),
        )
    missing = int((cells.codes < 0).sum())
    notes = _dropped(name, missing)
    if len(keys) == 2:
        task, yes = "binary", _positive(name, keys, often, positive, notes)
        keys.sort(key=lambda key: key == yes)
    else:
        task = "multiclass"
    if alone := {key: 1 for key in keys if often[key] == 1}:
        notes.append(_("Classes with a single row ({names}) are learnt but never tested.",
                       names=quoted(alone)))  # fmt: skip
    return Target(name, task, keys, [often[key] for key in keys], missing, notes=notes)


def _positive(
    name: str, keys: list[str], often: dict[str, int], positive: str | None, notes: list[str]
) -> str:
    if positive is not None:
        if canonical(positive) not in keys:
            raise UnknownNameError(
                "The target {name!r} has no class {positive!r}.{hint} Its classes are: {known}.",
                name=name,
                positive=positive,
                hint=nearest(positive, keys),
                known=", ".join(keys),
            )
        return canonical(positive)
    if all(_number(key) is not None for key in keys):
        return keys[1]
    sure = [key for key in keys if key.lower() in YES]
    if len(sure) == 1:
        return sure[0]
    rarer = min(reversed(keys), key=lambda key: often[key])
    notes.append(_("Of the two classes {name!r}, the rarer one, is predicted as the positive one.",
                   name=rarer))  # fmt: skip
    return rarer


def _dropped(name: str, missing: int) -> list[str]:
    said = _("Rows without a {name!r}, ignored: {n:,}.", name=name, n=missing)
    return [said] if missing else []


def canonical(text: object) -> str:
    """Write a class as it is told from others: ``1``, ``1.0`` and ``1.00`` are one class."""
    number = _number(str(text))
    if number is None:
        return str(text).strip()
    return str(int(number)) if number.is_integer() else repr(number)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None
