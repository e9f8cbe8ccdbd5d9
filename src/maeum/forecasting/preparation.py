"""How the steps of series become the inputs of a network, and its outputs become forecasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.former import formerly
from maeum.core.json import Saved
from maeum.core.messages import _
from maeum.core.wording import enumeration
from maeum.experiment.run import ROWS
from maeum.forecasting import scaling
from maeum.forecasting.bounds import Bounds
from maeum.forecasting.calendar import calendar_features, calendar_parts
from maeum.forecasting.frequency import DAY, Frequency, steps_of
from maeum.forecasting.options import SeriesOptions
from maeum.forecasting.scaling import Scaler
from maeum.forecasting.series import Series, SeriesSet, named
from maeum.forecasting.windows import TimeSplit, Windows

_REACH = 8.0  # deviations


@dataclass(frozen=True)
class TimeSteps:
    """The steps of all series end to end, ready for windows; ``N`` in all.

    Attributes:
        values: ``(N, k)`` the targets as they are.
        level: ``(N, k)`` the same, or their logarithms.
        scaled: ``(N, k)`` float32, differences taken and scaled.
        past: ``(N, p)`` float32, the past covariates, scaled.
        future: ``(N, f + c)`` float32, the future covariates, scaled, and the calendar.
        moments: ``(N,)`` when each step is, as whole numbers.
    """

    values: np.ndarray
    level: np.ndarray
    scaled: np.ndarray
    past: np.ndarray
    future: np.ndarray
    moments: np.ndarray


@dataclass(frozen=True)
class Contexts:
    """What ``n`` forecasts are made from: what a network looks back on, and what is known.

    Attributes:
        scaled: ``(n, window, k)``.
        past: ``(n, window, p)``.
        future: ``(n, window + horizon, f + c)``.
        level: ``(n, difference or 1, k)`` the last values before the forecast.
        owners: ``(n,)`` the number of the series that each belongs to.
    """

    scaled: np.ndarray
    past: np.ndarray
    future: np.ndarray
    level: np.ndarray
    owners: np.ndarray


@formerly(ahead="horizon")
@dataclass(frozen=True)
class Preparation(Saved):
    """What was learnt from the training part about how to prepare series.

    Attributes:
        window, horizon, scale, log, difference: see `SeriesOptions`.
        targets: how many columns are forecast.
        parts: the parts of the calendar that are used.
        reach: how many deviations from the last value of a window its others count at most; 0 for
            all. What lies before a jump of the level says little of what is behind it.
        bounds: of each target, what its values do not fall below and whether they are whole.
        scalers: of the targets of each series, by its name.
        past: the scaler of the past covariates.
        future: the scaler of the future covariates.
    """

    window: int
    horizon: int
    scale: str
    log: bool
    difference: int
    targets: int
    parts: list[str]
    scalers: dict[str, Scaler]
    past: Scaler
    future: Scaler
    reach: float = 0.0
    bounds: list[Bounds] = field(default_factory=list)

    @classmethod
    def fit(cls, series: SeriesSet, options: SeriesOptions, split: TimeSplit) -> Preparation:
        """Learn from the training part alone.

        Args:
            series: each with steps in it.
            options: resolved.
            split: of the time into parts.
        """
        log, lag, scale = options.log, options.difference, str(options.scale)
        scalers, pasts, futures, days = {}, [], [], 0.0
        for one in series:
            chosen = split.learnable(one.moments)
            level = one.values[chosen]
            level = scaling.logarithm(level, series.targets[0]) if log else level
            values = scaling.differences(level, lag) if 0 < lag < len(level) else level
            scalers[one.name] = _scaler(values, scale, int(options.window or 1))
            pasts.append(one.past_covariates[chosen])
            futures.append(one.future_covariates[chosen])
            days = max(days, float(np.ptp(one.moments[chosen])) / DAY)
        dated = options.calendar and series.dated
        parts = calendar_parts(series.frequency, days) if dated else []
        past, future = (Scaler.fit(np.concatenate(each), "standard") for each in (pasts, futures))
        return cls(int(options.window or 1), options.horizon, scale, log, lag,
                   len(series.targets), parts, scalers, past, future,
                   _REACH if scale == "last" else 0.0, Bounds.of(series))  # fmt: skip

    @property
    def channels(self) -> int:
        """The number of values that the network sees of each step before the forecast."""
        return self.targets + len(self.past.center) + self.future_channels

    @property
    def future_channels(self) -> int:
        """The number of values that are known of each step of the horizon."""
        return len(self.future.center) + 2 * len(self.parts)

    @property
    def needed(self) -> int:
        """The number of steps that a forecast looks back on in all."""
        return self.window + self.difference

    def reaches(self, one: Series) -> bool:
        """Tell whether a forecast can look back from the end of a series."""
        return _last_stretch(one) >= self.needed

    def steps(self, series: SeriesSet) -> TimeSteps:
        """Lay series end to end."""
        return TimeSteps(*map(np.concatenate, zip(*(self._steps(one, series) for one in series))))

    def _steps(self, one: Series, series: SeriesSet) -> tuple[np.ndarray, ...]:
        level = self._level(one, series)
        scaled, lag = level, self.difference
        if lag:  # what stands before the first difference of a stretch is in no window
            scaled = np.zeros_like(level)
            for first, end in pairwise(one.edges()):
                if end - first > lag:
                    scaled[first + lag : end] = scaling.differences(level[first:end], lag)
        scaled = self.scaler(one, series).apply(scaled).astype(np.float32)
        past = self.past.apply(one.past_covariates).astype(np.float32)
        future = self._future(one.future_covariates[: len(one)], one.times)
        return one.values, level, scaled, past, future, one.moments

    def _level(self, one: Series, series: SeriesSet) -> np.ndarray:
        return scaling.logarithm(one.values, series.targets[0]) if self.log else one.values

    def _future(self, covariates: np.ndarray, times: np.ndarray) -> np.ndarray:
        scaled = self.future.apply(covariates).astype(np.float32)
        if not self.parts:
            return scaled
        return np.concatenate([scaled, calendar_features(times, self.parts)], axis=1)

    def scaler(self, one: Series, series: SeriesSet) -> Scaler:
        """Return the scaler of a series; one that is new is scaled by its own values."""
        if one.name in self.scalers:
            return self.scalers[one.name]
        if len(self.scalers) == 1 and len(series) == 1 and "" in (one.name, *self.scalers):
            return next(iter(self.scalers.values()))
        level, lag = self._level(one, series), self.difference
        values = scaling.differences(level, lag) if lag else level
        return _scaler(values, self.scale, self.window if self.reach else 0)

    def windows(self, series: SeriesSet) -> Windows:
        """Return all windows over series whose horizon is known."""
        breaks = [one.breaks for one in series]
        return Windows.over(list(series), breaks, self.window, self.horizon, self.difference)

    def contexts(self, steps: TimeSteps, windows: Windows) -> Contexts:
        """Return what the forecasts of windows are made from."""
        behind = Windows(windows.origins + self.horizon, windows.owners, self.window, self.horizon)
        future = behind.before(steps.future, self.window + self.horizon)
        level = windows.before(steps.level, self.difference or 1)
        scaled, past = windows.before(steps.scaled), windows.before(steps.past)
        return Contexts(scaled, past, future, level, windows.owners)

    def last_contexts(self, series: SeriesSet) -> Contexts:
        """Return what forecasts from behind the last step of each series are made from.

        Raises:
            DataError: if a series is shorter than the window, or its future covariates are not
                known for the whole horizon.
        """
        found = []
        for number, one in enumerate(series):
            self._check_end(one, series)
            ahead = one.future_covariates[len(one) : len(one) + self.horizon]
            times = times_ahead(one, series.frequency, self.horizon)
            _values, level, scaled, past, future, _moments = self._steps(one, series)
            future = np.concatenate([future, self._future(ahead.reshape(self.horizon, -1), times)])
            first = len(one) - self.window
            last = level[len(one) - (self.difference or 1) :]
            found.append((scaled[first:], past[first:], future[first:], last, number))
        return Contexts(*map(np.stack, zip(*found)))

    def _check_end(self, one: Series, series: SeriesSet) -> None:
        """Raise `DataError` if the end of a series cannot be forecast from."""
        if not self.reaches(one):
            steps = steps_of(_last_stretch(one), series.frequency)
            said = _("the series has {steps}{gap}; a forecast looks back on {needed}. Give more "
                     "rows before the ones to forecast.", steps=steps, needed=self.needed,
                     gap=_(" since its last gap") if one.breaks else "")  # fmt: skip
            raise DataError(named(one.name, said))
        rows = len(one.future_covariates) - len(one)
        if series.future_covariates and rows < self.horizon:
            said = _("the series has {rows} behind its last value; a forecast needs {horizon}, "
                     "with the future covariates ({names}) and the target left empty.",
                     rows=ROWS.count(max(rows, 0)), horizon=self.horizon,
                     names=enumeration(series.future_covariates))  # fmt: skip
            raise DataError(named(one.name, said))

    def inputs(self, contexts: Contexts) -> tuple[Any, np.ndarray, np.ndarray]:
        """Return the network's inputs, and the level of the windows ``(n, 1, k)`` twice."""
        center, spread = scaling.window_level(contexts.scaled, self.scale)
        own = (contexts.scaled - center) / spread
        if self.reach:
            own = np.clip(own, -self.reach, self.reach)
        x = np.concatenate([own, contexts.past, contexts.future[:, : self.window]], axis=2)
        if not self.future_channels:
            return x, center, spread
        return [x, contexts.future[:, self.window :]], center, spread

    def truth(self, steps: TimeSteps, windows: Windows) -> np.ndarray:
        """Return what the network should answer, ``(n, horizon, k)`` float32."""
        center, spread = scaling.window_level(windows.before(steps.scaled), self.scale)
        return ((windows.behind(steps.scaled) - center) / spread).astype(np.float32)

    def levels(
        self, outputs: np.ndarray, contexts: Contexts, series: SeriesSet
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return what scaled values ``(n, horizon, k)`` say on the scale of `TimeSteps.level`.

        The second array is the spread of each one's series, ``(n, 1, k)``.
        """
        scalers = [self.scaler(one, series) for one in series]
        scales = np.array([(scaler.center, scaler.spread) for scaler in scalers])
        shift, factor = np.moveaxis(scales[contexts.owners][:, :, None], 1, 0)
        values = outputs.astype(np.float64) * factor + shift
        if self.difference:
            values = scaling.undo_differences(values, contexts.level.astype(np.float64))
        return values, factor

    def decode(self, level: np.ndarray) -> np.ndarray:
        """Return values of the series from what `levels` returns; none below their bound."""
        values = np.expm1(level) if self.log else level
        lowest = [-np.inf if bound.lowest is None else bound.lowest for bound in self.bounds]
        return np.maximum(values, lowest) if lowest else values

    def is_whole(self, target: int) -> bool:
        """Tell whether the values of a target are whole numbers."""
        return bool(self.bounds) and self.bounds[target].whole

    def rounded(self, values: np.ndarray, low: Any, high: Any) -> tuple[np.ndarray, Any, Any]:
        """Return forecasts and the ends of their intervals as whole as the series are."""
        whole = np.array([bound.whole for bound in self.bounds], bool)
        if not whole.any():
            return values, low, high
        made = np.where(whole, np.round(values), values)
        if low is None:
            return made, None, None
        # outwards: a whole number beside an end is as likely as the part of it that lies within
        low, high = np.where(whole, np.floor(low), low), np.where(whole, np.ceil(high), high)
        return made, low, high

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Preparation:
        """Return the preparation that `to_json` described."""
        scalers = {name: Scaler(**one) for name, one in saved["scalers"].items()}
        past, future = Scaler(**saved["past"]), Scaler(**saved["future"])
        bounds = [Bounds(**one) for one in saved.get("bounds", [])]
        made = {"scalers": scalers, "past": past, "future": future, "bounds": bounds}
        return cls(**{**saved, **made})


def times_ahead(one: Series, frequency: Frequency | None, steps: int) -> np.ndarray:
    """Return the times of the steps behind a series; without a frequency, their numbers."""
    if frequency is not None:
        return frequency.after(one.times[-1], np.arange(1, steps + 1))
    if one.times.dtype.kind == "M":
        return np.full(steps, np.datetime64("NaT", "us"))
    return one.times[-1] + np.arange(1, steps + 1)


def _scaler(values: np.ndarray, scale: str, window: int) -> Scaler:
    """Return how a series is scaled as a whole, where the windows may be scaled as well."""
    if scale == "last":
        return Scaler.fit(values, "standard", window)
    return Scaler.fit(values, "standard" if scale == "window" else scale)


def _last_stretch(one: Series) -> int:
    """Return the steps since the last gap that was skipped."""
    return len(one) - one.edges()[-2]
