"""What threads and processes share: arrays that programs give away, and a device that forks lose.

A step of training gives the arrays of its variables away, and puts new ones in their place. Who
reads them in another thread meanwhile waits until it has, and sees the last whole state.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from maeum.core.errors import MaeumError

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

_building = threading.RLock()

_PATIENCE = 0.5  # seconds that a program which gives arrays away waits for those who read them
_LONGEST = 60.0  # seconds that a program may take before its arrays count as lost
_forked = False


def one_at_a_time(function: F) -> F:
    """Decorate what builds layers or traces programs: one thread does any of it at a time."""

    @functools.wraps(function)
    def alone(*args: Any, **kwargs: Any) -> Any:
        with _building:
            return function(*args, **kwargs)

    return alone  # type: ignore[return-value]


class Turns:
    """Who may use the arrays of a model's variables: programs that give them away do so alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._reading, self._waiting, self._givers, self._giving = 0, 0, 0, False

    def begin_reading(self) -> None:
        """Begin a program that leaves the arrays where they are."""
        with self._lock:
            if self._giving:
                self._waiting += 1
                while self._giving:
                    self._changed.wait()
                self._waiting -= 1
            self._reading += 1

    def end_reading(self) -> None:
        """End what `begin_reading` began."""
        with self._lock:
            self._reading -= 1
            if self._givers:
                self._changed.notify_all()

    @contextlib.contextmanager
    def giving(self) -> Iterator[None]:
        """Run a program that is given the arrays, and put new ones in their place.

        Who waits to read comes first, since the next step of a training follows at once.
        """
        with self._lock:
            self._givers += 1
            if self._waiting:
                self._changed.wait_for(lambda: not self._waiting, _PATIENCE)
            while self._reading or self._giving:
                self._changed.wait()
            self._giving = True
        try:
            yield
        finally:
            with self._lock:
                self._givers, self._giving = self._givers - 1, False
                self._changed.notify_all()


class CompiledFunctions(dict[Any, Any]):
    """What was compiled for a model, by name, and who may use the arrays of its variables now."""

    def __init__(self) -> None:
        self.turns = Turns()


def with_arrays(take: Callable[[], list[Any]], use: Callable[..., T], *more: Any) -> T:
    """Return ``use(take(), *more)``, or of the arrays that come in the place of those given away.

    Args:
        take: returns the arrays of some variables as they are now.
        use: works on them; done again if another model with the same variables, or another
            thread, gave them away under its hands.

    Raises:
        MaeumError: if arrays are gone, and no others come in their place.
    """
    end = None
    while True:
        arrays = take()
        try:
            return use(arrays, *more)
        except Exception:
            if not _gone(arrays):
                raise
        end = end or time.monotonic() + _LONGEST
        if _gone(take()):
            if time.monotonic() > end:
                break
            time.sleep(0.001)
    raise MaeumError(
        "The arrays of some variables were given to a program that failed before it returned new "
        "ones. Load the model again, or assign its weights: model.set_weights(...)."
    )


def _gone(arrays: list[Any]) -> bool:
    return any(array.is_deleted() for array in arrays)


def check_process() -> None:
    """Raise `MaeumError` in a child of a process that had computed before it was forked."""
    if _forked:
        raise MaeumError(
            "This process was forked from one that had computed already, and the threads of JAX do "
            "not live on in a child: it would wait forever. Begin processes with "
            "multiprocessing.get_context('spawn') (or 'forkserver'), or fork before anything is "
            "computed."
        )


def _note_fork() -> None:
    global _forked
    from jax._src import xla_bridge  # the one place that tells without beginning it

    _forked = _forked or xla_bridge.backends_are_initialized()


if hasattr(os, "register_at_fork"):  # not on Windows, which never forks
    os.register_at_fork(after_in_child=_note_fork)
