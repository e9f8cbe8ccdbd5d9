"""A GAN that makes phrases of several bars and tracks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from maeum.core import registry
from maeum.core.checks import check_number, check_whole
from maeum.core.errors import ConfigError
from maeum.generative.adversarial import Adversarial
from maeum.generative.music.parts import music_parts


@registry.builtin
class MusicGAN(Adversarial):
    """A `GAN` that makes phrases: piano rolls of several bars and tracks.

    It has the shape of MuseGAN (Dong et al., "MuseGAN: Multi-track sequential generative
    adversarial networks for symbolic music generation and accompaniment", 2018). A latent code has
    four kinds of parts: shared between the tracks or a track's own, and for each of these one that
    stays the same all the time and one of which a temporal generator makes another for each bar.
    From the four of them a bar generator for each track makes its notes. The discriminator sees
    whole phrases: beats, bars of beats, then all bars.

    Notes sound or do not, in training, too (`Notes`), so that what the discriminator sees of the
    generator has no halves that real music never has.

    Shapes: codes ``(rows, latent_size)``; phrases ``(rows, bars, steps, pitches, tracks)`` of 0 and
    1.

    Args:
        generator, discriminator, latent_size, loss, discriminator_steps, r1, r2, gradient_penalty,
            moving_average, name, seed: see `GAN`. `MusicGAN.of_phrases` makes both networks. The
            penalties are stronger than those of images, of which there are more.

    Example:
        >>> model = MusicGAN.of_phrases((2, 4, 12, 2), steps_per_beat=1, units=8, seed=1)
        >>> model.sample(3, seed=1).shape
        (3, 2, 4, 12, 2)
        >>> model.longer(1, phrases=2, seed=1).shape
        (1, 4, 4, 12, 2)
    """

    def __init__(
        self,
        generator: Any,
        discriminator: Any,
        *,
        latent_size: int,
        loss: str = "relativistic",
        discriminator_steps: int = 1,
        r1: float = 1.0,
        r2: float = 1.0,
        gradient_penalty: float | None = None,
        moving_average: float = 0.99,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(
            generator, discriminator, latent_size=latent_size, loss=loss,
            discriminator_steps=discriminator_steps, r1=r1, r2=r2,
            gradient_penalty=gradient_penalty, moving_average=moving_average, name=name, seed=seed,
        )  # fmt: skip

    @classmethod
    def of_phrases(
        cls,
        shape: Sequence[int],
        voices: Sequence[bool] | bool = False,
        steps_per_beat: int = 4,
        code_size: int = 16,
        units: int = 96,
        **options: Any,
    ) -> MusicGAN:
        """Return one with usual networks.

        Args:
            shape: of a phrase, ``(bars, steps, pitches, tracks)``, as `maeum.music.to_phrases`
                makes them.
            voices: for each track (or for all) whether it plays one note at a time.
            steps_per_beat: steps of a quarter note; a bar has a whole number of beats.
            code_size: the numbers of each of the ``2 * (1 + tracks)`` parts of a code.
            units: the units of the hidden layers.
            options: what the class takes besides.

        Raises:
            ConfigError: for a shape that is none, or bars that have no whole number of beats.
        """
        tracks = shape[-1] if len(shape) else 0
        each = [voices] * tracks if isinstance(voices, bool) else list(voices)
        if len(each) != tracks:
            raise ConfigError("voices has one for each of the {n} tracks; got {given}.", n=tracks,
                              given=len(each))  # fmt: skip
        size = check_whole(code_size, "code_size")
        parts = music_parts(shape, each, steps_per_beat, size, check_whole(units, "units"))
        return cls(*parts, latent_size=2 * (1 + tracks) * size, **options)

    def longer(
        self, count: int, phrases: int, seed: int | None = None, temperature: float = 1.0
    ) -> np.ndarray:
        """Return music of several phrases that belong together.

        The parts of the codes that stay the same all the time are those of all its phrases; the
        others are drawn for each.

        Args:
            count: how many pieces.
            phrases: of a piece.
            seed: the seed of what is drawn; another one each time by default.
            temperature: the codes are multiplied by it: below 1 the music is more usual, and 0
                makes the same each time.

        Returns:
            ``(count, phrases * bars, steps, pitches, tracks)`` of bool.
        """
        check_number(temperature, "temperature")
        n = check_whole(count, "count") * check_whole(phrases, "phrases")
        drawn = np.array(self.draw_codes(n, seed))
        parts = drawn.reshape(count, phrases, 1 + self.image_shape[-1], 2, -1)
        parts[:, :, :, 0] = parts[:, :1, :, 0]
        made = self.decode(temperature * parts.reshape(n, -1)) > 0.5
        bars, *rest = self.image_shape
        return made.reshape(count, phrases * bars, *rest)
