"""Bounding boxes against Keras, on drawn boxes."""

import itertools

import keras
import numpy as np
import pytest

from maeum.utils import bounding_boxes as ours

theirs = keras.utils.bounding_boxes
RNG = np.random.default_rng(5)
CORNERS = np.sort(RNG.uniform(0, 60, (2, 5, 2, 2)), 2).reshape(2, 5, 4).astype("float32")
FORMATS = ours.FORMATS


def close(name, *args, **kwargs):
    mine, peer = (getattr(room, name)(*args, **kwargs) for room in (ours, theirs))
    np.testing.assert_allclose(mine, peer, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("formats", list(itertools.product(FORMATS, FORMATS)), ids=" to ".join)
def test_formats(formats):
    source, target = formats
    boxes = np.asarray(ours.convert_format(CORNERS, "xyxy", source, 50, 80))
    close("convert_format", boxes, source, target, height=50, width=80)


def test_cutting_and_moving():
    close("crop", CORNERS, 3, 4, 20, 30)
    close("pad", CORNERS, 3, 4)
    labels = np.arange(10).reshape(2, 5)
    for format, boxes in (("xyxy", CORNERS - 20), ("rel_xyxy", CORNERS / 40 - 0.5)):
        made = [
            room.clip_to_image_size({"boxes": np.float32(boxes), "labels": labels}, 20, 30, format)
            for room in (ours, theirs)
        ]
        for key in ("boxes", "labels"):
            np.testing.assert_allclose(made[0][key], made[1][key], rtol=1e-5)


def test_turning():
    two = [np.float32(RNG.uniform(-0.3, 0.3, 2)) for _ in range(2)]
    angles = [np.float32(RNG.uniform(-40, 40, 2)) for _ in range(3)]
    scale = np.float32([0.8, 1.3])
    close("affine_transform", CORNERS, angles[0], *two, scale, *angles[1:], 50, 80)
    close("affine_transform", CORNERS, angles[0], *two, scale, *angles[1:], 50, 80, 0.2, 0.7)


@pytest.mark.parametrize("encoding", ["center_xywh", "center_yxhw"])
@pytest.mark.parametrize("variance", [None, [0.1, 0.1, 0.2, 0.2]])
def test_deltas(encoding, variance):
    anchors = CORNERS[0]
    arguments = ("xyxy", "yxyx", encoding, variance, (50, 80, 3))
    close("encode_box_to_deltas", anchors, CORNERS, *arguments)
    deltas = ours.encode_box_to_deltas(anchors, CORNERS, *arguments)
    close("decode_deltas_to_boxes", anchors, np.asarray(deltas), *arguments)
    back = ours.decode_deltas_to_boxes({3: anchors}, {3: deltas}, *arguments)
    np.testing.assert_allclose(back[3], CORNERS, rtol=1e-3, atol=1e-3)


def test_overlap():
    other = CORNERS[::-1, :3] + 5
    close("compute_iou", CORNERS, other, "xyxy")
    close("compute_iou", CORNERS[0], other[0], "yxyx")
    padded = np.concatenate([CORNERS, np.full((2, 1, 4), -1, "float32")], 1)
    close("compute_iou", padded, other, "xyxy", use_masking=True, mask_val=-7)
    close("compute_ciou", CORNERS, CORNERS[::-1] + 3, "xyxy")
    with pytest.raises(ValueError, match="image_shape"):
        ours.compute_iou(CORNERS, CORNERS, "rel_xyxy")
    with pytest.raises(ValueError, match="four numbers"):
        ours.convert_format(CORNERS[..., :3], "xyxy", "xywh")
