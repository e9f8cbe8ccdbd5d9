"""How single notes sound: sums of harmonics, plucked strings, and drums of noise, in NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.core.checks import check_number, check_positive
from maeum.core.errors import ConfigError, not_implemented


@dataclass(frozen=True)
class Envelope:
    """How loud a note is: attack, decay, sustain and release (ADSR), in seconds.

    It rises to 1 within ``attack``, falls to ``sustain`` with the time constant ``decay``, and
    fades out within ``release`` behind its end (`Instrument.ended`).

    Example:
        >>> Envelope(0.5, 1.0, 0.0).held(4, rate=2).round(2).tolist()
        [0.0, 1.0, 0.61, 0.37]
    """

    attack: float = 0.01
    decay: float = 0.3
    sustain: float = 0.7
    release: float = 0.1

    def __post_init__(self) -> None:
        for name in ("attack", "decay", "release"):
            check_number(getattr(self, name), name, most=60)
        check_number(self.sustain, "sustain", most=1)

    def held(self, samples: int, rate: int) -> np.ndarray:
        """Return the loudness of each sample of a note that is not released."""
        time = np.arange(samples) / rate
        falling = np.exp(-np.maximum(time - self.attack, 0) / max(self.decay, 1e-4))
        heights = self.sustain + (1 - self.sustain) * falling
        rising = time < self.attack
        heights[rising] = time[rising] / self.attack
        return heights


class Instrument:
    """Something that plays notes: a sound that rings, and its end.

    Attributes:
        release: seconds in which a note fades out behind its end.
    """

    release: float

    def ring(self, frequency: float, seconds: float, rate: int) -> np.ndarray:
        """Return a note that nobody ends, ``(samples,)`` of float32 between -1 and 1."""
        raise not_implemented(self, "ring")

    def note(self, frequency: float, seconds: float, rate: int) -> np.ndarray:
        """Return a note of so many seconds and its release, ``(samples,)`` between -1 and 1."""
        samples = round(seconds * rate)
        whole = samples + round(self.release * rate)
        return self.ended(self.ring(frequency, whole / rate, rate), samples, rate)

    def ended(self, ringing: np.ndarray, samples: int, rate: int) -> np.ndarray:
        """Return what rings with an end after so many samples."""
        fading = round(self.release * rate)
        sound = ringing[: samples + fading].copy()
        fade = np.linspace(1, 0, fading, endpoint=False, dtype=np.float32) ** 2
        sound[samples:] *= fade[: max(len(sound) - samples, 0)]
        return sound


@dataclass(frozen=True)
class Additive(Instrument):
    """A sum of harmonics (sines of multiples of the frequency) under an envelope.

    Args:
        harmonics: the amplitudes of the first harmonic, the second, ...
        envelope: of the loudness.
        damping: how much faster each further harmonic fades: the n-th by ``exp(-damping (n - 1)
            t)``.

    Example:
        >>> flute = Additive((1.0, 0.2), Envelope(0.05, 0.1, 0.9, 0.05))
        >>> flute.note(440.0, 1.0, 22050).shape
        (23152,)
    """

    harmonics: Sequence[float]
    envelope: Envelope = Envelope()
    damping: float = 0.0

    @property
    def release(self) -> float:  # type: ignore[override]
        """Seconds in which a note fades out behind its end."""
        return self.envelope.release

    def ring(self, frequency: float, seconds: float, rate: int) -> np.ndarray:
        """Return a note that nobody ends.

        Harmonics above half the rate are left out, as they would sound as others.
        """
        heights = self.envelope.held(round(seconds * rate), rate)
        angle = (2 * np.pi * frequency / rate) * np.arange(len(heights))
        most = min(int(rate / 2 / frequency), len(self.harmonics))
        # sin((n + 1) a) = 2 cos(a) sin(n a) - sin((n - 1) a): one sine and one cosine for all.
        twice, before, now = 2 * np.cos(angle), np.zeros_like(angle), np.sin(angle)
        fade = np.exp(np.arange(len(heights)) * (-self.damping / rate)) if self.damping else 1.0
        total, faded = np.zeros_like(angle), 1.0
        for amplitude in self.harmonics[:most]:
            total += amplitude * faded * now
            before, now = now, twice * now - before
            faded = faded * fade
        loudest = max(sum(map(abs, self.harmonics)), 1e-9)
        return (total * heights / loudest).astype(np.float32)


@dataclass(frozen=True)
class Plucked(Instrument):
    """A plucked string (Karplus and Strong, 1983): noise that runs round a loop which damps it.

    Args:
        brightness: from 0 to 1, how much of the noise's high frequencies the pluck has.
        fading: seconds until a note of 220 Hz has lost 60 dB.
        release: seconds in which it is stopped behind its end.

    Example:
        >>> Plucked().note(220.0, 0.5, 22050).shape
        (13230,)
    """

    brightness: float = 0.6
    fading: float = 4.0
    release: float = 0.1

    def ring(self, frequency: float, seconds: float, rate: int) -> np.ndarray:
        """Return a note that nobody ends."""
        period = rate / frequency
        # The mean of two neighbours delays by half a sample; the rest that is no whole number of
        # samples is a weighted mean of the next two.
        whole = int(period - 0.5)
        samples = round(seconds * rate)
        if whole < 2:  # the pitch cannot be told at this rate
            return np.zeros(samples, np.float32)
        rest = period - 0.5 - whole
        loss = 10 ** (-3 * period / rate / self.fading * np.sqrt(frequency / 220.0))
        last, middle, first = np.convolve([0.5, 0.5], [1 - rest, rest]) * loss
        noise = np.random.default_rng(round(frequency * 100)).uniform(-1, 1, whole + 1)
        smooth = self.brightness * (1 - self.brightness) ** np.arange(64)
        noise = np.convolve(noise, smooth)[: whole + 1]
        # A block as long as the loop follows from what lies before it.
        before = whole + 2
        sound = np.zeros(before + max(samples, whole + 1) + whole)
        sound[before : before + whole + 1] = noise - noise.mean()
        for begin in range(before, before + samples, whole):
            seen = sound[begin - before : begin]
            sound[begin : begin + whole] += (
                last * seen[2:] + middle * seen[1:-1] + first * seen[:-2]
            )
        sound = sound[before : before + samples]
        return (sound / max(np.abs(sound).max(initial=0), 1e-9)).astype(np.float32)


@dataclass(frozen=True)
class Drum:
    """A drum: a falling tone, and noise of a band of frequencies, both fading.

    Args:
        tone: Hz in the end; 0 for none.
        fall: how many times as high it begins.
        noise: from 0 to 1, how much of it is noise.
        band: Hz above which the noise sounds, and below which.
        fading: seconds until it has lost 60 dB.
    """

    tone: float
    fall: float
    noise: float
    band: tuple[float, float]
    fading: float

    def hit(self, rate: int) -> np.ndarray:
        """Return one hit, ``(samples,)`` of float32 between -1 and 1."""
        time = np.arange(round(self.fading * rate)) / rate
        turn = self.tone * (1 + (self.fall - 1) * np.exp(-time * 30))
        sound = (1 - self.noise) * np.sin(2 * np.pi * np.cumsum(turn) / rate)
        if self.noise:
            noise = np.fft.rfft(np.random.default_rng(0).standard_normal(len(time)))
            pitch = np.fft.rfftfreq(len(time), 1 / rate)
            low, high = self.band
            noise *= 1 / np.sqrt(
                (1 + (low / np.maximum(pitch, 1)) ** 4) * (1 + (pitch / high) ** 4)
            )
            band = np.fft.irfft(noise, len(time))
            sound = sound + self.noise * band / max(np.abs(band).max(initial=0), 1e-9)
        sound *= np.exp(-np.log(1000) * time / self.fading)
        return (sound / max(np.abs(sound).max(initial=0), 1e-9)).astype(np.float32)


def _falling(count: int, power: float, even: float = 1.0) -> tuple[float, ...]:
    """Amplitudes that fall with a power of the number; those of even harmonics by ``even``, too."""
    return tuple((even if n % 2 == 0 else 1.0) / n**power for n in range(1, count + 1))


_PIANO = Additive(_falling(10, 1.3), Envelope(0.004, 0.7, 0.05, 0.15), 1.2)
_BELLS = Additive((1.0, 0.1, 0.05, 0.5, 0.0, 0.2), Envelope(0.002, 0.5, 0.0, 0.4), 0.8)
_ORGAN = Additive((1.0, 0.7, 0.4, 0.5, 0.0, 0.3, 0.0, 0.25), Envelope(0.02, 0.1, 1.0, 0.06))
_STRINGS = Additive(_falling(12, 1.1), Envelope(0.08, 0.3, 0.85, 0.2))
_VOICES = Additive((1.0, 0.6, 0.25, 0.12, 0.06), Envelope(0.07, 0.3, 0.85, 0.2))
_BRASS = Additive(_falling(10, 0.8), Envelope(0.04, 0.15, 0.75, 0.08))
_REED = Additive(_falling(9, 0.9, 0.25), Envelope(0.03, 0.1, 0.9, 0.06))
_FLUTE = Additive((1.0, 0.25, 0.1, 0.03), Envelope(0.05, 0.1, 0.9, 0.08))
_LEAD = Additive(_falling(12, 1.0, 0.0), Envelope(0.01, 0.2, 0.7, 0.05))
_GUITAR, _BASS = Plucked(), Plucked(0.25, 3.0)

# The instruments of General MIDI, eight programs each.
INSTRUMENTS: tuple[Instrument, ...] = (
    _PIANO, _BELLS, _ORGAN, _GUITAR, _BASS, _STRINGS, _VOICES, _BRASS, _REED, _FLUTE, _LEAD,
    _STRINGS, _VOICES, _GUITAR, _BELLS, _STRINGS,
)  # fmt: skip

_KICK = Drum(50, 3.0, 0.05, (500, 2000), 0.35)
_SNARE = Drum(190, 1.3, 0.7, (1000, 7000), 0.25)
_CLOSED = Drum(0, 1.0, 1.0, (6000, 10000), 0.08)
_OPEN = Drum(0, 1.0, 1.0, (5000, 10000), 0.45)
_CYMBAL = Drum(0, 1.0, 1.0, (3000, 10000), 1.2)
_CLICK = Drum(800, 1.2, 0.4, (1500, 8000), 0.08)
_TOM = Drum(110, 1.6, 0.1, (300, 2000), 0.4)
_DRUMS = {
    **dict.fromkeys((35, 36), _KICK), **dict.fromkeys((38, 39, 40), _SNARE),
    **dict.fromkeys((42, 44, 54, 69, 70), _CLOSED), 46: _OPEN,
    **dict.fromkeys((49, 51, 52, 53, 55, 57, 59), _CYMBAL),
    **dict.fromkeys((41, 43, 45, 47, 48, 50), _TOM),
}  # fmt: skip


def instrument(program: int) -> Instrument:
    """Return the instrument that plays a program of General MIDI, from 0 to 127."""
    if not 0 <= program < 128:
        raise ConfigError("program lies between 0 and 127; got {program}.", program=program)
    return INSTRUMENTS[program // 8]


def drum(pitch: int) -> Drum:
    """Return the drum that General MIDI has at a pitch."""
    return _DRUMS.get(pitch, _CLICK)


def check_rate(rate: Any) -> int:
    """Return a rate of whole samples a second, from 1,000 on, or raise `ConfigError`."""
    check_positive(rate, "rate")
    if rate != int(rate) or not 1000 <= rate <= 384_000:
        raise ConfigError("rate is a whole number of samples a second, from 1,000 to 384,000; got "
                          "{rate!r}.", rate=rate)  # fmt: skip
    return int(rate)
