"""The state of a training as one value."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError
from maeum.layers import LSTM, BatchNormalization, Dense, Dropout
from maeum.training import State
from maeum.training.program import rows_of

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 4)).astype("float32")
Y = X.sum(1, keepdims=True)


def network(seed=1):
    model = mm.Sequential(
        [mm.Input((4,)), Dense(3, "tanh"), BatchNormalization(), Dropout(0.2), Dense(1)], seed=seed
    )
    model.compile(mm.optimizers.Adam(0.01), "mse", metrics=["mae"])
    return model


def test_everything_has_a_name():
    model = network()
    model.fit(X, Y, verbose=0)
    state = State.of(model)
    assert list(state.parameters) == [
        "dense/kernel", "dense/bias", "batch_normalization/gamma", "batch_normalization/beta",
        "dense_1/kernel", "dense_1/bias",
    ]  # fmt: skip
    assert {name.rpartition("/")[2] for name in state.variables} == {
        "moving_mean", "moving_variance",
    }  # fmt: skip
    slots = {f"optimizer/{w}/{s}" for w in state.parameters for s in ("momentum", "velocity")}
    assert set(state.optimizer) == slots | {"optimizer/learning_rate", "optimizer/step"}
    assert int(state.step) == 2
    assert len(state.metrics) == 4


def test_a_state_is_held_while_the_training_goes_on():
    model = network()
    model.fit(X, Y, verbose=0)
    state, predicted = State.of(model), model.predict(X)
    after = [model.fit(X, Y, verbose=0).history, model.predict(X)]
    state.put(model)
    np.testing.assert_array_equal(model.predict(X), predicted)
    again = [model.fit(X, Y, verbose=0).history, model.predict(X)]
    assert again[0] == after[0]
    np.testing.assert_array_equal(again[1], after[1])


def test_a_state_goes_into_a_model_that_is_alike_and_into_no_other():
    model, other = network(), network(seed=2)
    for one in (model, other):
        one.fit(X, Y, verbose=0)
    State.of(model).put(other)
    np.testing.assert_array_equal(other.predict(X), model.predict(X))
    wider = mm.Sequential([mm.Input((4,)), Dense(5), Dense(1)])
    wider.compile("adam", "mse", metrics=["mae"])
    before = wider.get_weights()
    with pytest.raises(ConfigError, match=r"'dense/kernel' with the shape \(4, 3\)"):
        State.of(model).put(wider)
    assert all(np.array_equal(*pair) for pair in zip(before, wider.get_weights()))


def steps_of(program, state, chunk, key):
    """Take all steps of a chunk, purely."""
    values, read = program.held_by(state)

    def step(i, carry):
        index = jax.lax.dynamic_slice_in_dim(chunk.order, i * chunk.batch_size, chunk.batch_size)
        values, _told, finite = program.pure(carry[0], read, key, rows_of(chunk.data, index))
        return values, carry[1] & finite

    values, finite = jax.lax.fori_loop(0, chunk.steps, step, (values, jnp.asarray(True)))
    return program.changed_in(state, values), program.told(values, read, []), finite


def test_stacked_states_train_as_each_does_alone():
    """Three seeds by one ``jax.vmap`` give what three trainings give."""
    models = [network(seed) for seed in (1, 2, 3)]
    trainer = models[0].trainer
    source = trainer.source(X, Y, None, 16, shuffle=False)
    states, keys = [], []
    for model in models:
        program = model.trainer.program("train", source)
        states.append(State.of(model))
        keys.append(model.trainer.key)
    [chunk] = source.chunks()
    stacked = jax.tree.map(lambda *arrays: jnp.stack(arrays), *states)
    program = trainer.program("train", source)
    together, logs, _finite = jax.jit(
        jax.vmap(lambda state, key: steps_of(program, state, chunk, key))
    )(stacked, jnp.stack(keys))
    for number, model in enumerate(models):
        history = model.fit(X, Y, batch_size=16, shuffle=False, verbose=0).history
        alone = State.of(model).by_name()
        member = jax.tree.map(lambda a, n=number: a[n], together).by_name()
        for name, value in alone.items():
            np.testing.assert_allclose(member[name], value, rtol=2e-5, atol=1e-6, err_msg=name)
        np.testing.assert_allclose(logs["loss"][number], history["loss"][0], rtol=1e-5)


def test_states_that_layers_keep_belong_to_it():
    model = mm.Sequential([mm.Input(batch_shape=(8, 3, 4)), LSTM(2, stateful=True), Dense(1)])
    model.compile("sgd", "mse")
    model.fit(RNG.normal(size=(16, 3, 4)), np.zeros(16), batch_size=8, shuffle=False, verbose=0)
    kept = {name: np.asarray(v) for name, v in State.of(model).variables.items()}
    assert sorted(kept) == ["states/lstm/0", "states/lstm/1"]
    assert all(np.abs(value).max() > 0 for value in kept.values())


def test_what_no_state_holds_is_told():
    outside = mm.optimizers.SGD(0.1)

    class Net(mm.Model):
        def __init__(self):
            super().__init__()
            self.dense = Dense(1)

        def call(self, x):
            return self.dense(x)

        def train_step(self, data):
            outside.apply_gradients([(v.value, v) for v in self.trainable_variables])
            return {"loss": jnp.sum(self.dense.bias.value)}

    model = Net()
    model.compile("sgd", "mse")
    source = model.trainer.source(X, Y, None, 16)
    program = model.trainer.program("train", source)
    [_chunk] = source.chunks()
    with pytest.raises(ConfigError, match="held neither by the model nor by its optimizer"):
        program.held_by(State.of(model))
