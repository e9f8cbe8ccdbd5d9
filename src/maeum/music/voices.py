"""Voices in steps: the form of chorales. Each voice holds or strikes one pitch at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import DataError
from maeum.music.notes import NOTE, Piece, Tempo, TimeSignature, Track
from maeum.music.steps import check_steps, quantized, ticks_per_step

REST = 0
HELD = 1  # the note of the step before goes on
FIRST = 2  # the token of pitch 0, struck
SIZE = FIRST + 128  # tokens in all
_CHOIR = 52  # the program "choir aahs"
_NAMES = ("soprano", "alto", "tenor", "bass")


def from_voices(
    voices: Any, steps_per_beat: int = 4, tempo: float = 100.0, resolution: int = 480
) -> Piece:
    """Return a piece of pitches per step and voice, in which equal ones in a row are one note.

    Args:
        voices: ``(steps, voices)`` MIDI pitches, below 0 where a voice is silent.
        steps_per_beat: steps of a quarter note.
        tempo: in beats per minute.
        resolution: ticks of a beat, a multiple of ``steps_per_beat``.

    Example:
        >>> from_voices([[60, 55], [60, 57]]).tracks[0].notes["duration"].tolist()
        [240]
    """
    pitches = np.asarray(voices)
    if pitches.ndim != 2:
        raise DataError("Voices are an array (steps, voices); got shape {shape}.",
                        shape=pitches.shape)  # fmt: skip
    struck = np.where(pitches < 0, REST, pitches.astype(int) + FIRST)
    same = (pitches[1:] == pitches[:-1]) & (pitches[1:] >= 0)
    struck[1:][same] = HELD
    return from_tokens(struck, steps_per_beat, tempo, resolution)


def from_tokens(
    tokens: Any, steps_per_beat: int = 4, tempo: float = 100.0, resolution: int = 480
) -> Piece:
    """Return the piece of `to_tokens`.

    A voice that holds what it never struck is silent.

    Args:
        tokens: ``(steps, voices)``: 0 a rest, 1 the note of the step before goes on, 2 + pitch a
            note that is struck.
        steps_per_beat: steps of a quarter note.
        tempo: in beats per minute.
        resolution: ticks of a beat, a multiple of ``steps_per_beat``.

    Raises:
        DataError: for other tokens.

    Example:
        >>> from_tokens([[62], [1], [0], [62]]).tracks[0].notes["start"].tolist()
        [0, 360]
    """
    steps = np.asarray(tokens)
    if steps.ndim != 2 or steps.size == 0 or steps.min() < 0 or steps.max() >= SIZE:
        raise DataError("The tokens of voices are an array (steps, voices) from 0 to {most}.",
                        most=SIZE - 1)  # fmt: skip
    ticks = ticks_per_step(resolution, steps_per_beat)
    tracks = []
    for voice in range(steps.shape[1]):
        column = steps[:, voice]
        starts = np.flatnonzero(column >= FIRST)
        ends = np.append(np.flatnonzero(column != HELD), len(column))
        notes = np.empty(len(starts), NOTE)
        notes["pitch"] = column[starts] - FIRST
        notes["start"] = starts * ticks
        notes["duration"] = (ends[np.searchsorted(ends, starts, side="right")] - starts) * ticks
        notes["velocity"] = 80
        name = _NAMES[voice] if steps.shape[1] == len(_NAMES) else f"voice {voice + 1}"
        tracks.append(Track(notes, name, _CHOIR))
    return Piece(tracks, resolution, [Tempo(0, tempo)], [TimeSignature(0, 4, 4)])


def to_tokens(piece: Piece, voices: int = 4, steps_per_beat: int = 4) -> np.ndarray:
    """Return a piece as tokens, one for each step and voice.

    Where the piece has as many tracks as voices (drums apart) and none of them plays two notes at
    once, each track is a voice. Otherwise the notes of a step are shared out from the highest down;
    those beyond the number of voices are ignored. A note that
    changes its voice is struck anew.

    Args:
        piece: the piece.
        voices: how many voices.
        steps_per_beat: steps of a quarter note; starts and ends are rounded to the nearest one, and
            a note lasts a step at least.

    Returns:
        ``(steps, voices)`` of int32: 0 a rest, 1 the note of the step before goes on, 2 + pitch a
        note that is struck. There are 130 tokens.

    Example:
        >>> to_tokens(from_voices([[60, 55], [60, 57]]), voices=2).tolist()
        [[62, 57], [1, 59]]
    """
    check_whole(voices, "voices")
    scale = check_whole(steps_per_beat, "steps_per_beat") / piece.resolution
    parts = [quantized(t.notes, scale) for t in piece.tracks if not t.is_drum and len(t)]
    if not parts:
        raise DataError("The piece has no notes beside drums.")
    length = check_steps(max(int((start + steps).max()) for __, start, steps in parts))
    found = np.zeros((length, voices), np.int32)
    if len(parts) == voices and all(_is_one_voice(start, steps) for __, start, steps in parts):
        for voice, (pitch, start, steps) in enumerate(parts):
            for p, s, n in zip(pitch.tolist(), start.tolist(), steps.tolist()):
                found[s : s + n, voice] = HELD
                found[s, voice] = p + FIRST
        return found
    return _shared_out(parts, found)


def _is_one_voice(start: np.ndarray, steps: np.ndarray) -> bool:
    return bool((start[:-1] + steps[:-1] <= start[1:]).all())


def _shared_out(parts: list, found: np.ndarray) -> np.ndarray:
    """Fill in the sounding pitches of each step, the highest in the first voice."""
    roll = np.zeros((len(found), 128), np.int8)  # 1 held, 2 struck
    for pitch, start, steps in parts:
        for p, s, n in zip(pitch.tolist(), start.tolist(), steps.tolist()):
            roll[s : s + n, p] = np.maximum(roll[s : s + n, p], 1)
            roll[s, p] = 2
    last = np.full(found.shape[1], -1)
    for step, row in enumerate(roll):
        sounding = np.flatnonzero(row)[::-1][: found.shape[1]]
        now = np.append(sounding, np.full(found.shape[1] - len(sounding), -1))
        goes_on = (now == last) & (now >= 0) & (row[now] == 1)
        found[step] = np.where(now < 0, REST, np.where(goes_on, HELD, now + FIRST))
        last = now
    return found
