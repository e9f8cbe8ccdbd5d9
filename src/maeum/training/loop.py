"""The loop around the program: epochs, validation, callbacks, checkpoints, Ctrl-C, NaN."""

from __future__ import annotations

import warnings
from typing import Any

import jax
import numpy as np

from maeum.callbacks import CallbackList, History, ProgressBar
from maeum.core.errors import ConfigError, DataError, NonFiniteLossError
from maeum.core.messages import N_, _, ngettext
from maeum.core.settings import say
from maeum.layers.embedding import check_vocabularies
from maeum.training.backup import EXIT_CODE, Checkpointer, Position
from maeum.training.identity import identity_of
from maeum.training.interrupts import Stop
from maeum.training.options import FitOptions
from maeum.training.program import Logs
from maeum.training.running import NotFinite, Pass
from maeum.training.sources import ArraySource, Source
from maeum.training.streams import StreamSource


class Loop:
    """The epochs of ``fit``.

    Args:
        trainer: what makes sources and programs of the model.
        options: what ``fit`` was asked for.
        checkpointer: writes checkpoints, and knows where an earlier process was; or None.
    """

    def __init__(self, trainer: Any, options: FitOptions, checkpointer: Checkpointer | None):
        self.trainer, self.model, self.options = trainer, trainer.model, options
        self.checkpointer = checkpointer
        self.source: Source = trainer.source(
            options.x, options.y, options.sample_weight, options.batch_size,
            options.steps_per_epoch, options.shuffle, options.class_weight,
        )  # fmt: skip
        if options.shuffle and isinstance(self.source, ArraySource) and self.model.stateful:
            warnings.warn(
                _(
                    "{name!r} is stateful: each batch goes on from the one before, but the rows "
                    "are shuffled. Give fit(..., shuffle=False).",
                    name=self.model.name,
                ),
                stacklevel=4,
            )
        self.program = trainer.program("train", self.source, options.truncate)
        self.held_out: Source | None = None
        if options.validation_data is not None:
            self.held_out = trainer.validation_source(
                options.validation_data,
                options.validation_batch_size or options.batch_size,
                options.validation_steps,
            )
            self.evaluating = trainer.program("test", self.held_out)

    def run(self) -> History:
        """Train, and return the history.

        Raises:
            NonFiniteLossError: if the loss stops being finite and no callback takes care of it.
                The model then has the weights that it had when the epoch began.
            SystemExit: if SIGTERM asked for the end while there are checkpoints, once all is
                written.
        """
        self.hooks, self.history = self._callbacks()
        self.where = self._position()
        self.model.history = self.history
        self.model.stop_training = False
        self.stop = Stop()
        between = self._after_steps if self.checkpointer else None
        key, steps = self.trainer.key, self.trainer.steps_per_call
        self.run_epoch = Pass(self.program, key, steps, self.hooks, "train", between)
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

    @property
    def resumed(self) -> bool:
        """Whether an earlier process has begun this training."""
        return self.checkpointer is not None and self.checkpointer.saved is not None

    def _callbacks(self) -> tuple[CallbackList, History]:
        given = self.options.callbacks
        history = next((c for c in given if isinstance(c, History)), None) or History()
        shown = any(isinstance(c, ProgressBar) for c in given) or not self.options.verbose
        display = [] if shown else [ProgressBar(self.options.verbose)]
        own = [] if history in given else [history]
        params = {
            "epochs": self.options.epochs,
            "steps": self.source.steps,
            "verbose": self.options.verbose,
            "validation": self.held_out is not None,
            "resumed": self.resumed,
        }
        # The record comes after the user's callbacks: it keeps what they write into the logs.
        return CallbackList([*given, *own, *display], model=self.model, **params), history

    def _train(self) -> None:
        logs: Logs = {}
        self.hooks.call("on_train_begin", {})
        goes_on = bool(self.where.done)  # within an epoch, which begins as it did
        if self.resumed and not goes_on:
            self._restore()
        elif self.checkpointer is not None and not goes_on:
            self.checkpointer.write(self.where)  # the seed, and the initial values
        try:
            over = self.where.stopped and not goes_on
            for epoch in () if over else range(self.where.epoch, self.options.epochs):
                found = self._epoch(epoch, goes_on)
                goes_on = False
                logs = found or logs
                if found is None or self.model.stop_training or self.stop.asked:
                    break
            if self.stop.asked and self.checkpointer is not None:
                self.checkpointer.write(self.where)
        finally:
            self.hooks.call("on_train_end", logs)

    def _epoch(self, epoch: int, goes_on: bool) -> Logs | None:
        """Train one epoch, or the rest of it; return its logs, None if the training ends here."""
        model, stop = self.model, self.stop
        model.reset_metrics()
        self.hooks.call("on_epoch_begin", epoch, {})
        logs = None
        if goes_on:  # what callbacks did before the epoch, they had done before
            self._restore()
            logs = _as_logged(self.where.logs)
        begun = self.where.done
        before = self.program.snapshot()
        chunks = self.source.chunks(epoch, self.where.first_step, begun)
        try:
            logs = self.run_epoch(chunks, lambda: stop.asked or model.stop_training, begun, logs)
        except NotFinite as failure:
            told = _advice(model, self.source, epoch, failure, begun)  # of what variables are now
            self.program.restore(before)
            if any(self.hooks.call("on_nonfinite_loss", epoch, failure.step)):
                return None
            raise NonFiniteLossError(told) from None
        if stop.asked:
            return None
        if logs is None:
            told = _no_steps(epoch, self.source)
            if epoch == self.options.initial_epoch:
                raise ConfigError(told)
            warnings.warn(told, stacklevel=5)
            return None
        _check_length(self.source, self.run_epoch.done, model.stop_training)
        if self.held_out is not None and self.options.validates_after(epoch + 1):
            found = self._validate()
            if found is None:
                return None
            logs.update(found)
        self.hooks.call("on_epoch_end", epoch, logs)
        steps = self.where.first_step + self.run_epoch.done
        self.where = Position(epoch + 1, 0, self.where.batches, steps, None, model.stop_training)
        if self.checkpointer is not None:
            last = model.stop_training or epoch + 1 == self.options.epochs
            self.checkpointer.after_epoch(self.where, last)
        return logs

    def _validate(self) -> Logs | None:
        """Return the logs of a validation; half a one is none, and changes nothing."""
        before = self.evaluating.snapshot() if self.checkpointer is not None else []
        stop, held_out = self.stop, self.held_out
        logs = self.trainer.evaluate(self.evaluating, held_out, self.hooks, lambda: stop.asked)
        if stop.asked:
            self.evaluating.restore(before)
            return None
        return {f"val_{name}": value for name, value in logs.items()}

    # ---- checkpoints -----------------------------------------------------------------------------

    def _position(self) -> Position:
        """Return where the training is, which an earlier process may have begun.

        Raises:
            ConfigError: if that was another training; nothing is changed then.
        """
        options, model = self.options, self.model
        begin = Position(options.initial_epoch, first_step=int(self.trainer.counter.value))
        if self.checkpointer is None:
            return begin
        identity = identity_of(model, options, self.source, self.held_out)
        variables = self.program.with_others(model.named_state())
        found = self.checkpointer.begin(identity, model.seed, variables, self.hooks.callbacks)
        if found is None:
            return begin
        where, seed = found
        if (where.epoch, where.done) > (options.epochs, 0):
            raise ConfigError(
                "The training in {folder!r} is in epoch {epoch} already, beyond the "
                "epochs={epochs} that were asked for. Give more epochs, or another folder.",
                folder=str(self.checkpointer.folder.path),
                epoch=where.epoch + (where.done > 0),
                epochs=options.epochs,
            )
        model.seed = self.source.seed = seed
        self.source.go_on(where.epoch - options.initial_epoch, where.batches)
        if self.held_out is not None:
            epochs = range(options.initial_epoch, where.epoch)
            validations = sum(options.validates_after(epoch + 1) for epoch in epochs)
            self.held_out.go_on(validations, validations * (self.held_out.steps or 0))
        return where

    def _restore(self) -> None:
        assert self.checkpointer is not None
        self.checkpointer.restore()
        self.model.stop_training = self.where.stopped

    def _after_steps(self, batches: int, done: int, logs: Logs) -> int | None:
        assert self.checkpointer is not None
        where = self.where
        ran, where.done, where.batches = done - where.done, done, batches
        where.logs = {name: np.asarray(value).tolist() for name, value in logs.items()}
        where.stopped = self.model.stop_training
        return self.checkpointer.after_steps(where, ran)

    def _tell_stopped(self) -> None:
        self.history.interrupted = True
        if self.stop.terminated:
            assert self.checkpointer is not None
            self.checkpointer.check_written()
            say(_("Stopped by SIGTERM; all is written, and the same training goes on from here."))
            raise SystemExit(EXIT_CODE)
        if self.options.verbose:
            epochs = ngettext("{n} whole epoch", "{n} whole epochs", len(self.history.epoch))
            said = N_("Stopped by Ctrl-C after {epochs}; the model keeps what it has learnt, and "
                      "the history so far is returned.")  # fmt: skip
            say(_(said, epochs=epochs))


def _as_logged(logs: dict[str, Any] | None) -> Logs:
    """Return logs that a checkpoint held as a program would have returned them."""
    found = (logs or {}).items()
    return {k: np.asarray(v, np.float32) if isinstance(v, list) else v for k, v in found}


def _check_length(source: Source, done: int, stopped: bool) -> None:
    """Warn if an epoch ended for want of batches."""
    wanted = source.steps
    short = isinstance(source, StreamSource) and not source.indexed and wanted and done < wanted
    if short and not stopped:
        warnings.warn(
            _(
                "The data source ended after {done} of the {wanted} steps of the epoch. Give one "
                "that lasts, or a smaller steps_per_epoch.",
                done=done,
                wanted=wanted,
            ),
            stacklevel=4,
        )


def _no_steps(epoch: int, source: Source) -> str:
    return _(
        "Epoch {epoch} found no more batches: the data source has ended. Give a source that can "
        "be iterated over again (one with __iter__, or with __len__ and __getitem__), a generator "
        "that never ends with steps_per_epoch, or fewer epochs (steps_per_epoch is {steps}).",
        epoch=epoch + 1,
        steps=source.steps,
    )


def _advice(model: Any, source: Source, epoch: int, failure: NotFinite, begun: int) -> str:
    cause = _not_finite(source.data) if isinstance(source, ArraySource) else None
    if cause is None:
        cause = _outside_vocabulary(model, failure, isinstance(source, ArraySource))
    if cause is None:
        cause = model.cause_of_nonfinite_loss(failure.logs)
    if cause is None:
        rate = getattr(model.optimizer, "learning_rate", None)
        cause = _(
            "Try a smaller learning rate{now}, clip the gradients (clipnorm=1.0), scale the inputs "
            "to about -1..1, and look for NaN or infinite values in the data.",
            now="" if rate is None else _(" (now {rate:g})", rate=float(rate)),
        )
    since = _("of the beginning of this epoch")
    if begun:
        since = _("of the checkpoint that it went on from, after step {begun}", begun=begun)
    return _(
        "The loss became NaN or infinite in epoch {epoch} at step {step}. {cause} The model has "
        "the weights {since}; model.history keeps the epochs before this one.",
        epoch=epoch + 1,
        step=failure.step,
        cause=cause,
        since=since,
    )


def _outside_vocabulary(model: Any, failure: NotFinite, numbered: bool) -> str | None:
    """Say which row has an index that an `Embedding` does not know, if one has.

    It is counted among all rows if these are ``numbered``, else among those of the step.
    """
    x, rows = failure.batch()
    try:
        check_vocabularies(model, x, rows if numbered else None)
    except DataError as error:
        return str(error)
    return None


def _not_finite(data: tuple) -> str | None:
    """Say where in ``(x, y, sample_weight)`` a value is not finite, if one is not."""
    for what, part in zip(("x", "y", "sample_weight"), data):
        for array in map(np.asarray, jax.tree.leaves(part)):
            wrong = ~np.isfinite(array) if array.dtype.kind == "f" else np.zeros(1, bool)
            if wrong.any():
                where = tuple(int(i) for i in np.unravel_index(np.argmax(wrong), wrong.shape))
                return _(
                    "{what} holds values that are not finite, in {count} of {rows} rows: the first "
                    "is {what}[{where}] = {value}. Fill in or drop such values first.",
                    what=what,
                    count=np.count_nonzero(wrong.reshape(len(wrong), -1).any(1)),
                    rows=len(array),
                    where=", ".join(map(str, where)),
                    value=array[where],
                )
    return None
