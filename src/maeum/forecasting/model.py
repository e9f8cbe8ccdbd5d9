"""A network together with how its series are read and prepared: it takes tables as they are."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.errors import ConfigError, DataError, ModelFileError
from maeum.core.wording import plural, some
from maeum.forecasting import baselines
from maeum.forecasting.errors import forecast_errors
from maeum.forecasting.frequency import Frequency
from maeum.forecasting.intervals import Intervals
from maeum.forecasting.learning import forecast
from maeum.forecasting.preparation import Flat, Looks, Preparation, times_ahead
from maeum.forecasting.reading import SeriesReading, read_table_of
from maeum.forecasting.series import SeriesSet
from maeum.forecasting.times import read_times
from maeum.forecasting.windows import Windows
from maeum.models import Model
from maeum.saving import archive
from maeum.tables.reading import Table

Source = Table | pd.DataFrame | str | os.PathLike | SeriesSet | np.ndarray
_ENTRY = "preprocessing.json"
KIND = "series"


@dataclass
class SeriesModel:
    """A trained network for series.

    Attributes:
        network: the network itself, a `maeum.Model`.
        preparation: how series become its inputs.
        reading: how tables become series.
        frequency: the distance between the steps.
        season: the steps after which the series repeat, for the simple forecasts beside it.
        recursive: whether it forecasts one step at a time.
        intervals: how far its forecasts were off; None if that is not known.
        facts: what is known of its training: metrics, windows, settings.

    Example:
        >>> from maeum.forecasting import train_series
        >>> days = pd.date_range("2024-01-01", periods=120)
        >>> table = pd.DataFrame({"day": days, "sold": np.arange(120) % 7})
        >>> trained = train_series(table, "sold", time="day", ahead=2, epochs=2, report=False)
        >>> trained.model.predict(table).columns.tolist()
        ['day', 'step', 'sold', 'sold from', 'sold to']
    """

    network: Model
    preparation: Preparation
    reading: SeriesReading
    frequency: Frequency | None
    season: int | None = None
    recursive: bool = False
    intervals: Intervals | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def read(self, source: Source) -> SeriesSet:
        """Return the series of a table, read as those of the training were."""
        if isinstance(source, SeriesSet):
            many = source
        elif isinstance(source, (np.ndarray, list)):
            many = SeriesSet.from_array(source)
        else:
            many = read_table_of(source, self.reading, self.frequency)
        if len(many.targets) != self.preparation.targets:
            raise DataError(
                f"The model forecasts {self.preparation.targets} columns, the series have "
                f"{len(many.targets)}."
            )
        return many

    def predict(
        self,
        source: Source,
        *,
        origin: Any = None,
    ) -> pd.DataFrame:
        """Return the forecast of the steps behind the last row of each series.

        Args:
            source: the rows up to now: a table, its path, a `SeriesSet`, an array. What is known
                ahead stands in further rows, whose target is empty.
            origin: forecast from this time on instead, as if nothing after it was known: what the
                time column holds, or (without one) a number of rows.

        Returns:
            For each series and step: the time, the forecast, and the interval around it. Of
            several series, those that are too short to look back on are left out, with a warning.

        Raises:
            DataError: for rows that cannot be used, or too few of them.
        """
        many = self.read(source)
        if origin is not None:
            many = self._until(many, origin)
        many = self._long_enough(many)
        looks = self.preparation.look_at_end(many)
        values, low, high = self.forecast(looks, many)
        return self._frame(many, values, low, high)

    def forecast(
        self, looks: Looks, many: SeriesSet
    ) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
        """Return forecasts ``(n, ahead, k)`` in the series' own units, and the intervals' ends."""
        preparation = self.preparation
        outputs = forecast(self.network, preparation, looks, self.recursive)
        scalers = [preparation.scaler(one, many) for one in many]
        level, spread = preparation.levels(outputs, looks, scalers)
        values = preparation.decode(level)
        if self.intervals is None:
            return values, None, None
        low, high = self.intervals.around(level, spread)
        return values, preparation.decode(low), preparation.decode(high)

    def residuals(self, flat: Flat, windows: Windows, many: SeriesSet) -> np.ndarray:
        """Return ``truth - forecast`` of windows, in deviations of their series."""
        preparation = self.preparation
        looks = preparation.look(flat, windows)
        outputs = forecast(self.network, preparation, looks, self.recursive)
        scalers = [preparation.scaler(one, many) for one in many]
        level, spread = preparation.levels(outputs, looks, scalers)
        return (windows.behind(flat.level) - level) / spread

    def evaluate(self, source: Source) -> dict[str, Any]:
        """Return the errors of the forecasts from every window of a table, and how many these are.

        ``last_value_mae`` is the error of the forecast that nothing changes.

        Raises:
            DataError: if there is no whole window.
        """
        many = self.read(source)
        preparation = self.preparation
        flat, windows = preparation.flat(many), preparation.windows(many)
        if not len(windows):
            raise DataError(
                f"There is no whole window: the longest series has "
                f"{plural(max(len(one) for one in many), 'step')}, and a forecast looks back on "
                f"{preparation.window + preparation.difference} and reaches "
                f"{preparation.ahead} ahead."
            )
        values, low, high = self.forecast(preparation.look(flat, windows), many)
        truth = windows.behind(flat.values)
        naive = baselines.last_value(windows.before(flat.values), preparation.ahead)
        scale = self.facts.get("naive_error")
        result: dict[str, Any] = {"rows": len(windows), "notes": list(many.notes)}
        result |= forecast_errors(truth, values, scale)
        if low is not None and high is not None:
            result["coverage"] = float(((truth >= low) & (truth <= high)).mean())
        result["last_value_mae"] = forecast_errors(truth, naive)["mae"]
        return result

    def _long_enough(self, many: SeriesSet) -> SeriesSet:
        """Leave out the series that are too short, if some are not."""
        kept = [one for one in many if self.preparation.reaches(one)]
        short = [one.name for one in many if not self.preparation.reaches(one)]
        if not (kept and short):
            return many
        warnings.warn(
            f"Too short to look back on {self.preparation.needed} steps, left out: "
            f"{some(short, 6)}.",
            stacklevel=3,
        )
        return replace(many, series=kept)

    def _until(self, many: SeriesSet, origin: Any) -> SeriesSet:
        if not many.dated:
            if not isinstance(origin, (int, np.integer)) or isinstance(origin, bool):
                raise ConfigError(
                    f"origin is a {'time' if many.time else 'number of rows'}, a whole number; got "
                    f"{origin!r}."
                )
            moment: Any = origin
            steps = [
                int(np.searchsorted(one.times, moment, "right")) if many.time else int(moment)
                for one in many
            ]
        else:
            reading = self.reading
            text = pd.Series([str(origin)], dtype=object)
            moment = read_times(text, "origin", reading.zones, reading.time_format)[0][0]
            if not isinstance(moment, np.datetime64):
                raise DataError(f"origin is a time, as {many.time!r} holds; got {origin!r}.")
            steps = [int(np.searchsorted(one.times, moment, "right")) for one in many]
        cut = [one.until(n) for one, n in zip(many, steps) if n > 0]
        if not cut:
            raise DataError(f"There are no rows up to {origin!r} to forecast from.")
        return replace(many, series=cut)

    def _frame(self, many: SeriesSet, values: np.ndarray, low: Any, high: Any) -> pd.DataFrame:
        ahead = self.preparation.ahead
        columns: dict[str, Any] = {}
        if many.group is not None:
            columns[many.group] = np.repeat([one.name for one in many], ahead)
        if many.time is not None:
            times = [times_ahead(one, many.frequency, ahead) for one in many]
            columns[many.time] = np.concatenate(times)
        columns["step"] = np.tile(np.arange(1, ahead + 1), len(many))
        for place, name in enumerate(many.targets):
            columns[name] = values[:, :, place].reshape(-1)
            if low is not None:
                columns[f"{name} from"] = low[:, :, place].reshape(-1)
                columns[f"{name} to"] = high[:, :, place].reshape(-1)
        return pd.DataFrame(columns)

    def save(self, path: str | os.PathLike) -> None:
        """Save everything in one model file; see `maeum.Model.save`."""
        description = {
            "kind": KIND,
            "preparation": self.preparation.to_json(),
            "reading": self.reading.to_json(),
            "frequency": None if self.frequency is None else self.frequency.to_json(),
            "season": self.season,
            "recursive": self.recursive,
            "intervals": None if self.intervals is None else self.intervals.to_json(),
            "facts": self.facts,
        }
        text = json.dumps(description, ensure_ascii=False, indent=1)
        archive.save_model(self.network, path, extras={_ENTRY: text.encode("utf-8", "replace")})

    @classmethod
    def load(cls, path: str | os.PathLike) -> SeriesModel:
        """Load what `save` wrote.

        Raises:
            ModelFileError: if the file is no model, or not one for series.
        """
        return cls.from_entries(archive.read_entries(path), str(path))

    @classmethod
    def from_entries(cls, entries: Mapping[str, bytes], what: str) -> SeriesModel:
        """Return the model of an archive's entries."""
        if not is_for_series(entries):
            raise ModelFileError(
                f"{what!r} is a model, but not one for series: it does not say how they are read. "
                "Load it with maeum.load_model and give it arrays."
            )
        network = archive.from_entries(entries, what)
        try:
            saved = json.loads(entries[_ENTRY])
            frequency, season = saved["frequency"], saved["season"]
            return cls(
                network,
                Preparation.from_json(saved["preparation"]),
                SeriesReading(**saved["reading"]),
                None if frequency is None else Frequency(**frequency),
                None if season is None else int(season),
                bool(saved["recursive"]),
                Intervals.from_json(saved["intervals"]),
                dict(saved.get("facts", {})),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelFileError(f"{what!r} is damaged: {error!r}.") from error


def is_for_series(entries: Mapping[str, bytes]) -> bool:
    """Tell whether the model of an archive's entries also holds how its series are read."""
    try:
        return bool(json.loads(entries.get(_ENTRY, b"{}")).get("kind") == KIND)
    except (ValueError, AttributeError):
        return False
