"""Generative adversarial networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maeum.core import registry
from maeum.generative.adversarial import Adversarial


@registry.builtin
class GAN(Adversarial):
    """Generative adversarial network: a generator makes images that a discriminator cannot tell.

    Both are ordinary models. The generator makes images of latent codes, normally distributed
    numbers; the discriminator gives a logit for each image, the higher, the more real it looks.
    In each step of training the discriminator learns to tell real images from made ones, then the
    generator to make images that look real to it (Goodfellow et al., 2014): all of it is part of
    the one compiled program.

    By default the loss compares each made image with a real one, and penalties keep the slopes of
    the discriminator small on both, which keeps all modes of the data and converges
    (Huang et al., "The GAN is dead; long live the GAN! A modern GAN baseline", 2024).

    With ``classes`` both networks are given labels as well: the generator is called with ``[codes,
    labels]``, the discriminator with ``[images, labels]``, labels one-hot; and ``fit(x, y)`` takes
    labels.

    Training tells ``generator_loss`` and ``discriminator_loss`` (without its penalties),
    ``penalty``, the ``accuracy`` of the discriminator (where images are compared: how often the
    real one of a pair gets the higher logit), the ``margin`` between the mean logits of real and
    made images, and the ``diversity`` of made images: how far they spread, in parts of what real
    ones do.

    Shapes: codes ``(rows, latent_size)``; images ``(rows, ...)``, as the generator makes them.

    Args:
        generator: a model from codes to images.
        discriminator: a model from images to one number each.
        latent_size: the numbers of a latent code.
        loss: ``"relativistic"``; ``"non_saturating"`` or ``"minimax"`` (Goodfellow et al., 2014);
            ``"least_squares"`` (Mao et al., 2017); ``"wasserstein"`` (Arjovsky et al., 2017).
        discriminator_steps: how often the discriminator learns in each step, each time from other
            made images.
        r1, r2: how much half of the squared slope of the discriminator counts on real and on made
            images (Mescheder et al., 2018); by default 0.1 each for a relativistic loss, else 0.
        gradient_penalty: how much counts that the slope is not 1 between real and made images
            (Gulrajani et al., 2017); by default 10 for the Wasserstein loss, else 0.
        classes: the number of classes, for labels as conditions; None without labels.
        moving_average: how much of the moving averages of the generator's weights stays at each
            step. `sample` uses them.
        augmentation: changes of all images that the discriminator sees, for few images: True, or
            some of ``"color"``, ``"translation"``, ``"cutout"`` (Zhao et al., 2020).
        name: the model's name.
        seed: the seed that all random numbers follow from.

    Raises:
        ConfigError: for parts that are not models.
        ShapeError: if the parts do not fit together.
        UnknownNameError: for another loss or augmentation.

    Example:
        >>> import numpy as np
        >>> import maeum as mm
        >>> x = np.random.default_rng(0).random((64, 8, 8, 1), "float32")
        >>> model = mm.generative.GAN.convolutional((8, 8, 1), (4,), latent_size=2, seed=1)
        >>> model.compile()
        >>> history = model.fit(x, epochs=1, verbose=0)
        >>> sorted(history.history)[:4]
        ['accuracy', 'discriminator_loss', 'diversity', 'generator_loss']
        >>> model.sample(3, seed=1).shape
        (3, 8, 8, 1)
        >>> a, b = model.draw_codes(2, seed=1)
        >>> model.interpolate(a, b, steps=5).shape
        (5, 8, 8, 1)
    """


@registry.builtin
class RelativisticGAN(Adversarial):
    """A `GAN` whose loss compares each made image with a real one, with penalties on both.

    This is the recipe of R3GAN (Huang et al., 2024). For an image ``x`` and a made one ``G(z)`` the
    discriminator ``D`` minimises ``softplus(D(G(z)) - D(x))``, the generator
    ``softplus(D(x) - D(G(z)))``; the discriminator also half of its squared slopes by the pixels,
    on real images (times ``r1``) and on made ones (times ``r2``).

    Args:
        generator, discriminator, latent_size, discriminator_steps, r1, r2, classes, moving_average,
            augmentation, name, seed: see `GAN`.

    Example:
        >>> from maeum.generative import RelativisticGAN
        >>> RelativisticGAN.convolutional((8, 8, 1)).penalties["r1"]
        0.1
    """

    def __init__(
        self,
        generator: Any,
        discriminator: Any,
        *,
        latent_size: int = 64,
        discriminator_steps: int = 1,
        r1: float | None = None,
        r2: float | None = None,
        classes: int | None = None,
        moving_average: float = 0.999,
        augmentation: Sequence[str] | str | bool | None = None,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(
            generator, discriminator, latent_size=latent_size, loss="relativistic",
            discriminator_steps=discriminator_steps, r1=r1, r2=r2, classes=classes,
            moving_average=moving_average, augmentation=augmentation, name=name, seed=seed,
        )  # fmt: skip


@registry.builtin
class WassersteinGAN(Adversarial):
    """A `GAN` whose discriminator estimates the Wasserstein distance between real and made images.

    The discriminator, a critic, minimises ``D(G(z)) - D(x)``, and its slopes are kept near 1
    between real and made images by a penalty (Gulrajani et al., "Improved training of Wasserstein
    GANs", 2017). It has to be close to its best at all times, so that it learns several times for
    each step of the generator.

    Args:
        generator, discriminator, latent_size, discriminator_steps, gradient_penalty, classes,
            moving_average, augmentation, name, seed: see `GAN`.

    Example:
        >>> from maeum.generative import WassersteinGAN
        >>> WassersteinGAN.convolutional((8, 8, 1)).discriminator_steps
        5
    """

    rates = (1e-4, 0.0, 0.9)

    def __init__(
        self,
        generator: Any,
        discriminator: Any,
        *,
        latent_size: int = 64,
        discriminator_steps: int = 5,
        gradient_penalty: float | None = None,
        classes: int | None = None,
        moving_average: float = 0.999,
        augmentation: Sequence[str] | str | bool | None = None,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(
            generator, discriminator, latent_size=latent_size, loss="wasserstein",
            discriminator_steps=discriminator_steps, gradient_penalty=gradient_penalty,
            classes=classes, moving_average=moving_average, augmentation=augmentation, name=name,
            seed=seed,
        )  # fmt: skip
