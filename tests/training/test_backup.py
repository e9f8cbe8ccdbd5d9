"""Checkpoints: what goes on where it was, what is refused, and what damage does."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import maeum as mm
from maeum.callbacks import (
    BackupAndRestore,
    Callback,
    CSVLogger,
    EarlyStopping,
    LearningRateScheduler,
    ReduceLROnPlateau,
)
from maeum.core import files
from maeum.core.errors import ConfigError, SaveError
from maeum.layers import Dense, Dropout
from maeum.training import Backup, checkpoint_files
from maeum.training.checkpoint_files import CheckpointFolder

sys.path.insert(0, str(Path(__file__).parent.parent / "faults"))
import train as kinds  # the trainings that the tests of kills run as processes

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 4)).astype("float32")
Y = X.sum(1)


class Killed(Exception):
    pass


class KillAfter(Callback):
    """Break a training off behind so many steps."""

    def __init__(self, steps):
        self.left = steps

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if not self.left:
            raise Killed


def network(units=3, rate=0.1, seed=None):
    layers = [mm.Input((4,)), Dense(units, "tanh"), Dropout(0.2, seed=seed), Dense(1)]
    model = mm.Sequential(layers, seed=1)
    model.compile(mm.optimizers.SGD(rate, momentum=0.9), "mse")
    return model


def fit(model, backup=None, x=X, epochs=4, **options):
    return model.fit(
        x, Y, **{"epochs": epochs, "batch_size": 16, "verbose": 0, "backup": backup, **options}
    )


def broken_off(model, steps, backup, **options):
    given = options.pop("callbacks", [])
    with pytest.raises(Killed):
        fit(model, backup, callbacks=[*given, KillAfter(steps)], **options)


@pytest.fixture(scope="module")
def whole():
    model = network()
    return model, fit(model)


def same(model, other):
    return all(np.array_equal(*pair) for pair in zip(model.get_weights(), other.get_weights()))


# ---- going on ------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 2, 5, 6, 7, 12, 23])
def test_a_training_goes_on_where_it_was(whole, tmp_path, steps):
    broken_off(network(), steps, Backup(tmp_path, steps=1, overhead=1))
    model = network()
    model.seed = 7  # the checkpoint knows the seed
    history = fit(model, tmp_path)
    assert same(model, whole[0])
    assert history.history == whole[1].history
    assert history.epoch == [0, 1, 2, 3]


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_every_kind_of_training_goes_on(kind, tmp_path):
    def run(backup, *callbacks):
        mm.utils.set_random_seed(3)
        model, options = kinds.KINDS[kind]()
        options["callbacks"] = [*options.get("callbacks", ()), *callbacks]
        return kinds.digest(model, model.fit(verbose=0, backup=backup, **options))

    expected = run(None)
    for number, steps in enumerate((2, 9)):
        backup = Backup(tmp_path / str(number), steps=1, overhead=1)
        with pytest.raises(Killed):
            run(backup, KillAfter(steps))
        assert run(backup) == expected


def test_more_epochs_go_on_and_finished_ones_are_not_trained_again(whole, tmp_path):
    fit(network(), tmp_path, epochs=2)
    model = network()
    assert fit(model, tmp_path).history == whole[1].history
    assert same(model, whole[0])
    again = network()
    assert fit(again, tmp_path, callbacks=[]).history == whole[1].history
    assert same(again, whole[0])


def test_what_callbacks_know_goes_on(tmp_path):
    def callbacks():
        return [
            EarlyStopping("loss", patience=2, min_delta=0.05, restore_best_weights=True),
            ReduceLROnPlateau("loss", patience=1, min_delta=0.1),
            LearningRateScheduler(lambda epoch, rate: rate * 0.97),
        ]

    expected = network(rate=0.01)
    whole = fit(expected, epochs=12, callbacks=callbacks())
    assert 3 < len(whole.epoch) < 12  # it was stopped early
    broken_off(
        network(rate=0.01),
        15,
        Backup(tmp_path, steps=2, overhead=1),
        epochs=12,
        callbacks=callbacks(),
    )
    model = network(rate=0.01)
    assert fit(model, tmp_path, epochs=12, callbacks=callbacks()).history == whole.history
    assert same(model, expected)


def test_the_log_has_every_epoch_once(tmp_path):
    log = tmp_path / "log.csv"
    fit(network(), callbacks=[CSVLogger(log)])
    expected = log.read_text()
    log.unlink()
    broken_off(
        network(), 14, Backup(tmp_path / "b", steps=5, overhead=1), callbacks=[CSVLogger(log)]
    )
    with log.open("a") as file:
        file.write("9,half a li")  # written after the checkpoint
    fit(network(), tmp_path / "b", callbacks=[CSVLogger(log)])
    assert log.read_text() == expected


def test_a_state_of_ones_own_goes_on(tmp_path):
    class Count(Callback):
        state_attributes = ("epochs", "seen")

        def on_train_begin(self, logs=None):
            self.epochs, self.seen = 0, np.zeros(2)

        def on_epoch_end(self, epoch, logs=None):
            self.epochs += 1
            self.seen = self.seen + epoch

    broken_off(network(), 14, Backup(tmp_path, steps=1, overhead=1), callbacks=[Count()])
    count = Count()
    fit(network(), tmp_path, callbacks=[count])
    assert count.epochs == 4
    assert count.seen.tolist() == [6, 6]


def test_keras_s_callback_deletes_what_is_over(whole, tmp_path):
    safe = BackupAndRestore(tmp_path / "b", save_freq=1)
    broken_off(network(), 9, None, callbacks=[safe])
    assert list((tmp_path / "b").glob("*.maeum-checkpoint"))
    model = network()
    assert fit(model, callbacks=[BackupAndRestore(tmp_path / "b")]).history == whole[1].history
    assert same(model, whole[0])
    assert not list((tmp_path / "b").glob("*.maeum-checkpoint"))


def test_ctrl_c_and_then_the_rest(whole, tmp_path):
    interrupt = mm.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: os.kill(os.getpid(), signal.SIGINT)
    )
    first = network()
    assert fit(first, tmp_path, callbacks=[interrupt]).interrupted
    model = network()
    assert fit(model, tmp_path).history == whole[1].history
    assert same(model, whole[0])


def test_old_checkpoints_make_room(tmp_path):
    fit(network(), Backup(tmp_path, keep=3, steps=1), epochs=9)
    assert 1 <= len(list(tmp_path.glob("*.maeum-checkpoint"))) <= 3


def test_sigterm_writes_and_ends_with_the_code_that_is_documented(tmp_path):
    script = """
import os, signal, sys, numpy as np, maeum as mm
model = mm.Sequential([mm.Input((2,)), mm.layers.Dense(1)], seed=1)
model.compile("sgd", "mse")
end = mm.callbacks.LambdaCallback(
    on_train_batch_end=lambda batch, logs: os.kill(os.getpid(), signal.SIGTERM))
model.fit(np.ones((64, 2)), np.ones(64), epochs=3, callbacks=[end], backup=sys.argv[1], verbose=0)
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True)
    assert done.returncode == 143
    newest = CheckpointFolder(tmp_path).newest()
    assert newest.facts["position"] | {"logs": None} == {
        "epoch": 0, "done": 1, "batches": 1, "first_step": 0, "logs": None, "stopped": False,
    }  # fmt: skip


# ---- what is refused -----------------------------------------------------------------------------

OTHERS = {
    "layers.dense.units was 3, now 5": lambda folder: fit(network(5), folder),
    "optimizer.momentum was 0.9, now 0.5": lambda folder: (
        (model := network()).compile(mm.optimizers.SGD(0.1, momentum=0.5), "mse"),
        fit(model, folder),
    ),
    'compile.loss was "mse", now "mae"': lambda folder: (
        (model := network()).compile(mm.optimizers.SGD(0.1, momentum=0.9), "mae"),
        fit(model, folder),
    ),
    "fit.batch_size was 16, now 8": lambda folder: fit(network(), folder, batch_size=8),
    "fit.shuffle was true, now false": lambda folder: fit(network(), folder, shuffle=False),
    "data was": lambda folder: fit(network(), folder, x=X + 1e-6),
    "validation data was null": lambda folder: fit(network(), folder, validation_data=(X, Y)),
    "optimizer.learning_rate was 0.1, now 0.2": lambda folder: fit(network(rate=0.2), folder),
    "layers.dropout.seed was null, now 4": lambda folder: fit(network(seed=4), folder),
    "fit.initial_epoch was 0, now 1": lambda folder: fit(network(), folder, initial_epoch=1),
    "fit.validation_freq was 1, now [2]": lambda folder: fit(
        network(), folder, validation_freq=(2,)
    ),
}


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    folder = tmp_path_factory.mktemp("begun")
    broken_off(
        network(),
        9,
        Backup(folder, steps=1, overhead=1),
        callbacks=[EarlyStopping("loss", patience=9)],
    )
    return folder


@pytest.mark.parametrize("told", OTHERS)
def test_another_training_is_refused_and_told_apart(begun, told):
    before = {path: path.read_bytes() for path in begun.iterdir()}
    with pytest.raises(ConfigError, match="is another one than this") as caught:
        OTHERS[told](begun)
    assert told in str(caught.value)
    assert {path: path.read_bytes() for path in begun.iterdir()} == before


def test_a_missing_callback_is_named(begun):
    with pytest.raises(ConfigError, match="had the callback EarlyStopping"):
        fit(network(), begun)


def test_fewer_epochs_than_were_trained_are_refused(begun, tmp_path):
    with pytest.raises(ConfigError, match=r"in epoch 2 already, beyond the epochs=1 that"):
        fit(network(), begun, epochs=1, callbacks=[EarlyStopping("loss", patience=9)])
    fit(network(), tmp_path, epochs=3)
    with pytest.raises(ConfigError, match=r"in epoch 3 already, beyond the epochs=2 that"):
        fit(network(), tmp_path, epochs=2)


def test_what_is_refused_changes_nothing(begun):
    model = network()
    model.seed = 7
    with pytest.raises(ConfigError, match="is another one than this"):
        fit(model, begun, batch_size=8)
    assert model.seed == 7


def test_the_seed_of_a_model_within_a_layer_does_not_matter(tmp_path):
    for epochs in (1, 2):  # the second one goes on
        inner = mm.Sequential([Dense(2)])
        model = mm.Sequential([mm.Input((3, 4)), mm.layers.TimeDistributed(inner), Dense(1)])
        model.compile("sgd", "mse")
        data = np.ones((4, 3, 4)), np.ones((4, 3, 1))
        assert len(model.fit(*data, epochs=epochs, verbose=0, backup=tmp_path).epoch) == epochs


def test_two_folders_are_one_too_many(tmp_path):
    with pytest.raises(ConfigError, match="Checkpoints go to one folder"):
        fit(network(), tmp_path / "a", callbacks=[[BackupAndRestore(tmp_path / "b")]])


@pytest.mark.parametrize("value", [object(), {1: [lambda: 0]}, np.array(["a"]), b"a"])
def test_a_state_that_no_checkpoint_can_hold_is_told_at_once(tmp_path, value):
    class Keeps(Callback):
        state_attributes = ("value",)

    callback = Keeps()
    callback.value = value
    model = network()
    with pytest.raises(ConfigError, match="The callback Keeps cannot be kept in a checkpoint"):
        fit(model, tmp_path, callbacks=[callback])
    assert same(model, network())


def test_a_second_process_is_refused(tmp_path):
    with (
        CheckpointFolder(tmp_path).locked(),
        pytest.raises(SaveError, match="Another process is training with the checkpoints"),
    ):
        fit(network(), tmp_path)
    fit(network(), tmp_path, epochs=1)  # it has ended


def test_a_folder_that_cannot_be_made_is_told_before_the_training(tmp_path):
    (tmp_path / "file").write_text("")
    model = network()
    with pytest.raises(SaveError, match=r"Checkpoints cannot be written to .*Choose another"):
        fit(model, tmp_path / "file" / "b")
    assert same(model, network())


@pytest.mark.parametrize(
    "options",
    [{"steps": 0}, {"epochs": 1.5}, {"minutes": "1"}, {"keep": None}, {"steps": True},
     {"folder": True}, {"overhead": 0}],
)  # fmt: skip
def test_bad_options_are_refused(options):
    with pytest.raises(ConfigError):
        Backup(**{"folder": "b", **options})
    with pytest.raises(ConfigError, match="save_freq"):
        BackupAndRestore("b", save_freq=0)


# ---- damage --------------------------------------------------------------------------------------


def failing(monkeypatch, name, calls=None):
    """Let an operation of the file system fail, from some call on."""
    real, left = getattr(os, name), [calls or 0]

    def fails(*args, **kwargs):
        left[0] -= 1
        if left[0] < 0 and threading.current_thread().name.startswith("maeum-backup"):
            raise OSError(28, "No space left on device")
        return real(*args, **kwargs)

    monkeypatch.setattr(files.os, name, fails)


@pytest.mark.parametrize("operation", ["open", "fsync", "replace"])
def test_a_full_disk_costs_a_checkpoint_and_not_the_training(
    monkeypatch, tmp_path, whole, operation
):
    with monkeypatch.context() as patched:
        failing(patched, operation)
        model = network()
        with pytest.warns(UserWarning, match="A checkpoint was not written"):
            history = fit(model, Backup(tmp_path, steps=2, overhead=1))
    assert history.history == whole[1].history
    assert same(model, whole[0])
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]  # nothing half written
    again = network()
    assert fit(again, tmp_path).history == whole[1].history


def test_whatever_else_goes_wrong_with_a_checkpoint_is_told(monkeypatch, tmp_path, whole):
    def broken(checkpoint):
        raise MemoryError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(checkpoint_files, "to_bytes", broken)
        with pytest.warns(UserWarning, match="A checkpoint was not written: MemoryError"):
            history = fit(network(), Backup(tmp_path, overhead=1))
    assert history.history == whole[1].history
    assert fit(network(), tmp_path).history == whole[1].history


def test_a_folder_that_vanishes_comes_back(tmp_path, whole):
    folder = tmp_path / "b"

    def vanish(epoch, logs):
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()

    model = network()
    gone = mm.callbacks.LambdaCallback(on_epoch_begin=lambda e, logs: e == 2 and vanish(e, logs))
    history = fit(model, folder, callbacks=[gone])
    assert history.history == whole[1].history
    assert CheckpointFolder(folder).newest().facts["position"]["epoch"] == 4


def test_a_checkpoint_is_json_and_numbers(begun):
    facts = CheckpointFolder(begun).newest().facts
    assert json.loads(json.dumps(facts)) == facts
    assert {c["name"] for c in facts["callbacks"]} == {"EarlyStopping", "KillAfter", "History"}
