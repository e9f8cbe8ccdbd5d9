"""Trainings of every shape, broken off and gone on with, against the same ones in one go."""

import os
import signal

import jax.numpy as jnp
import numpy as np
import optax
import pytest

import maeum as mm
from maeum.callbacks import Callback, EarlyStopping, ReduceLROnPlateau
from maeum.core.functional import value_and_grad
from maeum.layers import LSTM, Concatenate, Dense, Dropout, Embedding
from maeum.training import Backup, State

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4)).astype("float32")
Y = X.sum(1)


class Killed(Exception):
    pass


class Kill(Callback):
    """Break a training off behind so many steps, or so many validations."""

    def __init__(self, steps=0, validations=0):
        self.steps, self.validations = steps, validations

    def on_train_batch_end(self, batch, logs=None):
        self.steps -= 1
        if not self.steps:
            raise Killed

    def on_test_end(self, logs=None):
        self.validations -= 1
        if not self.validations:
            raise Killed


def network(optimizer="adam", **options):
    model = mm.Sequential([mm.Input((4,)), Dense(4, "tanh"), Dropout(0.2), Dense(1)], seed=3)
    model.compile(optimizer, "mse", **options)
    return model


def batch(number):
    x = np.random.default_rng(number).normal(size=(8, 4)).astype("float32")
    return x, x.sum(1)


class Changing:
    """A sequence of batches that is another one after each epoch, as Keras lets it be."""

    def __init__(self):
        self.epoch = 0

    def __len__(self):
        return 6

    def __getitem__(self, index):
        return batch(index + 100 * self.epoch)

    def on_epoch_end(self):
        self.epoch += 1


class Again:
    """Batches that can be iterated over again."""

    def __iter__(self):
        return map(batch, range(12))


# ---- the trainings -------------------------------------------------------------------------------


def generators():
    """A generator that ends within an epoch, and another one for the validation."""
    options = {"x": map(batch, range(12)), "steps_per_epoch": 5}
    return network(), options | {"validation_data": map(batch, range(90)), "validation_steps": 2}


def iterated_again():
    """Epochs that begin where the one before ended, with fewer batches than a call of hooks has."""
    return network(steps_per_execution=3), {"x": Again(), "steps_per_epoch": 5}


def sequences():
    """Sequences that count their epochs, from a later epoch on."""
    options = {"x": Changing(), "initial_epoch": 1, "steps_per_epoch": 4}
    return network(), options | {"validation_data": Changing(), "validation_steps": 3}


def weighted():
    """Class and sample weights, moving averages, accumulated gradients, rare validations."""
    adam = mm.optimizers.Adam(0.01, use_ema=True, gradient_accumulation_steps=3)
    options = {"x": X, "y": Y > 0, "class_weight": {0: 1.0, 1: 2.0}, "steps_per_epoch": 3}
    options |= {"sample_weight": np.linspace(0.1, 2, 60), "batch_size": 16}
    return network(adam), options | {"validation_split": 0.1, "validation_freq": [2, 5]}


def several():
    """Several inputs and outputs."""
    a, b = mm.Input((4,), name="a"), mm.Input((2,), name="b")
    h = Concatenate()([Dense(3, "tanh")(a), Dropout(0.3)(b)])
    model = mm.Model([a, b], {"p": Dense(1, name="p")(h), "q": Dense(2, name="q")(h)}, seed=1)
    model.compile(
        "adam", {"p": "mse", "q": "mae"}, loss_weights={"p": 1, "q": 0.3}, metrics={"p": ["mae"]}
    )
    x, y = {"a": X, "b": X[:, :2]}, {"p": Y[:, None], "q": X[:, :2]}
    return model, {"x": x, "y": y, "validation_data": (x, y), "batch_size": 16}


def stateful():
    """A layer whose states the next batch goes on from, in a validation too."""
    model = mm.Sequential(
        [mm.Input(batch_shape=(10, 2, 2)), LSTM(3, stateful=True), Dense(1)], seed=1
    )
    model.compile("sgd", "mse")
    x = X.reshape(60, 2, 2)
    options = {"x": x, "y": Y, "batch_size": 10, "shuffle": False}
    return model, options | {"validation_data": (x[:20], Y[:20])}


class OwnStep(mm.Model):
    def __init__(self):
        super().__init__(seed=1)
        self.hidden, self.dropout, self.out = Dense(4, "tanh"), Dropout(0.2), Dense(1)
        self.tracker = mm.metrics.Mean(name="mine")
        self.second = mm.optimizers.SGD(0.02, momentum=0.9)

    def call(self, x, training=False):
        return self.out(self.dropout(self.hidden(x), training=training))

    def train_step(self, data):
        x, y = data
        first, second = self.hidden.trainable_variables, self.out.trainable_variables
        loss, slopes = value_and_grad(
            lambda: jnp.mean((self(x, training=True)[:, 0] - y) ** 2), [*first, *second]
        )
        self.optimizer.apply_gradients(zip(slopes[: len(first)], first))
        self.second.apply_gradients(zip(slopes[len(first) :], second))
        self.tracker.update_state(loss)
        return {"mine": self.tracker.result(), "both": jnp.stack([loss, 2 * loss])}

    @property
    def metrics(self):
        return [self.tracker]


class Slower(Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.second.learning_rate = float(self.model.second.learning_rate) * 0.7


def own_step():
    """A step of one's own, with a metric, optax, and an optimizer that only a callback changes."""
    model = OwnStep()
    model.compile(optax.chain(optax.clip(1.0), optax.adam(0.01)))
    return model, {"x": X, "y": Y, "batch_size": 16, "callbacks": [Slower()]}


class Remembers(Callback):
    """What a callback may know, each as what it is, told in the logs."""

    state_attributes = ("steps", "sums", "pair", "by_number", "rate", "last")

    def on_train_begin(self, logs=None):
        self.steps, self.sums, self.pair, self.by_number = 0, np.zeros(2), (0, {1}), {1: 2}
        self.rate, self.last = np.float32(0.1), None

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1
        self.sums += batch
        self.last = jnp.float32(batch)

    def on_epoch_end(self, epoch, logs=None):
        self.rate *= np.float32(1.1)
        self.by_number[1] += epoch
        self.pair = (epoch, {*self.pair[1], epoch})
        kinds = (type(self.pair), type(self.pair[1]), type(self.rate)) == (tuple, set, np.float32)
        logs |= {"steps": self.steps, "sum": float(self.sums.sum()), "kinds": float(kinds)}
        logs |= {"rate": float(self.rate), "number": self.by_number[1], "last": float(self.last)}


class StopAt(Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.model.stop_training |= int(self.model.trainer.counter.value) == 18


def callbacks():
    """Callbacks that know something, and one that ends the training within an epoch."""
    options = {"callbacks": [
        Remembers(), EarlyStopping("val_loss", patience=9, restore_best_weights=True),
        EarlyStopping("val_mae", patience=9), ReduceLROnPlateau("loss", patience=1, min_delta=9),
        StopAt(),
    ]}  # fmt: skip
    data = {"x": X, "y": Y, "batch_size": 16, "validation_split": 0.2}
    return network(metrics=["mae"]), data | options


KINDS = {f.__name__: f for f in (
    generators, iterated_again, sequences, weighted, several, stateful, own_step, callbacks
)}  # fmt: skip


def trained(kind, backup=None, *more):
    """Return, bit for bit, what a training ends with."""
    model, options = KINDS[kind]()
    options["callbacks"] = [*options.get("callbacks", ()), *more]
    history = model.fit(**{"epochs": 6, "verbose": 0, "backup": backup, **options})
    state = {f"optimizer 2/{v.path}": v.numpy() for v in getattr(model, "second", model).variables}
    state |= State.of(model).by_name()
    state = {k: np.asarray(v).tobytes() for k, v in state.items() if not k.startswith("metrics/")}
    return {k: np.array(v).tolist() for k, v in history.history.items()}, history.epoch, state


@pytest.mark.filterwarnings("ignore:The data source ended", "ignore:Epoch 4 found no more")
@pytest.mark.parametrize("kind", KINDS)
def test_it_ends_as_if_nothing_had_happened(kind, tmp_path):
    expected = trained(kind)
    kills = [Kill(steps=5), Kill(steps=8)]
    if "val_loss" in expected[0]:
        kills.append(Kill(validations=2))
    for number, kill in enumerate(kills):
        backup = Backup(tmp_path / str(number), steps=1, overhead=1)
        with pytest.raises(Killed):
            trained(kind, backup, kill)
        history, epochs, state = trained(kind, backup)
        assert history == expected[0]
        assert epochs == expected[1]
        assert [name for name in state if state[name] != expected[2].get(name)] == []


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("hook", ["on_test_batch_end", "on_epoch_end"])
def test_ctrl_c_at_the_end_of_an_epoch_leaves_it_to_the_next_process(tmp_path, hook, times):
    def interrupt(*args):
        for _ in range(times):  # the second one does not wait
            os.kill(os.getpid(), signal.SIGINT)

    expected = trained("stateful")
    stop = mm.callbacks.LambdaCallback(**{hook: interrupt})
    if times == 1:
        trained("stateful", tmp_path, stop)
    else:
        with pytest.raises(KeyboardInterrupt):
            trained("stateful", tmp_path, stop)
    assert trained("stateful", tmp_path) == expected


def test_windows_of_truncated_sequences_take_every_row_once():
    """With a learning rate of 0, the epochs of one pass have the mean loss of all rows."""
    x, y = np.random.default_rng(0).integers(0, 7, (2, 40, 12))
    model = mm.Sequential(
        [mm.Input((None,), dtype="int32"), Embedding(7, 4), LSTM(5, return_sequences=True),
         Dense(7, "softmax")], seed=1
    )  # fmt: skip
    model.compile(mm.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
    options = {"batch_size": 8, "truncate": 4, "verbose": 0}
    [whole] = model.fit(x, y, **options).history["loss"]
    losses = model.fit(x, y, epochs=6, steps_per_epoch=2, **options).history["loss"]
    for one, two, rest in (losses[:3], losses[3:]):
        np.testing.assert_allclose((2 * one + 2 * two + rest) / 5, whole, rtol=1e-5)
