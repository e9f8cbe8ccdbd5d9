"""Threads see whole states, and what cannot go on in a thread or a forked child says so."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest

import maeum as mm
from maeum import layers, ops

X = np.random.default_rng(0).normal(size=(96, 8)).astype("float32")
Y = X.sum(axis=1)


def _model():
    model = mm.Sequential(
        [
            mm.Input((8,)),
            layers.Dense(8, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.Dense(1),
        ]
    )
    model.compile("adam", "mse")
    return model


def _in_threads(*functions):
    """Run functions in a thread each; return what they returned or raised."""
    found = []

    def run(function):
        try:
            found.append(function())
        except Exception as error:
            found.append(error)

    threads = [threading.Thread(target=run, args=(f,), daemon=True) for f in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    return found


def test_two_threads_predict_while_a_third_fits():
    model, done = _model(), threading.Event()

    def predicting():
        count = 0
        while not done.is_set():
            assert np.isfinite(model.predict(X[: 1 + count % 90])).all()
            model.get_weights()
            count += 1
        return count

    def fitting():
        try:
            for _ in range(40):
                model.fit(X, Y, epochs=2, verbose=0)
        finally:
            done.set()
        return 1

    assert all(isinstance(count, int) for count in _in_threads(predicting, predicting, fitting))


def test_predictions_beside_a_training_are_those_of_whole_states():
    # Both weights grow together: a prediction from one old and one new would not be 0.
    class Difference(mm.Layer):
        def build(self, input_shape):
            self.a = self.add_weight("a", (1,), "zeros")
            self.b = self.add_weight("b", (1,), "zeros")

        def call(self, x):
            return x * 0 + self.a - self.b

    class Grow(mm.Model):
        def train_step(self, data):
            for weight in self.weights:
                weight.assign_add(np.ones(1, "float32"))
            return {"loss": 0.0 * ops.sum(data)}

    x = mm.Input((1,))
    model, done = Grow(x, Difference()(x)), threading.Event()
    model.compile("sgd", "mse")

    def predicting():
        seen = set()
        while not done.is_set():
            seen |= set(model.predict(np.ones((1, 1))).ravel().tolist())
        return seen

    def fitting():
        try:
            for _ in range(60):
                model.fit(np.ones((8, 1)), verbose=0)
        finally:
            done.set()
        return {0.0}

    assert _in_threads(predicting, fitting) == [{0.0}, {0.0}]


def test_a_second_training_of_one_model_is_refused_while_the_first_goes_on():
    model, begun, go_on = _model(), threading.Event(), threading.Event()

    def first():
        def wait(epoch, logs):
            begun.set()
            go_on.wait(60)

        callback = mm.callbacks.LambdaCallback(on_epoch_begin=wait)
        return model.fit(X, Y, callbacks=[callback], verbose=0)

    def second():
        begun.wait(60)
        try:
            model.evaluate(X, Y, verbose=0)
        except mm.MaeumError as error:
            refused = error
        try:
            model.fit(X, Y, verbose=0)
        except mm.MaeumError as error:
            return f"{refused} {error}"
        finally:
            go_on.set()

    (told,) = [found for found in _in_threads(first, second) if isinstance(found, str)]
    assert told.count("is being trained by another thread") == 2


def test_a_callback_may_evaluate_and_fit_the_model_that_is_being_trained():
    model = _model()
    seen = []
    callback = mm.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(model.evaluate(X, Y, verbose=0))
    )
    model.fit(X, Y, epochs=2, callbacks=[callback], verbose=0)
    assert len(seen) == 2


def test_threads_that_call_an_unbuilt_model_at_once_build_it_once():
    model = mm.Sequential([layers.Dense(4), layers.Dense(1)])
    found = _in_threads(*[lambda: model.predict(X)] * 4)
    assert len(model.weights) == 4
    for one in found:
        np.testing.assert_array_equal(one, found[0])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:os.fork")
@pytest.mark.filterwarnings("ignore:This process")
def test_a_forked_child_is_told_that_it_cannot_compute():
    model = _model()
    model.predict(X)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        told = []
        for action in (
            lambda: model.predict(X),
            lambda: model.fit(X, Y, verbose=0),
            lambda: model(X),
            lambda: layers.Dense(2)(X),
            lambda: ops.add(X, 1.0),
        ):
            try:
                action()
            except mm.MaeumError as error:
                told.append("was forked" in str(error))
        os.write(writing, str(told).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 1000).decode() == str([True] * 5)
    os.close(reading)
    os.close(writing)
