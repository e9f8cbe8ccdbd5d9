"""Images, by the names of ``keras.preprocessing.image``.

Example:
    >>> from maeum.preprocessing.image import ImageDataGenerator
    >>> generator = ImageDataGenerator(rescale=1 / 255, horizontal_flip=True)
"""

from maeum.images import (
    array_to_img,
    image_dataset_from_directory,
    img_to_array,
    load_img,
    save_img,
)
from maeum.preprocessing.image.file_iterators import DataFrameIterator, DirectoryIterator
from maeum.preprocessing.image.generator import ImageDataGenerator
from maeum.preprocessing.image.iterators import NumpyArrayIterator
from maeum.preprocessing.image.transforms import (
    apply_affine_transform,
    apply_brightness_shift,
    apply_channel_shift,
    smart_resize,
)

__all__ = [
    "DataFrameIterator",
    "DirectoryIterator",
    "ImageDataGenerator",
    "NumpyArrayIterator",
    "apply_affine_transform",
    "apply_brightness_shift",
    "apply_channel_shift",
    "array_to_img",
    "image_dataset_from_directory",
    "img_to_array",
    "load_img",
    "save_img",
    "smart_resize",
]
