"""What ``fit`` was asked for, as one object: checked, and with what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from maeum.core.errors import ConfigError, DataError
from maeum.training import arrays
from maeum.training.sources import check_count, is_stream


@dataclass
class FitOptions:
    """The arguments of ``fit``; see `maeum.Model.fit`."""

    x: Any = None
    y: Any = None
    batch_size: int | None = None
    epochs: int = 1
    verbose: Any = "auto"
    callbacks: Any = None
    validation_split: float = 0.0
    validation_data: Any = None
    shuffle: bool = True
    class_weight: Mapping[int, float] | None = None
    sample_weight: Any = None
    initial_epoch: int = 0
    steps_per_epoch: int | None = None
    validation_steps: int | None = None
    validation_batch_size: int | None = None
    validation_freq: int | Iterable[int] = 1
    truncate: int | None = None
    backup: Any = None

    def __post_init__(self) -> None:
        self.epochs = check_count(self.epochs, "epochs") or 1
        self.truncate = check_count(self.truncate, "truncate")
        self.verbose = verbosity(self.verbose)
        self.validates_after = validation_epochs(self.validation_freq)

    def split(self, texts: bool) -> None:
        """Split the rows for validation off; ``texts`` says whether x may hold such."""
        if self.validation_split and self.validation_data is None:
            self.x, self.y, self.sample_weight, self.validation_data = split_off(
                self.x, self.y, self.sample_weight, self.validation_split, texts
            )


def validation_epochs(frequency: Any) -> Callable[[int], bool]:
    """Return whether an epoch (counted from 1) ends with a validation, as a function."""
    if isinstance(frequency, Iterable):
        chosen = set(frequency)
        return lambda epoch: epoch in chosen
    every = check_count(frequency, "validation_freq") or 1
    return lambda epoch: epoch % every == 0


def verbosity(verbose: Any) -> int:
    """Return how much is told: 0, 1 or 2."""
    if verbose == "auto":
        return 1
    if verbose in (0, 1, 2):
        return int(verbose)
    raise ConfigError(f'verbose is 0, 1, 2 or "auto"; got {verbose!r}.')


def split_off(x: Any, y: Any, weight: Any, fraction: float, texts: bool) -> tuple:
    """Split the last rows off for validation; ``texts`` says whether x may hold such."""
    if is_stream(x):
        raise ConfigError(
            f"validation_split needs arrays, and x is a {type(x).__name__} that gives one batch "
            "after the other. Give a second source as validation_data."
        )
    if not 0 < fraction < 1:
        raise ConfigError(f"validation_split lies between 0 and 1; got {fraction!r}.")
    data = [
        arrays.as_arrays(x, "x", texts),
        arrays.as_arrays(y, "y"),
        arrays.as_arrays(weight, "sample_weight"),
    ]
    rows = arrays.row_count(data)
    first = int(rows * (1 - fraction))
    if not 0 < first < rows:
        raise DataError(
            f"validation_split={fraction} of {rows} rows leaves "
            f"{'no rows to train on' if first == 0 else 'no rows to validate with'}."
        )
    train = [arrays.take_rows(part, slice(0, first)) for part in data]
    held_out = [arrays.take_rows(part, slice(first, rows)) for part in data]
    return (*train, tuple(held_out))
