"""Pictures, by the names of ``keras.preprocessing.image``.

Example:
    >>> from maeum.preprocessing.image import ImageDataGenerator
    >>> generator = ImageDataGenerator(rescale=1 / 255, horizontal_flip=True)
"""

from maeum.images import (
    ImageDataGenerator,
    array_to_img,
    image_dataset_from_directory,
    img_to_array,
    load_img,
    save_img,
)

__all__ = [
    "ImageDataGenerator",
    "array_to_img",
    "image_dataset_from_directory",
    "img_to_array",
    "load_img",
    "save_img",
]
