"""``keras.utils`` and ``keras.utils.np_utils``."""

from __future__ import annotations

from typing import Any

from maeum import utils as ours
from maeum.core.former import formerly

__all__ = ["normalize", "plot", "plot_model", "to_categorical"]

normalize = ours.normalize


@formerly(nb_classes="num_classes")
def to_categorical(y: Any, num_classes: int | None = None, dtype: Any = None) -> Any:
    """Return a row for each class number, with a 1 at its place."""
    found = ours.to_categorical(y, num_classes)
    return found if dtype is None else found.astype(dtype)


@formerly(show_layer_name="show_layer_names")
def plot_model(model: Any, to_file: Any = "model.png", *args: Any, **options: Any) -> Any:
    """Draw a model into a file, as SVG where a picture of dots cannot be drawn."""
    try:
        return ours.plot_model(model, to_file, *args, **options)
    except (ImportError, ValueError):
        return ours.plot_model(model, f"{str(to_file).rpartition('.')[0]}.svg", *args, **options)


plot = plot_model
