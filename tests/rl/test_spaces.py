"""Spaces against Gymnasium's."""

import numpy as np
import pytest

from maeum.core.errors import ConfigError, DataError
from maeum.core.randomness import make_key
from maeum.rl.spaces import (
    Box,
    Dict,
    Discrete,
    MultiBinary,
    MultiDiscrete,
    Tuple,
    as_batch,
    map_parts,
    table_index,
    table_size,
)

SPACES = [
    Discrete(4),
    Discrete(3, start=-1),
    Box(-1.0, 1.0, (2, 3)),
    Box(np.array([-np.inf, 0, -np.inf, 1]), np.array([np.inf, np.inf, 2, 4])),
    Box(0, 255, (4, 4), np.uint8),
    Tuple(Discrete(32), Discrete(11), Discrete(2)),
    MultiDiscrete([3, 2, 4]),
    MultiDiscrete([[3, 2], [4, 5]], start=[[-1, 0], [1, 2]]),
    MultiBinary(3),
    MultiBinary((2, 3)),
    Dict({"place": Discrete(3), "more": Dict({"b": Box(0.0, 1.0, (2,)), "a": MultiBinary(2)})}),
]


def as_gymnasium_has(space, value):
    """Return an element as NumPy's types, which Gymnasium asks for."""
    return map_parts(
        lambda part, a: np.asarray(a, np.int64 if isinstance(part, Discrete) else part.dtype),
        space,
        value,
    )


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_samples_lie_in_the_space_and_in_gymnasiums(space):
    other = pytest.importorskip("gymnasium") and space.to_gymnasium()
    samples = [space.sample(make_key(0, n)) for n in range(8)]
    assert all(space.contains(sample) for sample in samples)
    assert all(other.contains(as_gymnasium_has(space, sample)) for sample in samples)
    assert len({str(sample) for sample in samples}) > 1


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_gymnasiums_samples_lie_in_the_space(space):
    other = pytest.importorskip("gymnasium") and space.to_gymnasium()
    other.seed(1)
    assert all(space.contains(other.sample()) for _ in range(20))


def test_what_lies_outside_is_told():
    assert not Discrete(3).contains(3)
    assert not Discrete(3).contains(1.0)
    assert not Discrete(3).contains(np.array([1]))
    assert not Box(-1.0, 1.0, (2,)).contains(np.array([0.0, 1.5], np.float32))
    assert not Box(-1.0, 1.0, (2,)).contains(np.zeros(3, np.float32))
    assert not Tuple(Discrete(2), Discrete(2)).contains((1, 2))
    assert not Tuple(Discrete(2), Discrete(2)).contains(1)
    assert not MultiDiscrete([3, 2]).contains([1, 2])
    assert not MultiDiscrete([3, 2]).contains([1, 1, 1])
    assert not MultiBinary(2).contains([0, 2])
    assert not Dict({"a": Discrete(2)}).contains({"b": 0})
    assert not Dict({"a": Discrete(2)}).contains((0,))


def test_elements_are_numbered_in_order():
    space = Tuple(Discrete(3, start=1), Discrete(5), Discrete(2))
    assert table_size(space) == 30
    numbers = [table_index(space, (a, b, c)) for a in (1, 2, 3) for b in range(5) for c in (0, 1)]
    assert numbers == list(range(30))
    assert table_size(Box(0.0, 1.0)) is None
    many = Dict({"a": MultiDiscrete([2, 3], start=1), "b": MultiBinary(1)})
    assert table_size(many) == 12
    rows = {"a": np.array([[1, 1], [1, 2], [2, 3]]), "b": np.array([[1], [0], [1]])}
    assert table_index(many, rows).tolist() == [1, 2, 11]


def test_a_batch_is_told_from_a_single_element():
    space = Dict({"a": Discrete(2), "b": Box(0.0, 1.0, (3,))})
    one, single = as_batch(space, {"a": 1, "b": np.zeros(3)})
    assert single
    assert one["a"].shape == (1,)
    assert one["b"].shape == (1, 3)
    many, single = as_batch(space, {"a": [1, 0], "b": np.zeros((2, 3))})
    assert not single
    assert many["b"].dtype == np.float32
    for wrong in ({"a": 1}, 3, {"a": [1, 0], "b": np.zeros(3)}, {"a": 1, "b": np.zeros(2)}):
        with pytest.raises(DataError, match="element of"):
            as_batch(space, wrong)


def test_equal_spaces_are_equal():
    assert Box(-1.0, 1.0, (2,)) == Box(np.full(2, -1.0), np.ones(2))
    assert Box(-1.0, 1.0, (2,)) != Box(-1.0, 2.0, (2,))
    assert Discrete(3) != Discrete(3, start=1)
    assert len({Box(0.0, 1.0), Box(0.0, 1.0), Discrete(2), Discrete(2)}) == 2
    assert MultiBinary(2) == MultiBinary((2,))
    assert MultiBinary(2) != MultiDiscrete([2, 2])
    assert Tuple(Discrete(2)) != Dict({"a": Discrete(2)})
    assert len({Dict({"a": Discrete(2)}), Dict({"a": Discrete(2)}), Dict({"b": Discrete(2)})}) == 2


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Box(1.0, 0.0), "at most the upper"),
        (lambda: Box(np.zeros(3), 1.0, (2,)), r"have its shape \(2,\)"),
        (lambda: Discrete(0), "whole number of 1 or more"),
        (lambda: MultiDiscrete([2, 0]), "whole numbers of 1 or more"),
        (lambda: MultiDiscrete([]), "whole numbers of 1 or more"),
        (lambda: MultiBinary(0), "whole number of 1 or more"),
    ],
)
def test_spaces_that_make_no_sense_are_errors(make, told):
    with pytest.raises(ConfigError, match=told):
        make()
