"""The networks for which others have trained weights."""

from __future__ import annotations

from typing import Any

from maeum import applications

# The function that makes each, and the module with its preprocess_input.
PRETRAINED: dict[str, tuple[Any, Any]] = {
    "mobilenet": (applications.MobileNet, applications.mobilenet),
    "mobilenet_v2": (applications.MobileNetV2, applications.mobilenet_v2),
    "resnet50": (applications.ResNet50, applications.resnet),
    "vgg16": (applications.VGG16, applications.vgg16),
    "xception": (applications.Xception, applications.xception),
    "densenet121": (applications.DenseNet121, applications.densenet),
}
