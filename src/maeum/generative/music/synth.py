"""A GAN that makes single notes as sound: GANSynth in miniature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from maeum.core import registry
from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError, DataError
from maeum.generative.adversarial import Adversarial
from maeum.generative.adversarial_parts import image_parts
from maeum.music.spectrograms import FLOOR, from_spectrogram, to_spectrogram

# At 8000 samples a second a bin is 16 Hz wide, as the lowest semitones from 60 on are apart.
WINDOW, HOP = 512, 256
SAMPLES = 3840  # of a note: half a second, 16 frames
_QUIET = -9.0  # the log-magnitude below which nothing is heard, and how the phase turns is noise
_MIDDLE = np.log(FLOOR) / 2  # of the log-magnitudes, which reach from twice of it to 0


@registry.builtin
class GANSynth(Adversarial):
    """A `GAN` that makes single notes of a given pitch: each latent code is a timbre.

    It is a miniature of GANSynth (Engel et al., "GANSynth: Adversarial neural audio synthesis",
    2019). A note is an image of two channels: the log-magnitudes of a short-time Fourier transform,
    and how fast the phases turn (`maeum.music.to_spectrogram`); the pitch is a label.

    Shapes: codes ``(rows, latent_size)``; images ``(rows, frames, window / 2, 2)`` from -1 to 1;
    sound ``(rows, samples)``.

    Args:
        generator, discriminator, latent_size, classes, loss, discriminator_steps, r1, r2,
            gradient_penalty, moving_average, name, seed: see `GAN`. `GANSynth.of_notes` makes both
            networks. ``classes`` is the number of pitches.
        lowest: the first pitch.
        window, hop: of the spectrograms, in samples.

    Example:
        >>> from maeum.music import drawn_notes
        >>> model = GANSynth.of_notes((60, 62), filters=(4, 4), seed=1)
        >>> notes = drawn_notes(8, pitches=(60, 62), samples=3840)
        >>> model.compile()
        >>> history = model.fit(*model.examples(notes.audio, notes.pitch), epochs=1, verbose=0)
        >>> one, other = model.draw_codes(2, seed=1)
        >>> model.between(one, other, pitch=61, steps=3).shape
        (3, 3840)
    """

    def __init__(
        self,
        generator: Any,
        discriminator: Any,
        *,
        latent_size: int,
        classes: int,
        lowest: int,
        window: int = WINDOW,
        hop: int = HOP,
        loss: str = "relativistic",
        discriminator_steps: int = 1,
        r1: float = 1.0,
        r2: float = 1.0,
        gradient_penalty: float | None = None,
        moving_average: float = 0.999,
        name: str | None = None,
        seed: int | None = None,
    ):
        self.lowest = check_whole(lowest, "lowest", 0)
        self.window, self.hop = window, hop
        super().__init__(
            generator, discriminator, latent_size=latent_size, loss=loss, classes=classes,
            discriminator_steps=discriminator_steps, r1=r1, r2=r2,
            gradient_penalty=gradient_penalty, moving_average=moving_average, name=name, seed=seed,
        )  # fmt: skip

    @classmethod
    def of_notes(
        cls,
        pitches: tuple[int, int] = (60, 71),
        samples: int = SAMPLES,
        filters: Sequence[int] = (32, 32, 16),
        *,
        latent_size: int = 16,
        hidden: int = 64,
        window: int = WINDOW,
        hop: int = HOP,
        **options: Any,
    ) -> GANSynth:
        """Return one with usual networks of convolutions.

        Args:
            pitches: the lowest and the highest, of MIDI.
            samples: of a note.
            filters: see `GAN.convolutional`; frames and bins of the spectrograms are halved as
                often.
            latent_size: the numbers of a latent code.
            hidden: the units of a dense layer in both.
            window, hop: of the spectrograms, in samples.
            options: what the class takes besides.

        Raises:
            ConfigError: for fewer than two pitches, or spectrograms that cannot be halved so often.
        """
        low, high = (check_whole(pitch, "pitches", 0) for pitch in pitches)
        if not low < high <= 127:
            raise ConfigError("pitches are the lowest and a higher one, between 0 and 127; got "
                              "{pitches}.", pitches=(low, high))  # fmt: skip
        shape = to_spectrogram(np.zeros(check_whole(samples, "samples")), window, hop).shape
        parts = image_parts(shape, latent_size, filters, hidden, high - low + 1, "tanh")
        return cls(*parts, latent_size=latent_size, classes=high - low + 1, lowest=low,
                   window=window, hop=hop, **options)  # fmt: skip

    def examples(self, audio: Any, pitch: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return what ``fit`` takes: images ``(rows, frames, bins, 2)``, and labels.

        Args:
            audio: ``(rows, samples)``.
            pitch: ``(rows,)`` of MIDI, or one for all.

        Raises:
            DataError: for pitches that the model does not have.
        """
        found = to_spectrogram(audio, self.window, self.hop)
        heard = found[..., 0] > _QUIET
        loud = np.clip(1 - found[..., 0] / _MIDDLE, -1, 1)
        images = np.stack([loud, np.where(heard, found[..., 1], 0)], axis=-1)
        return images.astype(np.float32), np.broadcast_to(self._label(pitch), len(images))

    def play(self, codes: Any, pitch: Any) -> np.ndarray:
        """Return the notes of timbres as sound, ``(rows, samples)`` of float32.

        Args:
            codes: ``(rows, latent_size)``, as `draw_codes` returns them.
            pitch: ``(rows,)`` of MIDI, or one for all.
        """
        return self._sound(self.decode(codes, self._label(pitch)))

    def between(self, one: Any, other: Any, pitch: int, steps: int = 9) -> np.ndarray:
        """Return the notes on the way from a timbre to another, ``(steps, samples)``.

        Args:
            one, other: latent codes, ``(latent_size,)``.
            pitch: of all of them, of MIDI.
            steps: how many, both ends included.
        """
        return self._sound(self.interpolate(one, other, steps, self._label(pitch)))

    def _sound(self, images: np.ndarray) -> np.ndarray:
        found = np.array(images, np.float64)
        found[..., 0] = (1 - found[..., 0]) * _MIDDLE
        return from_spectrogram(found, self.window, self.hop)

    def _label(self, pitch: Any) -> np.ndarray:
        given = np.asarray(pitch)
        highest = self.lowest + (self.classes or 0) - 1
        if given.dtype.kind not in "iu" or not (
            (given >= self.lowest) & (given <= highest)
        ).all():  # fmt: skip
            raise DataError("The pitches go from {low} to {high}; got {pitch}.", low=self.lowest,
                            high=highest, pitch=pitch)  # fmt: skip
        return given - self.lowest
