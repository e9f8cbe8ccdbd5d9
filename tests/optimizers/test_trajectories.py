"""Twenty steps of every optimizer, beside Keras 3 on JAX."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import inspect

import jax
import keras
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from maeum import optimizers

STEPS = 20
NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]  # an example takes a second
share = st.sampled_from([0.0, 0.3, 0.5, 0.9, 0.97])
rates = st.sampled_from([1e-3, 0.01, 0.05, 0.2])
PARTS = {
    "SGD": {"momentum": share, "nesterov": st.booleans()},
    "Adagrad": {
        "initial_accumulator_value": st.sampled_from([0.1, 0.5, 2.0]),
        "epsilon": st.sampled_from([1e-7, 1e-3]),
    },
    "RMSprop": {
        "rho": st.sampled_from([0.5, 0.9, 0.99]),
        "momentum": share,
        "epsilon": st.sampled_from([1e-7, 1e-3]),
        "centered": st.booleans(),
    },
    "Adadelta": {"rho": share, "epsilon": st.sampled_from([1e-7, 1e-3])},
    "Adam": {
        "beta_1": share,
        "beta_2": st.sampled_from([0.9, 0.999]),
        "epsilon": st.sampled_from([1e-7, 1e-3]),
        "amsgrad": st.booleans(),
    },
    "AdamW": {"beta_1": share, "beta_2": st.sampled_from([0.9, 0.999]), "amsgrad": st.booleans()},
    "Adamax": {"beta_1": share, "beta_2": st.sampled_from([0.9, 0.999])},
    "Nadam": {"beta_1": share, "beta_2": st.sampled_from([0.9, 0.999])},
    "Lamb": {"beta_1": share, "beta_2": st.sampled_from([0.9, 0.999])},
    "ScheduleFreeAdamW": {
        "beta_1": st.sampled_from([0.5, 0.9]),
        "warmup_steps": st.sampled_from([0, 4]),
    },
    "Muon": {
        "nesterov": st.booleans(),
        "rms_rate": st.sampled_from([None, 0.2]),
        "ns_steps": st.sampled_from([1, 5]),
        "adam_lr_ratio": st.sampled_from([1, 0.3]),
        "adam_weight_decay": st.sampled_from([None, 0.1]),
    },
    "Lion": {"beta_1": st.sampled_from([0.5, 0.9]), "beta_2": share},
    "Adafactor": {
        "beta_2_decay": st.sampled_from([-0.8, -0.5]),
        "epsilon_2": st.sampled_from([1e-3, 0.1]),
        "clip_threshold": st.sampled_from([0.5, 1.0]),
    },
    "Ftrl": {
        "learning_rate_power": st.sampled_from([-0.5, -0.7]),
        "initial_accumulator_value": st.sampled_from([0.1, 1.0]),
        "l1_regularization_strength": st.sampled_from([0.0, 0.1]),
        "l2_regularization_strength": st.sampled_from([0.0, 0.1]),
        "l2_shrinkage_regularization_strength": st.sampled_from([0.0, 0.1]),
        "beta": st.sampled_from([0.0, 0.5]),
    },
}
SCHEDULES = st.sampled_from(
    [
        ("ExponentialDecay", (0.05, 5, 0.7, True)),
        ("InverseTimeDecay", (0.05, 1, 0.1)),
        ("PiecewiseConstantDecay", ([4, 9], [0.05, 0.02, 0.01])),
        ("CosineDecay", (0.01, 12, 0.1, "c", 0.05, 4)),
    ]
)
# What every optimizer takes; at most one way of clipping.
SHARED = st.fixed_dictionaries(
    {},
    optional={
        "weight_decay": st.sampled_from([0.004, 0.1]),
        "gradient_accumulation_steps": st.sampled_from([2, 3]),
    },
)
CLIPS = st.sampled_from([{}, {}, {"clipnorm": 0.5}, {"clipvalue": 0.2}, {"global_clipnorm": 0.7}])
AVERAGES = st.sampled_from(
    [
        {},
        {},
        {"use_ema": True, "ema_momentum": 0.8},
        {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 3},
    ]
)


def problem(seed):
    """A quadratic bowl for a matrix and a vector; its first weights and its gradient."""
    rng = np.random.default_rng(seed)
    target, start = rng.normal(size=(3, 4)), rng.normal(size=(3, 4)) * 2
    bias, first = rng.normal(size=4), rng.normal(size=4) * 2
    tilt = rng.uniform(0.5, 1.5, size=(3, 4))

    def gradient(weights):
        w, b = (np.asarray(v, np.float64) for v in weights)
        return [np.float32(tilt * (w - target)), np.float32(b - bias + w.sum(0) / 3)]

    return [np.float32(start), np.float32(first)], gradient


def walk(step, weights, state, gradient):
    path, step = [], jax.jit(step)
    for _ in range(STEPS):
        weights, state = step(weights, gradient(weights), state)
        path.append(weights)
    return path


def ours(optimizer, weights, gradient):
    return walk(optimizer.advance, weights, optimizer.init(weights), gradient)


def theirs(optimizer, weights, gradient):
    optimizer.build([keras.Variable(w) for w in weights])

    def step(weights, gradients, own):
        return optimizer.stateless_apply(own, gradients, weights)

    return walk(step, weights, [v.value for v in optimizer.variables], gradient)


def check_equal_paths(mine, keras_path, tolerance=1e-5):
    for step, (a, b) in enumerate(zip(mine, keras_path)):
        for x, y in zip(a, b):
            np.testing.assert_allclose(x, y, tolerance, tolerance, err_msg=f"step {step}")


def both(name, arguments, schedule=None):
    mine, peer = dict(arguments), dict(arguments)
    if schedule is not None:
        kind, args = schedule
        mine["learning_rate"] = getattr(optimizers.schedules, kind)(*args)
        peer["learning_rate"] = getattr(keras.optimizers.schedules, kind)(*args)
    return getattr(optimizers, name)(**mine), getattr(keras.optimizers, name)(**peer)


@pytest.mark.parametrize("name", PARTS)
def test_defaults_go_where_keras_goes(name):
    weights, gradient = problem(0)
    mine, peer = both(name, {})
    check_equal_paths(ours(mine, weights, gradient), theirs(peer, weights, gradient))


@pytest.mark.parametrize("name", PARTS)
@settings(max_examples=3, phases=NO_SHRINKING)
@given(data=st.data())
def test_drawn_hyper_parameters_go_where_keras_goes(name, data):
    check_drawn_hyper_parameters(name, data)


@pytest.mark.soak
@pytest.mark.parametrize("name", PARTS)
@settings(max_examples=30, phases=NO_SHRINKING)
@given(data=st.data())
def test_many_hyper_parameters_go_where_keras_goes(name, data):
    check_drawn_hyper_parameters(name, data)


def check_drawn_hyper_parameters(name, data):
    arguments = data.draw(st.fixed_dictionaries({"learning_rate": rates}, optional=PARTS[name]))
    if arguments.get("centered"):
        # The variance is a small difference of large numbers, which magnifies rounding.
        arguments["epsilon"] = 1e-3
    for shared in (SHARED, CLIPS, AVERAGES):
        arguments |= data.draw(shared)
    schedule = data.draw(st.none() | SCHEDULES)
    weights, gradient = problem(data.draw(st.integers(0, 1000)))
    mine, peer = both(name, arguments, schedule)
    path = theirs(peer, weights, gradient)
    # Both get the gradients of one path: a feedback that overshoots would magnify rounding.
    along = iter([weights, *path])
    # The mean path is recovered from the weights, by a division that magnifies rounding.
    tolerance = 1e-4 if name in ("ScheduleFreeAdamW", "Muon") else 1e-5
    check_equal_paths(ours(mine, weights, lambda _: gradient(next(along))), path, tolerance)


WRAPPERS = ["LossScaleOptimizer", "MultiOptimizer", "OptimizerMap"]


@pytest.mark.parametrize("name", [*PARTS, *WRAPPERS])
def test_arguments_have_keras_order_and_defaults(name):
    def listed(cls):
        parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
        return {p.name: p.default for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD}

    mine, peer = listed(getattr(optimizers, name)), listed(getattr(keras.optimizers, name))
    assert list(mine.items())[: len(peer)] == list(peer.items())


def test_momentum_and_nesterov_are_sgd_by_another_name():
    weights, gradient = problem(1)
    for name, nesterov in (("momentum", False), ("nesterov", True)):
        peer = keras.optimizers.SGD(0.01, momentum=0.9, nesterov=nesterov)
        path = ours(optimizers.get(name), weights, gradient)
        check_equal_paths(path, theirs(peer, weights, gradient))


def test_adafactor_without_relative_step_keeps_its_rate():
    weights, gradient = problem(2)
    free = ours(optimizers.Adafactor(2.0, relative_step=False), weights, gradient)
    bound = ours(optimizers.Adafactor(2.0), weights, gradient)
    # 1 / sqrt(1) = 1 halves the first step, of which the rest is the same.
    np.testing.assert_allclose(free[0][0] - weights[0], 2 * (bound[0][0] - weights[0]), rtol=1e-5)


def test_centered_rmsprop_stays_finite_under_a_constant_gradient():
    # The variance of a large constant gradient is 0 up to rounding, which is more than epsilon.
    optimizer = optimizers.RMSprop(1e-3, centered=True)
    weights, state = [np.zeros(50, "float32")], None
    state = optimizer.init(weights)
    step = jax.jit(optimizer.advance)
    for _ in range(300):
        weights, state = step(weights, [np.linspace(1e2, 1e4, 50, dtype="float32")], state)
    assert np.isfinite(weights[0]).all()
