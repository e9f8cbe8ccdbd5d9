"""What a session runs for some fetches and feeds: stages, each a compiled program or host code.

A plan is made once for a set of fetches and a set of fed tensors. Its operations are those that the
fetches need. Operations on numbers are traced together into one program; where some run on the host
(texts, files, summaries), what is before and after them are programs of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.compat.graph.errors import InvalidArgumentError
from maeum.compat.graph.graph import Operation, Tensor
from maeum.compat.graph.kinds import Evaluation, ancestors
from maeum.compat.graph.types import STRING
from maeum.compat.ops.recording import is_large
from maeum.compat.ops.variables import VARIABLE
from maeum.core.symbolic import leaves
from maeum.core.wording import enumeration


@dataclass(eq=False)
class Stage:
    """Operations that run together: as one compiled program, or on the host."""

    host: bool
    operations: list[Operation] = field(default_factory=list)
    inputs: list[Tensor] = field(default_factory=list)  # values that earlier stages made
    outputs: list[Tensor] = field(default_factory=list)  # values that are needed afterwards
    kept: list[Any] = field(default_factory=list)  # variables that it reads
    changed: list[Any] = field(default_factory=list)  # variables that it reads and assigns
    made: list[Any] = field(default_factory=list)  # variables that it assigns only


class Plan:
    """How some fetches are computed.

    Args:
        fetches: the tensors that are fetched.
        operations: the operations that have to run, besides.
        feeds: the tensors that are fed.
    """

    def __init__(
        self, fetches: Sequence[Tensor], operations: Sequence[Operation], feeds: Sequence[Tensor]
    ):
        fed = set(feeds)
        self.fetches, self.feeds = list(fetches), list(feeds)
        wanted = [*operations, *(t.node for t in fetches if t not in fed)]
        found = ancestors(wanted, fed.__contains__)
        _check_fed(found, fed, fetches)
        self.constants = {op.outputs[0]: jax.device_put(op.args[0]) for op in found if is_large(op)}
        given = fed | self.constants.keys()
        sources = [op for op in found if op.operation is VARIABLE or _all_in(op.outputs, given)]
        self.variables = [op.outputs[0] for op in sources if op.operation is VARIABLE]
        rest = set(sources)
        self.readers = _readers(found)
        self.operations = [op for op in found if op not in rest]
        self.static = _static_feeds(self.operations, fed)
        self.stages = self._staged(given)
        self._programs = [None if s.host else self._program(s) for s in self.stages]
        self.changes = any(stage.changed or stage.made for stage in self.stages)
        self.fetched = [t for t in self.fetches if t.node.operation is VARIABLE]
        self.started = self._started()

    def _started(self) -> list[Any]:
        """Return the variables that have to have values before."""
        made: set[Any] = set()
        needed: dict[Any, None] = {}
        for stage in self.stages:
            needed |= dict.fromkeys(v for v in (*stage.changed, *stage.kept) if v not in made)
            made |= set(stage.made) | set(stage.changed)
        return list(needed | dict.fromkeys(t for t in self.fetched if t not in self.feeds))

    def _staged(self, given: set[Tensor]) -> list[Stage]:
        level: dict[Operation, int] = {}
        for op in self.operations:
            before = [t.node for t in op.inputs if t not in given] + op.control_inputs
            own = 1 if op.operation.host else 0
            for one in before:
                if one in level:
                    here = level[one]
                    own = max(own, here if here % 2 == own % 2 else here + 1)
            level[op] = own
        stages = [Stage(bool(n % 2)) for n in range(max(level.values(), default=0) + 1)]
        for op, n in level.items():
            stages[n].operations.append(op)
        stages = [stage for stage in stages if stage.operations]
        for place, stage in enumerate(stages):
            self._fill(stage, stages[place + 1 :])
        return stages

    def _fill(self, stage: Stage, later: list[Stage]) -> None:
        own = {t for op in stage.operations for t in op.outputs}
        used = dict.fromkeys(t for op in stage.operations for t in op.inputs if t not in own)
        stage.inputs = [t for t in used if t.node.operation is not VARIABLE or t in self.feeds]
        needed = {t for other in later for op in other.operations for t in op.inputs}
        needed |= set(self.fetches)
        stage.outputs = [t for t in own if t in needed]
        assigned = dict.fromkeys(v for op in stage.operations for v in op.operation.writes)
        read = self._read(stage.operations)
        stage.changed = [v for v in assigned if v in read]
        stage.made = [v for v in assigned if v not in read]
        stage.kept = [v for v in read if v not in assigned]

    def _read(self, operations: Iterable[Operation]) -> dict[Any, None]:
        """Return the variables whose values from before the stage are read."""
        read: dict[Any, None] = {}
        written: set[Any] = set()
        here = set(operations)
        for op in operations:
            seen = {v for v, write in self.readers.get(op, {}).items() if write in here}
            inputs = [t for t in op.inputs if t.node.operation is VARIABLE and t not in self.feeds]
            read |= dict.fromkeys(t for t in inputs if t not in seen)
            if op.operation.writes:
                if op.operation.reads:
                    read |= dict.fromkeys(v for v in op.operation.writes if v not in written)
                written |= set(op.operation.writes)
        return read

    def _program(self, stage: Stage) -> Any:
        order = _gradients_first(stage.operations)
        fixed = [t for t in stage.inputs if t in self.static]
        free = [t for t in stage.inputs if t not in self.static]

        def program(
            changed: list, kept: list, inputs: list, seed: Any, number: Any, constants: tuple
        ) -> tuple[list, list, list]:
            start = dict(zip(stage.changed, changed)) | dict(zip(stage.kept, kept))
            values = dict(zip(free, inputs)) | {
                t: np.frombuffer(data, dtype).reshape(shape)
                for t, (data, dtype, shape) in zip(fixed, constants)
            }
            run = Evaluation(values, start, self.readers, seed, number)
            run.run(order)
            outputs = [jnp.asarray(run.values[t]) for t in stage.outputs]
            new = [run.current[v] for v in (*stage.changed, *stage.made)]
            held = {id(x) for x in (*changed, *kept, *inputs)}
            new = [jnp.copy(x) if id(x) in held else jnp.asarray(x) for x in _apart(new)]
            count = len(stage.changed)
            return outputs, new[:count], new[count:]

        run = jax.jit(program, donate_argnums=0, static_argnums=5)

        def called(changed: list, kept: list, values: dict, seed: Any, number: Any) -> tuple:
            constants = tuple(_hashable(values[t]) for t in fixed)
            return run(changed, kept, [values[t] for t in free], seed, number, constants)

        return called

    def run(self, session: Any, fed: list) -> list:
        """Run the stages with values for the feeds, and return the values of the fetches."""
        values = dict(zip(self.feeds, fed))
        state, number, seed = session.state, np.uint32(session.count_run()), session.seed
        if self.constants:
            values |= self.constants
        before = [state[t] for t in self.fetched if t not in values]
        if self.changes:  # which gives the arrays away
            before = [np.array(x) for x in before]
        for stage, program in zip(self.stages, self._programs):
            if program is None:
                self._on_host(stage, session, values)
                continue
            changed = [state[v] for v in stage.changed]
            kept = [state[v] for v in stage.kept]
            outputs, new, made = program(changed, kept, values, seed, number)
            values.update(zip(stage.outputs, outputs))
            state.update(zip(stage.changed, new))
            state.update(zip(stage.made, made))
        left = iter(before)
        return [values[t] if t in values else next(left) for t in self.fetches]

    def _on_host(self, stage: Stage, session: Any, values: dict) -> None:
        known = {t: np.asarray(v) if isinstance(v, jax.Array) else v for t, v in values.items()}
        read = {v: np.asarray(session.state[v]) if v.dtype != STRING else session.state[v]
                for v in stage.kept + stage.changed}  # fmt: skip
        run = Evaluation(known, read, self.readers, session.seed, session.runs)
        run.session = session  # type: ignore[attr-defined]
        for op in stage.operations:
            run.run([op])
        values.update((t, run.values[t]) for t in stage.outputs)
        for v in (*stage.changed, *stage.made):
            session.state[v] = run.current[v]


def _all_in(tensors: list, given: set) -> bool:
    return bool(tensors) and all(t in given for t in tensors)


def _apart(arrays: list) -> list:
    """Return arrays that are all different objects, so that each has memory of its own."""
    seen: set[int] = set()
    found = []
    for x in arrays:
        found.append(jnp.copy(x) if id(x) in seen else x)
        seen.add(id(x))
    return found


def _hashable(value: Any) -> tuple:
    array = np.asarray(value)
    return array.tobytes(), array.dtype.str, array.shape


def _check_fed(found: list[Operation], fed: set[Tensor], fetches: Sequence[Tensor]) -> None:
    """Raise `InvalidArgumentError` for placeholders without values."""
    missing = [
        op for op in found if op.type == "Placeholder" and not _all_in(op.outputs, fed)
    ]  # fmt: skip
    if missing:
        what = enumeration([f"{op.name!r} ({op.outputs[0].dtype.name})" for op in missing])
        wanted = enumeration([repr(t.name) for t in fetches][:3]) or "operation"
        raise InvalidArgumentError(
            "You must feed a value for the placeholder {what}, which {fetches} needs: "
            "sess.run(..., feed_dict={{placeholder: value}}).", what=what, fetches=wanted,
        )  # fmt: skip


def _readers(operations: list[Operation]) -> dict[Operation, dict[Any, Operation]]:
    """Return which write each operation sees of a variable: the last that surely runs before it."""
    writes = [op for op in operations if op.operation.writes]
    if not writes:
        return {}
    before: dict[Operation, dict[Operation, None]] = {}
    found: dict[Operation, dict[Any, Operation]] = {}
    for op in operations:
        mine: dict[Operation, None] = {}
        for one in (*(t.node for t in op.inputs), *op.control_inputs):
            if one in before:
                mine |= before[one]
                if one.operation.writes:
                    mine[one] = None
        before[op] = mine
        if mine:
            last = sorted(mine, key=lambda each: each.number)
            found[op] = {v: write for write in last for v in write.operation.writes}
    return found


def _gradients_first(operations: list[Operation]) -> list[Operation]:
    """Return operations in an order in which gradients run before what they compute on the way."""
    order: dict[Operation, None] = {}
    mine = set(operations)
    for op in operations:
        path = getattr(op.operation, "path", None)
        if path is None:
            continue
        between = set(path)
        outside = [one for one in ancestors([op], _never) if one not in between and one is not op]
        order |= dict.fromkeys(one for one in ancestors(outside, _never) if one in mine)
        order[op] = None
    return list(order | dict.fromkeys(operations))


def _never(tensor: Tensor) -> bool:
    return False


def _static_feeds(operations: list[Operation], fed: set[Tensor]) -> set[Tensor]:
    """Return the fed tensors whose values decide shapes, so that programs are made for them."""
    found: set[Tensor] = set()
    waiting = [leaf for op in operations for leaf in _decisive(op)]
    seen: set[Tensor] = set()
    while waiting:
        tensor = waiting.pop()
        if tensor in seen:
            continue
        seen.add(tensor)
        if tensor in fed:
            found.add(tensor)
        elif not tensor.node.operation.shape_only:
            waiting.extend(tensor.node.inputs)
    return found


def _decisive(op: Operation) -> list[Tensor]:
    names = op.operation.static
    if not names:
        return []
    places = op.names  # type: ignore[attr-defined]
    return [
        leaf
        for name, value in zip(places, op.args)
        if name in names
        for leaf in leaves(value)
        if isinstance(leaf, Tensor)
    ]
