"""Copies of models: clones, deep copies, pickles, JSON."""

import copy
import json
import pickle

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, ModelFileError, UnknownNameError
from maeum.layers import BatchNormalization, Dense, Dropout, Lambda, Layer
from maeum.models import clone_model, model_from_json


class Scale(Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return x * self.factor


class Net(mm.Model):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.blocks = [Dense(units, activation="tanh"), Dropout(0.2), BatchNormalization()]
        self.scale = Scale(2.0)
        self.out = Dense(1)

    def call(self, x, training=False):
        for layer in self.blocks:
            x = layer(x, training=training) if isinstance(layer, Dropout) else layer(x)
        return self.out(self.scale(x))


def sequential():
    return mm.Sequential([mm.Input((3,)), Dense(4, name="mine"), Dropout(0.2), Dense(1)], seed=1)


def functional():
    x = mm.Input((3,))
    shared = Dense(3, activation="relu")
    stack = mm.Sequential([Dense(2), BatchNormalization()])
    h = stack(shared(shared(x)) + x[:, ::-1])
    return mm.Model(x, Dense(1)(Scale(0.5)(h)), seed=1)


def subclassed():
    model = Net(4, seed=1)
    model.build((None, 3))
    return model


KINDS = [sequential, functional, subclassed]


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(20, 3)).astype("float32")


@pytest.mark.parametrize("make", KINDS)
def test_a_clone_has_the_architecture_and_weights_of_its_own(make, x):
    model = make()
    clone = clone_model(model)
    assert type(clone) is type(model)
    assert list(clone.named_variables()) == list(model.named_variables())
    assert not set(clone.weights) & set(model.weights)
    assert (clone.get_weights()[0] != model.get_weights()[0]).any()
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone.predict(x), model.predict(x))
    for a, b in zip(clone_model(model, seed=1).get_weights(), make().get_weights()):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_goes_on_where_the_model_stands(make, duplicate, x):
    model = make()
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(x, x[:, 0], epochs=2, batch_size=8, verbose=0)
    twin = duplicate(model)
    np.testing.assert_array_equal(twin.predict(x), model.predict(x))
    one = model.fit(x, x[:, 0], epochs=2, batch_size=8, verbose=0).history
    two = twin.fit(x, x[:, 0], epochs=2, batch_size=8, verbose=0).history
    assert one == two
    for a, b in zip(model.get_weights(), twin.get_weights()):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("make", [lambda: mm.Sequential([Dense(2)]), lambda: Net(4)])
def test_models_without_weights_yet_can_be_copied(make, x):
    for model in (copy.deepcopy(make()), pickle.loads(pickle.dumps(make())), clone_model(make())):
        assert not model.built
        assert len(model.predict(x)) == 20


def test_functions_without_a_name_can_be_copied_within_the_process(x):
    model = mm.Sequential([mm.Input((3,)), Lambda(lambda x: x + 1), Dense(2, lambda x: x * x)])
    with pytest.raises(ConfigError, match="cannot be saved"):
        model.to_json()
    twin = clone_model(model)
    twin.set_weights(model.get_weights())
    for copied in (twin, copy.deepcopy(model)):
        np.testing.assert_array_equal(copied.predict(x), model.predict(x))


def test_two_classes_of_one_name_are_told_apart(x):
    def named(factor):
        class Twice(Layer):
            def call(self, x):
                return x * factor

        return Twice

    model = mm.Sequential([mm.Input((3,)), named(2.0)(), named(5.0)()])
    np.testing.assert_allclose(clone_model(model).predict(x), x * 10, rtol=1e-6)


@pytest.mark.parametrize("part", [Dense(3), mm.optimizers.Adam(0.1), mm.losses.Huber(0.3)])
def test_parts_can_be_copied_and_pickled(part):
    for twin in (copy.copy(part), copy.deepcopy(part), pickle.loads(pickle.dumps(part))):
        assert type(twin) is type(part)
        assert twin.get_config() == part.get_config()


def test_a_copied_layer_has_weights_of_its_own(x):
    layer = Dense(2)
    model = mm.Sequential([mm.Input((3,)), layer])
    twin = copy.deepcopy(layer)
    np.testing.assert_array_equal(twin(x), layer(x))
    twin.set_weights([np.zeros((3, 2)), np.zeros(2)])
    assert model.predict(x).any()
    assert mm.Sequential([mm.Input((3,)), twin]).predict(x).max() == 0


@pytest.mark.parametrize("make", KINDS)
def test_json_describes_the_architecture(make, x):
    model = make()
    text = model.to_json(indent=1)
    again = model_from_json(text, custom_objects={"Scale": Scale, "Net": Net})
    assert list(again.named_variables()) == list(model.named_variables())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    assert again.to_json(indent=1) == text


def test_json_that_is_no_model():
    with pytest.raises(ModelFileError, match="not the JSON"):
        model_from_json("{")
    with pytest.raises(ModelFileError, match="not the JSON"):
        model_from_json(None)
    for text in ("[]", "{}", "3", '{"model": 3}', json.dumps({"format": 1, "model": {}})):
        with pytest.raises(ModelFileError, match=r"does not describe|in format"):
            model_from_json(text)
    with pytest.raises(UnknownNameError, match=r"custom_objects=\{'Scale': \.\.\.\}"):
        model_from_json(functional().to_json())


@mm.register(package="cloning")
class _TiedBlock(mm.Model):
    def __init__(self):
        super().__init__()
        dense = mm.layers.Dense(3)
        self.first = mm.Sequential([mm.Input((3,)), dense])
        self.rest = [dense, mm.layers.Dense(3)]

    def call(self, x):
        return self.rest[1](self.rest[0](self.first(x)))


def _two_models():
    dense, x = mm.layers.Dense(3), mm.Input((3,))
    one, two = (mm.Sequential([mm.Input((3,)), dense]) for _ in range(2))
    return mm.Model(x, one(x) + two(two(x)))


def _in_a_wrapper():
    dense, x = mm.layers.Dense(3), mm.Input((3,))
    steps = mm.layers.TimeDistributed(dense)(mm.layers.Reshape((1, 3))(dense(x)))
    return mm.Model(x, mm.layers.Reshape((3,))(steps))


def _nested_stacks():
    dense = mm.layers.Dense(3)
    inner = mm.Sequential([mm.Input((3,)), mm.Sequential([dense, mm.layers.Dense(3)])])
    return mm.Sequential([mm.Input((3,)), inner, inner, dense])


@pytest.mark.parametrize(
    ("make", "count"),
    [(_two_models, 12), (_in_a_wrapper, 12), (_nested_stacks, 24), (_TiedBlock, 24)],
)
def test_a_layer_in_several_places_stays_one_layer(make, count, tmp_path):
    model, x = make(), np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    expected = model.predict(x)
    model.save(tmp_path / "model.maeum")
    loaded = mm.load_model(tmp_path / "model.maeum")
    np.testing.assert_array_equal(loaded.predict(x), expected)
    copies = [mm.models.clone_model(model), mm.models.model_from_json(model.to_json())]
    for again in (loaded, *copies):
        again.predict(x)
        assert again.count_params() == model.count_params() == count
