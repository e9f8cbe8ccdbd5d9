"""The compiled program: many steps of training or evaluation in one call.

What a step reads and writes are variables (of the model, the optimizer and the metrics); the
program takes their values, runs ``stop - start`` steps in a loop whose length is only known at
run time, and returns the new values. One compilation serves every length.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import InitVar, dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import native
from maeum.core.compiling import check_assigned, compiled
from maeum.core.errors import ConfigError
from maeum.core.randomness import at_step
from maeum.core.scope import Scope, current_scope
from maeum.core.variable import Variable, put_values, take_values
from maeum.training.chunks import Chunk
from maeum.training.state import State, copies

Logs = dict[str, Any]


@dataclass(eq=False, repr=False)
class Program:
    """A step of a model, compiled together with the loop around it.

    Args:
        model: the built model whose random keys and layers are used.
        name: what tells the program from others of the model.
        step: ``step((x, y, sample_weight)) -> logs``, which runs layers and assigns variables.
        results: returns the logs after the last step, from the variables; None if they are what
            the step returns.
        batch: the shapes of a batch. The step is traced with it once to see which variables it
            reads and which it assigns: these are the state of the program, wherever they are held.
        training: whether layers behave as in training.
        counter: the variable that counts the steps of training, which random keys depend on.
        depends_on: what the step uses besides the model.
        eager: whether steps run operation by operation, uncompiled.
    """

    model: InitVar[Any]
    name: InitVar[Any]
    step: Callable[[tuple], Logs]
    results: Callable[[], Logs] | None
    batch: InitVar[Any]
    training: bool
    counter: Variable
    depends_on: InitVar[Sequence[Any]] = ()
    eager: bool = False

    def __post_init__(self, model: Any, name: Any, batch: Any, depends_on: Sequence[Any]) -> None:
        self._compile = functools.partial(
            compiled,
            model,
            (name, jax.tree.structure(batch)),
            self._steps,
            (batch, None, 0, 1),
            training=self.training,
            donate=True,
            static=("batch_size",),
            depends_on=depends_on,
            look=lambda traced: {"native": _is_sequential(traced.jaxpr)},
        )
        self._renew()

    def _renew(self) -> None:
        """Compile the step, or compile it anew if an attribute of the model has changed."""
        self._compiled = self._compile()
        self.names: list[str] = self._compiled.facts["names"]
        # Whether it calls native kernels which work on one member of several at a time.
        self.native: bool = self._compiled.facts["native"]

    def __call__(
        self, chunk: Chunk, start: int, stop: int, key: Any
    ) -> tuple[Logs, tuple[Any, Any]]:
        """Run the steps from ``start`` to ``stop`` of a chunk, and assign what they changed.

        Returns:
            The logs after the last step; the number of steps done, which are fewer than asked for
            if the loss of the last one was not finite, and whether it was.
        """
        steps = chunk.data, chunk.order, np.int32(start), np.int32(stop)
        if not self._compiled.is_current():
            self._renew()
        with jax.disable_jit(self.eager):
            logs, done = self._compiled(*steps, key=key, batch_size=chunk.batch_size)
        return dict(zip(self.names, logs)), done

    def held_by(self, state: State) -> tuple[list, list]:
        """Return from a state the values that a step changes, and those that it only reads.

        Raises:
            ConfigError: if the step uses variables that are neither the model's, nor of its
                optimizer and metrics: no state holds them.
        """
        names = self._compiled.program.names
        if names is None:
            raise ConfigError(
                "The step uses variables that are held neither by the model nor by its "
                "optimizer and metrics, so they are not part of its state. Hold them as "
                "attributes."
            )
        values = state.by_name()
        changed, read = ([values[name] for name in group] for group in names)
        return changed, read

    def changed_in(self, state: State, values: list) -> State:
        """Return a state with new values of what a step changes."""
        assert self._compiled.program.names is not None
        return state.with_values(dict(zip(self._compiled.program.names[0], values)))

    def pure(self, values: list, read: list, key: Any, batch: tuple) -> tuple[list, list, Any]:
        """Take one step: a pure function, which can be mapped.

        Args:
            values, read: what `held_by` returned.
            key: the key of all random numbers.
            batch: ``(x, y, sample_weight)``.

        Returns:
            The new values, what the step tells if `results` does not tell it, and whether its loss
            was finite.
        """

        def step(batch: tuple) -> tuple:
            scope = current_scope()
            assert scope is not None
            carried = self._compiled.assigned
            new, told, finite = self._one(scope, carried, [v.value for v in carried], batch)
            scope.assign(carried, new)
            return told, finite

        (told, finite), new = self._compiled.purely(step, values, read, key, batch)
        return new, told, finite

    def told(self, values: list, read: list, logs: list) -> Logs:
        """Return the logs after some steps, purely, of which the last one told ``logs``."""
        if self.results is not None:
            results = self.results
            logs, _ = self._compiled.purely(lambda: list(results().values()), values, read, None)
        return dict(zip(self.names, logs))

    def _steps(
        self,
        data: tuple,
        order: Any,
        start: Any,
        stop: Any,
        *,
        batch_size: int = 0,
    ) -> tuple[list, Any]:
        scope = current_scope()
        assert scope is not None
        if scope.abstract:
            told = self.step(data)
            told = self.results() if self.results else told
            scope.facts["names"] = list(told)  # a compiled function returns them sorted by key
            scope.facts["logs"] = [jax.eval_shape(jnp.asarray, log) for log in told.values()]
            return list(told.values()), ()
        carried = self._compiled.assigned

        def going_on(carry: tuple) -> Any:
            i, _, _, finite = carry
            return (i < stop) & finite

        def body(carry: tuple) -> tuple:
            i, values, _, before = carry
            index = jax.lax.dynamic_slice_in_dim(order, i * batch_size, batch_size)
            batch = rows_of(data, index)
            values, logs, finite = self._one(scope, carried, values, batch)
            return i + 1, values, logs, before & finite

        values = [variable.value for variable in carried]
        first: list = []
        if self.results is None:  # the logs of a step of the user's are carried by the loop
            shapes = self._compiled.facts["logs"]
            if any(log.shape for log in shapes):  # which may depend on the rows of a batch
                carry = (jnp.int32(start), values, first, jnp.asarray(True))
                shapes = jax.eval_shape(lambda: body(carry)[2])
            first = [jnp.zeros(log.shape, log.dtype) for log in shapes]
        carry = (jnp.int32(start), values, first, jnp.asarray(True))
        i, values, logs, finite = jax.lax.while_loop(going_on, body, carry)
        scope.assign(carried, values)
        if self.results is not None:
            logs = list(self.results().values())
        return logs, (i - start, finite)

    def _one(
        self, scope: Scope, carried: Sequence[Variable], values: list, batch: tuple
    ) -> tuple[list, list, Any]:
        """Run one step as a pure function of what is carried from step to step."""
        known = dict(zip(carried, values))
        key = at_step(scope.key, known.get(self.counter, self.counter.value))
        with scope.restarted(known, key) as inner:
            logs = self.step(batch)
        check_assigned(inner, known)
        watched = logs.get("loss", 0.0) if inner.watched is None else inner.watched
        # An evaluation reports a NaN rather than stopping at it.
        finite = jnp.all(jnp.isfinite(watched)) if self.training else jnp.asarray(True)
        new = [inner.updates.get(variable, value) for variable, value in known.items()]
        return new, [] if self.results else [logs[name] for name in self.names], finite

    def with_others(self, named: Mapping[str, Variable]) -> dict[str, Variable]:
        """Return variables by name, and by numbers those that the program uses besides."""
        held = {id(variable) for variable in named.values()}
        used = [*self._compiled.assigned, *self._compiled.read]
        others = [variable for variable in used if id(variable) not in held]
        return {**named, **{f"other/{number}": other for number, other in enumerate(others)}}

    def snapshot(self) -> list[tuple[Variable, jax.Array]]:
        """Return what the program changes, to go back to.

        It goes on with copies, so that arrays which somebody else holds are not given away.
        """
        variables = self._compiled.assigned
        before = take_values(variables)
        put_values(variables, copies(before))
        return list(zip(variables, before))

    def restore(self, snapshot: list[tuple[Variable, jax.Array]]) -> None:
        """Go back to a snapshot."""
        for variable, value in snapshot:
            variable.own(value)


def rows_of(data: tuple, index: Any) -> tuple:
    """Return some rows of what all of them are."""
    return jax.tree.map(lambda a: a.at[index].get(mode="promise_in_bounds"), data)


def _is_sequential(traced: Any) -> bool:
    """Tell whether a traced program calls native kernels that are mapped one by one."""
    from jax.extend.core import jaxprs_in_params  # slows the import of Maeum otherwise

    return any(
        equation.params.get("vmap_method") == native.SEQUENTIAL
        or any(_is_sequential(inner) for inner in jaxprs_in_params(equation.params))
        for equation in traced.eqns
    )
