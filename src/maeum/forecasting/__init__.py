"""Series: from a table with a time to a network that forecasts, its test and its report."""

from maeum.experiment.files import write_results
from maeum.forecasting import baselines
from maeum.forecasting.backtesting import Backtest
from maeum.forecasting.calendar import calendar_features, calendar_parts
from maeum.forecasting.data import SeriesData
from maeum.forecasting.errors import errors_by_step, forecast_errors
from maeum.forecasting.frequency import Frequency, infer_frequency
from maeum.forecasting.model import SeriesModel
from maeum.forecasting.options import SeriesOptions, SeriesReading
from maeum.forecasting.reading import read_series
from maeum.forecasting.result import SeriesRun
from maeum.forecasting.scaling import Scaler
from maeum.forecasting.series import Series, SeriesSet
from maeum.forecasting.task import SeriesTask, TrainedSeries, backtest, train_on, train_series
from maeum.forecasting.windows import Cuts, TimeSplit, Windows

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
    "SeriesTask",
    "TimeSplit",
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
