"""What a callback watches: which way is better, or an error that asks for it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import keras
import numpy as np
import pytest

import maeum as mm
from maeum.callbacks import (
    CallbackList,
    EarlyStopping,
    History,
    ModelCheckpoint,
    ProgressBar,
    ReduceLROnPlateau,
    RemoteMonitor,
    SwapEMAWeights,
    TerminateOnNaN,
)
from maeum.core.errors import ConfigError, NonFiniteLossError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(16, 3)).astype("float32")
Y = RNG.integers(0, 2, (16, 1)).astype("float32")


def dice(y_true, y_pred):
    return 1 - mm.losses.dice(y_true, y_pred)


def compiled(metrics=None, optimizer="sgd"):
    model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(1, "sigmoid")])
    model.compile(optimizer, "binary_crossentropy", metrics=metrics)
    return model


def fit(model, *callbacks, epochs=2):
    return model.fit(
        X, Y, validation_data=(X, Y), epochs=epochs, verbose=0, callbacks=list(callbacks)
    )


@pytest.mark.parametrize("kind", [EarlyStopping, ReduceLROnPlateau, ModelCheckpoint])
def test_an_unknown_direction_asks_for_the_mode(kind, tmp_path):
    more = {"filepath": tmp_path / "m.maeum", "save_best_only": True}
    arguments = more if kind is ModelCheckpoint else {}
    model = compiled([dice])
    with pytest.raises(ConfigError, match=r"'val_dice' is better is not known: .*mode=\"max\""):
        fit(model, kind(monitor="val_dice", **arguments))
    assert model.history is None or not model.history.epoch  # said before the first epoch
    watching = kind(monitor="val_dice", mode="max", **arguments)
    fit(model, watching)
    assert watching.best == pytest.approx(max(model.history.history["val_dice"]), abs=2e-4)


@pytest.mark.parametrize(
    ("metric", "monitor", "more"),
    [
        ("accuracy", "val_accuracy", True),
        ("mse", "mse", False),
        (mm.metrics.AUC(name="score"), "score", True),
        (mm.metrics.MeanSquaredError(name="accuracy_of_sorts"), "val_accuracy_of_sorts", False),
        (mm.metrics.BinaryIoU(), "val_binary_io_u", True),
        (mm.metrics.PearsonCorrelation(name="p", axis=0), "p", True),
        (mm.losses.huber, "huber", False),
        (mm.metrics.FalseNegatives(), "false_negatives", False),
        (None, "val_loss", False),
        (None, "head_loss", False),
    ],
)
def test_known_metrics_tell_which_way_is_better(metric, monitor, more):
    model = compiled([] if metric is None else [metric])
    model.evaluate(X, Y, verbose=0)
    watching = EarlyStopping(monitor)
    watching.set_model(model)
    watching.on_train_begin()
    assert watching.more_is_better is more


def test_nan_that_ends_a_training_may_be_an_error():
    for raises in (False, True):
        model = compiled()
        model.layers[-1].set_weights([np.full((3, 1), np.nan), np.zeros(1)])
        if raises:
            with pytest.raises(NonFiniteLossError):
                fit(model, TerminateOnNaN(raise_error=True))
        else:
            fit(model, TerminateOnNaN())


def test_lists_of_callbacks_add_what_is_asked_for():
    seen = []
    own = mm.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append((epoch, logs)))
    model = compiled()
    called = CallbackList(own, add_history=True, add_progbar=True, model=model, epochs=3)
    assert [type(c) for c in called.callbacks[1:]] == [History, ProgressBar]
    assert own.model is model
    assert own.params == {"epochs": 3}
    called.on_epoch_begin(1)
    called.on_epoch_end(1, {"loss": 2.0})
    assert seen == [(1, {"loss": 2.0})]
    assert model.history.history == {"loss": [2.0]}
    called.append(EarlyStopping())
    assert len(called.callbacks) == 4
    assert CallbackList().callbacks == []
    with pytest.raises(AttributeError, match="CSVLogger"):
        mm.callbacks.TensorBoard  # noqa: B018 (its reason is said)
    with pytest.raises(AttributeError):
        called.on_tea_time()


def averaged(lib, callback, **fitting):
    model = lib.Sequential([lib.layers.Input((3,)), lib.layers.Dense(1)])
    model.set_weights([np.ones((3, 1), "float32"), np.zeros(1, "float32")])
    model.compile(lib.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), "mse")
    history = model.fit(
        X, Y, batch_size=4, epochs=3, shuffle=False, verbose=0, validation_data=(X, Y),
        callbacks=[callback], **fitting,
    )  # fmt: skip
    return model, history.history


@pytest.mark.parametrize("on_epoch", [False, True])
def test_averages_stand_in_for_the_weights_as_in_keras(on_epoch):
    mine, history = averaged(mm, SwapEMAWeights(on_epoch))
    theirs, expected = averaged(keras, keras.callbacks.SwapEMAWeights(on_epoch))
    for name, values in expected.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-5)
    for a, b in zip(mine.get_weights(), theirs.get_weights()):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_averages_that_are_not_kept_are_asked_for():
    with pytest.raises(ConfigError, match="use_ema=True"):
        fit(compiled(), SwapEMAWeights())


@pytest.mark.parametrize("as_json", [False, True])
def test_logs_are_sent_to_a_server(as_json):
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            received.append((self.path, json.loads(body if as_json else parse_qs(body)["data"][0])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    root = f"http://127.0.0.1:{server.server_port}"
    RemoteMonitor(root, send_as_json=as_json).on_epoch_end(4, {"loss": np.float32(0.5)})
    server.shutdown()
    assert received == [("/publish/epoch/end/", {"epoch": 4, "loss": 0.5})]
    server.server_close()
    with pytest.warns(UserWarning, match="cannot be reached"):
        RemoteMonitor(root).on_epoch_end(0, {})
