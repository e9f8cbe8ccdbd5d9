"""What the training of a language model leaves behind, for the report and the files next to it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from maeum.core.messages import _
from maeum.experiment.run import Run
from maeum.language.data import LanguageData
from maeum.language.model import LanguageModel
from maeum.language.options import unit_name
from maeum.language.shown_tokens import readable
from maeum.report.wording import percent

LENGTHS = {"characters": 400, "syllables": 400, "jamo": 700, "words": 100, "bpe": 150}
TEXTS = 12  # where every text has an end
TEMPERATURES = (0.4, 0.8, 1.2)


@dataclass
class Sample:
    """A text that the network wrote.

    Attributes:
        temperature: that of its drawing.
        text: the text; of several texts, one on each line.
        note: what can be counted about it, as a sentence.
    """

    temperature: float
    text: str
    note: str


@dataclass(kw_only=True)
class LanguageRun(Run):
    """Everything that is known after a language model was trained.

    Attributes:
        data: the text, as it was learnt.
        samples: what the network writes, at higher and higher temperatures.
    """

    data: LanguageData
    samples: list[Sample] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.history = with_perplexity(self.history)

    @property
    def token(self) -> str:
        """What a token is, such as ``character``, in the reader's language."""
        return unit_name(self.data.options.unit)

    @property
    def tokens(self) -> str:
        """The same as a plural."""
        return unit_name(self.data.options.unit, many=True)

    def to_json(self) -> dict[str, Any]:
        """Return what ``metrics.json`` holds."""
        return {
            **super().to_json(),
            "unit": self.data.options.unit,
            "vocabulary": len(self.data.encoder.vocabulary),
            "measured_on": "validation" if self.data.watched else "train",
            "samples": [asdict(sample) for sample in self.samples],
        }


def with_perplexity(history: dict[str, list[float]]) -> dict[str, list[float]]:
    """Return a history with the perplexities beside the losses.

    >>> with_perplexity({"loss": [0.0]})
    {'loss': [0.0], 'perplexity': [1.0]}
    """
    found = {
        name.replace("loss", "perplexity"): [math.exp(min(v, 50.0)) for v in values]
        for name, values in history.items()
        if name in ("loss", "val_loss")
    }
    return {**history, **found}


def samples(model: LanguageModel, data: LanguageData) -> list[Sample]:
    """Let a model write at several temperatures; the seed is that of the training."""
    made, running, length = [], data.end is None, LENGTHS[data.options.unit]
    known = set(data.learnt[0].split()) if running else set(data.learnt)
    for temperature in TEMPERATURES:
        options: dict[str, Any] = {"temperature": temperature, "seed": data.options.seed}
        if running:
            text, note = model.generate("", length, **options).strip("\n"), ""
            words = text.split()[:-1]  # the last one may be cut off
            if data.options.unit != "words" and len(words) >= 10:
                fraction = sum(word in known for word in words) / len(words)
                note = _("{fraction} of its words stand in the text that it was trained on.",
                         fraction=percent(fraction, 0))  # fmt: skip
        else:
            texts = model.generate([""] * TEXTS, length, **options)
            text = "\n".join(texts)
            note = _("{n} of {all} are not among the texts that it was trained on.",
                     n=sum(each not in known for each in texts), all=TEXTS)  # fmt: skip
        made.append(Sample(temperature, readable(text), note))
    return made
