"""Truncated backpropagation through time: long sequences, learnt some steps at a time.

A batch is cut into stretches of ``length`` time steps. Recurrent layers go on from the states that
the stretch before left behind, as numbers: no gradient flows back into it (Williams and Peng,
1990). Where every time step has a target, each stretch is a step of training; where there is one
target for the whole sequence, only the last stretch is, and what came before is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ConfigError, DataError
from maeum.core.loops import scan
from maeum.core.randomness import at_step
from maeum.core.scope import Scope, current_scope
from maeum.core.variable import Variable

Logs = dict[str, Any]


@dataclass(eq=False, repr=False)
class Truncated:
    """A step of training that learns a batch of sequences in stretches.

    Args:
        step: the step for one batch, ``step((x, y, sample_weight)) -> logs``.
        forward: runs the model on inputs as in training.
        counter: the variable that counts the steps, which random keys depend on.
        length: the time steps of a stretch.
        stateful: whether there are layers that keep their states by themselves.
    """

    step: Callable[[tuple], Logs]
    forward: Callable[[Any], Any]
    counter: Variable
    length: int
    stateful: bool = False

    def __call__(self, data: tuple) -> Logs:
        """Learn from one batch; return the logs of the last stretch."""
        x, y, _ = data
        steps = _time_steps(x)
        if steps <= self.length:
            return self.step(data)
        if any(_has_time(a, steps) for a in jax.tree.leaves(y)):
            return self._every_stretch(data, steps)
        return self._last_stretch(data, steps)

    def _last_stretch(self, data: tuple, steps: int) -> Logs:
        """Read all but the last stretch, and learn from that."""
        x, y, weight = data
        first = steps - self.length
        scope = _scope()
        with scope.restarted({}, scope.key) as reading:
            reading.carried = {}
            self.forward(_cut(x, steps, 0, first))
        self._check_carried(reading.left)
        for variable, value in reading.updates.items():
            scope.write(variable, value)
        last = _cut(x, steps, first, self.length), y, weight
        return self._stretch(last, reading.left, scope)[1]

    def _every_stretch(self, data: tuple, steps: int) -> Logs:
        """Learn from one stretch after the other."""
        length, (count, rest) = self.length, divmod(steps, self.length)

        def learn(states: Any, number: Any) -> tuple[Any, tuple]:
            inner = _scope()
            stretch = _cut(data, steps, number * length, length)
            states, logs = self._stretch(stretch, states, inner)
            return states, (logs, inner.watched)

        states = self._first_states(_cut(data, steps, 0, length))
        scanned: Any = scan(learn, states, jnp.arange(count))
        states, (logs, watched) = scanned
        logs = jax.tree.map(lambda log: log[-1], logs)
        scope = _scope()
        if rest:
            _, logs = self._stretch(_cut(data, steps, count * length, rest), states, scope)
            watched = None if watched is None else jnp.append(watched, scope.watched)  # type: ignore[arg-type]
        scope.watched = watched
        return logs

    def _stretch(self, data: tuple, states: Any, scope: Scope) -> tuple[Any, Logs]:
        """Learn from one stretch as a step of its own; return the states after it, and the logs."""
        key = None if scope.key is None else at_step(scope.key, self.counter.value)
        with scope.restarted({}, key) as inner:
            inner.carried = states
            logs = self.step(data)
        for variable, value in inner.updates.items():
            scope.write(variable, value)
        scope.watched = inner.watched
        return jax.tree.map(jax.lax.stop_gradient, inner.left), logs

    def _first_states(self, data: tuple) -> Any:
        """Return states of zeros for the layers that will go on from one."""

        def run(data: tuple) -> Any:
            with _scope().child({}) as inner:
                return self._stretch(data, {}, inner)[0]

        states = jax.eval_shape(run, data)
        self._check_carried(states)
        return jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), states)

    def _check_carried(self, states: Any) -> None:
        if not states and not self.stateful:
            raise ConfigError(
                "truncate cuts sequences for recurrent layers, and the model has none that "
                "could go on with its state. Train it without truncate."
            )


def _scope() -> Scope:
    scope = current_scope()
    assert scope is not None
    return scope


def _time_steps(x: Any) -> int:
    """Return the number of time steps of the inputs: the size of their second axis."""
    sizes = {a.shape[1] for a in jax.tree.leaves(x) if a.ndim > 1}
    if len(sizes) != 1:
        found = " and ".join(map(str, sorted(sizes))) or "none"
        raise DataError(
            "With truncate, every input is a batch of sequences with the same number of "
            "time steps, (rows, steps, ...); found lengths: {found}.",
            found=found,
        )
    return sizes.pop()


def _has_time(array: Any, steps: int) -> bool:
    return array.ndim > 1 and array.shape[1] == steps


def _cut(data: Any, steps: int, start: Any, count: int) -> Any:
    """Return ``count`` time steps from ``start``, which may be traced, of what has such an axis."""

    def cut(array: Any) -> Any:
        if not _has_time(array, steps):
            return array
        return jax.lax.dynamic_slice_in_dim(array, start, count, axis=1)

    return jax.tree.map(cut, data)
