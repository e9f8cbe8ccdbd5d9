"""The names of older Keras code for preparing data: images, sequences and texts.

In Maeum images are in `maeum.images` and texts in `maeum.text`; the functions that make batches of
a folder or a series are in `maeum.utils`, too.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from maeum.core.messages import _
from maeum.images import image_dataset_from_directory
from maeum.preprocessing.text_directory import text_dataset_from_directory
from maeum.preprocessing.windows import timeseries_dataset_from_array

if TYPE_CHECKING:
    from maeum.preprocessing import image, sequence, text

__all__ = [
    "image",
    "image_dataset_from_directory",
    "sequence",
    "text",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
]


def __getattr__(name: str) -> Any:
    if name in ("image", "sequence", "text"):  # imported when they are first used
        return importlib.import_module(f"maeum.preprocessing.{name}")
    known = ", ".join(__all__)
    raise AttributeError(
        _("{module} has no {name!r}. It has: {known}.", module=__name__, name=name, known=known)
    )
