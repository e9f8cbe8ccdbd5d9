"""Images: from folders, tables and archives to batches for a network.

`ImageDataGenerator` and its iterators, as older Keras code uses them, stand in
`maeum.preprocessing.image`; their names are kept here.
"""

from maeum.core.lazy import lazily
from maeum.images.archives import read_hdf5, read_idx, read_npz
from maeum.images.conversion import array_to_img, img_to_array, load_img, save_img
from maeum.images.directory import image_dataset_from_directory
from maeum.images.folders import read_folder
from maeum.images.frames import read_frame
from maeum.images.image_set import ImageSet, Split
from maeum.images.loading import ImageLoader
from maeum.images.reading import ImageError, MissingImageError, load_image
from maeum.images.reading import ImageError as PictureError  # its former name
from maeum.images.reading import MissingImageError as MissingPictureError
from maeum.images.sources import read_images

_MOVED = ("DataFrameIterator", "DirectoryIterator", "ImageDataGenerator", "NumpyArrayIterator")

__all__ = [
    *_MOVED,
    "ImageError",
    "ImageLoader",
    "ImageSet",
    "MissingImageError",
    "MissingPictureError",
    "PictureError",
    "Split",
    "array_to_img",
    "image_dataset_from_directory",
    "img_to_array",
    "load_image",
    "load_img",
    "read_folder",
    "read_frame",
    "read_hdf5",
    "read_idx",
    "read_images",
    "read_npz",
    "save_img",
]

__getattr__, __dir__ = lazily(__name__, {"maeum.preprocessing.image": _MOVED})
