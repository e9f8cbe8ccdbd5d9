"""What can be chosen for a training on images, and what is chosen by itself."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from maeum import applications
from maeum.core.checks import check_parts
from maeum.core.errors import ConfigError
from maeum.core.messages import N_
from maeum.experiment.checks import Check, one_of, switch, whole
from maeum.experiment.options import ClassificationOptions, Options, option
from maeum.images.resizing import RESIZES, check_size

# The function that makes each, and the module with its preprocess_input.
PRETRAINED: dict[str, tuple[Any, Any]] = {
    "mobilenet": (applications.MobileNet, applications.mobilenet),
    "mobilenet_v2": (applications.MobileNetV2, applications.mobilenet_v2),
    "resnet50": (applications.ResNet50, applications.resnet),
    "vgg16": (applications.VGG16, applications.vgg16),
    "xception": (applications.Xception, applications.xception),
    "densenet121": (applications.DenseNet121, applications.densenet),
}
COLORS = {"rgb": "rgb", "grey": "grayscale", "gray": "grayscale", "grayscale": "grayscale"}
AUGMENTS = ("none", "light", "strong")
_LEAST_STEPS = 300  # of a training
NETWORKS = ("small", "residual", "resnet18", *PRETRAINED)


@dataclass(frozen=True)
class ImageReading(Options):
    """What is read beside the images themselves.

    Attributes:
        test_data: images of their own to test on, with the same classes: a path or an `ImageSet`.
    """

    test_data: Any = option(
        None,
        N_("A set of its own to test on, with the same classes."),
        Check(parse=Path, metavar="DATA"),
    )


@dataclass(frozen=True)
class LoadingOptions(Options):
    """How images of any kind become images of one kind; None means "choose by the images".

    Attributes:
        size: ``(height, width)`` that all images get, or one number for a square.
        color: ``"rgb"`` or ``"grey"``.
        resize: how an image of another shape becomes one of that size: ``"crop"`` takes the
            largest part in the middle, ``"pad"`` adds black bars, ``"stretch"`` distorts it.
        errors: what is done with an image that cannot be read: ``"skip"`` or ``"raise"``.
    """

    size: tuple[int, int] | None = option(
        None,
        N_("Rows and columns that all get, 64 or 48x64; by the images."),
        Check(check_size, check_size, "SIZE"),
    )
    color: str | None = option(None, N_("rgb or grey; by the images."), one_of(COLORS))
    resize: str = option(
        "crop",
        N_("Images of another shape: crop takes the middle, pad adds bars, stretch distorts."),
        one_of(RESIZES, "HOW"),
    )
    errors: str = option(
        "skip",
        N_("Images that cannot be read: skip tells their names, raise ends."),
        one_of(("skip", "raise"), "HOW"),
    )

    @property
    def color_mode(self) -> str | None:
        """The colour mode as `load_image` calls it."""
        return None if self.color is None else COLORS[self.color]


@dataclass(frozen=True)
class ImageOptions(ClassificationOptions, LoadingOptions):
    """The choices of a training; None means "choose by the images".

    Those of `LoadingOptions` belong to them, too.

    Attributes:
        network: ``"small"``, ``"residual"``, or a network of `maeum.applications`:
            ``"mobilenet"``, ``"mobilenet_v2"``, ``"resnet18"``, ``"resnet50"``, ``"vgg16"``,
            ``"xception"``, ``"densenet121"``.
        weights: a file with weights of that network, such as Keras publishes them; its part
            below the classifier is then kept as it is, and only a new classifier is trained.
        augment: how much the images are changed at random in training: ``"none"``,
            ``"light"`` or ``"strong"``.
        flip: whether they are mirrored, too; by default if those of a class stay most like it.
            A mirrored letter is another one.
        folds: test by cross-validation with so many parts; 1 for a single test part.
        patience: epochs of the second half without a better validation loss before it stops; 0
            trains all.
        learning_rate: the learning rate to begin with.
    """

    network: str = option(
        "small",
        N_(
            "small, residual, mobilenet, mobilenet_v2, resnet18, resnet50, vgg16, xception, "
            "densenet121."
        ),
        one_of(NETWORKS),
    )
    weights: str | os.PathLike | None = option(
        None,
        N_("Weights of that network, as Keras publishes them; a new classifier is trained on top."),
        Check(parse=Path, metavar="FILE"),
    )
    augment: str | None = option(
        None,
        N_("Changed at random in training: none, light, strong; by their number."),
        one_of(AUGMENTS, "HOW"),
    )
    flip: bool | None = option(
        None, N_("Mirrored, too; by default if that leaves each like those of its class."), switch()
    )
    folds: int | None = option(
        None,
        N_(
            "Test by cross-validation with so many parts, 1 for a single test; where images are "
            "few by default."
        ),
        whole(),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_parts(self.test_size, self.validation_size)
        if self.weights is not None and self.network not in PRETRAINED:
            raise ConfigError("weights are for a network that others have trained, such as "
                              "{known}; the network is {network!r}.", known=", ".join(PRETRAINED),
                              network=self.network)  # fmt: skip

    def resolved(
        self, rows: int, size: tuple[int, int], color: str, mirrored: bool | None = None
    ) -> Self:
        """Return the options with the choices that depend on the training images.

        Few images are seen more often, and changed more in between.

        Args:
            rows: how many images there are to train on.
            size: the size chosen for them.
            color: ``"rgb"`` or ``"grey"``.
            mirrored: whether images look like their class when they are mirrored; None if that
                cannot be told: then it is assumed of those in colour.
        """
        # Some fifty steps an epoch, in a power of two of images; in all, some hundreds at least.
        least = 8 if rows < 64 else 16
        batch = self.batch_size or min(128, max(least, 1 << (rows // 50 + 1).bit_length() - 1))
        epochs = 80 if rows < 1_000 else 40 if rows < 4_000 else 20
        epochs = max(epochs, -(-_LEAST_STEPS // -(-rows // batch)))
        return self.or_else(
            {
                "size": size,
                "color": color,
                "augment": _augment(rows, min(size)),
                "flip": color == "rgb" if mirrored is None else mirrored,
                "epochs": epochs,
                "patience": max(3, (self.epochs or epochs) // 5),
                "batch_size": batch,
                "learning_rate": 0.001,
            }
        )

    def to_json(self) -> dict[str, Any]:
        """Return the options as plain lists, texts and numbers."""
        weights = None if self.weights is None else os.path.basename(self.weights)
        return {**super().to_json(), "weights": weights}


def _augment(rows: int, side: int) -> str:
    """Return how much images are changed: less if they are many, or so small that it blurs them."""
    if rows >= 50_000 or side < 8:
        return "none"
    return "strong" if rows < 1_000 and side >= 20 else "light"
