"""A file holds a model as it is when it is saved, not as it was made."""

import json

import numpy as np
import pytest

import maeum as mm
from maeum import activations
from maeum.core.errors import ConfigError
from maeum.layers import LSTM, Bidirectional, Dense, Dropout, Layer

RNG = np.random.default_rng(3)
X = RNG.normal(size=(4, 3)).astype("float32")


class Scaling(Layer):
    """Of a user: keeps one argument under another name, and writes get_config by hand."""

    def __init__(self, scale, units=2, **kwargs):
        super().__init__(**kwargs)
        self.by, self.units = scale, units

    def call(self, x):
        return x * self.by * self.units

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def _again(model, tmp_path, **custom):
    model.save(tmp_path / "m.maeum")
    return mm.models.load_model(tmp_path / "m.maeum", custom_objects=custom)


def _stack(seed=1):
    layers = [mm.Input((3,)), Dense(4, "tanh"), Dropout(0.5), Dense(2, "relu")]
    return mm.Sequential(layers, seed=seed)


def _graph():
    x = mm.Input((3,))
    return mm.Model(x, Dense(2, "relu")(Dropout(0.5)(Dense(4, "tanh")(x))), seed=1)


def _nested():
    x = mm.Input((3,))
    return mm.Model(x, _stack()(x), seed=1)


@pytest.mark.parametrize("make", [_stack, _graph, _nested])
def test_a_changed_activation_and_rate_are_saved(make, tmp_path):
    model = make()
    before = model.predict(X)
    stack = model.layers[-1] if isinstance(model.layers[-1], mm.Model) else model
    stack.layers[-1].activation = activations.linear
    stack.layers[-2].rate = 0.25
    expected = model.predict(X)
    assert np.maximum(expected, 0).tolist() == before.tolist() != expected.tolist()
    loaded = _again(model, tmp_path)
    assert loaded.predict(X).tolist() == expected.tolist()
    inner = loaded.layers[-1] if isinstance(loaded.layers[-1], mm.Model) else loaded
    assert inner.layers[-2].rate == 0.25
    kept = inner.layers[-2](np.ones((1, 100_000), "float32"), training=True)
    assert abs(float((kept == 0).mean()) - 0.25) < 0.01  # 0.0014 is one standard deviation


def test_a_model_of_ones_own_whose_attribute_is_a_layer(tmp_path):
    class Net(mm.Model):
        def __init__(self, hidden=4, out="relu"):
            super().__init__()
            self.hidden = Dense(hidden, "relu")
            self.out = Dense(2, out)

        def call(self, x):
            return self.out(self.hidden(x))

    model = Net(hidden=5)
    model.predict(X)
    assert model.get_config()["hidden"] == 5
    loaded = _again(model, tmp_path, Net=Net)
    assert loaded.predict(X).tolist() == model.predict(X).tolist()


def test_both_directions_are_saved_as_they_are(tmp_path):
    model = mm.Sequential([mm.Input((5, 3)), Bidirectional(LSTM(2, name="inner"))])
    model.layers[0].backward_layer.activation = activations.relu
    x = RNG.normal(size=(2, 5, 3)).astype("float32")
    loaded = _again(model, tmp_path)
    assert loaded.predict(x).tolist() == model.predict(x).tolist()
    names = [layer.name for layer in loaded.layers[0].named_layers().values()]
    assert names == [layer.name for layer in model.layers[0].named_layers().values()]


def test_a_layer_that_keeps_its_argument_elsewhere(tmp_path):
    model = mm.Sequential([mm.Input((3,)), Scaling(2.0)])
    model.layers[0].units = 5
    assert "scale" not in model.layers[0].get_config()  # which forgets it
    loaded = _again(model, tmp_path, Scaling=Scaling)
    assert loaded.predict(X).tolist() == (X * 10).tolist()


def test_optimizers_losses_and_metrics_are_saved_as_they_are(tmp_path):
    model = mm.Sequential([mm.Input((3,)), Dense(1)])
    model.compile(mm.optimizers.SGD(0.5), mm.losses.Huber(), metrics=[mm.metrics.BinaryAccuracy()])
    model.optimizer.momentum, model.optimizer.learning_rate = 0.5, 0.25
    model.compile_arguments["loss"].delta = 3.0
    loaded = _again(model, tmp_path)
    assert (loaded.optimizer.momentum, float(loaded.optimizer.learning_rate)) == (0.5, 0.25)
    assert loaded.compile_arguments["loss"].fn_arguments == {"delta": 3.0}


def test_a_configuration_of_the_given_arguments_alone_is_read():
    # As files were written before defaults stood in them.
    layer = {"class": "Dense", "config": {"units": 2, "activation": "relu", "name": "d"}}
    config = {"name": "s", "seed": 1, "trainable": True, "layers": [layer], "named_by_model": [],
              "input": {"batch_shape": [None, 3], "dtype": "float32", "name": None}}  # fmt: skip
    text = json.dumps({"format": 1, "model": {"class": "Sequential", "config": config}, "seed": 1})
    model = mm.models.model_from_json(text)
    assert model.layers[0].activation is activations.relu
    assert model.predict(X).shape == (4, 2)


def test_a_get_config_that_raises_leaves_the_file_whole(tmp_path):
    class Broken(Scaling):
        def get_config(self):
            raise KeyError("units")

    path = tmp_path / "m.maeum"
    mm.Sequential([mm.Input((3,)), Scaling(2.0)]).save(path)
    before = path.read_bytes()
    model = mm.Sequential([mm.Input((3,)), Broken(2.0, name="mine")])
    with pytest.raises(ConfigError, match=r"get_config\(\) of Broken \('mine'\) raised KeyError"):
        model.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_loss_whose_get_config_raises_costs_only_itself(tmp_path):
    class Mine(mm.losses.Loss):
        def call(self, y_true, y_pred):
            return (y_true - y_pred) ** 2

        def get_config(self):
            raise AttributeError("no such thing")

    model = mm.Sequential([mm.Input((3,)), Dense(1)])
    model.compile("sgd", Mine())
    with pytest.warns(UserWarning, match=r"without its compile.*get_config\(\) of Mine \('mine'\)"):
        loaded = _again(model, tmp_path)
    assert loaded.predict(X).tolist() == model.predict(X).tolist()
