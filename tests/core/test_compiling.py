"""One function compiles what runs with a model's variables; models that are alike share it."""

from collections import OrderedDict

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum.core import compiling
from maeum.core.compiling import compiled
from maeum.core.fingerprint import fingerprint
from maeum.layers import BatchNormalization, Dense, Dropout, Lambda

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 4)).astype("float32")
Y = (X.sum(1) > 0).astype("float32")


def network(units=3, rate=0.2, activation="tanh", seed=None, lr=0.1, extra=()):
    model = mm.Sequential(
        [
            mm.Input((4,)),
            Dense(units, activation),
            BatchNormalization(),
            Dropout(rate),
            *extra,
            Dense(1, "sigmoid"),
        ],
        seed=seed,
    )
    model.compile(mm.optimizers.Adam(lr), "binary_crossentropy", metrics=["accuracy"])
    return model


def use(model):
    history = model.fit(X, Y, epochs=2, batch_size=20, validation_split=0.2, verbose=0)
    evaluated = model.evaluate(X, Y, verbose=0)
    return history.history, evaluated, model.predict(X).tolist()


@pytest.fixture
def work():
    """Count what JAX traces and compiles."""
    counts = {"traced": 0, "compiled": 0}

    def count(event, _seconds, **_details):
        counts["traced"] += "jaxpr_trace" in event
        counts["compiled"] += "backend_compile" in event

    jax.monitoring.register_event_duration_secs_listener(count)
    yield counts
    jax.monitoring.unregister_event_duration_listener(count)


def test_a_second_model_of_the_same_architecture_compiles_nothing(work):
    first = use(network(seed=1))
    model = network(seed=1)
    model.get_weights()  # its first values
    before = dict(work)
    assert use(model) == first
    assert work == before


def test_a_grid_of_learning_rates_compiles_nothing(work):
    use(network(units=6, seed=1))
    models = [network(units=6, seed=2, lr=rate) for rate in (0.01, 0.3)]
    for model in models:
        model.get_weights()
    before = dict(work)
    one, two = (use(model) for model in models)
    assert work == before
    assert one[0]["loss"] != two[0]["loss"]


OTHERS = {
    "units": {"units": 4},
    "rate": {"rate": 0.3},
    "activation": {"activation": "relu"},
    "layers": {"extra": [Dropout(0.1)]},
}


@pytest.mark.parametrize("difference", OTHERS)
def test_models_that_differ_do_not_share(difference):
    assert fingerprint(network()).text != fingerprint(network(**OTHERS[difference])).text, (
        difference
    )


def test_models_that_differ_train_as_if_they_were_alone(monkeypatch):
    alone = {}
    for name in ("relu", "tanh"):
        with monkeypatch.context() as patch:
            patch.setattr(compiling, "_shared", OrderedDict())
            alone[name] = use(network(activation=name, seed=5))
    for name in ("tanh", "relu"):
        assert use(network(activation=name, seed=5)) == alone[name]


def test_names_and_seeds_do_not_matter_and_functions_of_ones_own_do():
    one = mm.Sequential([mm.Input((4,)), Dense(2)], name="one", seed=1)
    two = mm.Sequential([mm.Input((4,)), Dense(2)], name="two", seed=2)
    assert fingerprint(one).text == fingerprint(two).text
    assert fingerprint(one).closed

    def own(x):
        return 2 * x

    one, two = (mm.Sequential([mm.Input((4,)), Lambda(own)]) for _ in range(2))
    assert not fingerprint(one).closed


def test_an_attribute_that_is_changed_counts_at_once():
    model = network(seed=1)
    before = model.predict(X)
    model.layers[-1].activation = mm.activations.linear
    after = model.predict(X)
    np.testing.assert_allclose(1 / (1 + np.exp(-after)), before, atol=1e-6)
    model.layers[0].activation = mm.activations.relu
    assert not np.allclose(model.predict(X), after)


def test_an_attribute_of_a_subclass_counts_at_once():
    class Scaled(mm.Model):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor
            self.dense = Dense(1)

        def call(self, x):
            return self.factor * self.dense(x)

    model = Scaled(1.0)
    before = model.predict(X)
    model.factor = 3.0
    np.testing.assert_allclose(model.predict(X), 3 * before, rtol=1e-6)


def test_another_optimizer_is_used_at_once():
    model = network(seed=1)
    model.fit(X, Y, verbose=0)
    before = model.get_weights()
    model.optimizer = mm.optimizers.Adam(0.0)
    model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], before[0])


def test_the_programs_of_a_model_that_is_gone_do_not_keep_it(work):
    import gc
    import weakref

    model = network(units=7)
    use(model)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
    other = network(units=7)
    other.get_weights()
    before = dict(work)
    other.fit(X, Y, epochs=1, batch_size=20, validation_split=0.2, verbose=0)
    assert work == before


def test_a_function_reads_and_assigns_variables():
    layer = BatchNormalization()
    layer.build((None, 4))
    train = compiled(
        layer, "train", lambda x: layer(x, training=True), (X,), training=True, donate=True
    )
    assert {v.name for v in train.assigned} == {"moving_mean", "moving_variance"}
    outputs = train(jnp.asarray(X))
    np.testing.assert_allclose(np.mean(outputs, 0), 0, atol=1e-5)
    np.testing.assert_allclose(layer.moving_mean.numpy(), 0.01 * X.mean(0), atol=1e-6)


def test_deep_networks_have_a_fingerprint():
    layers = [Dense(2) for _ in range(400)]
    model = mm.Sequential([mm.Input((2,)), *layers])
    assert fingerprint(model).closed


def _noisy():
    model = mm.Sequential([mm.Input((3,)), mm.layers.GaussianNoise(0.0), mm.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize("when", ["between", "compiled again", "in a callback"])
def test_an_attribute_that_changes_counts_from_then_on(when):
    model, x = _noisy(), np.ones((32, 3), "float32")

    def change(*_):
        model.layers[0].stddev = 1e4

    if when == "in a callback":
        callback = mm.callbacks.LambdaCallback(
            on_epoch_begin=lambda epoch, logs: change() if epoch == 1 else None
        )
        history = model.fit(x, x[:, :1], epochs=2, callbacks=[callback], verbose=0)
        assert history.history["loss"][0] < 1e2
    else:
        model.fit(x, x[:, :1], verbose=0)
        change()
        if when == "compiled again":
            model.compile("sgd", "mse")
        history = model.fit(x, x[:, :1], verbose=0)
    assert history.history["loss"][-1] > 1e4


@pytest.mark.parametrize("where", ["list", "dict", "array", "object"])
def test_a_value_that_changes_in_its_place_counts_from_then_on(where):
    class Settings:
        factor = 1.0

        def __init__(self):
            self.factor = 1.0

    class Scale(mm.Layer):
        def __init__(self):
            super().__init__()
            self.list, self.dict, self.array = [1.0], {"factor": 1.0}, np.ones(1, "float32")
            self.object = Settings()

        def call(self, x):
            return x * self.list[0] * self.dict["factor"] * self.array[0] * self.object.factor

    scale = Scale()
    model = mm.Sequential([mm.Input((1,)), scale])
    assert model.predict(np.ones((1, 1)))[0, 0] == 1.0
    if where == "object":
        scale.object.factor = 3.0
    else:
        getattr(scale, where)["factor" if where == "dict" else 0] = 3.0
    assert model.predict(np.ones((1, 1)))[0, 0] == 3.0
