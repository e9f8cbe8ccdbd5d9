"""Objects that can say what they are, and answer a wrong argument helpfully."""

import copy
import pickle

import numpy as np
import pytest

import maeum as mm
from maeum.core.config import Configurable, accepted_arguments
from maeum.core.errors import ConfigError
from maeum.layers import Dense


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


class Scaled(Configurable):
    """Keeps its argument under another name, and under its own something else."""

    def __init__(self, factor=2.0, size=1, table=(1, 2)):
        self._factor, self.size, self.table = factor, size * 10, list(table)


class Halved(Middle):
    """Gives an argument to its base itself."""

    def __init__(self, **kwargs):
        super().__init__(0.5, units=8, **kwargs)


def unregistered(x):
    return x


class WithFunction(Configurable):
    def __init__(self, function=unregistered, rate=1.0):
        self.function, self.rate = function, rate


class WithLambda(Configurable):
    def __init__(self, function=lambda x: x, rate=1.0):
        self.function, self.rate = function, rate


def test_arguments_are_described_with_their_defaults():
    assert Middle(0.5, name="m").get_config() == {"rate": 0.5, "units": 3, "name": "m"}
    assert Leaf(rate=0.5, units=4).get_config() == {"rate": 0.5, "units": 4}
    assert Plain().get_config() == {}
    assert Greedy(x=1).get_config() == {"x": 1}
    assert list(Middle(units=1, rate=2).get_config()) == ["rate", "units"]  # as __init__ has them


def test_an_attribute_that_was_changed_is_described_as_it_is_now():
    made = Leaf(0.5, name="m")
    made.rate, made.size, made.units = 0.25, 7, "many"
    assert made.get_config() == {"rate": 0.25, "units": "many", "name": "m", "size": 7}
    again = Leaf.from_config(made.get_config())
    assert (again.rate, again.size, again.units) == (0.25, 7, "many")


def test_an_attribute_of_another_meaning_is_left_alone_until_it_is_assigned():
    made = Scaled(3.0, 4)
    assert made.get_config() == {"factor": 3.0, "size": 4, "table": [1, 2]}
    made._factor = 5.0  # nobody knows that this is the factor
    made.table.append(3)  # changed in place
    assert made.get_config() == {"factor": 3.0, "size": 4, "table": [1, 2, 3]}


def test_an_object_inside_that_was_changed_is_described_as_it_is_now():
    made = WithFunction(rate=Middle(0.5))
    made.rate.units = 9
    described = made.get_config()["rate"]["config"]
    assert described == {"rate": 0.5, "units": 9}
    named = Dense(2, kernel_regularizer="l2")
    assert named.get_config()["kernel_regularizer"] == "l2"
    named.kernel_regularizer.l2 = 0.5
    assert named.get_config()["kernel_regularizer"]["config"] == {"l2": 0.5}


def test_an_argument_that_the_class_gives_itself_survives_a_change():
    made = Halved(name="h")
    assert made.get_config() == {"name": "h"}
    made.units = 5
    again = Halved.from_config(made.get_config())
    assert (again.rate, again.units, again.name) == (0.5, 5, "h")


def test_a_default_that_no_file_can_hold_is_the_default_again():
    assert WithFunction(lambda x: x, 2.0)._arguments["rate"] == 2.0
    assert WithLambda().get_config() == {"rate": 1.0}
    with pytest.raises(ConfigError, match="<lambda>"):
        WithLambda(lambda x: 2 * x).get_config()
    # Who reads the file hands the function over.
    assert WithFunction().get_config()["function"] == {"function": "custom>unregistered"}


def test_a_get_config_that_raises_is_named():
    class Wrong(Configurable):
        def get_config(self):
            raise KeyError("units")

    with pytest.raises(ConfigError, match=r"get_config\(\) of Wrong raised KeyError\('units'\)"):
        WithFunction(rate=Wrong()).get_config()


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
        ours, theirs = (
            {
                name: value
                for name, value in vars(one).items()
                if name not in ("_arguments", "_first")
            }
            for one in (made, other)
        )
        assert theirs == ours
        assert other.get_config() == made.get_config()


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
        (lambda: Plain(3), "Plain: too many positional arguments. It takes no arguments."),
        (lambda: Plain(x=3), "Plain: got an unexpected argument 'x'. It takes no arguments."),
        (lambda: Leaf(0.5, qwertz=1), "unexpected argument 'qwertz'. Its arguments are"),
    ],
)
def test_wrong_arguments_say_what_was_meant(call, message):
    with pytest.raises(TypeError, match=message):
        call()


class Gain(mm.layers.Layer):
    """Of a user who writes get_config as in Keras."""

    def __init__(self, gain, *, bias=0.0, **kwargs):
        super().__init__(**kwargs)
        self.gain, self.bias = gain, bias

    def call(self, inputs):
        return inputs * self.gain + self.bias

    def get_config(self):
        return dict(gain=self.gain, **super().get_config())


class Higher(Gain):
    def __init__(self, gain, height=1.0, **kwargs):
        super().__init__(gain, **kwargs)
        self.height = height

    def get_config(self):
        return dict(height=self.height, **super().get_config())


def test_a_class_that_writes_get_config_describes_its_own_arguments():
    layer = Gain(2.0, bias=0.5, name="gain", trainable=False)
    assert layer.get_config() == {
        "gain": 2.0, "name": "gain", "dtype": "float32", "trainable": False,
    }  # fmt: skip
    higher = Higher(2.0, 3.0, name="higher")
    assert higher.get_config().items() >= {"height": 3.0, "gain": 2.0, "name": "higher"}.items()
    again = Higher.from_config(higher.get_config())
    assert (again.gain, again.height, again.name) == (2.0, 3.0, "higher")


def test_what_get_config_forgets_is_saved_all_the_same(tmp_path):
    model = mm.Sequential([mm.Input((2,)), Gain(2.0, bias=0.5)])
    model.save(tmp_path / "m.maeum")
    loaded = mm.load_model(tmp_path / "m.maeum", custom_objects={"Gain": Gain})
    assert loaded.predict(np.ones((1, 2))).tolist() == [[2.5, 2.5]]
    assert mm.models.clone_model(model).layers[-1].bias == 0.5


class Wide(mm.layers.Dense):
    """A subclass of a layer with arguments: those of the base come from the base."""

    def __init__(self, units, factor=2, **kwargs):
        super().__init__(units, **kwargs)
        self.factor = factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


def test_the_arguments_of_a_base_come_from_the_base():
    config = Wide(3, activation="relu", factor=5).get_config()
    assert (config["units"], config["activation"], config["factor"]) == (3, "relu", 5)
    assert Wide.from_config(config).units == 3
