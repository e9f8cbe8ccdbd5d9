"""Checks of arguments that many rooms share."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np

from maeum.core.errors import ArgumentError, ConfigError, UnknownNameError, nearest
from maeum.core.messages import N_

T = TypeVar("T")


def check_whole(value: Any, what: str, least: int = 1) -> int:
    """Return a whole number that is at least ``least``, or raise `ConfigError`."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or value < least:
        error = ConfigError if whole else ArgumentError  # a TypeError, too
        raise error(
            N_("{what} is a whole number of {least} or more; got {value!r}."),
            what=what,
            least=least,
            value=value,
        )
    return int(value)


def check_choice(value: T, known: Iterable[Any], name: str) -> T:
    """Return a value that is one of those known, or raise `UnknownNameError`.

    >>> check_choice("crop", ["crop", "pad"], "resize")
    'crop'
    """
    known = list(known)
    if value in known:
        return value
    raise UnknownNameError(
        "{name} is one of {known}; got {value!r}.{hint}",
        name=name,
        known=", ".join(map(repr, known)),
        value=value,
        hint=nearest(value, (k for k in known if isinstance(k, str))),
    )


def is_number(value: Any) -> bool:
    """Whether a value is a real number, and not a truth value."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def check_bool(value: Any, name: str) -> bool:
    """Return True or False, or raise `ConfigError` for anything else.

    >>> check_bool(True, "trainable")
    True
    """
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise ConfigError("{name} is True or False; got {value!r}.", name=name, value=value)


def check_number(value: Any, name: str, least: float = 0, most: float = math.inf) -> float:
    """Return a finite number from ``least`` to ``most``, or raise `ConfigError`.

    >>> check_number(0.9, "momentum", most=1)
    0.9
    """
    if is_number(value) and least <= value <= most and math.isfinite(value):
        return value
    values = {"name": name, "least": least, "most": most, "value": value}
    error = ConfigError if is_number(value) else ArgumentError
    if most == math.inf:
        raise error(N_("{name} is a finite number of {least} or more; got {value!r}."), **values)
    raise error(N_("{name} lies between {least} and {most}; got {value!r}."), **values)


def check_fraction(value: Any, name: str, zero: bool = True) -> float:
    """Return a fraction below 1, and above 0 (or from 0 on); or raise `ConfigError`."""
    if is_number(value) and 0 <= value < 1 and (zero or value):
        return value
    values = {"name": name, "value": value}
    error = ConfigError if is_number(value) else ArgumentError
    if zero:
        raise error(N_("{name} takes numbers from 0, below 1; got {value!r}."), **values)
    raise error(N_("{name} takes numbers above 0, below 1; got {value!r}."), **values)


def check_parts(test_size: float, validation_size: float) -> None:
    """Raise `ConfigError` if two fractions of the same whole leave nothing."""
    if test_size + validation_size >= 1:
        raise ConfigError(
            "test_size={test_size} and validation_size={validation_size} leave nothing to train "
            "on.",
            test_size=test_size,
            validation_size=validation_size,
        )


def check_positive(value: Any, name: str) -> float:
    """Return a number above 0, or raise `ConfigError`."""
    if not is_number(value) or not 0 < value < math.inf:
        error = ConfigError if is_number(value) else ArgumentError
        raise error(N_("{name} takes numbers above 0; got {value!r}."), name=name, value=value)
    return value
