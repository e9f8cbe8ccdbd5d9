"""Pictures: from folders, tables and archives to batches for a network."""

from maeum.images.archives import read_hdf5, read_idx, read_npz
from maeum.images.directory import image_dataset_from_directory
from maeum.images.file_iterators import DataFrameIterator, DirectoryIterator
from maeum.images.folders import read_folder
from maeum.images.frames import read_frame
from maeum.images.generator import ImageDataGenerator
from maeum.images.image_set import ImageSet, Split
from maeum.images.iterators import NumpyArrayIterator
from maeum.images.loading import ImageLoader
from maeum.images.pictures import array_to_img, img_to_array, load_img, save_img
from maeum.images.reading import MissingPictureError, PictureError, load_image
from maeum.images.sources import read_images

__all__ = [
    "DataFrameIterator",
    "DirectoryIterator",
    "ImageDataGenerator",
    "ImageLoader",
    "ImageSet",
    "MissingPictureError",
    "NumpyArrayIterator",
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
