"""Language models of a text, as a task of `maeum.experiment`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.messages import N_, _
from maeum.experiment.events import Event, Found, Listener, Note, parts_line
from maeum.experiment.task import Task
from maeum.experiment.trained import Trained
from maeum.experiment.verdict import Verdict
from maeum.language import verdict
from maeum.language.baselines import simple_models
from maeum.language.data import LanguageData
from maeum.language.model import LanguageModel
from maeum.language.network import build_network
from maeum.language.options import TASKS, LanguageOptions, LanguageReading, unit_name
from maeum.language.result import LanguageRun, samples
from maeum.language.scores import cross_entropy, metrics_of
from maeum.models import Model
from maeum.text.token_files import TokenWindows

FILES = (".txt", ".md", ".txt.gz")
OF_TABLES = {"target", "text", "time", "ahead", "horizon"}  # options that name columns or steps


class LanguageTask(Task):
    """A text: what comes next is learnt from what came before."""

    kind = "language"
    title = N_("language models")
    names = TASKS
    options = LanguageOptions
    reading = LanguageReading
    model = LanguageModel
    report = "maeum.language.report"
    run = LanguageRun
    commands = (
        "maeum generate model.maeum --length 300 --temperature 0.8",
        "maeum evaluate model.maeum another-text.txt",
        "maeum show model.maeum",
    )
    usage = (
        "print(model.generate(length=300, temperature=0.8, seed=1))\n"
        'print(model.evaluate("another text"))'
    )

    def recognises(self, path: Path, chosen: Mapping[str, Any]) -> bool:
        """Take a text file, unless a column of it is to be learnt."""
        if OF_TABLES & {*chosen} or path.is_dir():
            return False
        return path.name.lower().endswith(FILES)

    def prepare(
        self, source: Any, reading: LanguageReading, options: LanguageOptions
    ) -> LanguageData:
        """Read a text, divide it, and cut it into tokens."""
        return LanguageData.prepare(source, options, reading.encoding)

    def describe(self, data: LanguageData) -> Iterable[Event]:
        """Yield what the text is, and what was out of the ordinary."""
        unit, size = data.options.unit, len(data.encoder.vocabulary)
        said = _("{source}: {tokens}, {parts}", source=data.source,
                 tokens=unit_name(unit, many=True), parts=parts_line(data.sizes))  # fmt: skip
        vocabulary = _("Vocabulary: {tokens}; network: {name}",
                       tokens=self.model.things.count(size), name=data.options.network)  # fmt: skip
        facts = {"unit": unit, "vocabulary": size, "running": data.end is None, **data.sizes}
        yield Found(data.source, facts, (said, vocabulary))
        yield from map(Note, data.notes)

    def build(self, data: LanguageData) -> Model:
        """Return the network for the text."""
        return build_network(len(data.encoder.vocabulary), data.options)

    def fit_arguments(self, data: LanguageData, refitting: bool) -> dict[str, Any]:
        """Return the tokens to train on, in streams or windows, and those to validate with."""
        options, window = data.options, data.options.window or 1
        arguments: dict[str, Any] = {}
        if options.network == "transformer":
            arguments["x"] = TokenWindows(
                data.train, window, batch_size=options.batch_size or 32, shuffle=True,
                seed=options.seed,
            )  # fmt: skip
        else:
            rows = max(1, min(options.batch_size or 1, (len(data.train) - 1) // window))
            length = (len(data.train) - 1) // rows // window * window
            arguments["x"], arguments["y"] = _rows(data.train, rows, length)
            arguments |= {"batch_size": rows, "shuffle": False, "truncate": window}
        if data.watched:
            longest = window if options.network == "transformer" else max(window, 256)
            length = min(longest, len(data.validation) - 1)
            rows = (len(data.validation) - 1) // length
            arguments["validation_data"] = _rows(data.validation, rows, length)
            arguments["validation_batch_size"] = 16
        return arguments

    def wrap(self, network: Model, data: LanguageData) -> LanguageModel:
        """Return the network with its vocabulary."""
        return LanguageModel(network, data.encoder, data.start, data.end)

    def score(self, model: LanguageModel, data: LanguageData) -> dict[str, Any]:
        """Measure how well the network predicts the part that was held out."""
        rows, characters = data.measured()
        loss, count = cross_entropy(model.network, rows, model.decoder.longest)
        return {"metrics": metrics_of(loss, count, characters), "data": data}

    def baselines(self, model: LanguageModel, data: LanguageData) -> list[dict[str, Any]]:
        """Count tokens, and measure how well that predicts."""
        return simple_models(data)

    def examine(
        self, model: LanguageModel, data: LanguageData, found: dict, tell: Listener
    ) -> dict[str, Any]:
        """Let the network write."""
        return {"samples": samples(model, data)}

    def verdict(self, run: LanguageRun) -> Verdict:
        """Say how good the network is."""
        return verdict.of(run)

    def closing(self, trained: Trained) -> Iterable[str]:
        """Yield the result in one sentence, and what the network writes."""
        yield from super().closing(trained)
        for sample in trained.run.samples[1:2]:
            yield "\n" + _("It writes, at temperature {t:g}:", t=sample.temperature) + "\n"
            yield f"{sample.text}\n"

    def eyebrow(self, run: LanguageRun) -> tuple[str, ...]:
        """Return what is written one after the other."""
        return (_("a language model, {token} by {token}", token=run.token),)


def _rows(tokens: np.ndarray, rows: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Return so many tokens, and those that come next, each ``(rows, length)``."""
    count = rows * length
    return tokens[:count].reshape(rows, length), tokens[1 : count + 1].reshape(rows, length)
