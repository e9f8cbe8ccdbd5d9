"""Objects that remember how they were made, and answer a wrong argument helpfully."""

import copy
import pickle

import pytest

from maeum.core.config import Configurable, accepted_arguments


class Base(Configurable):
    def __init__(self, *, name=None, size=1):
        self.name, self.size = name, size


class Middle(Base):
    def __init__(self, rate, units=3, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.units = rate, units


class Leaf(Middle):
    pass


class Stack(Base):
    def __init__(self, first, *others, last=0, **kwargs):
        super().__init__(**kwargs)
        self.all = [first, *others, last]


class Plain(Configurable):
    pass


class Greedy(Configurable):
    any_argument = True

    def __init__(self, **kwargs):
        self.given = kwargs


class OnlyPositions(Configurable):
    def __init__(self, a, b=2, /):
        self.a, self.b = a, b


def test_arguments_are_recorded_as_they_were_given():
    assert Middle(0.5, name="m").get_config() == {"rate": 0.5, "name": "m"}
    assert Leaf(rate=0.5, units=4).get_config() == {"rate": 0.5, "units": 4}
    assert Plain().get_config() == {}
    assert Greedy(x=1).get_config() == {"x": 1}


@pytest.mark.parametrize(
    "made",
    [
        Middle(0.5, 4, name="m"), Leaf(0.1), Stack(1), Stack(1, 2, 3, last=4, size=5), Plain(),
        Greedy(a=1, b=[1, 2]), OnlyPositions(1), OnlyPositions(1, 5),
    ],
    ids=lambda made: type(made).__name__,
)  # fmt: skip
def test_made_again_copied_and_pickled(made):
    again = [
        type(made).from_config(made.get_config()),
        copy.copy(made),
        copy.deepcopy(made),
        pickle.loads(pickle.dumps(made)),
    ]
    for other in again:
        assert vars(other) == vars(made)


def test_arguments_of_bases_are_accepted():
    assert accepted_arguments(Leaf) == ["rate", "units", "name", "size"]
    assert accepted_arguments(Stack) == ["first", "last", "name", "size"]
    assert accepted_arguments(Greedy) == ["**"]
    assert accepted_arguments(Plain) == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Middle(0.5, unit=3), r"Middle: .* 'unit'. Did you mean 'units'\? .*rate, units"),
        (lambda: Middle(0.5, nmae="x"), "Did you mean 'name'"),
        (lambda: Middle(), "Middle: missing a required argument: 'rate'"),
        (lambda: Middle(1, 2, 3), "Middle: too many positional arguments"),
        (lambda: Middle(1, rate=2), "multiple values for argument 'rate'"),
        (lambda: Plain(3), "Plain: too many positional arguments. It takes none."),
        (lambda: Plain(x=3), "Plain: got an unexpected argument 'x'. It takes none."),
        (lambda: Leaf(0.5, qwertz=1), "unexpected argument 'qwertz'. Its arguments are"),
    ],
)
def test_wrong_arguments_say_what_was_meant(call, message):
    with pytest.raises(TypeError, match=message):
        call()
