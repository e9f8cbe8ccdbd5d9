"""Small helpers with Keras's names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.lazy import lazily
from maeum.core.randomness import set_random_seed
from maeum.text.padding import pad_sequences
from maeum.training.steps import unpack_x_y_sample_weight

if TYPE_CHECKING:
    from maeum.images import (
        array_to_img,
        image_dataset_from_directory,
        img_to_array,
        load_img,
        save_img,
    )
    from maeum.preprocessing import text_dataset_from_directory, timeseries_dataset_from_array

_ROOMS = {
    "maeum.images": (
        "array_to_img", "image_dataset_from_directory", "img_to_array", "load_img", "save_img",
    ),
    "maeum.preprocessing": ("text_dataset_from_directory", "timeseries_dataset_from_array"),
}  # fmt: skip


def to_categorical(x: Any, num_classes: int | None = None) -> np.ndarray:
    """Return labels as one-hot rows.

    Args:
        x: whole numbers from 0.
        num_classes: how many classes there are; one more than the largest label by default.

    Raises:
        DataError: for labels that are not whole numbers from 0 to ``num_classes - 1``.

    Example:
        >>> to_categorical([0, 2]).tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    labels = np.asarray(x)
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    whole = labels.astype(np.int64)
    count = int(whole.max(initial=-1)) + 1 if num_classes is None else num_classes
    wrong = (whole != labels) | (whole < 0) | (whole >= count)
    if wrong.any():
        raise DataError(
            "Labels are whole numbers from 0 to {last}; got {label}.",
            last=count - 1,
            label=labels[wrong][0],
        )
    return np.eye(count, dtype=np.float32)[whole]


__all__ = [
    "array_to_img",
    "image_dataset_from_directory",
    "img_to_array",
    "load_img",
    "pad_sequences",
    "save_img",
    "set_random_seed",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
]

__getattr__, __dir__ = lazily(__name__, _ROOMS)
