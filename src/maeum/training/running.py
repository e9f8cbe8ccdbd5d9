"""One pass over a source of batches: an epoch of training, or an evaluation."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from maeum.callbacks import CallbackList
from maeum.training.chunks import Chunk, Chunks
from maeum.training.interrupts import unbroken
from maeum.training.program import Logs, Program

_LIVE = 0.1  # seconds between two calls of the program while a display is shown
_QUIET = 0.5  # and otherwise: Ctrl-C is noticed after so long


class StepsPerCall:
    """How many steps to run in one call of the program: as many as fit into a fraction of a second.

    Args:
        fixed: the steps of every call, because callbacks are called after so many; None to adapt.
        live: a display is shown.
    """

    def __init__(self, fixed: int | None, live: bool):
        self.fixed = fixed
        self.seconds = _LIVE if live else _QUIET
        self.count = fixed or 32
        self._measured = False

    def took(self, steps: int, seconds: float) -> None:
        """Learn from a call that ran so many steps."""
        if self.fixed is not None or not steps:
            return
        if not self._measured:  # the first call compiled the program
            self._measured = True
            return
        fitting = int(steps * self.seconds / max(seconds, 1e-6))
        self.count = max(1, min(fitting, self.count * 16))


@dataclass(eq=False, repr=False)
class Pass:
    """One pass over a source.

    Args:
        program: the compiled steps.
        key: the key of all random numbers.
        steps_per_call: the steps after which callbacks with batch hooks are called.
        hooks: the callbacks.
        phase: "train" or "test".
        between: called after every call of the program with the chunk's position, the steps done
            and the logs; it returns after how many more steps it wants to be called at the latest.

    Attributes:
        done: the steps done, those of an earlier process included if the pass was resumed.
    """

    program: Program
    key: Any
    steps_per_call: int
    hooks: CallbackList
    phase: str
    between: Callable[[int, int, Logs], int | None] | None = None
    done = 0
    _due: int | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.progress = self.phase == "train" and self.hooks.wants("progress")
        watched = self.hooks.wants(self.phase)
        self.steps = StepsPerCall(self.steps_per_call if watched else None, self.progress)

    def __call__(
        self,
        chunks: Chunks,
        stopped: Callable[[], bool],
        done: int = 0,
        logs: Logs | None = None,
    ) -> Logs | None:
        """Run every step; return the last logs, None if there was no step.

        Args:
            chunks: the rows and the steps to take over them.
            stopped: asked after each call of the program, tells whether the pass should end early.
            done: the steps of this pass that an earlier process did.
            logs: what it logged.
        """
        self.done, self._due = done, None
        if done and stopped():  # in the step that was the last of an earlier process
            return logs
        with contextlib.closing(chunks):
            for chunk in chunks:
                position = 0
                while position < chunk.steps:
                    logs, ran = self._call(chunk, position, stopped())
                    position += ran
                    if self.between is not None:
                        self._due = self.between(chunk.first + position, self.done, logs)
                    if stopped():
                        return logs
        return logs

    def _call(self, chunk: Chunk, position: int, stopped: bool) -> tuple[Logs, int]:
        """Run the program once; return the logs and how many steps that were."""
        # Who wants to stop before the first step gets one step, as in Keras.
        count = min(1 if stopped else self.steps.count, chunk.steps - position)
        hooks = self.steps.fixed is not None
        if self._due is not None and not hooks:  # callbacks are called when they are anyway
            count = min(count, max(1, self._due))
        if hooks:
            self.hooks.call(f"on_{self.phase}_batch_begin", self.done, {})
        began = time.perf_counter()
        with unbroken():
            result = self.program(chunk, position, position + count, self.key)
        logs, ran, finite = to_host(*result)  # waits for the device
        self.steps.took(ran, time.perf_counter() - began)
        self.done += ran
        if not finite:
            last = position + ran - 1
            raise NotFinite(self.done, chunk, last, logs)
        if hooks:
            self.hooks.call(f"on_{self.phase}_batch_end", self.done - 1, dict(logs))
        elif self.progress:
            self.hooks.call("on_train_progress", self.done, dict(logs))
        return logs, ran


class NotFinite(Exception):
    """The loss of a step was not finite.

    Args:
        step: the number of the step in its pass, from 1.
        chunk: the rows that it was taken over,
        place: and its number among the steps over them, from 0.
        logs: what the step told.
    """

    def __init__(self, step: int, chunk: Chunk, place: int, logs: Logs):
        self.step, self._chunk, self._place, self.logs = step, chunk, place, logs

    def batch(self) -> tuple[Any, np.ndarray]:
        """Return the inputs of the step, and the numbers of their rows."""
        size = self._chunk.batch_size
        rows = np.asarray(self._chunk.order)[self._place * size : (self._place + 1) * size]
        return jax.tree.map(lambda array: np.asarray(array)[rows], self._chunk.data[0]), rows


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
