"""The names of older Keras code for preparing data: images, sequences and texts.

In Maeum images are in `maeum.images` and texts in `maeum.text`; the functions that make batches of
a folder or a series are in `maeum.utils`, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from maeum.core.lazy import lazily
from maeum.images import image_dataset_from_directory
from maeum.preprocessing.audio_directory import audio_dataset_from_directory
from maeum.preprocessing.text_directory import text_dataset_from_directory
from maeum.preprocessing.windows import timeseries_dataset_from_array

if TYPE_CHECKING:
    from maeum.preprocessing import image, sequence, text

__all__ = [
    "audio_dataset_from_directory",
    "image",
    "image_dataset_from_directory",
    "sequence",
    "text",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
]

__getattr__, __dir__ = lazily(
    __name__, dict.fromkeys([f"{__name__}.{room}" for room in ("image", "sequence", "text")], ())
)
