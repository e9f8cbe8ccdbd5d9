"""Ctrl-C: a request first, an interrupt when it is repeated, and never a broken model.

A process of its own takes the signals, so that none reaches the one that runs the tests.
"""

import json
import os
import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")

PRELUDE = """
import json, os, signal, threading, time
# A process started in the background may have been told to ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
import numpy as np
import maeum as mm
from maeum.callbacks import LambdaCallback

rng = np.random.default_rng(0)
x = rng.random((64, 3)); y = (x[:, 0] > x[:, 1]).astype("float32")
model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(4), mm.layers.Dense(1)], seed=0)
model.compile("adam", "mse")
model.fit(x, y, verbose=0)
handler = signal.getsignal(signal.SIGINT)

def interrupt(): os.kill(os.getpid(), signal.SIGINT)
def later(seconds): threading.Timer(seconds, interrupt).start()
def forever():
    while True: yield x, y

def usable():
    whole = all(np.isfinite(w).all() for w in model.get_weights())
    again = model.fit(x, y, epochs=2, verbose=0)
    return bool(whole and again.epoch == [0, 1] and not again.interrupted
                and signal.getsignal(signal.SIGINT) is handler
                and not [t for t in threading.enumerate() if t.name == "maeum-prefetch"])

def attempt(act):
    try:
        return act()
    except KeyboardInterrupt:
        return "KeyboardInterrupt"
results = {}
"""


def run(script):
    """Run a script after the prelude; return its results and what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(script) + "\nprint(json.dumps(results))"],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *printed, results = done.stdout.splitlines()
    return json.loads(results), printed


def test_ctrl_c_ends_a_training_with_the_history_so_far():
    results, printed = run(
        """
        third = LambdaCallback(on_epoch_end=lambda epoch, logs: epoch == 2 and later(0.02))
        watch = LambdaCallback(on_train_batch_end=lambda batch, logs: None)
        for name, data, callbacks in (
            ("arrays", (x, y), [third]),
            ("every batch", (x, y), [third, watch]),
            ("stream", (forever(),), [third]),
        ):
            steps = 2 if name == "stream" else None
            history = model.fit(*data, epochs=10**7, steps_per_epoch=steps, callbacks=callbacks,
                                verbose=0)
            results[name] = [history.interrupted, len(history.epoch) > 2,
                             len(history.epoch) == len(history.history["loss"]), usable()]

        validating = LambdaCallback(on_test_batch_begin=lambda batch, logs: interrupt())
        history = model.fit(x, y, epochs=5, validation_data=(x, y), callbacks=[validating],
                            verbose=0)
        results["validation"] = [history.interrupted, history.epoch, usable()]

        at_the_end = LambdaCallback(on_epoch_end=lambda epoch, logs: interrupt())
        history = model.fit(x, y, epochs=5, callbacks=[at_the_end], verbose=2)
        results["epoch end"] = [history.interrupted, history.epoch, usable()]
        """
    )
    for name in ("arrays", "every batch", "stream"):
        assert results[name] == [True] * 4, name
    assert results["validation"] == [True, [], True]
    assert results["epoch end"] == [True, [0], True]
    # Told where the training is shown at all, and only there.
    assert sum("Stopped by Ctrl-C after" in line for line in printed) == 1


def test_a_second_ctrl_c_interrupts_and_leaves_the_model_whole():
    results, _ = run(
        """
        def twice(batch, logs):
            interrupt(); interrupt()

        for hook in ("on_train_batch_begin", "on_train_batch_end", "on_test_batch_end"):
            callback = LambdaCallback(**{hook: twice})
            results[hook] = [attempt(lambda: model.fit(
                x, y, epochs=9, validation_data=(x, y), callbacks=[callback], verbose=0)), usable()]

        # The worst moment: the program is done, and its results are not in the variables yet.
        def in_the_middle(*arguments, **options):
            outputs = compiled(*arguments, **options)
            interrupt()
            return outputs

        program = model.compiled_functions[next(iter(model.compiled_functions))].program
        compiled, program.run = program.run, in_the_middle
        outcome = attempt(lambda: model.train_on_batch(x, y))
        program.run = compiled
        results["single step"] = [outcome, usable()]
        callback = LambdaCallback(on_test_batch_end=lambda batch, logs: interrupt())
        results["evaluate"] = [attempt(
            lambda: model.evaluate(x, y, callbacks=[callback], verbose=0)), usable()]
        """
    )
    assert all(result == ["KeyboardInterrupt", True] for result in results.values()), results


def test_a_thread_and_an_ignored_ctrl_c_are_left_alone():
    results, _ = run(
        """
        worker = threading.Thread(target=lambda: results.update(
            thread=model.fit(x, y, epochs=3, verbose=0).epoch))
        worker.start(); worker.join()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        ignoring = LambdaCallback(on_epoch_end=lambda epoch, logs: interrupt())
        results["ignored"] = model.fit(x, y, epochs=3, callbacks=[ignoring], verbose=0).epoch
        """
    )
    assert results == {"thread": [0, 1, 2], "ignored": [0, 1, 2]}
