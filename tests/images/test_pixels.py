"""Pixels of any kind become bytes of one colour mode."""

import numpy as np
import pytest
from PIL import Image

from maeum.core.errors import DataError
from maeum.images import ImageSet
from maeum.images.pixels import as_bytes


@pytest.mark.parametrize(
    ("dtype", "scale", "last"),
    [("uint8", 255, 200), ("float32", 1, 200), ("float64", 255, 200), ("int64", 255, 200),
     ("uint16", 65535, 200)],
)  # fmt: skip
def test_pixels_of_any_kind_become_bytes(dtype, scale, last):
    value = last / 255 * scale
    pixels = np.array([0, value, scale]).astype(dtype).reshape(3, 1, 1, 1)
    found = as_bytes(ImageSet(pixels=pixels), "grayscale").pixels
    assert found.ravel().tolist() == [0, last, 255]


def test_colours_are_converted_as_pillow_does():
    x = np.random.default_rng(0).integers(0, 256, (2, 5, 4, 3), dtype=np.uint8)
    grey = as_bytes(ImageSet(pixels=x), "grayscale").pixels
    for ours, pixels in zip(grey, x):
        theirs = np.asarray(Image.fromarray(pixels).convert("L"))
        assert np.abs(ours[..., 0].astype(int) - theirs).max() <= 1
    np.testing.assert_array_equal(
        as_bytes(ImageSet(pixels=x[..., :1]), "rgb").pixels, np.repeat(x[..., :1], 3, axis=3)
    )
    glass = np.concatenate([x, np.zeros_like(x[..., :1])], axis=3)
    assert as_bytes(ImageSet(pixels=glass), "rgb").pixels.min() == 255


def test_pixels_of_no_known_scale():
    with pytest.raises(DataError, match="go from -3 to 7"):
        as_bytes(ImageSet(pixels=np.array([-3.0, 7.0]).reshape(2, 1, 1, 1)), None)
