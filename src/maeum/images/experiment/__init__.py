"""From pictures to a tested network with a report: what ``maeum train FOLDER`` does."""

from maeum.images.experiment.data import ImageData
from maeum.images.experiment.files import write_results
from maeum.images.experiment.model import ImageModel
from maeum.images.experiment.options import ImageOptions
from maeum.images.experiment.result import ImageRun
from maeum.images.experiment.sources import read_pictures
from maeum.images.experiment.training import TrainedImages, train_images, train_on

__all__ = [
    "ImageData",
    "ImageModel",
    "ImageOptions",
    "ImageRun",
    "TrainedImages",
    "read_pictures",
    "train_images",
    "train_on",
    "write_results",
]
