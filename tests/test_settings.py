"""`maeum.config` and `maeum.backend`: what is set is what the next layers, data and fits do."""

import itertools
import logging

import jax
import keras
import numpy as np
import pytest

import maeum as mm
from maeum import backend, config
from maeum.core.errors import ConfigError
from maeum.core.settings import Settings, say, settings
from maeum.layers import BatchNormalization, Conv2D, Dense, Flatten, MaxPooling2D


@pytest.fixture(autouse=True)
def _as_before():
    yield
    config.set_floatx("float32")
    for name, value in vars(Settings()).items():
        setattr(settings, name, value)


DTYPES = [None, int, float, bool, complex, str, "int", "bfloat16", np.dtype("int8"), np.uint16,
          jax.numpy.float32, "uint32", "bool"]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_names_of_dtypes(dtype):
    assert backend.standardize_dtype(dtype) == keras.backend.standardize_dtype(dtype)
    assert backend.is_float_dtype(dtype) == keras.backend.is_float_dtype(dtype)
    assert backend.is_int_dtype(dtype) == keras.backend.is_int_dtype(dtype)


@pytest.mark.parametrize("floatx", ["float32", "float16"])
def test_dtypes_of_results(floatx):
    config.set_floatx(floatx)
    keras.backend.set_floatx(floatx)
    try:
        plain = [d for d in DTYPES if d not in (str, complex)] + [None, "float16", "float32"]
        for pair in itertools.product(plain, plain):
            theirs = keras.backend.result_type(*pair)
            if "int" not in theirs or floatx == "float32":  # Keras makes int16 of two Python ints
                assert backend.result_type(*pair) == theirs, pair
    finally:
        keras.backend.set_floatx("float32")
    with pytest.raises(ConfigError, match="float8"):
        backend.result_type("float8_e4m3fn", int)
    with pytest.raises(ConfigError, match="Invalid dtype"):
        backend.standardize_dtype("float31")


def test_double_precision_is_double_all_the_way():
    config.set_floatx("float64")
    model = mm.Sequential([mm.Input((4,)), Dense(3, activation="tanh"), Dense(1)])
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).normal(size=(8, 4))
    model.fit(x, x[:, 0], verbose=0)
    a, b, c, d = model.get_weights()
    np.testing.assert_allclose(model.predict(x), np.tanh(x @ a + b) @ c + d, rtol=1e-14)
    config.set_floatx("float32")
    assert not jax.config.jax_enable_x64
    assert Dense(1).dtype == "float32"


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision(dtype):
    config.set_floatx(dtype)
    model = mm.Sequential([mm.Input((4,)), Dense(3)])
    assert {w.dtype.name for w in model.weights} == {dtype} == {model(np.ones((2, 4))).dtype.name}


def test_channels_first_reaches_layers_that_are_not_told():
    stack = [Conv2D(4, 3), MaxPooling2D(), BatchNormalization(axis=1), Flatten()]
    config.set_image_data_format("channels_first")
    made = [Conv2D(4, 3), MaxPooling2D(), BatchNormalization(axis=1), Flatten()]
    model = mm.Sequential([mm.Input((3, 8, 8)), *made])
    x = np.random.default_rng(1).normal(size=(2, 3, 8, 8)).astype("float32")
    outputs = model.predict(x)
    keras.backend.set_image_data_format("channels_first")
    try:
        names = ("Conv2D", "MaxPooling2D")
        peers = [keras.layers.Conv2D(4, 3), keras.layers.MaxPooling2D(),
                 keras.layers.BatchNormalization(axis=1), keras.layers.Flatten()]  # fmt: skip
        peer = keras.Sequential([keras.Input((3, 8, 8)), *peers])
    finally:
        keras.backend.set_image_data_format("channels_last")
    peer.set_weights(model.get_weights())
    np.testing.assert_allclose(outputs, peer.predict(x, verbose=0), rtol=1e-4, atol=1e-5)
    assert [layer.data_format for layer in stack[:2]] == ["channels_last"] * 2
    for name, layer in zip(names, made):  # what is written is what it was
        assert layer.get_config()["data_format"] == "channels_first", name
    config.set_image_data_format("channels_last")
    again = mm.models.model_from_json(model.to_json())
    assert again.output_shape == model.output_shape
    with pytest.raises(ConfigError, match="channels_middle"):
        config.set_image_data_format("channels_middle")


def test_limits_for_trying_out():
    model = mm.Sequential([mm.Input((1,)), Dense(1)])
    model.compile("sgd", "mse")
    x = np.zeros((100, 1))
    config.set_max_epochs(2)
    config.set_max_steps_per_epoch(3)
    with pytest.warns(UserWarning, match="limits a training to 2 epochs"):
        history = model.fit(x, x, epochs=5, batch_size=10, verbose=0)
    assert len(history.epoch) == 2
    assert int(model.optimizer.iterations) == 6
    assert len(model.predict(x, batch_size=10)) == 30
    config.set_max_steps_per_epoch(None)
    assert (config.max_epochs(), config.max_steps_per_epoch()) == (2, None)


def test_messages_are_printed_or_logged(capsys, caplog):
    model = mm.Sequential([mm.Input((1,)), Dense(1)])
    model.compile("sgd", "mse")
    config.disable_interactive_logging()
    with caplog.at_level(logging.INFO, "maeum"):
        model.fit(np.zeros((4, 1)), np.zeros(4), verbose=2)
        model.evaluate(np.zeros((4, 1)), np.zeros(4))
    assert not capsys.readouterr().out
    assert "loss: 0.0" in caplog.text
    config.enable_interactive_logging()
    say("said")
    assert capsys.readouterr().out == "said\n"


def test_epsilon_reaches_losses_metrics_and_programs():
    y, p = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    model = mm.Sequential([mm.Input((2,)), mm.layers.Identity()])
    model.compile("sgd", "categorical_crossentropy", metrics=["f1_score"])
    before = model.evaluate(p, y, verbose=0)[0]
    config.set_epsilon(1e-3)
    np.testing.assert_allclose(mm.losses.categorical_crossentropy(y, p), -np.log(1e-3), rtol=1e-4)
    np.testing.assert_allclose(model.evaluate(p, y, verbose=0)[0], -np.log(1e-3), rtol=1e-4)
    config.set_epsilon(1e-7)
    assert model.evaluate(p, y, verbose=0)[0] == pytest.approx(before, rel=1e-6)


def test_what_could_have_no_effect_is_refused():
    with pytest.raises(ConfigError, match="JAX alone"):
        config.set_backend("torch")
    with pytest.raises(ConfigError, match="holds no code"):
        config.enable_unsafe_deserialization()
    with pytest.raises(ConfigError, match="float31"):
        config.set_floatx("float31")
    with pytest.raises(ConfigError, match="epsilon"):
        config.set_epsilon(0)
    config.set_backend("jax")
    assert config.backend() == "jax"
    assert not config.is_nnx_enabled()


def test_flash_attention_gives_the_same():
    q = np.random.default_rng(2).normal(size=(1, 20, 2, 4)).astype("float32")
    results = [mm.ops.dot_product_attention(q, q, q)]
    for choose in (config.enable_flash_attention, config.disable_flash_attention):
        choose()
        results.append(mm.ops.dot_product_attention(q, q, q))
    assert config.is_flash_attention_enabled() is False
    for other in results[1:]:
        np.testing.assert_allclose(results[0], other, atol=1e-6)
