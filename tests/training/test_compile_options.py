"""What compile() accepts does something, or says what it does not do."""

import jax
import numpy as np
import pytest

import maeum as mm
from maeum.callbacks import Callback
from maeum.core.errors import ConfigError
from maeum.layers import Dense, Dropout

X = np.random.default_rng(0).normal(size=(50, 3)).astype("float32")
Y = X.sum(1)


class Look(mm.Layer):
    """Note whether what comes by is numbers, or only stands for them."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seen = []

    def call(self, x):
        self.seen.append(not isinstance(x, jax.core.Tracer))
        return x


def network(**options):
    model = mm.Sequential(
        [mm.Input((3,)), Look(), Dense(4, "tanh"), Dropout(0.2), Dense(1)], seed=1
    )
    model.compile("adam", "mse", **options)
    return model


def test_eager_steps_see_numbers_and_give_the_same():
    eager, other = network(run_eagerly=True), network()
    look = eager.layers[0]
    losses = [m.fit(X, Y, epochs=2, verbose=0).history["loss"] for m in (eager, other)]
    np.testing.assert_allclose(*losses, rtol=1e-5)
    assert sum(look.seen) == 2 * 2  # in each of two steps of two epochs
    assert not any(other.layers[0].seen)
    look.seen.clear()
    np.testing.assert_allclose(eager.evaluate(X, Y, verbose=0), other.evaluate(X, Y, verbose=0))
    np.testing.assert_allclose(eager.predict(X), other.predict(X), atol=1e-6)
    assert sum(look.seen) >= 2 + 1


def test_batch_hooks_are_called_after_as_many_steps_as_asked_for():
    class Count(Callback):
        def __init__(self):
            self.batches = []

        def on_train_batch_end(self, batch, logs=None):
            self.batches.append(batch)

    counts = [Count(), Count()]
    histories = [
        network(steps_per_execution=steps).fit(X, Y, batch_size=5, callbacks=[count], verbose=0)
        for steps, count in zip((1, 4), counts)
    ]
    assert counts[0].batches == list(range(10))
    assert counts[1].batches == [3, 7, 9]
    assert histories[0].history == histories[1].history


def test_what_has_no_effect_is_told():
    with pytest.warns(UserWarning, match="jit_compile=False has no effect.*run_eagerly=True"):
        network(jit_compile=False)
    with pytest.raises(ConfigError, match="steps_per_execution is a whole number"):
        network(steps_per_execution=0)
