"""Former names of arguments, which keep working beside the better ones."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def former_arguments(**names: str) -> Callable[[F], F]:
    """Let a function be called with former names of its arguments, too: ``former="present"``.

    >>> @former_arguments(pictures="images")
    ... def count(images):
    ...     return len(images)
    >>> count(pictures=[1, 2]), count([1, 2])
    (2, 2)
    """

    def decorated(function: F) -> F:
        @functools.wraps(function)
        def call(*args: Any, **given: Any) -> Any:
            return function(*args, **{names.get(name, name): v for name, v in given.items()})

        return call  # type: ignore[return-value]

    return decorated
