"""What can be chosen for a training on series, and what is chosen by itself."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass, fields
from typing import Any

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError, nearest
from maeum.core.randomness import check_seed
from maeum.forecasting.scaling import SCALES

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


@dataclass(frozen=True)
class SeriesOptions:
    """The choices of a training; None means "choose by the series".

    Attributes:
        ahead: how many steps are forecast.
        window: how many steps are looked back on; two seasons by default, and at least twice the
            steps ahead.
        network: ``"lstm"``, ``"gru"``, ``"rnn"``, ``"deep_rnn"``, ``"cnn"`` (causal
            convolutions), ``"dense"`` or ``"linear"``.
        hidden: the units of its hidden layers.
        dropout: the rate behind each hidden layer.
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
        interval: the share of the truth that the interval around a forecast should hold; measured
            on the validation part.
        epochs: the most epochs.
        patience: how many are borne without a better validation loss; 0 trains all.
        batch_size: the windows of a step.
        learning_rate: the learning rate.
        test_size: the share of the time, at its end, that is kept for the test.
        validation_size: the share before it that decides when to stop.
        folds: in how many rolling parts of the test's time a backtest trains anew; 0 for none.
        seed: what every random choice follows from.
    """

    ahead: int = 1
    window: int | None = None
    network: str = "lstm"
    hidden: Any = None
    dropout: float = 0.0
    linear: bool = True
    scale: str | None = None
    log: bool = False
    difference: int = 0
    season: int | None = None
    calendar: bool = True
    recursive: bool = False
    interval: float = 0.8
    epochs: int | None = None
    patience: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    test_size: float = 0.15
    validation_size: float = 0.15
    folds: int = 0
    seed: int = 42

    def __post_init__(self) -> None:
        check_whole(self.ahead, "ahead")
        check_whole(self.difference, "difference", 0)
        check_whole(self.folds, "folds", 0)
        for name, least in [
            ("window", 1), ("season", 1), ("epochs", 1), ("batch_size", 1), ("patience", 0),
        ]:  # fmt: skip
            if getattr(self, name) is not None:
                check_whole(getattr(self, name), name, least)
        choices: list[tuple[str, tuple]] = [("network", tuple(NETWORKS)), ("scale", SCALES)]
        for name, known in choices:
            value = getattr(self, name)
            if value not in known and not (value is None and name == "scale"):
                raise ConfigError(
                    f"{name} is one of {', '.join(map(repr, known))}; got {value!r}."
                    f"{nearest(value, known)}"
                )
        if self.hidden is not None:
            units = (self.hidden,) if isinstance(self.hidden, int) else tuple(self.hidden)
            for one in units:
                check_whole(one, "hidden")
            object.__setattr__(self, "hidden", units)
        for name in ("test_size", "validation_size", "dropout", "interval"):
            value = getattr(self, name)
            where = "above 0" if name in ("test_size", "interval") else "from 0"
            if not _is_real(value) or not 0 <= value < 1 or (value == 0 and where == "above 0"):
                raise ConfigError(f"{name} takes numbers {where} and below 1; got {value!r}.")
        if self.test_size + self.validation_size >= 1:
            raise ConfigError(
                f"test_size={self.test_size} and validation_size={self.validation_size} leave "
                "nothing to train on."
            )
        rate = self.learning_rate
        if rate is not None and not (_is_real(rate) and 0 < rate < math.inf):
            raise ConfigError(f"learning_rate takes numbers above 0; got {rate!r}.")
        check_seed(self.seed)

    @property
    def units(self) -> tuple[int, ...]:
        """The units of the hidden layers."""
        return NETWORKS[self.network] if self.hidden is None else self.hidden

    def resolved(self, season: int | None, steps: int) -> SeriesOptions:
        """Return the options with the choices that depend on the series.

        Args:
            season: the usual season of their frequency.
            steps: of the longest stretch that there is to train on.
        """
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        season = self.season or season
        wanted = max(2 * self.ahead, 2 * season if season else 24)
        chosen = {
            "season": season,
            "window": max(1, min(wanted, (steps - self.difference - self.ahead) // 3)),
            "hidden": self.units,
            "scale": "standard" if self.difference else "last",
            "epochs": 200,
            "patience": 15,
            "learning_rate": 0.002,
        }
        for name, value in chosen.items():
            if values[name] is None:
                values[name] = value
        return SeriesOptions(**values)

    def for_windows(self, windows: int) -> SeriesOptions:
        """Return the options with a batch size for so many training windows.

        Some thirty steps an epoch, in a power of two of windows.
        """
        if self.batch_size is not None:
            return self
        size = min(256, max(8, 1 << (windows // 30 + 1).bit_length() - 1))
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return SeriesOptions(**{**values, "batch_size": size})

    def to_json(self) -> dict[str, Any]:
        """Return the options as plain lists, texts and numbers."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


def _is_real(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)
