"""The compiled program: many steps of training or evaluation in one call.

What a step reads and writes are variables (of the model, the optimizer and the metrics); the
program takes their values, runs ``stop - start`` steps in a loop whose length is only known at
run time, and returns the new values. One compilation serves every length.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import ConfigError
from maeum.core.functional import scope_of
from maeum.core.randomness import at_step
from maeum.core.scope import Scope
from maeum.core.variable import Variable, materialize
from maeum.training.sources import Chunk

Logs = dict[str, Any]


class Program:
    """A step of a model, compiled together with the loop around it.

    Args:
        model: the built model whose random keys and layers are used.
        step: ``step((x, y, sample_weight)) -> logs``, run inside the functional bridge.
        results: returns the logs after the last step, from the variables.
        batch: a batch, or its shapes. The step is traced with it once to see which variables it
            reads and which it assigns: these are the state of the program, wherever they are held.
        training: whether layers behave as in training.
        counter: the variable that counts the steps of training, which random keys depend on.
    """

    def __init__(
        self,
        model: Any,
        step: Callable[[tuple], Logs],
        results: Callable[[], Logs] | None,
        batch: Any,
        training: bool,
        counter: Variable,
    ):
        self.model = model
        self.step = step
        self.results = results
        self.training = training
        self.counter = counter
        self.changing, self.fixed = self._discover(batch)
        materialize([*self.changing, *self.fixed])
        self._run = jax.jit(self._steps, static_argnames="batch_size", donate_argnums=0)

    def _discover(self, batch: Any) -> tuple[list[Variable], list[Variable]]:
        """Return the variables that a step assigns, and the others that it reads."""
        scope = Scope(training=self.training, abstract=True)

        def run(batch: Any) -> Any:
            with scope:
                logs = self.step(batch)
                return self.results() if self.results else logs

        def named(batch: Any) -> list:
            logs = run(batch)
            self.names = list(logs)  # a compiled function would return a dict sorted by key
            return list(logs.values())

        jax.eval_shape(named, batch)
        scope.reads.setdefault(self.counter)
        fixed = [v for v in scope.reads if v not in scope.updates]
        return list(scope.updates), fixed

    def __call__(
        self, chunk: Chunk, start: int, stop: int, key: Any
    ) -> tuple[Logs, tuple[Any, Any]]:
        """Run the steps from ``start`` to ``stop`` of a chunk, and assign what they changed.

        Returns:
            The logs after the last step; the number of steps done, which are fewer than asked for
            if the loss of the last one was not finite, and whether it was.
        """
        changing, logs, done = self._run(
            [v._value for v in self.changing],
            [v._value for v in self.fixed],
            chunk.data,
            chunk.order,
            np.int32(start),
            np.int32(stop),
            key,
            batch_size=chunk.batch_size,
        )
        for variable, value in zip(self.changing, changing):
            variable._value = value
        return dict(zip(self.names, logs)), done

    def _one(self, changing: list, fixed: list, batch: tuple, key: Any) -> tuple[list, list, Any]:
        """Run one step as a pure function."""
        values = dict(zip([*self.changing, *self.fixed], [*changing, *fixed]))
        key = at_step(key, values[self.counter])
        with scope_of(self.model, values, training=self.training, key=key) as scope:
            logs = self.step(batch)
            watched = logs.get("loss", 0.0) if scope.watched is None else scope.watched
            # An evaluation reports a NaN rather than stopping at it.
            finite = jnp.all(jnp.isfinite(watched)) if self.training else jnp.asarray(True)
        self._check_known(scope, values)
        new = [scope.updates.get(v, value) for v, value in zip(self.changing, changing)]
        return new, [] if self.results else [logs[name] for name in self.names], finite

    @staticmethod
    def _check_known(scope: Scope, values: dict) -> None:
        strange = next((v for v in scope.updates if v not in values), None)
        if strange is not None:  # what is assigned to it would be lost
            raise ConfigError(
                f"A step assigned the variable {strange.path!r}, which was not there when the "
                "step was traced before. Make variables and metrics in __init__, not in the "
                "step; and give each group of variables an optimizer of its own, because one "
                "optimizer keeps the state of one group."
            )

    def _steps(
        self,
        changing: list,
        fixed: list,
        data: tuple,
        order: Any,
        start: Any,
        stop: Any,
        key: Any,
        *,
        batch_size: int,
    ) -> tuple[list, list, Any]:
        def batch_at(i: Any) -> tuple:
            index = jax.lax.dynamic_slice_in_dim(order, i * batch_size, batch_size)
            return jax.tree.map(lambda a: _rows(a, index), data)

        def going_on(carry: tuple) -> Any:
            i, _, _, finite = carry
            return (i < stop) & finite

        def body(carry: tuple) -> tuple:
            i, changing, _, _ = carry
            changing, logs, finite = self._one(changing, fixed, batch_at(i), key)
            return i + 1, changing, logs, finite

        empty: list = []
        if self.results is None:  # the logs of a step of the user's are carried by the loop
            logs = jax.eval_shape(lambda: self._one(changing, fixed, batch_at(0), key))[1]
            empty = [jnp.zeros(log.shape, log.dtype) for log in logs]
        carry = (start, changing, empty, jnp.asarray(True))
        i, changing, logs, finite = jax.lax.while_loop(going_on, body, carry)
        if self.results is not None:
            with Scope(dict(zip([*self.changing, *self.fixed], [*changing, *fixed]))):
                logs = list(self.results().values())
        return changing, logs, (i - start, finite)

    def snapshot(self) -> list:
        """Return what the program changes, to go back to.

        It goes on with copies, so that arrays which somebody else holds are not given away.
        """
        before = [v._value for v in self.changing]
        self.restore(_copies(before))
        return before

    def restore(self, snapshot: list) -> None:
        """Go back to a snapshot."""
        for variable, value in zip(self.changing, snapshot):
            variable._value = value


def _rows(array: Any, index: Any) -> Any:
    return array.at[index].get(mode="promise_in_bounds")


@functools.partial(jax.jit)
def _copies(values: list) -> list:
    return [jnp.copy(value) for value in values]
