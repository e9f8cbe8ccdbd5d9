"""How the steps of series become the inputs of a network, and its outputs become forecasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.wording import plural
from maeum.forecasting.calendar import calendar_features, calendar_parts
from maeum.forecasting.frequency import DAY, Frequency
from maeum.forecasting.options import SeriesOptions
from maeum.forecasting.scaling import (
    Scaler,
    differences,
    logarithm,
    undo_differences,
    window_level,
)
from maeum.forecasting.series import Series, SeriesSet
from maeum.forecasting.windows import Windows


@dataclass(frozen=True)
class Flat:
    """Series laid end to end, ready for windows; ``N`` steps in all.

    Attributes:
        values: ``(N, k)`` the targets as they are.
        level: ``(N, k)`` the same, or their logarithms.
        scaled: ``(N, k)`` float32, differences taken and scaled.
        past: ``(N, p)`` float32, scaled.
        known: ``(N, f + c)`` float32: what is known ahead, and the calendar.
        when: ``(N,)`` when each step is.
    """

    values: np.ndarray
    level: np.ndarray
    scaled: np.ndarray
    past: np.ndarray
    known: np.ndarray
    when: np.ndarray


@dataclass(frozen=True)
class Looks:
    """What a network looks back on, for ``n`` forecasts.

    Attributes:
        scaled: ``(n, window, k)``.
        past: ``(n, window, p)``.
        known: ``(n, window + ahead, f + c)``.
        level: ``(n, difference or 1, k)`` the last values before the forecast.
        owners: ``(n,)`` the number of the series that each belongs to.
    """

    scaled: np.ndarray
    past: np.ndarray
    known: np.ndarray
    level: np.ndarray
    owners: np.ndarray


@dataclass(frozen=True)
class Preparation:
    """What was learnt from the training part about how to prepare series.

    Attributes:
        window, ahead, scale, log, difference: see `SeriesOptions`.
        targets: how many columns are forecast.
        parts: the parts of the calendar that are used.
        scalers: of the targets of each series, by its name.
        past: the scaler of what is known up to now.
        future: the scaler of what is known ahead.
    """

    window: int
    ahead: int
    scale: str
    log: bool
    difference: int
    targets: int
    parts: list[str]
    scalers: dict[str, Scaler]
    past: Scaler
    future: Scaler

    @classmethod
    def fit(
        cls, many: SeriesSet, options: SeriesOptions, before: int, after: int | None = None
    ) -> Preparation:
        """Learn from the steps before a moment alone, and not before another.

        Args:
            many: series that each have such steps.
            options: resolved.
            before, after: on the scale of the times as whole numbers.
        """
        log, lag, scale = options.log, options.difference, str(options.scale)
        scalers, pasts, futures, days = {}, [], [], 0.0
        for one in many:
            chosen = learnable(one, before, after)
            level = logarithm(one.values[chosen], many.targets[0]) if log else one.values[chosen]
            values = differences(level, lag) if 0 < lag < len(level) else level
            scalers[one.name] = Scaler.fit(values, _by_series(scale))
            pasts.append(one.past[chosen])
            futures.append(one.future[: len(one)][chosen])
            if many.dated:
                times = one.times[chosen]
                days = max(days, float((times[-1] - times[0]).astype(np.int64)) / DAY)
        parts = calendar_parts(many.frequency, days) if options.calendar and many.dated else []
        return cls(
            int(options.window or 1),
            options.ahead,
            scale,
            log,
            lag,
            len(many.targets),
            parts,
            scalers,
            Scaler.fit(np.concatenate(pasts), "standard"),
            Scaler.fit(np.concatenate(futures), "standard"),
        )

    @property
    def channels(self) -> int:
        """The number of values that the network sees of each step."""
        return self.targets + len(self.past.center) + self.ahead_channels

    @property
    def ahead_channels(self) -> int:
        """The number of values that are known of each step ahead."""
        return len(self.future.center) + 2 * len(self.parts)

    @property
    def needed(self) -> int:
        """The number of steps that a forecast looks back on in all."""
        return self.window + self.difference

    def reaches(self, one: Series) -> bool:
        """Tell whether a forecast can look back from the end of a series."""
        return _last_stretch(one) >= self.needed

    def flat(self, many: SeriesSet) -> Flat:
        """Lay series end to end."""
        made = [self._steps(one, many) for one in many]
        columns = [np.concatenate([steps[i] for steps in made]) for i in range(6)]
        return Flat(*columns)

    def _steps(self, one: Series, many: SeriesSet) -> tuple[np.ndarray, ...]:
        level = logarithm(one.values, many.targets[0]) if self.log else one.values
        scaled, lag = level, self.difference
        if lag:  # what stands before the first difference of a stretch, no window looks at
            scaled = np.zeros_like(level)
            edges = [0, *one.breaks, len(one)]
            for first, end in pairwise(edges):
                if end - first > lag:
                    scaled[first + lag : end] = differences(level[first:end], lag)
        known = self._known(one.future[: len(one)], one.times)
        return (
            one.values,
            level,
            self.scaler(one, many).apply(scaled).astype(np.float32),
            self.past.apply(one.past).astype(np.float32),
            known,
            one.times.astype(np.int64),
        )

    def _known(self, future: np.ndarray, times: np.ndarray) -> np.ndarray:
        known = self.future.apply(future).astype(np.float32)
        if not self.parts:
            return known
        return np.concatenate([known, calendar_features(times, self.parts)], axis=1)

    def scaler(self, one: Series, many: SeriesSet) -> Scaler:
        """Return the scaler of a series; one that is new is scaled by its own values."""
        if one.name in self.scalers:
            return self.scalers[one.name]
        if len(self.scalers) == 1 and len(many) == 1 and "" in (one.name, *self.scalers):
            return next(iter(self.scalers.values()))
        level = logarithm(one.values, many.targets[0]) if self.log else one.values
        lag = self.difference
        return Scaler.fit(differences(level, lag) if lag else level, _by_series(self.scale))

    def windows(self, many: SeriesSet) -> Windows:
        """Return all windows over series whose values ahead are known."""
        breaks = [one.breaks for one in many]
        return Windows.over(list(many), breaks, self.window, self.ahead, self.difference)

    def look(self, flat: Flat, windows: Windows) -> Looks:
        """Return what is seen from windows."""
        known = Windows(windows.origins + self.ahead, windows.owners, self.window, self.ahead)
        return Looks(
            windows.before(flat.scaled),
            windows.before(flat.past),
            known.before(flat.known, self.window + self.ahead),
            windows.before(flat.level, self.difference or 1),
            windows.owners,
        )

    def look_at_end(self, many: SeriesSet) -> Looks:
        """Return what is seen from behind the last step of each series.

        Raises:
            DataError: if a series is shorter than the window, or what should be known ahead is
                not.
        """
        seen = []
        for number, one in enumerate(many):
            if not self.reaches(one):
                raise DataError(
                    f"{_label(one)} has {plural(_last_stretch(one), 'step')}"
                    f"{' since its last gap' if one.breaks else ''}; a forecast looks back on "
                    f"{self.needed}{_each(many.frequency)}. Give more rows before the ones to "
                    "forecast."
                )
            ahead = one.future[len(one) : len(one) + self.ahead]
            if many.future and len(ahead) < self.ahead:
                raise DataError(
                    f"{_label(one)} has {plural(len(ahead), 'row')} behind its last value; a "
                    f"forecast needs {self.ahead}, with what is known ahead "
                    f"({', '.join(many.future)}) and the target left empty."
                )
            _, level, scaled, past, known, _ = self._steps(one, many)
            times = times_ahead(one, many.frequency, self.ahead)
            known = np.concatenate([known, self._known(ahead.reshape(self.ahead, -1), times)])
            back = slice(len(one) - self.window, len(one))
            seen.append(
                (
                    scaled[back],
                    past[back],
                    known[len(one) - self.window :],
                    level[len(one) - (self.difference or 1) :],
                    number,
                )
            )
        return Looks(*(np.stack([one[i] for one in seen]) for i in range(5)))

    def inputs(self, looks: Looks) -> tuple[Any, np.ndarray, np.ndarray]:
        """Return the network's inputs, and the level of the windows ``(n, 1, k)`` twice."""
        center, spread = window_level(looks.scaled, self.scale)
        own = (looks.scaled - center) / spread
        x = np.concatenate([own, looks.past, looks.known[:, : self.window]], axis=2)
        if not self.ahead_channels:
            return x, center, spread
        return [x, looks.known[:, self.window :]], center, spread

    def truth(self, flat: Flat, windows: Windows) -> np.ndarray:
        """Return what the network should answer, ``(n, ahead, k)`` float32."""
        center, spread = window_level(windows.before(flat.scaled), self.scale)
        return ((windows.behind(flat.scaled) - center) / spread).astype(np.float32)

    def levels(
        self, outputs: np.ndarray, looks: Looks, scalers: list[Scaler]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return what scaled values ``(n, ahead, k)`` say on the scale of `Flat.level`.

        The second array is the spread of each one's series, ``(n, 1, k)``.
        """
        shift = np.stack([scaler.center for scaler in scalers])[looks.owners][:, None]
        factor = np.stack([scaler.spread for scaler in scalers])[looks.owners][:, None]
        values = outputs.astype(np.float64) * factor + shift
        if self.difference:
            values = undo_differences(values, looks.level.astype(np.float64))
        return values, factor

    def decode(self, level: np.ndarray) -> np.ndarray:
        """Return values of the series from what `levels` returns."""
        return np.expm1(level) if self.log else level

    def to_json(self) -> dict[str, Any]:
        """Return the preparation as plain lists, texts and numbers."""
        names = ("window", "ahead", "scale", "log", "difference", "targets", "parts")
        return {name: getattr(self, name) for name in names} | {
            "scalers": {name: scaler.to_json() for name, scaler in self.scalers.items()},
            "past": self.past.to_json(),
            "future": self.future.to_json(),
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Preparation:
        """Return the preparation that `to_json` described."""
        names = ("window", "ahead", "scale", "log", "difference", "targets", "parts")
        return cls(
            **{name: saved[name] for name in names},
            scalers={name: Scaler.from_json(one) for name, one in saved["scalers"].items()},
            past=Scaler.from_json(saved["past"]),
            future=Scaler.from_json(saved["future"]),
        )


def learnable(one: Series, before: int, after: int | None = None) -> np.ndarray:
    """Return which steps of a series may be learnt from."""
    when = one.times.astype(np.int64)
    return np.flatnonzero((when < before) & ((when >= after) if after is not None else True))


def times_ahead(one: Series, frequency: Frequency | None, steps: int) -> np.ndarray:
    """Return the times of the steps behind a series; how far they are off, without a frequency."""
    if frequency is not None:
        return frequency.after(one.times[-1], np.arange(1, steps + 1))
    if one.times.dtype.kind == "M":
        return np.full(steps, np.datetime64("NaT", "us"))
    return one.times[-1] + np.arange(1, steps + 1)


def _by_series(scale: str) -> str:
    """Return how a series is scaled as a whole, where the windows are scaled as well."""
    return "standard" if scale in ("last", "window") else scale


def _last_stretch(one: Series) -> int:
    """Return the steps since the last gap that was left out."""
    return len(one) - (one.breaks[-1] if one.breaks else 0)


def _each(frequency: Frequency | None) -> str:
    return "" if frequency is None or frequency.unit == "number" else f", one for each {frequency}"


def _label(one: Series) -> str:
    return f"The series {one.name!r}" if one.name else "The series"
