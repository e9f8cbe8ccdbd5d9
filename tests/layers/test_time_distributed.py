import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum import layers as L
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.masks import mask_of, with_mask
from maeum.testing import check_layer


@pytest.mark.parametrize(
    ("name", "arguments", "shape", "training"),
    [
        ("Dense", {"units": 3, "activation": "relu"}, (2, 5, 4), False),
        ("Conv2D", {"filters": 2, "kernel_size": 2}, (2, 3, 5, 4, 3), False),
        ("LSTM", {"units": 3, "return_sequences": True}, (2, 3, 4, 2), False),
        ("BatchNormalization", {"momentum": 0.7}, (4, 3, 2), True),
    ],
)
def test_agrees_with_keras(agree, k, name, arguments, shape, training):
    ours = L.TimeDistributed(getattr(L, name)(**arguments))
    theirs = k.TimeDistributed(getattr(k, name)(**arguments))
    agree(ours, theirs, agree.floats(*shape), training=training)


def test_each_step_of_a_batch_normalization_moves_the_averages(k):
    x = np.random.default_rng(0).normal(2, 3, (8, 4, 3)).astype("float32")
    ours = L.TimeDistributed(L.BatchNormalization(momentum=0.5))
    theirs = k.TimeDistributed(k.BatchNormalization(momentum=0.5))
    np.testing.assert_allclose(ours(x, training=True), theirs(x, training=True), atol=1e-4)
    for one, two in zip(ours.get_weights(), theirs.get_weights()):
        np.testing.assert_allclose(one, two, atol=1e-4)


def test_averages_move_in_a_training():
    model = mm.Sequential(
        [mm.Input((3, 2)), L.TimeDistributed(L.BatchNormalization(momentum=0.5)), L.Dense(1)]
    )
    model.compile("sgd", "mse")
    model.fit(np.full((8, 3, 2), 4.0), np.zeros((8, 3, 1)), batch_size=4, verbose=0)
    mean = model.layers[0].layer.moving_mean.numpy()
    np.testing.assert_allclose(mean, 4 * (1 - 0.5**6), rtol=1e-5)  # two batches of three steps


def test_sentences_of_words():
    words = np.array([[[1, 2, 0], [3, 0, 0]], [[4, 0, 0], [0, 0, 0]]])
    x = L.Embedding(5, 4, mask_zero=True)(words)
    reader = L.LSTM(3)
    sentences = L.TimeDistributed(reader)(x)
    assert sentences.shape == (2, 2, 3)
    np.testing.assert_allclose(sentences[0, 1], reader(x[0, 1, :1][None])[0], atol=1e-6)
    assert not np.asarray(sentences[1, 1]).any()
    assert mask_of(sentences).tolist() == [[True, True], [True, False]]
    letters = L.TimeDistributed(L.LSTM(3, return_sequences=True))(x)
    assert mask_of(letters).tolist() == (words != 0).tolist()


def test_a_mask_of_the_steps_goes_on():
    mask = jnp.array([[True, False], [True, True]])
    x = with_mask(jnp.ones((2, 2, 3)), mask)
    assert mask_of(L.TimeDistributed(L.Dense(4))(x)).tolist() == mask.tolist()
    x = with_mask(jnp.ones((2, 2, 3, 3, 1)), mask)
    assert mask_of(L.TimeDistributed(L.Conv2D(4, 2))(x)).tolist() == mask.tolist()


def test_symbolic_shapes():
    assert L.TimeDistributed(L.Dense(3))(mm.Input((None, 4))).shape == (None, None, 3)
    videos = mm.Input((None, 8, 8, 1))
    assert L.TimeDistributed(L.Conv2D(2, 3))(videos).shape == (None, None, 6, 6, 2)


@pytest.mark.parametrize("inner", [L.Dense, L.Wrapper])
def test_keeps_the_contract(inner):
    make = {L.Dense: lambda: L.TimeDistributed(L.Dense(2)), L.Wrapper: lambda: Twice(L.Dense(2))}
    check_layer(make[inner], (3, 4))


class Twice(L.Wrapper):
    def call(self, x):
        return 2 * self.layer(x)


def test_bad_arguments_and_inputs():
    with pytest.raises(ConfigError, match=r"wraps a layer, such as Dense\(\.\.\.\)"):
        L.TimeDistributed(L.Dense)
    with pytest.raises(ShapeError, match="at least 3 axes"):
        L.TimeDistributed(L.Dense(3))(np.ones((2, 5)))
    with pytest.raises(ShapeError, match=r"\(batch, steps\), here \(2, 5\); got \(2, 4\)"):
        L.TimeDistributed(L.Dense(3))(np.ones((2, 5, 3)), mask=np.ones((2, 4)))


def test_the_mask_of_a_step_reaches_the_layer_inside():
    class Zeroing(L.Layer):
        supports_masking = True

        def call(self, x, mask=None):
            return x if mask is None else x * mask[:, None]

    x, mask = np.ones((2, 3, 4), "float32"), np.array([[1, 0, 1], [0, 1, 1]], bool)
    expected = x * mask[..., None]
    np.testing.assert_array_equal(L.TimeDistributed(Zeroing())(x, mask=mask), expected)
    np.testing.assert_array_equal(Zeroing()(x[:, 0], mask[:, 0]), expected[:, 0])
    # Of a Softmax a mask has one entry for each of the input, so that of the steps is not its.
    soft = L.TimeDistributed(L.Softmax())
    np.testing.assert_allclose(soft(x, mask=mask), np.full_like(x, 0.25))
