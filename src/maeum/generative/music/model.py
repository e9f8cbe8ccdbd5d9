"""A network that makes music, with what turns its outputs into pieces."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.checks import check_number, check_whole
from maeum.core.errors import ConfigError
from maeum.core.messages import N_, _, ngettext
from maeum.experiment.files import check_folder
from maeum.experiment.model import TaskModel
from maeum.experiment.run import Things
from maeum.generative.music.data import MusicData, excerpt
from maeum.generative.music.judging import measure_error, measures, phrases_of
from maeum.generative.music.layout import Layout
from maeum.generative.music.options import ComposingOptions, MusicReading
from maeum.language.decoding import Decoder, stream
from maeum.language.scores import cross_entropy
from maeum.language.steps import decoder_of
from maeum.models import Model
from maeum.music import (
    Piece,
    Roll,
    from_roll,
    synthesize,
    to_roll,
    write_midi,
    write_page,
    write_wav,
)
from maeum.music.events import BAR, END, PAD, START

JUDGED = 100  # phrases that are made to be measured
_EVERY = 64  # tokens that are written before it is looked whether they are enough
_ROOM = 4  # times as many tokens as a bar usually has
_FOLDER = "maeum-music"


@dataclass(repr=False)
class MusicModel(TaskModel):
    """A trained network that makes music.

    Attributes:
        network: a `MusicGAN`, or a language model over the tokens of `Layout.vocabulary`.
        layout: the tracks, pitches and steps of what it makes.
        bars: the bars of a phrase.
        bar_tokens: how many tokens a bar usually has; 0 for a GAN.
        facts: what is known of its training.

    Example:
        >>> from maeum.generative.music import train_music
        >>> from maeum.music import Track
        >>> scale = [Piece([Track([(60 + 2 * (n % 4), 480 * n, 480, 80) for n in range(64)])])] * 6
        >>> trained = train_music(scale, network="gru", epochs=1, units=8, report=False)
        >>> pieces = trained.model.compose(bars=2, count=3, seed=1)
        >>> len(pieces), pieces == trained.model.compose(bars=2, count=3, seed=1)
        (3, True)
    """

    kind = "music"
    things = Things("{n:,} piece", "{n:,} pieces", N_("pieces"))
    reads_with = tuple(MusicReading.fields())
    making = ComposingOptions

    network: Model
    layout: Layout
    bars: int
    bar_tokens: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def sequential(self) -> bool:
        """Whether the network writes note after note."""
        return self.bar_tokens > 0

    @cached_property
    def decoder(self) -> Decoder:
        """The network's step; see `maeum.language.decoder_of`."""
        return replace(decoder_of(self.network), never=(PAD, START, END))

    def compose(
        self,
        bars: int = 8,
        count: int = 1,
        *,
        seed: int | None = None,
        temperature: float = 1.0,
        tempo: float | None = None,
    ) -> list[Piece]:
        """Make pieces.

        Args:
            bars: how long each is.
            count: how many.
            seed: the same seed gives the same music; another one each time by default.
            temperature: below 1 the music is more usual, above 1 bolder.
            tempo: in beats per minute; that of the data by default.

        Raises:
            ConfigError: for options that make no sense.
        """
        check_whole(bars, "bars")
        check_whole(count, "count")
        check_number(temperature, "temperature")
        tempo = self.layout.tempo if tempo is None else tempo
        if self.sequential:
            return self._write(bars, count, seed, temperature, tempo)
        gan: Any = self.network
        made = gan.longer(count, -(-bars // self.bars), seed, temperature)[:, :bars]
        layout = self.layout
        rolls = [
            Roll(sounds, sounds & False, layout.pitches[0], layout.steps_per_beat, tempo,
                 layout.signature, layout.names, layout.programs, layout.drums)
            for sounds in made
        ]  # fmt: skip
        return [from_roll(roll) for roll in rolls]

    def _write(
        self, bars: int, count: int, seed: int | None, temperature: float, tempo: float
    ) -> list[Piece]:
        most = round(_ROOM * bars * self.bar_tokens) + _EVERY
        rows: list[list[int]] = [[] for _row in range(count)]
        begin = [[START]] * count
        for new in stream(self.decoder, begin, most, temperature=temperature, seed=seed,
                          every=_EVERY):  # fmt: skip
            rows = [row + more for row, more in zip(rows, new)]
            if all(row.count(BAR) > bars for row in rows):
                break
        pieces = [self.layout.decode(_until(row, bars), tempo) for row in rows]
        return [excerpt(piece, 0, bars, self.layout) for piece in pieces]

    def phrases(self, count: int = JUDGED, seed: int = 0, temperature: float = 1.0) -> np.ndarray:
        """Return phrases that it makes, ``(count, bars, steps, pitches, tracks)`` of bool."""
        if not self.sequential:
            gan: Any = self.network
            return gan.longer(count, 1, seed, temperature)
        made = self.compose(self.bars, count, seed=seed, temperature=temperature)
        low, high = self.layout.pitches
        shape = (self.bars, self.layout.steps, high - low + 1, len(self.layout.names))
        found = np.zeros((count, *shape), bool)
        for place, piece in enumerate(made):
            part = to_roll(piece, self.layout.steps_per_beat, (low, high)).sounds[: self.bars]
            found[place, : len(part)] = part
        return found

    def make(self, options: ComposingOptions) -> Iterator[str]:
        """Write pieces as MIDI and WAV, and a page that plays them; yield what each is."""
        folder = Path(options.out) if options.out else _free(Path(_FOLDER))
        check_folder(folder)
        if options.soundfont is not None:
            synthesize(Piece([]), soundfont=options.soundfont)  # an error before any work is done
        temperature = 1.0 if options.temperature is None else options.temperature
        pieces = self.compose(options.bars, options.count, seed=options.seed,
                              temperature=temperature, tempo=options.tempo)  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        names = [f"piece-{n + 1}" for n in range(len(pieces))]
        for name, piece in zip(names, pieces):
            write_midi(piece, folder / f"{name}.mid")
            wav = folder / f"{name}.wav"
            write_wav(wav, synthesize(piece, soundfont=options.soundfont))
            notes = ngettext("{n:,} note", "{n:,} notes", piece.count)
            yield _("{file}: {notes}, {seconds:.0f} seconds", file=wav,
                    notes=notes, seconds=piece.duration) + "\n"  # fmt: skip
        page = write_page(pieces, folder / "page.html", names=names)
        yield _("Page that plays them: {page}", page=page) + "\n"

    def predict(self, source: Any, **reading: Any) -> Any:
        """Refuse: it makes music.

        Raises:
            ConfigError: always.
        """
        raise ConfigError("This network makes music, with maeum generate or model.compose.")

    def evaluate(  # type: ignore[override]
        self, source: str | os.PathLike[str], *, steps_per_beat: int | None = None
    ) -> dict[str, Any]:
        """Return how well the network knows other music.

        Args:
            source: a MIDI file, a folder of them, or a JSON file of chorales.
            steps_per_beat: of a JSON file.

        Returns:
            ``measure_error``, the mean distance of MuseGAN's measures of what it makes from those
            of this music; of a network that writes note after note also ``nats_per_step`` and
            ``perplexity``; ``rows``, the number of pieces, and ``notes``.

        Raises:
            DataError: if it cannot be read, or has other tracks.
        """
        from maeum.music import read_music

        music = read_music(source, steps_per_beat)
        fitting = [self.layout.arranged(p) for p in music.pieces if self.layout.fits(p)]
        real = measures(phrases_of(fitting, self.layout, self.bars), self.layout)
        found: dict[str, Any] = {
            "measure_error": measure_error(measures(self.phrases(), self.layout), real)
        }
        if self.sequential:
            rows = [self.layout.encode(piece) for piece in fitting]
            steps = sum(max(1, round(p.beats * self.layout.steps_per_beat)) for p in fitting)
            found = self.likelihood(rows, steps) | found
        return {"rows": len(fitting), "notes": music.remarks, **found}

    def likelihood(self, rows: list[np.ndarray], steps: int) -> dict[str, float]:
        """Return ``nats_per_step`` (the mean of ``-ln p`` of a step) and ``perplexity``.

        Args:
            rows: the tokens of pieces.
            steps: how many steps they have.
        """
        loss, count = cross_entropy(self.network, rows, self.decoder.longest)
        return likelihoods(loss, count, steps)

    def describe(self) -> list[str]:
        """Return what it makes, as sentences."""
        tracks = ngettext("{n} track", "{n} tracks", len(self.layout.names))
        said = _("Makes music of {tracks}, {steps} steps a bar", tracks=tracks,
                 steps=self.layout.steps)  # fmt: skip
        if self.sequential:
            return [said, _("Writes note after note")]
        return [said, _("Makes phrases of {bars} bars at once", bars=self.bars)]

    def to_json(self) -> dict[str, Any]:
        """Return what turns outputs into pieces, as plain data."""
        return {"layout": self.layout.to_json(), "bars": self.bars, "bar_tokens": self.bar_tokens}

    @classmethod
    def from_json(cls, network: Model, saved: Mapping[str, Any]) -> MusicModel:
        """Return the model that `to_json` described."""
        return cls(network, Layout.from_json(saved["layout"]), int(saved["bars"]),
                   float(saved["bar_tokens"]))  # fmt: skip

    @classmethod
    def of(cls, network: Model, data: MusicData) -> MusicModel:
        """Return a network that was trained on some data, with what it needs of them."""
        tokens = 0.0
        if data.options.sequential:
            rows = data.tokens(data.train)
            tokens = sum(map(len, rows)) / max(1, sum(int((row == BAR).sum()) for row in rows))
        return cls(network, data.layout, data.options.bars, tokens)


def likelihoods(loss: float, count: int, steps: int) -> dict[str, float]:
    """Return the figures of a mean ``loss`` of so many tokens, which so many steps hold."""
    return {"nats_per_step": loss * count / max(steps, 1), "perplexity": float(np.exp(loss))}


def _until(tokens: list[int], bars: int) -> np.ndarray:
    """Return the tokens of so many bars."""
    row = np.array(tokens, np.int32)
    ends = np.flatnonzero(row == BAR)
    return row[: ends[bars]] if len(ends) > bars else row


def _free(folder: Path) -> Path:
    """Return the folder, or where there is one already the first free one numbered from 2 on."""
    found, number = folder, 1
    while found.exists():
        number += 1
        found = folder.with_name(f"{folder.name}-{number}")
    return found
