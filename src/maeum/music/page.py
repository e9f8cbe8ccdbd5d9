"""A page that draws and plays pieces in the browser: one file, which loads nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import enumeration, shorten
from maeum.music.instruments import Additive, drum, instrument
from maeum.music.measures import measure
from maeum.music.notes import Piece, Track
from maeum.music.rolls import FAMILIES, to_roll
from maeum.report.charts.piano_roll import PianoRoll, Played, pitch_name
from maeum.report.sections import Chapter, Page, Section, Table, Text, Tile
from maeum.report.wording import MISSING, number

MOST_NOTES = 20_000  # of a piece; a page of them has about a megabyte
MOST_PIECES = 24
MOST_BARS = 2000

_STRING = {"harmonics": [round(1 / n, 3) for n in range(1, 13)], "attack": 0.002, "decay": 0.5,
           "sustain": 0.0, "release": 0.1}  # fmt: skip
MEASURES = {
    "empty_bars": N_("Empty bars"),
    "used_pitch_classes": N_("Pitch classes in a bar"),
    "qualified_notes": N_("Notes of 3 steps or more"),
    "polyphony": N_("Steps with 2 pitches or more"),
    "in_scale": N_("In a major scale"),
    "drum_pattern": N_("Drums on the beats"),
}
_PLAIN = {"used_pitch_classes": 1, "tonal_distance": 2}  # digits of what is no fraction


def piano_roll(piece: Piece, title: str = "", caption: str = "") -> PianoRoll:
    """Return a piece as a section of a page, which draws and plays it.

    Args:
        piece: the piece; of very many notes the first 20,000 are shown, which the caption tells.
        title: its heading.
        caption: words below.

    Example:
        >>> roll = piano_roll(Piece([Track([(60, 0, 480, 80)])]), "One note")
        >>> roll.alt
        'Piano roll: 1 note from C4 to C4 in 0.5 seconds; tracks: piano'
    """
    tracks = [track for track in piece.tracks if len(track)]
    starts = np.sort(np.concatenate([t.notes["start"] for t in tracks] or [np.array([], int)]))
    last = starts[MOST_NOTES - 1] if len(starts) > MOST_NOTES else None
    if last is not None:
        tracks = [_until(track, int(last)) for track in tracks]
        more = _("The first {n:,} of {all:,} notes are shown.", n=sum(map(len, tracks)),
                 all=piece.count)  # fmt: skip
        caption = f"{caption} {more}".strip()
    end = max((track.end for track in tracks), default=0)
    seconds = max(float(piece.seconds(end)), 0.5)
    bar = piece.beats_per_bar * piece.resolution
    bars = piece.seconds(np.arange(0, end, max(bar, end / MOST_BARS)))
    played = [Played(_name(track), _times(track, piece), _sound(track)) for track in tracks]
    return PianoRoll(title, _alt(tracks, seconds), played, bars.tolist(), seconds, piece.tempo,
                     caption)  # fmt: skip


def _until(track: Track, last: int) -> Track:
    notes = track.notes[track.notes["start"] <= last]
    return Track(notes, track.name, track.program, track.is_drum)


def _name(track: Track) -> str:
    family = _("drums") if track.is_drum else _(FAMILIES[track.program // 8])
    return shorten(track.name, 30) if track.name else family


def _times(track: Track, piece: Piece) -> np.ndarray:
    notes = track.notes
    start = piece.seconds(notes["start"])
    end = piece.seconds(notes["start"] + notes["duration"])
    return np.stack([start, end - start, notes["pitch"], (notes["velocity"] / 127) ** 1.5], axis=1)


def _sound(track: Track) -> dict[str, Any]:
    """Tell the page's script how the built-in synthesizer would play a track."""
    if track.is_drum:
        pitches = np.unique(track.notes["pitch"]).tolist()
        return {"drums": {pitch: vars(drum(pitch)) for pitch in pitches}}
    player = instrument(track.program)
    if not isinstance(player, Additive):
        return _STRING
    return {"harmonics": [round(each, 3) for each in player.harmonics], **vars(player.envelope)}


def _alt(tracks: Sequence[Track], seconds: float) -> str:
    pitches = np.concatenate([track.notes["pitch"] for track in tracks] or [np.array([], int)])
    if not len(pitches):
        return _("Piano roll without notes")
    return ngettext("Piano roll: {n:,} note from {low} to {high} in {seconds} seconds; tracks: "
                    "{tracks}",
                    "Piano roll: {n:,} notes from {low} to {high} in {seconds} seconds; tracks: "
                    "{tracks}", len(pitches), low=pitch_name(int(pitches.min())),
                    high=pitch_name(int(pitches.max())), seconds=number(seconds),
                    tracks=enumeration([_name(track) for track in tracks[:20]]))  # fmt: skip


def write_page(
    pieces: Piece | Sequence[Piece],
    path: str | os.PathLike[str],
    title: str = "",
    names: Sequence[str] = (),
) -> Path:
    """Write a page that draws and plays pieces; one that was there stays whole until then.

    Args:
        pieces: one or several; of many the first 24 are shown.
        path: the file, ``.html``.
        title: of the page.
        names: of the pieces.

    Returns:
        The path that was written.

    Raises:
        DataError: if there are no pieces.
        SaveError: if it cannot be written.

    Example:
        >>> write_page(Piece([Track([(60, 0, 480, 80)])]), "note.html").name
        'note.html'
    """
    from maeum.report import html

    given = [pieces] if isinstance(pieces, Piece) else list(pieces)
    if not given:
        raise DataError("A page plays one piece or more; got none.")
    return html.write_page(page(given, title, names), path)


def page(pieces: Sequence[Piece], title: str = "", names: Sequence[str] = ()) -> Page:
    """Return the page of `write_page` as plain data."""
    shown = pieces[:MOST_PIECES]
    numbered = [_("Piece {n}", n=n + 1) for n in range(len(shown))]
    known = numbered if len(shown) > 1 else [_("Piano roll")]
    called = [*names[: len(shown)], *known[len(names) :]]
    chapters = [Chapter("listen", _("Listen"), _rolls(shown, called, len(pieces)))]
    if any(piece.count for piece in shown):
        chapters.append(Chapter("measures", _("In numbers"), _measured(shown, called)))
    notes, seconds = (sum(p.count for p in pieces), sum(p.duration for p in pieces))
    tracks = sum(len(track) > 0 for track in pieces[0].tracks)
    first = Tile(_("Pieces"), f"{len(pieces):,}", _("on this page: {n:,}", n=len(shown)))
    tiles = [
        first if len(pieces) > 1 else Tile(_("Tracks"), f"{tracks:,}", _("with notes")),
        Tile(_("Notes"), f"{notes:,}", _("in all tracks")),
        Tile(_("Length"), f"{int(seconds // 60)}:{int(seconds % 60):02}", _("minutes and seconds")),
        Tile(_("Tempo"), number(pieces[0].tempo), _("beats a minute")),
    ]
    head = title or ngettext("A piece to listen to", "{n:,} pieces to listen to", len(pieces))
    return Page(head, (_("Notes"), _("Sound")), head, [], tiles, chapters)


def _rolls(pieces: Sequence[Piece], names: Sequence[str], count: int) -> list[Section]:
    said: list[Section] = [
        Text(_("The browser plays the notes itself. Click into the notes to go on from there; a "
               "track that is not ticked is silent. The numbers below are bars."))
    ]  # fmt: skip
    if count > len(pieces):
        said.append(Text(_("The first {n:,} of {all:,} pieces are shown.", n=len(pieces),
                           all=count), small=True))  # fmt: skip
    return [*said, *(piano_roll(p, name, " ".join(p.remarks)) for p, name in zip(pieces, names))]


def _measured(pieces: Sequence[Piece], names: Sequence[str]) -> list[Section]:
    """Return a table of the measures of each piece, the mean over its tracks."""
    rows = []
    for name, piece in zip(names, pieces):
        found = _values(piece)
        rows.append([shorten(name, 40), *(written(key, found.get(key)) for key in MEASURES)])
    head = [_("Piece"), *map(_, MEASURES.values())]
    said = _("The measures are those of MuseGAN (Dong et al., 2018), with 4 steps in a beat: means "
             "over the tracks, and over their bars that are not empty.")  # fmt: skip
    return [Table(_("In numbers"), head, rows, caption=said, style="wide numbers", titled=False)]


def _values(piece: Piece) -> dict[str, float]:
    """Return the means over the tracks; none of a piece that is too long or too fine for a roll."""
    try:
        found = measure(to_roll(piece))
    except ValueError:
        return {}
    known = {key: values[~np.isnan(values)] for key, values in found.items()}
    return {key: float(values.mean()) for key, values in known.items() if len(values)}


def written(key: str, value: float | None) -> str:
    """Return the value of a measure as pages show it."""
    if value is None:
        return MISSING
    return f"{value:.{_PLAIN[key]}f}" if key in _PLAIN else f"{100 * value:.0f}%"
