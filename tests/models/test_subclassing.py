"""Models and layers of one's own: what they hold, when it is built, and what goes wrong."""

import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum.core import functional
from maeum.core.errors import ConfigError, NotBuiltError
from maeum.layers import BatchNormalization, Dense, Dropout, Embedding, Layer


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(5, 3)).astype("float32")


class Linear(Layer):
    """A layer as Keras's guide writes them."""

    def __init__(self, units=2, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), name="w")
        self.b = self.add_weight("b", (self.units,), "zeros")

    def call(self, inputs):
        return inputs @ self.w + self.b

    def get_config(self):
        config = super().get_config()
        config.update({"units": self.units})
        return config


class Net(mm.Model):
    """Layers in attributes, lists, tuples and dicts, in one another, and a weight of its own."""

    def __init__(self, units=4, **kwargs):
        super().__init__(**kwargs)
        self.first = Linear(units)
        self.blocks = [Dense(units, activation="relu"), (Dropout(0.5), BatchNormalization())]
        self.heads = {"a": Dense(1), "b": mm.Sequential([Dense(3), Dense(2)])}
        self.scale = self.add_weight("scale", (), "ones")
        self.same = self.first  # a second name for the same layer

    def call(self, x, training=False):
        x = self.blocks[0](self.first(x) * self.scale)
        for layer in self.blocks[1]:
            x = layer(x, training=training)
        return {name: head(x) for name, head in self.heads.items()}


def test_everything_held_is_found_once_with_its_path(x):
    net = Net()
    assert not net.built
    net(x)
    assert list(net.named_variables()) == [
        "scale",
        "first/w", "first/b",
        "blocks/0/kernel", "blocks/0/bias",
        "blocks/1/1/gamma", "blocks/1/1/beta",
        "blocks/1/1/moving_mean", "blocks/1/1/moving_variance",
        "heads/a/kernel", "heads/a/bias",
        "heads/b/dense/kernel", "heads/b/dense/bias",
        "heads/b/dense_1/kernel", "heads/b/dense_1/bias",
    ]  # fmt: skip
    assert len(net.layers) == 6
    assert net.count_params() == 1 + (12 + 4) + (16 + 4) + 16 + 5 + (12 + 3) + (6 + 2)
    assert len(net.trainable_weights) == 13
    assert net.get_layer("first") is net.first
    assert net.get_layer("heads/b") is net.heads["b"]


def test_outputs_are_those_of_the_layers(x):
    net = Net()
    out = net.predict(x)
    hidden = np.maximum((x @ net.first.w.numpy()) @ net.blocks[0].kernel.numpy(), 0)
    hidden = hidden / np.sqrt(1 + 1e-3)
    np.testing.assert_allclose(out["a"], hidden @ net.heads["a"].kernel.numpy(), atol=1e-5)
    assert out["b"].shape == (5, 2)


@pytest.mark.parametrize("how", ["call", "predict", "build", "fit", "symbolic"])
def test_ways_to_build_give_the_same_first_weights(how, x):
    net = Net(seed=3)
    if how == "call":
        net(x)
    elif how == "predict":
        net.predict(x)
    elif how == "build":
        net.build((None, 3))
    elif how == "symbolic":
        net(mm.Input((3,)))
    else:
        net.compile("sgd", {"a": "mse"})
        net.optimizer.learning_rate = 0.0
        net.fit(x, {"a": x[:, :1], "b": x[:, :2]}, verbose=0)
    expected = Net(seed=3)
    expected.build((None, 3))
    for got, want in zip(net.trainable_weights, expected.trainable_weights):
        np.testing.assert_array_equal(got.numpy(), want.numpy())


class Builds(mm.Model):
    """A model that makes layers in its own build, in one of the ways seen in the wild."""

    def __init__(self, way="super", **kwargs):
        super().__init__(**kwargs)
        self.way = way
        self.builds = 0

    def build(self, input_shape):
        self.builds += 1
        self.hidden = Dense(input_shape[-1] * 2)
        self.shift = self.add_weight(name="shift", shape=(input_shape[-1] * 2,))
        if self.way == "super":
            super().build(input_shape)
        elif self.way == "children":
            self.hidden.build(input_shape)
        elif self.way == "flag":
            self.built = True

    def call(self, x):
        return self.hidden(x) + self.shift


@pytest.mark.parametrize("way", ["super", "children", "flag", "nothing"])
@pytest.mark.parametrize("first", ["build", "predict"])
def test_models_that_build_themselves(way, first, x):
    model = Builds(way, seed=1)
    if first == "build":
        model.build((None, 3))
        assert set(model.named_variables()) == {"shift", "hidden/kernel", "hidden/bias"}
    kernel, bias = model.predict(x) - model.shift.numpy(), model.hidden.bias.numpy()
    np.testing.assert_allclose(kernel, x @ model.hidden.kernel.numpy() + bias, atol=1e-5)
    assert model.builds == 1
    again = Builds(way, seed=1)
    again.predict(x)
    for a, b in zip(again.get_weights(), model.get_weights()):
        np.testing.assert_array_equal(a, b)


def test_build_through_two_levels(x):
    class More(Builds):
        def build(self, input_shape):
            super().build(input_shape)
            self.more = Dense(1)

        def call(self, x):
            return self.more(super().call(x))

    model = More()
    model.build((None, 3))
    assert model.predict(x).shape == (5, 1)
    assert len(model.weights) == 5
    assert model.builds == 1


def test_layers_that_only_run_in_training_have_weights_from_the_start(x):
    class Net(mm.Model):
        def __init__(self):
            super().__init__()
            self.out, self.side = Dense(1), Dense(1)

        def call(self, x, training):
            y = self.out(x)
            if training:
                self.add_loss(self.side(x).sum())
            return y

    model = Net()
    model.predict(x)
    assert list(model.named_variables()) == [
        "out/kernel", "out/bias", "side/kernel", "side/bias"
    ]  # fmt: skip


def test_several_arguments_and_whole_numbers():
    class Net(mm.Model):
        def __init__(self):
            super().__init__()
            self.table, self.out = Embedding(9, 4), Dense(1)

        def call(self, words, row=None, *, scale=1.0):
            return self.out(self.table(words).mean(1) + row) * scale

    model = Net()
    words, row = np.array([[1, 2, 8]]), np.ones((1, 4), "f4")
    out = model(words, row, scale=2.0)
    np.testing.assert_allclose(out, 2 * np.asarray(model(words, row=row)), atol=1e-6)


def test_a_composite_layer_stands_in_a_graph(x):
    class Block(Layer):
        def __init__(self, units):
            super().__init__()
            self.inner = [Dense(units), BatchNormalization()]

        def call(self, x, training=False):
            for layer in self.inner:
                x = layer(x)
            return x

    inputs = mm.Input((3,))
    model = mm.Model(inputs, Dense(1)(Block(4)(inputs)))
    assert "block/inner/0/kernel" in model.named_variables()
    assert len(model.weights) == 8
    assert len(model.trainable_weights) == 6
    model.compile("sgd", "mse")
    before = model.get_layer("block").inner[1].moving_mean.numpy()
    model.fit(x, x[:, 0], verbose=0)
    assert (model.get_layer("block").inner[1].moving_mean.numpy() != before).all()


def test_replacing_a_layer_changes_predictions(x):
    class Net(mm.Model):
        def __init__(self):
            super().__init__()
            self.out = Dense(1)

        def call(self, x):
            return self.out(x)

    model = Net()
    assert model.predict(x).shape == (5, 1)
    model.out = Dense(2)
    assert model.predict(x).shape == (5, 2)


def test_a_weight_kept_as_attribute_is_a_weight(x):
    class Scale(Layer):
        def __init__(self):
            super().__init__()
            self.factor = mm.Variable((3,), np.array([1.0, 2.0, 3.0]), name="factor")

        def call(self, x):
            return x * self.factor

    layer = Scale()
    np.testing.assert_allclose(layer(x), x * [1, 2, 3], atol=1e-6)
    assert layer.trainable_weights == [layer.factor]
    values = {"factor": np.zeros(3, "f4")}
    assert not np.any(functional.apply(layer, values, x)[0])


def test_metrics_and_optimizers_held_by_a_model_are_no_weights(x):
    class Net(mm.Model):
        def __init__(self):
            super().__init__()
            self.out = Dense(1)
            self.seen = mm.metrics.Mean(name="seen")
            self.second = mm.optimizers.Adam(0.1)

        def call(self, x):
            return self.out(x)

    model = Net()
    model.predict(x)
    assert len(model.weights) == 2


def test_what_was_forgotten(x):
    class NoSuper(mm.Model):
        def __init__(self):
            self.out = Dense(1)

        def call(self, x):
            return self.out(x)

    class NoSuperLayer(Layer):
        def __init__(self):
            self.units = 3

        def call(self, x):
            return x

    class NoCall(mm.Model):
        pass

    class NoReturn(mm.Model):
        def call(self, x):
            x + 1

    with pytest.raises(AttributeError, match=r"NoSuper.__init__ has to call super\(\)"):
        NoSuper().predict(x)
    with pytest.raises(AttributeError, match=r"NoSuperLayer.__init__ has to call super\(\)"):
        NoSuperLayer()(mm.Input((3,)))
    with pytest.raises(NotImplementedError, match="NoCall has neither a graph nor a call"):
        NoCall().predict(x)
    with pytest.raises(ConfigError, match="returned nothing"):
        NoReturn().predict(x)
    with pytest.raises(NotBuiltError, match="no weights yet"):
        functional.values(Net())
    with pytest.raises(ConfigError, match="not made from symbolic inputs"):
        print(Net().output_shape)


def test_jax_functions_on_variables_say_what_they_need(x):
    class Mix(Linear):
        def call(self, x):
            return jnp.dot(x, self.w)

    with pytest.raises(ValueError, match="__jax_array__") as caught:
        Mix()(x)
    assert any("self.w.value, or maeum.ops" in note for note in caught.value.__notes__)


def test_notes_of_ones_own_do_not_make_the_model_compile_again(x):
    model = mm.Sequential([mm.Input((3,)), Dense(1)])
    model.predict(x)
    compiled = dict(model.compiled_functions)
    model.notes, model.best = ["good"], {"loss": 0.1}
    model.predict(x)
    assert model.compiled_functions == compiled


def test_errors_inside_properties_are_shown_as_they_are():
    class Net(mm.Model):
        @property
        def broken(self):
            return self.first.nothing

    with pytest.raises(AttributeError, match="no attribute 'first'"):
        print(Net().broken)


def test_data_that_failed_do_not_decide_the_shapes(x):
    class Net(mm.Model):
        def __init__(self):
            super().__init__()
            self.first, self.out = Dense(4), Dense(1)

        def call(self, x):
            return self.out(self.first(x).reshape(-1, 4))[: x.shape[0], :] * x[:, :3, :1].sum(1)

    model = Net()
    with pytest.raises(IndexError):
        model.predict(np.ones((2, 5)))
    assert model.predict(np.ones((2, 4, 7))).shape == (2, 1)
