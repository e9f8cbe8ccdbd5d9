"""The loop around the program: epochs, validation, callbacks, checkpoints, Ctrl-C, NaN."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import jax
import numpy as np

from maeum.callbacks import CallbackList, History, ProgressBar
from maeum.core.errors import ConfigError, NonFiniteLossError
from maeum.training.backup import EXIT_CODE, Checkpointer, Position
from maeum.training.interrupts import Stop
from maeum.training.objectives import flatten
from maeum.training.options import FitOptions
from maeum.training.program import Logs, Program
from maeum.training.running import NotFinite, Pass, StepsPerCall
from maeum.training.sources import ArraySource
from maeum.training.streams import StreamSource

Source = ArraySource | StreamSource
Validate = Callable[[CallbackList, Callable[[], bool]], Logs]


@dataclass
class Loop:
    """The epochs of ``fit``.

    Args:
        model: the model.
        program: its program of training steps.
        source: the training data.
        options: what ``fit`` was asked for.
        key: the key of all random numbers.
        steps_per_call: the steps between two calls of callbacks that look at batches.
        validate: ``validate(hooks, stopped) -> logs``, or None.
        checkpointer: writes checkpoints, and knows where an earlier process was; or None.
        identity: what tells this training from others, for the checkpoints.
    """

    model: Any
    program: Program
    source: Source
    options: FitOptions
    key: Any
    steps_per_call: int = 1
    validate: Validate | None = None
    checkpointer: Checkpointer | None = None
    identity: dict[str, Any] = field(default_factory=dict)

    def run(self) -> History:
        """Train, and return the history.

        Raises:
            NonFiniteLossError: if the loss stops being finite and no callback takes care of it.
                The model then has the weights that it had when the epoch began.
            SystemExit: if SIGTERM asked for the end while there are checkpoints, once all is
                written.
        """
        model, options = self.model, self.options
        self.hooks, self.history = self._callbacks()
        model.history = self.history
        model.stop_training = False
        self.stop = Stop()
        self.where = Position(options.initial_epoch)
        watched = self.hooks.wants_batches("train")
        steps = StepsPerCall(self.steps_per_call if watched else None, self.hooks.wants_progress())
        between = self._after_steps if self.checkpointer else None
        self.run_epoch = Pass(self.program, self.key, steps, self.hooks, "train", between)
        over = False
        with self.stop.listening(terminate=self.checkpointer is not None):
            try:
                self._train()
                over = not self.stop.asked
            finally:
                if self.checkpointer is not None:
                    self.checkpointer.close(over)
        if self.stop.asked:
            self._tell_stopped()
        return self.history

    def _callbacks(self) -> tuple[CallbackList, History]:
        given = check_callbacks(self.options.callbacks)
        history = next((c for c in given if isinstance(c, History)), None) or History()
        shown = any(isinstance(c, ProgressBar) for c in given) or not self.options.verbose
        display = [] if shown else [ProgressBar(self.options.verbose)]
        own = [] if history in given else [history]
        saved = self.checkpointer is not None and self.checkpointer.saved is not None
        params = {
            "epochs": self.options.epochs,
            "steps": self.source.steps,
            "verbose": self.options.verbose,
            "validation": self.validate is not None,
            "resumed": saved,
        }
        # The record comes after the user's callbacks: it keeps what they write into the logs.
        return CallbackList([*given, *own, *display], self.model, params), history

    def _train(self) -> None:
        logs: Logs = {}
        resumed = self._begin_backup()
        self.hooks.call("on_train_begin", {})
        if resumed and not resumed.done:
            self._restore()
        elif self.checkpointer is not None and not resumed:
            self.checkpointer.write(self.where)  # the seed, and the initial values
        try:
            epochs = range(self.where.epoch, self.options.epochs)
            for epoch in () if self.where.stopped else epochs:
                found = self._epoch(epoch, resumed)
                resumed = None
                logs = found or logs
                if found is None or self.model.stop_training or self.stop.asked:
                    break
        finally:
            if self.stop.asked and self.checkpointer is not None:
                self.checkpointer.write(self.where)
            self.hooks.call("on_train_end", logs)

    def _epoch(self, epoch: int, resumed: Position | None) -> Logs | None:
        """Train one epoch, or the rest of it; return its logs, None if the training ends here."""
        model, stop = self.model, self.stop
        model.reset_metrics()
        self.hooks.call("on_epoch_begin", epoch, {})
        batches = (0, 0)
        if resumed is None:
            self.where = Position(epoch, 0, self.where.batches, int(self.program.counter.value))
        else:
            batches = (resumed.done, resumed.batches)
            if resumed.done:  # what callbacks did before the epoch, they had done before
                self._restore()
            else:
                self.where = replace(resumed, first_step=int(self.program.counter.value))
        before = self.program.snapshot()
        chunks = self.source.chunks(epoch, self.where.first_step, batches)
        try:
            logs = self.run_epoch(
                chunks,
                lambda: stop.asked or model.stop_training,
                self.where.done,
                _as_logged(self.where.logs) if self.where.done else None,
            )
        except NotFinite as failure:
            self.program.restore(before)
            if self.hooks.handles_nonfinite_loss(epoch, failure.step):
                return None
            raise NonFiniteLossError(_advice(model, self.source, epoch, failure.step)) from None
        if stop.asked:
            return None
        if logs is None:
            if epoch == self.options.initial_epoch:
                raise ConfigError(_no_steps(epoch, self.source))
            warnings.warn(_no_steps(epoch, self.source), stacklevel=5)
            return None
        _check_length(self.source, self.run_epoch.done, model.stop_training)
        if self.validate is not None and self.options.validates_after(epoch + 1):
            logs.update(self.validate(self.hooks, lambda: stop.asked))
            if stop.asked:  # half a validation is none
                return None
        self.hooks.call("on_epoch_end", epoch, logs)
        self.where = Position(epoch + 1, 0, self.where.batches, stopped=model.stop_training)
        if self.checkpointer is not None:
            last = model.stop_training or epoch + 1 == self.options.epochs
            self.checkpointer.after_epoch(self.where, last)
        return logs

    # ---- checkpoints -----------------------------------------------------------------------------

    def _begin_backup(self) -> Position | None:
        """Return where an earlier process was, if there was one."""
        if self.checkpointer is None:
            return None
        variables = self.model.named_state()
        variables |= self.program.others(variables)
        where = self.checkpointer.begin(self.identity, variables, self.hooks.callbacks)
        if self.checkpointer.saved is None:
            return None
        self.where = replace(where, epoch=max(where.epoch, self.options.initial_epoch))
        return self.where

    def _restore(self) -> None:
        assert self.checkpointer is not None
        self.checkpointer.restore()
        self.model.stop_training = self.where.stopped

    def _after_steps(self, batches: int, done: int, logs: Logs) -> int | None:
        assert self.checkpointer is not None
        ran, self.where.done = done - self.where.done, done
        self.where.batches = batches
        self.where.logs = {name: np.asarray(value).tolist() for name, value in logs.items()}
        return self.checkpointer.after_steps(self.where, ran)

    def _tell_stopped(self) -> None:
        self.history.interrupted = True
        if self.stop.terminated:
            assert self.checkpointer is not None
            self.checkpointer.check_written()
            print("Stopped by SIGTERM; all is written, and the same training goes on from here.")
            raise SystemExit(EXIT_CODE)
        if self.options.verbose:
            print(
                f"Stopped by Ctrl-C after {len(self.history.epoch)} whole epochs; the model keeps "
                "what it has learnt, and the history so far is returned."
            )


def _as_logged(logs: dict[str, Any] | None) -> Logs:
    """Return logs that a checkpoint held as a program would have returned them."""
    found = (logs or {}).items()
    return {k: np.asarray(v, np.float32) if isinstance(v, list) else v for k, v in found}


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
