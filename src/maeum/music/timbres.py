"""Single notes with drawn timbres: a data set that the synthesizer makes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError
from maeum.core.randomness import check_seed
from maeum.music.instruments import Additive, Envelope, check_rate
from maeum.music.notes import frequency
from maeum.music.sound import PEAK

RATE = 8000
SAMPLES = 7808  # 64 frames of the usual spectrogram
TIMBRE = ("slope", "even", "damping", "attack", "decay", "sustain")
_RANGES = np.array([(0.3, 2.5), (0.0, 1.0), (0.0, 3.0), (0.002, 0.1), (0.1, 1.0), (0.0, 0.9)])
_HARMONICS = 16
_RELEASE = 0.15


class DrawnNotes(NamedTuple):
    """Notes and what they were made from.

    Attributes:
        audio: ``(count, samples)`` of float32, the greatest 0.9 in size.
        pitch: ``(count,)`` MIDI pitches.
        timbre: ``(count, 6)`` the numbers named in `TIMBRE`, each from 0 to 1 within its range.
        rate: samples a second.
    """

    audio: np.ndarray
    pitch: np.ndarray
    timbre: np.ndarray
    rate: int


def drawn_notes(
    count: int,
    seed: int = 0,
    pitches: tuple[int, int] = (48, 72),
    rate: int = RATE,
    samples: int = SAMPLES,
) -> DrawnNotes:
    """Return single notes of drawn pitches and timbres.

    A timbre is how fast the harmonics fall with their number, how strong the even ones are, how
    much faster the high ones fade, and attack, decay and sustain of the envelope.

    Args:
        count: how many.
        seed: of the drawing; the first notes are the same, however many there are.
        pitches: the lowest and the highest.
        rate: samples a second.
        samples: of a note.

    Example:
        >>> notes = drawn_notes(3, seed=1)
        >>> notes.audio.shape, notes.timbre.shape
        ((3, 7808), (3, 6))
    """
    low, high = (check_whole(pitch, "pitches", 0) for pitch in pitches)
    if not low <= high <= 127:
        raise ConfigError("pitches are the lowest and the highest one, between 0 and 127; got "
                          "{pitches}.", pitches=(low, high))  # fmt: skip
    check_whole(count, "count")
    rng = np.random.default_rng(check_seed(seed))
    drawn = rng.random((count, 1 + len(TIMBRE)))
    pitch = (low + np.floor(drawn[:, 0] * (high - low + 1))).astype(np.int64)
    audio = np.stack([
        note(int(p), timbre, check_rate(rate), check_whole(samples, "samples"))
        for p, timbre in zip(pitch, drawn[:, 1:])
    ])  # fmt: skip
    return DrawnNotes(audio, pitch, drawn[:, 1:].astype(np.float32), rate)


def note(pitch: int, timbre: Any, rate: int = RATE, samples: int = SAMPLES) -> np.ndarray:
    """Return one note of a timbre, ``(samples,)``: between two timbres lie others.

    Args:
        pitch: of MIDI.
        timbre: ``(6,)`` the numbers named in `TIMBRE`, from 0 to 1.
        rate: samples a second.
        samples: of the note, its release included.

    Example:
        >>> note(60, [0.5] * 6).shape
        (7808,)
    """
    given = np.asarray(timbre, float)
    if given.shape != (len(TIMBRE),) or not ((given >= 0) & (given <= 1)).all():
        raise ConfigError("A timbre is {n} numbers from 0 to 1: {names}; got {given}.",
                          n=len(TIMBRE), names=", ".join(TIMBRE), given=timbre)  # fmt: skip
    slope, even, damping, attack, decay, sustain = _RANGES[:, 0] + given * np.ptp(_RANGES, axis=1)
    numbers = np.arange(1, _HARMONICS + 1)
    harmonics = np.where(numbers % 2, 1.0, even) / numbers**slope
    player = Additive(
        tuple(harmonics.tolist()), Envelope(attack, decay, sustain, _RELEASE), damping
    )
    held = max(samples - round(_RELEASE * rate), 1)
    sound = np.zeros(samples, np.float32)
    made = player.note(float(frequency(pitch)), held / rate, rate)[:samples]
    sound[: len(made)] = made
    return sound * np.float32(PEAK / max(float(np.abs(sound).max(initial=0)), 1e-9))
