"""What is known of a network that writes once it is trained: what its report shows."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from maeum.language.baselines import simple_models
from maeum.language.shown_tokens import readable
from maeum.language.training import TrainedLanguage

LENGTHS = {"characters": 400, "syllables": 400, "jamo": 700, "words": 100, "bpe": 150}
TEXTS = 12  # where every text has an end
TEMPERATURES = (0.4, 0.8, 1.2)


@dataclass
class Written:
    """What the network wrote.

    Attributes:
        temperature: how boldly.
        text: the text; of several texts, one a line.
        note: what can be counted about it, as a sentence.
    """

    temperature: float
    text: str
    note: str


@dataclass
class LanguageRun:
    """A training of a network that writes.

    Attributes:
        trained: the network, its text and its history.
        models: the network and simple models, on the same tokens.
        written: what it writes, more and more boldly.
        network: the network's summary.
        seconds: how long each part took.
    """

    trained: TrainedLanguage
    models: list[dict[str, Any]]
    written: list[Written]
    network: str
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, trained: TrainedLanguage) -> LanguageRun:
        """Compare a trained network with simple models, and let it write."""
        seconds = dict(trained.seconds)
        own = {
            "name": "Maeum network",
            "metrics": trained.metrics,
            "seconds": seconds.get("training"),
        }
        began = time.perf_counter()
        models = [own, *simple_models(trained.data)]
        seconds["simple models"] = time.perf_counter() - began
        began = time.perf_counter()
        written = samples(trained)
        seconds["writing"] = time.perf_counter() - began
        lines: list[str] = []
        trained.model.network.summary(print_fn=lines.append)
        return cls(trained, models, written, "\n".join(lines), seconds)


def samples(trained: TrainedLanguage) -> list[Written]:
    """Let the network write at several temperatures; the seed is that of the training."""
    data, made = trained.data, []
    running, length = data.end is None, LENGTHS[data.options.unit]
    known = set(data.learnt) if not running else set(data.learnt[0].split())
    for temperature in TEMPERATURES:
        options: dict[str, Any] = {"temperature": temperature, "seed": data.options.seed}
        if running:
            text = trained.model.generate("", length, **options).strip("\n")
            words = text.split()[:-1]  # the last one may be cut off
            share = sum(word in known for word in words) / max(len(words), 1)
            told = data.options.unit not in ("words",) and len(words) >= 10
            note = f"{share:.0%} of its words stand in the text that it learnt." if told else ""
        else:
            texts = trained.model.generate([""] * TEXTS, length, **options)
            new = sum(text not in known for text in texts)
            text = "\n".join(texts)
            note = f"{new} of {TEXTS} are not among the texts that it learnt."
        made.append(Written(temperature, readable(text), note))
    return made
