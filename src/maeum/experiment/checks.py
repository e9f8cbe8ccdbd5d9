"""What an option takes: whole numbers, numbers of a range, one of some names, several of them."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from maeum.core.errors import ConfigError, nearest
from maeum.core.messages import N_, _
from maeum.core.randomness import check_seed


@dataclass(frozen=True)
class Check:
    """What an option takes.

    Attributes:
        holds: whether a value is one of those.
        expected: which those are, as a message, with the text ``given`` in it.
        given: what completes the message.
        parse: turns what stands on a command line into a value; ValueError if it cannot.
        metavar: what stands for a value in the help.
        known: the names that a wrong one is compared with.
        several: whether it takes several values, as a tuple.
    """

    holds: Callable[[Any], bool] = lambda value: True
    expected: str = N_("{name} takes a text")
    given: str = ""
    parse: Callable[[str], Any] = str
    metavar: str = "TEXT"
    known: tuple = ()
    several: bool = False

    def __call__(self, value: Any, name: str) -> Any:
        """Return the value as it is kept.

        Raises:
            ConfigError: for a value that is not taken.
        """
        if self.several:
            values = tuple(value) if isinstance(value, (list, tuple, range)) else (value,)
            return tuple(self._one(each, name) for each in values)
        return self._one(value, name)

    def _one(self, value: Any, name: str) -> Any:
        try:
            fits = self.holds(value)
        except (TypeError, ValueError):
            fits = False
        if not fits:
            raise ConfigError(self._said(value, name))
        return value

    def read(self, text: str, name: str) -> Any:
        """Return what stands on a command line as a value.

        Raises:
            ConfigError: if it cannot be read as one.
        """
        try:
            if not self.several:
                return self.parse(text)
            return tuple(self.parse(part.strip()) for part in text.split(",") if part.strip())
        except ValueError:
            raise ConfigError(self._said(text, name)) from None

    def _said(self, value: Any, name: str) -> str:
        expected = _(self.expected, name=name, given=self.given)
        between = _(" with commas between") if self.several and isinstance(value, str) else ""
        hint = nearest(value, self.known) if self.known else ""
        return _("{expected}; got {value!r}.{hint}", expected=expected + between, value=value,
                 hint=hint)  # fmt: skip


def whole(least: int = 1) -> Check:
    """Whole numbers from ``least`` on."""

    def holds(value: Any) -> bool:
        return _is(value, numbers.Integral) and value >= least

    message = N_("{name} takes whole numbers of {given} or more")
    return Check(holds, message, str(least), int, "N")


def positive() -> Check:
    """Numbers above 0."""

    def holds(value: Any) -> bool:
        return _is(value, numbers.Real) and 0 < value < math.inf

    return Check(holds, N_("{name} takes numbers above 0"), "", float, "NUMBER")


def fraction(zero: bool = True) -> Check:
    """Numbers from 0 (or above it) up to, but without, 1."""

    def holds(value: Any) -> bool:
        return _is(value, numbers.Real) and (0 <= value < 1 if zero else 0 < value < 1)

    message = N_("{name} takes numbers from 0 up to (not including) 1")
    return Check(holds, message if zero else N_("{name} takes numbers between 0 and 1"), "",
                 float, "FRACTION")  # fmt: skip


def one_of(known: Iterable[str], metavar: str = "NAME") -> Check:
    """One of some names."""
    names = tuple(known)
    said = ", ".join(map(repr, names))
    return Check(lambda value: value in names, N_("{name} is one of {given}"), said,
                 metavar=metavar, known=names)  # fmt: skip


def several(check: Check, metavar: str = "") -> Check:
    """Several values, each as ``check`` takes them; one value stands for a tuple of it."""
    made = {**vars(check), "several": True, "metavar": metavar or f"{check.metavar},..."}
    return Check(**made)


def text(metavar: str = "TEXT") -> Check:
    """Whatever can be written."""
    return Check(metavar=metavar)


@dataclass(frozen=True)
class Flag(Check):
    """True or false: a switch on the command line."""

    holds: Callable[[Any], bool] = lambda value: isinstance(value, bool)
    expected: str = N_("{name} takes True or False")


@dataclass(frozen=True)
class Seed(Check):
    """A seed of random numbers."""

    parse: Callable[[str], Any] = int
    expected: str = N_("{name} takes whole numbers")
    metavar: str = "N"

    def __call__(self, value: Any, name: str) -> Any:
        """Return the seed, or raise `ConfigError`."""
        check_seed(value)
        return value


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def check_parts(test_size: float, validation_size: float) -> None:
    """Raise `ConfigError` if two fractions of the same whole leave nothing."""
    if test_size + validation_size >= 1:
        raise ConfigError(
            _(
                "test_size={test} and validation_size={validation} leave nothing to train on.",
                test=test_size,
                validation=validation_size,
            )
        )
