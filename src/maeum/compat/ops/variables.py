"""Variables of a graph: each session has values of its own for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from maeum.compat.graph.errors import InvalidArgumentError
from maeum.compat.graph.graph import (
    Graph,
    GraphKeys,
    Operation,
    Tensor,
    get_default_graph,
    session_for,
)
from maeum.compat.graph.kinds import Source, Write
from maeum.compat.graph.types import TensorShape
from maeum.compat.ops.convert import convert_to_tensor
from maeum.compat.ops.ignoring import check_others
from maeum.compat.ops.recording import as_argument

VARIABLE = Source("VariableV2")


class GraphVariable(Tensor):
    """A variable of a graph, which is a tensor whose value sessions keep.

    Args:
        initial_value: a tensor, or what becomes one, or a function that returns it.
        trainable: whether optimizers change it.
        collections: the collections that it belongs to; the global variables by default.
        validate_shape: whether the initial value has to have the shape.
        name: its name.
        dtype: its dtype; that of the initial value by default.
        constraint: a function that is applied to it after each step of an optimizer.
        shape: its shape; that of the initial value by default.
    """

    def __init__(
        self, initial_value: Any = None, trainable: bool = True, collections: Any = None,
        validate_shape: bool = True, caching_device: Any = None, name: str | None = None,
        dtype: Any = None, constraint: Callable | None = None, shape: Any = None,
    ):  # fmt: skip
        graph = get_default_graph()
        controls, graph._controls = graph._controls, []  # what makes it depends on nothing
        name = name or "Variable"
        try:
            scope = graph.unique_name(name, mark_as_used=False)
            with graph.name_scope(f"{scope}/"):
                value = initial_value() if callable(initial_value) else initial_value
                if value is None:
                    raise InvalidArgumentError("A variable needs an initial value; {name!r} has "
                                               "none.", name=name)  # fmt: skip
                value = convert_to_tensor(value, dtype, name="initial_value")
            super().__init__(value.shape if shape is None else shape, value.dtype)
            graph.add(VARIABLE, (), {}, [self], name)
            self.trainable, self.constraint = trainable, constraint
            self.regularizer: Any = None
            self.initial_value = value
            with graph.name_scope(f"{self.op.name}/"):
                self.initializer = assign(self, value, name="Assign").op
        finally:
            graph._controls = controls
        kept = [GraphKeys.GLOBAL_VARIABLES] if collections is None else list(collections)
        if trainable and GraphKeys.TRAINABLE_VARIABLES not in kept:
            kept.append(GraphKeys.TRAINABLE_VARIABLES)
        graph.add_to_collections(kept, self)

    def value(self) -> Tensor:
        """Return the tensor, which is the variable itself."""
        return self

    read_value = value

    def initialized_value(self) -> Any:
        """Return the initial value."""
        return self.initial_value

    def assign(
        self, value: Any, use_locking: bool = False, name: Any = None, **others: Any
    ) -> Tensor:
        """Return what assigns a value when it runs, and is the new value."""
        check_others("assign", others)
        return assign(self, value, name=name)

    def assign_add(self, delta: Any, use_locking: bool = False, name: Any = None) -> Tensor:
        """Return what adds to the value when it runs."""
        return assign_add(self, delta, name=name)

    def assign_sub(self, delta: Any, use_locking: bool = False, name: Any = None) -> Tensor:
        """Return what subtracts from the value when it runs."""
        return assign_sub(self, delta, name=name)

    def load(self, value: Any, session: Any = None) -> None:
        """Give it a value in a session, at once."""
        session_for(self, session).put(self, value)

    @property
    def _shared_name(self) -> str:
        return self.op.name

    def __repr__(self) -> str:
        return f"<tf.Variable '{self.name}' shape={self.shape!s} dtype={self.dtype.name}_ref>"

    __str__ = __repr__


def write(
    name: str, variables: list[Any], args: tuple, function: Callable, reads: bool = True,
    own: str | None = None, outputs: bool = True, recipe: Any = None,
) -> Operation:  # fmt: skip
    """Add an operation that gives variables new values, which are its outputs, too."""
    kind = Write(name, tuple(variables), function, reads, recipe)
    graph: Graph = get_default_graph()
    tensors = [Tensor(v.shape, v.dtype) for v in variables] if outputs else []
    return graph.add(kind, tuple(map(as_argument, args)), {}, tensors, own or name)


def _updating(name: str, compute: Callable[[Any, Any], Any]) -> Callable[..., Tensor]:
    def update(ref: Any, value: Any, use_locking: Any = None, name: str | None = name) -> Tensor:
        check_shape(ref, value)

        def function(now: list, value: Any) -> tuple[list, list]:
            new = jnp.asarray(compute(now[0] if now else None, value)).astype(ref.dtype.dtype)
            if ref.shape.is_fully_defined() and new.shape != tuple(ref.shape):
                new = jnp.broadcast_to(new, tuple(ref.shape))
            return [new], [new]

        return write(kind, [ref], (value,), function, kind != "Assign", name).outputs[0]

    kind = name
    return update


def check_shape(ref: Any, value: Any) -> None:
    """Raise `InvalidArgumentError` if a value cannot be a variable's."""
    shape = TensorShape(value.shape if hasattr(value, "shape") else np.shape(value))
    if len(shape) and not shape.is_compatible_with(ref.shape):
        raise InvalidArgumentError(
            "The variable {name!r} has the shape {shape}; a value of shape {given} cannot be "
            "assigned to it.", name=ref.op.name, shape=ref.shape, given=shape,
        )  # fmt: skip


assign = _updating("Assign", lambda now, value: value)
assign_add = _updating("AssignAdd", lambda now, value: now + value)
assign_sub = _updating("AssignSub", lambda now, value: now - value)


def _scattering(name: str, method: str) -> Callable[..., Tensor]:
    def update(ref: Any, indices: Any, updates: Any, use_locking: Any = None,
               name: str | None = name) -> Tensor:  # fmt: skip
        def function(now: list, indices: Any, updates: Any) -> tuple[list, list]:
            new = getattr(now[0].at[jnp.asarray(indices)], method)(updates)
            return [new], [new]

        return write(kind, [ref], (indices, updates), function, True, name).outputs[0]

    kind = name
    return update


scatter_update = _scattering("ScatterUpdate", "set")
scatter_add = _scattering("ScatterAdd", "add")


def scatter_sub(ref: Any, indices: Any, updates: Any, use_locking: Any = None,
                name: str | None = "ScatterSub") -> Tensor:  # fmt: skip
    """Return what subtracts from some entries of a variable when it runs."""
    return scatter_add(ref, indices, -convert_to_tensor(updates), name=name)
