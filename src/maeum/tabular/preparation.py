"""From cells to the arrays that a network takes; fitted on the training rows only.

Every used column becomes features in its own way (an `Encoder`); `Preparation` is the list of
them. It is plain data, so that it travels inside a model file and treats new rows as it treated
the rows of the training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.checks import check_choice
from maeum.core.errors import DataError, nearest
from maeum.core.json import Saved, plain
from maeum.core.messages import _
from maeum.core.wording import Things, as_written, some
from maeum.tables.cells import cells_of
from maeum.tables.columns import (
    NOT_DATES,
    NOT_NUMBERS,
    Column,
    convert,
    convert_dates,
    quoted,
)
from maeum.tables.marks import beside
from maeum.tables.number_columns import far_outside
from maeum.tables.outliers import squashed, usual_range_of
from maeum.tables.quantities import NumberForm
from maeum.tables.reading import tidy
from maeum.tables.rereading import Known, otherwise, written_here
from maeum.tabular.text_columns import TextEncoder

SCALES = ("minmax", "standard", None)
FLAG_FROM = 0.01  # a missing-indicator is a feature where this share of the training cells lacks
RARE = 2  # a level of a wide category needs this many training rows to have its own vector
MISSING = Things("{n:,} missing cell", "{n:,} missing cells")
_UNREAD = {
    "category": Things("{n:,} cell with a value that training did not show (often enough)",
                       "{n:,} cells with a value that training did not show (often enough)"),
    "date": NOT_DATES,
    "number": NOT_NUMBERS,
    "yesno": Things("{n:,} cell neither yes nor no", "{n:,} cells neither yes nor no"),
}  # fmt: skip


@dataclass(frozen=True)
class Encoder(Saved):
    """How one column becomes features.

    Attributes:
        column, kind, format: as in `maeum.tables.columns.Column`.
        levels: of a category, those of the training rows, the most frequent first. One-hot, the
            first is the reference (all its features are 0); embedded, level ``i`` has the index
            ``i + 1`` and 0 stands for anything else.
        embedded: whether a category is an index for an embedding rather than one-hot.
        parts: what distinguishes the features of this column; of a date, the parts it is taken
            apart into.
        fill: what stands for a missing value, for each part, before scaling.
        shift, spread: a part becomes ``(value - shift) / spread``.
        flag: whether "is missing" is a feature of its own.
        marks: what counts as missing beside the usual marks, such as ``-999``.
        low, high: between which a part lay in the training, values far outside aside; what is
            further than that is drawn near (`maeum.tables.outliers.squashed`).
        span: of dates, the first and the last of the training.
    """

    column: str
    kind: str
    format: str = ""
    levels: list[str] = field(default_factory=list)
    embedded: bool = False
    parts: list[str] = field(default_factory=list)
    fill: list[float] = field(default_factory=list)
    shift: list[float] = field(default_factory=list)
    spread: list[float] = field(default_factory=list)
    flag: bool = False
    marks: list[str] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    span: list[str] = field(default_factory=list)

    @property
    def feature_names(self) -> list[str]:
        """Name the features, as a reader of a report would."""
        form = {"category": "{} = {}", "date": "{} ({})"}.get(self.kind, "{}")
        names = [form.format(self.column, part) for part in self.parts]
        return [*names, f"{self.column} is missing"] if self.flag else names

    @classmethod
    def fit(cls, column: Column, series: pd.Series, scale: str | None, embed_above: int) -> Encoder:
        """Learn levels, fill values and scale from the training cells of a column."""
        values, _unread = convert(
            series, column.kind, form=column.format, levels=column.levels, marks=column.marks
        )
        known = values.dropna()
        often = FLAG_FROM if not column.marks else 0.0  # that a stand-in was there may tell much
        flag = len(known) <= (1 - often) * len(values) and len(known) < len(values)
        if column.kind == "category":
            seen = {str(level): n for level, n in known.value_counts().items() if n}
            levels = sorted(seen, key=lambda level: (-seen[level], level))
            if len(levels) > embed_above:
                levels = [level for level in levels if seen[level] >= RARE]
                return cls(column.name, "category", levels=levels, embedded=True,
                           marks=column.marks)  # fmt: skip
            return cls(column.name, "category", levels=levels, parts=levels[1:], flag=flag,
                       marks=column.marks)  # fmt: skip
        date = column.kind == "date"
        if column.kind == "yesno":
            usual = float(known.cat.codes.mean() > 0.5) if len(known) else 0.0
            parts, scales = [column.levels[1]], [(usual, 0.0, 1.0, 0.0, 1.0)]
        else:
            found = _parts_of_date(known) if date else {column.name: known.to_numpy()}
            parts, scales = [*found], [_fit_scale(part, scale) for part in found.values()]
        fill, shift, spread, low, high = np.array(scales).T.tolist()
        ends = (
            [each.isoformat() for each in (known.min(), known.max())] if date and len(known) else []
        )
        return cls(column.name, column.kind, column.format, list(column.levels), False, parts,
                   fill, shift, spread, flag, column.marks, low, high, ends)  # fmt: skip

    def encode(
        self, series: pd.Series, form: NumberForm | None = None, trained: bool = False
    ) -> tuple[np.ndarray, list[str]]:
        """Return ``(n, features)`` float32, or ``(n,)`` int32 of an embedded column; and warnings.

        Every warning is a sentence on cells that were missing, could not be read, or are unlike
        those of the training.

        Args:
            series: the cells.
            form: how its numbers are written, where that is not as in the training.
            trained: whether these are the cells of the training.
        """
        here = self.format if form is None else str(form)
        trained_form, texts = NumberForm.of(self.format), series[:100]
        notes = [] if form is None else otherwise(trained_form, form, texts.tolist())
        if self.kind == "date":
            values, unread, notes = convert_dates(series, self.format, self.span, self.marks)
        else:
            values, unread = convert(
                series, self.kind, form=here, levels=self.levels, marks=self.marks
            )
        missing = values.isna().to_numpy()
        warnings = self._warnings(int(missing.sum()) - sum(unread.values()), unread)
        warnings += [f"{self.column}: {note}" for note in notes]
        if self.kind == "number" and not trained:
            warnings += far_outside(self.column, values, *self.low, *self.high)
        if self.kind == "category":
            codes = values.cat.codes.to_numpy() if self.levels else np.full(len(values), -1)
            if self.embedded:
                return codes.astype(np.int32) + np.int32(1), warnings
            features = (codes[:, None] == np.arange(1, max(len(self.levels), 1))).astype(np.float32)
        else:
            if self.kind == "date":
                raw = _parts_of_date(values, self.parts)
                columns = np.stack([raw[part] for part in self.parts], axis=1)
            else:
                column = values.cat.codes if self.kind == "yesno" else values
                columns = column.to_numpy(np.float64)[:, None]
            columns = np.where(missing[:, None], np.asarray(self.fill), columns)
            if self.low:
                columns = squashed(columns, self.low, self.high)
            columns -= np.asarray(self.shift)  # in place: there may be millions of rows
            columns /= np.asarray(self.spread)
            most = np.finfo(np.float32).max
            features = np.clip(columns, -most, most, out=columns).astype(np.float32)
        if self.flag:
            features = np.column_stack([features, missing.astype(np.float32)])
        return features, warnings

    def _warnings(self, missing: int, unread: dict[str, int]) -> list[str]:
        if self.flag:  # the network is told that they are missing, whatever stands there
            taken = _("counted as missing")
        elif self.embedded:
            taken = _("taken as unknown")
        elif self.kind == "category":
            taken = _("ignored")
            if self.levels:
                taken = _("taken as {level!r}, the most frequent", level=self.levels[0])
        elif self.kind == "date":
            taken = _("filled with the usual date")
        else:
            fill = as_written(self.fill[0])
            fill = self.levels[int(self.fill[0])] if self.kind == "yesno" else fill
            taken = _("filled with {value}", value=fill)
        sentences = []
        if missing:
            sentences.append(f"{MISSING.count(missing)} {taken}")
        if unread:
            cells = _UNREAD[self.kind].count(sum(unread.values()))
            sentences.append(f"{cells} ({quoted(unread)}); {taken}")
        return [f"{self.column}: {sentence}." for sentence in sentences]


@dataclass(frozen=True)
class Preparation:
    """The way from a table to the inputs of a network.

    Attributes:
        encoders: one for each used column.
        scale: how numbers are scaled: ``"minmax"`` to [0, 1], ``"standard"`` to mean 0 and
            deviation 1, or None.

    >>> from maeum.tables.columns import recognise
    >>> raw = pd.DataFrame({"age": ["20", "40", ""], "plan": ["a", "b", "a"]})
    >>> prepared = Preparation.fit(raw, recognise(raw)[1])
    >>> prepared.feature_names
    ['age', 'age is missing', 'plan = b']
    >>> prepared.transform(raw)[0]["numbers"].tolist()
    [[0.0, 0.0, 0.0], [1.0, 0.0, 1.0], [0.5, 1.0, 0.0]]
    """

    encoders: list[Encoder | TextEncoder]
    scale: str | None = "minmax"

    @classmethod
    def fit(
        cls, frame: pd.DataFrame, columns: Sequence[Column],
        scale: str | None = "minmax", embed_above: int = 20,
    ) -> Preparation:  # fmt: skip
        """Fit the preparation to the training rows.

        Args:
            frame: the training rows, as raw cells or as typed by `recognise`.
            columns: what `recognise` said of the columns; the used ones become features.
            scale: ``"minmax"``, ``"standard"`` or None.
            embed_above: categories of more levels than this become indices for an embedding.

        Raises:
            ConfigError: for an unknown scale.
            DataError: if there are no rows, or no column is used.
        """
        check_choice(scale, SCALES, "scale")
        frame, _renamed = tidy(frame)
        if not len(frame):
            raise DataError("There are no training rows to fit the preparation to.")
        used = [column for column in columns if column.used]
        if not used:
            left_out = "; ".join(f"{c.name!r}: {c.reason}" for c in columns[:5])
            raise DataError(
                "No column of the table can be learnt from ({left_out}).", left_out=left_out
            )
        encoders: list[Encoder | TextEncoder] = [
            TextEncoder.fit(c, frame[c.name]) if c.kind == "text"
            else Encoder.fit(c, frame[c.name], scale, embed_above)
            for c in used
        ]  # fmt: skip
        return cls(encoders, scale)

    @property
    def columns(self) -> list[str]:
        """The columns that a table must have."""
        return [encoder.column for encoder in self.encoders]

    @property
    def feature_names(self) -> list[str]:
        """The features of ``"numbers"``, in order."""
        return [name for e in self.encoders if not e.embedded for name in e.feature_names]

    @property
    def feature_columns(self) -> list[str]:
        """The column that each feature of ``"numbers"`` comes from."""
        return [e.column for e in self.encoders if not e.embedded for _feature in e.feature_names]

    @property
    def embedded(self) -> dict[str, int]:
        """The embedded columns: the key of each in `transform`'s result to its number of indices.

        The key is the column's name (``"numbers_"`` for a column called ``"numbers"``).
        """
        found = (e for e in self.encoders if isinstance(e, Encoder) and e.embedded)
        return {_key(e.column): len(e.levels) + 1 for e in found}

    @property
    def texts(self) -> dict[str, TextEncoder]:
        """The columns of texts: the key of each in `transform`'s result to how it is read."""
        return {_key(e.column): e for e in self.encoders if isinstance(e, TextEncoder)}

    @property
    def inputs(self) -> list[str]:
        """What the network gets to see: the features, the embedded columns and the texts."""
        return [*self.feature_names, *self.embedded, *self.texts]

    def transform(
        self, frame: pd.DataFrame, trained: bool = False
    ) -> tuple[dict[str, np.ndarray], list[str]]:
        """Turn rows into the inputs of the network.

        Missing values are filled with the median or the most frequent value of the training rows,
        unknown categories count as the most frequent one (embedded: as unknown), further columns
        are ignored.

        Args:
            frame: raw or typed rows with the columns of the training. Numbers that are written
                otherwise than there are recognised by the values that training showed.
            trained: whether these are the rows of the training.

        Returns:
            ``{"numbers": (n, features) float32}`` with one ``(n,)`` int32 array of indices for
            each embedded column and one ``(n, length)`` for each column of texts beside it, and
            a list of sentences on what had to be filled.

        Raises:
            DataError: if a column is not there.
        """
        frame, _renamed = tidy(frame)
        self._check_columns(frame)
        arrays = {"numbers": np.empty((len(frame), len(self.feature_names)), np.float32)}
        warnings: list[str] = []
        at = 0
        forms = {} if trained else self._forms(frame)
        for encoder in self.encoders:
            series = frame[encoder.column]
            features, told = encoder.encode(series, forms.get(encoder.column), trained)
            warnings += told
            if encoder.embedded or isinstance(encoder, TextEncoder):
                arrays[_key(encoder.column)] = features
            else:
                arrays["numbers"][:, at : at + features.shape[1]] = features
                at += features.shape[1]
        return arrays, warnings

    def to_json(self) -> dict[str, Any]:
        """Return the preparation as plain lists, texts and numbers."""
        return {"scale": self.scale, "columns": plain(self.encoders)}

    @classmethod
    def from_json(cls, description: dict[str, Any]) -> Preparation:
        """Return the preparation that `to_json` described."""
        kinds = {"text": TextEncoder}
        encoders = [kinds.get(e["kind"], Encoder)(**e) for e in description["columns"]]
        return cls(encoders, description["scale"])

    def _forms(self, frame: pd.DataFrame) -> dict[str, NumberForm]:
        """Find out how the numbers of new rows are written, where they are texts."""
        known = {}
        for each in self.encoders:
            if not isinstance(each, Encoder) or each.kind != "number":
                continue
            if not pd.api.types.is_numeric_dtype(frame[each.column]):
                span = (each.low[0], each.high[0]) if each.low else ()
                cells = cells_of(frame[each.column], beside((), each.marks))
                known[each.column] = Known(cells, NumberForm.of(each.format), *span)
        return written_here(known)

    def _check_columns(self, frame: pd.DataFrame) -> None:
        if absent := [name for name in self.columns if name not in set(frame.columns)]:
            hints = ((name, nearest(name, frame.columns).strip()) for name in absent)
            named = (f"{name!r} ({hint})" if hint else repr(name) for name, hint in hints)
            raise DataError("The table lacks {count} of the {all} columns that the network was "
                            "trained on: {known}.", count=len(absent), all=len(self.columns),
                            known=some(named, 5))  # fmt: skip


def _key(column: str) -> str:
    return "numbers_" if column == "numbers" else column


def _fit_scale(values: np.ndarray, scale: str | None) -> tuple[float, float, float, float, float]:
    """Return fill, shift, spread and range of one feature; a constant one is only shifted."""
    if not len(values):
        return 0.0, 0.0, 1.0, 0.0, 0.0
    low, high = usual_range_of(values)
    fill = float(np.median(values))
    values = values[(values >= low) & (values <= high)]
    shift, spread = 0.0, 1.0
    if scale == "minmax":
        shift, spread = low, high - low
    elif scale == "standard":
        shift, spread = float(values.mean()), float(values.std())
    return fill, shift, spread or 1.0, low, high


def _parts_of_date(dates: pd.Series, wanted: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """Take dates apart; without ``wanted``, into the parts that differ among them."""
    of = dates.dt
    since_1970 = dates.to_numpy("datetime64[us]") - np.datetime64(0, "us")
    parts = {
        "day count": pd.Series(since_1970 / np.timedelta64(1, "D")),
        "year": of.year,
        "month": of.month,
        "day": of.day,
        "weekday": of.day_of_week,
        "hour": of.hour + of.minute / 60,
    }
    arrays = {name: part.to_numpy(np.float64) for name, part in parts.items()}
    if wanted is not None:
        return {name: arrays[name] for name in wanted}
    return {n: a for n, a in arrays.items() if n == "day count" or len(np.unique(a)) > 1}
