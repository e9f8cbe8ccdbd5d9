"""Truncated backpropagation through time beside a loop that is written out by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum.core import functional
from maeum.layers import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    GlobalAveragePooling1D,
    SimpleRNN,
)

ROWS, STEPS, FEATURES = 12, 7, 3
RATE = 0.1


def sequences(seed=0, *, classes=None, steps=STEPS):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(ROWS, steps, FEATURES)).astype("float32")
    y = rng.normal(size=(ROWS, steps, 2) if classes is None else (ROWS, classes))
    return x, y.astype("float32")


def network(layer, many=True, **options):
    return mm.Sequential(
        [mm.Input((None, FEATURES)), layer(4, return_sequences=many, **options), Dense(2)]
    )


def by_hand(model, x, y, length, batch):
    """Train with SGD: the states of each stretch are the numbers with which the next begins."""
    recurrent, dense = model.layers
    reading = RNN(recurrent.cell, return_sequences=True, return_state=True)
    values = functional.values(model)
    losses = []

    def outputs(values, x, states):
        def read():
            h, *after = reading(x, initial_state=states)
            return dense(h), after

        return functional.run(model, read, values)[0]

    for first in range(0, len(x), batch):
        states = None
        for start in range(0, x.shape[1], length):
            part = slice(start, start + length)
            a, b = x[first : first + batch, part], y[first : first + batch, part]

            def loss(values, a=a, b=b, states=states):
                got, after = outputs(values, a, states)
                return jnp.mean((got - b) ** 2), after

            (value, states), slopes = jax.value_and_grad(loss, has_aux=True)(values)
            losses.append(float(value))
            values = {k: v - RATE * slopes[k] for k, v in values.items()}
    return values, losses


@pytest.mark.parametrize("layer", [SimpleRNN, LSTM, GRU])
@pytest.mark.parametrize("length", [3, 7])
def test_stretches_are_steps_that_carry_the_states(layer, length):
    x, y = sequences()
    model = network(layer)
    model.compile(mm.optimizers.SGD(RATE), "mse")
    expected, losses = by_hand(model, x, y, length, batch=5)
    history = model.fit(x, y, batch_size=5, epochs=1, shuffle=False, verbose=0, truncate=length)
    for path, value in functional.values(model).items():
        np.testing.assert_allclose(value, expected[path], atol=2e-6, err_msg=path)
    rows = np.repeat([5, 5, 2], len(losses) // 3)
    assert history.history["loss"][0] == pytest.approx(np.average(losses, weights=rows), abs=1e-6)


@pytest.mark.parametrize("layer", [LSTM, GRU])
def test_with_one_target_for_a_sequence_gradients_reach_the_last_steps_only(layer):
    x, y = sequences(1, classes=2)
    model = network(layer, many=False)
    model.compile(mm.optimizers.SGD(RATE), "mse")
    recurrent, dense = model.layers
    reading = RNN(recurrent.cell, return_state=True)
    _, *states = reading(x[:, :4])
    held = [jnp.asarray(state) for state in states]  # numbers: nothing flows back into them
    inputs = mm.Input((3, FEATURES))
    kept = [mm.Input((4,)) for _ in held]
    short = mm.Model([inputs, *kept], dense(RNN(recurrent.cell)(inputs, initial_state=kept)))
    weights = model.get_weights()
    short.compile(mm.optimizers.SGD(RATE), "mse")
    short.fit([x[:, 4:], *held], y, batch_size=ROWS, verbose=0)
    expected = model.get_weights()
    model.set_weights(weights)
    model.fit(x, y, batch_size=ROWS, verbose=0, truncate=3)
    for got, wanted in zip(model.get_weights(), expected):
        np.testing.assert_allclose(got, wanted, atol=2e-6)


def test_a_stretch_as_long_as_the_sequence_is_ordinary_training():
    x, y = sequences(2)
    results = []
    for truncate in (None, STEPS, 100):
        model = network(LSTM)
        model.seed = 3
        model.set_weights([np.full(w.shape, 0.1, "float32") for w in model.get_weights()])
        model.compile("adam", "mse")
        model.fit(x, y, batch_size=4, epochs=2, verbose=0, truncate=truncate)
        results.append(np.concatenate([w.ravel() for w in model.get_weights()]))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


def test_each_stretch_draws_its_own_dropout_and_a_training_is_repeatable():
    class Seen(mm.Layer):
        """Sums what dropout leaves over, for each step of the optimizer."""

        def build(self, input_shape):
            self.drawn = self.add_weight("drawn", (2, 8), "zeros", trainable=False)

        def call(self, x, training=False):
            if training:
                rolled = jnp.roll(self.drawn.value, 1, axis=0)
                self.drawn.assign(rolled.at[0].set((x[:2].ravel()[:8] > 0).astype("float32")))
            return x

    def trained():
        mm.utils.set_random_seed(4)
        model = mm.Sequential(
            [mm.Input((None, FEATURES)), Dropout(0.5), Seen(), SimpleRNN(2, return_sequences=True)]
        )
        model.compile(mm.optimizers.SGD(0.0), "mse")
        x = np.ones((ROWS, 6, FEATURES), "float32")
        model.fit(x, np.zeros((ROWS, 6, 2)), batch_size=ROWS, verbose=0, truncate=3)
        return model.layers[1].drawn.numpy()

    drawn = trained()
    assert (drawn[0] != drawn[1]).any()
    np.testing.assert_array_equal(drawn, trained())


def test_words_masks_and_layers_that_read_backwards_train_in_stretches():
    rng = np.random.default_rng(5)
    words = rng.integers(1, 9, (40, 10))
    words[:20, 7:] = 0  # half of the sentences are shorter
    model = mm.Sequential(
        [
            mm.Input((None,), dtype="int32"),
            Embedding(9, 8, mask_zero=True),
            LSTM(16, return_sequences=True, dropout=0.1, recurrent_dropout=0.1),
            Bidirectional(GRU(8, return_sequences=True)),
            Dense(9, activation="softmax"),
        ]
    )
    model.compile(mm.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    history = model.fit(words, words, epochs=60, batch_size=20, verbose=0, truncate=4)
    assert history.history["loss"][-1] < 0.3 * history.history["loss"][0]
    assert np.isfinite(model.predict(words, verbose=0)).all()


@pytest.mark.parametrize(
    ("truncate", "error"), [(0, "truncate"), (-2, "truncate"), (1.5, "truncate"), ("a", "truncate")]
)
def test_a_length_that_is_none_is_refused(truncate, error):
    model = network(LSTM)
    model.compile("sgd", "mse")
    with pytest.raises(mm.MaeumError, match=error):
        model.fit(*sequences(), verbose=0, truncate=truncate)


def test_without_recurrent_layers_it_says_that_there_is_nothing_to_carry():
    model = mm.Sequential([mm.Input((None, FEATURES)), Dense(2)])
    model.compile("sgd", "mse")
    with pytest.raises(mm.MaeumError, match="recurrent"):
        model.fit(*sequences(), verbose=0, truncate=2)


@pytest.mark.parametrize("layer", [GlobalAveragePooling1D(), LSTM(4, go_backwards=True)])
def test_nor_is_the_last_stretch_taken_for_the_whole_where_nothing_is_carried(layer):
    model = mm.Sequential([mm.Input((None, FEATURES)), layer, Dense(2)])
    model.compile("sgd", "mse")
    with pytest.raises(mm.MaeumError, match="recurrent"):
        model.fit(*sequences(classes=2), verbose=0, truncate=2)


@pytest.mark.parametrize("many", [True, False])
def test_a_stateful_layer_carries_its_states_by_itself(many):
    x, y = sequences(6) if many else sequences(6, classes=2)
    models = []
    for _ in range(2):
        model = mm.Sequential(
            [
                mm.Input(batch_shape=(6, None, FEATURES)),
                GRU(4, return_sequences=many, stateful=True),
                Dense(2),
            ],
            seed=1,
        )
        model.compile(mm.optimizers.SGD(RATE), "mse")
        models.append(model)
    whole, parts = models
    whole.fit(x, y, batch_size=6, shuffle=False, verbose=0, truncate=3)
    for rows in (slice(0, 6), slice(6, 12)):
        if many:
            for steps in (slice(0, 3), slice(3, 6), slice(6, 7)):
                parts.train_on_batch(x[rows, steps], y[rows, steps])
        else:
            parts.predict_on_batch(x[rows, :4])
            parts.train_on_batch(x[rows, 4:], y[rows])
    for got, wanted in zip(whole.get_weights(), parts.get_weights()):
        np.testing.assert_allclose(got, wanted, atol=2e-6)
    np.testing.assert_allclose(
        whole.layers[0].states[0].numpy(), parts.layers[0].states[0].numpy(), atol=2e-6
    )


def test_inputs_of_different_lengths_are_refused():
    a, b = mm.Input((None, FEATURES)), mm.Input((None, FEATURES))
    outputs = Dense(2)(LSTM(3, return_sequences=True)(a))
    model = mm.Model([a, b], [outputs, Dense(1)(b)])
    model.compile("sgd", "mse")
    x, y = sequences()
    with pytest.raises(mm.MaeumError, match="same number of time"):
        model.fit([x, x[:, :3]], [y, np.zeros((ROWS, 3, 1))], verbose=0, truncate=2)
