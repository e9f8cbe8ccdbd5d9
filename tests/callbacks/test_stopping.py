"""EarlyStopping and TerminateOnNaN."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maeum.callbacks import EarlyStopping, LambdaCallback, TerminateOnNaN
from maeum.core.errors import ConfigError, NonFiniteLossError

SCRIPTS = st.lists(st.sampled_from([0.1, 0.2, 0.25, 0.3, 0.5, 0.50001, 0.9]), min_size=3,
                   max_size=9)  # fmt: skip


def scripted(twin, values, name="val_loss"):
    """A callback that makes the monitored value what the script says."""
    return twin.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: logs.update({name: values[epoch]})
    )


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    values=SCRIPTS,
    options=st.fixed_dictionaries(
        {"restore_best_weights": st.booleans()},
        optional={
            "patience": st.integers(0, 3),
            "min_delta": st.sampled_from([0, 0.05, -0.05, 0.2]),
            "baseline": st.sampled_from([0.2, 0.3, 0.6]),
            "start_from_epoch": st.integers(0, 3),
            "mode": st.sampled_from(["min", "max", "auto"]),
        },
    ),
)
def test_it_stops_and_restores_where_keras_does(twins, values, options):
    results = []
    for twin in twins:
        twin.begin()
        stopper = twin.callbacks.EarlyStopping(monitor="val_loss", **options)
        history = twin.fit(scripted(twin, values), stopper, epochs=len(values))
        results.append((history.epoch, stopper.stopped_epoch, stopper.wait,
                        twin.model.get_weights()))  # fmt: skip
    (*mine, weights), (*theirs, peers) = results
    assert mine == theirs
    for a, b in zip(weights, peers):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_it_can_be_used_again(ours):
    stopper = EarlyStopping(monitor="val_loss", patience=1)
    for _ in range(2):
        history = ours.fit(scripted(ours, [0.5, 0.6, 0.7, 0.8]), stopper, epochs=4)
        assert history.epoch == [0, 1]


@pytest.mark.parametrize(
    ("name", "more_is_better"),
    [
        ("loss", False), ("val_loss", False), ("val_accept_loss", False), ("accuracy", True),
        ("val_acc", True), ("auc", True), ("val_f1_score", True), ("recall", True),
        ("mean_io_u", True), ("r2_score", True), ("mae", False), ("kl_divergence", False),
        ("val_sparse_top_k_categorical_accuracy", True), ("cosine_similarity", True),
        ("false_positives", False), ("one_hot_iou", True), ("head_precision", True),
        ("root_mean_squared_error", False), ("sensitivity_at_specificity", True),
    ],
)  # fmt: skip
def test_the_direction_follows_from_the_name(name, more_is_better):
    assert EarlyStopping(name).more_is_better is more_is_better


def test_a_name_that_is_not_logged_is_told_with_the_nearest(ours):
    with pytest.warns(UserWarning, match=r"watches 'los'.*accuracy.*Did you mean 'loss'"):
        ours.fit(EarlyStopping(monitor="los"), epochs=1)
    with pytest.raises(ConfigError, match="mode is"):
        EarlyStopping(mode="down")


def test_it_says_what_it_does(ours, capsys):
    stopper = EarlyStopping("val_loss", restore_best_weights=True, verbose=1)
    ours.fit(scripted(ours, [0.5, 0.4, 0.7]), stopper, epochs=3)
    printed = capsys.readouterr().out
    assert "Epoch 3: early stopping" in printed
    assert "best epoch: 2" in printed


class Poisoned:
    """Three batches; the second of the third epoch holds a NaN."""

    def __init__(self, x, y):
        self.x, self.y, self.epoch = x, y, 0

    def __len__(self):
        return 3

    def __getitem__(self, index):
        x = self.x[index::3].copy()
        if (self.epoch, index) == (2, 1):
            x[0, 0] = np.nan
        return x, self.y[index::3]

    def on_epoch_end(self):
        self.epoch += 1


def test_a_loss_that_is_not_finite_ends_the_training(ours, data, capsys):
    def fit(*callbacks):
        ours.begin()
        return ours.model.fit(Poisoned(*data), callbacks=callbacks, epochs=5, shuffle=False,
                              verbose=0)  # fmt: skip

    before = {}
    keep = LambdaCallback(
        on_epoch_begin=lambda epoch, logs: before.update({epoch: ours.model.get_weights()})
    )
    with pytest.raises(NonFiniteLossError, match=r"epoch 3 at step 2.*smaller learning rate"):
        fit(keep)
    assert ours.model.history.epoch == [0, 1]
    for a, b in zip(ours.model.get_weights(), before[2]):
        np.testing.assert_array_equal(a, b)
    assert fit(TerminateOnNaN()).epoch == [0, 1]
    assert "Epoch 3, step 2: the loss is not finite" in capsys.readouterr().out
    assert ours.begin().fit().epoch == [0, 1]
