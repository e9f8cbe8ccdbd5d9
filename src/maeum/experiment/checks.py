"""What an option takes, and how it stands on a command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from maeum.core.checks import (
    check_choice,
    check_fraction,
    check_number,
    check_positive,
    check_whole,
)
from maeum.core.errors import ConfigError
from maeum.core.randomness import check_seed


@dataclass(frozen=True)
class Check:
    """What an option takes.

    Attributes:
        check: takes a value and the option's name; returns the value as it is kept, or raises
            `ConfigError`.
        parse: turns what stands on a command line into a value; ValueError if it cannot.
        metavar: what stands for a value in the help; empty for a switch.
        several: whether it takes several values, as a tuple.
    """

    check: Callable[[Any, str], Any] = lambda value, name: value
    parse: Callable[[str], Any] = str
    metavar: str = "TEXT"
    several: bool = False

    def __call__(self, value: Any, name: str) -> Any:
        """Return the value as it is kept.

        Raises:
            ConfigError: for a value that is not taken.
        """
        if not self.several:
            return self.check(value, name)
        values = value if isinstance(value, (list, tuple, range)) else (value,)
        return tuple(self.check(each, name) for each in values)

    def read(self, text: str, name: str) -> Any:
        """Return what stands on a command line as a value.

        Raises:
            ConfigError: if it cannot be read as one.
        """
        found = []
        for each in _between_commas(text, name) if self.several else [text]:
            try:
                found.append(self.parse(each))
            except ValueError:
                self.check(each, name)  # says what it takes
                raise
        return tuple(found) if self.several else found[0]


def _between_commas(text: str, name: str) -> list[str]:
    """Return the values of a text; none of an empty one."""
    values = [value.strip() for value in text.split(",")]
    if len(values) > 1 and "" in values:
        raise ConfigError("{name} takes values with a comma between every two; in {text!r} one is "
                          "missing.", name=name, text=text)  # fmt: skip
    return [value for value in values if value]


def whole(least: int = 1) -> Check:
    """Whole numbers from ``least`` on."""
    return Check(lambda value, name: check_whole(value, name, least), int, "N")


def positive() -> Check:
    """Numbers above 0."""
    return Check(check_positive, float, "NUMBER")


def number(metavar: str = "NUMBER", **limits: Any) -> Check:
    """Numbers between the limits of `maeum.core.checks.check_number`, 0 the least by default."""
    return Check(lambda value, name: check_number(value, name, **limits), float, metavar)


def fraction(zero: bool = True) -> Check:
    """Numbers from 0 (or above it) up to, but without, 1."""
    return Check(lambda value, name: check_fraction(value, name, zero), float, "FRACTION")


def one_of(known: Iterable[str], metavar: str = "NAME") -> Check:
    """One of some names."""
    names = tuple(known)
    return Check(lambda value, name: check_choice(value, names, name), metavar=metavar)


def several(check: Check, metavar: str) -> Check:
    """Several values, each as ``check`` takes them; one value stands for a tuple of it."""
    return replace(check, several=True, metavar=metavar)


def any_text(metavar: str = "TEXT") -> Check:
    """Whatever can be written."""
    return Check(metavar=metavar)


def switch() -> Check:
    """True or false."""

    def check(value: Any, name: str) -> Any:
        if not isinstance(value, bool):
            raise ConfigError("{name} is True or False; got {value!r}.", name=name, value=value)
        return value

    return Check(check, metavar="")


def random_seed() -> Check:
    """A seed of random numbers."""
    return Check(lambda value, name: check_seed(value), int, "N")
