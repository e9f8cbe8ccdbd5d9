import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core import registry
from maeum.core.errors import ConfigError
from maeum.optimizers import SGD, schedules

rates = st.sampled_from([0.001, 0.1, 1.0])
lengths = st.integers(1, 50)
SCHEDULES = {
    "PiecewiseConstantDecay": st.fixed_dictionaries(
        {
            "boundaries": st.sets(st.integers(1, 90), min_size=3, max_size=3).map(sorted),
            "values": st.lists(rates, min_size=4, max_size=4),
        }
    ),
    "ExponentialDecay": st.fixed_dictionaries(
        {
            "initial_learning_rate": rates,
            "decay_steps": lengths,
            "decay_rate": st.sampled_from([0.3, 0.96]),
            "staircase": st.booleans(),
        }
    ),
    "InverseTimeDecay": st.fixed_dictionaries(
        {
            "initial_learning_rate": rates,
            "decay_steps": lengths,
            "decay_rate": st.sampled_from([0.01, 0.5]),
            "staircase": st.booleans(),
        }
    ),
    "PolynomialDecay": st.fixed_dictionaries(
        {
            "initial_learning_rate": rates,
            "decay_steps": lengths,
            "end_learning_rate": st.sampled_from([0.0, 0.0001]),
            "power": st.sampled_from([0.5, 1.0, 2.0]),
            "cycle": st.booleans(),
        }
    ),
    "CosineDecay": st.fixed_dictionaries(
        {
            "initial_learning_rate": rates,
            "decay_steps": lengths,
            "alpha": st.sampled_from([0.0, 0.1]),
            "warmup_target": st.none() | rates,
            "warmup_steps": st.integers(0, 20),
        }
    ),
    "CosineDecayRestarts": st.fixed_dictionaries(
        {
            "initial_learning_rate": rates,
            "first_decay_steps": lengths,
            "t_mul": st.sampled_from([1.0, 1.5, 2.0]),
            "m_mul": st.sampled_from([0.8, 1.0]),
            "alpha": st.sampled_from([0.0, 0.1]),
        }
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
@settings(max_examples=15)
@given(data=st.data())
def test_rates_are_those_of_keras(name, data):
    arguments = data.draw(SCHEDULES[name])
    step = data.draw(st.integers(0, 100))
    if name == "CosineDecayRestarts":
        # Keras finds the restart by a float32 logarithm, which is off right at a restart.
        step += 0.5
    mine = getattr(schedules, name)(**arguments)
    peer = getattr(keras.optimizers.schedules, name)(**arguments)
    np.testing.assert_allclose(jax.jit(mine)(step), peer(step), rtol=2e-5, atol=1e-7)
    again = registry.deserialize(registry.serialize(mine))
    assert type(again) is type(mine)
    assert float(again(step)) == float(mine(step))


@pytest.mark.parametrize("t_mul", [1.0, 2.0, 3.0])
def test_restarts_begin_at_the_full_rate(t_mul):
    schedule = schedules.CosineDecayRestarts(0.5, 10, t_mul=t_mul)
    starts = np.cumsum([0, *(10 * t_mul**i for i in range(5))])  # 10 steps, then t_mul times more
    np.testing.assert_allclose(jax.vmap(schedule)(starts), 0.5, rtol=1e-6)
    assert (np.asarray(jax.vmap(schedule)(starts[1:] - 1)) < 0.02).all()


def test_warm_up_is_a_line_before_any_rate():
    constant = schedules.LinearWarmup(0.4, 4)
    assert np.allclose([constant(i) for i in range(6)], [0, 0.1, 0.2, 0.3, 0.4, 0.4])
    after = schedules.ExponentialDecay(0.4, 1, 0.5)
    warm = schedules.LinearWarmup(after, 2, initial_learning_rate=0.2)
    assert np.allclose([warm(i) for i in range(5)], [0.2, 0.3, 0.4, 0.2, 0.1])
    again = registry.deserialize(registry.serialize(warm))
    assert float(again(3)) == float(warm(3))


def test_one_program_serves_every_step():
    schedule, traces = schedules.PolynomialDecay(0.1, 10, cycle=True), []

    @jax.jit
    def rate(step):
        traces.append(step)
        return schedule(step)

    assert len({float(rate(i)) for i in range(5)}) == 5
    assert len(traces) == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: schedules.ExponentialDecay(0.1, 0, 0.5),
        lambda: schedules.CosineDecayRestarts(0.1, -1),
        lambda: schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.2]),
        lambda: schedules.LinearWarmup(0.1, 0),
        lambda: schedules.CosineLog(0.1, 10, cycles=0),
    ],
)
def test_impossible_arguments_are_refused(make):
    with pytest.raises(ConfigError, match="got"):
        make()


def test_an_optimizer_keeps_its_schedule_in_its_config():
    optimizer = SGD(schedules.CosineDecay(0.1, 100, warmup_target=0.5, warmup_steps=10))
    again = SGD.from_config(optimizer.get_config())
    assert isinstance(again._schedule, schedules.CosineDecay)
    assert float(again.learning_rate) == float(optimizer.learning_rate) == pytest.approx(0.1)


@pytest.mark.parametrize("steps", [3, 41, 47, 97, 1000])
def test_a_staircase_drops_at_its_very_step_in_a_compiled_program_too(steps):
    # XLA multiplies by the reciprocal of a constant: 41 * (1 / 41) is below 1 in float32.
    rate = jax.jit(schedules.ExponentialDecay(1.0, steps, 0.5, staircase=True))
    for times in range(1, 6):
        assert float(rate(steps * times - 1)) == 0.5 ** (times - 1)
        assert float(rate(steps * times)) == 0.5**times


@given(step=st.integers(0, 120), steps=lengths, cycles=st.integers(1, 5))
def test_waves_last_longer_and_longer(step, steps, cycles):
    got = float(jax.jit(schedules.CosineLog(0.5, steps, cycles))(step))
    passed = min(step / steps, 1)
    wave = 0.5 * (1 - np.cos(2 * np.pi * np.log2(1 + (2**cycles - 1) * passed))) / 2
    assert got == pytest.approx(wave, abs=1e-5)
