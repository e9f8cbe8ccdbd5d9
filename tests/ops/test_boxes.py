"""Boxes that move with their images: against NumPy's inverses."""

import numpy as np
import pytest

from maeum.core.errors import DataError
from maeum.ops.boxes import dense, moved, resized

RNG = np.random.default_rng(2)
BOXES = np.sort(RNG.uniform(0, 60, (3, 5, 2, 2)), 2).reshape(3, 5, 4).astype("float32")


@pytest.mark.parametrize("numbers", [6, 8])
def test_corners_move_by_the_inverse_of_the_transform(numbers):
    transform = RNG.normal(0, 0.2, (3, numbers)) + [1, 0, 0, 0, 1, 0, 0, 0][:numbers]
    transform[:, 6:] /= 500
    full = np.concatenate([transform, np.zeros((3, 8 - numbers)), np.ones((3, 1))], 1)
    inverse = np.linalg.inv(full.reshape(3, 3, 3))
    x1, y1, x2, y2 = np.moveaxis(BOXES, -1, 0)
    corners = np.stack([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], 2)  # xy, batch, corner, n
    corners = np.concatenate([corners, np.ones_like(corners[:1])])
    places = np.einsum("bij,jbcn->ibcn", inverse, corners)
    x, y = places[:2] / places[2:]
    expected = np.stack([x.min(1), y.min(1), x.max(1), y.max(1)], -1)
    np.testing.assert_allclose(moved(BOXES, transform), expected, rtol=1e-4, atol=1e-3)


def test_resizing_and_back():
    there = resized(BOXES, (60, 50), (30, 75))
    np.testing.assert_allclose(there, BOXES * [1.5, 0.5, 1.5, 0.5], rtol=1e-6)
    np.testing.assert_allclose(resized(there, (30, 75), (60, 50)), BOXES, rtol=1e-5)
    # A square of 60 pixels fits twice as large into 120 by 200, with 40 to either side.
    padded = resized(BOXES, (60, 60), (120, 200), "pad")
    np.testing.assert_allclose(padded, BOXES * 2 + [40, 0, 40, 0], rtol=1e-6)
    # To cover it, it becomes 200 by 200, of whose rows 40 are cut off above and below.
    cut = resized(BOXES, (60, 60), (120, 200), "crop")
    np.testing.assert_allclose(cut, BOXES * (200 / 60) - [0, 40, 0, 40], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("boxes", [BOXES, {"boxes": BOXES}, {"labels": [1]}])
def test_boxes_have_labels(boxes):
    with pytest.raises(DataError, match="labels"):
        dense(boxes)
