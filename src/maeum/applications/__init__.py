"""Well-known networks for images and for texts, each a function that returns a model.

Those that Keras has too carry Keras's names, layers and numbers, so that Keras's files with
weights fit. Every network for images has a module of its own with its ``preprocess_input``,
which scales pixels as that network expects them, and ``decode_predictions``.

Example:
    >>> from maeum.applications import LeNet5
    >>> from maeum.applications.lenet import preprocess_input
    >>> model = LeNet5(input_shape=(28, 28, 1))
    >>> model.count_params()
    61706
"""

from maeum.applications import (
    alexnet,
    bert,
    densenet,
    googlenet,
    gpt,
    imagenet_utils,
    inception_v3,
    lenet,
    mobilenet,
    mobilenet_v2,
    resnet,
    resnet50,
    small_resnet,
    squeezenet,
    vgg16,
    vgg19,
    xception,
)
from maeum.applications.alexnet import AlexNet
from maeum.applications.bert import BERT
from maeum.applications.densenet import DenseNet121, DenseNet169, DenseNet201
from maeum.applications.googlenet import GoogLeNet
from maeum.applications.gpt import GPT
from maeum.applications.inception_v3 import InceptionV3
from maeum.applications.lenet import LeNet5
from maeum.applications.mobilenet import MobileNet
from maeum.applications.mobilenet_v2 import MobileNetV2
from maeum.applications.resnet import ResNet18, ResNet34, ResNet50, ResNet101, ResNet152
from maeum.applications.small_resnet import SmallResNet
from maeum.applications.squeezenet import SqueezeNet
from maeum.applications.vgg16 import VGG16
from maeum.applications.vgg19 import VGG19
from maeum.applications.xception import Xception

__all__ = [
    "BERT",
    "GPT",
    "VGG16",
    "VGG19",
    "AlexNet",
    "DenseNet121",
    "DenseNet169",
    "DenseNet201",
    "GoogLeNet",
    "InceptionV3",
    "LeNet5",
    "MobileNet",
    "MobileNetV2",
    "ResNet18",
    "ResNet34",
    "ResNet50",
    "ResNet101",
    "ResNet152",
    "SmallResNet",
    "SqueezeNet",
    "Xception",
    "alexnet",
    "bert",
    "densenet",
    "googlenet",
    "gpt",
    "imagenet_utils",
    "inception_v3",
    "lenet",
    "mobilenet",
    "mobilenet_v2",
    "resnet",
    "resnet50",
    "small_resnet",
    "squeezenet",
    "vgg16",
    "vgg19",
    "xception",
]
