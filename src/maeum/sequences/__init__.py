"""Series: from a table with a time to a network that forecasts, its test and its report."""

from maeum.sequences import baselines
from maeum.sequences.backtesting import Backtest, backtest
from maeum.sequences.calendar import calendar_features, calendar_parts
from maeum.sequences.data import SeriesData
from maeum.sequences.errors import errors_by_step, forecast_errors
from maeum.sequences.files import write_results
from maeum.sequences.frequency import Frequency, infer_frequency
from maeum.sequences.model import SeriesModel
from maeum.sequences.options import SeriesOptions
from maeum.sequences.reading import SeriesReading, read_series
from maeum.sequences.result import SeriesRun
from maeum.sequences.scaling import Scaler
from maeum.sequences.series import Series, SeriesSet
from maeum.sequences.training import TrainedSeries, train_on, train_series
from maeum.sequences.windows import Cuts, Windows

__all__ = [
    "Backtest",
    "Cuts",
    "Frequency",
    "Scaler",
    "Series",
    "SeriesData",
    "SeriesModel",
    "SeriesOptions",
    "SeriesReading",
    "SeriesRun",
    "SeriesSet",
    "TrainedSeries",
    "Windows",
    "backtest",
    "baselines",
    "calendar_features",
    "calendar_parts",
    "errors_by_step",
    "forecast_errors",
    "infer_frequency",
    "read_series",
    "train_on",
    "train_series",
    "write_results",
]
