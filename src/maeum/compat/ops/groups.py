"""Operations that only bring others together: ``group``, ``no_op``, ``tuple``, what runs first."""

from __future__ import annotations

from typing import Any

from maeum.compat.graph.graph import GraphKeys, Operation, control_dependencies, get_default_graph
from maeum.compat.graph.kinds import Kind
from maeum.compat.ops.convert import identity
from maeum.compat.ops.ignoring import check_others

__all__ = [
    "all_variables",
    "global_variables",
    "global_variables_initializer",
    "group",
    "initialize_all_variables",
    "initialize_local_variables",
    "initialize_variables",
    "local_variables",
    "local_variables_initializer",
    "model_variables",
    "moving_average_variables",
    "no_op",
    "tables_initializer",
    "trainable_variables",
    "tuple",
    "variables_initializer",
]  # fmt: skip

NO_OP = Kind("NoOp", lambda: None)


def no_op(name: str | None = None) -> Operation:
    """Return an operation that does nothing."""
    return get_default_graph().add(NO_OP, (), {}, [], name or "NoOp")


def group(*inputs: Any, name: str | None = None, **others: Any) -> Operation:
    """Return an operation that runs others."""
    check_others("group", others)
    flat = [one for each in inputs for one in (each if isinstance(each, (list,)) else [each])]
    with control_dependencies([one for one in flat if one is not None]):
        return no_op(name or "group_deps")


def tuple(tensors: Any, name: str | None = None, control_inputs: Any = None) -> list:
    """Return tensors that have values when all of them have."""
    with control_dependencies([*(t for t in tensors if t is not None), *(control_inputs or ())]):
        return [None if t is None else identity(t) for t in tensors]


def global_variables(scope: str | None = None) -> list:
    """Return the variables."""
    return get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


def local_variables(scope: str | None = None) -> list:
    """Return the variables that belong to one process, such as counters."""
    return get_default_graph().get_collection(GraphKeys.LOCAL_VARIABLES, scope)


def model_variables(scope: str | None = None) -> list:
    """Return the variables of models."""
    return get_default_graph().get_collection(GraphKeys.MODEL_VARIABLES, scope)


def moving_average_variables(scope: str | None = None) -> list:
    """Return the variables whose moving averages are kept."""
    return get_default_graph().get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


def trainable_variables(scope: str | None = None) -> list:
    """Return the variables that optimizers change."""
    return get_default_graph().get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


def variables_initializer(var_list: Any, name: str = "init") -> Operation:
    """Return an operation that gives variables their initial values."""
    return group(*(v.initializer for v in var_list), name=name)


def global_variables_initializer() -> Operation:
    """Return an operation that gives all variables their initial values."""
    return variables_initializer(global_variables())


def local_variables_initializer() -> Operation:
    """Return an operation that gives all local variables their initial values."""
    return variables_initializer(local_variables())


def tables_initializer(name: str = "init_all_tables") -> Operation:
    """Return an operation that does nothing: tables are always there."""
    return no_op(name)


all_variables, initialize_all_variables = global_variables, global_variables_initializer
initialize_variables = variables_initializer
initialize_local_variables = local_variables_initializer
