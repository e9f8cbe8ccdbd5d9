"""The bridge from objects to functions: jit, grad, vmap, updates, nothing captured."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum.core import functional
from maeum.core.errors import NotBuiltError, UnknownNameError
from maeum.layers import BatchNormalization, Dense, Dropout


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(8, 3)).astype("float32")


@pytest.fixture
def model():
    layers = [Dense(4, activation="tanh"), BatchNormalization(), Dropout(0.5), Dense(1)]
    return mm.Sequential([mm.Input((3,)), *layers], seed=1)


def test_values_have_paths_and_are_copies(model, x):
    values = functional.values(model)
    assert list(values) == list(model.named_variables())
    model.compile("sgd", "mse")
    model.fit(x, x[:, 0], verbose=0)  # gives the arrays of the variables away
    model.train_on_batch(x, x[:, 0])
    assert np.isfinite(values["dense/kernel"]).all()
    assert (values["dense/kernel"] != model.weights[0].numpy()).any()


def test_apply_is_pure(model, x):
    values = functional.values(model)
    changed = {path: value * 2 for path, value in values.items()}
    before = model.get_weights()
    key = jax.random.PRNGKey(0)
    _outputs, updates = functional.apply(model, changed, x, training=True, key=key)
    for a, b in zip(model.get_weights(), before):
        np.testing.assert_array_equal(a, b)
    assert set(updates) == {
        "batch_normalization/moving_mean", "batch_normalization/moving_variance"
    }  # fmt: skip
    model.set_weights(list(changed.values()))
    np.testing.assert_allclose(
        functional.apply(model, {}, x)[0], functional.apply(model, changed, x)[0], atol=1e-6
    )
    np.testing.assert_allclose(functional.apply(model, changed, x)[0], model(x), atol=1e-6)


def test_updates_are_the_moving_averages(x):
    layer = BatchNormalization(momentum=0.9)
    layer(x)
    _, updates = functional.apply(layer, functional.values(layer), x, training=True)
    np.testing.assert_allclose(updates["moving_mean"], 0.1 * x.mean(0), atol=1e-6)
    np.testing.assert_allclose(updates["moving_variance"], 0.9 + 0.1 * x.var(0), atol=1e-6)
    assert functional.apply(layer, functional.values(layer), x)[1] == {}


def test_jit_holds_on_to_no_weight(model, x):
    run = jax.jit(lambda values, x: functional.apply(model, values, x)[0])
    values = functional.values(model)
    np.testing.assert_allclose(run(values, x), model(x), atol=1e-6)
    zeros = jax.tree.map(jnp.zeros_like, values)
    assert not np.any(run(zeros, x))
    constants = jax.make_jaxpr(run)(values, x).consts
    assert not constants


def test_changing_a_weight_changes_compiled_predictions(model, x):
    before = model.predict(x)
    model.layers[-1].bias.assign(model.layers[-1].bias.value + 1)
    np.testing.assert_allclose(model.predict(x), before + 1, atol=1e-6)
    model.layers[-1].bias.assign_sub(1.0)
    np.testing.assert_allclose(model.predict(x), before, atol=1e-6)


def test_grad_agrees_with_finite_differences(model, x):
    with jax.enable_x64(True):
        values = {k: np.asarray(v, "float64") for k, v in functional.values(model).items()}
        for layer in model.named_layers().values():
            layer.dtype = "float64"
        wide = x.astype("float64")

        @jax.jit
        def loss(values):
            inputs = wide
            for layer in model.layers:  # an Input would cast to float32
                path = f"{layer.name}/"
                own = {k.removeprefix(path): v for k, v in values.items() if k.startswith(path)}
                inputs = functional.apply(layer, own, inputs)[0]
            return jnp.sum(jnp.sin(inputs))

        slopes = jax.grad(loss)(values)
        path, at = "dense/kernel", (1, 2)
        ends = []
        for step in (1e-6, -1e-6):
            moved = dict(values)
            moved[path] = values[path].copy()
            moved[path][at] += step
            ends.append(float(loss(moved)))
        np.testing.assert_allclose(slopes[path][at], (ends[0] - ends[1]) / 2e-6, rtol=1e-5)


def test_vmap_over_seeds_is_a_loop_over_seeds(model, x):
    seeds = jnp.arange(4, dtype=jnp.uint32)
    stacked = jax.vmap(lambda seed: functional.init(model, seed))(seeds)
    kernels = stacked["dense/kernel"]
    assert kernels.shape == (4, 3, 4)
    assert len({kernel.tobytes() for kernel in np.asarray(kernels)}) == 4
    outputs = jax.vmap(lambda values: functional.apply(model, values, x)[0])(stacked)
    for i in range(4):
        one = functional.init(model, i)
        np.testing.assert_allclose(one["dense/kernel"], kernels[i], atol=1e-6)
        np.testing.assert_allclose(outputs[i], functional.apply(model, one, x)[0], atol=1e-5)


def test_init_with_the_seed_of_the_model_gives_its_first_weights(model):
    first = functional.init(model, model.seed)
    for path, variable in model.named_variables().items():
        np.testing.assert_allclose(first[path], variable.numpy(), atol=1e-7)


def test_an_ensemble_trains_at_once(x):
    model = mm.Sequential([mm.Input((3,)), Dense(8, activation="tanh"), Dense(1)])
    y = jnp.asarray(x[:, :1] * 2 - x[:, 1:2])

    def loss(values):
        return jnp.mean((functional.apply(model, values, x)[0] - y) ** 2)

    @jax.jit
    @jax.vmap
    def step(values):
        return jax.tree.map(lambda v, g: v - 0.1 * g, values, jax.grad(loss)(values))

    values = jax.vmap(lambda seed: functional.init(model, seed))(jnp.arange(3))
    before = jax.vmap(loss)(values)
    for _ in range(100):
        values = step(values)
    assert (jax.vmap(loss)(values) < before / 3).all()


def test_the_key_decides_about_dropout(model, x):
    def run(number, make=jax.random.PRNGKey):
        key = make(number)
        return functional.apply(model, functional.values(model), x, training=True, key=key)[0]

    np.testing.assert_array_equal(run(0), run(0))
    assert (run(0) != run(1)).any()
    np.testing.assert_array_equal(run(0, jax.random.key), run(0))


def test_two_dropouts_and_two_calls_draw_different_numbers(x):
    ones = np.ones((1, 200), "float32")
    inputs = mm.Input((200,))
    drop, other = Dropout(0.5), Dropout(0.5)
    model = mm.Model(inputs, [drop(inputs), drop(inputs), other(inputs)])
    key = jax.random.PRNGKey(3)
    drawn = functional.apply(model, {}, ones, training=True, key=key)[0]
    assert len({np.asarray(d).tobytes() for d in drawn}) == 3


def test_misuse(model, x):
    with pytest.raises(UnknownNameError, match="Did you mean 'dense/kernel'"):
        functional.apply(model, {"dense/kernl": 0}, x)
    with pytest.raises(NotBuiltError, match="call it on data"):
        functional.init(mm.Sequential([Dense(1)]), 0)


def test_value_and_grad_of_variables(x):
    w = mm.Variable((3,), np.array([1.0, 2.0, 3.0]))
    count = mm.Variable((), 0, "int32", trainable=False)

    def loss():
        count.assign_add(1)
        return (w.value**2).sum(), "extra"

    (value, extra), (slope,) = mm.value_and_grad(loss, [w])
    assert float(value) == 14.0
    assert extra == "extra"
    np.testing.assert_allclose(slope, [2, 4, 6])
    assert int(count) == 1  # an assignment inside is kept


def test_layers_called_eagerly_train_in_a_loop_of_ones_own(x):
    mm.utils.set_random_seed(0)
    model = mm.Sequential([mm.Input((3,)), Dense(1)])
    optimizer = mm.optimizers.SGD(0.1)
    y = x[:, :1]
    losses = []
    for _ in range(20):
        loss, slopes = mm.value_and_grad(
            lambda: jnp.mean((model(x) - y) ** 2), model.trainable_variables
        )
        optimizer.apply_gradients(zip(slopes, model.trainable_variables))
        losses.append(float(loss))
    assert losses[-1] < losses[0] / 5
