"""Exact resume: a training that was killed goes on where it was, as if nothing had happened.

What a step does follows from the state, the seed and the position in the data. So a checkpoint
holds these, and what the callbacks and the history know. It is copied between two steps and written
by a thread of its own, while the training goes on.
"""

from __future__ import annotations

import contextlib
import os
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent import futures
from dataclasses import asdict, dataclass, field
from typing import Any

import jax
import numpy as np

from maeum.callbacks import BackupAndRestore
from maeum.core.checks import check_positive, check_whole, is_number
from maeum.core.errors import ConfigError, SaveError
from maeum.core.messages import _
from maeum.core.variable import Variable, take_values
from maeum.training.checkpoint_files import Checkpoint, CheckpointFolder
from maeum.training.checkpoint_values import decoded, encoded
from maeum.training.identity import differences
from maeum.training.state import check_fit, copies

EXIT_CODE = 143  # 128 + SIGTERM: asked to end, and all is written


@dataclass(frozen=True)
class Backup:
    """Where and how often ``fit`` writes checkpoints: ``fit(..., backup=Backup(folder))``.

    The same ``fit`` called again, in this process or another, goes on from the newest one. If all
    epochs were trained already, it returns at once, with the trained weights and the history.
    A data source gives the same batches again: one with random numbers of its own is seeded.

    Args:
        folder: the folder of the checkpoints, for this training alone.
        epochs: write one after every so many epochs; None for the last one alone.
        steps: and after every so many steps, if given.
        minutes: and after so many minutes, if given.
        keep: how many are kept.
        overhead: the fraction of the time that checkpoints may take at most: those that would cost
            more are skipped, which a small and fast training soon makes up for. With 1 none is
            skipped: the training waits for the one before.
        delete: whether they are deleted once the training is over.

    Example:
        >>> import numpy as np, maeum as mm
        >>> def train():
        ...     model = mm.Sequential([mm.Input((2,)), mm.layers.Dense(1)])
        ...     model.compile("adam", "mse")
        ...     model.fit(np.ones((8, 2)), np.ones(8), epochs=3, verbose=0, backup=Backup("run"))
        ...     return model
        >>> np.array_equal(train().get_weights()[0], train().get_weights()[0])
        True
    """

    folder: str | os.PathLike
    epochs: int | None = 1
    steps: int | None = None
    minutes: float | None = None
    keep: int = 2
    overhead: float = 0.02
    delete: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.folder, (str, os.PathLike)):
            raise ConfigError(
                "The folder of the checkpoints is a path; got {folder!r}.", folder=self.folder
            )
        for name in ("epochs", "steps", "keep"):
            if getattr(self, name) is not None or name == "keep":
                check_whole(getattr(self, name), name)
        if not is_number(self.overhead) or not 0 < self.overhead <= 1:
            raise ConfigError(
                "overhead is a fraction above 0, at most 1; got {overhead!r}.",
                overhead=self.overhead,
            )
        if self.minutes is not None:
            check_positive(self.minutes, "minutes")


@contextlib.contextmanager
def as_checkpointer(backup: Any, callbacks: Iterable[Any]) -> Iterator[Checkpointer | None]:
    """Keep the folder of checkpoints for this process, if there are to be any.

    Args:
        backup: a folder, a `Backup`, or None.
        callbacks: those of ``fit``, of which one may be a `BackupAndRestore`.

    Raises:
        ConfigError: if both name a folder.
        SaveError: if the folder cannot be written, or another process has it.
    """
    found = [Backup(**c.backup) for c in callbacks if isinstance(c, BackupAndRestore)]
    if backup is not None:
        found.append(backup if isinstance(backup, Backup) else Backup(backup))
    if len(found) > 1:
        folders = ", ".join(str(each.folder) for each in found)
        raise ConfigError("Checkpoints go to one folder; got {folders}.", folders=folders)
    if not found:
        yield None
        return
    with CheckpointFolder(found[0].folder, found[0].keep).locked() as folder:
        yield Checkpointer(found[0], folder, folder.newest())


@dataclass
class Position:
    """Where a training is.

    Attributes:
        epoch: the epoch that is being trained, from 0.
        done: its steps that are done.
        batches: how many batches the source gave, since it began.
        first_step: the steps of training before this epoch.
        logs: what was logged last.
        stopped: whether a callback ended the training, or this epoch.
    """

    epoch: int = 0
    done: int = 0
    batches: int = 0
    first_step: int = 0
    logs: dict[str, Any] | None = None
    stopped: bool = False


@dataclass
class Checkpointer:
    """Writes the checkpoints of a training, and takes it back to the newest.

    Args:
        backup: where and how often.
        folder: the folder, locked for this process.
        saved: the newest checkpoint in it, if there is one.
    """

    backup: Backup
    folder: CheckpointFolder
    saved: Checkpoint | None
    facts: dict[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Variable] = field(default_factory=dict)
    callbacks: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._writer = _Writer(self.folder.write)
        self._warned = False
        self._steps = 0
        self._written = time.perf_counter()
        self._taken = 0.0  # seconds that the latest checkpoint took this thread

    def begin(
        self,
        identity: dict[str, Any],
        seed: int,
        variables: Mapping[str, Variable],
        callbacks: list[Any],
    ) -> tuple[Position, int] | None:
        """Note what belongs to the training; return where it is, and its seed, if it goes on.

        Raises:
            ConfigError: if the checkpoint is one of another training; nothing is changed then.
        """
        self.facts = {"identity": identity, "seed": seed}
        self.variables, self.callbacks = variables, callbacks
        if self.saved is None:
            return None
        facts, folder = self.saved.facts, str(self.folder.path)
        found = differences(facts["identity"], identity)
        if found:
            raise ConfigError(
                "The training in {folder!r} is another one than this: {differences}. Go on "
                "with the same, or choose another folder (or delete this one).",
                folder=folder,
                differences="; ".join(found),
            )
        states = [saved["name"] for saved in facts["callbacks"] if saved["state"]]
        here = [type(callback).__name__ for callback in callbacks]
        missing = [name for name in states if states.count(name) > here.count(name)]
        if missing:
            raise ConfigError(
                "The training in {folder!r} had the callback {name}, which knows something of "
                "it, and now there is none. Give the same callbacks.",
                folder=folder,
                name=missing[0],
            )
        saved = {name: array.shape for name, array in self._model_arrays().items()}
        check_fit(saved, variables)
        new = next((name for name in variables if name not in saved), None)
        if new is not None:
            raise ConfigError(
                "The checkpoints in {folder!r} do not hold {name!r}, which this model has. "
                "Compile it as it was, and give it the same layers.",
                folder=folder,
                name=new,
            )
        self.facts["seed"] = facts["seed"]
        return Position(**facts["position"]), facts["seed"]

    def restore(self) -> None:
        """Give variables and callbacks what they had."""
        assert self.saved is not None
        for name, array in self._model_arrays().items():
            self.variables[name].assign(array)
        waiting = list(self.callbacks)
        for saved in self.saved.facts["callbacks"]:
            callback = next((c for c in waiting if type(c).__name__ == saved["name"]), None)
            if callback is not None:
                waiting.remove(callback)
                if saved["state"]:
                    callback.set_state(decoded(saved["state"], self.saved.arrays))

    def _model_arrays(self) -> dict[str, np.ndarray]:
        assert self.saved is not None
        arrays = self.saved.arrays.items()
        return {k.removeprefix("model/"): a for k, a in arrays if k.startswith("model/")}

    def after_steps(self, where: Position, ran: int) -> int | None:
        """Write a checkpoint within an epoch if it is time.

        Returns:
            After how many more steps it will be, at the latest.
        """
        self._warn_of_failure()
        self._steps += ran
        minutes, every = self.backup.minutes, self.backup.steps
        passed = time.perf_counter() - self._written
        due = every is not None and self._steps >= every
        if minutes is not None:
            due = due or passed >= 60 * minutes
        if due and self._affordable():
            self.write(where)
            passed = 0.0
        if every is None:
            return None
        pace = self._steps / passed if passed else 0.0
        rest = 0.0 if self.backup.overhead == 1 else self._rest() - passed
        return max(1, every - self._steps, int(pace * rest))

    def after_epoch(self, where: Position, last: bool) -> None:
        """Write a checkpoint between two epochs if it is time, and after the last one."""
        if self.due(where.epoch, last):
            self.write(where)

    def due(self, epochs: int, last: bool) -> bool:
        """Tell whether it is time for a checkpoint after so many epochs."""
        self._warn_of_failure()
        every = self.backup.epochs
        return last or bool(every and epochs % every == 0 and self._affordable())

    def _affordable(self) -> bool:
        """Tell whether a checkpoint now would not take too much of the time."""
        if self.backup.overhead == 1:
            self._writer.wait()
            return True
        passed = time.perf_counter() - self._written
        return not self._writer.busy and passed >= self._rest()

    def _rest(self) -> float:
        """Return how many seconds after the latest checkpoint the next one may be taken."""
        return (self._taken + self._writer.seconds) / self.backup.overhead

    def write(self, where: Position) -> None:
        """Take a checkpoint, and let it be written while the training goes on.

        Raises:
            ConfigError: if a callback's state holds what a checkpoint cannot hold.
        """
        began = time.perf_counter()
        held: dict[str, np.ndarray] = {}
        callbacks = [_described(callback, held) for callback in self.callbacks]
        facts = {**self.facts, "position": asdict(where), "callbacks": callbacks}
        names = list(self.variables)
        values = _copied(take_values(self.variables.values()))

        def checkpoint() -> Checkpoint:
            arrays = {f"model/{name}": np.asarray(v) for name, v in zip(names, values)}
            return Checkpoint({**arrays, **held}, facts)

        self._writer.put(checkpoint)
        self._steps, self._written = 0, time.perf_counter()
        self._taken = self._written - began

    def _warn_of_failure(self) -> None:
        """Warn if a checkpoint was not written: the training is worth more than that."""
        error = self._writer.error
        if error is not None and not self._warned:
            reason = str(error) if isinstance(error, SaveError) else repr(error)
            warnings.warn(_("A checkpoint was not written: {reason}", reason=reason), stacklevel=2)
        self._warned = error is not None

    def check_written(self) -> None:
        """Raise what kept the last checkpoint from being written, if something did."""
        if self._writer.error is not None:
            raise self._writer.error

    def close(self, over: bool) -> None:
        """Write what is still to be written; delete all if that was asked for and all is over."""
        self._writer.close()
        self._warn_of_failure()
        if over and self.backup.delete:
            self.folder.clear()


class _Writer:
    """Writes one checkpoint at a time in a thread; while it is busy, the newest one waits."""

    def __init__(self, write: Callable[[Checkpoint], None]):
        self._write = write
        self._pool = futures.ThreadPoolExecutor(1, "maeum-backup")
        self._latest: futures.Future = futures.Future()
        self._latest.set_result(None)
        self.seconds = 0.0  # that the latest checkpoint took
        self.error: BaseException | None = None  # of the latest checkpoint

    @property
    def busy(self) -> bool:
        """Whether a checkpoint is being written."""
        return not self._latest.done()

    def put(self, checkpoint: Callable[[], Checkpoint]) -> None:
        """Let a checkpoint be written next."""
        self._latest.cancel()  # if it still waits
        self._latest = self._pool.submit(self._work, checkpoint)

    def wait(self) -> None:
        """Wait until all is written."""
        futures.wait([self._latest])

    def close(self) -> None:
        """Write what waits, and end the thread."""
        self._pool.shutdown()

    def _work(self, checkpoint: Callable[[], Checkpoint]) -> None:
        began = time.perf_counter()
        error: BaseException | None = None
        try:
            self._write(checkpoint())
        except BaseException as caught:  # the thread of the training tells it
            error = caught
        self.seconds, self.error = time.perf_counter() - began, error


def _copied(values: list[jax.Array]) -> list[Any]:
    """Return copies: within a device's memory, which is quick, and is not waited for."""
    if all(device.platform == "cpu" for value in values for device in value.devices()):
        return [np.array(value) for value in values]  # no program has to be compiled for that
    return copies(values)


def _described(callback: Any, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return what a checkpoint holds of a callback; its arrays are added to ``arrays``."""
    name = type(callback).__name__
    state = callback.get_state() if hasattr(callback, "get_state") else None
    try:
        return {"name": name, "state": encoded(state, arrays) if state else None}
    except TypeError as error:
        raise ConfigError(
            "The callback {name} cannot be kept in a checkpoint: its state holds {value}. "
            "What get_state() returns may hold numbers, texts, arrays, lists, tuples, sets "
            "and dicts.",
            name=name,
            value=error,
        ) from None
