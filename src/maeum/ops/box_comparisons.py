"""Boxes compared: how much they overlap, and what a detector has to learn of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.settings import settings
from maeum.ops.boxes import area, convert_format


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
    union = area(first) + area(second) - shared
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
