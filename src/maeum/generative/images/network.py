"""The networks that make images, and what is made by them."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.generative.adversarial import Adversarial
from maeum.generative.adversarial_checks import range_of
from maeum.generative.conditional_vae import ConditionalVAE
from maeum.generative.gan import GAN, WassersteinGAN
from maeum.generative.images.options import GenerateOptions
from maeum.generative.vae import VAE
from maeum.models import Model
from maeum.optimizers import Adam


def build_network(
    shape: tuple[int, int, int], classes: int | None, options: GenerateOptions
) -> Any:
    """Return a compiled network.

    Args:
        shape: that of an image, whose pixels go from 0 to 1.
        classes: how many there are, if they are learnt.
        options: the choices, resolved.
    """
    if options.network == "vae":
        return _vae(shape, classes, options)
    chosen: dict[str, Any] = {"filters": options.filters, "latent_size": options.latent_size,
                              "classes": classes, "augmentation": options.augmentation or None,
                              "seed": options.seed}  # fmt: skip
    if options.loss == "wasserstein":
        network = WassersteinGAN.convolutional(shape, **chosen)
    else:
        network = GAN.convolutional(shape, loss=options.loss, **chosen)
    if options.learning_rate is None:
        network.compile()
        return network
    betas = network.rates[1:]
    both = [Adam(options.learning_rate, *betas) for _network in range(2)]
    network.compile(generator_optimizer=both[0], discriminator_optimizer=both[1])
    return network


def _vae(shape: tuple[int, int, int], classes: int | None, options: GenerateOptions) -> VAE:
    given = (shape, (options.filters or (64, 32))[::-1], options.latent_size or 1)
    chosen: dict[str, Any] = {"output_activation": "sigmoid", "seed": options.seed}
    if classes is None:
        network = VAE.convolutional(*given, **chosen)
    else:
        network = ConditionalVAE.convolutional(*given, classes=classes, **chosen)
    network.compile(Adam(options.learning_rate or 0.001))
    return network


def sample(network: Any, count: int, seed: int, labels: Any = None) -> np.ndarray:
    """Return new images; ``labels`` only of a network with classes, else all in turn."""
    return decode(network, network.draw_codes(count, seed), labels)


def decode(network: Any, codes: np.ndarray, labels: Any = None) -> np.ndarray:
    """Return what a network makes of codes: ``(rows, height, width, channels)`` from 0 to 1."""
    classes = getattr(network, "classes", None)
    if labels is None and classes is not None:
        labels = np.arange(len(codes)) % classes
    made = np.asarray(network.decoded_as(codes, labels), np.float32)
    low, high = range_of(maker_of(network)) or (0.0, 1.0)
    unit = np.clip((made - low) / (high - low), 0, 1)
    return unit[..., None] if unit.ndim == 3 else unit


def maker_of(network: Any) -> Model:
    """Return the part that makes images of codes."""
    return network.generator if isinstance(network, Adversarial) else network.decoder


def shape_of(network: Any) -> tuple[int, int, int] | None:
    """Return the shape of the images that a network makes; None if it makes none."""
    if not isinstance(network, (Adversarial, VAE)):
        return None
    shape = tuple(maker_of(network).output_shape[1:])
    shape = (*shape, 1) if len(shape) == 2 else shape
    return shape if len(shape) == 3 and shape[-1] in (1, 3) else None  # type: ignore[return-value]


def unit(pixels: np.ndarray) -> np.ndarray:
    """Return bytes as floats from 0 to 1, as networks learn them."""
    return pixels.astype(np.float32) / np.float32(255)


def as_bytes(images: np.ndarray) -> np.ndarray:
    """Return floats from 0 to 1 as bytes."""
    return np.rint(255 * images).astype(np.uint8)
