"""Ctrl-C ends the command wherever it is; a process of its own takes the signals."""

import os
import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")

PRELUDE = """
import gc, hashlib, os, signal, sys, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored in the background
from maeum.cli.interrupts import GUARD
def press(after): threading.Timer(after, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
GUARD.begin()
press(0.2)
"""


def run(script):
    """Return the exit code, and what was printed and told."""
    code = PRELUDE + textwrap.dedent(script)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_an_interrupt_that_the_garbage_collector_swallows_ends_the_process():
    code, out, err = run("""
    gc.callbacks.append(lambda *_: time.sleep(0.05))
    end = time.monotonic() + 50
    while time.monotonic() < end:
        try:
            gc.collect()
        except KeyboardInterrupt:  # between two callbacks
            pass
    """)
    assert (code, out) == (130, "")
    assert err.endswith("maeum: stopped\n")


def test_an_interrupt_in_the_middle_of_foreign_code_ends_the_process():
    code, out, err = run("""
    GUARD.said, GUARD.cleaning = "told", lambda: print("cleaned", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)
    """)
    assert (code, out, err) == (130, "cleaned\n", "told\n")


def test_a_training_may_answer_the_first():
    code, out, err = run("""
    GUARD.allowed = 1
    heard = []
    signal.signal(signal.SIGINT, lambda *_: heard.append(1))
    time.sleep(1.5)
    print(len(heard), flush=True)
    press(0)
    time.sleep(30)
    """)
    assert (code, out, err) == (130, "1\n", "maeum: stopped\n")


def test_the_command_itself_is_guarded():
    code, _out, err = run("""
    import maeum.cli.main
    import maeum_command
    maeum.cli.main.main = lambda: time.sleep(50)
    try:
        maeum_command.main()
    except KeyboardInterrupt:
        GUARD.tell()
        time.sleep(0.4)  # as a slow machine does until Python has ended
        sys.exit(130)
    """)
    assert (code, err) == (130, "maeum: stopped\n")


def test_the_command_leaves_without_waiting_for_the_end_of_python():
    code, out, err = run("""
    import atexit
    import maeum.cli.main
    import maeum_command
    atexit.register(print, "the end of Python")
    def stopped():
        GUARD.tell()
        raise SystemExit(130)
    maeum.cli.main.main = stopped
    maeum_command.main()
    """)
    assert (code, out, err) == (130, "", "maeum: stopped\n")
