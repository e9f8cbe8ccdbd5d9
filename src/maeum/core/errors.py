"""The errors of Maeum.

Every error is also one of the built-in errors that a caller would catch anyway, and its message
says what was given, what was expected and what to do about it, in the reader's language: an error
of Maeum translates its message itself. An error of Python's is given `messages._` of one.

Example:
    >>> raise ShapeError("The images have shape {shape}.", shape=(28, 28))
    Traceback (most recent call last):
    ...
    maeum.core.errors.ShapeError: The images have shape (28, 28).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Any

from maeum.core.messages import _


class MaeumError(Exception):
    """Base of every error that Maeum raises on purpose.

    Args:
        message: a message in English, which is translated (`tools/messages.py` collects it).
        values: what its ``{placeholders}`` stand for.

    Attributes:
        may_pass: whether the same may go well another time, so that what was done so far is kept.
    """

    may_pass = False

    def __init__(self, message: str = "", /, **values: Any):
        super().__init__(_(message, **values))

    @property
    def _render_traceback_(self) -> Callable[[], list[str]]:
        """What IPython prints of the error, which looks for this name: the user's frames."""
        from maeum.core import settings, tracebacks

        if not settings.settings.filtering:  # then it prints everything
            raise AttributeError("_render_traceback_")
        return lambda: tracebacks.lines(self)


class ShapeError(MaeumError, ValueError):
    """Arrays or layers whose shapes do not fit together."""


class DataError(MaeumError, ValueError):
    """Data that cannot be used as given: empty, of the wrong type, outside the classes."""


class ConfigError(MaeumError, ValueError):
    """An argument or a configuration that makes no sense."""


class ArgumentError(ConfigError, TypeError):
    """An argument that a class does not take, or one that it needs and was not given."""


class UnknownNameError(ConfigError, KeyError):
    """A name (of a loss, a layer, a column ...) that does not exist."""

    def __str__(self) -> str:  # KeyError would print the repr of the message
        return str(self.args[0]) if self.args else ""


class NotBuiltError(MaeumError, RuntimeError):
    """Something was asked of a layer or model that has no weights yet."""


class NotCompiledError(MaeumError, RuntimeError):
    """Training or evaluation was asked of a model before ``compile``."""


class NonFiniteLossError(MaeumError, FloatingPointError):
    """The loss became NaN or infinite during training."""


class ModelFileError(MaeumError, ValueError):
    """A file that is not a model, or a model that this version cannot read."""


class SaveError(MaeumError, OSError):
    """A file could not be written; whatever was there before is still whole."""


def not_implemented(thing: object, method: str) -> NotImplementedError:
    """Return the error for a method that a subclass has to write."""
    kind = type(thing).__name__
    return NotImplementedError(_("{kind} has no {method}; write one.", kind=kind, method=method))


def nearest(name: object, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the known name closest to ``name``, or ``""``.

    >>> nearest("Chrun", ["Churn", "tenure"])
    " Did you mean 'Churn'?"
    """
    known = [str(k) for k in known]
    lowered = {k.lower(): k for k in reversed(known)}
    match = difflib.get_close_matches(str(name).lower(), lowered, n=1, cutoff=0.5)
    return _(" Did you mean {name!r}?", name=lowered[match[0]]) if match else ""
