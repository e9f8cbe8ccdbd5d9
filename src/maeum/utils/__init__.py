"""Helpers with Keras's names: data sets, files, labels, drawings, registered objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maeum.core.lazy import lazily
from maeum.core.randomness import set_random_seed

if TYPE_CHECKING:
    from maeum.backend import clear_session, is_keras_tensor, standardize_dtype
    from maeum.config import (
        disable_interactive_logging,
        enable_interactive_logging,
        is_interactive_logging_enabled,
    )
    from maeum.core.keras_objects import (
        CustomObjectScope,
        custom_object_scope,
        deserialize_keras_object,
        get_custom_objects,
        get_registered_name,
        get_registered_object,
        register_keras_serializable,
        serialize_keras_object,
    )
    from maeum.images import (
        array_to_img,
        image_dataset_from_directory,
        img_to_array,
        load_img,
        save_img,
    )
    from maeum.preprocessing import (
        audio_dataset_from_directory,
        text_dataset_from_directory,
        timeseries_dataset_from_array,
    )
    from maeum.text.padding import pad_sequences
    from maeum.training.py_dataset import PyDataset, Sequence
    from maeum.training.steps import pack_x_y_sample_weight, unpack_x_y_sample_weight
    from maeum.utils import bounding_boxes, legacy
    from maeum.utils.config import Config
    from maeum.utils.drawing import model_to_dot, plot_model
    from maeum.utils.feature_space import FeatureSpace
    from maeum.utils.files import get_file
    from maeum.utils.numerical import normalize, to_categorical
    from maeum.utils.progbar import Progbar
    from maeum.utils.splitting import split_dataset
    from maeum.utils.symbolic import get_source_inputs

__all__ = [
    "Config", "CustomObjectScope", "FeatureSpace", "Progbar", "PyDataset", "Sequence",
    "array_to_img", "audio_dataset_from_directory", "bounding_boxes", "clear_session",
    "custom_object_scope", "deserialize_keras_object", "disable_interactive_logging",
    "enable_interactive_logging", "get_custom_objects", "get_file", "get_registered_name",
    "get_registered_object", "get_source_inputs", "image_dataset_from_directory", "img_to_array",
    "is_interactive_logging_enabled", "is_keras_tensor", "legacy", "load_img", "model_to_dot",
    "normalize", "pack_x_y_sample_weight", "pad_sequences", "plot_model",
    "register_keras_serializable", "save_img", "serialize_keras_object", "set_random_seed",
    "split_dataset", "standardize_dtype", "text_dataset_from_directory",
    "timeseries_dataset_from_array", "to_categorical", "unpack_x_y_sample_weight",
]  # fmt: skip

_ROOMS = {
    "maeum.backend": ("clear_session", "is_keras_tensor", "standardize_dtype"),
    "maeum.config": (
        "disable_interactive_logging", "enable_interactive_logging",
        "is_interactive_logging_enabled",
    ),
    "maeum.core.keras_objects": (
        "CustomObjectScope", "custom_object_scope", "deserialize_keras_object",
        "get_custom_objects", "get_registered_name", "get_registered_object",
        "register_keras_serializable", "serialize_keras_object",
    ),
    "maeum.images": (
        "array_to_img", "image_dataset_from_directory", "img_to_array", "load_img", "save_img",
    ),
    "maeum.preprocessing": (
        "audio_dataset_from_directory", "text_dataset_from_directory",
        "timeseries_dataset_from_array",
    ),
    "maeum.text.padding": ("pad_sequences",),
    "maeum.training.py_dataset": ("PyDataset", "Sequence"),
    "maeum.training.steps": ("pack_x_y_sample_weight", "unpack_x_y_sample_weight"),
    "maeum.utils.bounding_boxes": (),
    "maeum.utils.config": ("Config",),
    "maeum.utils.drawing": ("model_to_dot", "plot_model"),
    "maeum.utils.feature_space": ("FeatureSpace",),
    "maeum.utils.files": ("get_file",),
    "maeum.utils.legacy": (),
    "maeum.utils.numerical": ("normalize", "to_categorical"),
    "maeum.utils.progbar": ("Progbar",),
    "maeum.utils.splitting": ("split_dataset",),
    "maeum.utils.symbolic": ("get_source_inputs",),
}  # fmt: skip

__getattr__, __dir__ = lazily(__name__, _ROOMS)
