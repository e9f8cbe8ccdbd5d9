"""Mixed policies: weights of 32 bits, a computation in 16, and Keras's results with the same."""

import keras
import numpy as np
import pytest

import maeum as mm
from maeum import config, dtype_policies, mixed_precision
from maeum.core.errors import ConfigError
from maeum.layers import (
    BatchNormalization,
    Dense,
    Embedding,
    LayerNormalization,
    MultiHeadAttention,
)

RNG = np.random.default_rng(3)


@pytest.fixture(params=["mixed_bfloat16", "mixed_float16"])
def policy(request):
    config.set_dtype_policy(request.param)
    keras.config.set_dtype_policy(request.param)
    yield dtype_policies.get(request.param)
    config.set_dtype_policy("float32")
    keras.config.set_dtype_policy("float32")


def stacks(layers):
    return {
        "dense": ((6,), [layers.Dense(8, activation="tanh"), layers.Dense(2)]),
        "images": ((8, 8, 3), [layers.Conv2D(4, 3), layers.BatchNormalization(),
                               layers.GlobalAveragePooling2D(), layers.Dense(2)]),
        "steps": ((5, 4), [layers.LSTM(6, return_sequences=True), layers.LayerNormalization(),
                           layers.GRU(3)]),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["dense", "images", "steps"])
def test_outputs_are_those_of_keras(policy, name):
    shape, ours = stacks(mm.layers)[name]
    _shape, theirs = stacks(keras.layers)[name]
    model = mm.Sequential([mm.Input(shape), *ours])
    peer = keras.Sequential([keras.Input(shape), *theirs])
    peer.set_weights(model.get_weights())
    x = RNG.normal(size=(4, *shape)).astype("float32")
    found, wanted = model(x), peer(x)
    assert found.dtype.name == wanted.dtype.name == policy.compute_dtype
    assert {w.dtype.name for w in model.weights} == {"float32"}
    np.testing.assert_allclose(
        np.asarray(found, "float32"), np.asarray(wanted, "float32"), rtol=0.1, atol=0.05
    )


def test_it_learns_and_is_saved(policy, tmp_path):
    x = RNG.normal(size=(64, 4)).astype("float32")
    model = mm.Sequential([mm.Input((4,)), Dense(8, activation="relu"), Dense(1, dtype="float32")])
    model.compile(mm.optimizers.Adam(0.05), "mse")
    losses = model.fit(x, x.sum(1), epochs=12, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 4
    scaled = isinstance(model.optimizer, mm.optimizers.LossScaleOptimizer)
    assert scaled == (policy.compute_dtype == "float16")
    assert model.predict(x).dtype == np.float32
    model.save(tmp_path / "m.maeum")
    config.set_dtype_policy("float32")
    again = mm.load_model(tmp_path / "m.maeum")
    assert again.layers[0].dtype_policy == policy
    np.testing.assert_array_equal(again.predict(x), model.predict(x))


def test_indices_and_moving_averages_keep_their_digits(policy):
    table = Embedding(1000, 3)
    floats = np.array([[257.0, 999.0]], "float32")  # 257 is no bfloat16
    np.testing.assert_array_equal(table(floats), table(floats.astype("int32")))
    norm = BatchNormalization()
    norm(np.full((4, 2), 3.001), training=True)
    assert norm.moving_mean.value.dtype == np.float32
    assert norm.gamma.value.dtype == np.float32  # outside of the layer


def test_attention(policy):
    x = RNG.normal(size=(2, 5, 8))
    layer = MultiHeadAttention(2, 4)
    assert layer(x, x).dtype.name == policy.compute_dtype
    assert {w.dtype.name for w in layer.weights} == {"float32"}
    assert LayerNormalization(dtype="float32")(x).dtype == np.float32


def test_policies_by_name():
    assert mixed_precision.Policy("mixed_bfloat16") == dtype_policies.get("mixed_bfloat16")
    config = dtype_policies.serialize(dtype_policies.DTypePolicy("float16"))
    assert config["config"] == {"name": "float16"}
    assert dtype_policies.deserialize(config).variable_dtype == "float16"
    described = {"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}
    assert Dense(1, dtype=described).compute_dtype == "float16"
    with pytest.raises(ConfigError, match="Cannot convert"):
        dtype_policies.get("mixed_float8")
    with pytest.raises(TypeError, match="must be a string"):
        dtype_policies.DTypePolicy(8)
    with pytest.raises(ConfigError, match="Invalid `policy`"):
        mixed_precision.set_global_policy(None)
    with pytest.raises(AttributeError, match="does not quantize"):
        _ = dtype_policies.QuantizedDTypePolicy
