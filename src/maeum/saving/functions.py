"""Saving and loading as functions of a model, as Keras has them beside the methods."""

from __future__ import annotations

import os
from typing import Any


def save_model(
    model: Any,
    filepath: str | os.PathLike,
    overwrite: bool = True,
    zipped: bool | None = None,
    **kwargs: Any,
) -> None:
    """Save a model; see `maeum.Model.save`, which takes the same arguments."""
    model.save(filepath, overwrite, zipped, **kwargs)


def save_weights(
    model: Any,
    filepath: str | os.PathLike,
    overwrite: bool = True,
    max_shard_size: float | None = None,
) -> None:
    """Save the weights of a model; see `maeum.Model.save_weights`."""
    model.save_weights(filepath, overwrite, max_shard_size)


def load_weights(
    model: Any, filepath: str | os.PathLike, skip_mismatch: bool = False, **kwargs: Any
) -> None:
    """Load weights into a model; see `maeum.Model.load_weights`."""
    model.load_weights(filepath, skip_mismatch, **kwargs)
