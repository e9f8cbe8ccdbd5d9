import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum import layers as L
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.masks import mask_of, with_mask
from maeum.testing import check_layer

MASK = np.array([[1, 1, 0, 1, 0], [0, 1, 1, 0, 0], [0, 0, 0, 0, 0]], bool)


@pytest.mark.parametrize(
    ("mode", "sequences", "state", "masked", "given"),
    [
        ("concat", True, True, True, True),
        ("ave", False, False, True, False),
        (None, True, True, False, False),
    ],
)
def test_agrees_with_keras(agree, k, mode, sequences, state, masked, given):
    x = agree.floats(3, 5, 4)

    def make(layers):
        inner = layers.GRU(3, return_sequences=sequences, return_state=state, name="g")
        return layers.Bidirectional(inner, merge_mode=mode)

    states = [agree.floats(3, 3) for _ in range(2)] if given else None
    agree(make(L), make(k), x, mask=MASK if masked else None, initial_state=states)


def test_a_backward_layer_of_another_kind_agrees_with_keras(agree, k):
    def make(layers):
        backward = layers.GRU(3, go_backwards=True, activation="relu")
        return layers.Bidirectional(layers.LSTM(3), backward_layer=backward)

    agree(make(L), make(k), agree.floats(3, 5, 4))


def test_ways_to_merge():
    x = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    apart = L.Bidirectional(L.GRU(2, return_sequences=True), merge_mode=None)
    one, two = (np.asarray(y) for y in apart(x))
    for mode, expected in (("sum", one + two), ("mul", one * two), ("ave", (one + two) / 2)):
        layer = L.Bidirectional(L.GRU(2, return_sequences=True), merge_mode=mode)
        layer.build(x.shape)
        layer.set_weights(apart.get_weights())
        np.testing.assert_allclose(layer(x), expected, atol=1e-6)


def test_masks_go_on():
    x = with_mask(jnp.ones((3, 5, 4)), jnp.asarray(MASK))
    output = L.Bidirectional(L.LSTM(2, return_sequences=True))(x)
    assert mask_of(output).tolist() == MASK.tolist()
    assert not np.asarray(output)[~MASK].any()
    assert mask_of(L.Bidirectional(L.LSTM(2))(x)) is None
    both = L.Bidirectional(L.LSTM(2, return_sequences=True), merge_mode=None)(x)
    assert [mask_of(one).tolist() for one in both] == [MASK.tolist()] * 2


def test_two_new_layers_are_made():
    inner = L.LSTM(3, kernel_regularizer="l2", name="reader")
    inner.build((None, None, 2))
    layer = L.Bidirectional(inner)
    layer.build((None, None, 2))
    assert (layer.forward_layer.name, layer.backward_layer.name) == (
        "forward_reader",
        "backward_reader",
    )
    assert layer.backward_layer.go_backwards
    assert not set(layer.weights) & set(inner.weights)
    weights = [w + 1 for w in layer.get_weights()]
    again = L.Bidirectional(L.LSTM(3), weights=weights)
    again.build((None, None, 2))
    np.testing.assert_array_equal(again.get_weights()[4], weights[4])


def test_stateful_layers_go_on_and_are_reset():
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    layer = L.Bidirectional(L.GRU(3, stateful=True), batch_input_shape=(2, None, 4))
    first, second = layer(x), layer(x)
    assert not np.allclose(first, second)
    layer.reset_states()
    np.testing.assert_array_equal(layer(x), first)


def test_a_tagger_is_saved_and_loaded(tmp_path):
    words = np.array([[1, 2, 3, 0], [4, 1, 0, 0]])
    model = mm.Sequential(
        [
            mm.Input((None,), dtype="int32"),
            L.Embedding(5, 4, mask_zero=True),
            L.Bidirectional(L.LSTM(3, return_sequences=True)),
            L.TimeDistributed(L.Dense(2, activation="softmax")),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(words, np.zeros((2, 4), int), epochs=1, verbose=0)
    model.save(tmp_path / "tagger.maeum")
    loaded = mm.load_model(tmp_path / "tagger.maeum")
    np.testing.assert_array_equal(loaded.predict(words), model.predict(words))


def test_keeps_the_contract():
    make = lambda: L.Bidirectional(L.SimpleRNN(3, return_sequences=True), merge_mode="sum")  # noqa: E731
    check_layer(make, (4, 2), skip=("gradients", "vmap"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: L.Bidirectional(L.Dense(3)), "a recurrent layer, such as"),
        (lambda: L.Bidirectional(L.LSTM(3), merge_mode="max"), "merge_mode is one of 'concat'"),
        (lambda: L.Bidirectional(L.LSTM(3), backward_layer=L.GRU(3)), "go_backwards=False for"),
        (
            lambda: L.Bidirectional(
                L.LSTM(3), backward_layer=L.GRU(3, go_backwards=True, return_sequences=True)
            ),
            "same return_sequences; got False and True",
        ),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


def test_bad_inputs():
    x, h = np.ones((2, 5, 4)), np.ones((2, 3))
    with pytest.raises(ShapeError, match="states of both layers"):
        L.Bidirectional(L.GRU(3))(x, initial_state=[h])
    with pytest.raises(ShapeError, match=r"states of the shapes .*got"):
        L.Bidirectional(L.LSTM(3))(x, initial_state=[h, h])
    with pytest.raises(ShapeError, match="3 axes"):
        L.Bidirectional(L.LSTM(3))(np.ones((2, 5)))
    wider = L.GRU(4, go_backwards=True)
    assert L.Bidirectional(L.GRU(3), backward_layer=wider)(x).shape == (2, 7)
    with pytest.raises(ShapeError, match=r"one shape .*\(2, 3\) and \(2, 4\)"):
        L.Bidirectional(L.GRU(3), "sum", backward_layer=wider)(x)
