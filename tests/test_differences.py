"""Cases of ``docs/differences.md`` in which Maeum is better on purpose, where no other test is."""

import keras
import numpy as np

import maeum as mm


def test_a_mask_is_reversed_with_its_sequence():
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    mask = np.array([[False, False, True, True, True], [True, True, True, False, False]])
    layer = mm.layers.Bidirectional(mm.layers.LSTM(4))
    masked = np.asarray(layer(x, mask=mask))
    np.testing.assert_allclose(masked[:1], layer(x[:1, 2:]), atol=1e-6)
    np.testing.assert_allclose(masked[1:], layer(x[1:, :3]), atol=1e-6)
    peer = keras.layers.Bidirectional(keras.layers.LSTM(4))
    peer.build(x.shape)
    peer.set_weights(layer.get_weights())
    assert abs(np.asarray(peer(x[:1], mask=mask[:1])) - masked[:1]).max() > 1e-3
