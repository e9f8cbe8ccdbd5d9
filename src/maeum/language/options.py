"""What can be chosen for a language model, and what is chosen by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from maeum.core.messages import N_, _
from maeum.experiment.checks import any_text, fraction, one_of, switch, whole
from maeum.experiment.options import Options, TrainingOptions, option

UNITS = {
    "characters": (N_("character"), N_("characters")),
    "words": (N_("word"), N_("words")),
    "syllables": (N_("syllable"), N_("syllables")),
    "jamo": (N_("jamo"), N_("jamo")),
    "bpe": (N_("byte pair"), N_("byte pairs")),
}
_TOKEN = (N_("token"), N_("tokens"))
TASKS = ("generate",)  # of --task
NETWORKS = ("lstm", "gru", "rnn", "transformer")


def unit_name(unit: str | None, many: bool = False) -> str:
    """Return what a token is, such as ``character`` or ``characters``, in the reader's language."""
    return _(UNITS.get(unit or "", _TOKEN)[many])


@dataclass(frozen=True)
class LanguageReading(Options):
    """How a text file is read.

    Attributes:
        encoding: the encoding of the text.
    """

    encoding: str | None = option(
        None, N_("The encoding of the text; recognised by itself."), any_text("NAME")
    )


@dataclass(frozen=True)
class LanguageOptions(TrainingOptions):
    """The choices of a training; None means "choose by the text".

    Attributes:
        task: ``"generate"``.
        unit: what a token is: ``"characters"``, ``"words"``, ``"syllables"``, ``"jamo"`` or
            ``"bpe"`` (byte pairs, learnt on the training part).
        lines: whether every line of a file is a text of its own (names, titles, messages).
        vocabulary: the most tokens; 10,000 words, 2,000 byte pairs, every character.
        network: ``"lstm"``, ``"gru"``, ``"rnn"`` or ``"transformer"``.
        units: the units of each recurrent layer, or the width of the transformer.
        layers: how many layers.
        heads: the attention heads of a transformer.
        dropout: the dropout rate between the layers.
        window: the tokens that gradients flow back over; of a transformer, those that it sees.
        batch_size: how many places of the text are read at once.
        validation_size: the fraction at the end of the text that decides when to stop; of several
            texts, the fraction of them.

    Raises:
        ConfigError: for a value that makes no sense.
    """

    task: str = option(
        TASKS[0], N_("What is learnt: generate, as of every text."), one_of(TASKS, "TASK")
    )
    unit: str = option(
        "characters", N_("characters, words, syllables, jamo or bpe are learnt."), one_of(UNITS)
    )
    lines: bool = option(False, N_("Every line of the file is a text of its own."), switch())
    vocabulary: int | None = option(None, N_("The most tokens that are known."), whole(5))
    network: str = option("lstm", N_("lstm, gru, rnn, transformer."), one_of(NETWORKS))
    units: int | None = option(None, N_("The units of each layer."), whole())
    layers: int | None = option(None, N_("How many layers."), whole())
    heads: int = option(4, N_("The attention heads of a transformer."), whole())
    dropout: float = option(0.1, N_("The dropout rate between the layers."), fraction())
    window: int | None = option(
        None, N_("How many tokens gradients flow back over, or a transformer sees."), whole()
    )
    validation_size: float = option(0.1, N_("The fraction that decides when to stop."), fraction())

    def resolved(self, tokens: int) -> Self:
        """Return the options with the choices that depend on the number of training tokens."""
        large, attends = tokens > 200_000, self.network == "transformer"
        made = self.or_else(
            {
                "units": (128 if large else 64) if attends else (256 if large else 128),
                "layers": 4 if attends and large else 2,
                "window": 64,
                "epochs": 20 if large else 40,
                "batch_size": min(64, max(1, tokens // 1000)),
                "learning_rate": 0.001 if attends else 0.003,
            }
        )
        return made.or_else({"patience": max(2, (made.epochs or 1) // 5)})
