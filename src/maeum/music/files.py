"""Music from a file or a folder: MIDI files, and chorales as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import DataError
from maeum.core.messages import _, ngettext
from maeum.core.wording import some
from maeum.music.midi import SUFFIXES, read_midi
from maeum.music.notes import Piece
from maeum.music.voices import from_voices

MOST_FILES = 20_000
MOST_JSON = 64 * 2**20  # bytes


@dataclass
class Music:
    """Pieces that were read.

    Attributes:
        pieces: the pieces.
        names: of each, the file's name within its folder, or split and number: ``"train/17"``.
        splits: the places of the pieces of each part of the data, such as ``"train"``; empty if the
            data do not say.
        broken: the files that could not be used, each with the reason.
        remarks: what else there is to say, as sentences.
    """

    pieces: list[Piece]
    names: list[str]
    splits: dict[str, list[int]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.pieces)


def read_music(path: str | os.PathLike[str], steps_per_beat: int | None = None) -> Music:
    """Read a MIDI file, a JSON file of chorales, or all MIDI files of a folder and those in it.

    Args:
        path: the file or the folder.
        steps_per_beat: of a JSON file, the steps of a quarter note: None takes 4 for a file with
            ``16th`` in its name and 1 for others. It means nothing for MIDI files.

    Returns:
        The pieces. Files of a folder that cannot be used are in ``broken``, and ``remarks`` tell
        so.

    Raises:
        DataError: if there is nothing, or nothing that can be used.

    Example:
        >>> import json
        >>> _ = Path("chorales.json").write_text(json.dumps({"train": [[[60, 64], [60, 65]]]}))
        >>> music = read_music("chorales.json")
        >>> music.names, music.splits, music.pieces[0].count
        (['train/0'], {'train': [0]}, 3)
    """
    place = Path(path)
    if place.is_dir():
        return _folder(place)
    if place.suffix.lower() == ".json":
        return _chorales(place, steps_per_beat)
    piece = read_midi(place)
    return Music([piece], [place.name], remarks=list(piece.remarks))


def _folder(folder: Path) -> Music:
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    if not found:
        raise DataError("The folder {path!r} has no MIDI files ({suffixes}).", path=str(folder),
                        suffixes=", ".join(SUFFIXES))  # fmt: skip
    music = Music([], [])
    for file in found[:MOST_FILES]:
        name = file.relative_to(folder).as_posix()
        try:
            music.pieces.append(read_midi(file))
            music.names.append(name)
        except DataError as error:
            music.broken[name] = str(error)
    if not music.pieces:
        raise DataError("None of the {n:,} MIDI files of {path!r} can be used. The first: {why}",
                        n=len(found), path=str(folder),
                        why=next(iter(music.broken.values())))  # fmt: skip
    music.remarks = _remarks(music)
    if len(found) > MOST_FILES:
        music.remarks.append(_("Of {all:,} MIDI files the first {n:,} are used.", all=len(found),
                               n=MOST_FILES))  # fmt: skip
    return music


def _remarks(music: Music) -> list[str]:
    """Say which files are broken, and how many of the others what is said of."""
    said = []
    if music.broken:
        said.append(ngettext("{n:,} file cannot be used and is ignored: {files}.",
                             "{n:,} files cannot be used and are ignored: {files}.",
                             len(music.broken), files=some(music.broken, 5, 60)))  # fmt: skip
    by_remark: dict[str, list[str]] = {}
    for name, piece in zip(music.names, music.pieces):
        for remark in piece.remarks:
            by_remark.setdefault(remark, []).append(name)
    return said + [f"{remark} ({some(names, 3, 40)})" for remark, names in by_remark.items()]


def _chorales(path: Path, steps_per_beat: int | None) -> Music:
    steps = steps_per_beat or (4 if "16th" in path.stem else 1)
    music = Music([], [])
    empty = 0
    for split, pieces in read_chorales(path).items():
        music.splits[split] = []
        for number, voices in enumerate(pieces):
            if (voices < 0).all():
                empty += 1
                continue
            music.splits[split].append(len(music.pieces))
            music.pieces.append(from_voices(voices, steps_per_beat=check_whole(steps, "steps")))
            music.names.append(f"{split}/{number}")
    if not music.pieces:
        raise DataError("{path!r} has no notes.", path=str(path))
    if empty:
        music.remarks.append(ngettext("{n:,} piece has no notes and is ignored.",
                                      "{n:,} pieces have no notes and are ignored.",
                                      empty))  # fmt: skip
    return music


def read_chorales(path: str | os.PathLike[str]) -> dict[str, list[np.ndarray]]:
    """Return the chords of a JSON file of chorales: ``{split: [piece]}``.

    A piece of the file is a list of chords, one for each time step, and a chord a list of MIDI
    pitches. Chords that have no note are rests.

    Args:
        path: the file, such as ``jsb-chorales-quarter.json``.

    Returns:
        For each split the pieces as ``(steps, voices)`` of whole numbers, -1 where a voice is
        silent. The voices are in the order of the file; where the file lists all its chords
        upwards, as sets, the highest pitch is the first voice.

    Raises:
        DataError: if it cannot be read or is something else.
    """
    name = os.fspath(path)
    try:
        with open(path, "rb") as file:
            content = file.read(MOST_JSON + 1)
        if len(content) > MOST_JSON:
            raise DataError("{path!r} is larger than {limit:,} bytes.", path=name, limit=MOST_JSON)
        data = json.loads(content)
    except OSError as error:
        raise DataError("{path!r} cannot be read: {reason}.", path=name,
                        reason=error.strerror or error) from None  # fmt: skip
    except (ValueError, RecursionError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError("{path!r} is not JSON, or it is damaged ({reason}). Download or copy it "
                        "again.", path=name, reason=error) from None  # fmt: skip
    if isinstance(data, list):
        data = {"all": data}
    if not isinstance(data, dict) or not all(map(_is_split, data.values())):
        raise DataError("{path!r} is JSON, but not of chorales: a mapping of splits to lists of "
                        "pieces, each a list of chords, each a list of pitches from 0 to 127.",
                        path=name)  # fmt: skip
    upwards = all(chord == sorted(chord) for pieces in data.values() for piece in pieces
                  for chord in piece)  # fmt: skip
    voices = max((len(chord) for pieces in data.values() for p in pieces for chord in p), default=0)
    return {
        split: [_voices(piece, voices, -1 if upwards else 1) for piece in pieces]
        for split, pieces in data.items()
    }


def _is_split(pieces: Any) -> bool:
    return isinstance(pieces, list) and all(
        isinstance(piece, list) and all(isinstance(chord, list) and all(map(_is_pitch, chord))
                                        for chord in piece) for piece in pieces)  # fmt: skip


def _is_pitch(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 <= value <= 127 and value == int(value)


def _voices(piece: Sequence[Sequence[float]], voices: int, order: int) -> np.ndarray:
    rows = np.full((len(piece), voices), -1, np.int16)
    for row, chord in zip(rows, piece):
        row[: len(chord)] = chord[::order]
    return rows
