"""Measures of music, of real and of generated: what is compared is their values on both.

They are those of MuseGAN (Dong, Hsiao, Yang and Yang, 2018, https://arxiv.org/abs/1709.06298), over
piano rolls ``(bars, steps, pitches, tracks)`` of bool. A measure of a track is the mean over its
bars that are not empty, and NaN where all are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.core.checks import check_choice, check_whole
from maeum.core.errors import ShapeError
from maeum.music.rolls import Roll

SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}


def empty_bars(roll: Any) -> np.ndarray:
    """Return the fraction of bars without a note, ``(tracks,)``.

    >>> bars = np.zeros((2, 4, 12, 1), bool)
    >>> bars[0, 0, 0] = True
    >>> empty_bars(bars).tolist()
    [0.5]
    """
    return 1 - _rolls(roll).any((1, 2)).mean(0)


def used_pitch_classes(roll: Any, lowest: int = 24) -> np.ndarray:
    """Return how many of the twelve pitch classes a bar uses, ``(tracks,)``.

    Args:
        roll: the piano roll.
        lowest: the MIDI pitch of its first row of pitches.

    Example:
        >>> bars = np.zeros((1, 4, 25, 1), bool)
        >>> bars[0, :, [0, 12, 7]] = True
        >>> used_pitch_classes(bars).tolist()
        [2.0]
    """
    used = _chroma(_rolls(roll).sum(1), lowest) > 0
    return _mean(used.sum(1), roll)


def qualified_notes(roll: Any, shortest: int = 3) -> np.ndarray:
    """Return the fraction of notes that last ``shortest`` steps or more, ``(tracks,)``.

    What is shorter is fragmented music. A note is a run of steps in which a pitch sounds, within
    its bar.

    Example:
        >>> bars = np.zeros((1, 8, 1, 1), bool)
        >>> bars[0, [0, 1, 2, 5]] = True
        >>> qualified_notes(bars).tolist()
        [0.5]
    """
    check_whole(shortest, "shortest")
    sounds = _rolls(roll)
    before = np.zeros_like(sounds)
    before[:, 1:] = sounds[:, :-1]
    starts = sounds & ~before
    long = starts.copy()  # whether the run that begins here is long enough
    for ahead in range(1, shortest):
        later = np.zeros_like(sounds)
        later[:, :-ahead] = sounds[:, ahead:]
        long &= later
    return _mean(_ratio(long.sum((1, 2)), starts.sum((1, 2))), roll)


def polyphony(roll: Any, voices: int = 2) -> np.ndarray:
    """Return the fraction of steps in which ``voices`` pitches or more sound, ``(tracks,)``.

    >>> bars = np.zeros((1, 4, 12, 1), bool)
    >>> bars[0, 0, [0, 4]] = bars[0, 1, 0] = True
    >>> polyphony(bars).tolist()
    [0.25]
    """
    together = _rolls(roll).sum(2) >= check_whole(voices, "voices")
    return _mean(together.mean(1), roll)


def in_scale(
    roll: Any, root: int | None = None, scale: str = "major", lowest: int = 24
) -> np.ndarray:
    """Return the fraction of what sounds whose pitch class is in a scale, ``(tracks,)``.

    Args:
        roll: the piano roll.
        root: the pitch class on which the scale begins, 0 for C; None takes the one that most of
            all tracks together fits into.
        scale: ``"major"`` or (natural) ``"minor"``.
        lowest: the MIDI pitch of its first row of pitches.

    Example:
        >>> bars = np.zeros((1, 4, 12, 1), bool)
        >>> bars[0, [0, 1, 2, 3], [0, 4, 7, 6]] = True
        >>> in_scale(bars, root=0).tolist(), in_scale(bars).tolist()
        ([0.75], [1.0])
    """
    steps = np.array(SCALES[check_choice(scale, SCALES, "scale")])
    chroma = _chroma(_rolls(roll).sum(1), lowest)
    if root is None:
        together = chroma.sum((0, 2))
        root = int(np.argmax([together[(steps + key) % 12].sum() for key in range(12)]))
    inside = chroma[:, (steps + check_whole(root, "root", 0)) % 12].sum(1)
    return _mean(_ratio(inside, chroma.sum(1)), roll)


def drum_pattern(roll: Any, steps_per_beat: int = 4, tolerance: float = 0.1) -> np.ndarray:
    """Return the fraction of what drums sound that is on the beats of rock music, ``(tracks,)``.

    These are sixteenth notes; with fewer than 8 steps of a beat, where every step would be one,
    eighth notes. A step beside one of them counts ``tolerance``.

    Args:
        roll: the piano roll of drums; better its onsets, where drums last longer than a step.
        steps_per_beat: steps of a quarter note.
        tolerance: the weight of the steps beside.

    Example:
        >>> bars = np.zeros((1, 16, 1, 1), bool)
        >>> bars[0, [0, 2, 3, 4]] = True
        >>> drum_pattern(bars).round(3).tolist()
        [0.775]
    """
    sounds = _rolls(roll)
    apart = steps_per_beat / (4 if steps_per_beat >= 8 else 2)
    steps = np.arange(sounds.shape[1])
    away = np.abs(steps - apart * np.round(steps / apart))
    weights = np.where(away < 0.5, 1.0, np.where(away <= 1, tolerance, 0.0))
    hits = sounds.sum(2)
    return _mean(_ratio((hits * weights[:, None]).sum(1), hits.sum(1)), roll)


def tonal_distance(roll: Any, steps_per_beat: int = 4, lowest: int = 24) -> np.ndarray:
    """Return how far the harmonies of each two tracks are from each other, ``(tracks, tracks)``.

    The pitch classes of each beat are a point in the space of fifths, minor thirds and major thirds
    (Harte, Sandler and Gasser, 2006); the mean of the distances over the beats in which both sound.

    Args:
        roll: the piano roll; without the tracks of drums, which have no harmony.
        steps_per_beat: steps of a quarter note.
        lowest: the MIDI pitch of its first row of pitches.

    Example:
        >>> bars = np.zeros((1, 4, 12, 2), bool)
        >>> bars[0, :, 0, 0] = bars[0, :, 7, 1] = True  # a fifth
        >>> tonal_distance(bars).round(3)[0].tolist()
        [0.0, 1.737]
    """
    sounds = _rolls(roll)
    __, steps, pitches, tracks = sounds.shape
    if steps % check_whole(steps_per_beat, "steps_per_beat"):
        raise ShapeError("Bars of {steps} steps do not divide into beats of {given}.", steps=steps,
                         given=steps_per_beat)  # fmt: skip
    beats = sounds.reshape(-1, steps_per_beat, pitches, tracks).sum(1)
    centroids = tonal_centroids(_chroma(beats, lowest))
    apart = np.linalg.norm(centroids[..., :, None] - centroids[..., None, :], axis=1)
    known = ~np.isnan(apart)
    return _ratio(np.where(known, apart, 0).sum(0), known.sum(0))


def tonal_centroids(chroma: Any) -> np.ndarray:
    """Return pitch classes ``(n, 12, ...)`` as points ``(n, 6, ...)`` of Harte et al. (2006).

    They are on circles of fifths and of minor thirds with the radius 1, and of major thirds with
    0.5; NaN where nothing sounds.
    """
    given = np.asarray(chroma, float)
    classes = np.arange(12)
    rows = [radius * wave(classes * turn * np.pi) for radius, turn in _CIRCLES
            for wave in (np.sin, np.cos)]  # fmt: skip
    parts = np.moveaxis(_ratio(given, given.sum(1, keepdims=True)), 1, -1)
    return np.moveaxis(parts @ np.array(rows).T, -1, 1)


_CIRCLES = ((1.0, 7 / 6), (1.0, 3 / 2), (0.5, 2 / 3))


def measure(
    roll: Any, steps_per_beat: int = 4, lowest: int = 24, drums: Any = ()
) -> dict[str, np.ndarray]:
    """Return all measures of a piano roll by their names.

    Args:
        roll: the piano roll; a `Roll` knows all that follows.
        steps_per_beat: steps of a quarter note.
        lowest: the MIDI pitch of its first row of pitches.
        drums: whether each track is of drums. ``"drum_pattern"`` is only of these (NaN of the
            others), what concerns pitch and harmony only of the others; by default there are none.

    Returns:
        ``(tracks,)`` each, but ``"tonal_distance"``, which is ``(tracks, tracks)``.
    """
    if isinstance(roll, Roll):
        roll, steps_per_beat, lowest, drums = (
            roll.sounds, roll.steps_per_beat, roll.lowest, roll.drums)  # fmt: skip
    sounds = _rolls(roll)
    drum = np.asarray(drums, bool) if len(drums) else np.zeros(sounds.shape[-1], bool)
    if drum.shape != sounds.shape[-1:]:
        raise ShapeError("The roll has {n} tracks; got {given} drums.", n=sounds.shape[-1],
                         given=len(drum))  # fmt: skip
    pitched = sounds & ~drum
    found = {
        "empty_bars": empty_bars(sounds),
        "used_pitch_classes": used_pitch_classes(pitched, lowest),
        "qualified_notes": qualified_notes(pitched),
        "polyphony": polyphony(pitched),
        "in_scale": in_scale(pitched, lowest=lowest),
        "tonal_distance": tonal_distance(pitched, steps_per_beat, lowest),
    }
    if drum.any():
        found["drum_pattern"] = drum_pattern(sounds & drum, steps_per_beat)
    return found


def _rolls(roll: Any) -> np.ndarray:
    cells = np.asarray(roll)
    if cells.ndim != 4 or not cells.shape[0] or not cells.shape[1]:
        raise ShapeError("A piano roll is an array (bars, steps, pitches, tracks); got shape "
                         "{shape}.", shape=cells.shape)  # fmt: skip
    return cells if cells.dtype == bool else cells > 0.5


def _chroma(counts: np.ndarray, lowest: int) -> np.ndarray:
    """Sum pitches ``(n, pitches, tracks)`` into pitch classes ``(n, 12, tracks)``."""
    found = np.zeros((len(counts), 12, counts.shape[2]))
    for row in range(counts.shape[1]):
        found[:, (lowest + row) % 12] += counts[:, row]
    return found


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide, with NaN for 0 / 0."""
    return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, np.nan),
                     where=whole > 0)  # fmt: skip


def _mean(values: np.ndarray, roll: Any) -> np.ndarray:
    """Return the mean of values ``(bars, tracks)`` over the bars that have notes."""
    known = _rolls(roll).any((1, 2))
    return _ratio(np.where(known, values, 0).sum(0), known.sum(0))
