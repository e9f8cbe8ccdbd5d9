"""The arguments of layers: their names, order and defaults are Keras's, for help() and calls."""

import inspect

import keras
import pytest

from maeum import layers

# What Keras has and Maeum has not: other back ends, and weights of fewer bits or of low rank.
_UNWANTED = {"FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"}
_MISSING = {"lora_rank", "lora_alpha", "quantization_config", "gptq_unpacked_column_size"}
# Keras asks for pool_size, Maeum has the default of max pooling.
_DEFAULTS = {f"{name}{n}D": {"pool_size"} for name in ("AveragePooling", "AvgPool") for n in "123"}

_NAMES = sorted(name for name in dir(keras.layers) if not name.startswith("_"))
_SHARED = [name for name in _NAMES if inspect.isclass(getattr(layers, name, None))]


def _arguments(thing):
    """Return what can be given by position, in its order, with the defaults."""
    made = thing.__init__ if inspect.isclass(thing) else thing
    parameters = inspect.signature(made).parameters.values()
    taken = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD and p.name != "self"]
    return {p.name: p.default for p in taken}


def _same_default(one, two):
    if isinstance(one, str) and isinstance(two, str):  # names have any case
        return one.lower() == two.lower()
    return one == two and isinstance(one, tuple) == isinstance(two, tuple)


def test_every_wanted_name_is_there():
    assert {name for name in _NAMES if not hasattr(layers, name)} == _UNWANTED


@pytest.mark.parametrize("name", sorted(set(_NAMES) - _UNWANTED))
def test_arguments_are_those_of_keras(name):
    """Their names, their order, and their defaults; what only Maeum has stands behind."""
    ours, theirs = (_arguments(getattr(room, name)) for room in (layers, keras.layers))
    wanted = [argument for argument in theirs if argument not in _MISSING]
    assert list(ours)[: len(wanted)] == wanted
    wrong = {a for a in wanted if not _same_default(ours[a], theirs[a])}
    assert wrong == _DEFAULTS.get(name, set())


@pytest.mark.parametrize("name", _SHARED)
def test_help_shows_the_arguments(name):
    cls = getattr(layers, name)
    shown, made = inspect.signature(cls), inspect.signature(cls.__init__)
    assert list(shown.parameters) == list(made.parameters)[1:]


def test_arguments_by_position_are_the_ones_by_name():
    by_position = layers.Dense(3, "relu", False, "he_normal", "ones", "l1", None, "l2")
    by_name = layers.Dense(
        units=3, activation="relu", use_bias=False, kernel_initializer="he_normal",
        bias_initializer="ones", kernel_regularizer="l1", activity_regularizer="l2",
    )  # fmt: skip
    assert by_position.get_config() == by_name.get_config()
    assert by_position.activity_regularizer.get_config() == {"l2": 0.01}
    by_position = layers.LSTM(3, "tanh", "sigmoid", True, "zeros", "ones", "zeros", False, "l2")
    assert by_position.kernel_regularizer.get_config() == {"l2": 0.01}
    assert not by_position.unit_forget_bias


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.Dense(3, kernel_initialiser="zeros"), "Did you mean 'kernel_initializer'"),
        (lambda: layers.Dense(3, units=3), "multiple values for argument 'units'"),
        (lambda: layers.Dense(*range(11)), "too many positional arguments"),
        (lambda: layers.LSTM(), "missing a required argument: 'units'"),
        (lambda: layers.SimpleRNN(3, recurrent_activation="relu"), "unexpected argument"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_a_subclass_that_gives_too_much_is_told():
    class Mine(layers.Dense):
        def __init__(self):
            super().__init__(3, "relu", activation="tanh")

    with pytest.raises(TypeError, match="multiple values for argument 'activation'"):
        Mine()

    class More(layers.Dense):
        def __init__(self):
            super().__init__(*range(11))

    with pytest.raises(TypeError, match="too many positional arguments"):
        More()
