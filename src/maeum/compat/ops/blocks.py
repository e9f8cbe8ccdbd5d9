"""Parts of a graph that run conditionally, or again and again: the bodies of ``cond`` and loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp

from maeum.compat.graph.errors import UnimplementedError
from maeum.compat.graph.graph import Operation, Tensor, get_default_graph
from maeum.compat.graph.kinds import Evaluation, Source, ancestors
from maeum.compat.ops.convert import convert_to_tensor
from maeum.core.symbolic import leaves, map_structure

ARGUMENT = Source("Argument")


@dataclass(eq=False)
class Block:
    """A part of a graph as a function.

    Args:
        arguments: the tensors that stand for its arguments.
        operations: what it consists of, in order.
        results: what it returns.
        structure: what it returned, with the tensors in it.
        captured: the tensors from outside that it uses.
        variables: the variables that it assigns.
    """

    arguments: Sequence[Tensor]
    operations: Sequence[Operation]
    results: Sequence[Tensor]
    structure: Any
    captured: Sequence[Tensor]
    variables: Sequence[Any]

    @classmethod
    def of(cls, function: Callable, like: Sequence[tuple[Any, Any]] = ()) -> Block:
        """Return what a function adds to the graph, for arguments of some shapes and dtypes."""
        graph = get_default_graph()
        begin = len(graph.get_operations())
        arguments = [
            graph.add(ARGUMENT, (), {}, [Tensor(*one)], "argument").outputs[0] for one in like
        ]
        structure = map_structure(_as_result, function(*arguments))
        found = list(leaves(structure))
        results = [one for one in found if isinstance(one, Tensor)]
        own = set(graph.get_operations()[begin:])
        needed = ancestors(
            [one.node if isinstance(one, Tensor) else one for one in found if one is not None],
            lambda tensor: False,
        )  # fmt: skip
        inside = [op for op in needed if op in own and not isinstance(op.operation, Source)]
        made = {t for op in inside for t in op.outputs} | set(arguments)
        used = dict.fromkeys(t for op in inside for t in op.inputs if t not in made)
        used |= dict.fromkeys(t for t in results if t not in made)
        writes = dict.fromkeys(v for op in inside for v in op.operation.writes)
        if any(op.operation.host for op in inside):
            raise UnimplementedError("Inside tf.cond and loops, nothing can run on the host, such "
                                     "as tf.Print, texts and files.")  # fmt: skip
        return cls(arguments, inside, results, structure, list(used), list(writes))

    def call(
        self, run: Evaluation, captured: Sequence[Any], values: Sequence[Any] = (), step: Any = 0
    ) -> tuple[list, dict]:
        """Return the results for values of the arguments, and the new values of variables."""
        known = dict(zip(self.captured, captured)) | dict(zip(self.arguments, values))
        number = jnp.asarray(run.number, jnp.uint32) + jnp.asarray(step, jnp.uint32) * 7919
        inner = Evaluation(known, {**run.start, **run.current}, {}, run.seed, number)
        inner.run(self.operations)
        changed = {v: inner.current[v] for v in self.variables}
        return [jnp.asarray(inner.of(t)) for t in self.results], changed

    def packed(self, tensors: Sequence[Any]) -> Any:
        """Return values in the structure that the function returned."""
        left = iter(tensors)
        return map_structure(
            lambda leaf: next(left) if isinstance(leaf, Tensor) else None, self.structure
        )


def _as_result(leaf: Any) -> Any:
    return leaf if leaf is None or isinstance(leaf, Operation) else convert_to_tensor(leaf)


@dataclass(frozen=True, eq=False)
class Controlled:
    """An operation that runs blocks.

    Args:
        name: TensorFlow's name of it.
        function: takes the run and the arguments, and returns outputs and new values of variables.
        variables: the variables that it may assign.
    """

    name: str
    function: Callable[..., tuple[Sequence[Any], dict]]
    variables: Sequence[Any] = ()

    host, random, static, shape_only, reads = False, False, (), False, True

    @property
    def writes(self) -> Sequence[Any]:
        """The variables that it may assign."""
        return self.variables

    def evaluate(self, operation: Operation, run: Evaluation) -> Sequence[Any]:
        """Compute the outputs, and assign variables."""
        outputs, changed = self.function(run, *run.filled(operation, operation.args))
        for variable, value in changed.items():
            run.current[variable] = run.versions[operation, variable] = value
        return outputs


def controlled(
    name: str, function: Callable, args: tuple, outputs: Sequence[Tensor],
    variables: Sequence[Any] = (), own: str | None = None,
) -> Operation:  # fmt: skip
    """Add an operation that runs blocks to the graph."""
    kind = Controlled(name, function, tuple(variables))
    return get_default_graph().add(kind, args, {}, list(outputs), own or name)
