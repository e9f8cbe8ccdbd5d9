"""The graph of TensorFlow 1: `Graph`, its `Operation`s and `Tensor`s, names and collections.

An operation is a `Node` of Maeum's symbolic graph with a name, and control inputs that have to run
before it. Operations are only ever added, so the order in which they were made is one in which they
can run.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from maeum.compat.graph.errors import GraphError
from maeum.compat.graph.types import DType, TensorShape, as_dtype
from maeum.core.errors import nearest
from maeum.core.graph import Node
from maeum.core.messages import _
from maeum.core.symbolic import SymbolicTensor


class Tensor(SymbolicTensor):
    """What an operation of a graph will compute."""

    shape: TensorShape
    dtype: DType  # type: ignore[assignment]

    def __init__(self, shape: Any, dtype: Any):
        self.shape = TensorShape(shape)
        self.dtype = as_dtype(dtype)
        self.mask = None
        self.node: Any = None
        self.index = 0

    @property
    def op(self) -> Operation:
        """The operation that computes it."""
        return self.node

    @property
    def graph(self) -> Graph:
        """The graph that it belongs to."""
        return self.node.graph

    @property
    def name(self) -> str:  # type: ignore[override]
        """The name of its operation, and which of its outputs it is."""
        return f"{self.node.name}:{self.index}"

    def get_shape(self) -> TensorShape:
        """Return what is known of the shape."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Say what is known of the shape, besides what was found."""
        self.shape = self.shape.merge_with(shape)

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """Compute it in a session, the default one unless one is given."""
        return session_for(self, session).run(self, feed_dict)

    def consumers(self) -> list[Operation]:
        """Return the operations that it is an input of."""
        return [op for op in self.graph.get_operations() if any(t is self for t in op.inputs)]

    def __len__(self) -> int:
        raise TypeError(_("len() is not defined for a tensor of a graph: ask its shape[0]."))

    def __bool__(self) -> bool:
        raise TypeError(_(
            "A tensor of a graph has no value yet, so it cannot decide an `if`: run it in a "
            "session, or use tf.cond."
        ))  # fmt: skip

    def __iter__(self) -> Iterator[Any]:
        rows = None if self.shape.unknown or not len(self.shape) else self.shape.as_list()[0]
        if rows is None:
            raise TypeError(_("A tensor whose first size is not known cannot be iterated over."))
        return iter([self[place] for place in range(rows)])  # type: ignore[index]

    def numpy(self) -> Any:
        """Refuse: a tensor of a graph has a value only in a session."""
        raise AttributeError(_("A tensor of a graph has a value only in a session: run it there."))

    def __repr__(self) -> str:
        return f"<tf.Tensor '{self.name}' shape={self.shape!s} dtype={self.dtype.name}>"

    def __str__(self) -> str:
        return f'Tensor("{self.name}", shape={self.shape!s}, dtype={self.dtype.name})'


class Operation(Node):
    """An operation of a graph: what to compute, on which tensors, after which other operations."""

    graph: Graph
    name: str
    control_inputs: list[Operation]
    inputs: list[Tensor]  # type: ignore[assignment]
    number: int
    device = ""

    @property
    def type(self) -> str:
        """TensorFlow's name of what it computes, such as ``"MatMul"``."""
        return self.operation.name

    def run(self, feed_dict: Any = None, session: Any = None) -> None:
        """Run it in a session, the default one unless one is given."""
        session_for(self, session).run(self, feed_dict)

    def get_attr(self, name: str) -> Any:
        """Return an argument that is no tensor."""
        return self.kwargs[name]

    def __repr__(self) -> str:
        return f"<tf.Operation '{self.name}' type={self.type}>"


class GraphKeys:
    """The names of the usual collections."""

    GLOBAL_VARIABLES = VARIABLES = "variables"
    LOCAL_VARIABLES = "local_variables"
    MODEL_VARIABLES = "model_variables"
    TRAINABLE_VARIABLES = "trainable_variables"
    MOVING_AVERAGE_VARIABLES = "moving_average_variables"
    SUMMARIES = "summaries"
    QUEUE_RUNNERS = "queue_runners"
    REGULARIZATION_LOSSES = "regularization_losses"
    LOSSES = "losses"
    UPDATE_OPS = "update_ops"
    TRAIN_OP = "train_op"
    GLOBAL_STEP = "global_step"
    INIT_OP = "init_op"
    WEIGHTS = "weights"
    BIASES = "biases"
    ACTIVATIONS = "activations"
    TABLE_INITIALIZERS = "table_initializer"


class Graph:
    """Operations and the tensors between them, by name."""

    def __init__(self) -> None:
        self._operations: dict[str, Operation] = {}
        self._taken: Counter[str] = Counter()
        self._collections: dict[Any, list] = {}
        self._controls: list[list[Operation]] = []
        self.scope = ""
        self.seed: int | None = None
        self.variables: dict[str, Any] = {}  # those of get_variable, by name
        self.variable_scope: Any = None  # the innermost one; see `scopes`
        self.finalized = False

    # ---- operations --------------------------------------------------------------------------

    def add(
        self, operation: Any, args: tuple, kwargs: dict, outputs: Sequence[Tensor], name: str
    ) -> Operation:
        """Add an operation: it is recorded as a node, and given a name of its own."""
        if self.finalized:
            raise GraphError("The graph is finalized, so nothing can be added to it.")
        made = Operation(operation, args, kwargs, list(outputs))
        made.graph = self
        for tensor in made.inputs:
            if getattr(tensor, "graph", self) is not self:
                raise GraphError(
                    "{tensor} is a tensor of another graph than {name!r}, which would use it. "
                    "Make both in one graph: with graph.as_default().",
                    tensor=tensor, name=name,
                )  # fmt: skip
        made.name = name[:-1] if name.endswith("/") else self.unique_name(name)
        made.number = len(self._operations)
        made.control_inputs = list(dict.fromkeys(op for ops in self._controls for op in ops))
        self._operations[made.name] = made
        return made

    def get_operations(self) -> list[Operation]:
        """Return all operations, in the order in which they were made."""
        return list(self._operations.values())

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        """Return the name within the scope, numbered if it is taken."""
        full = found = f"{self.scope}{name}"
        count = self._taken.get(full.lower(), 0)
        while found.lower() in self._taken:
            found = f"{full}_{count}" if count else full
            count += 1
        if mark_as_used:
            self._taken[full.lower()] = count or 1
            self._taken[found.lower()] |= 1
        return found

    def get_operation_by_name(self, name: str) -> Operation:
        """Return the operation of a name.

        Raises:
            GraphError: if there is none (it is a KeyError's text with the nearest name).
        """
        if name not in self._operations:
            raise GraphError("The graph has no operation {name!r}.{hint}", name=name,
                             hint=nearest(name, self._operations))  # fmt: skip
        return self._operations[name]

    def get_tensor_by_name(self, name: str) -> Tensor:
        """Return the tensor of a name such as ``"x:0"``.

        Raises:
            GraphError: if there is none.
        """
        operation, colon, index = str(name).partition(":")
        if not colon or not index.isdigit():
            raise GraphError("The name of a tensor is that of its operation and the number of the "
                             "output, such as 'x:0'; got {name!r}.", name=name)  # fmt: skip
        outputs = self.get_operation_by_name(operation).outputs
        if int(index) >= len(outputs):
            raise GraphError("The operation {name!r} has {n} outputs.", name=operation,
                             n=len(outputs))  # fmt: skip
        return outputs[int(index)]

    def as_graph_element(self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True):  # type: ignore[no-untyped-def]
        """Return the tensor or the operation that is meant by itself, or by its name."""
        if not isinstance(obj, str):
            return obj
        return self.get_tensor_by_name(obj) if ":" in obj else self.get_operation_by_name(obj)

    # ---- scopes --------------------------------------------------------------------------------

    @contextlib.contextmanager
    def name_scope(self, name: str | None) -> Iterator[str]:
        """Put a name before those of the operations made inside; None for none."""
        before = self.scope
        if not name:
            self.scope = ""
        elif name.endswith("/"):
            self.scope = name
        else:
            self.scope = f"{self.unique_name(name)}/"
        try:
            yield self.scope
        finally:
            self.scope = before

    @contextlib.contextmanager
    def control_dependencies(self, control_inputs: Sequence[Any] | None) -> Iterator[None]:
        """Let what is made inside run after some operations; None for after nothing."""
        before = self._controls
        given = [getattr(one, "op", one) for one in control_inputs or ()]
        added = [one for one in given if isinstance(one, Operation)]
        self._controls = [] if control_inputs is None else [*before, added]
        try:
            yield
        finally:
            self._controls = before

    def device(self, name: Any) -> Any:
        """Accept a device; XLA chooses where things run."""
        return contextlib.nullcontext()

    @contextlib.contextmanager
    def as_default(self) -> Iterator[Graph]:
        """Make it the graph to which operations are added, inside the block."""
        _stack.append(self)
        try:
            yield self
        finally:
            _left(_stack, self)

    # ---- collections ---------------------------------------------------------------------------

    def add_to_collection(self, name: Any, value: Any) -> None:
        """Add a thing to a collection."""
        self._collections.setdefault(name, []).append(value)

    def add_to_collections(self, names: Any, value: Any) -> None:
        """Add a thing to several collections."""
        for name in (names,) if isinstance(names, str) else names or ():
            self.add_to_collection(name, value)

    def get_collection(self, name: Any, scope: str | None = None) -> list:
        """Return what a collection has, perhaps only what is named from a scope on."""
        found = list(self._collections.get(name, ()))
        if not scope:
            return found
        return [one for one in found if re.match(scope, getattr(one, "name", ""))]

    def get_collection_ref(self, name: Any) -> list:
        """Return a collection itself, which may be changed."""
        return self._collections.setdefault(name, [])

    def get_all_collection_keys(self) -> list:
        """Return the names of the collections."""
        return list(self._collections)

    def clear_collection(self, name: Any) -> None:
        """Empty a collection."""
        self._collections.pop(name, None)

    def finalize(self) -> None:
        """Let nothing be added any more."""
        self.finalized = True

    def as_graph_def(self, *args: Any, **kwargs: Any) -> Graph:
        """Return the graph, which is its own description."""
        return self


_stack: list[Graph] = []
_base: list[Graph] = [Graph()]
_sessions: list[Any] = []


def get_default_graph() -> Graph:
    """Return the graph to which operations are added."""
    return _stack[-1] if _stack else _base[0]


def reset_default_graph() -> None:
    """Begin a new default graph.

    Raises:
        GraphError: inside ``with graph.as_default()``.
    """
    if _stack:
        raise GraphError("reset_default_graph() is not for the inside of a graph.as_default().")
    _base[0] = Graph()


def _left(stack: list, thing: Any) -> None:
    """Take what was entered last of a thing off a stack, if it is still there."""
    place = next((i for i in reversed(range(len(stack))) if stack[i] is thing), None)
    if place is not None:
        del stack[place]


def begin_anew() -> None:
    """Forget all graphs and sessions that are entered, and begin a new default graph."""
    _stack.clear()
    _sessions.clear()
    _base[0] = Graph()


def inside_a_graph() -> bool:
    """Tell whether the caller is inside ``with graph.as_default()``."""
    return bool(_stack)


def get_default_session() -> Any:
    """Return the session that is entered, or None."""
    return _sessions[-1] if _sessions else None


@contextlib.contextmanager
def entered(session: Any) -> Iterator[Any]:
    """Make a session the default one, and its graph as well, inside the block."""
    _sessions.append(session)
    try:
        with session.graph.as_default():
            yield session
    finally:
        _left(_sessions, session)


def session_for(thing: Any, session: Any) -> Any:
    """Return the session that was given, or the default one.

    Raises:
        GraphError: if there is none.
    """
    found = session or get_default_session()
    if found is None:
        raise GraphError(
            "Cannot compute {name!r}: no session is given or entered. Use "
            "`with tf.Session() as sess:`, or pass eval(session=sess).",
            name=thing.name,
        )
    return found


def control_dependencies(control_inputs: Any) -> Any:
    """Let what is made inside run after some operations."""
    return get_default_graph().control_dependencies(control_inputs)


def is_graph_thing(value: Any) -> bool:
    """Tell whether a value is a tensor or an operation of a graph."""
    return isinstance(value, (Tensor, Operation))


def dtype_of(value: Any) -> DType:
    """Return the dtype of a tensor, an array, a number or a text."""
    found = getattr(value, "dtype", None)
    return as_dtype(np.asarray(value).dtype if found is None else found)
