"""Ctrl-C during a training: a request, which never leaves the model half changed."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any


class Stop:
    """Whether somebody asked the training to stop: by Ctrl-C, or by SIGTERM.

    Attributes:
        asked: whether it should stop.
        terminated: whether SIGTERM said so.
    """

    asked = terminated = False

    @contextlib.contextmanager
    def listening(self, terminate: bool = False) -> Iterator[None]:
        """Turn the first Ctrl-C into a request; the second one interrupts.

        Args:
            terminate: whether SIGTERM is a request, too; else it ends the process, as always.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.getsignal(signal.SIGINT)
        ended = signal.getsignal(signal.SIGTERM)

        def ask(number: int, frame: Any) -> None:
            if self.asked and callable(before):
                before(number, frame)
            self.asked = True

        def end(number: int, frame: Any) -> None:
            self.asked = self.terminated = True

        chosen: dict[signal.Signals, tuple[Any, Any]] = {}
        if callable(before):  # not ignored, and not handled outside Python
            chosen[signal.SIGINT] = ask, before
        if terminate and ended not in (None, signal.SIG_IGN):
            chosen[signal.SIGTERM] = end, ended
        for number, (handler, _before) in chosen.items():
            signal.signal(number, handler)
        try:
            yield
        finally:
            for number, (_handler, earlier) in chosen.items():
                signal.signal(number, earlier)


@contextlib.contextmanager
def unbroken() -> Iterator[None]:
    """Hold Ctrl-C back until the block is over: within it, variables are without their values."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    heard: list[tuple] = []
    signal.signal(signal.SIGINT, lambda *arguments: heard.append(arguments))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    for arguments in heard:
        before(*arguments)
