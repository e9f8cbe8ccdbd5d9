"""Text classification as a task of `maeum.experiment`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.messages import N_, _
from maeum.experiment.classes import tested
from maeum.experiment.events import (
    Event,
    Found,
    Imbalanced,
    Listener,
    Note,
    classes_line,
    parts_line,
)
from maeum.experiment.run import likeliest
from maeum.experiment.seen import Seen
from maeum.experiment.task import Task
from maeum.experiment.training import Trained, fit_arguments
from maeum.models import Model
from maeum.texts.attributions import word_attributions
from maeum.texts.baselines import fit_baselines
from maeum.texts.data import TextData
from maeum.texts.examples import to_attribute
from maeum.texts.model import TextClassifier
from maeum.texts.network import build_network
from maeum.texts.options import TextOptions, TextReading
from maeum.texts.reading import is_folder_of_texts, text_hashes
from maeum.texts.result import TextRun

TrainedText = Trained[TextClassifier, TextRun]


class TextTask(Task):
    """Labelled texts: the class of a text is learnt from its words."""

    kind = "texts"
    title = N_("text classification")
    told_by = N_("say --text COLUMN")
    options = TextOptions
    reading = TextReading
    model = TextClassifier
    report = "maeum.texts.report"
    run = TextRun
    commands = (
        "maeum predict model.maeum new-texts.csv",
        "maeum predict model.maeum lines.txt",
        "maeum evaluate model.maeum labelled.csv",
    )
    usage = 'print(model.predict(["one text", "another text"]))'

    def recognises(self, path: Path, chosen: Mapping[str, Any]) -> bool:
        """Take a table with a column of texts, or a folder of folders with text files."""
        return "text" in chosen or is_folder_of_texts(path)

    def prepare(self, source: Any, reading: TextReading, options: TextOptions) -> TextData:
        """Read labelled texts, divide them, and make the vocabulary."""
        columns = reading.text, reading.target
        return TextData.prepare(source, *columns, options, **reading.of_file)

    def describe(self, data: TextData) -> Iterable[Event]:
        """Yield what the texts are, and what was out of the ordinary."""
        counts, network = data.counts, data.options.network
        yield Found(
            data.source,
            {"texts": len(data.texts), "classes": counts, **data.sizes},
            (
                f"{data.source}: {self.model.things.count(len(data.texts))}",
                _("To learn: {classes}", classes=classes_line(counts)),
                _("Texts: {parts}", parts=parts_line(data.sizes)),
                _("Network: {name}, {tokens}", name=network, tokens=data.encoder.describe()),
            ),
        )
        yield from map(Note, data.notes)
        yield from Imbalanced.of(counts, data.options.balance)

    def build(self, data: TextData) -> Model:
        """Return the network for the texts."""
        x, y = data.x("train"), data.y("train")
        return build_network(data.encoder, len(data.classes), data.options, x, y)

    def fit_arguments(self, data: TextData, refitting: bool) -> dict[str, Any]:
        """Return the texts to train on and to validate with, as numbers."""
        train, validation = ((data.x(part), data.y(part)) for part in ("train", "validation"))
        return fit_arguments(data.options, train, validation, train[1])

    def wrap(self, network: Model, data: TextData) -> TextClassifier:
        """Return the network with how its texts are read."""
        hashes = text_hashes(data.texts, (data.classes[k] for k in data.labels))
        learnt = np.concatenate([data.rows["train"], data.rows["validation"]])
        seen = Seen.of(hashes[learnt], hashes[data.rows["test"]])
        return TextClassifier(network, data.encoder, data.classes, data.column, data.target,
                              seen=seen)  # fmt: skip

    def score(self, model: TextClassifier, data: TextData) -> dict[str, Any]:
        """Test the network on the test texts."""
        return tested(data.y("test"), model.predict_encoded(data.x("test")), data)

    def baselines(self, model: TextClassifier, data: TextData) -> list[dict[str, Any]]:
        """Train and test scikit-learn's models on the same texts."""
        return fit_baselines(data)

    def examine(
        self, model: TextClassifier, data: TextData, found: dict, tell: Listener
    ) -> dict[str, Any]:
        """Attribute answers to the words of their texts."""
        rows = to_attribute(found["truth"], found["probabilities"])
        answers = likeliest(found["probabilities"])[rows]
        attributed = word_attributions(model.network, data.x("test")[rows], answers)
        return {"attributions": dict(zip(rows.tolist(), attributed))}
