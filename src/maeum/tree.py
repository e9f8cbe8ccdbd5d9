"""Nested structures: lists, tuples, named tuples, deques and dicts, taken apart and put together.

A dict is taken in the order of its sorted keys (an ``OrderedDict`` in its own), so that two dicts
with the same keys always match. None is a leaf. Exactly these types are nested; everything else,
an array or a subclass of ``list``, is one leaf, unless `register` made it known.

Example:
    >>> flatten({"b": [1, 2], "a": 3})
    [3, 1, 2]
    >>> map_structure(lambda n: 10 * n, {"b": [1, 2], "a": 3})
    {'b': [10, 20], 'a': 30}
"""

from __future__ import annotations

import warnings
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from maeum.core.errors import DataError
from maeum.core.messages import _

__all__ = [
    "MAP_TO_NONE",
    "assert_same_paths",
    "assert_same_structure",
    "flatten",
    "flatten_with_path",
    "is_nested",
    "lists_to_tuples",
    "map_shape_structure",
    "map_structure",
    "map_structure_up_to",
    "pack_sequence_as",
    "traverse",
]


class MAP_TO_NONE:
    """What a function given to `traverse` returns to put None in place of a part."""


@dataclass
class _Node:
    """One level of a structure: what is in it, and how to make it again."""

    kind: Any  # nodes match if this is the same
    keys: list[Any]
    parts: list[Any]
    make: Callable[[list[Any]], Any]


_registered: dict[type, tuple[Callable[[Any], tuple], Callable[[Any, Any], Any]]] = {}


def register(
    cls: type,
    flatten: Callable[[Any], tuple[Iterable[Any], Any]],
    unflatten: Callable[[Any, Any], Any],
) -> None:
    """Let a class be nested: ``flatten(x)`` gives its parts and anything else that it needs.

    Args:
        cls: the class itself; subclasses are registered by themselves.
        flatten: ``flatten(x) -> (parts, rest)``.
        unflatten: ``unflatten(rest, parts) -> x``.
    """
    _registered[cls] = flatten, unflatten


def _node(structure: Any) -> _Node | None:
    """Return what a structure consists of; None for a leaf."""
    kind = type(structure)
    if kind in (list, tuple):
        return _Node(kind, list(range(len(structure))), list(structure), kind)
    if kind in (dict, OrderedDict, defaultdict):
        return _dict_node(structure)
    if kind in _registered:
        take, give = _registered[kind]
        parts, rest = take(structure)
        parts = list(parts)
        return _Node((kind, rest), list(range(len(parts))), parts, lambda made: give(rest, made))
    if kind is deque:
        keys = list(range(len(structure)))
        return _Node(deque, keys, list(structure), lambda made: deque(made, structure.maxlen))
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        keys = list(range(len(structure)))
        return _Node(kind, keys, list(structure), lambda made: kind(*made))
    return None


def _dict_node(structure: Any) -> _Node:
    keys = list(structure) if type(structure) is OrderedDict else _sorted(structure)

    def make(parts: list[Any]) -> Any:
        by_key = dict(zip(keys, parts))
        items = [(key, by_key[key]) for key in structure]  # in the order of the original
        if isinstance(structure, defaultdict):
            return defaultdict(structure.default_factory, items)
        return type(structure)(items)

    return _Node(dict, keys, [structure[key] for key in keys], make)


def _sorted(keys: Iterable[Any]) -> list[Any]:
    keys = list(keys)
    try:
        return sorted(keys)
    except TypeError:  # of several types
        return sorted(keys, key=lambda key: (type(key).__qualname__, str(key)))


def is_nested(structure: Any) -> bool:
    """Tell whether something is a structure rather than a leaf.

    >>> is_nested({"a": 1}), is_nested([]), is_nested(1), is_nested(None)
    (True, True, False, False)
    """
    return _node(structure) is not None


def flatten(structure: Any) -> list[Any]:
    """Return the leaves of a structure, those of dicts by sorted key.

    >>> flatten([[1, 2], ({"b": 4, "a": 3}, None)])
    [1, 2, 3, 4, None]
    """
    return [leaf for _path, leaf in _walk(structure)]


def flatten_with_path(structure: Any) -> list[tuple[tuple, Any]]:
    """Return ``(path, leaf)`` for each leaf; a path is a tuple of indices and keys.

    >>> flatten_with_path([{"a": 42}, 7])
    [((0, 'a'), 42), ((1,), 7)]
    """
    return list(_walk(structure))


def _walk(structure: Any, path: tuple = ()) -> Iterator[tuple[tuple, Any]]:
    node = _node(structure)
    if node is None:
        yield path, structure
        return
    for key, part in zip(node.keys, node.parts):
        yield from _walk(part, (*path, key))


def map_structure(func: Callable, *structures: Any, none_is_leaf: bool = True) -> Any:
    """Apply a function to the leaves of structures that match, and return the structure of results.

    Args:
        func: takes one leaf of each structure.
        *structures: structures that are nested in the same way.
        none_is_leaf: False to leave None where it stands, without calling ``func``.

    Raises:
        TypeError: if ``func`` cannot be called.
        DataError: if there is no structure, or if they differ.

    Example:
        >>> map_structure(lambda x, y: x * y, [2, {"a": 3}], [4, {"a": 5}])
        [8, {'a': 15}]
    """
    _check_function(func, structures)

    def leaf(path: tuple, *leaves: Any) -> Any:
        first = leaves[0]
        for other in leaves[1:]:
            if is_nested(other) or (not none_is_leaf and (first is None) != (other is None)):
                raise _different(path, first, other)
        return None if first is None and not none_is_leaf else func(*leaves)

    return _map(leaf, structures, ())


def map_structure_up_to(shallow_structure: Any, func: Callable, *structures: Any) -> Any:
    """Apply a function to the parts of structures that stand where a shallower one has its leaves.

    >>> map_structure_up_to([None, [None, None]], str, [[1, 1], [2, 3]])
    ['[1, 1]', ['2', '3']]

    Raises:
        TypeError: if ``func`` cannot be called.
        DataError: if there is no structure, or if one is not as deep as ``shallow_structure``.
    """
    _check_function(func, structures)
    return _map(lambda _path, _shallow, *parts: func(*parts), (shallow_structure, *structures), ())


def _check_function(func: Any, structures: tuple) -> None:
    if not callable(func):
        raise TypeError(_("func has to be callable; got {func!r}.", func=func))
    if not structures:
        raise DataError("Give at least one structure.")


def _map(function: Callable, structures: tuple, path: tuple) -> Any:
    """Map ``function(path, *leaves)`` over structures as deep as the first one goes."""
    first = _node(structures[0])
    if first is None:
        return function(path, *structures)
    columns = [first.parts]
    for other in structures[1:]:
        columns.append(_matching(first, structures[0], other, path))
    rows = zip(first.keys, zip(*columns))
    return first.make([_map(function, parts, (*path, key)) for key, parts in rows])


def _matching(first: _Node, structure: Any, other: Any, path: tuple) -> list[Any]:
    """Return the parts of another node in the order of the first one's keys."""
    node = _node(other)
    if node is None or (node.kind != first.kind and _type_of(node) is not _type_of(first)):
        raise _different(path, structure, other)
    if len(node.parts) != len(first.parts):
        key = {"path": list(path), "kind": type(structure).__name__}
        if first.kind is dict:
            raise DataError("Dictionary key mismatch at {path}: expected {keys}, got {given}.",
                            path=list(path), keys=first.keys, given=node.keys)  # fmt: skip
        raise DataError("Node arity mismatch at {path}: expected a {kind} of {n}, got one of "
                        "{given}.", **key, n=len(first.parts), given=len(node.parts))  # fmt: skip
    if first.kind is not dict:
        if node.kind != first.kind:
            raise DataError("Node context mismatch at {path}: expected {first!r}, got {other!r}.",
                            path=list(path), first=first.kind[1], other=node.kind[1])  # fmt: skip
        return node.parts
    by_key = dict(zip(node.keys, node.parts))
    if any(key not in by_key for key in first.keys):
        raise DataError("Dictionary key mismatch at {path}: expected {keys}, got {given}.",
                        path=list(path), keys=first.keys, given=node.keys)  # fmt: skip
    return [by_key[key] for key in first.keys]


def _type_of(node: _Node) -> Any:
    return node.kind[0] if isinstance(node.kind, tuple) else node.kind


def _different(path: tuple, first: Any, other: Any) -> DataError:
    return DataError(
        "The structures are not nested in the same way: at {path} they differ; expected {kind}, "
        "got {given} ({other!r}).",
        path=list(path),
        kind=type(first).__name__,
        given=type(other).__name__,
        other=other,
    )


def assert_same_structure(a: Any, b: Any, check_types: Any = None) -> None:
    """Raise an error unless two structures are nested in the same way, with the same types.

    The kinds of dict count as one, and the order of their keys does not count.

    Args:
        a: a structure.
        b: another one.
        check_types: Keras's former argument, which has no effect; `assert_same_paths` is looser.

    Raises:
        DataError: if they differ.
    """
    if check_types is not None:
        warnings.warn(
            _("check_types has no effect any more. For a looser check, use assert_same_paths."),
            DeprecationWarning,
            stacklevel=2,
        )
    map_structure(lambda one, two: None, a, b)


def assert_same_paths(a: Any, b: Any) -> None:
    """Raise an error unless two structures have the same paths; their types may differ.

    >>> assert_same_paths([0, 1], (2, 3))

    Raises:
        DataError: if they differ; the message names the paths.
    """
    paths = [{path for path, _leaf in _walk(structure)} for structure in (a, b)]
    if paths[0] != paths[1]:
        raise DataError(
            "The structures don't have the same paths: only the first has {first}, only the "
            "second {second}.",
            first=sorted(paths[0] - paths[1], key=str),
            second=sorted(paths[1] - paths[0], key=str),
        )


def pack_sequence_as(structure: Any, flat_sequence: Any) -> Any:
    """Return a flat sequence in the form of a structure: the inverse of `flatten`.

    >>> pack_sequence_as({"b": 0, "a": [0, 0]}, [1, 2, 3])
    {'b': 3, 'a': [1, 2]}

    Raises:
        TypeError: if ``flat_sequence`` cannot be iterated over.
        DataError: if it has another number of entries than the structure has leaves.
    """
    values = list(flat_sequence)
    wanted = len(flatten(structure))
    if len(values) != wanted:
        raise DataError(
            "Wrong number of leaves: the structure holds {wanted}, and {given} were given "
            "(expected: {wanted}).",
            wanted=wanted,
            given=len(values),
        )
    rest = iter(values)
    return _map(lambda _path, _leaf: next(rest), (structure,), ())


def traverse(func: Callable, structure: Any, top_down: bool = True) -> Any:
    """Visit every part of a structure, and return it with what the function put in its place.

    Args:
        func: is given each part, and returns what takes its place: None to leave it (and, from
            the top down, to go into it), `MAP_TO_NONE` for None itself.
        structure: the structure.
        top_down: whether a part is visited before what is in it.

    Raises:
        TypeError: if ``func`` cannot be called.

    Example:
        >>> traverse(lambda x: tuple(x) if isinstance(x, list) else None, [1, [2]], False)
        (1, (2,))
    """
    _check_function(func, (structure,))

    def inside(part: Any) -> Any:
        node = _node(part)
        return part if node is None else node.make([visit(inner) for inner in node.parts])

    def visit(part: Any) -> Any:
        part = part if top_down else inside(part)
        found = func(part)
        if found is None:
            return inside(part) if top_down else part
        return None if found is MAP_TO_NONE else found

    return visit(structure)


def lists_to_tuples(structure: Any) -> Any:
    """Return a structure with tuples in place of lists.

    >>> lists_to_tuples([1, {"a": [2]}])
    (1, {'a': (2,)})
    """
    return traverse(lambda x: tuple(x) if isinstance(x, list) else None, structure, top_down=False)


def map_shape_structure(func: Callable, structure: Any) -> Any:
    """Apply a function to every shape of a structure: a tuple or list of sizes and Nones.

    >>> map_shape_structure(len, {"a": (None, 3), "b": [(2, 2, 2)]})
    {'a': 2, 'b': [3]}
    """
    if isinstance(structure, (list, tuple)) and all(
        size is None or isinstance(size, int) for size in structure
    ):
        return func(structure)
    node = _node(structure)
    if node is None:
        return func(structure)
    return node.make([map_shape_structure(func, part) for part in node.parts])
