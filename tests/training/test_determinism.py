"""A training is a function of its seed: not of who looks on, nor of where it was interrupted."""

import copy

import numpy as np
import pytest

import maeum as mm
from maeum import callbacks
from maeum.layers import BatchNormalization, Dense, Dropout, GaussianNoise

rng = np.random.default_rng(0)
X = rng.normal(size=(43, 4)).astype("float32")
Y = (X[:, 0] * X[:, 1] > 0).astype("float32")
FITTING = {"batch_size": 8, "epochs": 4, "verbose": 0}


def network(seed):
    model = mm.Sequential(
        [
            mm.Input((4,)),
            GaussianNoise(0.1),
            Dense(6, activation="relu"),
            BatchNormalization(),
            Dropout(0.3),
            Dense(1, activation="sigmoid"),
        ],
        seed=seed,
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def everything(model):
    """All that a training changes: weights, optimizer, and the record."""
    state = [*model.get_weights(), *(v.numpy() for v in model.optimizer.variables)]
    return state, model.history.history


def check_equal(one, other):
    for a, b in zip(one[0], other[0], strict=True):
        np.testing.assert_array_equal(a, b)
    assert one[1] == other[1]


@pytest.fixture(scope="module")
def expected():
    model = network(seed=5)
    model.fit(X, Y, **FITTING)
    return everything(model)


def test_one_seed_gives_the_same_training_bit_for_bit(expected):
    model = network(seed=5)
    model.fit(X, Y, **FITTING)
    check_equal(everything(model), expected)


def test_two_seeds_differ_in_weights_order_and_dropout(expected):
    other = network(seed=6)
    other.fit(X, Y, **FITTING)
    assert any((a != b).any() for a, b in zip(everything(other)[0], expected[0]))
    # The same first weights: order and dropout differ all the same.
    first = network(seed=5).get_weights()
    results = []
    for seed in (5, 6):
        model = network(seed)
        model.set_weights(first)
        model.fit(X, Y, shuffle=False, **FITTING)
        results.append(model.get_weights())
    assert any((a != b).any() for a, b in zip(*results))


def test_set_random_seed_covers_models_that_choose_their_own_seeds():
    weights = []
    for _ in range(2):
        mm.utils.set_random_seed(11)
        model = network(seed=None)
        model.fit(X, Y, epochs=1, verbose=0)
        weights.append(model.get_weights())
    for a, b in zip(*weights):
        np.testing.assert_array_equal(a, b)


class EveryBatch(callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.model.get_weights()


class Progress(callbacks.Callback):
    def on_train_progress(self, steps, logs):
        self.model.get_weights()


@pytest.mark.parametrize("watcher", [EveryBatch, Progress, callbacks.Callback])
def test_looking_on_changes_nothing(expected, watcher):
    model = network(seed=5)
    model.fit(X, Y, callbacks=[watcher()], **FITTING)
    check_equal(everything(model), expected)


def test_evaluations_in_between_change_nothing(expected):
    model = network(seed=5)
    evaluate = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: (model.evaluate(X, Y, verbose=0), model.predict(X))
    )
    model.fit(X, Y, validation_data=(X, Y), callbacks=[evaluate], **FITTING)
    state, history = everything(model)
    check_equal((state, {n: v for n, v in history.items() if "val" not in n}), expected)


def test_a_training_goes_on_where_it_stopped(expected, tmp_path):
    model = network(seed=5)
    record = callbacks.History()
    model.fit(X, Y, callbacks=[record], **{**FITTING, "epochs": 1})
    model.fit(X, Y, callbacks=[record], initial_epoch=1, **{**FITTING, "epochs": 2})
    model.save(tmp_path / "half.maeum")
    loaded = mm.load_model(tmp_path / "half.maeum")
    copied = copy.deepcopy(model)
    for model in (loaded, copied):
        again = copy.deepcopy(record)
        model.fit(X, Y, callbacks=[again], initial_epoch=2, **FITTING)
        assert again.epoch == [0, 1, 2, 3]
        check_equal(everything(model), expected)


def test_every_epoch_has_its_own_order_of_all_rows():
    seen = []

    class Looks(mm.Sequential):
        def train_step(self, data):
            logs = super().train_step(data)
            return {**logs, "first": data[0][:, 0]}

    class Notes(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(logs["first"])

    model = Looks([mm.Input((1,)), Dense(1)], seed=0)
    model.compile(optimizer="sgd", loss="mse")
    x = np.arange(20, dtype="float32")
    model.fit(x, x / 20, batch_size=8, epochs=2, callbacks=[Notes()], verbose=0)
    epochs = [np.concatenate(seen[i : i + 3]) for i in (0, 3)]
    for order in epochs:
        np.testing.assert_array_equal(np.sort(order), x)
        assert (order != x).any()
    assert (epochs[0] != epochs[1]).any()
