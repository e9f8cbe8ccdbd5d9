"""Layers on the boxes around the objects of an image."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import DataError
from maeum.layers.checks import title, whole_number
from maeum.layers.image_layer import ImageLayer


class MaxNumBoundingBoxes(ImageLayer):
    """Give every image the same number of boxes: what is more is cut off, what is less filled up.

    It takes and returns ``{"images": x, "bounding_boxes": {"boxes": ..., "labels": ...}}`` with
    boxes ``(batch, n, 4)`` and their labels ``(batch, n)``; images stay as they are.

    Args:
        max_number: the number of boxes.
        fill_value: what boxes and labels are filled up with.

    Raises:
        DataError: for boxes without labels, or with something else.

    Example:
        >>> import numpy as np
        >>> boxes = {"boxes": np.ones((2, 3, 4)), "labels": np.ones((2, 3))}
        >>> out = MaxNumBoundingBoxes(5)({"images": np.ones((2, 8, 8, 3)), "bounding_boxes": boxes})
        >>> out["bounding_boxes"]["labels"][0].tolist()
        [1.0, 1.0, 1.0, -1.0, -1.0]
    """

    def __init__(self, max_number: int, fill_value: int = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.max_number = whole_number(max_number, "max_number", 0, self)
        self.fill_value = int(fill_value)

    def transform_images(
        self, images: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return the images as they are."""
        return images

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return the masks as they are."""
        return segmentation_masks

    def transform_bounding_boxes(
        self, bounding_boxes: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Bring the boxes to their number."""
        if set(bounding_boxes) != {"boxes", "labels"}:
            raise DataError('{layer} takes bounding boxes with "boxes" and "labels"; got {keys}.',
                            layer=title(self),
                            keys=sorted(map(str, bounding_boxes)))  # fmt: skip
        return {key: self._cut(x) for key, x in bounding_boxes.items()}

    def _cut(self, x: Any) -> jax.Array:
        x = jnp.asarray(x)[:, : self.max_number]
        more = [(0, 0), (0, self.max_number - x.shape[1])] + [(0, 0)] * (x.ndim - 2)
        return jnp.pad(x, more, constant_values=self.fill_value)
