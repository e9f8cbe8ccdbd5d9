"""The networks that Keras has too: the same layers, numbers and outputs."""

import re

import jax
import numpy as np
import pytest

from maeum import applications

# Keras numbers the layers that nobody named on and on, and gives pooling layers a name or not.
UNNAMED = re.compile(
    r"(input_layer|conv2d|batch_normalization|activation|max_pooling2d|average_pooling2d"
    r"|concatenate|add|zero_padding2d)(_\d+)?|(global_(average|max)_pooling2d|avg_pool|max_pool).*"
)
FACTS = (
    *("kernel_size", "strides", "padding", "dilation_rate", "use_bias", "pool_size", "epsilon"),
    *("momentum", "center", "scale", "max_value", "rate", "data_format"),
)

# A name, arguments, and the rows of pictures: odd ones, and the least that the network takes.
# The large ones take long to build in Keras.
SMALL = [
    ("VGG16", {}, 32),
    ("ResNet50", {}, 33),
    ("Xception", {}, 71),
    ("MobileNet", {"alpha": 0.5, "depth_multiplier": 2, "dropout": 0.25}, 33),
    ("MobileNetV2", {"alpha": 0.75}, 32),
]
LARGE = [
    ("InceptionV3", {}, 75),
    ("DenseNet121", {}, 35),
    ("MobileNetV2", {"alpha": 1.3}, 75),
    ("VGG19", {}, 32),
    ("ResNet101", {}, 40),
    ("ResNet152", {}, 32),
    ("DenseNet169", {}, 32),
    ("DenseNet201", {}, 33),
]


def facts(layer):
    found = {name: getattr(layer, name) for name in FACTS if hasattr(layer, name)}
    activation = getattr(layer, "activation", None)
    return found | {"activation": getattr(activation, "__name__", None) or "linear"}


def named(layer):
    return "unnamed" if UNNAMED.fullmatch(layer.name) else layer.name


def check_structure(ours, theirs):
    assert [named(a) for a in ours.layers] == [named(b) for b in theirs.layers]
    assert ours.name == theirs.name
    for a, b in zip(ours.layers, theirs.layers):
        assert type(a).__name__ == type(b).__name__
        assert a.output.shape == b.output.shape, a.name
        expected = facts(b)
        assert {name: value for name, value in facts(a).items() if name in expected} == expected
    assert [(w.name, w.shape) for w in ours.weights] == [
        (w.name, tuple(w.shape)) for w in theirs.weights
    ]
    assert ours.count_params() == theirs.count_params()


def check_outputs(ours, theirs, draw):
    weights = draw(ours)
    ours.set_weights(weights)
    theirs.set_weights(weights)
    x = np.random.default_rng(1).normal(size=(2, *ours.input_shape[1:])).astype("float32")
    # One compiled program each: op by op it takes several times longer.
    expected = np.asarray(jax.jit(lambda x: theirs(x, training=False))(x))
    assert expected.std() > 0
    # A deep network amplifies the last bit of its first layers: the tolerance follows the size.
    np.testing.assert_allclose(
        jax.jit(ours)(x), expected, rtol=1e-4, atol=2e-5 * np.abs(expected).max()
    )


def both(theirs, name, arguments):
    # Random weights here are None's on both sides; only Keras has to be told.
    return getattr(applications, name)(**arguments), getattr(theirs, name)(
        weights=None, **arguments
    )


def check_everything(theirs, draw, name, arguments, rows):
    shape = (rows, rows, 3)
    check_structure(*both(theirs, name, {**arguments, "input_shape": shape, "classes": 7}))
    features = {**arguments, "input_shape": shape, "include_top": False}
    pair = both(theirs, name, features)
    check_structure(*pair)
    check_outputs(*pair, draw)


@pytest.mark.parametrize(("name", "arguments", "rows"), SMALL)
def test_layers_and_weights_are_keras_s(theirs, name, arguments, rows):
    check_structure(
        *both(theirs, name, {**arguments, "input_shape": (rows, rows, 3), "classes": 7})
    )


@pytest.mark.parametrize("pooling", [None, "avg", "max"])
def test_without_the_classifier_it_is_keras_s_too(theirs, pooling):
    arguments = {"include_top": False, "pooling": pooling, "alpha": 0.25}
    check_structure(*both(theirs, "MobileNet", arguments))


def test_outputs_are_keras_s(theirs, draw):
    arguments = {"alpha": 0.25, "input_shape": (32, 40, 1), "classes": 5}
    check_outputs(*both(theirs, "MobileNet", arguments), draw)


@pytest.mark.soak
@pytest.mark.parametrize(("name", "arguments", "rows"), [*SMALL, *LARGE])
def test_everything_is_keras_s(theirs, draw, name, arguments, rows):
    check_everything(theirs, draw, name, arguments, rows)


@pytest.mark.soak
@pytest.mark.parametrize("name", ["VGG16", "VGG19"])
def test_the_large_classifiers_count_as_keras_s(theirs, name):
    ours, other = both(theirs, name, {})
    assert ours.count_params() == other.count_params()
