"""The errors of Maeum.

Every error is also one of the built-in errors that a caller would catch anyway, and its message
says what was given, what was expected and what to do about it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from maeum.core.messages import _


class MaeumError(Exception):
    """Base of every error that Maeum raises on purpose."""


class ShapeError(MaeumError, ValueError):
    """Arrays or layers whose shapes do not fit together."""


class DataError(MaeumError, ValueError):
    """Data that cannot be used as given: empty, of the wrong type, outside the classes."""


class ConfigError(MaeumError, ValueError):
    """An argument or a configuration that makes no sense."""


class UnknownNameError(ConfigError, KeyError):
    """A name (of a loss, a layer, a column ...) that nothing answers to."""

    def __str__(self) -> str:  # KeyError would print the repr of the message
        return str(self.args[0]) if self.args else ""


class NotBuiltError(MaeumError, RuntimeError):
    """Something was asked of a layer or model that has no weights yet."""


class NotCompiledError(MaeumError, RuntimeError):
    """Training or evaluation was asked of a model before ``compile``."""


class NonFiniteLossError(MaeumError, FloatingPointError):
    """The loss became NaN or infinite during training."""


class ModelFileError(MaeumError, ValueError):
    """A file that is no model, or a model that this version cannot read."""


class SaveError(MaeumError, OSError):
    """A file could not be written; whatever was there before is still whole."""


def nearest(name: object, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the known name closest to ``name``, or ``""``.

    >>> nearest("Chrun", ["Churn", "tenure"])
    " Did you mean 'Churn'?"
    """
    known = [str(k) for k in known]
    lowered = {k.lower(): k for k in reversed(known)}
    match = difflib.get_close_matches(str(name).lower(), lowered, n=1, cutoff=0.5)
    return _(" Did you mean {name!r}?", name=lowered[match[0]]) if match else ""
