"""A network that makes images, with what is known of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from maeum.core.errors import ConfigError
from maeum.core.messages import N_, _
from maeum.core.randomness import next_seed
from maeum.core.wording import some
from maeum.experiment.model import TaskModel
from maeum.experiment.run import Things
from maeum.experiment.seen import Seen
from maeum.generative.adversarial import Adversarial
from maeum.generative.images.making import MakingOptions, labels_of, write_images
from maeum.generative.images.network import sample, shape_of
from maeum.models import Model


@dataclass(repr=False)
class ImageGenerator(TaskModel):
    """A network that makes images.

    Attributes:
        network: a `maeum.generative.GAN` or `VAE`.
        classes: the names of its classes, if it was told of them; else empty.
        facts: what is known of its training.

    Example:
        >>> from maeum.generative.images import train_generator
        >>> pixels = np.random.default_rng(0).integers(0, 255, (20, 8, 8), np.uint8)
        >>> trained = train_generator(pixels, network="vae", epochs=1, report=False)
        >>> trained.model.sample(3, seed=1).shape
        (3, 8, 8, 1)
    """

    kind = "generator"
    things = Things("{n:,} image", "{n:,} images", N_("images"))
    reads_with = ()
    making = MakingOptions

    network: Any
    classes: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)

    def sample(
        self, count: int, labels: str | Sequence[str] | None = None, seed: int | None = None
    ) -> np.ndarray:
        """Return new images, ``(count, height, width, channels)``, with pixels from 0 to 1.

        Args:
            count: how many.
            labels: the names of classes, which are taken in turn; by default all of them.
            seed: the seed of what is drawn; another one each time by default.

        Raises:
            ConfigError: for a class that the network does not know.
        """
        named = [labels] if isinstance(labels, str) else labels
        numbers = labels_of(named, self.classes)
        wanted = None if numbers is None else np.resize(numbers, count)
        return sample(self.network, count, next_seed() if seed is None else seed, wanted)

    def make(self, options: MakingOptions) -> Iterator[str]:
        """Write images, a sheet of them, and a walk; yield where they are."""
        return write_images(self.network, self.classes, options)

    def predict(self, source: Any, **reading: Any) -> Any:
        """Refuse: it makes images.

        Raises:
            ConfigError: always.
        """
        raise ConfigError("This network makes images, and predicts nothing: maeum generate MODEL, "
                          "or model.sample(64).")  # fmt: skip

    def evaluate(self, source: Any, **reading: Any) -> dict[str, Any]:
        """Refuse: its images were judged when it was trained.

        Raises:
            ConfigError: always.
        """
        raise ConfigError("This network makes images, and nothing of theirs is right or wrong. The "
                          "figures of quality are in the report of its training (and in maeum show "
                          "MODEL); maeum.generative.quality judges others.")  # fmt: skip

    def describe(self) -> list[str]:
        """Return what the network makes, and from what, as sentences."""
        height, width, channels = shape_of(self.network) or (0, 0, 0)
        said = N_("Makes images of {height}x{width} pixels, in colour")
        if channels == 1:
            said = N_("Makes images of {height}x{width} pixels, in grey")
        kind = N_("a variational autoencoder")
        if isinstance(self.network, Adversarial):
            kind = N_("a generative adversarial network")
        size = int(np.prod(np.shape(self.network.draw_codes(1, 0))))
        lines = [_(said, height=height, width=width),
                 _("It is {kind}, with latent codes of {n} numbers.", kind=_(kind),
                   n=size)]  # fmt: skip
        if self.classes:
            lines.append(_("Classes that can be asked for (--labels): {names}",
                           names=some(self.classes, 8, 40)))  # fmt: skip
        return lines

    def to_json(self) -> dict[str, Any]:
        """Return the classes, as plain data."""
        return {"classes": self.classes}

    @classmethod
    def from_json(cls, network: Model, saved: Mapping[str, Any]) -> ImageGenerator:
        """Return the model that `to_json` described."""
        classes = [str(name) for name in saved["classes"]]
        if shape_of(network) is None:
            raise ValueError(f"{type(network).__name__} makes no images")
        if classes and len(classes) != getattr(network, "classes", None):
            raise ValueError(f"{len(classes)} classes")
        return cls(network, classes)

    @classmethod
    def of_network(cls, network: Model) -> ImageGenerator | None:
        """Return the model around a GAN or VAE that was saved alone; None if it is none."""
        if shape_of(network) is None:
            return None
        count = getattr(network, "classes", None) or 0
        return cls(network, [str(number) for number in range(count)])
