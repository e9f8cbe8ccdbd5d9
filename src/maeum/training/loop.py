"""The loop around the program: epochs, validation, callbacks, and when the host looks in."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Callable, Generator
from typing import Any

import jax
import numpy as np

from maeum.callbacks import CallbackList, History, ProgressBar
from maeum.core.errors import ConfigError, NonFiniteLossError
from maeum.training.chunks import Chunk
from maeum.training.interrupts import Stop, unbroken
from maeum.training.objectives import flatten
from maeum.training.program import Logs, Program
from maeum.training.sources import ArraySource
from maeum.training.streams import StreamSource

Source = ArraySource | StreamSource

_LIVE = 0.1  # seconds between two looks while somebody watches
_QUIET = 0.5  # and otherwise: so long may Ctrl-C take to be heard


class Pace:
    """How many steps to run in one call: as many as fit between two looks.

    Args:
        every_step: look in after every step, because a callback wants to.
        live: a display is shown.
    """

    def __init__(self, every_step: bool, live: bool):
        self.every_step = every_step
        self.seconds = _LIVE if live else _QUIET
        self.steps = 1 if every_step else 32
        self._measured = False

    def took(self, steps: int, seconds: float) -> None:
        """Learn from a call that ran so many steps."""
        if self.every_step or not steps:
            return
        if not self._measured:  # the first call compiled the program
            self._measured = True
            return
        fitting = int(steps * self.seconds / max(seconds, 1e-6))
        self.steps = max(1, min(fitting, self.steps * 16))


class Run:
    """One pass over a source: the steps of an epoch, or an evaluation."""

    def __init__(self, program: Program, key: Any, pace: Pace, hooks: CallbackList, phase: str):
        self.program = program
        self.key = key
        self.pace = pace
        self.hooks = hooks
        self.phase = phase
        self.every_step = pace.every_step
        self.progress = phase == "train" and hooks.wants_progress()
        self.done = 0

    def __call__(
        self, chunks: Generator[Chunk, None, None], stopped: Callable[[], bool]
    ) -> Logs | None:
        """Run every step; return the last logs, None if there was no step.

        Args:
            chunks: the rows and the steps to take over them.
            stopped: asked after each look, tells whether the pass should end early.
        """
        logs = None
        self.done = 0
        with contextlib.closing(chunks):
            for chunk in chunks:
                position = 0
                while position < chunk.steps:
                    logs, ran = self._call(chunk, position, stopped())
                    position += ran
                    if stopped():
                        return logs
        return logs

    def _call(self, chunk: Chunk, position: int, stopped: bool) -> tuple[Logs, int]:
        """Run the program once and look in; return the logs and how many steps that were."""
        # Who wants to stop before the first step gets one step, as in Keras.
        count = min(1 if stopped else self.pace.steps, chunk.steps - position)
        if self.every_step:
            self.hooks.call(f"on_{self.phase}_batch_begin", self.done, {})
        began = time.perf_counter()
        with unbroken():
            result = self.program(chunk, position, position + count, self.key)
        logs, ran, finite = to_host(*result)  # waits for the device
        self.pace.took(ran, time.perf_counter() - began)
        self.done += ran
        if not finite:
            raise _NotFinite(self.done)
        if self.every_step:
            self.hooks.call(f"on_{self.phase}_batch_end", self.done - 1, dict(logs))
        elif self.progress:
            self.hooks.show_progress(self.done, dict(logs))
        return logs, ran


class _NotFinite(Exception):
    def __init__(self, step: int):
        self.step = step


def to_host(logs: Logs, done: tuple[Any, Any]) -> tuple[Logs, int, bool]:
    """Fetch what a call of a program returned.

    Returns:
        The logs as Python numbers (arrays stay arrays), how many steps were done, and whether
        the loss was finite.
    """
    values = {name: np.asarray(value) for name, value in logs.items()}
    steps, finite = done
    fetched = {name: float(v) if v.ndim == 0 else v for name, v in values.items()}
    return fetched, int(steps), bool(finite)


def train(
    model: Any,
    program: Program,
    source: Source,
    *,
    epochs: int,
    initial_epoch: int,
    verbose: int,
    callbacks: Any,
    validate: Any,
    validation_epochs: Any,
) -> History:
    """Run the epochs of ``fit``.

    Args:
        model: the model.
        program: its program of training steps.
        source: the training data.
        epochs: the number of the last epoch.
        initial_epoch: the number of the first one.
        verbose: 0, 1 or 2.
        callbacks: the callbacks of the user.
        validate: ``validate(hooks, stopped) -> logs``, or None.
        validation_epochs: tells whether an epoch (counted from 1) ends with a validation.

    Raises:
        NonFiniteLossError: if the loss stops being finite and no callback takes care of it. The
            model then has the weights that it had when the epoch began.
    """
    given = check_callbacks(callbacks)
    history = next((c for c in given if isinstance(c, History)), None) or History()
    display = [ProgressBar(verbose)] if verbose else []
    if any(isinstance(c, ProgressBar) for c in given):
        display = []
    own = [] if history in given else [history]
    params = {
        "epochs": epochs,
        "steps": source.steps,
        "verbose": verbose,
        "validation": validate is not None,
    }
    # The record comes after the user's callbacks: it keeps what they write into the logs.
    hooks = CallbackList([*given, *own, *display], model, params)
    model.history = history
    model.stop_training = False
    pace = Pace(hooks.wants_batches("train"), hooks.wants_progress())
    run = Run(program, model.training_key, pace, hooks, "train")
    stop = Stop()
    logs: dict[str, Any] = {}
    with stop.listening():
        hooks.call("on_train_begin", {})
        try:
            for epoch in range(initial_epoch, epochs):
                model.reset_metrics()
                hooks.call("on_epoch_begin", epoch, {})
                before = program.snapshot()
                chunks = source.chunks(epoch, int(program.counter.value))
                try:
                    result = run(chunks, lambda: stop.asked or model.stop_training)
                except _NotFinite as failure:
                    program.restore(before)
                    if hooks.handles_nonfinite_loss(epoch, failure.step):
                        break
                    raise NonFiniteLossError(_advice(model, source, epoch, failure.step)) from None
                if stop.asked:
                    break
                if result is None:
                    if epoch == initial_epoch:
                        raise ConfigError(_no_steps(epoch, source))
                    warnings.warn(_no_steps(epoch, source), stacklevel=3)
                    break
                _check_length(source, run.done, model.stop_training)
                logs = result
                if validate is not None and validation_epochs(epoch + 1):
                    logs.update(validate(hooks, lambda: stop.asked))
                    if stop.asked:  # half a validation is none
                        break
                hooks.call("on_epoch_end", epoch, logs)
                if model.stop_training or stop.asked:
                    break
        finally:
            hooks.call("on_train_end", logs)
    if stop.asked:
        history.interrupted = True
        if verbose:
            print(
                f"Stopped by Ctrl-C after {len(history.epoch)} whole epochs; the model keeps what "
                "it has learnt, and the history so far is returned."
            )
    return history


def check_callbacks(callbacks: Any) -> list[Any]:
    """Return the callbacks as a list, or raise `ConfigError`."""
    given = [callback for callback in flatten(callbacks) if callback is not None]
    for callback in given:
        if isinstance(callback, type) or not hasattr(callback, "on_epoch_end"):
            raise ConfigError(
                f"callbacks is a list of callback objects; got {callback!r}."
                + (f" Write {callback.__name__}(...)." if isinstance(callback, type) else "")
            )
    return given


def _check_length(source: Source, done: int, stopped: bool) -> None:
    """Warn if an epoch ended for want of batches."""
    wanted = source.steps
    short = isinstance(source, StreamSource) and not source.indexed and wanted and done < wanted
    if short and not stopped:
        warnings.warn(
            f"The data source ended after {done} of the {wanted} steps of the epoch. Give one that "
            "lasts, or a smaller steps_per_epoch.",
            stacklevel=4,
        )


def _no_steps(epoch: int, source: Source) -> str:
    return (
        f"Epoch {epoch + 1} found no more batches: the data source has ended. Give a source that "
        "can be iterated over again (one with __iter__, or with __len__ and __getitem__), a "
        f"generator that never ends with steps_per_epoch, or fewer epochs (steps_per_epoch is "
        f"{source.steps})."
    )


def _advice(model: Any, source: Source, epoch: int, step: int) -> str:
    found = _not_finite(source.data) if isinstance(source, ArraySource) else None
    if found is not None:
        cause = f"{found} Fill in or drop such values first."
    else:
        rate = model.optimizer.learning_rate if model.optimizer is not None else None
        rate_text = "" if rate is None else f" (now {float(rate):g})"
        cause = (
            f"Try a smaller learning rate{rate_text}, clip the gradients (clipnorm=1.0), scale "
            "the inputs to about -1..1, and look for NaN or infinite values in the data."
        )
    return (
        f"The loss became NaN or infinite in epoch {epoch + 1} at step {step}. {cause} The model "
        "has the weights of the beginning of this epoch; model.history keeps the epochs before it."
    )


def _not_finite(data: tuple) -> str | None:
    """Say where in ``(x, y, sample_weight)`` a value is not finite, if one is not."""
    for what, part in zip(("x", "y", "sample_weight"), data):
        for array in map(np.asarray, jax.tree.leaves(part)):
            wrong = ~np.isfinite(array) if array.dtype.kind == "f" else np.zeros(1, bool)
            if wrong.any():
                where = tuple(int(i) for i in np.unravel_index(np.argmax(wrong), wrong.shape))
                rows = np.count_nonzero(wrong.reshape(len(wrong), -1).any(1))
                return (
                    f"{what} holds values that are not finite, in {rows} of {len(array)} rows: "
                    f"the first is {what}[{', '.join(map(str, where))}] = {array[where]}."
                )
    return None
