"""Ctrl-C during a training: a request, which never leaves the model half changed."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any


class Stop:
    """Whether somebody asked the training to stop, by Ctrl-C."""

    def __init__(self) -> None:
        self.asked = False

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Turn the first Ctrl-C into a request; the second one interrupts."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.getsignal(signal.SIGINT)
        if not callable(before):  # ignored, or handled outside Python: leave it so
            yield
            return

        def ask(number: int, frame: Any) -> None:
            if self.asked:
                before(number, frame)
            self.asked = True

        signal.signal(signal.SIGINT, ask)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def unbroken() -> Iterator[None]:
    """Hold Ctrl-C back until the block is over: within it, variables are without their values."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    if not callable(before):
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
