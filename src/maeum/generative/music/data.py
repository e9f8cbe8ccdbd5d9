"""Music that is read, divided by pieces, and brought into the same tracks."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.messages import _, ngettext
from maeum.generative.music.judging import phrases_of
from maeum.generative.music.layout import Layout
from maeum.generative.music.options import MusicOptions, MusicReading
from maeum.music import Music, Piece, Tempo, TimeSignature, Track, read_music, to_roll
from maeum.text.token_files import TokenWindows

FEW = 4  # pieces; below it each is divided
MOST_PHRASES = 20_000  # that a GAN learns from
MOST_MEASURED = 200  # phrases
_NAMES = {"train": "train", "valid": "validation", "validation": "validation", "test": "test"}


@dataclass
class MusicData:
    """Music that is ready to be learnt.

    Attributes:
        source: the name of the file or folder.
        layout: what the pieces have in common.
        train, validation, test: the pieces of each part, with the tracks of the layout; without
            enough music the last two are empty.
        options: the choices, with those made by the data.
        notes: what is out of the ordinary, as sentences.
        seconds: how long it took to prepare.
    """

    source: str
    layout: Layout
    train: list[Piece]
    validation: list[Piece]
    test: list[Piece]
    options: MusicOptions
    notes: list[str]
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def prepare(
        cls,
        source: str | os.PathLike[str] | Sequence[Piece],
        reading: MusicReading | None = None,
        options: MusicOptions | None = None,
    ) -> MusicData:
        """Read music and divide it.

        Args:
            source: a MIDI file, a folder of them, a JSON file of chorales; or pieces.
            reading: how it is read.
            options: the choices.

        Raises:
            DataError: if there is nothing to learn from.
        """
        began = time.perf_counter()
        reading, options = reading or MusicReading(), options or MusicOptions()
        name, music = _read(source, reading)
        steps = reading.steps_per_beat or _steps(source)
        layout = Layout.of(music.pieces, steps)
        notes, parts = list(music.remarks), _parts(music, layout, options)
        ignored = sum(not layout.fits(piece) for piece in music.pieces)
        if ignored:
            notes.append(ngettext("{n:,} piece has bars of another length and is ignored.",
                                  "{n:,} pieces have bars of another length and are ignored.",
                                  ignored))  # fmt: skip
        if len(music.pieces) - ignored < FEW:
            notes.append(_("There are few pieces, so parts of each are held out, not whole ones."))
        if not parts["test"]:
            notes.append(_("There is too little music to hold some of it out: everything is "
                           "measured on what was learnt."))  # fmt: skip
        if layout.banded:
            notes.append(_("The pieces have different tracks, so they are grouped: {names}.",
                           names=", ".join(layout.names)))  # fmt: skip
        made = cls(name, layout, parts["train"], parts["validation"], parts["test"], options, notes)
        made._resolve()
        made.seconds["preparing"] = time.perf_counter() - began
        return made

    def _resolve(self) -> None:
        options = self.options
        if not options.sequential:
            if not len(self.phrases):
                raise DataError("No piece has {bars} bars with notes. Take fewer (--bars), or a "
                                "network that writes note after note (--network lstm).",
                                bars=options.bars)  # fmt: skip
            if len(self.phrases) == 1:
                raise DataError("There is only one phrase of {bars} bars, and a GAN learns what "
                                "many have in common. Take fewer bars (--bars), or a network that "
                                "writes note after note (--network lstm).",
                                bars=options.bars)  # fmt: skip
            short = sum(not len(self._cut([piece], None)) for piece in self.train)
            if short:
                self.notes.append(
                    ngettext("{n:,} piece is shorter than {bars} bars and is ignored.",
                             "{n:,} pieces are shorter than {bars} bars and are ignored.",
                             short, bars=options.bars)
                )  # fmt: skip
            self.options = options.resolved(0, len(self.phrases))
            return
        tokens = sum(len(self.layout.encode(piece)) for piece in self.train)
        self.options = options.resolved(tokens, 0)
        window = self.options.window or 1
        if tokens <= window:
            self.options = replace(self.options, window=max(2, tokens - 1))

    @property
    def sizes(self) -> dict[str, int]:
        """How many pieces each part has."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: len(part) for name, part in parts.items() if part or name == "train"}

    @property
    def held_out(self) -> list[Piece]:
        """The pieces that the network is measured on; those of the training if there are none."""
        return self.test or self.train

    def _cut(self, pieces: Sequence[Piece], hop: int | None) -> np.ndarray:
        return phrases_of(pieces, self.layout, self.options.bars, hop)

    @cached_property
    def phrases(self) -> np.ndarray:
        """The phrases of the training part, which begin with every bar."""
        found = self._cut(self.train, 1)
        if len(found) > MOST_PHRASES:
            draw = np.random.default_rng(self.options.seed)
            found = found[np.sort(draw.choice(len(found), MOST_PHRASES, replace=False))]
        return found

    @cached_property
    def real(self) -> np.ndarray:
        """Phrases that were held out, or else of the training part: what is made is beside them."""
        found = self._cut(self.held_out, None)
        return found[np.unique(np.linspace(0, max(len(found) - 1, 0), MOST_MEASURED).astype(int))]

    @cached_property
    def moves(self) -> range:
        """By how many semitones the pieces are moved."""
        return self.layout.range_of_moves(self.options.transpose or 0)

    def windows(self) -> TokenWindows:
        """Return windows over the tokens of the training part, in all its keys."""
        encode, options = self.layout.encode, self.options
        rows = [encode(piece, moved) for moved in self.moves for piece in self.train]
        return TokenWindows(
            np.concatenate(rows), options.window or 1, batch_size=options.batch_size or 1,
            shuffle=True, seed=options.seed,
        )  # fmt: skip

    def tokens(self, pieces: Sequence[Piece]) -> list[np.ndarray]:
        """Return the tokens of pieces."""
        return [self.layout.encode(piece) for piece in pieces]

    def steps(self, pieces: Sequence[Piece]) -> int:
        """Return how many steps pieces have."""
        per_beat = self.layout.steps_per_beat
        return sum(max(1, round(piece.beats * per_beat)) for piece in pieces)


def _read(source: Any, reading: MusicReading) -> tuple[str, Music]:
    if isinstance(source, (str, os.PathLike)):
        return Path(source).name, read_music(source, reading.steps_per_beat)
    pieces = list(source)
    if not pieces:
        raise DataError("There are no pieces to learn from.")
    return _("pieces"), Music(pieces, [str(n + 1) for n in range(len(pieces))])


def _steps(source: Any) -> int:
    """Return the steps of a beat that a source has: those of `maeum.music.read_music`."""
    named = isinstance(source, (str, os.PathLike)) and Path(source).suffix.lower() == ".json"
    return 1 if named and "16th" not in Path(source).stem else 4


def _parts(music: Music, layout: Layout, options: MusicOptions) -> dict[str, list[Piece]]:
    """Return the pieces of each part: those of the data, or drawn by the seed."""
    fitting = {n: layout.arranged(p) for n, p in enumerate(music.pieces) if layout.fits(p)}
    known = {_NAMES.get(split) for split in music.splits}
    if {"train", "test"} <= known and all(known):
        parts: dict[str, list[Piece]] = {"train": [], "validation": [], "test": []}
        for split, places in music.splits.items():
            parts[_NAMES[split]] += [fitting[n] for n in places if n in fitting]
        if parts["train"] and parts["test"]:
            if not parts["validation"]:
                parts["validation"] = parts["train"][:0]
            return parts if options.sequential else _joined(parts)
    pieces = [*fitting.values()]
    if len(pieces) < FEW:
        return _of_few(pieces, layout, options)
    order = np.random.default_rng(options.seed).permutation(len(pieces)).tolist()
    test = max(1, round(options.test_size * len(pieces)))
    watched = max(1, round(options.validation_size * len(pieces)))
    shuffled = [pieces[n] for n in order]
    parts = {"test": shuffled[:test], "validation": shuffled[test : test + watched],
             "train": shuffled[test + watched :]}  # fmt: skip
    return parts if options.sequential else _joined(parts)


def _joined(parts: dict[str, list[Piece]]) -> dict[str, list[Piece]]:
    """Let a GAN, which nothing tells when to stop, learn from the validation part, too."""
    return parts | {"train": parts["train"] + parts["validation"], "validation": []}


def _of_few(pieces: list[Piece], layout: Layout, options: MusicOptions) -> dict[str, list[Piece]]:
    """Divide each piece at bars; leave it whole where a part would be shorter than a phrase."""
    found: dict[str, list[Piece]] = {"train": [], "validation": [], "test": []}
    for piece in pieces:
        bars = len(to_roll(piece, layout.steps_per_beat, layout.pitches).sounds)
        test = max(options.bars, round(options.test_size * bars))
        watched = max(options.bars, round(options.validation_size * bars))
        if test + watched > bars // 2:
            found["train"].append(piece)
            continue
        first, second = bars - test - watched, bars - test
        for name, begin, end in (("train", 0, first), ("validation", first, second),
                                 ("test", second, bars)):  # fmt: skip
            part = excerpt(piece, begin, end, layout)
            if part.count:
                found[name].append(part)
    return found if options.sequential else _joined(found)


def excerpt(piece: Piece, first: int, last: int, layout: Layout) -> Piece:
    """Return the bars of a piece from ``first`` to before ``last``; notes are cut there."""
    bar = round(layout.steps * piece.resolution / layout.steps_per_beat)
    begin, end = first * bar, last * bar
    tracks = []
    for track in piece.tracks:
        notes = track.notes[(track.notes["start"] >= begin) & (track.notes["start"] < end)].copy()
        notes["duration"] = np.minimum(notes["duration"], end - notes["start"])
        notes["start"] -= begin
        tracks.append(Track(notes, track.name, track.program, track.is_drum))
    return replace(piece, tracks=tracks, tempos=[Tempo(0, piece.tempo)],
                   time_signatures=[TimeSignature(0, *layout.signature)])  # fmt: skip
