"""From images to a tested network with a report: what ``maeum train FOLDER`` does."""

import os

from maeum.experiment.files import write_results
from maeum.images.experiment.data import ImageData
from maeum.images.experiment.model import ImageModel
from maeum.images.experiment.options import ImageOptions, ImageReading
from maeum.images.experiment.result import ImageRun
from maeum.images.experiment.task import ImageTask, TrainedImages, train_images, train_on
from maeum.images.image_set import ImageSet
from maeum.images.sources import read_images

__all__ = [
    "ImageData",
    "ImageModel",
    "ImageOptions",
    "ImageReading",
    "ImageRun",
    "ImageTask",
    "TrainedImages",
    "read_pictures",
    "train_images",
    "train_on",
    "write_results",
]


def read_pictures(path: str | os.PathLike, labelled: bool = True) -> ImageSet:
    """`maeum.images.read_images` by a former name; there have to be labels unless told."""
    return read_images(path, labelled=labelled)
