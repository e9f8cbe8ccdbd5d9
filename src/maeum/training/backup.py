"""Exact resume: a training that was killed goes on where it was, as if nothing had happened.

What a step does follows from the state, the seed and the position in the data. So a checkpoint
holds these, and what the callbacks and the history know. It is copied between two steps and written
by a thread of its own, while the training goes on.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from maeum.callbacks import BackupAndRestore
from maeum.core.checks import check_whole, is_number
from maeum.core.errors import ConfigError, SaveError
from maeum.core.variable import Variable, take_values
from maeum.training.checkpoint_files import Checkpoint, CheckpointFolder
from maeum.training.identity import differences
from maeum.training.state import check_fit, copies

EXIT_CODE = 143  # 128 + SIGTERM: asked to end, and all is written


@dataclass(frozen=True)
class Backup:
    """Where and how often ``fit`` writes checkpoints: ``fit(..., backup=Backup(folder))``.

    The same ``fit`` called again, in this process or another, goes on from the newest one. If all
    epochs were trained already, it returns at once, with the trained weights and the history.

    Args:
        folder: the folder of the checkpoints, for this training alone.
        epochs: write one after every so many epochs; None for the last one alone.
        steps: and after every so many steps, if given.
        minutes: and after so many minutes, if given.
        keep: how many are kept.
        overhead: the fraction of the time that checkpoints may take at most: those that would cost
            more are left out, which a small and fast training soon makes up for.
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
        if self.epochs is not None:
            check_whole(self.epochs, "epochs")
        check_whole(self.keep, "keep")
        if self.steps is not None:
            check_whole(self.steps, "steps")
        if not is_number(self.overhead) or not 0 < self.overhead <= 1:
            raise ConfigError(f"overhead is a fraction above 0, at most 1; got {self.overhead!r}.")
        if self.minutes is not None and not self.minutes > 0:
            raise ConfigError(f"minutes is a number above 0; got {self.minutes!r}.")


@contextlib.contextmanager
def as_checkpointer(backup: Any, callbacks: Any = None) -> Iterator[Checkpointer | None]:
    """Keep the folder of checkpoints for this process, if there are to be any.

    Args:
        backup: a folder, a `Backup`, or None.
        callbacks: those of ``fit``, of which one may be a `BackupAndRestore`.

    Raises:
        ConfigError: if both name a folder.
        SaveError: if the folder cannot be written, or another process has it.
    """
    listed = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]
    found = [Backup(**c.backup) for c in listed if isinstance(c, BackupAndRestore)]
    if backup is not None:
        found.append(backup if isinstance(backup, Backup) else Backup(backup))
    if len(found) > 1:
        raise ConfigError(
            f"Checkpoints go to one folder; got {', '.join(str(each.folder) for each in found)}."
        )
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
        stopped: whether a callback ended the training.
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
    identity: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    callbacks: list[Any] = field(default_factory=list)
    seed: int = 0

    def __post_init__(self) -> None:
        self._writer = _Writer(self.folder.write)
        self._steps = 0
        self._written = time.perf_counter()
        self._taken = 0.0  # seconds that the latest checkpoint took this thread

    def begin(
        self, identity: dict[str, Any], variables: dict[str, Variable], callbacks: list[Any]
    ) -> Position:
        """Note what belongs to the training, and return where it is.

        Raises:
            ConfigError: if the checkpoint is one of another training; nothing is changed then.
        """
        self.identity, self.variables, self.callbacks = identity, variables, callbacks
        if self.saved is None:
            return Position()
        facts, where = self.saved.facts, str(self.folder.path)
        found = differences(facts["identity"], identity)
        if found:
            raise ConfigError(
                f"The training in {where!r} is another one than this: {'; '.join(found)}. Go on "
                "with the same, or choose another folder (or delete this one)."
            )
        states = [saved["name"] for saved in facts["callbacks"] if saved["state"]]
        here = [type(callback).__name__ for callback in callbacks]
        missing = [name for name in states if states.count(name) > here.count(name)]
        if missing:
            raise ConfigError(
                f"The training in {where!r} had the callback {missing[0]}, which knows something "
                "of it, and now there is none. Give the same callbacks."
            )
        arrays = self._model_arrays()
        check_fit({name: array.shape for name, array in arrays.items()}, variables, "A checkpoint")
        return Position(**facts["position"])

    def restore(self) -> None:
        """Give variables and callbacks what they had."""
        assert self.saved is not None
        arrays = self._model_arrays()
        for name, array in arrays.items():
            self.variables[name].assign(array)
        waiting = list(self.callbacks)
        for number, saved in enumerate(self.saved.facts["callbacks"]):
            named = (c for c in waiting if type(c).__name__ == saved["name"])
            callback = next(named, None)
            if callback is not None:
                waiting.remove(callback)
                if saved["state"]:
                    callback.set_state(_joined(saved["state"], self.saved.arrays, number))

    def _model_arrays(self) -> dict[str, np.ndarray]:
        assert self.saved is not None
        arrays = self.saved.arrays.items()
        return {k.removeprefix("model/"): a for k, a in arrays if k.startswith("model/")}

    def after_steps(self, where: Position, ran: int) -> int | None:
        """Write a checkpoint within an epoch if it is time.

        Returns:
            After how many more steps it will be, at the latest.
        """
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
        return max(1, every - self._steps, int(pace * (self._rest() - passed)))

    def after_epoch(self, where: Position, last: bool) -> None:
        """Write a checkpoint between two epochs if it is time, and after the last one."""
        every = self.backup.epochs
        if last or (every and where.epoch % every == 0 and self._affordable()):
            self.write(where)

    def _affordable(self) -> bool:
        """Tell whether a checkpoint now would not take too much of the time."""
        passed = time.perf_counter() - self._written
        return not self._writer.busy and passed >= self._rest()

    def _rest(self) -> float:
        """Return how many seconds after the latest checkpoint the next one may be taken."""
        if self.backup.overhead == 1:
            return 0.0
        return (self._taken + self._writer.seconds) / self.backup.overhead

    def write(self, where: Position) -> None:
        """Take a checkpoint, and let it be written while the training goes on."""
        began = time.perf_counter()
        names = list(self.variables)
        values = _copied(take_values(self.variables.values()))
        states = []
        held: dict[str, Any] = {}
        for number, callback in enumerate(self.callbacks):
            state = callback.get_state() if hasattr(callback, "get_state") else {}
            plain = _apart(state, held, number)
            states.append({"name": type(callback).__name__, "state": plain})
        facts = {
            "identity": self.identity,
            "seed": self.seed,
            "position": asdict(where),
            "callbacks": states,
        }

        def checkpoint() -> Checkpoint:
            arrays = {f"model/{name}": np.asarray(v) for name, v in zip(names, values)}
            return Checkpoint({**arrays, **held}, facts)

        self._writer.put(checkpoint)
        self._steps, self._written = 0, time.perf_counter()
        self._taken = self._written - began

    def check_written(self) -> None:
        """Raise `SaveError` if the last checkpoint could not be written."""
        if self._writer.failed is not None:
            raise self._writer.failed

    def close(self, over: bool) -> None:
        """Write what is still to be written; delete all if that was asked for and all is over."""
        self._writer.close()
        if over and self.backup.delete:
            self.folder.clear()


class _Writer:
    """A thread that writes one checkpoint at a time; while it is busy, the newest one waits."""

    def __init__(self, write: Callable[[Checkpoint], None]):
        self._write = write
        self._waiting: Callable[[], Checkpoint] | None = None
        self._changed = threading.Condition()
        self._writing = False
        self._closed = False
        self.seconds = 0.0  # that the latest checkpoint took
        self.failed: SaveError | None = None
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether a checkpoint is being written."""
        return self._writing or self._waiting is not None

    def put(self, checkpoint: Callable[[], Checkpoint]) -> None:
        """Let a checkpoint be written next."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="maeum-backup", daemon=True)
            self._thread.start()
        with self._changed:
            self._waiting = checkpoint
            self._changed.notify_all()

    def close(self) -> None:
        """Write what waits, and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting is not None or self._closed)
                if self._waiting is None:
                    return
                checkpoint, self._waiting, self._writing = self._waiting, None, True
            began = time.perf_counter()
            try:
                self._write(checkpoint())
                self.failed = None
            except SaveError as error:  # the training is worth more than a checkpoint of it
                if self.failed is None:
                    warnings.warn(f"A checkpoint was not written: {error}", stacklevel=2)
                self.failed = error
            finally:
                with self._changed:
                    self.seconds = time.perf_counter() - began
                    self._writing = False
                    self._changed.notify_all()


def _copied(values: list[Any]) -> list[Any]:
    """Return copies: within a device's memory, which is quick, and is not waited for."""
    if all(device.platform == "cpu" for value in values for device in value.devices()):
        return [np.array(value) for value in values]  # no program has to be compiled for that
    return copies(values)


def _apart(state: Any, held: dict[str, Any], number: int) -> Any:
    """Return a callback's state as JSON; its arrays go to ``held``, named in their place."""
    if isinstance(state, dict):
        return {key: _apart(part, held, number) for key, part in state.items()}
    if isinstance(state, (list, tuple)):
        return [_apart(part, held, number) for part in state]
    if isinstance(state, np.ndarray):
        name = f"callbacks/{number}/{len(held)}"
        held[name] = state
        return {"array": name}
    return state.item() if isinstance(state, np.generic) else state


def _joined(state: Any, arrays: Any, number: int) -> Any:
    """Undo `_apart`."""
    if isinstance(state, dict):
        if set(state) == {"array"}:
            return arrays[state["array"]]
        return {key: _joined(part, arrays, number) for key, part in state.items()}
    return [_joined(part, arrays, number) for part in state] if isinstance(state, list) else state
