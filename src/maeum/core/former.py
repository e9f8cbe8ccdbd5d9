"""What was renamed is still taken by its former name."""

from __future__ import annotations

import functools
from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar

from maeum.core.messages import _

T = TypeVar("T", bound=Callable[..., Any])


def formerly(**names: str) -> Callable[[T], T]:
    """Return a decorator that lets a function or a class take arguments by their former names.

    A class also shows its attributes by them, and keeps them as ``former_names``. It stands above
    ``@dataclass``.

    Args:
        names: the name of today for each former one.

    Raises:
        TypeError: (when called) for an argument that is given by both names.

    >>> @formerly(ahead="horizon")
    ... def steps(horizon):
    ...     return list(range(horizon))
    >>> steps(ahead=2)
    [0, 1]
    """

    def decorate(made: T) -> T:
        function = made.__init__ if isinstance(made, type) else made  # type: ignore[misc]

        @functools.wraps(function)
        def renaming(*args: Any, **given: Any) -> Any:
            for old in [name for name in given if name in names]:
                new = names[old]
                if new in given:
                    message = _(
                        "{old!r} is the former name of {new!r}; give one.", old=old, new=new
                    )
                    raise TypeError(message)
                given[new] = given.pop(old)
            return function(*args, **given)

        if not isinstance(made, type):
            return renaming  # type: ignore[return-value]
        made.__init__ = renaming  # type: ignore[misc]
        for old, new in names.items():
            setattr(made, old, property(attrgetter(new), doc=f"The former name of `{new}`."))
        made.former_names = names  # type: ignore[attr-defined]
        return made

    return decorate
