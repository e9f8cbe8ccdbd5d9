"""Sound as images that a network can make: log-magnitude and instantaneous frequency.

They are those of GANSynth (Engel et al., 2019, https://arxiv.org/abs/1902.08710): a short-time
Fourier transform whose phases are told by how fast they turn. For a steady tone that is a constant,
where the phases themselves look like noise.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError, ShapeError

WINDOW, HOP = 512, 128
FLOOR = 1e-6  # magnitudes far below it are silence


def to_spectrogram(
    audio: Any, window: int = WINDOW, hop: int = HOP, mel: int | None = None
) -> np.ndarray:
    """Return sound as log-magnitude and instantaneous frequency.

    Args:
        audio: ``(..., samples)``; silence is added up to a whole number of hops.
        window: samples of a frame, even; it is weighted by a Hann window.
        hop: samples from a frame to the next, at most half a window, which it divides.
        mel: the rate of the sound, for bins of equal width in mel rather than in Hz: low pitches
            are farther apart there. Of the high bins not all are kept, so the inverse is no longer
            exact. None leaves them as they are.

    Returns:
        ``(..., frames, window / 2, 2)`` of float32 with ``samples / hop + window / hop - 1``
        frames: ``log(magnitude + 1e-6)``, where a sine of the amplitude 1 has the magnitude 1; and
        the turn of the phase since the frame before, as a fraction of half a circle, from -1 to 1
        (in the first frame the phase itself). The highest bin, of half the rate, is left out.

    Raises:
        ConfigError: for a window and a hop that do not fit.
        ShapeError: for sound without samples.

    Example:
        >>> to_spectrogram(np.zeros(7808)).shape
        (64, 256, 2)
    """
    _check(window, hop)
    sound = np.asarray(audio, np.float64)
    if sound.ndim < 1 or not sound.shape[-1]:
        raise ShapeError("Sound is an array (..., samples); got shape {shape}.", shape=sound.shape)
    beside, missing = window - hop, -sound.shape[-1] % hop
    edges = [(0, 0)] * (sound.ndim - 1) + [(beside, beside + missing)]
    parts = np.lib.stride_tricks.sliding_window_view(np.pad(sound, edges), window, axis=-1)
    weights = _hann(window)
    found = np.fft.rfft(parts[..., ::hop, :] * weights)[..., :-1] * (2 / weights.sum())
    phase = np.angle(found)
    turn = np.diff(phase, axis=-2, prepend=0.0)
    turn = (turn + np.pi) % (2 * np.pi) - np.pi
    image = np.stack([np.log(np.abs(found) + FLOOR), turn / np.pi], axis=-1)
    if mel is not None:
        image = _nearest(image, _mel_places(window // 2, mel))
    return image.astype(np.float32)


def from_spectrogram(
    spectrogram: Any,
    window: int = WINDOW,
    hop: int = HOP,
    mel: int | None = None,
    samples: int | None = None,
) -> np.ndarray:
    """Return the sound of a spectrogram: the inverse of `to_spectrogram`.

    Frames overlap; where they contradict each other, as those of a network may, the sound is the
    one that fits all of them best in the sense of least squares (Griffin and Lim, 1984).

    Args:
        spectrogram: ``(..., frames, window / 2, 2)``.
        window, hop, mel: as they were given.
        samples: of the sound; None for all that the frames tell.

    Returns:
        ``(..., samples)`` of float32.

    Example:
        >>> sine = np.sin(2 * np.pi * 440 / 8000 * np.arange(7808))
        >>> error = from_spectrogram(to_spectrogram(sine)) - sine
        >>> bool(abs(error).max() < 0.001)
        True
    """
    _check(window, hop)
    image = np.asarray(spectrogram, np.float64)
    if image.ndim < 3 or image.shape[-2:] != (window // 2, 2) or image.shape[-3] < window // hop:
        raise ShapeError("A spectrogram is an array (..., frames, {bins}, 2) of {least} frames or "
                         "more; got shape {shape}.", bins=window // 2, least=window // hop,
                         shape=image.shape)  # fmt: skip
    if mel is not None:
        image = _nearest(image, _linear_places(window // 2, mel))
    weights = _hann(window)
    size = np.maximum(np.exp(image[..., 0]) - FLOOR, 0) * (weights.sum() / 2)
    bins = size * np.exp(1j * np.pi * np.cumsum(image[..., 1], axis=-2))
    bins = np.concatenate([bins, np.zeros((*bins.shape[:-1], 1))], axis=-1)
    parts = np.fft.irfft(bins, window) * weights
    frames, ratio = parts.shape[-2], window // hop
    blocks = parts.reshape(*parts.shape[:-1], ratio, hop)
    sound = np.zeros((*parts.shape[:-2], frames + ratio - 1, hop))
    for place in range(ratio):
        sound[..., place : place + frames, :] += blocks[..., place, :]
    total = (weights**2).reshape(ratio, hop).sum(0)  # the same wherever all frames overlap
    whole = (sound / total).reshape(*sound.shape[:-2], -1)
    whole = whole[..., window - hop : whole.shape[-1] - (window - hop)]
    return whole[..., :samples].astype(np.float32)


def _check(window: int, hop: int) -> None:
    check_whole(window, "window", 4)
    check_whole(hop, "hop")
    if window % 2 or window % hop or hop > window // 2:
        raise ConfigError("A window is even, and the hop divides it into two parts or more; got "
                          "window={window} and hop={hop}.", window=window, hop=hop)  # fmt: skip


def _hann(window: int) -> np.ndarray:
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)


def _mel(hertz: Any) -> np.ndarray:
    return np.log1p(np.asarray(hertz) / 700)


def _mel_places(bins: int, rate: int) -> np.ndarray:
    """Return where the bins of mel lie among those of Hz."""
    top = _mel(rate / 2)
    hertz = 700 * np.expm1(np.arange(bins) / bins * top)
    return hertz / (rate / 2) * bins


def _linear_places(bins: int, rate: int) -> np.ndarray:
    """Return where the bins of Hz lie among those of mel."""
    return _mel(np.arange(bins) / bins * rate / 2) / _mel(rate / 2) * bins


def _nearest(image: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return an image ``(..., bins, 2)`` at places beside its bins: turns have no mean."""
    return image[..., np.minimum(np.round(places).astype(int), image.shape[-2] - 1), :]
