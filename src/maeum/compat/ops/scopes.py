"""``variable_scope`` and ``get_variable``: variables that are shared by their names."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from maeum.compat.graph.errors import GraphError
from maeum.compat.graph.graph import Graph, GraphKeys, Tensor, get_default_graph
from maeum.compat.graph.types import TensorShape, as_dtype
from maeum.compat.ops.ignoring import check_others
from maeum.compat.ops.initializers import glorot_uniform_initializer, initial_value
from maeum.compat.ops.variables import GraphVariable
from maeum.core.errors import nearest

__all__ = [
    "AUTO_REUSE", "VariableScope", "get_local_variable", "get_variable", "get_variable_scope",
    "name_scope", "no_regularizer", "op_scope", "variable_op_scope", "variable_scope",
]  # fmt: skip

AUTO_REUSE = "auto_reuse"


class VariableScope:
    """A part of the names of variables, and what they have in common.

    Args:
        graph: the graph.
        name: the name, without a slash at the end.
        reuse: whether variables that are there are taken: True, False, or `AUTO_REUSE`.
        initializer: what makes initial values by default.
        regularizer: what is added to the losses by default.
        custom_getter: a function around ``get_variable``.
        dtype: the dtype by default.
    """

    def __init__(
        self, graph: Graph, name: str = "", reuse: Any = False, initializer: Any = None,
        regularizer: Any = None, custom_getter: Callable | None = None, dtype: Any = "float32",
    ):  # fmt: skip
        self._graph, self.name, self.reuse = graph, name, reuse
        self.initializer, self.regularizer = initializer, regularizer
        self.custom_getter, self.dtype = custom_getter, dtype
        self.original_name_scope = ""

    def reuse_variables(self) -> None:
        """Take variables that are there from now on."""
        self.reuse = True

    def set_initializer(self, initializer: Any) -> None:
        """Choose the initializer."""
        self.initializer = initializer

    def set_regularizer(self, regularizer: Any) -> None:
        """Choose the regularizer."""
        self.regularizer = regularizer

    def get_collection(self, name: Any) -> list:
        """Return what a collection has of this scope."""
        return self._graph.get_collection(name, f"{self.name}/" if self.name else None)

    def trainable_variables(self) -> list:
        """Return the variables of this scope that optimizers change."""
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)

    def global_variables(self) -> list:
        """Return the variables of this scope."""
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)


def get_variable_scope() -> VariableScope:
    """Return the innermost scope."""
    graph = get_default_graph()
    if graph.variable_scope is None:
        graph.variable_scope = VariableScope(graph)
    return graph.variable_scope


@contextlib.contextmanager
def variable_scope(
    name_or_scope: Any = None, default_name: str | None = None, values: Any = None,
    initializer: Any = None, regularizer: Any = None, caching_device: Any = None,
    partitioner: Any = None, custom_getter: Any = None, reuse: Any = None, dtype: Any = None,
    use_resource: Any = None, constraint: Any = None, auxiliary_name_scope: bool = True,
) -> Iterator[VariableScope]:  # fmt: skip
    """Put a name before those of the variables that are made, or taken, inside.

    Args:
        name_or_scope: the name, or a scope that was entered before.
        default_name: a name that is numbered if it is taken, used without the first one.
        values: accepted.
        initializer, regularizer, custom_getter, dtype: see `VariableScope`.
        caching_device, partitioner, use_resource, constraint: accepted.
        reuse: True to take variables that are there, `AUTO_REUSE` to take or make them.
        auxiliary_name_scope: whether operations get the name, too.
    """
    outer, graph = get_variable_scope(), get_default_graph()
    given = isinstance(name_or_scope, VariableScope)
    if name_or_scope is None:
        name_or_scope = _numbered(graph, outer.name, default_name or "scope")
    if given:
        inside, short = name_or_scope.name, name_or_scope.name.rpartition("/")[2]
        base = name_or_scope
    else:
        inside = f"{outer.name}/{name_or_scope}" if outer.name else name_or_scope
        short, base = name_or_scope, outer
    scope = VariableScope(
        graph, inside, base.reuse if reuse is None or reuse is False else reuse,
        initializer or base.initializer, regularizer or base.regularizer,
        custom_getter or base.custom_getter, dtype or base.dtype,
    )  # fmt: skip
    if outer.reuse is True and reuse is None and not given:
        scope.reuse = True
    _counts(graph)[inside] += 1
    named = (
        graph.name_scope(short) if auxiliary_name_scope and short else contextlib.nullcontext("")
    )
    graph.variable_scope = scope
    try:
        with named as scope.original_name_scope:
            yield scope
    finally:
        graph.variable_scope = outer


def _counts(graph: Graph) -> Counter[str]:
    return graph.__dict__.setdefault("_scopes", Counter())


def _numbered(graph: Graph, outer: str, name: str) -> str:
    """Return a name of a scope that is not taken."""
    taken, found, count = _counts(graph), name, 0
    while taken[f"{outer}/{found}" if outer else found]:
        count += 1
        found = f"{name}_{count}"
    return found


def get_variable(
    name: str, shape: Any = None, dtype: Any = None, initializer: Any = None,
    regularizer: Any = None, trainable: bool = True, collections: Any = None,
    caching_device: Any = None, partitioner: Any = None, validate_shape: bool = True,
    use_resource: Any = None, custom_getter: Any = None, constraint: Any = None,
) -> Any:  # fmt: skip
    """Return the variable of a name in the scope: a new one, or the one that is there.

    Raises:
        GraphError: if there is one that the scope does not reuse, or none that it should.
    """
    scope = get_variable_scope()
    getter = custom_getter or scope.custom_getter

    def made(name: str, *args: Any, **options: Any) -> Any:
        return _variable(scope, name, **options)

    options = {
        "shape": shape, "dtype": dtype, "initializer": initializer, "regularizer": regularizer,
        "trainable": trainable, "collections": collections, "constraint": constraint,
    }  # fmt: skip
    full = f"{scope.name}/{name}" if scope.name else name
    return made(full, **options) if getter is None else getter(made, full, **options)


def _variable(
    scope: VariableScope, name: str, shape: Any = None, dtype: Any = None,
    initializer: Any = None, regularizer: Any = None, trainable: bool = True,
    collections: Any = None, constraint: Any = None, **others: Any,
) -> Any:  # fmt: skip
    check_others("_variable", others)
    graph = scope._graph
    known = graph.variables.get(name)
    if known is not None:
        if not scope.reuse:
            raise GraphError(
                "The variable {name!r} is there already. Did you mean to share it? Then enter the "
                "scope with reuse=True or reuse=tf.AUTO_REUSE; or begin with "
                "tf.reset_default_graph().", name=name,
            )  # fmt: skip
        if shape is not None and not known.shape.is_compatible_with(shape):
            raise GraphError("The variable {name!r} has the shape {shape}; {given} was asked for.",
                             name=name, shape=known.shape, given=TensorShape(shape))  # fmt: skip
        return known
    if scope.reuse is True:
        raise GraphError(
            "There is no variable {name!r} to reuse.{hint} Make it first without reuse, or with "
            "reuse=tf.AUTO_REUSE.", name=name, hint=nearest(name, graph.variables),
        )  # fmt: skip
    dtype = as_dtype(dtype or scope.dtype)
    shape = None if shape is None else TensorShape(shape)
    own = initializer if initializer is not None else scope.initializer
    if own is None:
        own = glorot_uniform_initializer() if dtype.is_floating else 0
        if not dtype.is_floating and shape is not None:
            from maeum.compat.ops.initializers import zeros_initializer

            own = zeros_initializer(dtype)
    with graph.name_scope(None), graph.control_dependencies(None):
        if isinstance(own, Tensor):
            value: Any = own
        else:
            value = lambda: initial_value(own, shape, dtype)  # noqa: E731
        made = GraphVariable(value, trainable, collections, name=name, dtype=dtype,
                             constraint=constraint)  # fmt: skip
    graph.variables[name] = made
    regularizer = regularizer or scope.regularizer
    if regularizer is not None and regularizer is not no_regularizer:
        with graph.name_scope(f"{name}/Regularizer/"):
            loss = regularizer(made)
        if loss is not None:
            graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)
    return made


def get_local_variable(name: str, shape: Any = None, dtype: Any = None, **options: Any) -> Any:
    """Return a variable of one process, which optimizers do not change."""
    options |= {"trainable": False, "collections": [GraphKeys.LOCAL_VARIABLES]}
    return get_variable(name, shape, dtype, **options)


def no_regularizer(_: Any) -> None:
    """Add nothing to the losses."""


@contextlib.contextmanager
def name_scope(
    name: Any = None, default_name: str | None = None, values: Any = None
) -> Iterator[str]:
    """Put a name before those of the operations that are made inside."""
    with get_default_graph().name_scope(name if name is not None else default_name) as scope:
        yield scope


@contextlib.contextmanager
def variable_op_scope(values: Any, name: Any, default_name: Any = None, **options: Any) -> Any:
    """Enter a `variable_scope`; the older order of its arguments."""
    with variable_scope(name, default_name, values, **options) as scope:
        yield scope


@contextlib.contextmanager
def op_scope(values: Any, name: Any, default_name: Any = None) -> Any:
    """Enter a `name_scope`; the older order of its arguments."""
    with name_scope(name, default_name, values) as scope:
        yield scope
