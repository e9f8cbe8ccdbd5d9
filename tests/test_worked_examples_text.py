"""The worked examples of a course on sequences and language, with the results it arrives at."""

import numpy as np
import pytest

import maeum as mm
from maeum.layers import (
    GRU,
    LSTM,
    Dense,
    Dropout,
    Embedding,
    GlobalAveragePooling1D,
    SimpleRNN,
)
from maeum.text import TextEncoder, Vocabulary, WordTokenizer, pad_sequences

LETTERS = Vocabulary("elioh", padding=None, unknown=None)  # the order e, l, i, o, h
REVIEWS = {
    "Very good nice quality": 1,
    "Stop lies": 0,
    "Ugly terrible": 0,
    "Excellent work": 1,
    "Adorable lovely": 1,
    "Bad": 0,
    "Great nice": 1,
}


def hihello():
    """Return one-hot rows of "hihell", and of the letters that come next, "ihello"."""
    numbers = LETTERS.encode(list("hihello"))
    return LETTERS.one_hot(numbers[:-1])[None], LETTERS.one_hot(numbers[1:])[None]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# ---- 40 to 42: letters and words -----------------------------------------------------------------


def test_hihell_as_numbers_and_one_hot_rows():
    assert LETTERS.encode(list("hihell")) == [4, 2, 4, 0, 1, 1]
    assert LETTERS.encode(list("ihello")) == [2, 4, 0, 1, 1, 3]
    x, y = hihello()
    np.testing.assert_array_equal(x[0].argmax(axis=1), [4, 2, 4, 0, 1, 1])
    np.testing.assert_array_equal(x.sum(axis=-1), np.ones((1, 6)))
    np.testing.assert_array_equal(y[0].argmax(axis=1), [2, 4, 0, 1, 1, 3])


def test_words_of_good_and_bad_reviews_part_in_the_plane():
    encoder = TextEncoder.train(REVIEWS, WordTokenizer(lower=True))
    x = pad_sequences([encoder.encode(text) for text in REVIEWS], 4, padding="post")
    y = np.array(list(REVIEWS.values()))
    words = Embedding(len(encoder.vocabulary), 2, mask_zero=True)
    model = mm.Sequential(
        [
            mm.Input((4,), dtype="int32"),
            words,
            GlobalAveragePooling1D(),
            Dense(1, activation="sigmoid"),
        ],
        seed=0,
    )
    model.compile(mm.optimizers.Adam(0.05), "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=100, batch_size=7, verbose=0)
    assert model.evaluate(x, y, verbose=0)[1] == 1.0
    direction = model.layers[-1].get_weights()[0][:, 0]
    away = words.get_weights()[0] @ direction
    good = {w for text, label in REVIEWS.items() if label for w in encoder.encode(text)}
    bad = {w for text, label in REVIEWS.items() if not label for w in encoder.encode(text)}
    assert min(away[sorted(good)]) > max(away[sorted(bad)])


def test_an_lstm_completes_hihell_to_ihello():
    x, y = hihello()
    layers = [mm.Input((6, 5)), LSTM(16, return_sequences=True), Dense(5, activation="softmax")]
    model = mm.Sequential(layers, seed=1)
    model.compile(mm.optimizers.Adam(0.05), "categorical_crossentropy")
    model.fit(x, y, epochs=60, verbose=0)
    said = model.predict(x, verbose=0)[0].argmax(axis=1)
    assert "".join(LETTERS.token(int(k)) for k in said) == "ihello"


# ---- 43: the formulas ----------------------------------------------------------------------------


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(0, 1, (2, 5, 3))


def weights_of(layer, x):
    """Return a layer's outputs (all steps), and its weights in float64; biases are not 0."""
    layer(x[:, :1].astype("float32"))
    random = np.random.default_rng(1)
    layer.set_weights([w + random.normal(0, 0.1, w.shape) for w in layer.get_weights()])
    return np.asarray(layer(x.astype("float32"))), [w.astype(float) for w in layer.get_weights()]


def test_a_simple_network_is_tanh_of_input_and_state(x):
    found, (w, u, b) = weights_of(SimpleRNN(4, return_sequences=True), x)
    h = np.zeros((2, 4))
    for t in range(5):
        h = np.tanh(x[:, t] @ w + h @ u + b)
        np.testing.assert_allclose(found[:, t], h, atol=1e-5)


@pytest.mark.parametrize("peepholes", [False, True])
def test_an_lstm_follows_its_gates(x, peepholes):
    layer = LSTM(4, return_sequences=True, peepholes=peepholes)
    found, (w, u, b, *looks) = weights_of(layer, x)
    p = looks[0] if peepholes else np.zeros((3, 4))
    p = np.split(p.reshape(-1), 3)
    h, c = np.zeros((2, 4)), np.zeros((2, 4))
    for t in range(5):
        i, f, g, o = np.split(x[:, t] @ w + h @ u + b, 4, axis=1)
        i, f = sigmoid(i + c * p[0]), sigmoid(f + c * p[1])  # these see the state before
        c = f * c + i * np.tanh(g)
        o = sigmoid(o + c * p[2])  # and this one the state after
        h = o * np.tanh(c)
        np.testing.assert_allclose(found[:, t], h, atol=1e-5)


def test_the_forget_gate_begins_open():
    layer = LSTM(4)
    layer(np.zeros((1, 2, 3), "float32"))
    np.testing.assert_array_equal(layer.get_weights()[2], [0] * 4 + [1] * 4 + [0] * 8)


def test_a_gru_follows_its_gates(x):
    found, (w, u, b) = weights_of(GRU(4, return_sequences=True, reset_after=False), x)
    h = np.zeros((2, 4))
    wz, wr, wh = np.split(w, 3, axis=1)
    uz, ur, uh = np.split(u, 3, axis=1)
    bz, br, bh = np.split(b, 3)
    for t in range(5):
        z = sigmoid(x[:, t] @ wz + h @ uz + bz)
        r = sigmoid(x[:, t] @ wr + h @ ur + br)
        h = z * h + (1 - z) * np.tanh(x[:, t] @ wh + (r * h) @ uh + bh)
        np.testing.assert_allclose(found[:, t], h, atol=1e-5)


# ---- 44: shapes of sequence problems -------------------------------------------------------------


def test_many_to_one_many_to_many_and_deep_networks_have_their_shapes():
    x = np.zeros((2, 7, 3), "float32")
    assert LSTM(4)(x).shape == (2, 4)
    assert LSTM(4, return_sequences=True)(x).shape == (2, 7, 4)
    deep = mm.Sequential(
        [
            mm.Input((7, 3)),
            LSTM(4, return_sequences=True),
            Dropout(0.5),
            LSTM(5, return_sequences=True),
            Dropout(0.5),
            GRU(6),
            Dense(2),
        ]
    )
    assert deep(x).shape == (2, 2)


def test_gradients_may_flow_back_five_steps_only():
    # The target is the input four steps before: five steps of gradients are enough to learn it.
    random = np.random.default_rng(0)
    x = random.normal(0, 1, (8, 200, 1)).astype("float32")
    y = np.concatenate([np.zeros((8, 4, 1)), x[:, :-4]], axis=1)
    layers = [mm.Input((None, 1)), LSTM(24, return_sequences=True), Dense(1)]
    model = mm.Sequential(layers, seed=0)
    model.compile(mm.optimizers.Adam(0.01), "mse")
    losses = model.fit(x, y, batch_size=8, epochs=40, truncate=5, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]


# ---- 45 and 46: tokens ---------------------------------------------------------------------------


def test_sentences_become_words():
    words = WordTokenizer().tokenize("Time is an illusion. Lunchtime double so!")
    assert words == ["Time", "is", "an", "illusion", "Lunchtime", "double", "so"]


def test_hyphens_stay_and_contractions_part():
    assert WordTokenizer().tokenize("home-based") == ["home-based"]
    assert WordTokenizer().tokenize("doesn't") == ["does", "n't"]
