"""Ctrl-C ends a command within a second, wherever it is.

Python hears of a signal between two of its own steps: not while XLA compiles for seconds, and what
a handler raises within a callback of the garbage collector is lost. So a thread hears of it as
well, and ends the process if the command has not ended by itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from maeum.core.messages import _

AGAIN, LATEST = 0.2, 0.5  # seconds after Ctrl-C: interrupt once more; end the process


class Guard:
    """Sees to it that Ctrl-C ends the process, whatever it is doing.

    Attributes:
        said: what is told; by default that the command was stopped.
        cleaning: called before the process is ended from outside.
        allowed: how many times Ctrl-C is pressed without an end, because a training takes it for
            the wish to be tested now.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget what an earlier command of this process said."""
        self.said = ""
        self.cleaning: Callable[[], object] | None = None
        self.allowed = 0
        self._told = False

    def tell(self) -> None:
        """Say that the command was stopped."""
        self._told = True
        said = self.said or _("maeum: {why}", why=_("stopped"))
        print(said, file=sys.stderr, flush=True)

    def leave(self) -> None:
        """End the process if it was told that it stops: what Python does at its end takes long."""
        if self._told:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
            os._exit(130)

    def begin(self) -> None:
        """Listen from now on, for as long as the process lives."""
        if not callable(signal.getsignal(signal.SIGINT)):  # ignored, as after nohup
            return
        heard, said = socket.socketpair()
        said.setblocking(False)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.unraisablehook = _said_unless_interrupted
        signal.set_wakeup_fd(said.fileno(), warn_on_full_buffer=False)
        threading.Thread(target=self._listen, args=(heard, said), daemon=True).start()

    def _listen(self, heard: socket.socket, _said: socket.socket) -> None:
        pressed = 0
        while number := heard.recv(1):
            pressed += number[0] == signal.SIGINT
            if pressed > self.allowed:
                self._end()

    def _end(self) -> None:
        time.sleep(AGAIN)
        if not self._told:  # else it has heard, and Python is about to end
            _interrupt()
        time.sleep(LATEST - AGAIN)
        if not self._told:
            self.tell()
        with contextlib.suppress(Exception):
            if self.cleaning is not None:
                self.cleaning()
        os._exit(130)


def _said_unless_interrupted(lost: Any) -> None:
    """Say which error was lost, as Python does, but not that an interrupt was: it comes again."""
    if not issubclass(lost.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(lost)


def _interrupt() -> None:
    """Interrupt the main thread, also where it waits for the system."""
    if hasattr(signal, "pthread_kill"):  # not on Windows
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)


GUARD = Guard()
