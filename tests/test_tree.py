"""Structures are taken apart and put together as Keras's ``keras.tree`` does it."""

from collections import OrderedDict, defaultdict, deque, namedtuple

import keras
import numpy as np
import pytest

from maeum import tree

Point = namedtuple("Point", "x y")
STRUCTURES = [
    None,
    1,
    "text",
    {1, 2},
    np.ones(2),
    (),
    [],
    {},
    deque(),
    [1, (2, [3]), {"b": 4, "a": None}],
    {"b": {"d": 1, "c": [2]}, "a": (3,)},
    OrderedDict([("b", 1), ("a", 2)]),
    defaultdict(list, {"b": 1, "a": [2]}),
    deque([1, (2,)], maxlen=5),
    Point(1, {"y": 2}),
    {2: "two", 1: "one"},
]
LISTLIKE = [[1, 2], (1, 2), deque([1, 2]), Point(1, 2)]


def same(one, two):
    """Compare with the types, and the order of dicts, too."""
    assert type(one) is type(two)
    if isinstance(one, dict):
        assert list(one) == list(two)
        assert getattr(one, "default_factory", 0) == getattr(two, "default_factory", 0)
        for key in one:
            same(one[key], two[key])
    elif isinstance(one, (list, tuple, deque)):
        assert len(one) == len(two)
        for a, b in zip(one, two):
            same(a, b)
    else:
        assert one is two or np.array_equal(one, two)


def both(name, *args, **kwargs):
    """Return what Maeum's function returned, after comparing it with Keras's, errors included."""
    results = []
    for module in (tree, keras.tree):
        try:
            results.append(getattr(module, name)(*args, **kwargs))
        except (ValueError, TypeError) as error:
            results.append(TypeError if isinstance(error, TypeError) else ValueError)
    same(*results)
    return results[0]


@pytest.mark.parametrize("structure", STRUCTURES, ids=repr)
def test_one_structure(structure):
    assert tree.is_nested(structure) == keras.tree.is_nested(structure)
    leaves = both("flatten", structure)
    both("flatten_with_path", structure)
    both("map_structure", lambda leaf: (leaf,), structure)
    both("map_structure", lambda leaf: (leaf,), structure, none_is_leaf=False)
    both("pack_sequence_as", structure, list(range(len(leaves))))
    both("pack_sequence_as", structure, [0] * (len(leaves) + 1))
    both("lists_to_tuples", structure)
    for top_down in (True, False):
        visits = []
        for module in (tree, keras.tree):
            visited = []
            module.traverse(visited.append, structure, top_down)
            visits.append(visited)
        same(*visits)


@pytest.mark.parametrize("one", STRUCTURES + LISTLIKE, ids=repr)
@pytest.mark.parametrize("two", STRUCTURES + LISTLIKE, ids=repr)
def test_two_structures(one, two):
    both("assert_same_structure", one, two)
    both("assert_same_paths", one, two)
    both("map_structure", lambda a, b: (a, b), one, two)
    both("map_structure", lambda a, b: (a, b), one, two, none_is_leaf=False)
    if not any(
        leaf is None for leaf in tree.flatten(one)
    ):  # Keras refuses it, against its own documentation
        both("map_structure_up_to", one, lambda part: [part], two)


def test_shapes_and_replacing_by_none():
    shapes = {"a": (None, 3), "b": [(2, 2), [(1,)]]}
    both("map_shape_structure", lambda shape: ("shape", *shape), shapes)
    found = tree.traverse(lambda x: tree.MAP_TO_NONE if isinstance(x, tuple) else None, [(1,), 2])
    assert found == [None, 2]


def test_what_cannot_be_done_is_said():
    with pytest.raises(TypeError, match="callable"):
        tree.map_structure(1, [1])
    with pytest.raises(ValueError, match="at least one structure"):
        tree.map_structure(len)
    with pytest.raises(ValueError, match=r"at \['a', 1\] they differ; expected int, got list"):
        tree.map_structure(max, {"a": [1, 2]}, {"a": [3, [4]]})
    with pytest.warns(DeprecationWarning, match="check_types"):
        tree.assert_same_structure([1], [2], check_types=True)


def test_a_class_can_be_registered():
    class Pair:
        def __init__(self, a, b):
            self.a, self.b = a, b

    assert not tree.is_nested(Pair(1, 2))
    tree.register(Pair, lambda pair: ((pair.a, pair.b), None), lambda rest, parts: Pair(*parts))
    doubled = tree.map_structure(lambda x: 2 * x, [Pair(1, 2)])[0]
    assert (doubled.a, doubled.b) == (2, 4)
