"""Networks that make music, as a task of `maeum.experiment`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.messages import N_, _
from maeum.experiment.events import Event, Found, Listener, Note, ignore, parts_line, work
from maeum.experiment.task import Task
from maeum.experiment.trained import Trained
from maeum.experiment.training import train
from maeum.experiment.verdict import Verdict
from maeum.generative.music import verdict
from maeum.generative.music.data import MusicData
from maeum.generative.music.gan import MusicGAN
from maeum.generative.music.judging import by_frequency, copies, measure_error, measures
from maeum.generative.music.model import JUDGED, MusicModel, likelihoods
from maeum.generative.music.options import TASKS, MusicOptions, MusicReading
from maeum.generative.music.result import MusicRun
from maeum.language.baselines import BIGRAMS, UNIGRAMS, bigram_probabilities
from maeum.language.network import build_network
from maeum.models import Model
from maeum.music import Piece
from maeum.music.midi import SUFFIXES
from maeum.optimizers import Adam

BY_FREQUENCY = N_("Notes by frequency")
_FEWEST_STEPS = 20  # of an epoch, if there are as many in all keys
SHOWN = 4  # pieces of the report
SHOWN_BARS = 8

TrainedMusic = Trained[MusicModel, MusicRun]


class MusicTask(Task):
    """MIDI files or chorales: more such music is made."""

    kind = "music"
    title = N_("music")
    told_by = N_("a .mid file, or a folder of them; of a JSON of chorales say --task generate")
    names = TASKS
    options = MusicOptions
    reading = MusicReading
    model = MusicModel
    report = "maeum.generative.music.report"
    run = MusicRun
    commands = (
        "maeum generate model.maeum --bars 8",
        "maeum evaluate model.maeum other-music/",
        "maeum show model.maeum",
    )
    usage = (
        "from maeum.music import synthesize, write_midi, write_wav\n\n"
        "[piece] = model.compose(bars=8, seed=1)\n"
        'write_midi(piece, "piece.mid")\n'
        'write_wav("piece.wav", synthesize(piece))'
    )

    def recognises(self, path: Path, chosen: Mapping[str, Any]) -> bool:
        """Take MIDI files, folders with some in them, and a JSON file if it is to make more."""
        if path.is_dir():
            return any(file.suffix.lower() in SUFFIXES for file in path.rglob("*"))
        suffix = path.suffix.lower()
        return suffix in SUFFIXES or (suffix == ".json" and chosen.get("task") in TASKS)

    def prepare(self, source: Any, reading: MusicReading, options: MusicOptions) -> MusicData:
        """Read music, divide it, and bring it into the same tracks."""
        return MusicData.prepare(source, reading, options)

    def describe(self, data: MusicData) -> Iterable[Event]:
        """Yield what the music is, and what was out of the ordinary."""
        pieces = self.model.things.count(sum(data.sizes.values()))
        lines = [
            _("{source}: {pieces} ({parts})", source=data.source, pieces=pieces,
              parts=parts_line(data.sizes)),
            _("Tracks: {names}; network: {network}", names=", ".join(names_of(data)),
              network=data.options.network),
        ]  # fmt: skip
        facts = {"tracks": len(data.layout.names), "network": data.options.network, **data.sizes}
        yield Found(data.source, facts, tuple(lines))
        yield from map(Note, data.notes)

    def build(self, data: MusicData) -> Model:
        """Return the network for the music."""
        options, layout = data.options, data.layout
        if options.sequential:
            return build_network(len(layout.vocabulary), options.of_language)
        gan = MusicGAN.of_phrases(
            data.phrases.shape[1:], layout.voices, layout.steps_per_beat,
            units=options.units or 0, seed=options.seed,
        )  # fmt: skip
        rate = options.learning_rate or 0.0
        gan.compile(optimizer=[Adam(rate, 0.0, 0.99) for _network in range(2)])
        return gan

    def fit_arguments(self, data: MusicData, refitting: bool) -> dict[str, Any]:
        """Return phrases, or windows of tokens: an epoch has as many as the pieces in one key."""
        options = data.options
        if not options.sequential:
            return {"x": data.phrases, "batch_size": options.batch_size}
        windows = data.windows()
        steps = min(len(windows), max(_FEWEST_STEPS, len(windows) // len(data.moves)))
        arguments: dict[str, Any] = {"x": windows, "steps_per_epoch": steps}
        if data.validation:
            rows = np.concatenate(data.tokens(data.validation))
            length = min(options.window or 1, len(rows) - 1)
            count = (len(rows) - 1) // length * length
            arguments["validation_data"] = tuple(
                rows[at : at + count].reshape(-1, length) for at in (0, 1)
            )
            arguments["validation_batch_size"] = 16
        return arguments

    def wrap(self, network: Model, data: MusicData) -> MusicModel:
        """Return the network with what turns its outputs into pieces."""
        return MusicModel.of(network, data)

    def score(self, model: MusicModel, data: MusicData) -> dict[str, Any]:
        """Measure what the network makes, and how likely the music that was held out is to it."""
        work(_("Making music ..."))
        phrases = model.phrases(JUDGED, data.options.seed)
        made, real = measures(phrases, data.layout), measures(data.real, data.layout)
        metrics: dict[str, Any] = {"measure_error": measure_error(made, real)}
        if model.sequential:
            rows = data.tokens(data.held_out)
            metrics = model.likelihood(rows, data.steps(data.held_out)) | metrics
        return {"metrics": metrics, "data": data, "made": made, "real": real, "drawn": {},
                "phrases": phrases}  # fmt: skip

    def baselines(self, model: MusicModel, data: MusicData) -> list[dict[str, Any]]:
        """Draw notes by how frequent they are; count tokens, where the network writes such."""
        found = []
        began = time.perf_counter()
        drawn = drawn_measures(data)
        error = measure_error(drawn, measures(data.real, data.layout))
        found.append({"name": BY_FREQUENCY, "metrics": {"measure_error": error},
                      "seconds": time.perf_counter() - began})  # fmt: skip
        return [*_counted(data), *found] if model.sequential else found

    def examine(
        self, model: MusicModel, data: MusicData, found: dict[str, Any], tell: Listener
    ) -> dict[str, Any]:
        """Make some pieces, and look for what they may be copies of."""
        pieces = model.compose(SHOWN_BARS, SHOWN, seed=data.options.seed)
        some = data.phrases[:: max(1, len(data.phrases) // _MOST_COMPARED)]
        like = copies(found["phrases"], some, data.real if data.test else data.real[:0],
                      data.layout.drums) if len(some) else None  # fmt: skip
        return {"pieces": pieces, "copies": like, "drawn": drawn_measures(data)}

    def verdict(self, run: MusicRun) -> Verdict:
        """Say how good the music is."""
        return verdict.of(run)

    def eyebrow(self, run: MusicRun) -> tuple[str, ...]:
        """Return what is learnt."""
        return (_("music of {names}", names=", ".join(names_of(run.data)[:5])),)


_MOST_COMPARED = 4000  # phrases of the training


def names_of(data: MusicData) -> list[str]:
    """Return the names of the tracks, as they are shown."""
    return [
        _(name) if data.layout.banded else name or _("track {n}", n=n + 1)
        for n, name in enumerate(data.layout.names)
    ]


def drawn_measures(data: MusicData) -> dict[str, float]:
    """Return the measures of notes that are drawn by how frequent they are in the training part."""
    phrases = data.phrases if len(data.phrases) else data.real
    if not len(phrases):
        return {}
    drawn = by_frequency(phrases, data.layout.voices, JUDGED, data.options.seed)
    return measures(drawn, data.layout)


def _counted(data: MusicData) -> list[dict[str, Any]]:
    """Return the likelihood of what was held out by counts of tokens, and of pairs of them."""
    rows, held = data.tokens(data.train), data.tokens(data.held_out)
    choices, steps = len(data.layout.vocabulary), data.steps(data.held_out)
    before, after = (np.concatenate([row[cut] for row in rows]) for cut in (np.s_[:-1], np.s_[1:]))
    last, tokens = (np.concatenate([row[cut] for row in held]) for cut in (np.s_[:-1], np.s_[1:]))
    counts = np.bincount(after, minlength=choices)
    found = []
    for name, probabilities in (
        (BIGRAMS, bigram_probabilities(before, after, last, tokens, choices)),
        (UNIGRAMS, (counts[tokens] + 1) / (len(after) + choices)),
    ):
        began = time.perf_counter()
        loss = float(-np.log(probabilities).mean())
        found.append({"name": name, "metrics": likelihoods(loss, len(tokens), steps),
                      "seconds": time.perf_counter() - began})  # fmt: skip
    return found


def train_music(
    source: str | os.PathLike[str] | Sequence[Piece],
    *,
    events: Listener = ignore,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
    report: bool = True,
    backup: str | os.PathLike[str] | None = None,
    **options: Any,
) -> TrainedMusic:
    """Train a network to make music like that of some pieces.

    Whole pieces are held out: some decide when to stop, on others it is measured. Ctrl-C ends the
    training; what was learnt so far is kept.

    Args:
        source: a MIDI file, a folder of them, a JSON file of chorales; or pieces.
        events: is told what happens, see `maeum.experiment.events`.
        callbacks: further callbacks of the training.
        verbose: 1 for a progress display of the training.
        report: whether to compute what only a report needs.
        backup: a folder that the training goes on from when it was broken off.
        options: see `MusicReading` (``steps_per_beat``) and `MusicOptions` (``network``, ...).

    Raises:
        DataError: if there is nothing to learn from.
        ConfigError: for options that make no sense.
        KeyboardInterrupt: if Ctrl-C came before the first epoch was over.
    """
    task = MusicTask()
    data = task.prepare(source, *task.split(options))
    return train(task, data, events=events, callbacks=callbacks, verbose=verbose, report=report,
                 backup=backup)  # fmt: skip
