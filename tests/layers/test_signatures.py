"""The arguments of layers: their names, order and defaults are Keras's, for help() and calls."""

import inspect

import keras
import numpy as np
import pytest

from maeum import layers

# Arguments that Keras has and Maeum has not, or only by keyword.
_MISSING = {
    "BatchNormalization": {"renorm", "renorm_clipping", "renorm_momentum", "synchronized"},
    "Dense": {"lora_rank", "lora_alpha", "quantization_config"},
    "Embedding": {"lora_rank", "lora_alpha", "quantization_config"},
    "InputLayer": {"sparse", "ragged", "input_tensor", "optional"},
    "IntegerLookup": {"oov_method", "salt"},  # hashes of TensorFlow
    "StringLookup": {"salt"},
}
# Where the order differs: Keras's own layers disagree with each other.
_ORDER = {
    "Conv3DTranspose": "as the transposed convolutions of one and two axes",
    "Convolution3DTranspose": "an alias of it",
    "InputLayer": "name before batch_shape, as Keras 2",
}
# Keras asks for pool_size, Maeum has the default of max pooling.
_DEFAULTS = {f"{name}{n}D": {"pool_size"} for name in ("AveragePooling", "AvgPool") for n in "123"}


def _arguments(cls):
    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    return {p.name: p.default for p in parameters if p.kind is positional}


def _same_default(one, two):
    """Compare defaults as a layer understands them: 1 is (1, 1), names have any case."""
    if isinstance(one, str) and isinstance(two, str):
        return one.lower() == two.lower()
    if isinstance(two, tuple) and not isinstance(one, tuple):
        return bool(np.all(np.asarray(two) == one))
    return one == two


_SHARED = sorted(
    name
    for name in dir(layers)
    if inspect.isclass(getattr(layers, name)) and inspect.isclass(getattr(keras.layers, name, None))
)


@pytest.mark.parametrize("name", _SHARED)
def test_arguments_are_those_of_keras(name):
    ours, theirs = (_arguments(getattr(room, name)) for room in (layers, keras.layers))
    by_keyword = {"name", "dtype"} - set(ours)  # which every layer takes
    assert set(theirs) - set(ours) - by_keyword == _MISSING.get(name, set())
    common = [argument for argument in theirs if argument in ours]
    if name not in _ORDER:
        assert [argument for argument in ours if argument in theirs] == common
        # What only Maeum has stands behind, so that calls by position mean the same.
        if name not in _MISSING:
            assert list(ours)[: len(common)] == common
    wrong = {a for a in common if not _same_default(ours[a], theirs[a])}
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
