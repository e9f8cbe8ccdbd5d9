"""Pieces of music as numbers: tracks of notes, tempo and time signatures, counted in ticks."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from maeum.core.checks import check_bool, check_whole
from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import N_

NOTE = np.dtype(
    [("pitch", np.int16), ("start", np.int64), ("duration", np.int64), ("velocity", np.int16)]
)
MOST_TICKS = 2**40  # far beyond any music, and what is computed of it still fits into 64 bits
MOST_RESOLUTION = 2**15 - 1  # of a MIDI file
_RANGES = {"pitch": (0, 127), "start": (0, MOST_TICKS), "duration": (1, MOST_TICKS),
           "velocity": (1, 127)}  # fmt: skip
_ROW = N_("A note is (pitch, start, duration, velocity): a pitch from 0 to 127, a start of 0 or "
          "more, a duration of 1 or more ticks, a velocity from 1 to 127, all whole numbers; got "
          "{note!r}.")  # fmt: skip
TEMPO = 120.0  # beats per minute of a MIDI file that names none


class Tempo(NamedTuple):
    """From a tick on, so many beats (quarter notes) per minute."""

    tick: int
    bpm: float


class TimeSignature(NamedTuple):
    """From a tick on, a bar has ``numerator`` notes of the length ``1 / denominator``."""

    tick: int
    numerator: int
    denominator: int


@dataclass(frozen=True, eq=False)
class Track:
    """Notes of one instrument.

    Args:
        notes: ``(n,)`` of `NOTE`, or rows ``(pitch, start, duration, velocity)``: the pitch of MIDI
            (60 is middle C, 69 the A of 440 Hz), start and duration in ticks, the velocity from 1
            to 127. They are kept in the order of their starts.
        name: of the track.
        program: the instrument of General MIDI, from 0 to 127.
        is_drum: whether the pitches are drums.

    Raises:
        DataError: for notes that are outside these ranges or last less than a tick.

    Example:
        >>> Track([(62, 480, 240, 80), (60, 0, 480, 80)]).notes["pitch"].tolist()
        [60, 62]
    """

    notes: Any
    name: str = ""
    program: int = 0
    is_drum: bool = False

    def __post_init__(self) -> None:
        notes = _notes(self.notes)
        check_bool(self.is_drum, "is_drum")
        if check_whole(self.program, "program", 0) > 127:
            raise ConfigError("program lies between 0 and 127; got {program}.",
                              program=self.program)  # fmt: skip
        object.__setattr__(self, "notes", notes)

    def __len__(self) -> int:
        return len(self.notes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Track):
            return NotImplemented
        mine, others = ((t.name, t.program, t.is_drum) for t in (self, other))
        return mine == others and np.array_equal(self.notes, other.notes)

    @property
    def end(self) -> int:
        """The tick at which the last note ends."""
        return int((self.notes["start"] + self.notes["duration"]).max()) if len(self.notes) else 0


def _notes(given: Any) -> np.ndarray:
    """Return notes as a checked array, in the order of starts and then of pitches."""
    if not isinstance(given, np.ndarray) or given.dtype != NOTE or given.ndim != 1:
        given = _from_rows(given)
    for name, (least, most) in _RANGES.items():
        outside = np.flatnonzero((given[name] < least) | (given[name] > most))
        if len(outside):
            raise DataError(_ROW, note=given[outside[0]].item())
    return np.ascontiguousarray(given[np.lexsort((given["pitch"], given["start"]))])


def _from_rows(given: Any) -> np.ndarray:
    rows = np.empty(len(given), NOTE)
    for place, row in enumerate(given):
        try:
            rows[place] = tuple(map(operator.index, row))
        except (TypeError, ValueError, OverflowError):
            raise DataError(_ROW, note=row) from None
    return rows


@dataclass(frozen=True)
class Piece:
    """A piece of music.

    Args:
        tracks: its `Track`s.
        resolution: ticks of a beat, which is a quarter note.
        tempos: ``(tick, beats per minute)``, where they change; 120 until the first of them.
        time_signatures: ``(tick, numerator, denominator)``; 4/4 until the first of them.
        remarks: what was unusual about the file it was read from, as sentences; equal pieces may
            differ in them.

    Raises:
        ConfigError: for a resolution, a tempo or a time signature that there cannot be.

    Example:
        >>> piece = Piece([Track([(60, 0, 480, 80), (64, 480, 960, 80)])])
        >>> piece.count, piece.beats, piece.duration
        (2, 3.0, 1.5)
    """

    tracks: Sequence[Track]
    resolution: int = 480
    tempos: Sequence[Tempo] = ()
    time_signatures: Sequence[TimeSignature] = ()
    remarks: Sequence[str] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if check_whole(self.resolution, "resolution") > MOST_RESOLUTION:
            raise ConfigError("resolution lies between 1 and {most}; got {given}.",
                              most=MOST_RESOLUTION, given=self.resolution)  # fmt: skip
        tempos = tuple(Tempo(int(tick), float(bpm)) for tick, bpm in sorted(self.tempos))
        if not all(3 <= tempo.bpm < 1e5 and tempo.tick >= 0 for tempo in tempos):
            raise ConfigError("A tempo is (tick, beats per minute), from 3 beats on; got {tempos}.",
                              tempos=list(self.tempos))  # fmt: skip
        signatures = tuple(TimeSignature(*map(int, each)) for each in sorted(self.time_signatures))
        if not all(1 <= s.numerator < 256 and s.denominator in _LENGTHS and s.tick >= 0
                   for s in signatures):  # fmt: skip
            raise ConfigError("A time signature is (tick, numerator, denominator), such as "
                              "(0, 3, 4); got {given}.",
                              given=list(self.time_signatures))  # fmt: skip
        for name, value in (("tracks", tuple(self.tracks)), ("tempos", tempos),
                            ("time_signatures", signatures)):  # fmt: skip
            object.__setattr__(self, name, value)

    @property
    def count(self) -> int:
        """How many notes there are."""
        return sum(map(len, self.tracks))

    @property
    def end(self) -> int:
        """The tick at which the last note ends."""
        return max((track.end for track in self.tracks), default=0)

    @property
    def beats(self) -> float:
        """How many beats it has until its last note ends."""
        return self.end / self.resolution

    @property
    def duration(self) -> float:
        """How many seconds it has until its last note ends."""
        return float(self.seconds(self.end))

    @property
    def tempo(self) -> float:
        """The tempo that it begins with, in beats per minute."""
        return self.tempos[0].bpm if self.tempos and self.tempos[0].tick == 0 else TEMPO

    @property
    def signature(self) -> TimeSignature:
        """The time signature that it begins with."""
        first = self.time_signatures[:1]
        return first[0] if first and first[0].tick == 0 else TimeSignature(0, 4, 4)

    @property
    def beats_per_bar(self) -> float:
        """Beats (quarter notes) of a bar of the signature that it begins with."""
        return self.signature.numerator * 4 / self.signature.denominator

    def seconds(self, ticks: Any) -> np.ndarray:
        """Return the times of ticks in seconds, with all changes of tempo.

        Example:
            >>> piece = Piece([], tempos=[(0, 60), (960, 120)])
            >>> piece.seconds([0, 480, 960, 1440]).tolist()
            [0.0, 1.0, 2.0, 2.5]
        """
        changes = [Tempo(0, self.tempo), *(t for t in self.tempos if t.tick > 0)]
        at = np.array([t.tick for t in changes], float)
        per_tick = np.array([60 / t.bpm / self.resolution for t in changes])
        begun = np.concatenate([[0.0], np.cumsum(np.diff(at) * per_tick[:-1])])
        ticks = np.asarray(ticks, float)
        place = np.searchsorted(at, ticks, side="right") - 1
        return begun[place] + (ticks - at[place]) * per_tick[place]


_LENGTHS = frozenset(2**power for power in range(8))


def frequency(pitch: Any) -> np.ndarray:
    """Return the frequency of MIDI pitches in Hz, in equal temperament.

    >>> frequency([69, 57]).tolist()
    [440.0, 220.0]
    """
    return 440.0 * 2.0 ** ((np.asarray(pitch, float) - 69) / 12)
