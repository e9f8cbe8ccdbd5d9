"""Names for classes and functions, and values as JSON."""

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import maeum as mm
from maeum.core import names, registry
from maeum.core.errors import ConfigError, UnknownNameError
from maeum.layers import Dense

texts = st.text(max_size=5)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda part: (
        st.lists(part, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c"]), part, max_size=3)
    ),
    max_leaves=10,
)


@given(plain)
def test_plain_values_survive_json(value):
    assert registry.deserialize(json.loads(json.dumps(registry.serialize(value)))) == value


@given(st.dictionaries(st.integers() | st.tuples(st.integers(), texts) | texts, plain, max_size=4))
def test_dicts_with_any_keys_survive_json(value):
    assert registry.deserialize(json.loads(json.dumps(registry.serialize(value)))) == value


@pytest.mark.parametrize("dtype", ["float32", "int8", "bool", "uint16"])
def test_arrays_survive_json(dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    again = registry.deserialize(json.loads(json.dumps(registry.serialize(array))))
    np.testing.assert_array_equal(again, array)
    assert again.dtype == array.dtype


def test_numbers_and_dtypes_of_numpy():
    assert registry.serialize(np.float32(0.5)) == 0.5
    assert registry.serialize(np.int64(3)) == 3
    assert registry.serialize(np.dtype("float32")) == registry.serialize(np.float32) == "float32"
    assert registry.serialize((1, (2, 3))) == [1, [2, 3]]


def test_objects_are_their_class_and_arguments():
    dense = Dense(3, activation="relu", kernel_regularizer=mm.regularizers.L2(0.1), name="d")
    described = json.loads(json.dumps(registry.serialize(dense)))
    assert described["class"] == "Dense"
    again = registry.deserialize(described)
    assert again.get_config() == dense.get_config()
    assert again.kernel_regularizer.get_config() == dense.kernel_regularizer.get_config()


def test_objects_inside_a_configuration_of_ones_own():
    class Wrapper(mm.Layer):
        def __init__(self, inner, **kwargs):
            super().__init__(**kwargs)
            self.inner = inner

        def call(self, x):
            return self.inner(x)

        def get_config(self):
            return {"inner": self.inner, "name": self.name}  # the layer itself, as it is

    described = json.loads(json.dumps(registry.serialize(Wrapper(Dense(2, name="d")))))
    with registry.custom_object_scope({"Wrapper": Wrapper}):
        assert registry.deserialize(described).inner.units == 2


def test_registering():
    @mm.register
    def one(x):
        return x

    @mm.register()
    def two(x):
        return x

    @mm.register("three", package="shop")
    class Three:
        @classmethod
        def from_config(cls, config):
            return cls()

        def get_config(self):
            return {}

    assert registry.serialize([one, two]) == [
        {"function": "custom>one"}, {"function": "custom>two"}
    ]  # fmt: skip
    assert registry.serialize(Three()) == {"class": "shop>three", "config": {}}
    assert isinstance(registry.deserialize({"class": "shop>three", "config": {}}), Three)
    assert registry.find("custom>one") is one


def test_a_later_definition_replaces_the_earlier():
    def make(number):
        @mm.register(package="redefined")
        def f(x):
            return number

        return f

    first, second = make(1), make(2)
    assert registry.find("redefined>f") is second
    assert registry.serialize(first) == registry.serialize(second)


def test_nobody_takes_the_name_of_a_built_in_class():
    @mm.register(package="mine", name="Dense")
    class Other(mm.Layer):
        pass

    assert registry.find("Dense") is Dense
    assert registry.find("mine>Dense") is Other


def test_scopes_come_first_and_end():
    def f(x):
        return x

    with registry.custom_object_scope({"f": f}), registry.custom_object_scope({"g": abs}):
        assert registry.find("f") is f
        assert registry.find("custom>f") is f
        assert registry.serialize(f) == {"function": "f"}
        assert mm.activations.get("f") is f
    with pytest.raises(UnknownNameError, match=r"custom_objects=\{'f': ...\}"):
        registry.find("f")


def test_references_stand_for_what_has_no_name():
    class Odd:
        __hash__ = None

        def __eq__(self, other):
            return False

    things = [lambda x: x, Odd(), {1, 2}]
    with registry.reference_scope() as references:
        described = json.loads(json.dumps(registry.serialize(things)))
        again = registry.deserialize(described)
    assert all(a is b for a, b in zip(again, things))
    assert len(references) == 3
    with pytest.raises(UnknownNameError):
        registry.deserialize(described)


def test_what_no_file_can_hold():
    with pytest.raises(ConfigError, match=r"'<lambda>' cannot be written .*@maeum.register"):
        registry.serialize({"a": [lambda x: x]})
    with pytest.raises(ConfigError, match="type set cannot be written"):
        registry.serialize({1, 2})
    with pytest.raises(ConfigError, match="is a string"):
        registry.find(3)
    with pytest.raises(KeyError, match="Did you mean 'Dense'"):
        registry.find("Dnese")


@pytest.mark.parametrize(
    ("family", "name", "near"),
    [
        (mm.activations, "rellu", "relu"),
        (mm.losses, "mean_square_error", "mean_squared_error"),
        (mm.optimizers, "adagard", "adagrad"),
        (mm.initializers, "glorot_unifrom", "glorot_uniform"),
    ],
)
def test_unknown_names_name_the_nearest(family, name, near):
    with pytest.raises(UnknownNameError, match=f"Did you mean '{near}'"):
        family.get(name)
    with pytest.raises(ConfigError, match="by its name"):
        family.get(3)


def test_what_get_accepts():
    f = mm.activations.get
    assert f("relu") is f("RELU")
    assert f(np.tanh) is np.tanh
    adam = mm.optimizers.Adam(0.1)
    assert mm.optimizers.get(adam) is adam
    assert isinstance(mm.optimizers.get(mm.optimizers.Adam), mm.optimizers.Adam)
    described = registry.serialize(adam)
    assert mm.optimizers.get(described).get_config() == adam.get_config()


@pytest.mark.parametrize(
    "name",
    ["Dense", "BatchNormalization", "ReLU", "PReLU", "SpatialDropout1D", "MyLSTM", "_Hidden"],
)
def test_names_of_layers_are_keras_names(name):
    os.environ.setdefault("KERAS_BACKEND", "jax")
    from keras.src.utils.naming import to_snake_case

    assert registry.snake_case(name) == to_snake_case(name)


def test_what_is_imported_late_is_known_by_name():
    """A file may name it in a process that has not imported its room yet."""
    source = Path(names.__file__).parents[1]
    found = {}
    for path in (source / "generative").rglob("*.py"):
        place = ".".join(["maeum", *path.relative_to(source).with_suffix("").parts])
        pattern = r"@registry\.builtin\n(?:@.*\n)*class (\w+)"
        found |= dict.fromkeys(re.findall(pattern, path.read_text("utf-8")), place)
    assert {"GAN", "VAE", "MusicGAN"} <= found.keys()
    assert {name: names._LATE.get(name) for name in found} == found
