"""Optimizers on variables: their state from outside, as Keras's users reach it."""

import keras
import numpy as np
import pytest

import maeum as mm
from maeum import optimizers
from maeum.core.errors import ConfigError
from maeum.core.variable import Variable

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 3)).astype("float32")
Y = RNG.normal(size=(24, 1)).astype("float32")


def pair():
    return [Variable((2,), np.ones(2, "float32"), name="a"),
            Variable((3,), np.zeros(3, "float32"), name="b")]  # fmt: skip


GRADIENTS = [np.float32([0.5, -1.0]), np.float32([1.0, 2.0, 3.0])]


def stepped(optimizer, count=2):
    variables = pair()
    for _ in range(count):
        optimizer.apply(GRADIENTS, variables)
    return variables


def test_weights_of_an_optimizer_are_handed_on():
    one, other = optimizers.Adam(0.1), optimizers.Adam(0.3)
    first = stepped(one)
    with pytest.raises(ConfigError, match="You are calling"):
        other.set_weights(one.variables)
    second = pair()
    other.build(second)
    assert other.built
    other.set_weights(one.variables)
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(first, second):
        b.assign(a.value)
    one.apply(GRADIENTS)  # on the variables that it was built for
    other.apply(GRADIENTS)
    for a, b in zip(first, second):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    with pytest.raises(ConfigError, match="got 1 values"):
        other.set_weights([1])
    store = {}
    one.save_own_variables(store)
    third = optimizers.Adam(0.1)
    third.build(pair())
    third.load_own_variables(store)
    np.testing.assert_array_equal(third.get_weights()[-1], one.get_weights()[-1])
    with pytest.warns(UserWarning, match="none is loaded"):
        optimizers.SGD().load_own_variables(store)


@pytest.mark.parametrize("name", ["SGD", "Adam", "Muon"])
def test_a_stateless_step_is_the_step_and_changes_nothing(name):
    optimizer, variables = getattr(optimizers, name)(0.1), pair()
    with pytest.raises(ConfigError, match="build"):
        optimizer.stateless_apply([], GRADIENTS, [])
    optimizer.build(variables)
    before = optimizer.get_weights()
    weights, own = optimizer.stateless_apply(before, GRADIENTS, [v.numpy() for v in variables])
    np.testing.assert_array_equal(variables[0].numpy(), np.ones(2))
    assert int(optimizer.iterations) == 0
    optimizer.apply(GRADIENTS)
    for a, b in zip([*weights, *own], [*variables, *optimizer.variables], strict=True):
        np.testing.assert_array_equal(a, b.numpy())
    with pytest.raises(ConfigError, match=r"There are \d variables"):
        optimizer.stateless_apply([], GRADIENTS, variables)


def test_a_weight_without_a_gradient_stays_and_so_does_its_state():
    optimizer, variables = optimizers.Adam(0.1, weight_decay=0.1), pair()
    optimizer.apply(GRADIENTS, variables)
    kept = variables[0].numpy(), [w for w in optimizer.get_weights() if w.shape == (2,)]
    with pytest.warns(UserWarning, match="no gradient for: a"):
        optimizer.apply([None, GRADIENTS[1]], variables)
    np.testing.assert_array_equal(variables[0].numpy(), kept[0])
    for a, b in zip([w for w in optimizer.get_weights() if w.shape == (2,)], kept[1]):
        np.testing.assert_array_equal(a, b)
    assert int(optimizer.iterations) == 2
    with pytest.raises(ConfigError, match="no trainable weights"):
        optimizer.apply([None, None], variables)


def test_clipping_by_norm_and_then_by_value():
    optimizer = optimizers.SGD(1.0, clipnorm=1.0, clipvalue=0.7)
    [clipped] = optimizer._clip_gradients([np.float32([3.0, 4.0])])
    np.testing.assert_allclose(clipped, [0.6, 0.7])  # (0.6, 0.8) has norm 1


def test_a_number_takes_the_place_of_a_schedule():
    schedule = optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(1)])
    model.compile(optimizers.SGD(schedule), "mse")
    model.fit(X, Y, verbose=0)
    model.optimizer.learning_rate = 0.0
    before = model.get_weights()
    model.fit(X, Y, verbose=0)  # the compiled step reads the number
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
    assert model.optimizer.get_config()["learning_rate"] == 0.0
    model.optimizer.learning_rate = schedule
    model.fit(X, Y, verbose=0)
    assert (model.get_weights()[0] != before[0]).any()


def trained(lib, optimizer, steps=1):
    model = lib.Sequential([lib.layers.Input((3,)), lib.layers.Dense(4), lib.layers.Dense(1)])
    shapes = [(3, 4), (4,), (4, 1), (1,)]
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=shape).astype("float32") for shape in shapes])
    model.compile(optimizer, "mse")
    history = model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    return model, history.history["loss"]


@pytest.mark.parametrize(
    "make",
    [
        lambda room: room.SGD(0.05, loss_scale_factor=1024.0),
        lambda room: room.LossScaleOptimizer(room.Adam(0.05), dynamic_growth_steps=2),
        lambda room: room.LossScaleOptimizer(room.SGD(0.05), initial_scale=2.0**127),  # overflows
        lambda room: room.MultiOptimizer(
            room.OptimizerMap(room.SGD(0.05), {".*bias": room.Adam(0.1)})
        ),
    ],
    ids=["factor", "loss scale", "overflow", "multi"],
)  # fmt: skip
def test_wrappers_go_where_keras_goes(make):
    mine, loss = trained(mm, make(optimizers))
    theirs, expected = trained(keras, make(keras.optimizers))
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    for a, b in zip(mine.get_weights(), theirs.get_weights()):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    if hasattr(mine.optimizer, "inner_optimizer"):
        scale = mine.optimizer._state["dynamic_scale"].numpy()
        assert scale == theirs.optimizer.dynamic_scale.numpy()


@pytest.mark.parametrize(
    "make",
    [
        lambda: optimizers.LossScaleOptimizer(optimizers.Adam(0.05, use_ema=True)),
        lambda: optimizers.MultiOptimizer(
            optimizers.OptimizerMap(optimizers.SGD(0.05, 0.9), {".*bias": optimizers.Adam(0.1)})
        ),
        lambda: optimizers.Muon(0.05),
        lambda: optimizers.ScheduleFreeAdamW(0.05),
    ],
    ids=["loss scale", "multi", "muon", "schedule free"],
)
def test_a_saved_training_goes_on(tmp_path, make):
    model, _ = trained(mm, make())
    model.save(tmp_path / "m.maeum")
    loaded = mm.load_model(tmp_path / "m.maeum")
    for one in (model, loaded):
        one.fit(X, Y, batch_size=8, shuffle=False, verbose=0)
    for a, b in zip(model.get_weights(), loaded.get_weights()):
        np.testing.assert_array_equal(a, b)


def test_wrong_wrappers_are_refused():
    with pytest.raises(ConfigError, match="wraps an optimizer"):
        optimizers.LossScaleOptimizer("adam")
    sgd = optimizers.SGD()
    chosen = optimizers.OptimizerMap(sgd, {"a.*": sgd, ".*b": optimizers.SGD()})
    with pytest.raises(ConfigError, match="Several patterns"):
        chosen["ab"]
    with pytest.raises(ConfigError, match="does not have already"):
        chosen["a.*"] = optimizers.SGD()
    with pytest.raises(ConfigError, match="no other one inside"):
        chosen["c"] = optimizers.LossScaleOptimizer(optimizers.SGD())
    multi = optimizers.MultiOptimizer(chosen)
    with pytest.raises(AttributeError, match="no learning rate"):
        multi.learning_rate  # noqa: B018
    assert not hasattr(multi, "learning_rate")


def test_loss_scaling_of_older_code():
    wrapped = optimizers.LossScaleOptimizer(optimizers.SGD(0.5), dynamic=True)
    config = wrapped.get_config() | {
        "weight_decay": None, "use_ema": False, "ema_momentum": 0.99, "clipnorm": None,
        "gradient_accumulation_steps": None, "loss_scale_factor": None,
    }  # fmt: skip
    again = optimizers.LossScaleOptimizer.from_config(config)
    assert float(again.inner_optimizer.learning_rate) == 0.5
    with pytest.raises(ConfigError, match="loss_scale_factor"):
        optimizers.LossScaleOptimizer(optimizers.SGD(0.5), dynamic=False)
