"""What ``fit`` was asked for, as one object: checked, and with what follows from it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from maeum.core.checks import check_choice, check_fraction
from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import _
from maeum.core.settings import settings
from maeum.training import arrays
from maeum.training.part_losses import flatten
from maeum.training.sources import check_count, is_stream

_COUNTS = (
    "batch_size", "epochs", "steps_per_epoch", "validation_steps", "validation_batch_size",
    "truncate",
)  # fmt: skip


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
    class_weight: Any = None
    sample_weight: Any = None
    initial_epoch: int = 0
    steps_per_epoch: int | None = None
    validation_steps: int | None = None
    validation_batch_size: int | None = None
    validation_freq: int | Iterable[int] = 1
    truncate: int | None = None
    backup: Any = None

    def __post_init__(self) -> None:
        for name in _COUNTS:
            if name != "epochs" or self.epochs != 0:  # without an epoch, nothing happens
                setattr(self, name, check_count(getattr(self, name), name))
        most = settings.max_epochs
        if most is not None and self.epochs > most:
            said = _("maeum.config limits a training to {most} epochs; {epochs} were asked for.",
                     most=most, epochs=self.epochs)  # fmt: skip
            warnings.warn(said, stacklevel=4)
            self.epochs = most
        self.verbose = verbosity(self.verbose)
        self.callbacks = check_callbacks(self.callbacks)
        if isinstance(self.validation_freq, Iterable):
            self.validation_freq = sorted(set(self.validation_freq))
        else:
            self.validation_freq = check_count(self.validation_freq, "validation_freq") or 1

    def split(self, texts: bool) -> None:
        """Split the last rows off for validation; ``texts`` says whether x may hold such."""
        fraction = self.validation_split
        if not fraction or self.validation_data is not None:
            return
        if is_stream(self.x):
            raise ConfigError(
                "validation_split needs arrays, and x is a {kind} that gives one batch after the "
                "other. Give a second source as validation_data.",
                kind=type(self.x).__name__,
            )
        check_fraction(fraction, "validation_split")
        weight = arrays.as_arrays(self.sample_weight, "sample_weight")
        data = arrays.as_arrays(self.x, "x", texts), arrays.as_arrays(self.y, "y"), weight
        rows = arrays.row_count(data)
        first = int(rows * (1 - fraction))
        if not 0 < first < rows:
            raise DataError(
                "validation_split={fraction} of {rows} rows leaves no rows to train on, or none to "
                "validate with.",
                fraction=fraction,
                rows=rows,
            )
        self.x, self.y, self.sample_weight = arrays.take_rows(data, slice(0, first))
        self.validation_data = arrays.take_rows(data, slice(first, rows))

    def validates_after(self, epoch: int) -> bool:
        """Tell whether an epoch, counted from 1, ends with a validation."""
        if isinstance(self.validation_freq, int):
            return epoch % self.validation_freq == 0
        return epoch in self.validation_freq


def check_callbacks(callbacks: Any) -> list[Any]:
    """Return the callbacks as a list, or raise `ConfigError`."""
    given = [callback for callback in flatten(callbacks) if callback is not None]
    for callback in given:
        if isinstance(callback, type):
            raise ConfigError(
                "callbacks is a list of callback objects; got the class {name}. Write {name}(...).",
                name=callback.__name__,
            )
        if not hasattr(callback, "on_epoch_end"):
            raise ConfigError(
                "callbacks is a list of callback objects; got {given!r}.", given=callback
            )
    return given


def verbosity(verbose: Any) -> int:
    """Return how much is told: 0, 1 or 2."""
    check_choice(verbose, (0, 1, 2, "auto"), "verbose")
    return 1 if verbose == "auto" else int(verbose)
