"""MIDI files, read and written through mido.

What a file may leave open is read so:

- A note-on with the velocity 0 is a note-off. A note-off ends the oldest note of its channel and
  pitch that still sounds, so equal notes may overlap.
- A note that nothing ends lasts until its track does. One that ends where it begins lasts a tick.
- Without a tempo there are 120 beats per minute, without a time signature it is 4/4, as the
  standard says.
- The notes of a track of the file become one `Track` for each channel and program. Channel 10 (9,
  counted from 0) plays drums. Pedals, pitch bends and other controllers are not read.
"""

from __future__ import annotations

import io
import os
import re
from collections import defaultdict, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import DataError
from maeum.core.files import writing
from maeum.core.messages import N_, _, ngettext
from maeum.music.notes import MOST_TICKS, NOTE, Piece, Tempo, TimeSignature, Track

SUFFIXES = (".mid", ".midi", ".rmi", ".smf", ".kar")
MOST_BYTES = 2 * 2**20  # up to 350,000 notes, for which mido takes 240 MB
DRUMS = 9
MICROSECONDS = 60_000_000  # of a minute: MIDI tells microseconds per beat
_ENDLESS = re.compile(rb"[\x80-\xff]{65536}")  # a number that never ends
_DAMAGED = N_("{path!r} is damaged ({reason}). Download or copy it again.")
_MOST_TEMPO = 2**24 - 1  # microseconds
_MOST_DELTA = 2**28 - 1  # ticks between two events of a file


def read_midi(path: str | os.PathLike[str], limit: int = MOST_BYTES) -> Piece:
    """Return the piece of a MIDI file (format 0 or 1; also one in a RIFF file, ``.rmi``).

    Args:
        path: the file.
        limit: bytes that are read at most; larger files are refused before they fill the memory.

    Returns:
        The piece. Its ``remarks`` tell what the file left open, and how it was read.

    Raises:
        DataError: if it cannot be read, is empty, damaged, too large or of another kind, counts in
            the frames of a film instead of beats, or has no notes.

    Example:
        >>> piece = Piece([Track([(60, 0, 480, 80)])], tempos=[(0, 90)])
        >>> read_midi(write_midi(piece, "note.mid")).tempo
        90.0
    """
    name = os.fspath(path)
    content = _bytes(path, check_whole(limit, "limit"))
    return _piece(_parsed(content, name), name)


def _bytes(path: str | os.PathLike[str], limit: int) -> bytes:
    name = os.fspath(path)
    try:
        with open(path, "rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise DataError("{path!r} cannot be read: {reason}.", path=name,
                        reason=error.strerror or error) from None  # fmt: skip
    if len(content) > limit:
        raise DataError("{path!r} is larger than {limit:,} bytes, more than music needs. Give "
                        "read_midi a greater limit= to read it nevertheless.", path=name,
                        limit=limit)  # fmt: skip
    if content[:4] == b"RIFF" and content[8:12] == b"RMID":
        content = content[20:]
    if not content:
        raise DataError("{path!r} is empty.", path=name)
    if content[:4] != b"MThd":
        raise DataError("{path!r} is not a MIDI file: it does not begin with 'MThd'.", path=name)
    return content


def _parsed(content: bytes, name: str) -> Any:
    """Return mido's file, whose ticks are those of beats and whose tracks begin together."""
    import mido

    if _ENDLESS.search(content):
        raise DataError(_DAMAGED, path=name, reason=_("a number in it does not end"))
    try:
        file = mido.MidiFile(file=io.BytesIO(content))
    except EOFError:
        raise DataError(_DAMAGED, path=name, reason=_("it ends too early")) from None
    except Exception as error:  # mido raises whatever comes of the bytes
        raise DataError(_DAMAGED, path=name, reason=str(error) or type(error).__name__) from None
    if file.type not in (0, 1):
        raise DataError("{path!r} is a MIDI file of format {format}; formats 0 and 1 are read. "
                        "Save it as format 1.", path=name, format=file.type)  # fmt: skip
    if file.ticks_per_beat <= 0:
        raise DataError("{path!r} counts in frames of a film (SMPTE), not in beats. Save it with "
                        "ticks per quarter note.", path=name)  # fmt: skip
    return file


class _Reading:
    """What was found in a file so far."""

    def __init__(self) -> None:
        self.tempos: dict[int, float] = {}  # of several at a tick, the last one counts
        self.signatures: dict[int, tuple[int, int]] = {}
        self.unended = self.empty = 0


def _piece(file: Any, name: str) -> Piece:
    found = _Reading()
    tracks = [track for each in file.tracks for track in _tracks(each, found, name)]
    if not tracks:
        raise DataError("{path!r} has no notes.", path=name)
    remarks = []
    if not found.tempos:
        remarks.append(_("It names no tempo: 120 beats per minute, as the standard says."))
    if found.unended:
        remarks.append(ngettext("{n:,} note is never ended; it lasts until its track ends.",
                                "{n:,} notes are never ended; they last until their track ends.",
                                found.unended))  # fmt: skip
    if found.empty:
        remarks.append(ngettext("{n:,} note ends where it begins; it lasts one tick.",
                                "{n:,} notes end where they begin; they last one tick.",
                                found.empty))  # fmt: skip
    if all(track.is_drum for track in tracks):
        remarks.append(_("It has drums only."))
    return Piece(
        tracks,
        file.ticks_per_beat,
        [Tempo(tick, bpm) for tick, bpm in found.tempos.items()],
        [TimeSignature(tick, *each) for tick, each in found.signatures.items()],
        remarks,
    )


def _tracks(messages: Any, found: _Reading, name: str) -> Iterator[Track]:
    """Yield a track for each channel and program that has notes."""
    tick, title = 0, ""
    programs: dict[int, int] = defaultdict(int)
    open_: dict[tuple[int, int], deque[tuple[int, int, int]]] = defaultdict(deque)
    notes: dict[tuple[int, int], list[tuple[int, int, int, int]]] = defaultdict(list)

    def end(channel: int, pitch: int) -> None:
        start, velocity, program = open_[channel, pitch].popleft()
        found.empty += tick == start
        notes[channel, program].append((pitch, start, max(tick - start, 1), velocity))

    for message in messages:
        tick += message.time
        if tick > MOST_TICKS:
            raise DataError(_DAMAGED, path=name,
                            reason=_("it would last for years"))  # fmt: skip
        kind = message.type
        if kind == "note_on" and message.velocity:
            channel = message.channel
            sounds = (tick, message.velocity, programs[channel])
            open_[channel, message.note].append(sounds)
        elif kind in ("note_on", "note_off"):
            if open_[message.channel, message.note]:  # one that ends nothing means nothing
                end(message.channel, message.note)
        elif kind == "program_change":
            programs[message.channel] = message.program
        elif kind == "set_tempo":
            if message.tempo:
                found.tempos[tick] = _bpm(message.tempo)
        elif kind == "time_signature":
            if message.numerator and message.denominator <= 128:
                found.signatures[tick] = (message.numerator, message.denominator)
        elif kind == "track_name":
            title = title or _decoded(message.name)
    for (channel, pitch), sounding in open_.items():
        found.unended += len(sounding)
        while sounding:
            end(channel, pitch)
    for (channel, program), rows in sorted(notes.items()):
        yield Track(np.array(rows, NOTE), title, program, channel == DRUMS)


def _bpm(microseconds: int) -> float:
    """Return beats per minute, of all that are written the same way the one that people say."""
    exact = min(max(MICROSECONDS / microseconds, MICROSECONDS / _MOST_TEMPO), 99_999.0)
    said = round(exact, 2)
    return said if round(MICROSECONDS / said) == microseconds else exact


def _decoded(name: str) -> str:
    """Return a name that mido read as Latin-1: Korean programs write UTF-8 or CP949."""
    for encoding in ("utf-8", "cp949"):
        try:
            return name.encode("latin-1").decode(encoding).strip()
        except UnicodeError:
            continue
    return name.strip()


def write_midi(piece: Piece, path: str | os.PathLike[str]) -> Path:
    """Write a piece as a MIDI file of format 1; one that was there stays whole until then.

    Tempo and time signatures stand in a first track without notes, each track in one of its own.
    Drums play on channel 10, the others on the fifteen others in turn.

    Args:
        piece: the piece.
        path: the file, ``.mid``.

    Returns:
        The path that was written.

    Raises:
        SaveError: if it cannot be written.
        DataError: if more ticks lie between two notes than MIDI can tell.
    """
    import mido

    file = mido.MidiFile(type=1, ticks_per_beat=piece.resolution, charset="utf-8")
    changes: list[tuple[int, int, Any]] = [
        (
            t.tick,
            1,
            mido.MetaMessage("set_tempo", tempo=min(round(MICROSECONDS / t.bpm), _MOST_TEMPO)),
        )
        for t in (piece.tempos or [Tempo(0, piece.tempo)])
    ]
    changes += [
        (s.tick, 0, mido.MetaMessage("time_signature", numerator=s.numerator,
                                     denominator=s.denominator))
        for s in piece.time_signatures
    ]  # fmt: skip
    file.tracks.append(_timed(changes))
    melodic = iter(channel for __ in piece.tracks for channel in range(16) if channel != DRUMS)
    for track in piece.tracks:
        file.tracks.append(_timed(_events(track, DRUMS if track.is_drum else next(melodic))))
    with writing(path) as out:
        file.save(file=out)
    return Path(path)


def _events(track: Track, channel: int) -> list[tuple[int, int, Any]]:
    """Return the messages of a track, each with its tick and its order within the tick."""
    from mido import Message, MetaMessage

    found: list[tuple[int, int, Any]] = []
    if track.name:
        found.append((0, 0, MetaMessage("track_name", name=track.name)))
    found.append((0, 0, Message("program_change", channel=channel, program=track.program)))
    for pitch, start, duration, velocity in track.notes.tolist():
        on = Message("note_on", channel=channel, note=pitch, velocity=velocity)
        off = Message("note_off", channel=channel, note=pitch, velocity=0)
        found += [(start, 2, on), (start + duration, 1, off)]  # what ends makes room first
    return found


def _timed(events: list[tuple[int, int, Any]]) -> Any:
    """Return a track of messages, each with the ticks since the one before."""
    from mido import MidiTrack

    track, last = MidiTrack(), 0
    for tick, _order, message in sorted(events, key=lambda event: event[:2]):
        if tick - last > _MOST_DELTA:
            raise DataError("There are {ticks:,} ticks between two notes; a MIDI file can tell "
                            "{most:,} at most. Write it with a lower resolution.",
                            ticks=tick - last, most=_MOST_DELTA)  # fmt: skip
        message.time = tick - last
        track.append(message)
        last = tick
    return track
