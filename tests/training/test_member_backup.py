"""Ensembles that were killed go on where they were, as if nothing had happened."""

import contextlib
import os
import signal

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError
from maeum.layers import Dense, Dropout
from maeum.training import Backup

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4)).astype("float32")
Y = (X.sum(1) + RNG.normal(size=60) > 0).astype("int32")
EPOCHS = 6


class Killed(Exception):
    pass


class Ends(mm.callbacks.Callback):
    """Breaks the training off after an epoch, in one way or another."""

    watches = True
    state_attributes = ("seen",)

    def __init__(self, after=None, how=None):
        self.after, self.how, self.seen = after, how, []

    def on_epoch_end(self, epoch, logs=None):
        self.seen = [*self.seen, epoch]
        if epoch == self.after:
            if self.how is None:
                raise Killed
            os.kill(os.getpid(), self.how)


def ensemble(rate=0.2):
    layers = [Dense(8, "relu"), Dropout(rate), Dense(2, "softmax")]
    model = mm.Sequential([mm.Input((4,)), *layers], seed=3)
    model.compile(mm.optimizers.Adam(0.05), "sparse_categorical_crossentropy")
    return mm.Ensemble(model, members=3, seed=5)


def fit(made, backup=None, ends=None, patience=2, **options):
    stopping = mm.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    callbacks = [stopping, ends or Ends()]
    return made.fit(X, Y, epochs=EPOCHS, folds=3, callbacks=callbacks, verbose=0, batch_size=16,
                    backup=backup, **options)  # fmt: skip


def assert_same(made, history, expected, whole):
    assert history.history == whole.history
    for one, other in zip(history.members, whole.members):
        assert one.history == other.history
        assert (one.best_epoch, one.stopped_epoch) == (other.best_epoch, other.stopped_epoch)
    for weight, other in zip(made.get_weights(), expected.get_weights()):
        np.testing.assert_array_equal(weight, other)


@pytest.mark.parametrize("patience", [1, 50])
@pytest.mark.parametrize("after", [0, 3])
def test_what_goes_on_ends_as_what_was_never_broken_off(tmp_path, after, patience):
    expected = ensemble()
    whole = fit(expected, patience=patience)
    backup, ends = Backup(tmp_path, overhead=1), Ends(after)
    with contextlib.suppress(Killed):  # early stopping may come first
        fit(ensemble(), backup, ends, patience)
    made, ends = ensemble(), Ends()
    assert_same(made, fit(made, backup, ends, patience), expected, whole)
    assert ends.seen == whole.epoch


def test_a_training_that_is_over_is_not_trained_again(tmp_path):
    expected = ensemble()
    whole = fit(expected, tmp_path)
    made, ends = ensemble(), Ends(0)  # which would raise
    assert_same(made, fit(made, tmp_path, ends), expected, whole)


def test_sigterm_ends_the_process_and_ctrl_c_the_training(tmp_path):
    expected = ensemble()
    whole = fit(expected, patience=50)
    with pytest.raises(SystemExit) as ended:
        fit(ensemble(), tmp_path, Ends(2, signal.SIGTERM), 50)
    assert ended.value.code == 143
    stopped = fit(ensemble(), tmp_path, Ends(3, signal.SIGINT), 50)
    assert stopped.interrupted
    assert stopped.epoch == [0, 1, 2, 3]
    made = ensemble()
    assert_same(made, fit(made, tmp_path, patience=50), expected, whole)


def test_another_training_is_refused(tmp_path):
    fit(ensemble(), tmp_path)
    with pytest.raises(ConfigError, match="another one"):
        fit(ensemble(0.5), tmp_path)
    with pytest.raises(ConfigError, match="another one"):
        fit(ensemble(), tmp_path, class_weight={0: 1.0, 1: 2.0})
