"""Series made ready for a network: parts in the order of time, windows, scaling."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from maeum.core.batches import RowBatches
from maeum.core.errors import ConfigError, DataError
from maeum.core.former import formerly
from maeum.core.messages import N_, _
from maeum.core.wording import enumeration, some
from maeum.forecasting.errors import naive_error
from maeum.forecasting.frequency import STEPS, duration_of
from maeum.forecasting.options import SeriesOptions, SeriesReading
from maeum.forecasting.preparation import Preparation, TimeSteps
from maeum.forecasting.reading import Source, series_of
from maeum.forecasting.series import SeriesSet
from maeum.forecasting.windows import TimeSplit, Windows

_AT_ONCE = 1 << 28  # bytes of windows that are laid out in memory; more come in batches


@formerly(many="series", cuts="split", flat="steps")
@dataclass(frozen=True)
class SeriesData:
    """Series made ready.

    Attributes:
        series: the series that are used.
        reading: how the table became series.
        options: the choices, resolved.
        split: where the parts begin.
        preparation: fitted on the training part.
        steps: all steps, ready for windows.
        parts: the windows to ``train``, for ``validation`` and for the ``test``.
        notes: what was recognised, filled and ignored, as sentences.
        seconds: how long each step took.
    """

    series: SeriesSet
    reading: SeriesReading
    options: SeriesOptions
    split: TimeSplit
    preparation: Preparation
    steps: TimeSteps
    parts: dict[str, Windows]
    notes: list[str]
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def prepare(cls, source: Source, reading: SeriesReading, options: SeriesOptions) -> SeriesData:
        """Read series, divide their time into three parts, and fit the scaling on the first.

        Raises:
            DataError, UnknownNameError, ConfigError: for a table or an option that cannot be used.

        >>> series = SeriesSet.from_array(np.arange(100.0))
        >>> ready = SeriesData.prepare(series, SeriesReading("value"), SeriesOptions(horizon=3))
        >>> ready.sizes
        {'train': 46, 'validation': 13, 'test': 13}
        """
        began = time.perf_counter()
        series = series_of(source, reading)
        fractions = options.test_size, options.validation_size
        split = TimeSplit.by_fractions(series.moments, options.horizon, *fractions)
        data = cls.cut(series, reading, options, split)
        return replace(data, seconds={"preparing": time.perf_counter() - began})

    @classmethod
    def cut(
        cls, series: SeriesSet, reading: SeriesReading, options: SeriesOptions, split: TimeSplit
    ) -> SeriesData:
        """Make series ready with parts that begin where ``split`` says."""
        if options.recursive and series.past_covariates:
            raise ConfigError("A recursive forecast cannot use {names}: past covariates are not "
                              "known of the steps that are forecast. Do without them, or forecast "
                              "all steps at once.",
                              names=enumeration(series.past_covariates))  # fmt: skip
        notes = list(series.notes)
        learnt = [(one, split.learnable(one.moments)) for one in series]
        longest = max(int(np.diff(one.edges(s.start, s.stop)).max()) for one, s in learnt)
        usual = series.frequency.season if series.frequency is not None else None
        options = options.resolved(usual, longest)
        series = _long_enough(series, options, split, notes)
        preparation = Preparation.fit(series, options, split)
        if names := [n for n, b in zip(series.targets, preparation.bounds) if b.whole]:
            notes.append(_("The values of {names} are whole numbers, and so are the forecasts.",
                           names=enumeration(names)))  # fmt: skip
        steps = preparation.steps(series)
        parts = split.parts(preparation.windows(series), steps.moments)
        for part, said in _NO_WINDOW.items():
            if not len(parts[part]):
                said = _(said, **_needed(options), longest=STEPS.count(longest))
                raise DataError(said + " " + _(_ADVICE))
        if not len(parts["validation"]) and options.validation_size:
            notes.append(_("No whole window is in the validation part: all epochs are trained."))
        options = options.for_windows(len(parts["train"]))
        return cls(series, reading, options, split, preparation, steps, parts, notes)

    @property
    def source(self) -> str:
        """The name of the file, as shown."""
        return self.series.source

    @property
    def sizes(self) -> dict[str, int]:
        """How many windows each part has."""
        return {name: len(part) for name, part in self.parts.items()}

    @property
    def horizon(self) -> str:
        """How far a forecast reaches, in words: ``7 days``, ``1 step``."""
        return duration_of(self.options.horizon, self.series.frequency)

    @property
    def scales(self) -> np.ndarray:
        """The error of the naive forecast in the training part of each series, ``(s, k)``."""
        found = []
        for one in self.series:
            values = one.values[self.split.learnable(one.moments)]
            lag = self.options.season or 1
            found.append(naive_error(values, lag if lag < len(values) else 1))
        return np.stack(found)

    def arrays(self, windows: Windows) -> tuple[Any, np.ndarray]:
        """Return the network's inputs and what it should answer, for some windows.

        A recursive network is asked for the first step of each.
        """
        contexts = self.preparation.contexts(self.steps, windows)
        inputs, _center, _spread = self.preparation.inputs(contexts)
        truth = self.preparation.truth(self.steps, windows)
        if self.options.recursive:
            truth = truth[:, :1]
            inputs = [inputs[0], inputs[1][:, :1]] if isinstance(inputs, list) else inputs
        return inputs, truth

    def for_fit(self, part: str, shuffle: bool = False) -> Any:
        """Return the arrays of a part; its batches if those would take much memory."""
        windows, preparation = self.parts[part], self.preparation
        if 4 * len(windows) * preparation.window * preparation.channels > _AT_ONCE:
            return WindowBatches(self, windows, shuffle)
        return self.arrays(windows)

    def times_of(self, windows: Windows) -> np.ndarray:
        """Return the time of the first step that each window forecasts."""
        return self.series.times[windows.origins]


class WindowBatches(RowBatches):
    """Batches of windows, made when they are needed."""

    def __init__(self, data: SeriesData, windows: Windows, shuffle: bool):
        options = data.options
        super().__init__(len(windows), options.batch_size or 32, shuffle, options.seed)
        self.data, self.windows = data, windows

    def take(self, rows: np.ndarray) -> Any:
        """Return ``(inputs, truth)`` of these windows."""
        return self.data.arrays(self.windows.take(rows))


_NO_WINDOW = {
    "train": N_("There is no whole window to train on: a window and its forecast take {needed} "
                "({options}), and the training part has {longest} without a gap."),
    "test": N_("There is no whole window to test on: a window and its forecast take {needed} "
               "({options})."),
}  # fmt: skip
_ADVICE = N_("A smaller window (--window), a shorter horizon (--horizon) or more rows would help.")


def _needed(options: SeriesOptions) -> dict[str, str]:
    """Return the steps that a window and its forecast take, in words, and why."""
    names = ("window", "difference", "horizon")
    chosen = {name: getattr(options, name) for name in names if getattr(options, name)}
    said = ", ".join(f"{name}={value}" for name, value in chosen.items())
    return {"needed": STEPS.count(sum(chosen.values())), "options": said}


def _long_enough(
    series: SeriesSet, options: SeriesOptions, split: TimeSplit, notes: list[str]
) -> SeriesSet:
    """Drop the series that no window fits into, or that begin after the training part."""
    needed = int(options.window or 1) + options.horizon + options.difference
    kept, short, late = [], [], []
    for one in series:
        name = one.name or _("the series")
        if int(np.diff(one.edges()).max()) < needed:
            short.append(f"{name} ({STEPS.count(len(one))})")
        elif len(one.moments[split.learnable(one.moments)]) < 2:
            late.append(name)
        else:
            kept.append(one)
    if not kept:
        said = _("No series is long enough: a window and its forecast take {needed} ({options}); "
                 "too short: {names}.", names=some(short or late, 6, 40),
                 **_needed(options))  # fmt: skip
        gaps = _("Filled gaps (--gaps fill) would help, too.")
        broken = any(one.breaks for one in series)
        raise DataError(" ".join([said, _(_ADVICE), *([gaps] if broken else [])]))
    if short:
        notes.append(_("Excluded, shorter than a window and its forecast ({needed}): {names}.",
                       needed=STEPS.count(needed), names=some(short, 6, 40)))  # fmt: skip
    if late:
        notes.append(_("Excluded, not in the training part: {names}.", names=some(late, 6, 40)))
    return replace(series, series=kept)
