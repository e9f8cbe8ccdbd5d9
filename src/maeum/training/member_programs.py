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
from maeum.core.threads import one_at_a_time
from maeum.ops.kernels.batched_products import with_native_products
from maeum.training.chunks import Chunk
from maeum.training.program import Logs, Program
from maeum.training.state import State

_KEPT = 64  # programs that are kept for members to come


@dataclass
class _Compiled:
    """What was compiled for models that are alike, by the shapes of what it is given."""

    axes: Axes
    # Whether it calls native kernels, which work on one member at a time; None until it is asked.
    native: bool | None = None
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
        name = likeness.text, program.training, shapes, tuple(numbers)
        known = _compiled.setdefault(name, [])
        if not likeness.closed:  # what users wrote may depend on more than can be seen
            del known[:]
        found = next((one for one in known if one.axes.suits(numbers)), None)
        self.example = state, key, batch
        if found is None:
            # Without numbers that are not equal, there is nothing to be seen.
            found = self._look(Axes()) if numbers else _Compiled(Axes())
            known.append(found)
        self.compiled = found
        self.inputs = found.axes.inputs(numbers)
        _compiled.move_to_end(name)
        while len(_compiled) > _KEPT:
            _compiled.popitem(last=False)

    @property
    def native(self) -> bool:
        """Whether the steps call native kernels, which work on one member at a time."""
        if self.compiled.native is None:
            self.compiled.native = self._look(self.compiled.axes).native
        return bool(self.compiled.native)

    @one_at_a_time
    def _look(self, axes: Axes) -> _Compiled:
        """Trace the steps of one member, to see what becomes of the numbers."""
        state, key, batch = self.example
        rows = len(jax.tree.leaves(batch)[0])
        order = np.zeros(rows, np.int32)
        with axes_in_place(self.places, axes, self.numbers):
            traced = jax.make_jaxpr(self._steps, static_argnums=6)(
                state, key, batch, order, 0, 1, rows
            )
        return _Compiled(axes, "ffi_call" in str(traced))

    def _steps(
        self, state: State, key: Any, data: tuple, order: Any, start: Any, stop: Any, size: int
    ) -> tuple[State, Logs, Any]:
        chunk = Chunk(data, order, size, 0)
        return self.program.pure(state, chunk, start, stop, key, through=True)

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
        def one(
            state: State, key: Any, inputs: Any, order: Any, data: Any, start: Any, stop: Any
        ) -> tuple[State, Logs, Any]:
            with axes_in_place(self.places, self.compiled.axes, self.numbers, inputs):
                return self._steps(state, key, data, order, start, stop, size)

        def steps(
            state: State, keys: Any, inputs: Any, data: Any, orders: Any, start: Any, stop: Any,
            active: Any,
        ) -> tuple[State, Logs, Any]:  # fmt: skip
            own = state, keys, inputs, orders
            if len(keys) == 1:  # the same program as that of a model alone
                first = jax.tree.map(lambda a: a[0], own)
                alone = one(*first, data, start, stop)  # type: ignore[call-arg]
                new, logs, finite = jax.tree.map(lambda a: a[None], alone)
            else:
                mapped = with_native_products(jax.vmap(one, (0, 0, 0, 0, None, None, None)))
                new, logs, finite = mapped(*own, data, start, stop)
            if active is not None:
                new = chosen(active, new, state)
                finite = finite | ~active
            return new, logs, finite

        return jax.jit(steps).lower(*given).compile()


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
