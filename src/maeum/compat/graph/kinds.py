"""What operations of a graph compute, and how a part of a graph is evaluated.

A `Kind` is a function of arrays under TensorFlow's name. An `Evaluation` holds the values of
tensors while a program is traced (or while something runs on the host), and the versions of
variables: who reads a variable sees what it was before the run, unless what assigns it has to run
first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from maeum.compat.graph.graph import Operation, Tensor
from maeum.core.randomness import at_step, fold, make_key
from maeum.core.symbolic import leaves, map_structure


@dataclass(frozen=True, eq=False)
class Kind:
    """A function of arrays as an operation.

    Args:
        name: TensorFlow's name of it, such as ``"MatMul"``.
        function: takes the arguments and returns an array, or a list of arrays.
        host: whether it runs on the host: texts, files, queues, what is printed.
        random: whether its first argument is a key, which is another one in every run.
        static: the numbers of the arguments whose values have to be known when it is compiled.
        shape_only: whether it needs nothing of its inputs but their shapes.
        constant: whether it may be computed once and for all where its inputs are constants.
        entries: whether each entry of the result follows from the same entry of each argument, or
            the one that it is broadcast from, so that its shape is known without tracing.
        outputs: says what is known of the outputs, or None if tracing has to tell; what runs on the
            host gives a text by default.
    """

    name: str
    function: Callable[..., Any]
    host: bool = False
    random: bool = False
    static: tuple[str, ...] = ()
    shape_only: bool = False
    constant: bool = True
    entries: bool = False
    outputs: Callable[..., Sequence[Tensor] | None] | None = None

    writes = ()

    def evaluate(self, operation: Operation, run: Evaluation) -> Sequence[Any]:
        """Compute the outputs."""
        args, kwargs = (
            run.filled(operation, operation.args),
            run.filled(operation, operation.kwargs),
        )
        if self.random:
            args = (run.key_for(operation), *args)
        elif not self.host and self.constant and _constant((args, kwargs)):
            with jax.core.eval_context():
                outputs = self.function(*args, **kwargs)
                return [np.asarray(one) for one in in_list(outputs)]
        return in_list(self.function(*args, **kwargs))


def in_list(outputs: Any) -> list:
    """Return outputs as a list."""
    if outputs is None:
        return []
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def _constant(values: Any) -> bool:
    return not any(isinstance(leaf, jax.Array) for leaf in leaves(values))


@dataclass(frozen=True, eq=False)
class Source:
    """An operation without inputs, whose value is given to a run: a placeholder or a variable."""

    name: str

    host, random, static, shape_only, writes = False, False, (), False, ()


@dataclass(frozen=True, eq=False)
class Write:
    """An operation that gives variables new values.

    Args:
        name: TensorFlow's name of it.
        variables: those variables.
        function: takes their values and the arguments; returns their new values, and outputs.
        reads: whether it needs their values.
        recipe: what makes the function again, if it can be made of names and numbers.
    """

    name: str
    variables: Sequence[Any]
    function: Callable[..., tuple[Sequence[Any], Sequence[Any]]]
    reads: bool = True
    recipe: Any = None

    host, random, static, shape_only = False, False, (), False

    @property
    def writes(self) -> Sequence[Any]:
        """The variables that it assigns."""
        return self.variables

    def evaluate(self, operation: Operation, run: Evaluation) -> Sequence[Any]:
        """Compute the new values, and the outputs."""
        args = run.filled(operation, operation.args)
        now = [run.current[v] for v in self.variables] if self.reads else []
        values, outputs = self.function(now, *args)
        for variable, value in zip(self.variables, values):
            run.current[variable] = run.versions[operation, variable] = value
        return outputs


@dataclass(eq=False)
class Evaluation:
    """The values of tensors, as far as they are known.

    Args:
        values: the values that are given, by tensor.
        start: the values of variables before the run.
        readers: for an operation, the write that it sees of each variable, if it sees one.
        seed: the seed of the session's random numbers.
        number: the number of the run.
    """

    values: dict[Tensor, Any]
    start: Mapping[Any, Any] = field(default_factory=dict)
    readers: Mapping[Operation, Mapping[Any, Operation]] = field(default_factory=dict)
    seed: Any = 0
    number: Any = 0
    current: dict[Any, Any] = field(default_factory=dict)
    versions: dict[tuple[Any, Any], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.current = self.current or dict(self.start)

    def of(self, tensor: Any, reader: Operation | None = None) -> Any:
        """Return the value of a tensor, as an operation sees it."""
        if tensor in self.values:
            return self.values[tensor]
        write = self.readers.get(reader, {}).get(tensor) if reader is not None else None
        version = (write, tensor)
        return self.versions[version] if version in self.versions else self.start[tensor]

    def filled(self, operation: Operation, structure: Any) -> Any:
        """Return a structure with the values of its tensors."""
        return map_structure(
            lambda leaf: self.of(leaf, operation) if isinstance(leaf, Tensor) else leaf, structure
        )

    def run(self, operations: Iterable[Operation]) -> None:
        """Evaluate operations, in an order in which they can run; what is known stays."""
        for operation in operations:
            outputs = operation.outputs
            if outputs and all(tensor in self.values for tensor in outputs):
                continue
            for tensor, value in zip(outputs, operation.operation.evaluate(operation, self)):
                self.values.setdefault(tensor, value)

    def key_for(self, operation: Operation) -> Any:
        """Return the key of an operation's random numbers in this run.

        It follows from the seed of the session (that of the graph, if it has one), the seed of the
        operation or else its name, and the number of the run.
        """
        own = getattr(operation, "seed", None)
        purpose = operation.name if own is None else f"seed {own}"
        seed = self.seed if own is None or operation.graph.seed is not None else _UNSEEDED
        return at_step(fold(make_key(seed, "graph"), purpose), self.number)


_UNSEEDED = 87654321  # the seed of a graph without one, for operations that have one


def ancestors(operations: Iterable[Operation], stop: Callable[[Tensor], bool]) -> list[Operation]:
    """Return what operations need, themselves included, in the order in which they were made.

    Args:
        operations: the operations.
        stop: tells of a tensor whether its value is given, so that nothing before it is needed.
    """
    found: dict[Operation, None] = {}
    waiting = list(operations)
    while waiting:
        operation = waiting.pop()
        if operation in found:
            continue
        found[operation] = None
        waiting.extend(operation.control_inputs)
        waiting.extend(tensor.node for tensor in operation.inputs if not stop(tensor))
    return sorted(found, key=lambda each: each.number)
