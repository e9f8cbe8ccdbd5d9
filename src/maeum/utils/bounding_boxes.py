"""Boxes around the objects of an image: their formats, changed, cut off, compared.

Boxes are arrays of shape ``(..., 4)``. Their format says what the four numbers are:

- ``"xyxy"``: left, top, right, bottom; ``"yxyx"``: top, left, bottom, right;
- ``"xywh"``: left, top, width, height;
- ``"center_xywh"``: the centre's x and y, width, height; ``"center_yxhw"``: y, x, height, width;
- with ``"rel_"`` in front, as fractions of the width and the height of the image.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.settings import settings

__all__ = [
    "affine_transform", "clip_to_image_size", "compute_ciou", "compute_iou", "convert_format",
    "crop", "decode_deltas_to_boxes", "encode_box_to_deltas", "pad",
]  # fmt: skip

_Numbers = tuple[Any, Any, Any, Any]
# How each format becomes left, top, right, bottom, and the other way round.
_TO_CORNERS: dict[str, Callable[..., _Numbers]] = {
    "xyxy": lambda x1, y1, x2, y2: (x1, y1, x2, y2),
    "yxyx": lambda y1, x1, y2, x2: (x1, y1, x2, y2),
    "xywh": lambda x, y, w, h: (x, y, x + w, y + h),
    "center_xywh": lambda x, y, w, h: (x - w / 2, y - h / 2, x + w / 2, y + h / 2),
    "center_yxhw": lambda y, x, h, w: (x - w / 2, y - h / 2, x + w / 2, y + h / 2),
}
_FROM_CORNERS: dict[str, Callable[..., _Numbers]] = {
    "xyxy": lambda x1, y1, x2, y2: (x1, y1, x2, y2),
    "yxyx": lambda x1, y1, x2, y2: (y1, x1, y2, x2),
    "xywh": lambda x1, y1, x2, y2: (x1, y1, x2 - x1, y2 - y1),
    "center_xywh": lambda x1, y1, x2, y2: ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1),
    "center_yxhw": lambda x1, y1, x2, y2: ((y1 + y2) / 2, (x1 + x2) / 2, y2 - y1, x2 - x1),
}
FORMATS = (*_TO_CORNERS, "rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh")


def _parts(boxes: jax.Array) -> list[jax.Array]:
    if boxes.shape[-1:] != (4,):
        raise ShapeError("Boxes have four numbers along their last axis; got shape {shape}.",
                         shape=tuple(boxes.shape))  # fmt: skip
    return [boxes[..., i] for i in range(4)]


def convert_format(
    boxes: Any,
    source: str,
    target: str,
    height: Any = None,
    width: Any = None,
    dtype: Any = "float32",
) -> Any:
    """Return boxes in another format.

    Args:
        boxes: of shape ``(..., 4)``; or a dict that has them as ``"boxes"``.
        source: their format.
        target: the format that is wanted.
        height: of the images, in pixels, between relative and absolute formats.
        width: likewise.
        dtype: the dtype of the result.

    Raises:
        ConfigError: for an unknown format, or one that needs the size of the images.
        ShapeError: for another last axis.

    Example:
        >>> convert_format([[10.0, 20.0, 30.0, 60.0]], "xyxy", "rel_xywh", 100, 200).tolist()
        [[0.05000000074505806, 0.20000000298023224, 0.10000000894069672, 0.40000003576278687]]
    """
    if isinstance(boxes, Mapping):
        found = convert_format(boxes["boxes"], source, target, height, width, dtype)
        return {**boxes, "boxes": found}
    source, target = source.lower(), target.lower()
    for format in (source, target):
        check_choice(format, FORMATS, "The format of boxes")
    relative = [format.startswith("rel_") for format in (source, target)]
    if any(relative) and (height is None or width is None):
        raise ConfigError("Between {source!r} and {target!r} the height and the width of the "
                          "images are needed.", source=source, target=target)  # fmt: skip
    numbers = _parts(jnp.asarray(boxes, dtype))
    corners = _TO_CORNERS[source.removeprefix("rel_")](*numbers)
    if relative[0] != relative[1]:
        h, w = jnp.asarray(height, dtype), jnp.asarray(width, dtype)
        corners = tuple(  # type: ignore[assignment]
            n * size if relative[0] else n / size for n, size in zip(corners, (w, h, w, h))
        )
    return jnp.stack(_FROM_CORNERS[target.removeprefix("rel_")](*corners), -1)


def clip_to_image_size(
    bounding_boxes: Mapping[str, Any],
    height: Any = None,
    width: Any = None,
    bounding_box_format: str = "xyxy",
) -> dict[str, Any]:
    """Return boxes cut off at the border of the image; labels of what is outside become -1.

    Args:
        bounding_boxes: a dict with ``"boxes"``, and perhaps ``"labels"``.
        height: of the images, in pixels.
        width: likewise.
        bounding_box_format: ``"xyxy"`` or ``"rel_xyxy"``.

    Raises:
        ConfigError: for another format, or pixels without the size of the images.
    """
    check_choice(bounding_box_format, ("xyxy", "rel_xyxy"), "bounding_box_format")
    if bounding_box_format == "rel_xyxy":
        height = width = 1.0
    elif height is None or width is None:
        raise ConfigError("Boxes in pixels are clipped to height and width; give both.")
    boxes = _clipped(_parts(jnp.asarray(bounding_boxes["boxes"])), height, width)
    result = {**bounding_boxes, "boxes": boxes}
    if bounding_boxes.get("labels") is not None:
        inside = _area(boxes) > 0
        result["labels"] = jnp.where(inside, jnp.asarray(bounding_boxes["labels"]), -1)
    return result


def _clipped(corners: list[jax.Array], height: Any, width: Any) -> jax.Array:
    sizes = (width, height, width, height)
    return jnp.stack([jnp.clip(n, 0, jnp.asarray(s)) for n, s in zip(corners, sizes)], -1)


def _area(boxes: jax.Array) -> jax.Array:
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def crop(
    boxes: Any, top: Any, left: Any, height: Any, width: Any, bounding_box_format: str = "xyxy"
) -> jax.Array:
    """Return boxes ``"xyxy"`` as they are in a part of the image, cut off at its border.

    Args:
        boxes: in pixels of the whole image.
        top, left: where the part begins.
        height, width: how large it is.
        bounding_box_format: only ``"xyxy"``.
    """
    check_choice(bounding_box_format, ("xyxy",), "bounding_box_format")
    x1, y1, x2, y2 = _parts(jnp.asarray(boxes))
    return _clipped([x1 - left, y1 - top, x2 - left, y2 - top], height, width)


def pad(
    boxes: Any,
    top: Any,
    left: Any,
    height: Any = None,
    width: Any = None,
    bounding_box_format: str = "xyxy",
) -> jax.Array:
    """Return boxes ``"xyxy"`` as they are in an image that was padded at its top and its left.

    Args:
        boxes: in pixels of the image before.
        top, left: by how many pixels it was padded.
        height, width: accepted as Keras's; the boxes do not depend on them.
        bounding_box_format: only ``"xyxy"``.
    """
    check_choice(bounding_box_format, ("xyxy",), "bounding_box_format")
    x1, y1, x2, y2 = _parts(jnp.asarray(boxes))
    return jnp.stack([x1 + left, y1 + top, x2 + left, y2 + top], -1)


def affine_transform(
    boxes: Any,
    angle: Any,
    translate_x: Any,
    translate_y: Any,
    scale: Any,
    shear_x: Any,
    shear_y: Any,
    height: int,
    width: int,
    center_x: Any = None,
    center_y: Any = None,
    bounding_box_format: str = "xyxy",
) -> jax.Array:
    """Return the boxes around what boxes become when their images are turned, moved and sheared.

    Args:
        boxes: ``(batch, n, 4)``, in pixels.
        angle: in degrees, counterclockwise; one for each image, as all that follow.
        translate_x, translate_y: how far it is moved, as fractions of the width and the height.
        scale: how much larger it becomes.
        shear_x, shear_y: in degrees.
        height, width: of the images, in pixels.
        center_x, center_y: what it is turned around, as fractions; the middle by default.
        bounding_box_format: only ``"xyxy"``.

    Returns:
        ``(batch, n, 4)``: the smallest upright boxes around the four corners.
    """
    check_choice(bounding_box_format, ("xyxy",), "bounding_box_format")
    turn, across, along = (-jnp.deg2rad(jnp.asarray(a, "float32")) for a in
                           (angle, shear_x, shear_y))  # fmt: skip
    cx = (0.5 if center_x is None else jnp.asarray(center_x)) * (width - 1)
    cy = (0.5 if center_y is None else jnp.asarray(center_y)) * (height - 1)
    from_x = cx - jnp.asarray(translate_x) * (width - 1)
    from_y = cy - jnp.asarray(translate_y) * (height - 1)
    # Rotation after shears, whose determinant is 1; its inverse, scaled.
    a = jnp.cos(turn - along) / jnp.cos(along)
    b = a * jnp.tan(across) + jnp.sin(turn)
    c = -jnp.sin(turn - along) / jnp.cos(along)
    d = jnp.cos(turn) - c * jnp.tan(across)
    (a0, a1), (b0, b1) = (d * scale, -b * scale), (-c * scale, a * scale)
    matrix = jnp.stack(
        [
            jnp.stack([a0, a1, cx - a0 * from_x - a1 * from_y], -1),
            jnp.stack([b0, b1, cy - b0 * from_x - b1 * from_y], -1),
        ],
        -2,
    )  # (batch, 2, 3)
    x1, y1, x2, y2 = _parts(jnp.asarray(boxes, matrix.dtype))
    corners = [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]
    points = jnp.stack([jnp.stack([x, y, jnp.ones_like(x)], -1) for x, y in corners], -2)
    moved = jnp.einsum("bnpk,bik->bnpi", points, matrix)
    return jnp.concatenate([moved.min(2), moved.max(2)], -1)


def encode_box_to_deltas(
    anchors: Any,
    boxes: Any,
    anchor_format: str,
    box_format: str,
    encoding_format: str = "center_yxhw",
    variance: Any = None,
    image_shape: tuple[int, int, int] | None = None,
) -> jax.Array:
    """Return what a detector has to learn: boxes relative to its anchors.

    Centres are differences in units of the anchor's size, sizes are logarithms of ratios (Ren et
    al. 2015, "Faster R-CNN").

    Args:
        anchors: ``(n, 4)``.
        boxes: ``(n, 4)`` or ``(batch, n, 4)``.
        anchor_format, box_format: their formats.
        encoding_format: ``"center_xywh"`` or ``"center_yxhw"``: the order of the deltas.
        variance: four numbers that the deltas are divided by, or None.
        image_shape: ``(height, width, channels)``, for relative formats.

    Example:
        >>> deltas = encode_box_to_deltas([[0, 0, 2, 2]], [[1, 0, 3, 2]], "xyxy", "xyxy")
        >>> decode_deltas_to_boxes([[0, 0, 2, 2]], deltas, "xyxy", "xyxy").tolist()
        [[1.0, 0.0, 3.0, 2.0]]
    """
    check_choice(encoding_format, ("center_xywh", "center_yxhw"), "encoding_format")
    height, width = (None, None) if image_shape is None else image_shape[:2]
    anchor = convert_format(anchors, anchor_format, encoding_format, height, width)
    box = convert_format(boxes, box_format, encoding_format, height, width)
    sizes = jnp.maximum(anchor[..., 2:], settings.epsilon)
    ratios = jnp.maximum(box[..., 2:], settings.epsilon) / sizes
    deltas = [(box[..., :2] - anchor[..., :2]) / sizes, jnp.log(ratios)]
    return jnp.concatenate(deltas, -1) / _checked_variance(variance)


def decode_deltas_to_boxes(
    anchors: Any,
    boxes_delta: Any,
    anchor_format: str,
    box_format: str,
    encoded_format: str = "center_yxhw",
    variance: Any = None,
    image_shape: tuple[int, int, int] | None = None,
) -> Any:
    """Return the boxes that deltas stand for; the inverse of `encode_box_to_deltas`.

    Args:
        anchors: ``(n, 4)``, or a dict of them by level.
        boxes_delta: ``(n, 4)`` or ``(batch, n, 4)``, or a dict of them by level.
        anchor_format, box_format: the format of the anchors, and of the result.
        encoded_format: ``"center_xywh"`` or ``"center_yxhw"``: the order of the deltas.
        variance: what they were divided by, or None.
        image_shape: ``(height, width, channels)``, for relative formats.
    """
    check_choice(encoded_format, ("center_xywh", "center_yxhw"), "encoded_format")
    if isinstance(anchors, Mapping):
        return {
            level: decode_deltas_to_boxes(
                anchor, boxes_delta[level], anchor_format, box_format, encoded_format, variance,
                image_shape,
            )
            for level, anchor in anchors.items()
        }  # fmt: skip
    height, width = (None, None) if image_shape is None else image_shape[:2]
    anchor = convert_format(anchors, anchor_format, encoded_format, height, width)
    delta = jnp.asarray(boxes_delta) * _checked_variance(variance)
    centre = delta[..., :2] * anchor[..., 2:] + anchor[..., :2]
    box = jnp.concatenate([centre, jnp.exp(delta[..., 2:]) * anchor[..., 2:]], -1)
    return convert_format(box, encoded_format, box_format, height, width)


def _checked_variance(variance: Any) -> jax.Array:
    given = jnp.ones(4) if variance is None else jnp.asarray(variance, "float32")
    if given.shape[-1:] != (4,):
        raise ShapeError("variance has four numbers, one for each delta; got shape {shape}.",
                         shape=tuple(given.shape))  # fmt: skip
    return given


def compute_iou(
    boxes1: Any,
    boxes2: Any,
    bounding_box_format: str,
    use_masking: bool = False,
    mask_val: float = -1,
    image_shape: tuple[int, int, int] | None = None,
) -> jax.Array:
    """Return how much each of some boxes and each of others overlap: intersection over union.

    Args:
        boxes1: ``(n, 4)`` or ``(batch, n, 4)``.
        boxes2: ``(m, 4)`` or ``(batch, m, 4)``.
        bounding_box_format: the format of both.
        use_masking: whether boxes of negative numbers alone, which fill up a batch, are told apart.
        mask_val: what stands for pairs with such a box.
        image_shape: ``(height, width, channels)``, for relative formats.

    Returns:
        ``(n, m)``, or ``(batch, n, m)`` if one of them is batched.

    Example:
        >>> round(float(compute_iou([[0, 0, 2, 2]], [[1, 0, 3, 2]], "xyxy")[0, 0]), 4)
        0.3333
    """
    one, two = (_corners(b, bounding_box_format, image_shape) for b in (boxes1, boxes2))
    for boxes in (one, two):
        if boxes.ndim not in (2, 3):
            raise ShapeError("Boxes to compare are (n, 4) or (batch, n, 4); got shape {shape}.",
                             shape=tuple(boxes.shape))  # fmt: skip
    first, second = one[..., :, None, :], two[..., None, :, :]
    low = jnp.maximum(first[..., :2], second[..., :2])
    high = jnp.minimum(first[..., 2:], second[..., 2:])
    shared = jnp.prod(jnp.maximum(high - low, 0), -1)
    union = _area(first) + _area(second) - shared
    overlap = shared / (union + settings.epsilon)
    if not use_masking:
        return overlap
    filling = (first.max(-1) < 0) | (second.max(-1) < 0)
    return jnp.where(filling, jnp.asarray(mask_val, overlap.dtype), overlap)


def _corners(boxes: Any, format: str, image_shape: Any) -> jax.Array:
    if "rel" in format and image_shape is None:
        raise ConfigError("Relative boxes ({format!r}) are compared in pixels: give image_shape.",
                          format=format)  # fmt: skip
    height, width = (None, None) if image_shape is None else image_shape[:2]
    return convert_format(boxes, format, "xyxy", height, width)


def compute_ciou(
    boxes1: Any,
    boxes2: Any,
    bounding_box_format: str,
    image_shape: tuple[int, int, int] | None = None,
) -> jax.Array:
    """Return the complete intersection over union of pairs of boxes (Zheng et al. 2020).

    It falls with the distance of the centres and with the difference of the aspect ratios, too.

    Args:
        boxes1: ``(..., 4)``.
        boxes2: ``(..., 4)``: box by box those that ``boxes1`` are compared with.
        bounding_box_format: the format of both.
        image_shape: ``(height, width, channels)``, for relative formats.

    Returns:
        One number, at most 1, for each pair.
    """
    tiny = settings.epsilon
    one, two = (_corners(b, bounding_box_format, image_shape) for b in (boxes1, boxes2))
    low, high = jnp.maximum(one[..., :2], two[..., :2]), jnp.minimum(one[..., 2:], two[..., 2:])
    shared = jnp.prod(jnp.maximum(high - low, 0), -1)
    sizes = [box[..., 2:] - box[..., :2] for box in (one, two)]
    (w1, h1), (w2, h2) = ((size[..., 0], size[..., 1] + tiny) for size in sizes)
    overlap = shared / (w1 * h1 + w2 * h2 - shared + 2 * tiny)
    around = jnp.maximum(one[..., 2:], two[..., 2:]) - jnp.minimum(one[..., :2], two[..., :2])
    between = (one[..., :2] + one[..., 2:] - two[..., :2] - two[..., 2:]) / 2
    distance = jnp.sum(between**2, -1) / (jnp.sum(around**2, -1) + tiny)
    aspect = 4 / math.pi**2 * (jnp.arctan(w2 / h2) - jnp.arctan(w1 / h1)) ** 2
    return overlap - distance - aspect * aspect / (aspect - overlap + 1 + tiny)
