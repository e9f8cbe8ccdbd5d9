"""Sequential: layers in a list or added, with or without an input, and what goes wrong."""

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, DataError, NotBuiltError, ShapeError, UnknownNameError
from maeum.layers import Dense, Dropout, InputLayer, SpatialDropout1D


def forward(weights, x):
    """Two dense layers by hand, the first with a ReLU."""
    k1, b1, k2, b2 = weights
    return np.maximum(x @ k1 + b1, 0) @ k2 + b2


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(5, 3)).astype("float32")


@pytest.mark.parametrize(
    "make",
    [
        lambda: [mm.Input((3,)), Dense(4, activation="relu"), Dense(2)],
        lambda: [InputLayer((3,)), Dense(4, activation="relu"), Dense(2)],
        lambda: [Dense(4, activation="relu", input_shape=(3,)), Dense(2)],
        lambda: [Dense(4, activation="relu", input_dim=3), Dense(2)],
        lambda: [Dense(4, activation="relu", batch_input_shape=(None, 3)), Dense(2)],
        lambda: (layer for layer in [mm.Input((3,)), Dense(4, activation="relu"), Dense(2)]),
    ],
)
def test_ways_to_give_the_input(make, x):
    model = mm.Sequential(make())
    assert model.built
    assert model.input_shape == (None, 3)
    assert model.output_shape == (None, 2)
    assert model.count_params() == 3 * 4 + 4 + 4 * 2 + 2
    assert [layer.name for layer in model.layers] == ["dense", "dense_1"]
    np.testing.assert_allclose(model.predict(x), forward(model.get_weights(), x), atol=1e-5)
    np.testing.assert_allclose(model(x), forward(model.get_weights(), x), atol=1e-5)


def test_adding_layers_is_the_same_as_a_list(x):
    listed = mm.Sequential([mm.Input((3,)), Dense(4, activation="relu"), Dense(2)], seed=3)
    added = mm.Sequential(seed=3)
    added.add(mm.Input((3,)))
    for layer in (Dense(4, activation="relu"), Dense(2)):
        added.add(layer)
    assert (added.predict(x) == listed.predict(x)).all()


def test_without_an_input_the_first_data_decide(x):
    model = mm.Sequential([Dense(4, activation="relu"), Dense(2)])
    assert not model.built
    assert model.weights == []
    with pytest.raises(NotBuiltError, match="build\\(input_shape\\)"):
        mm.functional.values(model)
    assert model.predict(x).shape == (5, 2)
    assert model.built
    assert model.input_shape == (None, 3)


def test_build_with_a_shape():
    model = mm.Sequential([Dense(4), Dense(2)])
    model.build((None, 3))
    assert [w.shape for w in model.weights] == [(3, 4), (4,), (4, 2), (2,)]
    series = mm.Sequential([Dense(4)])
    series.build((None, None, 3))
    assert series.output_shape == (None, None, 4)
    with pytest.raises(ConfigError, match="needs the shape"):
        mm.Sequential([Dense(4)]).build()


def test_pop_and_add_change_the_model_and_its_predictions(x):
    model = mm.Sequential([mm.Input((3,)), Dense(4, activation="relu"), Dense(2), Dense(1)])
    last = model.layers[-1]
    assert model.predict(x).shape == (5, 1)
    assert model.pop() is last
    np.testing.assert_allclose(model.predict(x), forward(model.get_weights(), x), atol=1e-5)
    model.add(Dense(7, activation="softmax"))
    assert model.predict(x).shape == (5, 7)
    np.testing.assert_allclose(model.predict(x).sum(-1), 1, atol=1e-6)


def test_pop_to_the_bottom():
    model = mm.Sequential([Dense(2, input_shape=(3,))])
    model.pop()
    model.add(Dense(2, input_shape=(7,)))
    assert model.input_shape == (None, 7)
    with_input = mm.Sequential([mm.Input((3,)), Dense(2)])
    with_input.pop()
    assert not with_input.built
    with_input.add(Dense(5))
    assert with_input.output_shape == (None, 5)
    with pytest.raises(ConfigError, match="no layer to take off"):
        mm.Sequential().pop()


def test_adding_after_training_keeps_what_was_learnt(x):
    model = mm.Sequential([mm.Input((3,)), Dense(4), Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, x[:, 0], epochs=1, verbose=0)
    learnt = model.get_weights()
    model.add(Dense(1))
    model.compile("sgd", "mse")
    for before, after in zip(learnt, model.get_weights()):
        np.testing.assert_array_equal(before, after)
    model.fit(x, x[:, 0], epochs=1, verbose=0)


def test_a_sequential_in_a_sequential(x):
    inner = mm.Sequential([Dense(4, activation="relu", input_shape=(3,)), Dense(2)])
    outer = mm.Sequential([inner, Dense(1, use_bias=False)])
    assert outer.input_shape == (None, 3)
    assert next(iter(outer.named_variables())) == "sequential/dense/kernel"
    *weights, last = outer.get_weights()
    np.testing.assert_allclose(outer.predict(x), forward(weights, x) @ last, atol=1e-5)
    assert outer.get_layer("sequential") is inner


def test_names_are_numbered_within_a_model_only():
    for _ in range(2):
        model = mm.Sequential([mm.Input((3,)), Dense(2), Dropout(0.1), Dense(2), Dense(1)])
        assert [layer.name for layer in model.layers] == ["dense", "dropout", "dense_1", "dense_2"]
    chosen = mm.Sequential([mm.Input((3,)), Dense(2, name="dense_1"), Dense(2), Dense(2)])
    assert [layer.name for layer in chosen.layers] == ["dense_1", "dense", "dense_2"]


def test_layers_of_two_models_can_be_put_together():
    a = mm.Sequential([mm.Input((3,)), Dense(2)])
    b = mm.Sequential([mm.Input((2,)), Dense(2)])
    both = mm.Sequential([mm.Input((3,)), *a.layers, *b.layers])
    assert list(both.named_variables()) == [
        "dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"
    ]  # fmt: skip
    assert both.get_layer("dense") is a.layers[0]
    assert both.get_layer("dense_1") is b.layers[0]


def test_a_hundred_layers_can_be_added_one_by_one():
    model = mm.Sequential([mm.Input((2,))])
    layers = [Dense(2) for _ in range(100)]
    for layer in layers:
        model.add(layer)
    assert len(model.layers) == 100
    assert all(len(layer._nodes) == 1 for layer in layers)  # each was only called once


def test_get_layer_by_name_and_index():
    model = mm.Sequential([mm.Input((3,)), Dense(2, name="first"), Dense(1)])
    assert model.get_layer("first") is model.get_layer(index=0) is model.layers[0]
    assert model.get_layer(index=-1) is model.layers[1]
    with pytest.raises(UnknownNameError, match="Did you mean 'first'"):
        model.get_layer("frist")


def test_a_model_up_to_an_inner_layer(x):
    model = mm.Sequential([mm.Input((3,)), Dense(4, activation="relu", name="hidden"), Dense(2)])
    part = mm.Model(model.inputs, model.get_layer("hidden").output)
    k, b = model.get_weights()[:2]
    np.testing.assert_allclose(part.predict(x), np.maximum(x @ k + b, 0), atol=1e-5)
    assert part.weights == model.weights[:2]  # the very same variables


def test_looking_at_a_part_does_not_change_the_first_weights():
    def first_weights(look):
        model = mm.Sequential([mm.Input((3,)), Dense(4), Dense(2)], seed=1)
        if look:
            mm.Model(model.inputs, model.layers[0].output)
        return model.get_weights()

    for a, b in zip(first_weights(True), first_weights(False)):
        np.testing.assert_array_equal(a, b)


def test_the_seed_decides_over_nested_models():
    def weights(seed):
        inner = mm.Sequential([Dense(4, input_shape=(3,))])
        return mm.Sequential([inner, Dense(2)], seed=seed).get_weights()

    for a, b in zip(weights(1), weights(1)):
        np.testing.assert_array_equal(a, b)
    assert (weights(1)[0] != weights(2)[0]).any()


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([3], "consists of layers; got 3"),
        ([Dense], r"Write Dense\(...\)"),
        (["dense"], "consists of layers"),
        ([mm.Input((3,)), Dense(2), mm.Input((3,))], "only one"),
        ([mm.Input((3,)), mm.Input((3,))], "only one"),
        ([mm.Input((3,)), Dense(2, name="a"), Dense(2, name="a")], "two layers named 'a'"),
    ],
)
def test_what_is_no_stack_of_layers(layers, message):
    with pytest.raises(ConfigError, match=message):
        mm.Sequential(layers() if callable(layers) else layers)


def test_a_layer_that_stands_in_it_twice_keeps_one_set_of_weights(tmp_path):
    dense = Dense(2, name="twice")
    model = mm.Sequential([mm.Input((2,)), dense, dense])
    x = np.ones((3, 2), "float32")
    np.testing.assert_allclose(model.predict(x), dense(dense(x)), rtol=1e-6)
    model.save(tmp_path / "model.maeum")
    for again in (mm.load_model(tmp_path / "model.maeum"), mm.models.clone_model(model)):
        assert again.count_params() == 6
        again.set_weights(model.get_weights())
        np.testing.assert_array_equal(again.predict(x), model.predict(x))


def test_the_first_data_do_not_fix_the_sizes_of_those_to_come(tmp_path):
    model = mm.Sequential([mm.layers.LSTM(3), Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.ones((8, 5, 2)), np.zeros(8), verbose=0)
    assert model.predict(np.ones((4, 7, 2))).shape == (4, 1)
    assert model.output_shape == (None, 1)
    model.save(tmp_path / "model.maeum")
    assert mm.load_model(tmp_path / "model.maeum").predict(np.ones((4, 9, 2))).shape == (4, 1)
    with pytest.raises(ShapeError, match="built for inputs of size 2 along axis 2"):
        model.predict(np.ones((4, 7, 3)))
    pictures = mm.Sequential([mm.layers.Conv2D(2, 3), mm.layers.Flatten(), Dense(1)])
    pictures.predict(np.ones((2, 6, 6, 1)))
    with pytest.raises(ShapeError, match="built for inputs of size 32"):
        pictures.predict(np.ones((2, 7, 7, 1)))


def test_a_layer_that_does_not_fit_is_not_added():
    model = mm.Sequential([mm.Input((3,)), Dense(4)])
    with pytest.raises(ShapeError, match="with 3 axes"):
        model.add(mm.layers.SpatialDropout1D(0.3))
    with pytest.raises(ConfigError, match="consists of layers"):
        model.add("relu")
    assert len(model.layers) == 1
    model.add(Dense(1))
    assert model.output_shape == (None, 1)


def test_data_that_do_not_fit(x):
    model = mm.Sequential([mm.Input((3,)), Dense(2)])
    with pytest.raises(ShapeError, match=r"shape \(rows, 3\)"):
        model.predict(np.ones((2, 4)))
    with pytest.raises(ShapeError, match=r"x\[None\]"):
        model.predict(np.ones(3))
    with pytest.raises(DataError, match="takes these inputs: input_layer; got 2"):
        model.predict([x, x])
    with pytest.raises(DataError, match="not numbers"):
        model.predict(np.array([["a", "b", "c"]]))
    with pytest.raises(ConfigError, match="no layers yet"):
        mm.Sequential().predict(x)
    one = mm.Sequential([mm.Input((1,)), Dense(2)])
    assert one.predict(np.ones(4)).shape == (4, 2)


def test_data_that_do_not_fit_a_model_without_input_leave_it_open(x):
    model = mm.Sequential([Dense(4), SpatialDropout1D(0.2), Dense(2)])
    with pytest.raises(ShapeError, match="with 3 axes"):
        model.predict(x)
    assert model.predict(np.ones((5, 6, 7))).shape == (5, 6, 2)


def test_misspelt_arguments_name_the_nearest():
    with pytest.raises(TypeError, match="Did you mean 'layers'"):
        mm.Sequential(layer=[Dense(2)])
    with pytest.raises(TypeError, match="Did you mean 'activation'"):
        Dense(2, activaton="relu")
    with pytest.raises(UnknownNameError, match="Did you mean 'relu'"):
        Dense(2, activation="rleu")
    with pytest.raises(ConfigError, match="seed"):
        mm.Sequential(seed=-1)
