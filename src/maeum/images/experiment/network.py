"""The network for images, and how they are changed at random while it learns."""

from __future__ import annotations

from typing import Any

from maeum import applications, layers
from maeum.core.errors import ConfigError
from maeum.images.experiment.options import PRETRAINED, ImageOptions
from maeum.models import Model

_LEAST = 4  # rows and columns that are left for the last convolutions
_LARGE = 40  # rows and columns from which on one convolution before the first halving will do
_SMALL = 20  # rows and columns below which more filters take no time
_MOST_STAGES = 5


def build_network(
    shape: tuple[int, int, int], classes: int, rows: int, options: ImageOptions
) -> Model:
    """Return the compiled network: pixels from 0 to 255 in, a probability for each class out.

    Args:
        shape: ``(height, width, channels)`` of an image.
        classes: how many classes there are.
        rows: how many images there are to train on.
        options: the choices, resolved.

    Raises:
        ConfigError: for weights that are not there, or that want images in colour.
        ModelFileError: for weights that do not fit.
        ShapeError: for images that are too small for the network.
    """
    pixels = layers.Input(shape, name="pixels")
    if options.network == "small":
        features = small_network(layers.Rescaling(1 / 127.5, offset=-1)(pixels), rows)
    elif options.network in PRETRAINED:
        features = _pretrained(pixels, shape, options)
    else:
        known = {"residual": applications.SmallResNet, "resnet18": applications.ResNet18}
        base = known[options.network](include_top=False, input_shape=shape)
        features = base(layers.Rescaling(1 / 127.5, offset=-1)(pixels))
    x = layers.GlobalAveragePooling2D(name="mean")(features)
    if rows < 20_000:
        x = layers.Dropout(0.3)(x)
    outputs = layers.Dense(classes, activation="softmax", name="probability")(x)
    model = Model(pixels, outputs, seed=options.seed)
    model.compile(
        "adam",
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        augment=augmentation(options.augment, bool(options.flip)),
    )
    model.optimizer.learning_rate = options.learning_rate
    return model


def small_network(x: Any, rows: int) -> Any:
    """Return the last feature maps of a small network: convolutions with normalization.

    The maps are halved until four to seven rows are left, and as many columns, so that the last
    convolutions see the whole image whatever its size. The first maps have 16 filters with few
    images to learn from, 24 with many and 32 of small images, and each stage has twice as many.
    """
    shape = x.shape
    side = min(shape[1:3])
    filters = 32 if side < _SMALL else 16 if rows < 2_000 else 24
    left, halvings = list(shape[1:3]), list[tuple[int, int]]()
    while len(halvings) < _MOST_STAGES - 1:
        height, width = (2 if n // 2 >= _LEAST else 1 for n in left)
        if height == width == 1:
            break
        left = [left[0] // height, left[1] // width]
        halvings.append((height, width))
    for stage in range(len(halvings) + 1):
        width = min(filters * 2**stage, 128)
        for number in range(1 if stage == 0 and side >= _LARGE else 2):
            name = f"stage{stage + 1}_conv{number + 1}"
            x = layers.Conv2D(width, 3, padding="same", use_bias=False, name=name)(x)
            x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
            x = layers.ReLU(name=f"{name}_relu")(x)
        if stage < len(halvings):
            x = layers.MaxPooling2D(halvings[stage], name=f"stage{stage + 1}_pool")(x)
    return x


def _pretrained(pixels: Any, shape: tuple[int, int, int], options: ImageOptions) -> Any:
    """Return the feature maps of a network of `maeum.applications`, frozen if it has weights."""
    make, room = PRETRAINED[options.network]
    if options.weights is not None and shape[2] != 3:
        raise ConfigError("The weights of {network!r} want images in colour; use color='rgb' (grey "
                          "ones get three equal channels).", network=options.network)  # fmt: skip
    # Of grey images only the scale matters: nothing was learnt from them before.
    scale = room.preprocess_input if shape[2] == 3 else layers.Rescaling(1 / 127.5, offset=-1)
    x = scale(pixels)
    base = make(include_top=False, weights=options.weights, input_shape=shape)
    if options.weights is not None:
        base.trainable = False
        return base(x, training=False)
    return base(x)


def augmentation(strength: str | None, flip: bool) -> list[layers.Layer]:
    """Return the layers that change the images of a training step.

    Args:
        strength: ``"none"``, ``"light"`` or ``"strong"``.
        flip: whether images are mirrored.
    """
    if strength in (None, "none"):
        return []
    strong = strength == "strong"
    shift, turn, zoom = (0.1, 0.05, 0.15) if strong else (0.06, 0.025, 0.08)
    made: list[layers.Layer] = [layers.RandomFlip("horizontal")] if flip else []
    made += [
        layers.RandomRotation(turn, fill_mode="nearest"),
        layers.RandomTranslation(shift, shift, fill_mode="nearest"),
        layers.RandomZoom(zoom, fill_mode="nearest"),
    ]
    if strong:
        made += [layers.RandomBrightness(0.1), layers.RandomContrast(0.2)]
    return made
