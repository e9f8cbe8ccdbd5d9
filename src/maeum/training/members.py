"""Many trainings as one: models that are alike up to numbers learn side by side.

A seed, a set of rows, a learning rate, a rate of dropout are inputs of the compiled program, so
that one program trains an ensemble, the folds of a cross-validation or the trials of a search.
Members are divided into chunks, of which each core trains one after the other.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.callbacks import EarlyStopping, History
from maeum.core.errors import ConfigError, nearest
from maeum.core.runtime import processors
from maeum.training.backup import as_checkpointer
from maeum.training.interrupts import Stop
from maeum.training.member_backup import MemberBackup, Members
from maeum.training.member_chunks import Chunks, Logs
from maeum.training.member_groups import check_members, groups_of, member_programs
from maeum.training.member_rows import MemberRows, same_for_all
from maeum.training.options import FitOptions
from maeum.training.sources import ArraySource, Source, check_count

__all__ = ["MemberHistory", "fit_members", "groups_of"]

OnEpochEnd = Callable[[int, list[Any]], Collection[int] | None]


class MemberHistory(History):
    """The record of the training of one member.

    Attributes:
        failed: whether its loss became NaN or infinite. The model then has the weights that it had
            when that epoch began; the epoch stands in the history.
        stopped_epoch: the epoch after which it was stopped early; None if it was not.
        best_epoch: the epoch with the best monitored value; None without ``patience``.
        best_weights: the weights after that epoch, by path, if they are kept beside the model.
    """

    def __init__(self) -> None:
        super().__init__()
        self.failed = False
        self.stopped_epoch: int | None = None
        self.best_epoch: int | None = None
        self.best_weights: dict[str, np.ndarray] | None = None


@dataclass
class _Member:
    """A member as the loop around the program sees it."""

    model: Any
    history: MemberHistory
    stopper: EarlyStopping | None
    over: bool = False

    def begin(self) -> None:
        self.model.history, self.model.stop_training = self.history, False
        if self.stopper is not None:
            self.stopper.set_model(self.model)
            self.stopper.on_train_begin()

    def get_state(self) -> dict[str, Any]:
        """Return what a checkpoint holds of the member beside its variables."""
        told = ("epoch", "history", "failed", "stopped_epoch", "best_epoch")
        return {
            "history": {name: getattr(self.history, name) for name in told},
            "stopper": None if self.stopper is None else self.stopper.get_state(),
            "over": self.over,
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Take over what `get_state` returned."""
        vars(self.history).update(state["history"])
        if self.stopper is not None:
            self.stopper.set_state(state["stopper"])
        self.over = state["over"]

    def after(self, epoch: int, logs: Logs, finite: bool) -> bool:
        """Write an epoch down; tell whether it was the best so far."""
        self.history.on_epoch_end(epoch, logs)
        if not finite:
            self.history.failed = self.over = True
            return False
        stopper = self.stopper
        if stopper is None:
            return False
        before = stopper.best
        stopper.on_epoch_end(epoch, logs)
        if self.model.stop_training:
            self.over, self.history.stopped_epoch = True, epoch
        better = stopper.best is not None and stopper.best != before
        if better:
            self.history.best_epoch = epoch
        return better


def fit_members(
    models: Sequence[Any],
    x: Any,
    y: Any = None,
    *,
    sample_weight: Any = None,
    class_weight: Any = None,
    batch_size: int | None = None,
    epochs: int = 1,
    initial_epoch: int = 0,
    validation_data: Any = None,
    validation_batch_size: int | None = None,
    rows: Sequence[Any] | None = None,
    validation_rows: Sequence[Any] | None = None,
    patience: int | None = None,
    min_delta: float = 0.0,
    monitor: str = "val_loss",
    mode: str = "auto",
    restore_best_weights: bool = True,
    keep_best_weights: bool = False,
    shuffle: bool = True,
    max_seconds: float | None = None,
    on_epoch_end: OnEpochEnd | None = None,
    at_once: int | None = None,
    every_number: bool = False,
    backup: Any = None,
    callbacks: Sequence[Any] = (),
) -> list[MemberHistory]:
    """Train models that are alike up to numbers, in one compiled program.

    Each ends with what ``model.fit`` on its own rows would have made of it: its weights, the state
    of its optimizer, its history, up to the rounding of sums. What may differ from model to model
    are the seed, the initial values, and the numbers that layers, losses, regularizers and
    optimizers hold, such as learning rates, rates of dropout, weight decay, label smoothing.

    Args:
        models: built or with known inputs, and compiled. See `groups_of` for models of which not
            all are alike.
        x: what all of them learn from: arrays or tables, of which there is one copy.
        y: the targets.
        sample_weight: a weight for each row.
        class_weight: a weight for each class, or ``"balanced"``, over all rows; see ``fit``.
        batch_size: the rows of a step; 32 by default.
        epochs: the number of the last epoch.
        initial_epoch: the epoch to begin with, to go on with a training.
        validation_data: ``(x, y)`` or ``(x, y, sample_weight)``, for all of them.
        validation_batch_size: the rows of a step of validation; ``batch_size`` by default.
        rows: for each model the numbers of the rows that it learns from, in any order and number
            (a bootstrap sample has some twice); all rows by default.
        validation_rows: for each model the numbers of the rows of ``x`` that it is validated with,
            in place of ``validation_data``.
        patience: stop a member after so many epochs without improvement of ``monitor``; None
            trains all epochs.
        min_delta, monitor, mode: see `maeum.callbacks.EarlyStopping`.
        restore_best_weights: with ``patience``, whether a member ends with the weights of its best
            epoch. (To keep the best without stopping, give as much patience as epochs.)
        keep_best_weights: with ``patience``, whether the weights of the best epoch are kept in the
            history, and the member ends with its last ones.
        shuffle: whether each member takes its rows in another order in every epoch.
        max_seconds: end with the epoch in which so much time is over.
        on_epoch_end: called with the epoch and the logs of each member (None for one that is not
            trained any more); may return the numbers of members to stop.
        at_once: how many members one call of the program trains; chosen by default.
        every_number: whether numbers are inputs of the program although they are equal for all of
            the models: others that are like them are then trained by the same program later.

    Returns:
        A history for each. A member whose loss becomes NaN or infinite ends there
        (``history.failed``), and the others go on.

    Raises:
        ConfigError: if the models are not alike, or are the same, or share weights; for arguments
            that make no sense.
        DataError, ShapeError: for data that do not fit.

    Example:
        >>> import numpy as np
        >>> import maeum as mm
        >>> def network(seed):
        ...     model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(1)], seed=seed)
        ...     model.compile(mm.optimizers.Adam(0.1 * (seed + 1)), "mse")
        ...     return model
        >>> x = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
        >>> models = [network(seed) for seed in range(4)]
        >>> histories = fit_members(models, x, x.sum(1), epochs=2)
        >>> [len(history.history["loss"]) for history in histories]
        [2, 2, 2, 2]
    """
    models = list(models)
    check_members(models)
    epochs = epochs if epochs == 0 else check_count(epochs, "epochs") or 1
    lead = models[0].trainer
    source = _arrays_of(lead.source(x, y, sample_weight, batch_size, class_weight=class_weight))
    train = MemberRows.of(rows, source, models, "rows")
    held_out = _held_out(
        lead, source, validation_data, validation_rows, validation_batch_size or batch_size, models
    )
    with contextlib.ExitStack() as stack:
        for model in models:
            stack.enter_context(model.trainer.turn(fitting=True))
        tested = None if held_out is None else held_out.source
        programs = member_programs(models, source, tested, every_number)
        stoppers: list[EarlyStopping | None] = [None] * len(models)
        if patience is not None:
            _check_monitor(models[0], monitor, held_out is not None)
            stoppers = [EarlyStopping(monitor, min_delta, patience, mode=mode) for _model in models]
        members = [_Member(model, MemberHistory(), one) for model, one in zip(models, stoppers)]
        for member in members:
            member.begin()
        stop, first, kept = Stop(), initial_epoch, Members(members)
        checkpoints: MemberBackup | None = None
        checkpointer = stack.enter_context(as_checkpointer(backup, ()))
        if checkpointer is not None:
            options = FitOptions(
                x, y, batch_size, epochs, class_weight=class_weight, shuffle=shuffle,
                initial_epoch=initial_epoch, validation_batch_size=validation_batch_size,
            )  # fmt: skip
            checkpoints = MemberBackup(checkpointer, [kept, *callbacks], models, options)
            held_rows = [] if held_out is None else held_out.rows
            first = checkpoints.begin(programs, source, held_out, [train.rows, held_rows])
        with stop.listening(terminate=checkpoints is not None):
            keeps = patience is not None and (restore_best_weights or keep_best_weights)
            pool = stack.enter_context(ThreadPoolExecutor(processors()))
            chunks = Chunks(models, programs, train, held_out, shuffle, keeps, at_once, stop, pool)
            chunks.restores = not keep_best_weights
            kept.chunks = chunks
            chunks.go_on({n for n, member in enumerate(members) if member.over}, kept.best)
            wanted = range(first, epochs)
            done = _train(members, chunks, wanted, max_seconds, on_epoch_end, checkpoints)
            if checkpoints is not None:
                checkpoints.close(stop, done, chunks)
            chunks.put_rest()
        for number, member in enumerate(members):
            member.history.interrupted = stop.asked
            member.history.best_weights = chunks.best_weights.get(number)
            finalize = getattr(member.model.optimizer, "finalize_variable_values", None)
            if finalize is not None:
                finalize(member.model.trainable_variables)
    return [member.history for member in members]


def _train(
    members: list[_Member],
    chunks: Chunks,
    epochs: range,
    max_seconds: float | None,
    on_epoch_end: OnEpochEnd | None,
    checkpoints: MemberBackup | None,
) -> int:
    """Train for some epochs; return how many are done, those before these included."""
    end = None if max_seconds is None else time.monotonic() + max_seconds
    for epoch in epochs if chunks.left else ():
        found = chunks.epoch()
        if found is None:  # Ctrl-C
            return epoch
        better = {
            number for number, (logs, finite) in found.items()
            if members[number].after(epoch, logs, finite)
        }  # fmt: skip
        chunks.note_best(better)
        if on_epoch_end is not None:
            told = [found[n][0] if n in found else None for n in range(len(members))]
            for number in on_epoch_end(epoch, told) or ():
                members[number].over = True
        chunks.finish({number for number in found if members[number].over})
        over = not chunks.left or (end is not None and time.monotonic() >= end)
        if checkpoints is not None:
            checkpoints.after(epoch + 1, chunks, over or epoch == epochs[-1])
        if over:
            return epoch + 1
    return epochs.stop


def _held_out(
    lead: Any, source: ArraySource, data: Any, rows: Any, batch_size: int | None, models: list
) -> MemberRows | None:
    """Return what each member is validated with."""
    if rows is None and data is None:
        return None
    if rows is not None and data is not None:
        raise ConfigError("Give validation_data or validation_rows, not both.")
    if rows is not None:
        same = ArraySource(source.data, batch_size)
        return MemberRows.of(rows, same, models, "validation_rows")
    return same_for_all(_arrays_of(lead.validation_source(data, batch_size, None)), models)


def _arrays_of(source: Source) -> ArraySource:
    if isinstance(source, ArraySource):
        return source
    raise ConfigError(
        "Members share arrays; a source that gives one batch after the other serves one model only."
    )


def _check_monitor(model: Any, monitor: str, validates: bool) -> None:
    names = ["loss", *model.losses_and_metrics.logged_names]
    known = [*names, *(f"val_{name}" for name in names if validates)]
    if monitor not in known:
        raise ConfigError(
            "patience watches {monitor!r}, which is not among: {known}.{hint} What begins with "
            "val_ needs validation_data or validation_rows.",
            monitor=monitor,
            known=", ".join(dict.fromkeys(known)),
            hint=nearest(monitor, known),
        )
