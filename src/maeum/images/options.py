"""Small helpers: choices with a helpful refusal, and counts in words."""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from typing import Any

from maeum.core.errors import ConfigError, UnknownNameError, nearest

CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}


def choose(value: Any, known: Iterable[Any], what: str) -> Any:
    """Return ``value`` if it is one of ``known``, or else raise `UnknownNameError`.

    >>> choose("crop", ["crop", "pad"], "resize")
    'crop'
    """
    known = list(known)
    if value in known:
        return value
    listed = ", ".join(map(repr, known))
    hint = nearest(value, (k for k in known if isinstance(k, str)))
    raise UnknownNameError(f"{what} is one of {listed}; got {value!r}.{hint}")


def check_size(size: Any, what: str = "size") -> tuple[int, int]:
    """Return ``(height, width)`` of a pair of whole numbers, or of one for a square.

    >>> check_size(64), check_size((32, 48))
    ((64, 64), (32, 48))
    """
    pair = (size, size) if isinstance(size, numbers.Integral) else size
    try:
        height, width = (int(n) for n in pair if not isinstance(n, bool) and n == int(n))
        if min(height, width) < 1:
            raise ValueError
    except (TypeError, ValueError):
        raise ConfigError(
            f"{what} is (height, width) in pixels, such as (64, 64), or one number for a square; "
            f"got {size!r}."
        ) from None
    return height, width


def count(number: int, thing: str, things: str = "") -> str:
    """Say how many there are.

    >>> count(1, "picture"), count(2113, "picture"), count(2, "class", "classes")
    ('1 picture', '2,113 pictures', '2 classes')
    """
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def some(names: Iterable[Any], most: int = 3) -> str:
    """List the first names, and say how many more there are.

    >>> some(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(str, names[:most])) + more
