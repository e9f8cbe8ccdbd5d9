"""Classes that are also made by former names of their arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any


class Spelling:
    """A class under its own name that takes arguments by former names, too.

    It makes instances of the class itself, and can be a base of another class.

    Args:
        made: the class.
        names: the name of today for each former one.
        adapt: changes the arguments besides: it takes and returns positional ones and named ones.
    """

    def __init__(
        self,
        made: type,
        names: Mapping[str, str],
        adapt: Callable[[tuple, dict], tuple[tuple, dict]] | None = None,
    ):
        self._made, self._names, self._adapt = made, names, adapt
        self.__name__ = made.__name__
        self.__doc__ = made.__doc__
        self.__signature__ = inspect.signature(made)

    def __call__(self, *args: Any, **given: Any) -> Any:
        """Make one."""
        for old in [
            name for name in given if name in self._names and self._names[name] not in given
        ]:
            given[self._names[old]] = given.pop(old)
        if self._adapt is not None:
            args, given = self._adapt(args, given)
        return self._made(*args, **given)

    def __mro_entries__(self, bases: tuple) -> tuple:
        return (self._made,)

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance(value, self._made)

    def __subclasscheck__(self, kind: type) -> bool:
        return issubclass(kind, self._made)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._made, name)

    def __repr__(self) -> str:
        return repr(self._made)
