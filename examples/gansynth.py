"""GANSynth in miniature: a network makes notes, each latent code with a timbre of its own.

It learns from notes with drawn timbres, which the built-in synthesizer plays: their spectrograms
as log-magnitude and instantaneous frequency (Engel et al., 2019), with the pitch as a label. Then a
scale with one timbre, and the way from one timbre to another at one pitch, are written as WAV
files.

    python examples/gansynth.py --notes 1200 --epochs 15 --output gansynth
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import course
from maeum.generative.music import GANSynth
from maeum.music import drawn_notes, write_wav
from maeum.optimizers import Adam

RATE, SAMPLES = 8000, 3840  # half a second
FILTERS = 32, 32, 16


def main(argv: Sequence[str] | None = None) -> Path:
    """Train, write the sounds; return the folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notes", type=course.positive, default=1200, help="default: %(default)s")
    parser.add_argument("--epochs", type=course.positive, default=15, help="default: %(default)s")
    parser.add_argument("--pitches", type=int, nargs=2, default=(60, 71), help="default: 60 71")
    parser.add_argument("--filters", type=course.positive, nargs="+", default=FILTERS,
                        help="default: 32 32 16")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--output", type=Path, default=Path("gansynth"), help="default: gansynth")
    given = parser.parse_args(argv)

    pitches = tuple(given.pitches)
    notes = drawn_notes(given.notes, given.seed, pitches, RATE, SAMPLES)
    model = GANSynth.of_notes(pitches, SAMPLES, given.filters, seed=given.seed)
    model.compile(optimizer=[Adam(0.001, 0.0, 0.99) for _network in range(2)])
    images, labels = model.examples(notes.audio, notes.pitch)
    model.fit(images, labels, batch_size=32, epochs=given.epochs, verbose=2)

    given.output.mkdir(parents=True, exist_ok=True)
    one, other = model.draw_codes(2, seed=given.seed)
    scale = np.arange(pitches[0], pitches[1] + 1)
    middle = int(scale[len(scale) // 2])
    sounds = {
        "real": notes.audio[:8],
        "scale": model.play(np.tile(one, (len(scale), 1)), scale),
        "between": model.between(one, other, middle, steps=8),
    }
    for name, sound in sounds.items():
        write_wav(given.output / f"{name}.wav", np.concatenate(sound), RATE)
    near = pitch_found(sounds["scale"], scale)
    print(f"{near:.0%} of the made notes have the pitch that was asked for.")
    print(f"Sounds: {given.output}")
    return given.output


def pitch_found(sound: np.ndarray, pitches: np.ndarray) -> float:
    """Return how many notes have their pitch: that whose harmonics are the loudest of all."""
    spectra = np.log(np.abs(np.fft.rfft(sound * np.hanning(sound.shape[1]), 4 * SAMPLES)) + 1e-3)
    hertz = 440 * 2 ** ((pitches - 69) / 12)
    places = np.round(hertz[:, None] * np.arange(1, 6) * 4 * SAMPLES / RATE).astype(int)
    loudness = spectra[:, places].sum(-1)  # (notes, pitches)
    return float((loudness.argmax(1) == np.arange(len(pitches))).mean())


if __name__ == "__main__":
    main()
