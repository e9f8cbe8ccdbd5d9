"""Checks of arguments that many rooms share."""

from __future__ import annotations

import numbers
from typing import Any

from maeum.core.errors import ConfigError


def check_whole(value: Any, what: str, least: int = 1) -> int:
    """Return a whole number that is at least ``least``, or raise `ConfigError`."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or value < least:
        raise ConfigError(f"{what} is a whole number of {least} or more; got {value!r}.")
    return int(value)
