"""Checks of arguments that many rooms share."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from typing import Any, TypeVar

from maeum.core.errors import ConfigError, UnknownNameError, nearest

T = TypeVar("T")


def check_whole(value: Any, what: str, least: int = 1) -> int:
    """Return a whole number that is at least ``least``, or raise `ConfigError`."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or value < least:
        raise ConfigError(f"{what} is a whole number of {least} or more; got {value!r}.")
    return int(value)


def check_choice(value: T, known: Iterable[Any], name: str) -> T:
    """Return a value that is one of those known, or raise `UnknownNameError`.

    >>> check_choice("crop", ["crop", "pad"], "resize")
    'crop'
    """
    known = list(known)
    if value in known:
        return value
    hint = nearest(value, (k for k in known if isinstance(k, str)))
    raise UnknownNameError(f"{name} is one of {', '.join(map(repr, known))}; got {value!r}.{hint}")


def is_number(value: Any) -> bool:
    """Whether a value is a real number, and not a truth value."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def check_fraction(value: Any, name: str, zero: bool = True) -> float:
    """Return a fraction from 0 (or above it) up to, but without, 1; or raise `ConfigError`."""
    if not is_number(value) or not (0 <= value < 1) or not (zero or value):
        least = "from 0" if zero else "above 0"
        raise ConfigError(f"{name} takes numbers {least}, below 1; got {value!r}.")
    return value


def check_parts(test_size: float, validation_size: float) -> None:
    """Raise `ConfigError` if two fractions of the same whole leave nothing."""
    if test_size + validation_size >= 1:
        raise ConfigError(
            f"test_size={test_size} and validation_size={validation_size} leave nothing to train "
            "on."
        )


def check_positive(value: Any, name: str) -> float:
    """Return a number above 0, or raise `ConfigError`."""
    if not is_number(value) or not 0 < value < math.inf:
        raise ConfigError(f"{name} takes numbers above 0; got {value!r}.")
    return value
