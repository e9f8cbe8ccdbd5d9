"""What ``fit`` was asked for: when to validate, how much to tell, which rows to hold back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from maeum.core.errors import ConfigError, DataError
from maeum.training import arrays
from maeum.training.sources import check_count, is_stream


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


def split_off(x: Any, y: Any, weight: Any, share: float, texts: bool) -> tuple:
    """Split the last rows off for validation; ``texts`` says whether x may hold such."""
    if is_stream(x):
        raise ConfigError(
            f"validation_split needs arrays, and x is a {type(x).__name__} that gives one batch "
            "after the other. Give a second source as validation_data."
        )
    if not 0 < share < 1:
        raise ConfigError(f"validation_split lies between 0 and 1; got {share!r}.")
    data = [
        arrays.as_arrays(x, "x", texts),
        arrays.as_arrays(y, "y"),
        arrays.as_arrays(weight, "sample_weight"),
    ]
    rows = arrays.row_count(data)
    first = int(rows * (1 - share))
    if not 0 < first < rows:
        raise DataError(
            f"validation_split={share} of {rows} rows leaves "
            f"{'no rows to train on' if first == 0 else 'no rows to validate with'}."
        )
    train = [arrays.take_rows(part, slice(0, first)) for part in data]
    held_out = [arrays.take_rows(part, slice(first, rows)) for part in data]
    return (*train, tuple(held_out))
