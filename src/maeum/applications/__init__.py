"""Well-known networks for images and for texts, each a function that returns a model.

Those that Keras has too carry Keras's names, layers and numbers, so that Keras's files with
weights fit. Every network for images has a module of its own with its ``preprocess_input``,
which scales pixels as that network expects them, and ``decode_predictions``. A module is imported
when it is first used.

Example:
    >>> from maeum.applications import LeNet5
    >>> from maeum.applications.lenet import preprocess_input
    >>> model = LeNet5(input_shape=(28, 28, 1))
    >>> model.count_params()
    61706
"""

# ruff: noqa: F401

from __future__ import annotations

from typing import TYPE_CHECKING

from maeum.core.lazy import lazily

if TYPE_CHECKING:
    from maeum.applications.alexnet import AlexNet
    from maeum.applications.bert import BERT
    from maeum.applications.convnext import (
        ConvNeXtBase,
        ConvNeXtLarge,
        ConvNeXtSmall,
        ConvNeXtTiny,
        ConvNeXtXLarge,
    )
    from maeum.applications.densenet import DenseNet121, DenseNet169, DenseNet201
    from maeum.applications.efficientnet import (
        EfficientNetB0,
        EfficientNetB1,
        EfficientNetB2,
        EfficientNetB3,
        EfficientNetB4,
        EfficientNetB5,
        EfficientNetB6,
        EfficientNetB7,
    )
    from maeum.applications.efficientnet_v2 import (
        EfficientNetV2B0,
        EfficientNetV2B1,
        EfficientNetV2B2,
        EfficientNetV2B3,
        EfficientNetV2L,
        EfficientNetV2M,
        EfficientNetV2S,
    )
    from maeum.applications.googlenet import GoogLeNet
    from maeum.applications.gpt import GPT
    from maeum.applications.inception_resnet_v2 import InceptionResNetV2
    from maeum.applications.inception_v3 import InceptionV3
    from maeum.applications.lenet import LeNet5
    from maeum.applications.mobilenet import MobileNet
    from maeum.applications.mobilenet_v2 import MobileNetV2
    from maeum.applications.mobilenet_v3 import MobileNetV3Large, MobileNetV3Small
    from maeum.applications.nasnet import NASNetLarge, NASNetMobile
    from maeum.applications.resnet import ResNet18, ResNet34, ResNet50, ResNet101, ResNet152
    from maeum.applications.resnet_v2 import ResNet50V2, ResNet101V2, ResNet152V2
    from maeum.applications.small_resnet import SmallResNet
    from maeum.applications.squeezenet import SqueezeNet
    from maeum.applications.vgg16 import VGG16
    from maeum.applications.vgg19 import VGG19
    from maeum.applications.xception import Xception

_NAMES = {
    "alexnet": "AlexNet",
    "bert": "BERT",
    "convnext": "ConvNeXtTiny ConvNeXtSmall ConvNeXtBase ConvNeXtLarge ConvNeXtXLarge",
    "densenet": "DenseNet121 DenseNet169 DenseNet201",
    "efficientnet": "EfficientNetB0 EfficientNetB1 EfficientNetB2 EfficientNetB3 EfficientNetB4 "
    "EfficientNetB5 EfficientNetB6 EfficientNetB7",
    "efficientnet_v2": "EfficientNetV2B0 EfficientNetV2B1 EfficientNetV2B2 EfficientNetV2B3 "
    "EfficientNetV2S EfficientNetV2M EfficientNetV2L",
    "googlenet": "GoogLeNet",
    "gpt": "GPT",
    "imagenet_utils": "",
    "inception_resnet_v2": "InceptionResNetV2",
    "inception_v3": "InceptionV3",
    "lenet": "LeNet5",
    "mobilenet": "MobileNet",
    "mobilenet_v2": "MobileNetV2",
    "mobilenet_v3": "MobileNetV3Large MobileNetV3Small",
    "nasnet": "NASNetLarge NASNetMobile",
    "resnet": "ResNet18 ResNet34 ResNet50 ResNet101 ResNet152",
    "resnet50": "",
    "resnet_v2": "ResNet50V2 ResNet101V2 ResNet152V2",
    "small_resnet": "SmallResNet",
    "squeezenet": "SqueezeNet",
    "vgg16": "VGG16",
    "vgg19": "VGG19",
    "xception": "Xception",
}

__all__ = [*_NAMES, *" ".join(_NAMES.values()).split()]
__getattr__, __dir__ = lazily(
    __name__, {f"{__name__}.{module}": names.split() for module, names in _NAMES.items()}
)
