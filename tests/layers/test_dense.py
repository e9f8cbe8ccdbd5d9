import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum import activations, ops
from maeum.core.errors import ConfigError, ShapeError, UnknownNameError
from maeum.core.hints import hint_of
from maeum.layers import Dense, Input


@settings(max_examples=10)
@given(
    shape=st.sampled_from([(2, 3), (4, 1), (2, 3, 5)]),
    units=st.sampled_from([1, 4]),
    activation=st.sampled_from([None, "relu", "tanh", "sigmoid"]),
    use_bias=st.booleans(),
)
def test_agrees_with_keras(agree, k, shape, units, activation, use_bias):
    agree(
        Dense(units, activation, use_bias),
        k.Dense(units, activation, use_bias),
        agree.floats(*shape),
    )


def test_whole_numbers_are_taken(agree, k):
    agree(Dense(3), k.Dense(3), np.array([[1, 2], [3, 4]], "int32"))


def test_initial_weights_are_those_of_the_initializers():
    layer = Dense(50, bias_initializer="ones")
    layer.build((None, 100))
    kernel, bias = layer.get_weights()
    limit = np.sqrt(6 / 150)  # Glorot & Bengio (2010), equation 16
    assert np.abs(kernel).max() <= limit
    assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.05)
    assert bias.tolist() == [1.0] * 50


def test_regularizers_reach_the_losses():
    layer = Dense(1, kernel_regularizer="l2", kernel_initializer="ones", activity_regularizer="l1")
    layer(np.ones((2, 3), "float32"))
    # L1 of the outputs 3, 3 per sample: 0.01 * 6 / 2; L2 of three ones: 0.01 * 3.
    assert sorted(float(loss) for loss in layer.losses) == pytest.approx([0.03, 0.03])


def test_outputs_keep_their_logits():
    layer = Dense(1, activation="sigmoid")
    logits = hint_of(layer(np.ones((2, 3), "float32")), "sigmoid_logits")
    np.testing.assert_allclose(jax.nn.sigmoid(logits), layer(np.ones((2, 3), "float32")))


@pytest.mark.parametrize("units", [0, -3, 2.5, "8", None, True])
def test_units_that_are_no_size(units):
    with pytest.raises(ConfigError, match="units"):
        Dense(units)


def test_errors_name_what_was_meant():
    with pytest.raises(UnknownNameError, match="relu"):
        Dense(3, activation="rleu")
    with pytest.raises(TypeError, match="kernel_initializer"):
        Dense(3, kernel_initialiser="zeros")


def test_wrong_shapes():
    layer = Dense(3)
    layer.build((None, 4))
    with pytest.raises(ShapeError, match="size 4 along axis -1"):
        layer(np.ones((2, 5), "float32"))
    with pytest.raises(ShapeError, match="needs to know the size"):
        Dense(3)(Input((None,)))
    with pytest.raises(ShapeError, match="2 axes"):
        Dense(3)(np.ones(3, "float32"))


def test_config_makes_the_layer_again():
    layer = Dense(3, "relu", kernel_regularizer="l2", name="first")
    again = Dense.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert (again.name, again.units) == ("first", 3)


def test_the_dtype_is_a_name_or_that_of_a_policy_in_a_configuration_of_keras():
    policy = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "bfloat16"}}
    assert Dense(2, dtype=policy).dtype == Dense(2, dtype="bfloat16").dtype == "bfloat16"
    for mixed in ("mixed_bfloat16", {**policy, "config": {"name": "mixed_bfloat16"}}):
        assert (Dense(2, dtype=mixed).dtype, Dense(2, dtype=mixed).compute_dtype) == (
            "float32",
            "bfloat16",
        )
    with pytest.raises(ConfigError, match="number"):
        Dense(2, dtype="number")


def test_an_activation_is_described_by_its_name():
    for gelu in ("gelu", activations.gelu):
        assert Dense(2, activation=gelu).get_config()["activation"] == "gelu"
        assert Dense.from_config(Dense(2, gelu).get_config()).activation is activations.gelu
    other = Dense(2, activation=ops.gelu)  # another function: it approximates
    assert Dense.from_config(other.get_config()).activation is ops.gelu


def test_an_activation_is_assigned_as_it_is_given():
    x = np.array([[-1.0, 2.0]], "float32")
    layer = Dense(2, activation="relu", use_bias=False, kernel_initializer="identity")
    assert layer(x).tolist() == [[0.0, 2.0]]
    for other, expected in ((None, [[-1.0, 2.0]]), ("relu", [[0.0, 2.0]])):
        layer.activation = other
        assert layer(x).tolist() == expected
        assert Dense.from_config(layer.get_config()).activation is activations.get(other)
    with pytest.raises(UnknownNameError, match="Did you mean 'relu'"):
        layer.activation = "rellu"
    assert layer(x).tolist() == [[0.0, 2.0]]
