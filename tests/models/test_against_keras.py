"""Drawn networks of every kind against Keras 3 on JAX: order of weights, outputs, gradients."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import maeum as mm
from maeum.core import functional

NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]  # an example takes a while
OURS = SimpleNamespace(layers=mm.layers, Model=mm.Model, Sequential=mm.Sequential, Input=mm.Input)
THEIRS = SimpleNamespace(
    layers=keras.layers, Model=keras.Model, Sequential=keras.Sequential, Input=keras.Input
)
STEPS = ("dense", "batch", "layer_norm", "dropout", "merge", "shared", "op", "pair", "stack", "net")
OPS = (
    lambda x: x * 0.5 + 1,
    lambda x: 1 - x,
    lambda x: -x / 2,
    lambda x: x[:, :1],
    lambda x: x[..., ::-1],
    lambda x: 2.0**x,
    lambda x: abs(x),
)


@st.composite
def recipes(draw):
    """Draw what a network is made of: widths of inputs, steps, and how many outputs it has."""
    number = st.integers(0, 10**6)
    step = st.tuples(st.sampled_from(STEPS), number, number, number)
    return (
        draw(st.lists(st.integers(2, 4), min_size=1, max_size=3)),
        draw(st.lists(step, min_size=1, max_size=7)),
        draw(st.lists(number, max_size=2)),
    )


def network(lib, recipe):
    """Make the network of a recipe with Maeum or with Keras; the calls are the same."""
    widths, steps, more = recipe
    layers = lib.layers
    inputs = [lib.Input((width,)) for width in widths]
    made = list(inputs)
    bank = {}
    for kind, first, second, third in steps:
        # The newest tensors are the likeliest, so that networks become deep.
        x = made[-1 - min(first % (2 * len(made)), len(made) - 1) // 2]
        y = made[second % len(made)]
        width = x.shape[-1]
        if kind == "dense":
            activation = ("relu", "tanh", "gelu", None)[second % 4]
            x = layers.Dense(2 + third % 3, activation=activation, use_bias=bool(first % 5))(x)
        elif kind == "batch":
            x = layers.BatchNormalization(center=bool(second % 3))(x)
        elif kind == "layer_norm":
            x = layers.LayerNormalization()(x)
        elif kind == "dropout":
            x = layers.Dropout(0.5)(x)
        elif kind == "merge":
            names = ("Add", "Multiply", "Average", "Maximum", "Subtract")
            name = names[third % 5] if width == y.shape[-1] and x is not y else "Concatenate"
            x = getattr(layers, name)()([x, y])
        elif kind == "shared":
            layer = bank.setdefault((second % 2, width), layers.Dense(width, activation="tanh"))
            x = layer(x)
        elif kind == "op":
            x = OPS[third % len(OPS)](x)
        elif kind == "pair":
            x = x + y * 0.5 if width == y.shape[-1] else x
        elif kind == "stack":
            inner = lib.Sequential([layers.Dense(3), layers.BatchNormalization(), layers.Dense(2)])
            inner = bank.setdefault((kind, width), inner) if second % 2 else inner
            x = inner(x)
        else:
            a = lib.Input((width,))
            h = layers.Dense(3, activation="tanh")(a)
            side = layers.Dense(3)(a)
            inner = lib.Model(a, [layers.Add()([h, side]), layers.Concatenate()([a, h])])
            x, extra = inner(x)
            made.append(extra)
        made.append(x)
    outputs = [made[-1], *(made[i % len(made)] for i in more)]
    outputs = list({id(tensor): tensor for tensor in outputs}.values())
    return lib.Model(inputs, outputs)


def compare(ours, theirs, arrays):
    """Give Keras's weights to our model; compare order, outputs and gradients."""
    assert [w.shape for w in ours.weights] == [w.shape for w in theirs.weights]
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    shapes = [w.shape for w in ours.trainable_weights]
    assert shapes == [w.shape for w in theirs.trainable_weights]
    rng = np.random.default_rng(1)
    weights = [rng.uniform(0.2, 0.8, w.shape).astype("float32") for w in theirs.weights]
    theirs.set_weights(weights)
    ours.set_weights(theirs.get_weights())
    expected = theirs(arrays, training=False)
    got = ours(arrays, training=False)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5), got, expected)
    if not shapes:
        return

    def total(outputs):
        return sum(jnp.sum(jnp.sin(out)) for out in jax.tree.leaves(outputs))

    fixed = [v.value for v in theirs.non_trainable_variables]
    their_slopes = jax.grad(
        lambda values: total(theirs.stateless_call(values, fixed, arrays, training=False)[0])
    )([v.value for v in theirs.trainable_variables])
    slopes = jax.grad(lambda values: total(functional.apply(ours, values, arrays)[0]))(
        functional.values(ours)
    )
    path_of = {id(variable): path for path, variable in ours.named_variables().items()}
    for variable, slope in zip(ours.trainable_weights, their_slopes):
        np.testing.assert_allclose(slopes[path_of[id(variable)]], slope, rtol=1e-3, atol=1e-4)


@given(recipes())
@settings(max_examples=20, phases=NO_SHRINKING, derandomize=True)
def test_drawn_networks_agree_with_keras(recipe):
    check_drawn_network(recipe)


@pytest.mark.soak
@given(recipes())
@settings(max_examples=100, phases=NO_SHRINKING)
def test_many_drawn_networks_agree_with_keras(recipe):
    check_drawn_network(recipe)


def check_drawn_network(recipe):
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=(3, width)).astype("float32") for width in recipe[0]]
    theirs = network(THEIRS, recipe)
    compare(network(OURS, recipe), theirs, arrays)


def subclassed(lib):
    """Make a network with layers in attributes, lists, dicts and in one another."""

    class Block(lib.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.norm = lib.layers.BatchNormalization()
            self.inner = lib.layers.Dense(units, activation="tanh")

        def build(self, input_shape):
            self.scale = self.add_weight(name="scale", shape=(input_shape[-1],), initializer="ones")
            self.norm.build(input_shape)
            self.inner.build(input_shape)
            self.built = True

        def call(self, x, training=False):
            return self.inner(self.norm(x, training=training) * self.scale)

    class Net(lib.Model):
        def __init__(self):
            super().__init__()
            self.first = lib.layers.Dense(4)
            self.blocks = [Block(5), Block(3)]
            self.heads = {"a": lib.layers.Dense(1), "b": lib.layers.Dense(2)}
            self.stack = lib.Sequential([lib.layers.Dense(3), lib.layers.BatchNormalization()])

        def call(self, x, training=False):
            x = self.first(x)
            for block in self.blocks:
                x = block(x, training=training)
            x = self.stack(x, training=training)
            return {name: head(x) for name, head in self.heads.items()}

    return Net()


def test_subclassed_networks_agree_with_keras():
    x = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    ours, theirs = subclassed(OURS), subclassed(THEIRS)
    ours(x)
    theirs(x)
    compare(ours, theirs, x)


@pytest.mark.parametrize("frozen", [0, 1, 2])
def test_freezing_leaves_the_same_weights_trainable_as_in_keras(frozen):
    def make(lib):
        model = lib.Sequential([lib.Input((3,)), lib.layers.Dense(4),
                                lib.layers.BatchNormalization(), lib.layers.Dense(2)])  # fmt: skip
        model.layers[frozen].trainable = False
        return model

    ours, theirs = make(OURS), make(THEIRS)
    compare(ours, theirs, np.ones((2, 3), "float32"))
    ours.trainable = theirs.trainable = False
    assert ours.trainable_weights == theirs.trainable_weights == []
    ours.trainable = theirs.trainable = True
    compare(ours, theirs, np.ones((2, 3), "float32"))
    assert len(ours.non_trainable_weights) == len(theirs.non_trainable_weights) == 2


def test_a_model_between_inner_tensors_has_the_weights_that_keras_gives_it():
    def make(lib):
        x = lib.Input((3,))
        a = lib.layers.Dense(4, name="a")(x)
        b = lib.layers.Dense(5, name="b")(a)
        model = lib.Model(x, lib.layers.Dense(1, name="c")(b))
        return lib.Model(model.get_layer("a").output, model.get_layer("c").output)

    ours, theirs = make(OURS), make(THEIRS)
    assert ours.count_params() == theirs.count_params() == 5 * 5 + 6
    compare(ours, theirs, np.ones((2, 4), "float32"))
