"""From a folder of images to a network that makes more of them."""

from maeum.generative.images.making import MakingOptions
from maeum.generative.images.model import ImageGenerator
from maeum.generative.images.options import GenerateOptions
from maeum.generative.images.result import GenerateRun
from maeum.generative.images.task import GenerateTask, train_generator

__all__ = [
    "GenerateOptions",
    "GenerateRun",
    "GenerateTask",
    "ImageGenerator",
    "MakingOptions",
    "train_generator",
]
