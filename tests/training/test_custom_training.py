"""Training of one's own: train_step, compute_loss, several optimizers, metrics held by a model."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError
from maeum.layers import Dense
from maeum.metrics import Mean, MeanAbsoluteError
from maeum.training.steps import unpack_x_y_sample_weight

rng = np.random.default_rng(0)
X = rng.normal(size=(24, 3)).astype("float32")
Y = (X @ np.array([[1.0], [-2.0], [0.5]])).astype("float32")


def start(model, seed=0):
    """Give a model weights that do not depend on how they are initialized."""
    draw = np.random.default_rng(seed)
    model.set_weights([draw.normal(size=w.shape) * 0.5 for w in model.weights])
    return model


class Regression(mm.Model):
    """The custom loop of a Keras guide: a tracker and a metric held by the model."""

    def __init__(self):
        super().__init__()
        self.out = Dense(1)
        self.loss_tracker = Mean(name="loss")
        self.mae = MeanAbsoluteError(name="mae")

    def call(self, x):
        return self.out(x)

    def train_step(self, data):
        x, y = data
        variables = self.trainable_variables

        def objective():
            predictions = self(x, training=True)
            return jnp.mean((predictions - y) ** 2), predictions

        (loss, predictions), gradients = mm.value_and_grad(objective, variables)
        self.optimizer.apply_gradients(zip(gradients, variables))
        self.loss_tracker.update_state(loss)
        self.mae.update_state(y, predictions)
        return {metric.name: metric.result() for metric in self.metrics}

    @property
    def metrics(self):
        return [self.loss_tracker, self.mae]


def plain():
    model = mm.Sequential([mm.Input((3,)), Dense(1)])
    model.compile(optimizer=mm.optimizers.SGD(0.1), loss="mse", metrics=["mae"])
    return start(model)


def test_a_train_step_of_ones_own_trains_like_the_built_in_one():
    model = Regression()
    model.compile(optimizer=mm.optimizers.SGD(0.1))
    model.build((None, 3))
    start(model)
    reference = plain()
    fitting = {"batch_size": 8, "epochs": 3, "shuffle": False, "verbose": 0}
    mine, expected = model.fit(X, Y, **fitting), reference.fit(X, Y, **fitting)
    assert set(mine.history) == {"loss", "mae"}
    for name, values in expected.history.items():
        np.testing.assert_allclose(mine.history[name], values, rtol=1e-5)
    for a, b in zip(model.get_weights(), reference.get_weights()):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_a_step_gets_what_fit_was_given():
    seen = []

    class Looks(mm.Model):
        def __init__(self):
            super().__init__()
            self.out = Dense(1)

        def call(self, x):
            return self.out(x)

        def train_step(self, data):
            seen.append(jax.tree.map(lambda a: a.shape, data))
            x, _, _ = unpack_x_y_sample_weight(data)
            return {"mean": jnp.mean(self(x))}

    model = Looks()
    model.compile()
    model.fit(X, batch_size=8, verbose=0)
    model.fit(X, Y, batch_size=8, verbose=0)
    model.fit(X, Y, sample_weight=Y[:, 0], batch_size=8, verbose=0)
    shapes = [(8, 3), ((8, 3), (8, 1)), ((8, 3), (8, 1), (8,))]
    assert list(dict.fromkeys(seen)) == shapes


class Adversaries(mm.Model):
    """A GAN without a call: two networks, two optimizers held as attributes."""

    def __init__(self):
        super().__init__()
        self.generator = mm.Sequential([mm.Input((2,)), Dense(3)])
        self.discriminator = mm.Sequential([mm.Input((3,)), Dense(1)])
        self.d_tracker = Mean(name="d_loss")
        self.g_tracker = Mean(name="g_loss")

    def compile(self, d_optimizer, g_optimizer):
        super().compile()
        self.d_optimizer, self.g_optimizer = d_optimizer, g_optimizer

    def train_step(self, real):
        noise = real[:, :2]  # fixed, so that the same can be done by hand

        def judge():
            fake = self.generator(noise)
            return jnp.mean(self.discriminator(fake) ** 2) + jnp.mean(
                (self.discriminator(real) - 1) ** 2
            )

        def fool():
            return jnp.mean((self.discriminator(self.generator(noise)) - 1) ** 2)

        for objective, part, optimizer, tracker in (
            (judge, self.discriminator, self.d_optimizer, self.d_tracker),
            (fool, self.generator, self.g_optimizer, self.g_tracker),
        ):
            loss, gradients = mm.value_and_grad(objective, part.trainable_variables)
            optimizer.apply_gradients(zip(gradients, part.trainable_variables))
            tracker.update_state(loss)
        return {"d_loss": self.d_tracker.result(), "g_loss": self.g_tracker.result()}


def adversaries_by_hand(generator, discriminator, epochs):
    """The same with jax.grad and plain gradient descent."""

    def dense(weights, x):
        return x @ weights[0] + weights[1]

    def judge(d, g, real):
        fake = dense(g, real[:, :2])
        return jnp.mean(dense(d, fake) ** 2) + jnp.mean((dense(d, real) - 1) ** 2)

    def fool(g, d, real):
        return jnp.mean((dense(d, dense(g, real[:, :2])) - 1) ** 2)

    logs = []
    for _ in range(epochs):
        losses = []
        for real in X.reshape(3, 8, 3):
            one, gradient = jax.value_and_grad(judge)(discriminator, generator, real)
            discriminator = [w - 0.05 * g for w, g in zip(discriminator, gradient)]
            two, gradient = jax.value_and_grad(fool)(generator, discriminator, real)
            generator = [w - 0.02 * g for w, g in zip(generator, gradient)]
            losses.append((one, two))
        logs.append(np.mean(losses, axis=0))
    return generator, discriminator, np.array(logs)


def test_two_networks_with_an_optimizer_each_train_against_each_other():
    model = Adversaries()
    model.compile(mm.optimizers.SGD(0.05), mm.optimizers.SGD(0.02))
    start(model.generator, 1)
    start(model.discriminator, 2)
    before = [p.get_weights() for p in (model.generator, model.discriminator)]
    history = model.fit(X, batch_size=8, epochs=3, shuffle=False, verbose=0).history
    generator, discriminator, logs = adversaries_by_hand(*before, epochs=3)
    np.testing.assert_allclose(history["d_loss"], logs[:, 0], rtol=1e-5)
    np.testing.assert_allclose(history["g_loss"], logs[:, 1], rtol=1e-5)
    for part, expected in ((model.generator, generator), (model.discriminator, discriminator)):
        for a, b in zip(part.get_weights(), expected):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_a_loss_of_ones_own_is_trained_and_logged():
    class Weighted(mm.Sequential):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return 3 * super().compute_loss(x, y, y_pred, sample_weight, training)

    model = start(Weighted([mm.Input((3,)), Dense(1)]))
    model.compile(optimizer=mm.optimizers.SGD(0.1), loss="mse", metrics=["mae"])
    reference = plain()
    reference.compile(optimizer=mm.optimizers.SGD(0.3), loss="mse")  # 3 x loss is 3 x the step
    fitting = {"batch_size": 8, "epochs": 2, "shuffle": False, "verbose": 0}
    mine, expected = model.fit(X, Y, **fitting), reference.fit(X, Y, **fitting)
    np.testing.assert_allclose(
        mine.history["loss"], 3 * np.array(expected.history["loss"]), rtol=1e-5
    )
    assert "mae" in mine.history
    assert model.evaluate(X, Y, verbose=0)[0] == pytest.approx(
        3 * reference.evaluate(X, Y, verbose=0), rel=1e-5
    )


def test_losses_that_layers_add_are_enough_to_train():
    class Shrink(mm.Layer):
        def call(self, x):
            self.add_loss(jnp.mean(x**2))
            return x

    model = start(mm.Sequential([mm.Input((3,)), Dense(2), Shrink()]))
    model.compile(optimizer=mm.optimizers.SGD(0.1))
    losses = model.fit(X, epochs=3, verbose=0).history["loss"]
    assert losses[0] > losses[1] > losses[2]
    assert model.evaluate(X, verbose=0) < losses[2]


def test_metrics_in_layers_and_lists_are_logged_and_reset():
    class Watched(mm.Layer):
        def __init__(self):
            super().__init__()
            self.norms = [Mean(name="norm")]

        def call(self, x):
            self.norms[0].update_state(jnp.mean(jnp.abs(x)))
            return x

    model = start(mm.Sequential([mm.Input((3,)), Watched(), Dense(1)]))
    model.compile(optimizer=mm.optimizers.SGD(0.0), loss="mse")
    history = model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0).history
    # The rows never change, so every epoch says the same: the metric began anew.
    np.testing.assert_allclose(history["norm"], [np.abs(X).mean()] * 2, rtol=1e-5)
    assert model.evaluate(X, Y, batch_size=8, verbose=0)[1] == pytest.approx(np.abs(X).mean())


def test_a_test_step_and_a_predict_step_of_ones_own_are_used():
    class Doubled(mm.Sequential):
        def test_step(self, data):
            x, y = data
            return {"worst": jnp.max(jnp.abs(self(x) - y))}

        def predict_step(self, data):
            return 2 * super().predict_step(data)

    model = start(Doubled([mm.Input((3,)), Dense(1)]))
    model.compile(optimizer="sgd", loss="mse")
    single = np.asarray(model(X))
    np.testing.assert_allclose(model.predict(X), 2 * single, rtol=1e-6)
    # A step of its own has no mean over batches: the last batch speaks, as in Keras.
    expected = np.abs(single - Y)[16:].max()
    assert model.evaluate(X, Y, batch_size=8, verbose=0) == pytest.approx(expected, rel=1e-5)
    history = model.fit(X, Y, validation_data=(X, Y), verbose=0).history
    assert set(history) == {"loss", "val_worst"}


def test_one_optimizer_for_two_groups_of_variables_is_an_error():
    class Shared(Adversaries):
        def compile(self, optimizer):
            super().compile(optimizer, optimizer)

    model = Shared()
    model.compile(mm.optimizers.Adam())
    with pytest.raises(ConfigError, match="an optimizer of its own"):
        model.fit(X, verbose=0)


@pytest.mark.parametrize("logs", [None, [1.0], 3.0])
def test_a_step_that_returns_no_logs_says_so(logs):
    class Forgetful(mm.Sequential):
        def train_step(self, data):
            super().train_step(data)
            return logs

    model = Forgetful([mm.Input((3,)), Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ConfigError, match="train_step returns the logs, a dict"):
        model.fit(X, Y, verbose=0)


def test_logs_may_be_plain_numbers_and_metrics_may_be_added_to():
    class Talkative(mm.Sequential):
        def train_step(self, data):
            return {**super().train_step(data), "half": 0.5, "count": 3}

        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            logs = super().compute_metrics(x, y, y_pred, sample_weight)
            return {**logs, "twice": 2 * logs["loss"]}

    model = start(Talkative([mm.Input((3,)), Dense(1)]))
    model.compile("sgd", "mse", metrics=[MeanAbsoluteError(name="own")])
    history = model.fit(X, Y, validation_data=(X, Y), epochs=2, verbose=0).history
    assert history["half"] == [0.5, 0.5]
    assert history["count"] == [3.0, 3.0]
    np.testing.assert_allclose(history["twice"], 2 * np.array(history["loss"]), rtol=1e-6)
    assert list(history)[-3:] == ["val_loss", "val_own", "val_twice"]


def test_layers_may_be_frozen_between_trainings():
    model = mm.Sequential([mm.Input((3,)), Dense(4, name="first"), Dense(1, name="last")])
    model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)
    model.get_layer("first").trainable = False
    before = model.get_weights()
    model.fit(X, Y, verbose=0)
    moved = [bool((a != b).any()) for a, b in zip(before, model.get_weights())]
    assert moved == [False, False, True, True]
    model.get_layer("first").trainable = True
    model.fit(X, Y, verbose=0)
    assert all((a != b).any() for a, b in zip(before, model.get_weights()))
