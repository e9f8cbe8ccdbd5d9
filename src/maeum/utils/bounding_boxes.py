"""Boxes around the objects of an image: their formats, changed, cut off, compared.

Boxes are arrays of shape ``(..., 4)``. Their format says what the four numbers are:

- ``"xyxy"``: left, top, right, bottom; ``"yxyx"``: top, left, bottom, right;
- ``"xywh"``: left, top, width, height;
- ``"center_xywh"``: the centre's x and y, width, height; ``"center_yxhw"``: y, x, height, width;
- with ``"rel_"`` in front, as fractions of the width and the height of the image.
"""

from maeum.ops.box_comparisons import (
    compute_ciou,
    compute_iou,
    decode_deltas_to_boxes,
    encode_box_to_deltas,
)
from maeum.ops.boxes import FORMATS as FORMATS
from maeum.ops.boxes import affine_transform, clip_to_image_size, convert_format, crop, pad

__all__ = [
    "affine_transform", "clip_to_image_size", "compute_ciou", "compute_iou", "convert_format",
    "crop", "decode_deltas_to_boxes", "encode_box_to_deltas", "pad",
]  # fmt: skip
