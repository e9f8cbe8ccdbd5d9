"""The one symbolic graph.

Calling a layer or an op on a `SymbolicTensor` computes nothing: it records a `Node`. The
functional model, its summary, its drawing and its file all walk these nodes.

A `Variable` among the arguments of such a call is a leaf of the graph, as its inputs are: a model
of the graph trains, counts, saves and loads it. An array is a constant. So is what is computed
from variables alone, such as ``2 * w``, since that is computed at once: write ``2 * (w * x)``, or a
layer that holds the variable.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core import masks, registry
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.inference import infer_outputs
from maeum.core.scope import abstractly
from maeum.core.symbolic import (
    SymbolicTensor,
    is_symbolic,
    leaves,
    map_structure,
    symbolic_leaves,
    tensor_dtype,
)
from maeum.core.threads import check_process
from maeum.core.variable import Variable

__all__ = [
    "Graph",
    "Node",
    "SymbolicTensor",
    "check_shape",
    "full_shape",
    "infer_outputs",
    "is_symbolic",
    "map_structure",
    "op",
    "record",
    "symbolic_leaves",
    "tensor_dtype",
]


class Call:
    """A function of `maeum.ops` as an operation of a graph."""

    def __init__(self, function: Callable):
        self.function = function
        self.name = function.__name__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function."""
        return self.function(*args, **kwargs)


@dataclass(eq=False, repr=False)
class Node:
    """One call of an operation (a layer or an op) on symbolic tensors, and perhaps variables."""

    operation: Any
    args: tuple
    kwargs: dict
    outputs: Any

    def __post_init__(self) -> None:
        self.inputs = symbolic_leaves((self.args, self.kwargs))
        self.variables = [v for v in leaves((self.args, self.kwargs)) if isinstance(v, Variable)]
        for index, tensor in enumerate(symbolic_leaves(self.outputs)):
            tensor.node, tensor.index = self, index


def record(operation: Any, args: tuple, kwargs: dict, outputs: Any) -> Any:
    """Record a call as a node and return its symbolic outputs."""
    Node(operation, args, kwargs, outputs)
    return outputs


def op(function: Callable | None = None, *, mask: masks.Rule | None = None) -> Callable:
    """Make a pure function an op: on symbolic tensors it records a node, else it computes.

    It is registered as ``ops.NAME``, for files; ``mask`` is its rule for masks (`core/masks.py`).
    """
    if function is None:
        return functools.partial(op, mask=mask)

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if symbolic_leaves((args, kwargs)):
            outputs = infer_outputs(abstractly(function), args, kwargs, shrinks=True)
            return record(Call(wrapped), args, kwargs, outputs)
        check_process()
        return masks.passed_on(function, mask, args, kwargs, function(*args, **kwargs))

    wrapped.mask_rule = mask  # type: ignore[attr-defined]
    registry.add(f"ops.{function.__name__}", wrapped)
    return wrapped


def _operator(function: Callable, reflected: bool = False) -> Callable:
    recorded = op(function, mask=masks.times_matrix if function is jnp.matmul else masks.each_entry)

    def method(self: SymbolicTensor, *others: Any) -> Any:
        return recorded(*others, self) if reflected else recorded(self, *others)

    return method


@op(mask=masks.whole_steps)
def getitem(x: Any, *index: Any) -> Any:
    """Return ``x[index]``; slices are written as ``("slice", start, stop, step)``."""

    def part(item: Any) -> Any:
        if isinstance(item, (tuple, list)) and len(item) == 4 and item[0] == "slice":
            return slice(*item[1:])
        return Ellipsis if item == "..." else item

    return x[tuple(part(item) for item in index)]


def _getitem(self: SymbolicTensor, index: Any) -> Any:
    def part(item: Any) -> Any:
        if isinstance(item, slice):
            return ("slice", item.start, item.stop, item.step)
        return "..." if item is Ellipsis else item

    return getitem(self, *map(part, index if isinstance(index, tuple) else (index,)))


SymbolicTensor.__getitem__ = _getitem  # type: ignore[attr-defined, misc]
_binary: dict[str, Callable] = {
    "add": jnp.add,
    "sub": jnp.subtract,
    "mul": jnp.multiply,
    "truediv": jnp.true_divide,
    "floordiv": jnp.floor_divide,
    "mod": jnp.mod,
    "pow": jnp.power,
    "matmul": jnp.matmul,
    "and": jnp.logical_and,
    "or": jnp.logical_or,
    "xor": jnp.logical_xor,
}
_others: dict[str, Callable] = {
    "neg": jnp.negative,
    "abs": jnp.abs,
    "invert": jnp.logical_not,
    "lt": jnp.less,
    "le": jnp.less_equal,
    "gt": jnp.greater,
    "ge": jnp.greater_equal,
}
for _name, _function in _binary.items():
    setattr(SymbolicTensor, f"__{_name}__", _operator(_function))
    setattr(SymbolicTensor, f"__r{_name}__", _operator(_function, reflected=True))
for _name, _function in _others.items():
    setattr(SymbolicTensor, f"__{_name}__", _operator(_function))
_equal, _not_equal = (_operator(one) for one in (jnp.equal, jnp.not_equal))


def _eq(self: SymbolicTensor, other: object) -> Any:
    """Compare the entries with a number or an array; a symbolic tensor equals only itself."""
    return _equal(self, other) if isinstance(other, _COMPARED) else self is other


def _ne(self: SymbolicTensor, other: object) -> Any:
    compared = isinstance(other, (*_COMPARED, SymbolicTensor))
    return _not_equal(self, other) if compared else self is not other


_COMPARED = (bool, int, float, np.generic, np.ndarray, jax.Array)
SymbolicTensor.__eq__ = _eq  # type: ignore[assignment]
SymbolicTensor.__ne__ = _ne  # type: ignore[assignment]
SymbolicTensor.__hash__ = object.__hash__  # type: ignore[assignment]


class Graph:
    """The nodes between some inputs and outputs, in an order in which they can run.

    Nodes are sorted by their depth (the longest way to an output), so that layers come in the
    same order as in Keras and weights can be exchanged with it.

    Args:
        inputs: a structure of symbolic tensors.
        outputs: a structure of symbolic tensors that depend on them.
        attached: more tensors that are computed with the outputs, and not returned.

    Raises:
        ConfigError: if an output does not follow from the inputs.
    """

    _untraced = frozenset({"_depth", "_order"})  # how it was sorted

    def __init__(self, inputs: Any, outputs: Any, attached: Iterable[SymbolicTensor] = ()):
        self.inputs = inputs
        self.outputs = outputs
        self.attached = list(attached)
        self.input_tensors = symbolic_leaves(inputs)
        self.output_tensors = symbolic_leaves(outputs)
        wrong = [leaf for leaf in leaves((inputs, outputs)) if not is_symbolic(leaf)]
        if wrong or not self.input_tensors or not self.output_tensors:
            raise ConfigError(
                "A functional model goes from symbolic inputs to symbolic outputs; got {value!r}. "
                "Begin with x = maeum.Input(shape), call layers on it: Model(inputs, outputs).",
                value=wrong[0] if wrong else outputs if self.input_tensors else inputs,
            )
        if len({id(tensor) for tensor in self.input_tensors}) < len(self.input_tensors):
            raise ConfigError("The same tensor is given as an input twice; give each once.")
        self._order: dict[int, int] = {}
        self.nodes = self._sort(self._reach())
        unique = {id(node.operation): node.operation for node in self.nodes}
        self.operations = sorted(
            unique.values(), key=lambda o: (-self._depth[id(o)], self._order[id(o)])
        )
        self.variables = list(dict.fromkeys(v for node in self.nodes for v in node.variables))

    def _reach(self) -> list[Node]:
        """Return every node that the outputs need, each after the nodes that it needs itself.

        A tensor in the middle of another graph may be an input, too; nothing before it is needed.
        """
        given = {id(tensor) for tensor in self.input_tensors}
        finished: dict[int, Node] = {}

        def needed(tensors: list[SymbolicTensor]) -> list[Node]:
            nodes = map(self._node_of, tensors)
            return [n for n, t in zip(nodes, tensors) if id(t) not in given or not n.inputs]

        def enter(node: Node) -> tuple[Node, Any]:
            self._order.setdefault(id(node.operation), len(self._order))
            return node, iter(needed(node.inputs))

        for first in needed([*self.output_tensors, *self.attached, *self.input_tensors]):
            stack = [] if id(first) in finished else [enter(first)]
            while stack:
                node, rest = stack[-1]
                before = next((n for n in rest if id(n) not in finished), None)
                if before is not None:
                    stack.append(enter(before))
                    continue
                finished[id(node)] = node
                stack.pop()
                if not node.inputs and not given & {id(t) for t in symbolic_leaves(node.outputs)}:
                    raise ConfigError(
                        "The outputs depend on {tensor!r}, which is not among the inputs of the "
                        "model. Add it to them. (The output of a layer that is in several models "
                        "is that of the first one.)",
                        tensor=node.outputs,
                    )
        return list(finished.values())

    @staticmethod
    def _node_of(tensor: SymbolicTensor) -> Node:
        if tensor.node is None:
            raise ConfigError("{x!r} comes from no layer; begin with maeum.Input(shape).", x=tensor)
        return tensor.node

    def _sort(self, reached: list[Node]) -> list[Node]:
        """Sort by decreasing depth; a shared layer's calls lie at least as deep as the deepest."""
        depth: dict[int, int] = {}
        operation_depth: dict[int, int] = {}
        for node in reversed(reached):
            here = max(depth.get(id(node), 0), operation_depth.get(id(node.operation), 0))
            depth[id(node)] = operation_depth[id(node.operation)] = here
            for tensor in node.inputs:
                parent = id(tensor.node)
                depth[parent] = max(depth.get(parent, 0), here + 1)
        self._depth = operation_depth
        return sorted(reached, key=lambda node: -depth[id(node)])

    def run(self, inputs: Sequence[Any], call: Callable[[Node, tuple, dict], Any]) -> Any:
        """Compute the outputs from values for the input tensors, in their order."""
        value_of = {id(t): value for t, value in zip(self.input_tensors, inputs)}

        def fill(leaf: Any) -> Any:
            if isinstance(leaf, Variable):
                return leaf.value
            return value_of[id(leaf)] if is_symbolic(leaf) else leaf

        for node in self.nodes:
            tensors = symbolic_leaves(node.outputs)
            if all(id(t) in value_of for t in tensors):
                continue
            outputs = call(node, map_structure(fill, node.args), map_structure(fill, node.kwargs))
            for tensor, value in zip(tensors, jax.tree.leaves(outputs)):
                value_of.setdefault(id(tensor), value)
        return map_structure(fill, self.outputs)


def check_shape(shape: Any, what: str) -> tuple[int | None, ...]:
    """Return ``shape`` as a tuple of sizes and Nones, or raise `ShapeError`."""
    try:
        sizes = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
        checked = tuple(None if n is None else int(n) for n in sizes)
    except (TypeError, ValueError):
        raise ShapeError(
            "{what} is a tuple such as (30,) or (28, 28, 1); got {shape!r}.", what=what, shape=shape
        ) from None
    if any(n is not None and n < 0 for n in checked):
        raise ShapeError("{what} has no negative sizes; got {shape!r}.", what=what, shape=shape)
    return checked


def full_shape(shape: Any, what: str) -> tuple[int, ...]:
    """Return ``shape`` as a tuple of sizes, all of them known, or raise `ShapeError`."""
    checked = check_shape(shape, what)
    sizes = tuple(n for n in checked if n is not None)
    if len(sizes) < len(checked):
        raise ShapeError(
            "{what} is {checked}, but all of its sizes have to be known. Give the input a whole "
            "shape, such as Input((30,)).",
            what=what,
            checked=checked,
        )
    return sizes
