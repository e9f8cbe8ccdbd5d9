"""The networks for pictures that are measured, as Keras and Maeum write them, and their data."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

CLASSES = 10


@dataclass(frozen=True)
class Pictures:
    """A network for pictures of ``shape``: ``build(api)``, and its twin in `torch_pictures`."""

    build: Callable[[Any], Any]
    twin: str
    shape: tuple[int, int, int] = (28, 28, 1)
    batch: int = 128
    normalize: bool = False
    dropout: float = 0.0
    classes: int = CLASSES
    loss: str = "sparse_categorical_crossentropy"
    at_once: int = 128  # how many pictures PyTorch evaluates together: more need more cache

    def data(self, rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Make pictures of noise, each over a faint pattern of its class."""
        patterns = np.random.default_rng(0).random((CLASSES, *self.shape), np.float32)
        rng = np.random.default_rng(seed)
        y = rng.integers(0, CLASSES, rows).astype("int32")
        x = rng.random((rows, *self.shape), np.float32)
        x *= 0.8
        x += 0.2 * patterns[y]
        return x, y

    def model(self, api: Any) -> Any:
        """Build the network with Keras or Maeum."""
        options = {"normalize": self.normalize, "dropout": self.dropout}
        return self.build(api, **options) if self.build is cnn else self.build(api)

    def module(self) -> Any:
        """Build the network with PyTorch, up to the logits."""
        torch_pictures = importlib.import_module("torch_pictures")
        return getattr(torch_pictures, self.twin)(self)


def cnn(api: Any, normalize: bool = False, dropout: float = 0.0) -> Any:
    """Two convolutions, each with a max-pooling, and two dense layers: 225,034 parameters."""
    layers = importlib.import_module(f"{api.__name__}.layers")
    stack = [api.Input((28, 28, 1))]
    for filters in (32, 64):
        if normalize:
            stack += [
                layers.Conv2D(filters, 3),
                layers.BatchNormalization(),
                layers.Activation("relu"),
            ]
        else:
            stack.append(layers.Conv2D(filters, 3, activation="relu"))
        stack.append(layers.MaxPooling2D(2))
    stack += [layers.Flatten(), layers.Dense(128, activation="relu")]
    if dropout:
        stack.append(layers.Dropout(dropout))
    stack.append(layers.Dense(CLASSES, activation="softmax"))
    return api.Sequential(stack)


def small_resnet(api: Any, blocks: int = 5) -> Any:
    """The residual network for small pictures (He et al., 2015, section 4.2): 469,082 parameters.

    It is that of `maeum.applications.SmallResNet`.
    """
    layers = importlib.import_module(f"{api.__name__}.layers")

    def conv_bn(x: Any, filters: int, size: int, **options: Any) -> Any:
        x = layers.Conv2D(filters, size, use_bias=False, **options)(x)
        return layers.BatchNormalization(epsilon=1.001e-5)(x)

    image = api.Input((28, 28, 1))
    x = layers.Activation("relu")(conv_bn(image, 16, 3, padding="same"))
    for stage, filters in enumerate((16, 32, 64)):
        for i in range(blocks):
            shortcut = x
            if stage and not i:
                shortcut = conv_bn(x, filters, 1, strides=2)
                x = conv_bn(layers.ZeroPadding2D(1)(x), filters, 3, strides=2)
            else:
                x = conv_bn(x, filters, 3, padding="same")
            x = conv_bn(layers.Activation("relu")(x), filters, 3, padding="same")
            x = layers.Activation("relu")(layers.Add()([shortcut, x]))
    x = layers.GlobalAveragePooling2D()(x)
    return api.Model(image, layers.Dense(CLASSES, activation="softmax")(x))


def photo_cnn(api: Any) -> Any:
    """Three convolutions for photographs of 64x64x3, as bytes."""
    layers = importlib.import_module(f"{api.__name__}.layers")
    stack = [api.Input((64, 64, 3)), layers.Rescaling(1 / 255)]
    for filters in (16, 32, 64):
        stack += [layers.Conv2D(filters, 3, activation="relu"), layers.MaxPooling2D(2)]
    stack += [layers.Flatten(), layers.Dense(64, activation="relu")]
    return api.Sequential([*stack, layers.Dense(CLASSES, activation="softmax")])


def application(api: Any, name: str, shape: tuple[int, int, int]) -> Any:
    """Take a network from the shelf of Keras or Maeum."""
    shelf = importlib.import_module(f"{api.__name__}.applications")
    return getattr(shelf, name)(weights=None, input_shape=shape, classes=CLASSES)


def from_shelf(name: str, twin: str, rows: int, batch: int) -> Pictures:
    """Measure an application on pictures of ``rows`` x ``rows`` x 3."""
    shape = (rows, rows, 3)
    return Pictures(partial(application, name=name, shape=shape), twin, shape, batch)


CNN = Pictures(cnn, "cnn")
CNN_NORMALIZED = Pictures(cnn, "cnn", normalize=True)
CNN_DROPOUT = Pictures(cnn, "cnn", dropout=0.5)
CNN_32 = Pictures(cnn, "cnn", batch=32)
CNN_16 = Pictures(cnn, "cnn", batch=16)
PHOTO_CNN = Pictures(photo_cnn, "photo_cnn", shape=(64, 64, 3), batch=64)
SMALL_RESNET = Pictures(small_resnet, "SmallResNet")
RESNET50 = from_shelf("ResNet50", "ResNet50", rows=64, batch=16)
MOBILENET = from_shelf("MobileNet", "mobilenet", rows=64, batch=16)
