"""A piano roll: notes along time, which the page draws and plays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from markupsafe import Markup

from maeum.report.charts.data import SERIES, in_page
from maeum.report.sections import Section

SECOND = 40  # pixels of a second
MOST_WIDE = 30_000  # pixels
HEIGHT = 260  # pixels of all rows together, about
ROW = (4, 12)  # pixels of a row of pitches, at least and at most
LEAST_ROWS = 12
_TICK = 90  # pixels between two numbers of bars, at least
_BELOW = 20
_NAMES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")


class Played(NamedTuple):
    """The notes of an instrument.

    Attributes:
        name: of the track.
        notes: ``(n, 4)``: start and duration in seconds, pitch of MIDI, loudness from 0 to 1.
        sound: how the page plays them: ``harmonics`` (the amplitudes), ``attack``, ``decay``,
            ``sustain`` and ``release`` (seconds; from 0 to 1 the sustain); or ``drums``, by pitch
            ``tone``, ``fall``, ``noise``, ``band`` and ``fading``.
    """

    name: str
    notes: np.ndarray
    sound: Mapping[str, Any]


@dataclass(frozen=True)
class PianoRoll(Section):
    """Notes of several tracks; the page plays them, with a cursor, from any place on.

    Attributes:
        title, alt: its heading, and what it shows, for those who do not see it.
        tracks: the notes; each track has a colour.
        bars: where the bars begin, in seconds.
        seconds: how long it lasts.
        tempo: in beats per minute, when it begins.
        caption: words below.
    """

    scripts: ClassVar[tuple[str, ...]] = ("piano_roll.js",)

    title: str
    alt: str
    tracks: Sequence[Played]
    bars: Sequence[float]
    seconds: float
    tempo: float
    caption: str = ""

    @property
    def legend(self) -> list[tuple[str, str]]:
        """The names of the tracks with their colours."""
        return [(track.name, SERIES[n % len(SERIES)]) for n, track in enumerate(self.tracks)]

    @property
    def picture(self) -> Markup:
        """The notes, as they are without a script."""
        return draw_roll(self)

    @property
    def data(self) -> Markup:
        """What the script plays, as JSON: times in milliseconds, loudness in percent."""
        return in_page({
            "seconds": round(self.seconds, 3),
            "tracks": [
                {"sound": track.sound,
                 "notes": np.round(track.notes * [1000, 1000, 1, 100]).astype(int).ravel().tolist()}
                for track in self.tracks
            ],
        })  # fmt: skip


def pitch_name(pitch: int) -> str:
    """Return the name of a MIDI pitch.

    >>> pitch_name(60), pitch_name(70)
    ('C4', 'A♯4')
    """
    return f"{_NAMES[pitch % 12]}{pitch // 12 - 1}"


def draw_roll(roll: PianoRoll) -> Markup:
    """Return the names of the octaves beside the notes, and the notes with the numbers of bars."""
    low, high = _ends(roll)
    rows = high - low + 1
    height = rows * int(min(max(HEIGHT // rows, ROW[0]), ROW[1]))
    wide = round(min(max(SECOND * roll.seconds, 100), MOST_WIDE))
    octaves = [pitch for pitch in range(low, high + 1) if pitch % 12 == 0]
    lines = "".join(f"M0 {high + 1 - pitch}H1000" for pitch in octaves)
    bars = "".join(f"M{_at(time, roll):g} 0V{rows}" for time in roll.bars)
    notes = "".join(
        f'<path class="tone {colour}" d="{"".join(_boxes(track, roll, high))}"/>'
        for track, (_name, colour) in zip(roll.tracks, roll.legend)
    )
    every = max(1, int(np.ceil(_TICK * len(roll.bars) / wide)))
    numbers = "".join(
        f'<text class="begin" x="{_at(time, roll) / 10:g}%" y="{height + 16}">{number + 1}</text>'
        for number, time in enumerate(roll.bars)
        if number % every == 0
    )
    names = "".join(
        f'<text x="30" y="{height * (high - pitch + 1) / rows - 1:.0f}">{pitch_name(pitch)}</text>'
        for pitch in octaves
    )
    total = height + _BELOW
    return Markup(
        f'<svg class="beside" width="36" height="{total}">{names}</svg>'
        f'<div class="strip"><svg class="plot" width="{wide}" height="{total}">'
        f'<svg class="marks" viewBox="0 0 1000 {rows}" preserveAspectRatio="none" width="100%" '
        f'height="{height}"><path class="bar-line" d="{lines}{bars}"/>{notes}</svg>'
        f'<g class="ticks">{numbers}</g>'
        f'<line class="cursor" y2="{height}" x1="0" x2="0" visibility="hidden"/></svg></div>'
    )


def _ends(roll: PianoRoll) -> tuple[int, int]:
    """Return the lowest and the highest row: those of the notes, and a few to be an octave."""
    pitches = np.concatenate([track.notes[:, 2] for track in roll.tracks] or [np.array([])])
    low, high = (int(pitches.min()), int(pitches.max())) if len(pitches) else (60, 71)
    more = max(LEAST_ROWS - (high - low + 1), 0)
    low = max(low - 1 - more // 2, 0)
    return low, min(max(high + 1 + (more + 1) // 2, low + LEAST_ROWS), 127)


def _at(time: float, roll: PianoRoll) -> float:
    return round(1000 * time / max(roll.seconds, 1e-3), 2)


def _boxes(track: Played, roll: PianoRoll, high: int) -> Iterator[str]:
    """Yield a box for each note, a little shorter than it is: so notes that touch are two."""
    for start, duration, pitch, _loudness in track.notes.tolist():
        left = _at(start, roll)
        width = max(_at(start + duration, roll) - left, 0.2)
        yield f"M{left:g} {high - pitch + 0.08:.2f}h{0.94 * width:.4g}v.84h-{0.94 * width:.4g}z"
