"""Cases of ``docs/differences.md`` in which Maeum is better on purpose, where no other test is."""

import keras
import numpy as np

from maeum.core.masks import mask_of
from maeum.layers import LSTM


def test_a_mask_is_reversed_with_its_sequence():
    x = np.random.default_rng(0).normal(size=(1, 5, 3)).astype("float32")
    mask = np.array([[False, False, True, True, True]])
    options = {"go_backwards": True, "return_sequences": True}
    found = LSTM(4, **options)(x, mask=mask)
    np.testing.assert_array_equal(mask_of(found), mask[:, ::-1])  # the outputs are reversed, too
    assert (np.asarray(found)[0, 2:] == np.asarray(found)[0, 2]).all()  # after the last step
    peer = keras.layers.LSTM(4, **options)
    peer.build(x.shape)
    np.testing.assert_array_equal(peer.compute_mask(x, mask), mask)
