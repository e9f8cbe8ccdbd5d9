"""The tracks, pitches and steps that all pieces of a training have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np

from maeum.core.errors import DataError
from maeum.music import BAND, EventVocabulary, Piece, Tempo, Track, group_tracks
from maeum.music.steps import bar_steps

MOST_TRACKS = 8
_ONE_VOICE = 0.01  # of the notes may begin while another sounds
_OCTAVE = 12


@dataclass(frozen=True)
class Layout:
    """What a network knows of pieces beside their notes.

    Attributes:
        names, programs, drums: of the tracks.
        voices: whether each track plays one note at a time.
        banded: whether the tracks are groups of instruments (`maeum.music.group_tracks`), not those
            of the pieces.
        lowest, highest: the pitches between which all notes lie.
        steps_per_beat: steps of a quarter note.
        signature: numerator and denominator of a bar.
        tempo: the usual one, in beats per minute.
    """

    names: tuple[str, ...]
    programs: tuple[int, ...]
    drums: tuple[bool, ...]
    voices: tuple[bool, ...]
    banded: bool
    lowest: int
    highest: int
    steps_per_beat: int = 4
    signature: tuple[int, int] = (4, 4)
    tempo: float = 120.0

    @classmethod
    def of(cls, pieces: Sequence[Piece], steps_per_beat: int) -> Self:
        """Return the layout of pieces.

        Where all have the same number of tracks, at most 8 and one of drums, their tracks are kept;
        otherwise they are grouped by instruments. The time signature is that of most pieces.

        Raises:
            ConfigError: if a bar has no whole number of such steps.
            DataError: if there are no notes.
        """
        signature = tuple(Counter(p.signature[1:] for p in pieces).most_common(1)[0][0])
        kept = [piece for piece in pieces if tuple(piece.signature[1:]) == signature]
        bar_steps(kept[0], steps_per_beat)
        kinds = {tuple(track.is_drum for track in piece.tracks) for piece in kept}
        first = next(iter(kinds))
        banded = len(kinds) > 1 or len(first) > MOST_TRACKS or sum(first) > 1
        if banded:
            whole = [group_tracks(piece) for piece in kept]
            there = [n for n in range(len(BAND)) if any(len(p.tracks[n]) for p in whole)]
            tracks = [[piece.tracks[n] for piece in whole] for n in there]
        else:
            tracks = [[piece.tracks[n] for piece in kept] for n in range(len(first))]
        notes = [np.concatenate([track.notes["pitch"] for track in each]) for each in tracks]
        pitches = np.concatenate([*notes, np.empty(0, int)])
        if not len(pitches):
            raise DataError("The pieces have no notes.")
        scale = steps_per_beat / kept[0].resolution
        usual = [Counter(track.program for track in each).most_common(1)[0][0] for each in tracks]
        return cls(
            tuple(each[0].name for each in tracks), tuple(usual),
            tuple(each[0].is_drum for each in tracks),
            tuple(not each[0].is_drum and _is_voice(each, scale) for each in tracks), banded,
            int(pitches.min()), int(pitches.max()), steps_per_beat, signature,  # type: ignore
            float(np.median([piece.tempo for piece in kept])),
        )  # fmt: skip

    @property
    def steps(self) -> int:
        """The steps of a bar."""
        return self.steps_per_beat * 4 * self.signature[0] // self.signature[1]

    @property
    def pitches(self) -> tuple[int, int]:
        """The lowest and the highest pitch of the rolls: whole octaves hold all notes."""
        missing = -(self.highest - self.lowest + 1) % _OCTAVE
        low = max(0, self.lowest - missing // 2)
        return low, min(127, low + self.highest - self.lowest + missing)

    @property
    def vocabulary(self) -> EventVocabulary:
        """The tokens of pieces: a track is told by its number, in the place of its program."""
        return EventVocabulary(self.steps_per_beat, self.signature)

    def fits(self, piece: Piece) -> bool:
        """Tell whether the bars of a piece have the length of most."""
        return tuple(piece.signature[1:]) == self.signature

    def arranged(self, piece: Piece) -> Piece:
        """Return a piece with the tracks of the layout.

        Raises:
            DataError: if it has others.
        """
        if self.banded:
            groups = [BAND.index(name) for name in self.names]
            tracks = [group_tracks(piece).tracks[n] for n in groups]
        else:
            tracks = list(piece.tracks)
        if [track.is_drum for track in tracks] != list(self.drums):
            raise DataError("The pieces have {n} tracks; this one has {given}.",
                            n=len(self.names), given=len(tracks))  # fmt: skip
        return replace(piece, tracks=[self._track(n, t.notes) for n, t in enumerate(tracks)])

    def encode(self, piece: Piece, semitones: int = 0) -> np.ndarray:
        """Return the tokens of an arranged piece, so many semitones higher (drums apart)."""
        told = []
        for n, track in enumerate(piece.tracks):
            notes = track.notes.copy()
            notes["pitch"] += 0 if track.is_drum else semitones
            told.append(Track(notes, program=n, is_drum=track.is_drum))
        return self.vocabulary.encode(replace(piece, tracks=told))

    def decode(self, tokens: Any, tempo: float | None = None) -> Piece:
        """Return the arranged piece of tokens; a voice ends a note where it begins another."""
        found = self.vocabulary.decode(tokens, tempo or self.tempo)
        notes = {(t.is_drum, 0 if t.is_drum else t.program): t.notes for t in found.tracks}
        empty = np.empty(0, found.tracks[0].notes.dtype) if found.tracks else ()
        tracks = []
        for n, (drum, voice) in enumerate(zip(self.drums, self.voices)):
            track = self._track(n, notes.get((drum, 0 if drum else n), empty))
            tracks.append(replace(track, notes=_one_by_one(track.notes)) if voice else track)
        return replace(found, tracks=tracks)

    def range_of_moves(self, most: int) -> range:
        """Return by how many semitones pieces can be moved, at most so many up and down."""
        if all(self.drums):
            return range(1)
        return range(-min(most, self.lowest), min(most, 127 - self.highest) + 1)

    def _track(self, n: int, notes: Any) -> Track:
        return Track(notes, self.names[n], self.programs[n], self.drums[n])

    def with_tempo(self, piece: Piece, tempo: float) -> Piece:
        """Return a piece in another tempo."""
        return replace(piece, tempos=[Tempo(0, tempo)])

    def to_json(self) -> dict[str, Any]:
        """Return the layout as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """Return the layout that `to_json` described."""
        kept: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in saved.items()
        }
        return cls(**kept)


def _one_by_one(notes: np.ndarray) -> np.ndarray:
    """Return notes of which each ends where the next begins; of several at once the highest."""
    last = np.append(notes["start"][1:] != notes["start"][:-1], [True] * (len(notes) > 0))
    kept = notes[last.astype(bool)]
    gaps = np.diff(kept["start"])
    kept["duration"][:-1] = np.minimum(kept["duration"][:-1], gaps)
    return kept


def _is_voice(tracks: Sequence[Track], scale: float) -> bool:
    """Tell whether notes do (nearly) never begin while others of their track sound."""
    together = count = 0
    for track in tracks:
        start = np.floor(track.notes["start"] * scale + 0.5)
        end = np.floor((track.notes["start"] + track.notes["duration"]) * scale + 0.5)
        last = np.maximum.accumulate(end)[:-1]
        together += int((start[1:] < last).sum())
        count += len(start)
    return together <= _ONE_VOICE * count
