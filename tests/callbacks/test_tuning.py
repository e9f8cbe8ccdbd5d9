"""The callbacks that change the learning rate."""

import functools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import maeum as mm
from maeum.callbacks import LearningRateScheduler, ReduceLROnPlateau
from maeum.core.errors import ConfigError


def scripted(twin, values):
    return twin.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: logs.update(val_loss=values[epoch])
    )


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    values=st.lists(st.sampled_from([0.1, 0.2, 0.25, 0.30004, 0.3, 0.9]), min_size=4, max_size=10),
    options=st.fixed_dictionaries(
        {},
        optional={
            "factor": st.sampled_from([0.1, 0.5, 0.9]),
            "patience": st.integers(0, 3),
            "min_delta": st.sampled_from([0.0, 1e-4, 0.1]),
            "cooldown": st.integers(0, 3),
            "min_lr": st.sampled_from([0.0, 0.01, 0.03, 0.1]),
            "mode": st.sampled_from(["min", "max", "auto"]),
        },
    ),
)
def test_the_learning_rate_is_lowered_where_keras_lowers_it(twins, values, options):
    results = []
    for twin in twins:
        twin.begin()
        callback = twin.callbacks.ReduceLROnPlateau(monitor="val_loss", **options)
        history = twin.fit(scripted(twin, values), callback, epochs=len(values))
        rates = [*history.history["learning_rate"], float(twin.model.optimizer.learning_rate)]
        results.append((rates, twin.model.get_weights()))
    (mine, weights), (theirs, peers) = results
    np.testing.assert_allclose(mine, theirs, rtol=1e-6)
    for a, b in zip(weights, peers):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)  # a sum may end beside 0


class Halving:
    def __call__(self, epoch, rate):
        return rate / 2


SCHEDULES = [
    lambda epoch: 0.1 / (epoch + 1),
    lambda epoch, rate: rate * 0.5,
    lambda epoch, rate=0.3: rate * 0.5,
    lambda *arguments: 0.1 * len(arguments),
    functools.partial(lambda factor, epoch, rate: rate * factor, 0.7),
    Halving(),
]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_sets_the_rate_of_each_epoch_as_in_keras(twins, schedule, capsys):
    results = []
    for twin in twins:
        callback = twin.callbacks.LearningRateScheduler(schedule, verbose=1)
        history = twin.fit(callback, epochs=4)
        results.append((history.history["learning_rate"], history.history["loss"]))
    (mine, losses), (theirs, peers) = results
    np.testing.assert_allclose(mine, theirs, rtol=1e-6)
    np.testing.assert_allclose(losses, peers, rtol=1e-5)
    assert "Epoch 1: the learning rate is" in capsys.readouterr().out


def test_a_schedule_of_maeums_own_may_be_stepped_by_the_epoch(ours):
    decay = mm.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    history = ours.fit(LearningRateScheduler(decay), epochs=3).history
    np.testing.assert_allclose(history["learning_rate"], [0.1, 0.05, 0.025], rtol=1e-6)


def test_what_is_no_rate_says_so(ours):
    with pytest.raises(ConfigError, match="learning rate is a number"):
        ours.fit(LearningRateScheduler(lambda epoch: None))
    with pytest.raises(ConfigError, match=r"factor takes numbers above 0, below 1; got 1\.5"):
        ReduceLROnPlateau(factor=1.5)


def test_a_callback_does_not_take_the_place_of_a_schedule(data):
    model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(1)])
    decay = mm.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    model.compile(optimizer=mm.optimizers.SGD(decay), loss="mse")
    for callback in (LearningRateScheduler(lambda epoch: 0.25), ReduceLROnPlateau("loss")):
        with pytest.raises(TypeError, match="follows a schedule"):
            model.fit(*data, callbacks=[callback], verbose=0)


def test_every_one_of_several_optimizers_is_tuned(data):
    model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(1)])
    rates = mm.optimizers.SGD(0.5), mm.optimizers.SGD(0.25)
    chosen = mm.optimizers.OptimizerMap(rates[1], {".*bias": rates[0]})
    model.compile(mm.optimizers.MultiOptimizer(chosen), "mse")
    halve = LearningRateScheduler(lambda epoch, rate: rate / 2)
    history = model.fit(*data, callbacks=[halve], verbose=0).history
    assert history["learning_rate_0"] == [0.25]
    assert history["learning_rate_1"] == [0.125]
    lower = ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=100.0)
    model.fit(*data, callbacks=[lower], epochs=2, verbose=0)
    assert [float(rate.learning_rate) for rate in rates] == [0.125, 0.0625]


def test_the_rate_is_changed_without_another_compilation(ours):
    ours.fit(epochs=1)
    programs = {f.program for f in ours.model.compiled_functions.values()}
    before = [(program, program.run._cache_size()) for program in programs]
    ours.fit(LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1)), epochs=3)
    assert {f.program for f in ours.model.compiled_functions.values()} == programs
    assert [(program, program.run._cache_size()) for program in programs] == before
