"""Piano rolls: bars of steps, in each of which a pitch of a track sounds or does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from maeum.core.checks import check_choice, check_whole
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.core.messages import N_, _, ngettext
from maeum.music.notes import NOTE, Piece, Tempo, TimeSignature, Track
from maeum.music.steps import bar_steps, check_steps, quantized, ticks_per_step

MOST_CELLS = 2**31  # of a roll: bars * steps * pitches * tracks
VELOCITY = 80

# The instruments of General MIDI by their families of eight.
FAMILIES = (
    N_("piano"), N_("chromatic percussion"), N_("organ"), N_("guitar"), N_("bass"), N_("strings"),
    N_("ensemble"), N_("brass"), N_("reed"), N_("pipe"), N_("synth lead"), N_("synth pad"),
    N_("synth effects"), N_("ethnic"), N_("percussive"), N_("sound effects"),
)  # fmt: skip
BAND = ("drums", "piano", "guitar", "bass", "strings")  # the tracks of MuseGAN


@dataclass(frozen=True, eq=False)
class Roll:
    """A piano roll.

    Attributes:
        sounds: ``(bars, steps, pitches, tracks)`` of bool, whether a pitch sounds in a step.
        onsets: the same, whether a note begins there.
        lowest: the MIDI pitch of the first row of pitches.
        steps_per_beat: steps of a quarter note.
        tempo: the tempo of the piece when it begins, in beats per minute.
        signature: numerator and denominator of a bar.
        names, programs, drums: of the tracks.
        remarks: what rounding and limits did to the notes, as sentences.
    """

    sounds: np.ndarray
    onsets: np.ndarray
    lowest: int
    steps_per_beat: int
    tempo: float = 120.0
    signature: tuple[int, int] = (4, 4)
    names: Sequence[str] = ()
    programs: Sequence[int] = ()
    drums: Sequence[bool] = ()
    remarks: Sequence[str] = field(default=(), repr=False)


def to_roll(piece: Piece, steps_per_beat: int = 4, pitches: tuple[int, int] = (24, 107)) -> Roll:
    """Return a piece as a piano roll.

    Both ends of a note are rounded to the nearest step, and it sounds for a step at least. The bars
    are those of the time signature that the piece begins with; the last one is filled with silence.

    Args:
        piece: the piece.
        steps_per_beat: steps of a quarter note.
        pitches: the lowest and the highest pitch; notes outside of them are ignored, which the
            remarks tell.

    Raises:
        ConfigError: if a bar has no whole number of steps.
        DataError: if the piece is too long.

    Example:
        >>> from maeum.music.notes import Track
        >>> roll = to_roll(Piece([Track([(60, 0, 480, 80), (64, 480, 960, 80)])]))
        >>> roll.sounds.shape, roll.sounds.sum(), roll.onsets.sum()
        ((1, 16, 84, 1), np.int64(12), np.int64(2))
    """
    low, high = _range(pitches)
    steps = bar_steps(piece, steps_per_beat)
    scale = steps_per_beat / piece.resolution
    parts = [quantized(track.notes, scale) for track in piece.tracks]
    last = max((int((start + n).max()) for __, start, n in parts if len(start)), default=0)
    bars = max(-(-check_steps(last) // steps), 1)
    shape = (bars * steps, high - low + 1, len(parts))
    if np.prod(shape, dtype=float) > MOST_CELLS:
        raise DataError("The piano roll would have {cells:,} cells; take fewer steps_per_beat, "
                        "pitches or tracks.", cells=int(np.prod(shape, dtype=float)))  # fmt: skip
    sounds, onsets = np.zeros(shape, bool), np.zeros(shape, bool)
    outside = merged = 0
    for track, (pitch, start, n) in enumerate(parts):
        inside = (pitch >= low) & (pitch <= high)
        outside += len(pitch) - int(inside.sum())
        _fill(sounds[..., track], pitch[inside] - low, start[inside], n[inside])
        onsets[start[inside], pitch[inside] - low, track] = True
        merged += int(inside.sum()) - int(onsets[..., track].sum())
    whole = (bars, steps, *shape[1:])
    return Roll(
        sounds.reshape(whole), onsets.reshape(whole), low, steps_per_beat, piece.tempo,
        piece.signature[1:],
        [track.name for track in piece.tracks], [track.program for track in piece.tracks],
        [track.is_drum for track in piece.tracks],
        _remarks(piece, scale, outside, merged, (low, high)),
    )  # fmt: skip


def _range(pitches: tuple[int, int]) -> tuple[int, int]:
    low, high = (check_whole(pitch, "pitches", 0) for pitch in pitches)
    if not low <= high <= 127:
        raise ConfigError("pitches are the lowest and the highest one, between 0 and 127; got "
                          "{pitches}.", pitches=(low, high))  # fmt: skip
    return low, high


def _fill(sounds: np.ndarray, pitch: np.ndarray, start: np.ndarray, n: np.ndarray) -> None:
    """Set the cells of notes ``(steps, pitches)``: where more have begun than have ended."""
    change = np.zeros((len(sounds) + 1, sounds.shape[1]), np.int32)
    np.add.at(change, (start, pitch), 1)
    np.add.at(change, (start + n, pitch), -1)
    sounds[:] = np.cumsum(change[:-1], axis=0) > 0


def _remarks(
    piece: Piece, scale: float, outside: int, merged: int, pitches: tuple[int, int]
) -> list[str]:
    notes = np.concatenate([track.notes for track in piece.tracks] or [np.empty(0, NOTE)])
    places = notes["start"] * scale
    away = np.abs(places - np.floor(places + 0.5))
    moved = int((away > 1e-9).sum())
    said = []
    if moved:
        said.append(ngettext("{n:,} of {all:,} notes begins between two steps; it was moved by "
                             "{most:.2f} of a step.",
                             "{n:,} of {all:,} notes begin between two steps; they were moved by "
                             "up to {most:.2f} of a step.", moved, all=len(notes),
                             most=away.max()))  # fmt: skip
    if outside:
        said.append(ngettext("{n:,} note lies outside the pitches from {low} to {high} and is "
                             "ignored.",
                             "{n:,} notes lie outside the pitches from {low} to {high} and are "
                             "ignored.", outside, low=pitches[0], high=pitches[1]))  # fmt: skip
    if merged:
        said.append(ngettext("{n:,} note begins in the same step as an equal one.",
                             "{n:,} notes begin in the same step as an equal one.",
                             merged))  # fmt: skip
    if len({tempo.bpm for tempo in piece.tempos}) > 1:
        said.append(_("The tempo changes; the roll has the first one."))
    if len({signature[1:] for signature in piece.time_signatures}) > 1:
        said.append(_("The time signature changes; the bars are those of the first one."))
    return said


def from_roll(
    roll: Any,
    *,
    onsets: Any = None,
    lowest: int = 24,
    steps_per_beat: int = 4,
    tempo: float = 120.0,
    names: Sequence[str] = (),
    programs: Sequence[int] = (),
    drums: Sequence[bool] = (),
    resolution: int = 480,
) -> Piece:
    """Return the piece of a piano roll.

    A note lasts as long as its pitch sounds, over bar lines too, and ends where one begins again.

    Args:
        roll: a `Roll`, which knows all that follows; or an array ``(bars, steps, pitches, tracks)``
            of bool, or of numbers of which those above 0.5 sound.
        onsets: the same, where notes begin; without it where a pitch begins to sound.
        lowest: the MIDI pitch of the first row of pitches.
        steps_per_beat: steps of a quarter note.
        tempo: in beats per minute.
        names, programs, drums: of the tracks; by default without names, pianos, no drums.
        resolution: ticks of a beat, a multiple of ``steps_per_beat``.

    Raises:
        ShapeError: if the arrays or the names do not fit together.

    Example:
        >>> bars = np.zeros((2, 4, 12, 1))
        >>> bars[0, 2:, 0] = bars[1, :2, 0] = 1
        >>> from_roll(bars, lowest=60, steps_per_beat=1).tracks[0].notes.tolist()
        [(60, 960, 1920, 80)]
    """
    signature = None
    if isinstance(roll, Roll):
        lowest, steps_per_beat, tempo, signature = (
            roll.lowest, roll.steps_per_beat, roll.tempo, roll.signature)  # fmt: skip
        names, programs, drums = roll.names, roll.programs, roll.drums
        roll, onsets = roll.sounds, roll.onsets
    sounds = _cells(roll)
    begins = np.zeros_like(sounds) if onsets is None else _cells(onsets)
    __, steps, rows, count = sounds.shape
    if begins.shape != sounds.shape:
        raise ShapeError("The onsets have another shape than the roll: {a} and {b}.",
                         a=begins.shape, b=sounds.shape)  # fmt: skip
    names, programs, drums = list(names), list(programs), list(drums)
    for what, given in (("names", names), ("programs", programs), ("drums", drums)):
        if len(given) not in (0, count):
            raise ShapeError("The roll has {n} tracks; got {given} {what}.", n=count,
                             given=len(given), what=what)  # fmt: skip
    if lowest + rows > 128:
        raise ShapeError("{rows} pitches from {lowest} on reach beyond 127.", rows=rows,
                         lowest=lowest)  # fmt: skip
    ticks = ticks_per_step(resolution, steps_per_beat)
    tracks = []
    for track in range(count):
        notes = _runs(sounds[..., track].reshape(-1, rows), begins[..., track].reshape(-1, rows))
        notes["pitch"] += lowest
        notes["start"] *= ticks
        notes["duration"] *= ticks
        tracks.append(
            Track(notes, names[track] if names else "", programs[track] if programs else 0,
                  bool(drums[track]) if drums else False)
        )  # fmt: skip
    signature = signature or _signature(steps, steps_per_beat)
    return Piece(tracks, resolution, [Tempo(0, tempo)], [TimeSignature(0, *signature)])


def _cells(roll: Any) -> np.ndarray:
    cells = np.asarray(roll)
    if cells.ndim != 4:
        raise ShapeError("A piano roll is an array (bars, steps, pitches, tracks); got shape "
                         "{shape}.", shape=cells.shape)  # fmt: skip
    return cells if cells.dtype == bool else cells > 0.5


def _runs(sounds: np.ndarray, begins: np.ndarray) -> np.ndarray:
    """Return the notes of one track ``(steps, pitches)``, in steps and rows."""
    before = np.zeros_like(sounds)
    before[1:] = sounds[:-1]
    # Pitch by pitch, one behind the other, with a silent step behind each.
    starts = np.append(sounds & (begins | ~before), [[False] * sounds.shape[1]], 0).T.ravel()
    ends = np.append(~sounds, [[True] * sounds.shape[1]], 0).T.ravel() | starts
    first, last = np.flatnonzero(starts), np.flatnonzero(ends)
    notes = np.empty(len(first), NOTE)
    notes["pitch"], notes["start"] = np.divmod(first, len(sounds) + 1)
    notes["duration"] = (
        last[np.searchsorted(last, first, side="right")] - first if len(first) else 1
    )
    notes["velocity"] = VELOCITY
    return notes


def _signature(steps: int, steps_per_beat: int) -> tuple[int, int]:
    """Return a time signature of bars of so many steps: in quarters if they are whole ones."""
    for denominator in (4, 8, 16, 32, 64):
        numerator, rest = divmod(steps * denominator, 4 * steps_per_beat)
        if not rest and numerator:
            return numerator, denominator
    raise ShapeError("Bars of {steps} steps with steps_per_beat={given} have no time signature.",
                     steps=steps, given=steps_per_beat)  # fmt: skip


def group_tracks(piece: Piece, groups: Sequence[str] = BAND, rest: str | None = "strings") -> Piece:
    """Return a piece with one track for each group of instruments, the same for every piece.

    Args:
        piece: the piece.
        groups: ``"drums"``, and families of `FAMILIES`, such as ``"piano"`` or ``"bass"``; by
            default the five tracks of MuseGAN (Dong et al., 2018).
        rest: the group that gets all other instruments; None ignores them.

    Example:
        >>> from maeum.music.notes import Track
        >>> band = group_tracks(Piece([Track([(60, 0, 480, 80)], "lead", program=81)]))
        >>> [(track.name, len(track)) for track in band.tracks]
        [('drums', 0), ('piano', 0), ('guitar', 0), ('bass', 0), ('strings', 1)]
    """
    for group in groups:
        check_choice(group, ("drums", *FAMILIES), "groups")
    if rest is not None:
        check_choice(rest, groups, "rest")
    parts: dict[str | None, list[np.ndarray]] = {group: [] for group in groups}
    for track in piece.tracks:
        family = "drums" if track.is_drum else FAMILIES[track.program // 8]
        parts.get(family if family in parts else rest, []).append(track.notes)
    tracks = [
        Track(np.concatenate(parts[group] or [np.empty(0, NOTE)]), group,
              0 if group == "drums" else 8 * FAMILIES.index(group), group == "drums")
        for group in groups
    ]  # fmt: skip
    return Piece(tracks, piece.resolution, piece.tempos, piece.time_signatures, piece.remarks)
