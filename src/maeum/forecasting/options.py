"""What can be chosen for a training on series, and what is chosen by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from maeum.core.checks import check_parts
from maeum.core.errors import ConfigError
from maeum.core.former import formerly
from maeum.core.messages import N_
from maeum.experiment.checks import Check, any_text, fraction, one_of, several, switch, whole
from maeum.experiment.options import Reading, TrainingOptions, option
from maeum.forecasting.regular import DUPLICATES, GAPS
from maeum.forecasting.scaling import SCALES
from maeum.forecasting.times import ZONES

# The units of the hidden layers, unless others are asked for.
NETWORKS: dict[str, tuple[int, ...]] = {
    "lstm": (32,),
    "gru": (32,),
    "rnn": (32,),
    "deep_rnn": (32, 32),
    "cnn": (32, 32, 32),
    "dense": (64, 64),
    "linear": (),
}


def _names(value: Any, name: str) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(map(str, value))


_COLUMNS = several(Check(lambda value, name: str(value)), "COLUMN")


@formerly(past="past_covariates", future="future_covariates")
@dataclass(frozen=True)
class SeriesReading(Reading):
    """How a table becomes series; kept in the model file, so that later tables are read alike.

    Attributes:
        target: the columns to forecast: a name, several, or ``"last"``.
        time: the column of times; None if the rows are in order.
        group: the column that tells several series apart.
        past_covariates: further columns that the network sees up to now; ``"all"`` takes all of
            numbers.
        future_covariates: columns that are known in advance, such as holidays and prices.
        gaps: ``"fill"`` puts a straight line through steps that are missing (so what fills the
            last gap of the training part knows the value behind it), ``"skip"`` drops them (no
            window reaches across).
        duplicates: several rows of one time: ``"error"``, ``"mean"`` or ``"last"``.
        zones: times of different time zones: ``"error"``, or ``"utc"``.
        newest_first: without a time column, whether the first row is the newest.
        time_format: the format of the times (of ``strptime``); recognised if None.
        missing: which cells count as missing, beside empty ones; by the data if None.
        ignore: columns to exclude.
    """

    target: Any = option(
        None,
        N_("The column to forecast: a name, several with commas, or last."),
        Check(_names, metavar="COLUMN"),
    )
    time: str | None = option(
        None, N_("The column of times; without it the rows are in order."), any_text("COLUMN")
    )
    group: str | None = option(
        None, N_("The column that tells several series apart."), any_text("COLUMN")
    )
    past_covariates: Any = option(
        (),
        N_("A further column to learn from, known up to now; several times, or all."),
        _COLUMNS,
        repeated=True,
    )
    future_covariates: Any = option(
        (),
        N_("A column that is known in advance, such as holidays; several times."),
        _COLUMNS,
        repeated=True,
    )
    gaps: str = option("fill", N_("fill gaps with straight lines, or skip."), one_of(GAPS, "HOW"))
    duplicates: str = option(
        "error", N_("Rows of the same time: error, mean, last."), one_of(DUPLICATES, "HOW")
    )
    zones: str = option("error", N_("Times of several zones: error, utc."), one_of(ZONES, "HOW"))
    newest_first: bool = option(False, N_("The first row is the newest."), switch())
    time_format: str | None = option(
        None, N_("How times are written, such as %d.%m.%Y; by the times."), any_text("FORMAT")
    )
    missing: Any = option(
        None,
        N_("What counts as missing beside empty cells, such as NA,-999; by the data."),
        several(any_text(), "MARKS"),
    )
    ignore: Any = option((), N_("A column to exclude; several times."), _COLUMNS, repeated=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.target:
            raise ConfigError("Missing option '--target': the column to forecast.")
        if self.newest_first and self.time is not None:
            raise ConfigError("newest_first is for tables without a time column: times are sorted.")
        covariates = (*self.past_covariates, *self.future_covariates)
        roles = [*self.target, self.time, self.group, *covariates]
        twice = [name for name in roles if name is not None and roles.count(name) > 1]
        if twice:
            raise ConfigError("The column {name!r} is given two roles; give it one.", name=twice[0])


@formerly(ahead="horizon")
@dataclass(frozen=True)
class SeriesOptions(TrainingOptions):
    """The choices of a training; None means "choose by the series".

    Attributes:
        horizon: how many steps are forecast.
        window: how many steps are looked back on; two seasons by default, and at least twice the
            horizon.
        network: ``"lstm"``, ``"gru"``, ``"rnn"``, ``"deep_rnn"``, ``"cnn"`` (causal
            convolutions), ``"dense"`` or ``"linear"``.
        hidden: the units of its hidden layers.
        dropout: the dropout rate behind each hidden layer.
        linear: whether a linear path leads from the window to the output beside the network; a
            series has much that is linear, and the network then learns the rest.
        scale: ``"last"`` (as ``"standard"``, then minus the last value of each window),
            ``"standard"`` (mean 0 and deviation 1 for each series), ``"minmax"``, ``"window"``
            (mean 0 and deviation 1 for each window) or ``"none"``. ``"last"`` by default,
            ``"standard"`` where differences are learnt.
        log: learn the logarithm of one plus the values, which must be 0 and above.
        difference: learn the change since so many steps before; 0 learns the values.
        season: the steps after which the series repeats; by the frequency.
        calendar: whether the network is told the hour, the weekday and so on.
        recursive: forecast one step at a time, from what was forecast before, instead of all at
            once.
        combine: whether the best simple rule takes the place of the network, in part or as a
            whole, where that was better on the validation part.
        interval: the fraction of the truth that the interval around a forecast should hold;
            measured on the validation part.
        test_size: the fraction of the time, at its end, that is kept for the test.
        validation_size: the fraction before it that decides when to stop.
        folds: from how many origins, rolling through the test's time, a backtest trains a new
            network; 0 for none.
    """

    horizon: int = option(1, N_("How many steps to forecast."), whole())
    window: int | None = option(None, N_("How many steps to look back on; two seasons."), whole())
    network: str = option(
        "lstm", N_("lstm, gru, rnn, deep_rnn, cnn, dense, linear."), one_of(NETWORKS)
    )
    hidden: Any = option(
        None, N_("The units of the hidden layers, such as 32,32."), several(whole(), "UNITS")
    )
    dropout: float = option(0.0, N_("The dropout rate behind each hidden layer."), fraction())
    linear: bool = option(True, N_("Let the output see the window directly too."), switch())
    scale: str | None = option(
        None, N_("Scale by last, standard, minmax, window or none."), one_of(SCALES)
    )
    log: bool = option(False, N_("Learn the logarithm."), switch())
    difference: int = option(0, N_("Learn the change since so many steps before."), whole(0))
    season: int | None = option(None, N_("It repeats after so many steps; by the times."), whole())
    calendar: bool = option(True, N_("Tell the network the hour, the weekday and so on."), switch())
    recursive: bool = option(False, N_("Forecast step by step, not all at once."), switch())
    combine: bool = option(
        True, N_("Put the best simple rule in the network's place where it is better."), switch()
    )
    interval: float = option(
        0.8, N_("The fraction of the truth that the intervals should hold."), fraction(zero=False)
    )
    test_size: float = option(0.15, N_("The fraction kept for the test."), fraction(zero=False))
    folds: int = option(0, N_("A backtest from so many origins; slow."), whole(0))

    def __post_init__(self) -> None:
        super().__post_init__()
        check_parts(self.test_size, self.validation_size)

    @property
    def units(self) -> tuple[int, ...]:
        """The units of the hidden layers."""
        return NETWORKS[self.network] if self.hidden is None else self.hidden

    def resolved(self, season: int | None, steps: int) -> Self:
        """Return the options with the choices that depend on the series.

        Args:
            season: the usual season of their frequency.
            steps: of the longest stretch that there is to train on.
        """
        season = self.season or season
        wanted = max(2 * self.horizon, 2 * season if season else 24)
        return self.or_else(
            {
                "season": season,
                "window": max(1, min(wanted, (steps - self.difference - self.horizon) // 3)),
                "hidden": self.units,
                "scale": "standard" if self.difference else "last",
                "epochs": 200,
                "patience": 15,
                "learning_rate": 0.002,
            }
        )

    def for_windows(self, windows: int) -> Self:
        """Return the options with a batch size for so many training windows.

        Some thirty steps an epoch, in a power of two of windows.
        """
        size = min(256, max(8, 1 << (windows // 30 + 1).bit_length() - 1))
        return self.or_else({"batch_size": size})
