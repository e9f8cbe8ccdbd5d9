"""How music that was made is judged: MuseGAN's measures beside the data's, and copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from maeum.generative.music.layout import Layout
from maeum.music import Piece, Roll, measure, to_phrases
from maeum.report.wording import finite

FLOOR = 0.05  # values below it, such as no empty bars at all, are compared with it
_OCTAVE = 12


def phrases_of(
    pieces: Sequence[Piece], layout: Layout, bars: int, hop: int | None = None
) -> np.ndarray:
    """Return pieces as phrases ``(phrases, bars, steps, pitches, tracks)`` of bool; maybe none."""
    long = [piece for piece in pieces if _has_phrase(piece, layout, bars, hop or bars)]
    if not long:
        low, high = layout.pitches
        return np.zeros((0, bars, layout.steps, high - low + 1, len(layout.names)), bool)
    return to_phrases(long, bars, layout.steps_per_beat, layout.pitches, hop).sounds


def _has_phrase(piece: Piece, layout: Layout, bars: int, hop: int) -> bool:
    """Tell whether a piece has a whole phrase in which something sounds."""
    bar = layout.steps * piece.resolution / layout.steps_per_beat
    there = -(-piece.end // bar)
    last = (there - bars) // hop * hop + bars  # behind the last whole phrase
    first = min((int(t.notes["start"].min()) for t in piece.tracks if len(t)), default=piece.end)
    return there >= bars and first < last * bar


def measures(phrases: np.ndarray, layout: Layout) -> dict[str, float]:
    """Return MuseGAN's measures of music: of each phrase, and the mean over phrases and tracks.

    ``in_scale`` is that of the scale into which the phrase fits best, ``tonal_distance`` the mean
    over each two tracks. A measure that nothing has (of one track, or of drums alone) is NaN.

    Args:
        phrases: ``(phrases, bars, steps, pitches, tracks)`` of bool.
        layout: what is known of them.
    """
    found: dict[str, list[float]] = {}
    pairs = np.triu_indices(phrases.shape[-1], 1)
    for sounds in phrases:
        roll = Roll(sounds, sounds, layout.pitches[0], layout.steps_per_beat, drums=layout.drums)
        for name, values in measure(roll).items():
            values = values[pairs] if name == "tonal_distance" else values
            known = values[~np.isnan(values)]
            if len(known):
                found.setdefault(name, []).append(float(known.mean()))
    return {name: float(np.mean(values)) for name, values in found.items()}


def distances(made: dict[str, float], real: dict[str, float]) -> dict[str, float]:
    """Return how far the measures of music are from those of the data, as fractions of the latter.

    The greatest distance is 1: twice the data's value, or nothing at all.

    >>> distances({"polyphony": 0.3, "empty_bars": 0.01}, {"polyphony": 0.4, "empty_bars": 0.0})
    {'polyphony': 0.25, 'empty_bars': 0.2}
    """
    return {
        name: round(min(1.0, abs(made[name] - value) / max(value, FLOOR)), 6)
        for name, value in real.items()
        if finite(made.get(name))
    }


def measure_error(made: dict[str, float], real: dict[str, float]) -> float | None:
    """Return the mean of `distances`; None where nothing can be compared."""
    found = distances(made, real)
    return float(np.mean([*found.values()])) if found else None


def by_frequency(phrases: np.ndarray, voices: Sequence[bool], count: int, seed: int) -> np.ndarray:
    """Return phrases whose notes are drawn by how frequent each pitch is in each track.

    In every step a voice has one pitch or none; of other tracks each pitch is drawn by itself.
    """
    draw = np.random.default_rng(seed)
    likely = phrases.mean((0, 1, 2))  # (pitches, tracks)
    made = np.zeros((count, *phrases.shape[1:]), bool)
    shape = made.shape[:3]
    for track, voice in enumerate(voices):
        p = likely[:, track]
        if voice:
            whole = np.append(p, max(0.0, 1 - p.sum()))
            chosen = draw.choice(len(whole), shape, p=whole / whole.sum())
            made[..., track] = chosen[..., None] == np.arange(len(p))
        else:
            made[..., track] = draw.random((*shape, len(p))) < p
    return made


class Copies(NamedTuple):
    """Made phrases, and the phrases of the training that are most like them.

    Attributes:
        nearest: for each made phrase the number of that of the training.
        moved: by how many semitones that is moved.
        overlap: ``(made,)`` how much of both sounds in both: 1 for equal ones.
        usual: the same of phrases that were held out; empty if there are none.
    """

    nearest: np.ndarray
    moved: np.ndarray
    overlap: np.ndarray
    usual: np.ndarray


def copies(
    made: np.ndarray, train: np.ndarray, held_out: np.ndarray, drums: Sequence[bool]
) -> Copies:
    """Find the phrases of the training that are most like made ones, in whichever key.

    What counts is the sounding cells that two phrases have in common, as a fraction of those that
    either has (Jaccard).
    """
    nearest, moved, overlap = _nearest(made, train, drums)
    usual = _nearest(held_out, train, drums)[2] if len(held_out) else np.zeros(0)
    return Copies(nearest, moved, overlap, usual)


def _nearest(
    given: np.ndarray, train: np.ndarray, drums: Sequence[bool]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    flat = train.reshape(len(train), -1).astype(np.float32)
    sizes = flat.sum(1)
    best = np.full(len(given), -1.0)
    nearest, moved = np.zeros((2, len(given)), int)
    for semitones in range(-_OCTAVE // 2, _OCTAVE // 2):
        keyed = moved_by(given, semitones, drums)
        cells = keyed.reshape(len(given), -1).astype(np.float32)
        both = cells @ flat.T
        either = np.maximum(cells.sum(1)[:, None] + sizes - both, 1)
        places = (both / either).argmax(1)
        value = (both / either)[np.arange(len(given)), places]
        # What is moved out of the roll is lost, and must not make phrases more alike.
        value = np.where(keyed.sum((1, 2, 3, 4)) == given.sum((1, 2, 3, 4)), value, -1.0)
        better = value > best
        best[better], nearest[better], moved[better] = value[better], places[better], -semitones
    return nearest, moved, best


def moved_by(phrases: np.ndarray, semitones: int, drums: Sequence[bool]) -> np.ndarray:
    """Return phrases so many semitones higher, drums apart; what leaves the roll is lost."""
    found = np.zeros_like(phrases)
    rows = phrases.shape[3]
    to, since = max(semitones, 0), max(-semitones, 0)
    found[:, :, :, to : rows - since] = phrases[:, :, :, since : rows - to]
    fixed = np.asarray(drums, bool)
    found[..., fixed] = phrases[..., fixed]
    return found
