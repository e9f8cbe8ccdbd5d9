"""What can be chosen for a training on pictures, and what is chosen by itself."""

from __future__ import annotations

import math
import numbers
import os
from dataclasses import dataclass, fields
from typing import Any

from maeum.core.checks import check_choice, check_whole
from maeum.core.errors import ConfigError
from maeum.core.randomness import check_seed
from maeum.images.experiment.pretrained import PRETRAINED
from maeum.images.options import check_size
from maeum.images.reading import RESIZES

COLORS = {"rgb": "rgb", "grey": "grayscale", "gray": "grayscale", "grayscale": "grayscale"}
AUGMENTS = ("none", "light", "strong")
NETWORKS = ("small", "residual", "resnet18", *PRETRAINED)


@dataclass(frozen=True)
class ImageOptions:
    """The choices of a training; None means "choose by the pictures".

    Attributes:
        size: ``(height, width)`` that all pictures get, or one number for a square.
        color: ``"rgb"`` or ``"grey"``.
        resize: how a picture of another shape becomes one of that size: ``"crop"`` takes the
            largest part in the middle, ``"pad"`` adds black bars, ``"stretch"`` distorts it.
        network: ``"small"``, ``"residual"``, or a network of `maeum.applications`:
            ``"mobilenet"``, ``"mobilenet_v2"``, ``"resnet18"``, ``"resnet50"``, ``"vgg16"``,
            ``"xception"``, ``"densenet121"``.
        weights: a file with weights of that network, such as Keras publishes them; its part
            below the classifier is then kept as it is, and only a new classifier is trained.
        augment: how much the pictures are changed at random in training: ``"none"``,
            ``"light"`` or ``"strong"``.
        flip: whether they are mirrored, too; in colour by default, since a mirrored letter is
            another one.
        epochs: the most epochs.
        patience: how many epochs of the second half are borne without a better validation loss; 0
            trains all.
        batch_size: the pictures of a step.
        learning_rate: the learning rate to begin with.
        balance: weigh the classes so that each counts the same.
        errors: what is done with a picture that cannot be read: ``"skip"`` or ``"raise"``.
        test_size: the share of the pictures that is kept for the test.
        validation_size: the share of the pictures that decides when to stop.
        seed: what every random choice follows from.
    """

    size: Any = None
    color: str | None = None
    resize: str = "crop"
    network: str = "small"
    weights: str | os.PathLike | None = None
    augment: str | None = None
    flip: bool | None = None
    epochs: int | None = None
    patience: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    balance: bool = False
    errors: str = "skip"
    test_size: float = 0.15
    validation_size: float = 0.15
    seed: int = 42

    def __post_init__(self) -> None:
        if self.size is not None:
            object.__setattr__(self, "size", check_size(self.size))
        if self.color is not None:
            check_choice(self.color, COLORS, "color")
        check_choice(self.resize, RESIZES, "resize")
        check_choice(self.network, NETWORKS, "network")
        check_choice(self.augment, (None, *AUGMENTS), "augment")
        check_choice(self.errors, ("skip", "raise"), "errors")
        for name, least in [("epochs", 1), ("batch_size", 1), ("patience", 0)]:
            if getattr(self, name) is not None:
                check_whole(getattr(self, name), name, least)
        rate = self.learning_rate
        if rate is not None and not (_is_real(rate) and 0 < rate < math.inf):
            raise ConfigError(f"learning_rate takes numbers above 0; got {rate!r}.")
        for name, least_share in [("test_size", "above 0"), ("validation_size", "from 0")]:
            share = getattr(self, name)
            if not (_is_real(share) and 0 <= share < 1) or (name == "test_size" and share == 0):
                raise ConfigError(f"{name} takes shares {least_share} and below 1; got {share!r}.")
        if self.test_size + self.validation_size >= 1:
            raise ConfigError(
                f"test_size={self.test_size} and validation_size={self.validation_size} leave "
                "nothing to train on."
            )
        check_seed(self.seed)
        if self.weights is not None and self.network not in PRETRAINED:
            raise ConfigError(
                f"weights are for a network that others have trained, such as "
                f"{', '.join(PRETRAINED)}; the network is {self.network!r}."
            )

    @property
    def color_mode(self) -> str | None:
        """The colour mode as `load_image` calls it."""
        return None if self.color is None else COLORS[self.color]

    def resolved(self, rows: int, size: tuple[int, int], color: str) -> ImageOptions:
        """Return the options with the choices that depend on the training pictures.

        Few pictures are seen more often, and changed more in between.

        Args:
            rows: how many pictures there are to train on.
            size: the size chosen for them.
            color: ``"rgb"`` or ``"grey"``.
        """
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        epochs = 80 if rows < 1_000 else 40 if rows < 4_000 else 20
        chosen = {
            "size": size,
            "color": color,
            "augment": "strong" if rows < 1_000 else "light" if rows < 50_000 else "none",
            "flip": color == "rgb",
            "epochs": epochs,
            "patience": max(3, (self.epochs or epochs) // 5),
            # Some fifty steps an epoch, in a power of two of pictures.
            "batch_size": min(128, max(16, 1 << (rows // 50 + 1).bit_length() - 1)),
            "learning_rate": 0.001,
        }
        for name, value in chosen.items():
            if values[name] is None:
                values[name] = value
        return ImageOptions(**values)

    def to_json(self) -> dict[str, Any]:
        """Return the options as plain lists, texts and numbers."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        values["weights"] = None if self.weights is None else os.path.basename(self.weights)
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


def _is_real(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)
