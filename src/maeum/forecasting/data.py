"""Series made ready for a network: parts in the order of time, windows, scaling."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.errors import ConfigError, DataError
from maeum.core.wording import enumeration, plural, some
from maeum.forecasting.errors import naive_error
from maeum.forecasting.options import SeriesOptions
from maeum.forecasting.preparation import Flat, Preparation, learnable
from maeum.forecasting.reading import SeriesReading, read_table_of
from maeum.forecasting.series import Series, SeriesSet
from maeum.forecasting.windows import Cuts, Windows
from maeum.tables.reading import Table


@dataclass(frozen=True)
class SeriesData:
    """Series made ready.

    Attributes:
        many: the series that are used.
        reading: how the table became series.
        options: the choices, resolved.
        cuts: where the parts begin.
        preparation: fitted on the training part.
        flat: all steps, ready for windows.
        parts: the windows to ``train``, for ``validation`` and for the ``test``.
        notes: what was recognised, filled and left out, as sentences.
        seconds: how long each part took.
    """

    many: SeriesSet
    reading: SeriesReading
    options: SeriesOptions
    cuts: Cuts
    preparation: Preparation
    flat: Flat
    parts: dict[str, Windows]
    notes: list[str]
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def prepare(
        cls,
        source: Table | pd.DataFrame | str | os.PathLike | SeriesSet,
        reading: SeriesReading,
        options: SeriesOptions,
    ) -> SeriesData:
        """Read series, divide their time into three parts, and fit the scaling on the first.

        Raises:
            DataError, UnknownNameError, ConfigError: for a table or an option that cannot be used.

        >>> many = SeriesSet.from_array(np.arange(100.0))
        >>> ready = SeriesData.prepare(many, SeriesReading("value"), SeriesOptions(ahead=3))
        >>> {name: len(part) for name, part in ready.parts.items()}
        {'train': 46, 'validation': 13, 'test': 13}
        """
        began = time.perf_counter()
        many = source if isinstance(source, SeriesSet) else read_table_of(source, reading)
        when = np.concatenate([one.times.astype(np.int64) for one in many])
        cuts = Cuts.by_shares(when, options.ahead, options.test_size, options.validation_size)
        data = cls.cut(many, reading, options, cuts)
        return replace(data, seconds={"preparing": time.perf_counter() - began})

    @classmethod
    def cut(
        cls, many: SeriesSet, reading: SeriesReading, options: SeriesOptions, cuts: Cuts
    ) -> SeriesData:
        """Make series ready with parts that begin where ``cuts`` say."""
        notes = list(many.notes)
        if options.recursive and many.past:
            raise ConfigError(
                f"A recursive forecast cannot use {enumeration(many.past)}: what is known up to "
                "now only, is not known of the steps that are forecast. Leave them out, "
                "or forecast all steps at once."
            )
        longest = max(_stretch(one, cuts) for one in many)
        usual = many.frequency.season if many.frequency is not None else None
        options = options.resolved(usual, longest)
        many = _long_enough(many, options, cuts, notes)
        preparation = Preparation.fit(many, options, cuts.validation, cuts.train)
        flat = preparation.flat(many)
        parts = cuts.parts(preparation.windows(many), flat.when)
        if not (len(parts["train"]) and len(parts["test"])):
            which = "train on" if not len(parts["train"]) else "test on"
            raise DataError(
                f"There is no whole window to {which}: a window looks back on "
                f"{plural(int(options.window or 1), 'step')}"
                f"{f' and {options.difference} more' if options.difference else ''} and forecasts "
                f"{options.ahead}, and the training part has {longest} without a gap. A smaller "
                "window (--window), fewer steps ahead (--ahead) or more rows would help."
            )
        if not len(parts["validation"]) and options.validation_size:
            notes.append("No whole window lies in the validation part: all epochs are trained.")
        options = options.for_windows(len(parts["train"]))
        return cls(many, reading, options, cuts, preparation, flat, parts, notes)

    @property
    def source(self) -> str:
        """The name of the file, as shown."""
        return self.many.source

    @property
    def scales(self) -> np.ndarray:
        """The error of the naive forecast in the training part of each series, ``(s, k)``."""
        made = []
        for one in self.many:
            values = one.values[learnable(one, self.cuts.validation, self.cuts.train)]
            lag = self.options.season or 1
            made.append(naive_error(values, lag if lag < len(values) else 1))
        return np.stack(made)

    def arrays(self, windows: Windows) -> tuple[Any, np.ndarray]:
        """Return the network's inputs and what it should answer, for some windows.

        A recursive network is asked for the first step of each.
        """
        inputs, _, _ = self.preparation.inputs(self.preparation.look(self.flat, windows))
        truth = self.preparation.truth(self.flat, windows)
        if self.options.recursive:
            truth = truth[:, :1]
            inputs = [inputs[0], inputs[1][:, :1]] if isinstance(inputs, list) else inputs
        return inputs, truth

    def times_of(self, windows: Windows) -> np.ndarray:
        """Return the time of the first step that each window forecasts."""
        return np.concatenate([one.times for one in self.many])[windows.origins]


def _stretch(one: Series, cuts: Cuts) -> int:
    """Return the steps of the longest stretch that there is to train on."""
    chosen = learnable(one, cuts.validation, cuts.train)
    if not len(chosen):
        return 0
    first, end = int(chosen[0]), int(chosen[-1]) + 1
    edges = [first, *(b for b in one.breaks if first < b < end), end]
    return int(np.diff(edges).max())


def _long_enough(
    many: SeriesSet, options: SeriesOptions, cuts: Cuts, notes: list[str]
) -> SeriesSet:
    """Leave out the series that no window fits into, or that begin after the training part."""
    needed = int(options.window or 1) + options.ahead + options.difference
    kept, short, late = [], [], []
    for one in many:
        edges = [0, *one.breaks, len(one)]
        if int(np.diff(edges).max()) < needed:
            short.append(f"{one.name or 'the series'} ({plural(len(one), 'step')})")
        elif len(learnable(one, cuts.validation, cuts.train)) < 2:
            late.append(one.name or "the series")
        else:
            kept.append(one)
    if short:
        notes.append(f"Shorter than a window and its forecast ({needed} steps), left out: "
                     f"{some(short, 6, 40)}.")  # fmt: skip
    if late:
        notes.append(f"Not in the training part, left out: {some(late, 6, 40)}.")
    if not kept:
        raise DataError(
            f"No series is long enough: a window looks back on "
            f"{plural(int(options.window or 1), 'step')}"
            f"{f' and {options.difference} more' if options.difference else ''} and forecasts "
            f"{options.ahead}, {needed} in all; too short: {some(short or late, 6, 40)}. A smaller "
            "window (--window), fewer steps ahead (--ahead) or more rows would help"
            f"{', and so would filled gaps' if any(one.breaks for one in many) else ''}."
        )
    return replace(many, series=kept)
