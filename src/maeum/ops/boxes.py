"""Boxes around the objects of an image: their formats, cut off, moved with the image.

Boxes are arrays of shape ``(..., 4)``. Their format says what the four numbers are:

- ``"xyxy"``: left, top, right, bottom; ``"yxyx"``: top, left, bottom, right;
- ``"xywh"``: left, top, width, height;
- ``"center_xywh"``: the centre's x and y, width, height; ``"center_yxhw"``: y, x, height, width;
- with ``"rel_"`` in front, as fractions of the width and the height of the image.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.ops.images import middle_window

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
        labels, inside = jnp.asarray(bounding_boxes["labels"]), area(boxes) > 0
        if labels.ndim > inside.ndim and labels.shape[: inside.ndim] == inside.shape:
            inside = inside[..., None]  # labels with one number for each class
        result["labels"] = jnp.where(inside, labels, -1)
    return result


def _clipped(corners: list[jax.Array], height: Any, width: Any) -> jax.Array:
    sizes = (width, height, width, height)
    return jnp.stack([jnp.clip(n, 0, jnp.asarray(s)) for n, s in zip(corners, sizes)], -1)


def area(boxes: jax.Array) -> jax.Array:
    """Return the areas of boxes ``"xyxy"``."""
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
    return _around_corners(jnp.asarray(boxes, matrix.dtype), matrix)


def _around_corners(boxes: jax.Array, matrix: jax.Array) -> jax.Array:
    """Return the boxes around the four corners after ``matrix``: (batch, 2 or 3, 3)."""
    x1, y1, x2, y2 = _parts(boxes)
    corners = [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]
    points = jnp.stack([jnp.stack([x, y, jnp.ones_like(x)], -1) for x, y in corners], -2)
    moved = jnp.einsum("bnpk,bik->bnpi", points, matrix)
    if matrix.shape[1] == 3:
        depth = moved[..., 2:]
        moved = moved[..., :2] / jnp.where(depth == 0, jnp.finfo(depth.dtype).tiny, depth)
    return jnp.concatenate([moved.min(2), moved.max(2)], -1)


# ---- with their images ---------------------------------------------------------------------------
# As in Keras, the middle of the first pixel and the corner of the image are one place, (0, 0), for
# what `moved` moves.


def moved(boxes: jax.Array, transform: Any) -> jax.Array:
    """Return boxes as their images are moved by `maeum.ops.image.affine_transform`.

    Args:
        boxes: ``(batch, n, 4)`` as ``"xyxy"``, in pixels.
        transform: the six or eight numbers for each image, which lead from a place in the new
            image to one in the old: ``(batch, 6)`` or ``(batch, 8)``.

    Returns:
        ``(batch, n, 4)``: the smallest upright boxes around the four corners, not cut off.

    Example:
        >>> to_the_left = jnp.array([[1, 0, 10, 0, 1, 0]])
        >>> moved(jnp.array([[[10.0, 20.0, 30.0, 40.0]]]), to_the_left).tolist()
        [[[0.0, 20.0, 20.0, 40.0]]]
    """
    transform = jnp.asarray(transform, jnp.float32)
    transform = transform.reshape(-1, transform.shape[-1])
    last = transform[:, 6:8] if transform.shape[1] > 6 else jnp.zeros_like(transform[:, :2])
    rows = transform[:, :3], transform[:, 3:6], jnp.pad(last, ((0, 0), (0, 1)), constant_values=1.0)
    # The inverse but for a factor, which a projection does not see.
    columns = [jnp.cross(rows[i], rows[(i + 1) % 3]) for i in (1, 2, 0)]
    return _around_corners(boxes, jnp.stack(columns, -1))


def resized(
    boxes: jax.Array, old: tuple[Any, Any], new: tuple[int, int], keep: str | None = None
) -> jax.Array:
    """Return boxes ``"xyxy"`` as their images are resized by the layer `Resizing`.

    Args:
        boxes: in pixels.
        old: the height and the width of the images before.
        new: those of the images afterwards.
        keep: how the aspect ratio is kept: by ``"crop"`` or ``"pad"``, or None if it is not.
    """
    down, right = (after / jnp.asarray(before, boxes.dtype) for before, after in zip(old, new))
    if keep is not None:
        down = right = (jnp.maximum if keep == "crop" else jnp.minimum)(down, right)
    # Whole pixels of the new image, as in Keras; negative for a crop.
    border_y, border_x = (
        jnp.trunc((after - before * scale) / 2) if keep else 0
        for before, after, scale in zip(old, new, (down, right))
    )
    x1, y1, x2, y2 = _parts(boxes)
    return jnp.stack(
        [x1 * right + border_x, y1 * down + border_y, x2 * right + border_x, y2 * down + border_y],
        -1,
    )


def middle_resized(boxes: jax.Array, old: tuple[int, int], new: tuple[int, int]) -> jax.Array:
    """Return boxes ``"xyxy"`` in the middle part of their images, which is resized.

    Args:
        boxes: in pixels.
        old: the height and the width of the images before.
        new: those that the largest middle part of this aspect ratio is resized to.
    """
    top, left, height, width = middle_window(*old, *new)
    return resized(crop(boxes, top, left, height, width), (height, width), new)


def filling(boxes: jax.Array) -> jax.Array:
    """Return which boxes only fill up a row, ``(..., 1)``: those of zeros, or of -1 alone."""
    return (boxes == 0).all(-1, keepdims=True) | (boxes == -1).all(-1, keepdims=True)


def dense(bounding_boxes: Any) -> dict[str, Any]:
    """Return bounding boxes with arrays as ``"boxes"`` and ``"labels"``, or say what is wrong.

    Args:
        bounding_boxes: a dict with ``"boxes"``, ``(n, 4)`` or ``(batch, n, 4)``, and ``"labels"``,
            ``(n,)`` or ``(batch, n)``, perhaps with an axis of classes behind. Lists with another
            number of boxes for each image are filled up with boxes of zeros and the label -1.

    Raises:
        DataError: for something else than such a dict.
        ShapeError: for arrays of other shapes.

    Example:
        >>> found = dense({"boxes": [[[1, 2, 3, 4]], []], "labels": [[5], []]})
        >>> found["boxes"].shape, found["labels"].tolist()
        ((2, 1, 4), [[5], [-1]])
    """
    if not isinstance(bounding_boxes, Mapping) or not {"boxes", "labels"} <= set(bounding_boxes):
        keys = sorted(map(str, bounding_boxes)) if isinstance(bounding_boxes, Mapping) else None
        raise DataError('Bounding boxes are a dict with "boxes" and "labels"; got {given}.',
                        given=keys or type(bounding_boxes).__name__)  # fmt: skip
    boxes, labels = bounding_boxes["boxes"], bounding_boxes["labels"]
    lists = isinstance(boxes, (list, tuple)) and isinstance(labels, (list, tuple))
    if lists and len({len(part) for part in boxes if hasattr(part, "__len__")}) > 1:
        longest = max(map(len, boxes))
        boxes = [jnp.asarray(part, jnp.float32).reshape(-1, 4) for part in boxes]
        boxes = jnp.stack([jnp.pad(part, ((0, longest - len(part)), (0, 0))) for part in boxes])
        more = [(part, longest - len(part)) for part in labels]
        labels = jnp.stack([
            jnp.pad(jnp.asarray(part, int), (0, n), constant_values=-1) for part, n in more
        ])  # fmt: skip
    boxes, labels = jnp.asarray(boxes, jnp.float32), jnp.asarray(labels)
    ranks = boxes.ndim, labels.ndim
    if boxes.shape[-1:] != (4,) or ranks not in ((2, 1), (2, 2), (3, 2), (3, 3)):
        raise ShapeError("Boxes are (n, 4) with labels (n,), or (batch, n, 4) with labels "
                         "(batch, n); got shapes {boxes} and {labels}.",
                         boxes=boxes.shape, labels=labels.shape)  # fmt: skip
    return {**bounding_boxes, "boxes": boxes, "labels": labels}
