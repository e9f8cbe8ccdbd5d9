"""The names of activations, and that each is Keras's."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import inspect

import jax
import numpy as np
import pytest

from maeum import activations
from maeum.core import registry
from maeum.core.errors import UnknownNameError
from maeum.layers import Dense

OWN = {"step", "sign"}
NAMES = [
    "linear",
    "step",
    "sign",
    "sigmoid",
    "hard_sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "relu6",
    "elu",
    "selu",
    "celu",
    "gelu",
    "silu",
    "swish",
    "mish",
    "softplus",
    "softsign",
    "exponential",
    "softmax",
    "log_softmax",
]
KERAS = [name for name in NAMES if name not in OWN]


@pytest.mark.parametrize("name", KERAS)
def test_values_gradients_and_defaults_are_keras_s(name):
    import keras

    theirs = keras.activations.get(name)
    ours = activations.get(name)
    x = np.linspace(-9, 9, 60, dtype="float32").reshape(5, 12)
    np.testing.assert_allclose(ours(x), theirs(x), atol=1e-5, rtol=1e-5)
    weights = np.random.default_rng(0).normal(size=x.shape)
    slope, expected = (jax.grad(lambda x, f=f: (f(x) * weights).sum())(x) for f in (ours, theirs))
    np.testing.assert_allclose(slope, expected, atol=1e-4, rtol=1e-4)
    assert str(inspect.signature(ours)).split(" ->")[0].count("=") == str(
        inspect.signature(theirs)
    ).count("=")
    for argument, parameter in inspect.signature(theirs).parameters.items():
        assert inspect.signature(ours).parameters[argument].default == parameter.default


def test_step_and_sign_of_the_course():
    # course.md 8 and 12: thresholds of the perceptron.
    x = np.array([-2.0, 0.0, 3.0])
    assert activations.step(x).tolist() == [0.0, 1.0, 1.0]
    assert activations.sign(x).tolist() == [-1.0, 0.0, 1.0]


def test_leaky_relu_with_the_slope_of_the_course():
    # course.md 12: 0.1 x below 0.
    assert activations.leaky_relu(-3.0, 0.1).tolist() == pytest.approx(-0.3)


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_a_function_that_can_be_saved(name):
    function = activations.get(name)
    assert function is getattr(activations, name) is activations.get(name.upper())
    described = registry.serialize(function)
    assert described == {"function": function.__name__}
    assert registry.deserialize(described) is function
    assert Dense(2, activation=name).get_config()["activation"] == name


def test_other_identifiers():
    assert activations.get(None) is activations.linear
    assert activations.get(np.tanh) is np.tanh
    with pytest.raises(UnknownNameError, match="'leaky_relu'"):
        activations.get("leakyrelu")
