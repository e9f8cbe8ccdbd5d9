"""Programs in which several models that are alike take the same steps, each with its own state."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.axes import Axes, Likeness, NoAxisError, axes_in_place
from maeum.core.runtime import compiled_soon
from maeum.core.threads import one_at_a_time
from maeum.ops.kernels.batched_products import with_native_products
from maeum.training.program import Logs, Program, rows_of
from maeum.training.state import State

_KEPT = 64  # programs that are kept for members to come


@dataclass
class _Compiled:
    """What was compiled for models that are alike, by the shapes of what it is given."""

    axes: Axes
    executables: dict[Any, Any] = field(default_factory=dict)


_compiled: OrderedDict[tuple, list[_Compiled]] = OrderedDict()


class MembersProgram:
    """The steps of training or evaluation of several models in one call.

    Args:
        program: the program of the first of them.
        likeness: what this model is besides its numbers.
        numbers: by place, the numbers of all members that are not equal.
        members: how many there are.
        batch: the shapes of a batch.

    Raises:
        NoAxisError: if Python asks for numbers that are not equal.
    """

    def __init__(
        self,
        program: Program,
        likeness: Likeness,
        numbers: dict[int, np.ndarray],
        state: State,
        key: Any,
        batch: Any,
    ) -> None:
        self.program, self.places, self.numbers = program, likeness.places, numbers
        shapes = str(jax.tree.map(lambda a: (a.shape, str(a.dtype)), batch))
        # Numbers that are equal for all members are constants of the program.
        constants = tuple(p.value for i, p in enumerate(likeness.places) if i not in numbers)
        name = likeness.text, program.training, shapes, tuple(numbers), constants
        known = _compiled.setdefault(name, [])
        if not likeness.closed:  # what users wrote may depend on more than can be seen
            del known[:]
        found = next((one for one in known if one.axes.suits(numbers)), None)
        if found is None:
            found = _Compiled(Axes())
            if numbers:  # of which there is something to be seen
                self._look(found.axes, state, key, batch)
            known.append(found)
        self.compiled = found
        self.inputs = found.axes.inputs(numbers)
        _compiled.move_to_end(name)
        while len(_compiled) > _KEPT:
            _compiled.popitem(last=False)

    @one_at_a_time
    def _look(self, axes: Axes, state: State, key: Any, batch: Any) -> None:
        """Trace a step of one member, to see what becomes of the numbers."""
        values, read = self.program.held_by(state)
        with axes_in_place(self.places, axes, self.numbers):
            jax.make_jaxpr(self.program.pure)(values, read, key, batch)
            jax.make_jaxpr(self.program.told)(values, read, [None] * len(self.program.names))

    def __call__(
        self,
        state: State,
        keys: Any,
        inputs: dict[str, Any],
        data: tuple,
        orders: Any,
        start: int,
        stop: int,
        size: int,
        active: Any = None,
    ) -> tuple[State, Logs, Any]:
        """Take the steps from ``start`` to ``stop``.

        Args:
            state: the states of the members, stacked.
            keys: the key of each.
            inputs: its entries of ``self.inputs``.
            data: the rows that all of them share.
            orders: which rows each takes, of shape ``(members, rows)``.
            start, stop: the first step, and the one behind the last.
            size: the rows of a step.
            active: which members take the steps; all by default.

        Returns:
            The new states, the logs, and whether every loss of a member was finite.
        """
        given = state, keys, inputs, data, orders, np.int32(start), np.int32(stop), active
        return self._executable(given, size)(*given)

    def _executable(self, given: tuple, size: int) -> Callable[..., Any]:
        leaves, structure = jax.tree.flatten(given)
        shapes = structure, tuple((leaf.shape, leaf.dtype) for leaf in leaves), size
        found = self.compiled.executables.get(shapes)
        return self._compiled_for(given, size, shapes) if found is None else found

    @one_at_a_time
    def _compiled_for(self, given: tuple, size: int, shapes: Any) -> Callable[..., Any]:
        known = self.compiled.executables
        if shapes not in known:  # else another chunk has compiled it while this one waited
            known[shapes] = self._compile(given, size)
        return known[shapes]

    def _compile(self, given: tuple, size: int) -> Callable[..., Any]:
        axes, program = self.compiled.axes, self.program

        def one(
            values: list, read: list, key: Any, inputs: Any, index: Any, data: Any
        ) -> tuple[list, list, Any]:
            with axes_in_place(self.places, axes, self.numbers, inputs):
                return program.pure(values, read, key, rows_of(data, index))

        def told(values: list, read: list, inputs: Any, logs: list) -> Logs:
            with axes_in_place(self.places, axes, self.numbers, inputs):
                return program.told(values, read, logs)

        def steps(
            state: State, keys: Any, inputs: Any, data: Any, orders: Any, start: Any, stop: Any,
            active: Any,
        ) -> tuple[State, Logs, Any]:  # fmt: skip
            own = *program.held_by(state), keys, inputs, orders
            step, tell = one, told
            if alone := len(keys) == 1:  # the same program as that of a model alone
                own = jax.tree.map(lambda a: a[0], own)
            else:
                step = with_native_products(jax.vmap(one, (0, 0, 0, 0, 0, None)))
                tell = jax.vmap(told)
            values, read, key, numbers, order = own

            def body(carry: tuple) -> tuple:
                i, values, _, before = carry
                index = jax.lax.dynamic_slice_in_dim(order, i * size, size, axis=-1)
                values, logs, finite = step(values, read, key, numbers, index, data)
                return i + 1, values, logs, before & finite

            none: list = []
            first = jnp.int32(start), values, none, jnp.ones(order.shape[:-1], bool)
            if program.results is None:  # what the last step tells is carried by the loop
                shapes = jax.eval_shape(body, first)[2]
                first = *first[:2], [jnp.zeros(log.shape, log.dtype) for log in shapes], first[3]
            _, values, last, finite = jax.lax.while_loop(lambda c: c[0] < stop, body, first)
            after = values, tell(values, read, numbers, last), finite
            values, logs, finite = jax.tree.map(lambda a: a[None], after) if alone else after
            new = program.changed_in(state, values)
            if active is not None:
                new = chosen(active, new, state)
                finite = finite | ~active
            return new, logs, finite

        return compiled_soon(jax.jit(steps).lower(*given))  # what takes long in them is native


def chosen(which: Any, new: Any, old: Any) -> Any:
    """Return, member by member, the entries of one structure or of the other."""

    def choose(a: Any, b: Any) -> Any:
        return jnp.where(which.reshape(-1, *[1] * (a.ndim - 1)), a, b)

    return jax.tree.map(choose, new, old)


def numbers_of(likenesses: Sequence[Likeness]) -> dict[int, np.ndarray]:
    """Return by place the numbers of all that are alike."""
    places = zip(*(one.places for one in likenesses))
    return {i: np.array([p.value for p in each], np.float64) for i, each in enumerate(places)}


def differing(likenesses: Sequence[Likeness]) -> dict[int, np.ndarray]:
    """Return by place the numbers that are not equal for all that are alike."""
    numbers = numbers_of(likenesses)
    return {place: values for place, values in numbers.items() if (values != values[0]).any()}


__all__ = ["MembersProgram", "NoAxisError", "chosen", "differing", "numbers_of"]
