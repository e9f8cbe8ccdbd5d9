"""A network together with how its series are read and prepared: it takes tables as they are."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.errors import ConfigError, DataError
from maeum.core.json import plain
from maeum.core.messages import N_, _
from maeum.core.wording import some
from maeum.experiment.model import TaskModel
from maeum.experiment.run import Things
from maeum.forecasting import baselines
from maeum.forecasting.errors import forecast_errors
from maeum.forecasting.frequency import STEPS, Frequency, duration_of
from maeum.forecasting.intervals import Intervals, reason
from maeum.forecasting.network import forecast
from maeum.forecasting.options import SeriesReading
from maeum.forecasting.preparation import Contexts, Preparation, TimeSteps, times_ahead
from maeum.forecasting.reading import Source, series_of
from maeum.forecasting.series import SeriesSet
from maeum.forecasting.times import TimeForm, read_times, time_text
from maeum.forecasting.values import outside
from maeum.forecasting.weighing import best_of, best_weight, told
from maeum.forecasting.windows import Windows
from maeum.models import Model
from maeum.report.wording import percent

Bounds = tuple[np.ndarray, np.ndarray | None, np.ndarray | None]


@dataclass(repr=False)
class SeriesModel(TaskModel):
    """A trained network for series.

    Attributes:
        network: the network itself, a `maeum.Model`.
        preparation: how series become its inputs.
        reading: how tables become series.
        frequency: the distance between the steps.
        season: the steps after which the series repeat, for the simple forecasts beside it.
        recursive: whether it forecasts one step at a time.
        intervals: how far its forecasts were off; None if that is not known.
        times: how the times of the training were written; None if they were plain numbers.
        rule: the simple rule that was best on the validation part, see `baselines.RULES`.
        weight: the part of the network in the forecasts, which that rule makes up to 1.
        marks: the numbers of each column that stood for "missing" in the training; None if
            that is not known.
        ranges: the least and the greatest value of each column in the training, where known.
        facts: what is known of its training: metrics, rows, settings.

    Example:
        >>> from maeum.forecasting import train_series
        >>> days = pd.date_range("2024-01-01", periods=120)
        >>> table = pd.DataFrame({"day": days, "sold": np.arange(120) % 7})
        >>> trained = train_series(table, "sold", time="day", horizon=2, epochs=2, report=False)
        >>> trained.model.predict(table).columns.tolist()
        ['day', 'step', 'sold', 'sold from', 'sold to']
    """

    kind = "series"
    things = Things("{n:,} forecast", "{n:,} forecasts", N_("forecasts"))

    network: Model
    preparation: Preparation
    reading: SeriesReading
    frequency: Frequency | None
    season: int | None = None
    recursive: bool = False
    intervals: Intervals | None = None
    times: TimeForm | None = None
    rule: str = ""
    weight: float = 1.0
    marks: dict[str, list[float]] | None = None
    ranges: dict[str, list[float]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def read(self, source: Source, **reading: Any) -> SeriesSet:
        """Return the series of a table, read as those of the training were.

        Args:
            source: a table, its path, a `SeriesSet`, an array.
            reading: ``separator``, ``encoding`` and ``header`` of a file.

        Raises:
            DataError: for rows that cannot be used.
        """
        series = series_of(source, replace(self.reading, **reading), self.frequency, self.times,
                           self.marks)  # fmt: skip
        if len(series.targets) != self.preparation.targets:
            raise DataError("The model forecasts {wanted} columns, the series have {given}.",
                            wanted=self.preparation.targets, given=len(series.targets))  # fmt: skip
        far = [] if isinstance(source, SeriesSet) else outside(series, self.ranges)
        return replace(series, notes=[*series.notes, *far])

    def predict(self, source: Source, *, origin: Any = None, **reading: Any) -> pd.DataFrame:
        """Return the forecast of the steps behind the last row of each series.

        Args:
            source: the rows up to now: a table, its path, a `SeriesSet`, an array. Future
                covariates stand in further rows, whose target is empty.
            origin: forecast from this time on instead, as if nothing after it was known: what the
                time column holds, or (without one) a number of rows.
            reading: ``separator``, ``encoding`` and ``header`` of a file.

        Returns:
            For each series and step: the time, the forecast, and the interval around it. Of
            several series, those that are too short to look back on are excluded, with a warning.

        Raises:
            DataError: for rows that cannot be used, or too few of them.
        """
        series = self.read(source, **reading)
        if origin is not None:
            series = self._until(series, origin)
        series = self._long_enough(series)
        return self._frame(series, *self.forecast(self.preparation.last_contexts(series), series))

    def forecast(self, contexts: Contexts, series: SeriesSet) -> Bounds:
        """Return forecasts ``(n, horizon, k)`` in the series' own units, and the intervals' ends.

        Without intervals, these are None.
        """
        preparation = self.preparation
        level, spread = self._levels(contexts, series)
        low = high = None
        if self.intervals is not None:
            low, high = map(preparation.decode, self.intervals.around(level, spread))
        return preparation.rounded(preparation.decode(level), low, high)

    def residuals(self, steps: TimeSteps, windows: Windows, series: SeriesSet) -> np.ndarray:
        """Return ``truth - forecast`` of windows, in deviations of their series."""
        level, spread = self._levels(self.preparation.contexts(steps, windows), series)
        return (windows.behind(steps.level) - level) / spread

    def weigh(self, steps: TimeSteps, windows: Windows, learnt: Windows) -> None:
        """Find the best simple rule, and how much of the network to put in its place.

        Args:
            steps: of all series.
            windows: whose truth was not learnt from.
            learnt: whose truth was; a rule is chosen by them, too, where the others are few.
        """
        horizon = self.preparation.horizon
        if self.preparation.difference:  # which the rules do not know
            return

        def simple(some: Windows) -> tuple[np.ndarray, dict[str, np.ndarray]]:
            seen = some.before(steps.scaled)
            return some.behind(steps.scaled), baselines.forecasts(seen, horizon, self.season)

        few = len(windows) < 3 * horizon
        self.rule = best_of(*simple(learnt.and_(windows) if few else windows))
        truth, made = simple(windows)
        contexts = self.preparation.contexts(steps, windows)
        network = forecast(self.network, self.preparation, contexts, self.recursive)
        self.weight = best_weight(truth, made[self.rule], network)

    def _levels(self, contexts: Contexts, series: SeriesSet) -> tuple[np.ndarray, np.ndarray]:
        made = []
        if self.weight > 0:
            outputs = forecast(self.network, self.preparation, contexts, self.recursive)
            made.append(self.weight * outputs)
        if self.weight < 1:
            rule = baselines.RULES[self.rule]
            simple = rule(contexts.scaled, self.preparation.horizon, self.season)
            made.append((1 - self.weight) * simple)
        return self.preparation.levels(np.sum(made, axis=0), contexts, series)

    def predictions(self, source: Any, **reading: Any) -> tuple[pd.DataFrame, list[str]]:
        """Return the forecasts and what was found in the table."""
        series = self.read(source, **reading)
        found, notes = super().predictions(series)
        if self.intervals is None:
            tested = dict(self.facts.get("rows") or {}).get("validation", 0)
            notes.append(reason(tested, self.preparation.horizon) or _("There are no intervals."))
        return found, [*series.notes, *notes]

    def evaluate(self, source: Source, **reading: Any) -> dict[str, Any]:
        """Return the errors of the forecasts from every window of a table, and how many these are.

        ``last_value_mae`` is the error of the forecast that nothing changes.

        Args:
            source: a table, its path, a `SeriesSet`, an array.
            reading: ``separator``, ``encoding`` and ``header`` of a file.

        Raises:
            DataError: if there is no whole window.
        """
        series = self.read(source, **reading)
        preparation = self.preparation
        steps, windows = preparation.steps(series), preparation.windows(series)
        if not len(windows):
            raise DataError("There is no whole window: the longest series has {steps}, and a "
                            "forecast looks back on {window} and reaches {horizon} ahead.",
                            steps=STEPS.count(max(len(one) for one in series)),
                            window=preparation.needed, horizon=preparation.horizon)  # fmt: skip
        values, low, high = self.forecast(preparation.contexts(steps, windows), series)
        truth = windows.behind(steps.values)
        naive = baselines.last_value(windows.before(steps.values), preparation.horizon)
        return {
            "rows": len(windows),
            "notes": [*series.notes, *self._learnt(windows, series)],
            **forecast_errors(truth, values, self.facts.get("naive_error")),
            **({} if low is None else {"coverage": coverage(truth, low, high)}),
            "last_value_mae": forecast_errors(truth, naive)["mae"],
        }

    def _learnt(self, windows: Windows, series: SeriesSet) -> list[str]:
        """Say so if forecasts to test are of the series and the times of the training."""
        if self.times is None or not series.dated:
            return []
        first, last = np.array([self.times.first, self.times.last], "datetime64[us]")
        known = np.array([one.name in self.preparation.scalers for one in series])
        times = series.times[windows.origins]
        fraction = (known[windows.owners] & (times >= first) & (times <= last)).mean()
        if not fraction:
            return []
        return [_("Of these forecasts, {fraction} are of times of the training ({first} to "
                  "{last}): if it was on these rows, the figures say little about later ones. What "
                  "it achieves on times never seen stands in its report (and in maeum show).",
                  fraction=percent(fraction, 0), first=time_text(first),
                  last=time_text(last))]  # fmt: skip

    def describe(self) -> list[str]:
        """Return what the network forecasts, and from what, as sentences."""
        covariates = [*self.reading.past_covariates, *self.reading.future_covariates]
        horizon = duration_of(self.preparation.horizon, self.frequency)
        names = some(self.reading.target, 8, 40)
        what = _("Forecasts {names}, {steps} ahead", names=names, steps=horizon)
        source = _("From {steps} before", steps=STEPS.count(self.preparation.window))
        if covariates:
            source += _(", with {names}", names=some(covariates, 12, 40))
        return [what, source, *filter(None, [told(self.rule, self.weight)])]

    def _long_enough(self, series: SeriesSet) -> SeriesSet:
        """Drop the series that are too short, if some are not."""
        kept = [one for one in series if self.preparation.reaches(one)]
        short = [one.name for one in series if not self.preparation.reaches(one)]
        if not (kept and short):
            return series
        said = _("Excluded, too short to look back on {needed}: {names}.",
                 needed=STEPS.count(self.preparation.needed), names=some(short, 6))  # fmt: skip
        warnings.warn(said, stacklevel=3)
        return replace(series, series=kept)

    def _until(self, series: SeriesSet, origin: Any) -> SeriesSet:
        """Return the series up to a time, or up to a number of rows."""
        moment = origin
        if series.dated:
            text = pd.Series([str(origin)], dtype=object)
            how = self.reading.zones, self.reading.time_format, self.times
            moment = read_times(text, "origin", *how)[0][0]
        kind = np.datetime64 if series.dated else (int, np.integer)
        if not isinstance(moment, kind) or isinstance(moment, bool):
            raise ConfigError("origin is a time as the time column holds, or without such a column "
                              "a number of rows; got {origin!r}.", origin=origin)  # fmt: skip
        cut = []
        for one in series:
            n = int(np.searchsorted(one.times, moment, "right")) if series.time else int(moment)
            if n > 0:
                cut.append(one.until(n))
        if not cut:
            raise DataError("There are no rows up to {origin!r} to forecast from.", origin=origin)
        return replace(series, series=cut)

    def _frame(self, series: SeriesSet, values: np.ndarray, low: Any, high: Any) -> pd.DataFrame:
        horizon = self.preparation.horizon
        columns: dict[str, Any] = {}
        if series.group is not None:
            columns[series.group] = np.repeat([one.name for one in series], horizon)
        if series.time is not None:
            times = [times_ahead(one, series.frequency, horizon) for one in series]
            columns[series.time] = np.concatenate(times)
        columns["step"] = np.tile(np.arange(1, horizon + 1), len(series))
        for place, name in enumerate(series.targets):
            shown = {name: values}
            if low is not None:
                shown |= {f"{name} from": low, f"{name} to": high}
            kind = np.int64 if self.preparation.is_whole(place) else np.float64
            for column, made in shown.items():
                columns[column] = made[:, :, place].reshape(-1).astype(kind)
        return pd.DataFrame(columns)

    def to_json(self) -> dict[str, Any]:
        """Return how series are read and prepared, as plain data."""
        return {name: plain(getattr(self, name)) for name in _SAVED}

    @classmethod
    def from_json(cls, network: Model, saved: Mapping[str, Any]) -> SeriesModel:
        """Return the model that `to_json` described."""
        found = {
            name: made(saved[name])
            for name, made in _SAVED.items()
            if (name not in _LATER or name in saved) and saved[name] is not None
        }
        return cls(network, **{"frequency": None, **found})


_SAVED: dict[str, Any] = {  # what stands in the file, and what makes it again
    "preparation": Preparation.from_json,
    "reading": SeriesReading.from_json,
    "frequency": Frequency.from_json,
    "season": int,
    "recursive": bool,
    "intervals": Intervals.from_json,
    "times": lambda saved: TimeForm(*saved),
    "rule": str,
    "weight": float,
    "marks": dict,
    "ranges": dict,
}
_LATER = ("times", "rule", "weight", "marks", "ranges")  # what the first files did not hold


def coverage(truth: np.ndarray, low: Any, high: Any) -> float | None:
    """Return the fraction of the truth that lies within intervals; None without them."""
    return None if low is None else float(((truth >= low) & (truth <= high)).mean())
