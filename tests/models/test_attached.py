"""Losses and metrics that are attached to a graph, as in Keras 2."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest

import maeum as mm
from maeum import ops
from maeum.core.errors import ConfigError
from maeum.layers import Dense, Layer
from maeum.models import clone_model, load_model

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3)).astype("f4")
Y = RNG.normal(size=(20, 3)).astype("f4")
NAMES = ["encoder", "decoder"]


def autoencoder(attach=True):
    x = mm.Input((3,))
    code = Dense(2, activation="tanh", name=NAMES[0])(x)
    again = Dense(3, name=NAMES[1])(code)
    model = mm.Model(x, again, seed=0)
    if attach:
        model.add_loss(ops.mean((x - again) ** 2))
        model.add_metric(ops.mean(abs(code)), name="size")
    return model


def by_numpy(x, weights):
    k1, b1, k2, b2 = (w.astype("f8") for w in weights)
    code = np.tanh(x @ k1 + b1)
    return ((x - (code @ k2 + b2)) ** 2).mean(), abs(code).mean()


def test_losses_and_metrics_are_computed_in_evaluation():
    model = autoencoder()
    model.compile("sgd")
    loss, size = by_numpy(X, model.get_weights())
    result = model.evaluate(X, batch_size=5, verbose=0, return_dict=True)
    assert result == pytest.approx({"loss": loss, "size": size}, rel=1e-5)
    model.compile("sgd", "mse", metrics=["mae"])
    own = ((Y - model.predict(X)) ** 2).mean()
    result = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert list(result) == ["loss", "mae", "size"]
    assert result["loss"] == pytest.approx(own + loss, rel=1e-5)


def test_training_agrees_with_a_layer_of_keras_that_adds_its_loss():
    class Compare(keras.layers.Layer):
        def call(self, x, again):
            self.add_loss(keras.ops.mean((x - again) ** 2))
            return again

    x = keras.Input((3,))
    code = keras.layers.Dense(2, activation="tanh")(x)
    theirs = keras.Model(x, Compare()(x, keras.layers.Dense(3)(code)))
    ours = autoencoder()
    theirs.set_weights(ours.get_weights())
    for model, optimizer in ((ours, mm.optimizers.SGD(0.1)), (theirs, keras.optimizers.SGD(0.1))):
        model.compile(optimizer, "mse")
    options = {"epochs": 3, "batch_size": 10, "shuffle": False, "verbose": 0}
    histories = [m.fit(X, Y, validation_data=(X, Y), **options).history for m in (ours, theirs)]
    for key in ("loss", "val_loss"):
        np.testing.assert_allclose(histories[0][key], histories[1][key], rtol=1e-5)
    for got, want in zip(ours.get_weights(), theirs.get_weights()):
        np.testing.assert_allclose(got, want, atol=1e-6)
    assert sorted(histories[0]) == ["loss", "size", "val_loss", "val_size"]
    _, size = by_numpy(X, ours.get_weights())
    assert histories[0]["val_size"][-1] == pytest.approx(size, rel=1e-5)


def test_they_are_saved_loaded_and_cloned(tmp_path):
    model = autoencoder()
    model.compile("sgd")
    model.save(tmp_path / "m.maeum")
    loaded = load_model(tmp_path / "m.maeum")
    copy = clone_model(model, seed=0)
    copy.set_weights(model.get_weights())
    copy.compile("sgd")
    expected = model.evaluate(X, verbose=0, return_dict=True)
    for other in (loaded, copy):
        assert other.evaluate(X, verbose=0, return_dict=True) == expected
        assert other.get_config() == model.get_config()


def test_those_of_a_model_inside_count_too():
    inner = autoencoder()
    x = mm.Input((3,))
    model = mm.Model(x, inner(x * 2))
    model.compile("sgd")
    loss, size = by_numpy(2 * X, model.get_weights())
    result = model.evaluate(X, verbose=0, return_dict=True)
    assert result == pytest.approx({"loss": loss, "size": size}, rel=1e-5)


def test_layers_on_the_way_to_a_loss_belong_to_the_model():
    model = autoencoder(attach=False)
    kl = Dense(1, name="side")(model.get_layer(NAMES[0]).output)
    model.add_loss([ops.mean(kl**2), kl])
    assert "side/kernel" in model.named_variables()
    model.compile("sgd")
    side = np.tanh(X @ model.get_weights()[0]) @ model.get_layer("side").get_weights()[0]
    expected = (side**2).mean() + side.sum()  # an array is summed up, as in Keras 3
    assert model.evaluate(X, verbose=0) == pytest.approx(expected, rel=1e-4)


def test_a_layer_adds_losses_and_metrics_in_its_call():
    class Endpoint(Layer):
        def call(self, targets, logits):
            self.add_loss(ops.mean((targets - logits) ** 2), inputs=True)
            self.add_metric(abs(targets - logits), name="error", aggregation="mean")
            return logits

    x, y = mm.Input((3,)), mm.Input((3,))
    model = mm.Model([x, y], Endpoint()(y, Dense(3)(x)))
    model.compile("sgd")
    difference = Y - model.predict([X, Y])
    result = model.evaluate([X, Y], verbose=0, return_dict=True)
    expected = {"loss": (difference**2).mean(), "error": abs(difference).mean()}
    assert result == pytest.approx(expected, rel=1e-5)


def test_a_subclassed_model_adds_them_in_its_call():
    class Net(mm.Model):
        def __init__(self):
            super().__init__()
            self.dense = Dense(3)

        def call(self, x):
            y = self.dense(x)
            self.add_loss(ops.mean(y**2))
            self.add_metric(ops.mean(y), name="mean")
            return y

    model = Net()
    model.compile("sgd")
    outputs = model.predict(X)
    result = model.evaluate(X, verbose=0, return_dict=True)
    expected = {"loss": (outputs**2).mean(), "mean": outputs.mean()}
    assert result == pytest.approx(expected, rel=1e-4)


def test_what_cannot_be_attached_is_an_error():
    model = autoencoder()
    other = mm.Input((3,))
    weights = model.weights
    with pytest.raises(ConfigError, match="not among the inputs"):
        model.add_loss(ops.mean(model.output - other))
    assert model.weights == weights
    with pytest.raises(ConfigError, match="has a metric named 'size'"):
        model.add_metric(model.output, name="size")
    with pytest.raises(ConfigError, match="has a metric named 'loss'"):
        model.add_metric(model.output, name="loss")
    with pytest.raises(ConfigError, match="aggregation 'mean'"):
        model.add_metric(model.output, name="max", aggregation="max")
    with pytest.raises(ConfigError, match="those of a functional model"):
        model.layers[-1].add_loss(model.output)
    with pytest.raises(ConfigError, match="belongs in the call"):
        model.add_loss(1.0)
    stack = mm.Sequential([mm.Input((3,)), Dense(1)])
    with pytest.raises(ConfigError, match=r"Model\(model.inputs, model.outputs\)"):
        stack.add_loss(ops.mean(stack.output))
