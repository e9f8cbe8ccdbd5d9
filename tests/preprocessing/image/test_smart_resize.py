"""`smart_resize` against Keras, on images wider and higher than what is wanted."""

import keras
import numpy as np
import pytest

from maeum.preprocessing.image import smart_resize


@pytest.mark.parametrize("shape", [(20, 37, 3), (2, 31, 18, 1)])
@pytest.mark.parametrize("size", [(10, 10), (7, 15), (40, 30)])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_it_cuts_and_resizes_as_keras(shape, size, data_format):
    x = np.random.default_rng(0).uniform(size=shape).astype("float32")
    x = np.moveaxis(x, -1, -3) if data_format == "channels_first" else x
    found = smart_resize(x, size, data_format=data_format)
    peer = keras.preprocessing.image.smart_resize(x, size, data_format=data_format)
    assert isinstance(found, np.ndarray)
    np.testing.assert_allclose(found, peer, atol=1e-5)


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match="batch axis"):
        smart_resize(np.zeros((4, 4)), (2, 2))
    with pytest.raises(ValueError, match="height, width"):
        smart_resize(np.zeros((4, 4, 3)), (2,))
