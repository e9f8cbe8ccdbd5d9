"""Music as a sequence of tokens for recurrent networks and Transformers: bars, positions, notes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import DataError
from maeum.music.notes import NOTE, TEMPO, Piece, Tempo, TimeSignature, Track
from maeum.music.rolls import VELOCITY
from maeum.music.steps import bar_steps, check_steps, quantized, ticks_per_step

DRUMS = 128  # where another instrument has its program
_SPECIAL = ("pad", "start", "end", "bar")
PAD, START, END, BAR = range(4)


class EventVocabulary:
    """Tokens of music, after REMI (Huang and Yang, 2020).

    A piece is ``start``, its bars and ``end``. A bar is ``bar`` and its notes in their order: a
    note is ``position`` (the step within the bar) and ``program`` (the instrument), both only where
    they differ from those of the note before, then ``pitch`` and ``duration`` in steps.

    Args:
        steps_per_beat: steps of a quarter note; starts and ends of notes are rounded to them.
        signature: numerator and denominator of a bar.
        longest: the beats of the longest note; what is longer is cut.

    Example:
        >>> vocabulary = EventVocabulary()
        >>> piece = Piece([Track([(60, 0, 480, 80), (64, 480, 960, 80)])])
        >>> tokens = vocabulary.encode(piece)
        >>> " ".join(vocabulary.words[token] for token in tokens)
        'start bar position-0 program-0 pitch-60 duration-4 position-4 pitch-64 duration-8 end'
        >>> vocabulary.decode(tokens).tracks[0].notes["start"].tolist()
        [0, 480]
    """

    def __init__(
        self, steps_per_beat: int = 4, signature: tuple[int, int] = (4, 4), longest: int = 8
    ):
        self.steps_per_beat = check_whole(steps_per_beat, "steps_per_beat")
        self.signature = signature
        bar = Piece([], time_signatures=[TimeSignature(0, *signature)])
        self.steps = bar_steps(bar, steps_per_beat)
        self.longest = check_whole(longest, "longest") * steps_per_beat
        self.words = [
            *_SPECIAL,
            *(f"position-{n}" for n in range(self.steps)),
            *(f"program-{n}" for n in range(DRUMS)), "program-drums",
            *(f"pitch-{n}" for n in range(128)),
            *(f"duration-{n}" for n in range(1, self.longest + 1)),
        ]  # fmt: skip
        self._program = len(_SPECIAL) + self.steps
        self._pitch = self._program + DRUMS + 1
        self._duration = self._pitch + 128

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, piece: Piece) -> np.ndarray:
        """Return the tokens of a piece, ``(length,)`` of int32.

        Tempo, velocities and the time signatures of the piece are not told.
        """
        rows = []
        for track in piece.tracks:
            pitch, start, steps = quantized(track.notes, self.steps_per_beat / piece.resolution)
            program = np.full(len(pitch), DRUMS if track.is_drum else track.program)
            rows.append(np.stack([start, program, pitch, np.minimum(steps, self.longest)], axis=1))
        notes = np.unique(np.concatenate([*rows, np.empty((0, 4), np.int64)]), axis=0)
        if len(notes):
            check_steps(int(notes[-1, 0]) + 1)
        found = [START]
        bar = position = playing = -1
        for at, instrument, note, duration in notes.tolist():
            if at // self.steps > bar:
                found += [BAR] * (at // self.steps - bar)
                bar, position = at // self.steps, -1
            if at % self.steps != position:
                position = at % self.steps
                found.append(len(_SPECIAL) + position)
            if instrument != playing:
                playing = instrument
                found.append(self._program + playing)
            found += [self._pitch + note, self._duration + duration - 1]
        return np.array([*found, END], np.int32)

    def decode(self, tokens: Any, tempo: float = TEMPO, resolution: int = 480) -> Piece:
        """Return the piece of tokens, up to the first ``end``.

        What a network wrote need not make sense. Tokens that do not where they stand are ignored: a
        duration without a pitch, a pitch without a duration, notes before the first bar. A note
        without a position is at the beginning of its bar, one without a program plays the piano.

        Args:
            tokens: ``(length,)`` of whole numbers below the size of the vocabulary.
            tempo: in beats per minute.
            resolution: ticks of a beat, a multiple of ``steps_per_beat``.

        Raises:
            DataError: for other tokens.
        """
        given = np.asarray(tokens)
        if given.ndim != 1 or (given.size and not 0 <= given.min() <= given.max() < len(self)):
            raise DataError("The tokens of a piece are a sequence of whole numbers from 0 to "
                            "{most}.", most=len(self) - 1)  # fmt: skip
        ticks = ticks_per_step(resolution, self.steps_per_beat)
        parts: dict[int, list[tuple[int, int, int, int]]] = {}
        for at, program, pitch, steps in self._notes(given.tolist()):
            parts.setdefault(program, []).append((pitch, at * ticks, steps * ticks, VELOCITY))
        tracks = [
            Track(np.array(rows, NOTE), program=program % DRUMS, is_drum=program == DRUMS)
            for program, rows in sorted(parts.items())
        ]
        return Piece(tracks, resolution, [Tempo(0, tempo)], [TimeSignature(0, *self.signature)])

    def _notes(self, tokens: Iterable[int]) -> Iterable[tuple[int, int, int, int]]:
        bar, position, program, pitch = -1, 0, 0, -1
        for token in tokens:
            if token == END:
                return
            if token == BAR:
                bar, position = bar + 1, 0
            elif len(_SPECIAL) <= token < self._program:
                position = token - len(_SPECIAL)
            elif self._program <= token < self._pitch:
                program = token - self._program
            elif self._duration <= token and pitch >= 0 and bar >= 0:
                yield bar * self.steps + position, program, pitch, token - self._duration + 1
            pitch = token - self._pitch if self._pitch <= token < self._duration else -1
