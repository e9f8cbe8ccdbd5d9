"""The command ``maeum`` from its first moment on: Ctrl-C ends it even while the libraries load."""

import os
import signal
import sys


def main() -> None:
    """Run the command."""
    if callable(signal.getsignal(signal.SIGINT)):  # not ignored, as after nohup
        signal.signal(signal.SIGINT, _end)
    try:
        from maeum.cli.interrupts import GUARD
        from maeum.cli.main import main as command
    except ModuleNotFoundError as error:  # which says what to install
        sys.exit(f"maeum: {error}")
    GUARD.begin()
    try:
        command()
    finally:
        GUARD.leave()


def _end(_number: int, _frame: object) -> None:
    print("maeum: stopped", file=sys.stderr, flush=True)
    os._exit(130)
