"""Stateful layers: a batch goes on with the states of the batch before."""

import numpy as np
import pytest

import maeum as mm
from maeum import layers as L
from maeum.core.errors import DataError, ShapeError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 12, 3)).astype("float32")
CUTS = X[:, :4], X[:, 4:8], X[:, 8:]


def stateful_model(**arguments):
    layers = [L.GRU(4, stateful=True, **arguments), L.Dense(1)]
    return mm.Sequential([mm.Input(batch_shape=(2, None, 3)), *layers], seed=3)


@pytest.mark.parametrize("make", [L.SimpleRNN, L.LSTM, lambda *a, **k: L.RNN(L.LSTMCell(*a), **k)])
def test_stretches_of_a_sequence_give_what_the_whole_gives(make):
    whole, parts = make(5, return_sequences=True), make(5, return_sequences=True, stateful=True)
    expected = whole(X)
    parts.build(CUTS[0].shape)
    parts.set_weights(whole.get_weights())
    got = np.concatenate([parts(cut) for cut in CUTS], axis=1)
    np.testing.assert_allclose(got, expected, atol=1e-6)
    parts.reset_states()
    np.testing.assert_allclose(parts(CUTS[0]), expected[:, :4], atol=1e-6)


def test_states_are_no_weights():
    model = stateful_model()
    plain = mm.Sequential([mm.Input((None, 3)), L.GRU(4), L.Dense(1)])
    assert model.count_params() == plain.count_params()
    plain.set_weights(model.get_weights())
    assert model.stateful
    assert not plain.stateful
    plain.reset_states()  # nothing to do
    np.testing.assert_allclose(model.predict(X), plain.predict(X), atol=1e-6)


def test_predict_goes_on_until_the_states_are_reset():
    model = stateful_model()
    rows = np.concatenate(CUTS)  # three batches of two rows that follow each other
    first, again = model.predict(rows), model.predict(rows)
    assert not np.allclose(first, again)
    model.reset_states()
    np.testing.assert_array_equal(model.predict(rows, batch_size=2), first)
    model.reset_states()
    apart = np.concatenate([model.predict_on_batch(cut) for cut in CUTS])
    np.testing.assert_allclose(apart, first, atol=1e-6)


def test_fit_carries_the_states_like_steps_by_hand():
    rows, y = np.concatenate(CUTS), np.ones((6, 1))
    once, by_hand = stateful_model(), stateful_model()
    for model in (once, by_hand):
        model.compile(mm.optimizers.SGD(0.1), "mse")
    once.fit(rows, y, epochs=2, shuffle=False, verbose=0)
    for _ in range(2):
        for i in range(3):
            by_hand.train_on_batch(rows[2 * i : 2 * i + 2], y[:2])
    np.testing.assert_allclose(once.layers[0].states[0], by_hand.layers[0].states[0], atol=1e-6)
    for one, two in zip(once.get_weights(), by_hand.get_weights()):
        np.testing.assert_allclose(one, two, atol=1e-6)
    before = once.evaluate(rows, y, verbose=0)
    assert before != once.evaluate(rows, y, verbose=0)


def test_a_training_that_was_saved_goes_on_exactly(tmp_path):
    rows, y = np.concatenate(CUTS), RNG.normal(size=(6, 1))
    model = stateful_model(dropout=0.3)
    model.compile("adam", "mse")
    model.fit(rows, y, epochs=1, shuffle=False, verbose=0)
    model.save(tmp_path / "half.maeum")
    loaded = mm.load_model(tmp_path / "half.maeum")
    for each in (model, loaded):
        each.fit(rows, y, epochs=2, initial_epoch=1, shuffle=False, verbose=0)
    for one, two in zip(model.get_weights(), loaded.get_weights()):
        np.testing.assert_array_equal(one, two)


def test_shuffled_rows_are_warned_of():
    model = stateful_model()
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="shuffle=False"):
        model.fit(X, np.ones(2), verbose=0)


def test_states_may_be_given():
    layer = L.LSTM(4, stateful=True)
    layer.build((2, None, 3))
    h, c = RNG.normal(size=(2, 2, 4)).astype("float32")
    layer.reset_states([h, c])
    got = layer(X)
    expected = L.LSTM(4)
    expected.build((2, None, 3))
    expected.set_weights(layer.get_weights())
    np.testing.assert_allclose(got, expected([X, h, c]), atol=1e-6)
    with pytest.raises(ShapeError, match="takes states"):
        layer.reset_states([h])


def test_the_batch_may_tell_its_size():
    model = mm.Sequential([L.GRU(4, stateful=True), L.Dense(1)])
    model.predict(X)
    assert (model.fixed_rows, model.input_shape) == (2, (2, 12, 3))
    first = mm.Sequential([L.SimpleRNN(4, stateful=True, batch_input_shape=(2, None, 3))])
    assert first.input_shape == (2, None, 3)


class Net(mm.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.recurrent, self.out = L.GRU(4, stateful=True), L.Dense(1)

    def call(self, x):
        return self.out(self.recurrent(x))


def test_a_model_of_your_own_keeps_states_too(tmp_path):
    model = Net()
    first, second = model.predict(X), model.predict(X)
    assert not np.allclose(first, second)
    model.reset_states()
    model.save(tmp_path / "net.maeum")
    loaded = mm.load_model(tmp_path / "net.maeum", custom_objects={"Net": Net})
    np.testing.assert_array_equal(loaded.predict(X), first)


def test_another_size_of_the_batch():
    model = stateful_model()
    model.compile("sgd", "mse")
    with pytest.raises(ShapeError, match=r"keeps the states of 2 rows; this batch has 3.*=2"):
        model(np.ones((3, 4, 3)))
    with pytest.raises(ShapeError, match="this batch has 1"):
        model.fit(np.ones((3, 4, 3)), np.ones(3), shuffle=False, verbose=0)
    with pytest.raises(DataError, match="3 rows leave a batch that is not full"):
        model.predict(np.ones((3, 4, 3)))
    with pytest.raises(ShapeError, match="batch_input_shape= to a first layer"):
        L.LSTM(3, stateful=True)(mm.Input((None, 3)))
