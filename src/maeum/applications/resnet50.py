"""ResNet-50, under the module name that much code imports it from."""

from maeum.applications.resnet import ResNet50, decode_predictions, preprocess_input

__all__ = ["ResNet50", "decode_predictions", "preprocess_input"]
