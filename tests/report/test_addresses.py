"""Images as they stand in a page."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from maeum.report.addresses import data_address

NOISE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
DIGIT = np.zeros((28, 28), np.uint8)
DIGIT[5:20, 10:14] = 255


@pytest.mark.parametrize(
    ("pixels", "kind"), [(DIGIT, "png"), (DIGIT[..., None], "png"), (NOISE, "jpeg")]
)
def test_only_what_is_small_is_kept_without_loss(pixels, kind):
    head, _sep, data = data_address(pixels).partition(",")
    assert head == f"data:image/{kind};base64"
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
    assert shown.shape == (*pixels.shape[:2], *[3] * (pixels.shape[2:] == (3,)))
    if kind == "png":
        assert np.array_equal(shown, DIGIT)
