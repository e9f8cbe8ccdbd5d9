"""What can be chosen for a training on labelled texts, and what is chosen by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from maeum.core.checks import check_parts
from maeum.core.messages import N_
from maeum.experiment.checks import any_text, fraction, one_of, switch, whole
from maeum.experiment.options import ClassificationOptions, Reading, option

NETWORKS = ("bag", "cnn", "lstm", "gru")
UNITS = {
    "words": N_("words"),
    "characters": N_("characters"),
    "syllables": N_("syllables"),
    "jamo": N_("jamo"),
}
_MANY = 100_000  # texts from which on the order of the words can be learnt, too


@dataclass(frozen=True)
class TextReading(Reading):
    """Which columns of a table hold the texts and their labels.

    Attributes:
        text: the column of the texts; recognised if only one can be it.
        target: the column of the labels.
    """

    text: str | None = option(
        None, N_("The column of the texts that are classified by --target."), any_text("COLUMN")
    )
    target: str | None = option(None, N_("The column of the labels: a name."), any_text("COLUMN"))


@dataclass(frozen=True)
class TextOptions(ClassificationOptions):
    """The choices of a training; None means "choose by the texts".

    Attributes:
        network: ``"bag"`` (words and pairs of neighbours without their order; quick, and hard to
            beat with few texts), ``"cnn"`` (convolutions over words), ``"lstm"`` or ``"gru"``
            (both directions). ``"bag"`` by default, ``"cnn"`` from 100,000 texts on.
        unit: the tokens: ``"words"``, ``"characters"``, ``"syllables"`` or ``"jamo"``; words by
            default, characters where the texts have no blanks between words (Chinese, Thai ...).
        vocabulary: the most tokens (for ``"bag"``: tokens and pairs) that are known; 200,000 for
            ``"bag"``, else 30,000.
        pairs: whether ``"bag"`` knows pairs of neighbours (bigrams), too.
        length: the most tokens of a text that are read; by the training texts, at most 1,000.
        units: the size of word vectors and layers; 100 for ``"cnn"``, 64 for ``"lstm"`` and
            ``"gru"``; ``"bag"`` has no such layers.
        dropout: the fraction of tokens (``"bag"``) or of the layers' outputs that is dropped in
            training.

    Raises:
        ConfigError: for a value that makes no sense.
    """

    network: str | None = option(
        None, N_("bag, cnn, lstm or gru; by the number of texts."), one_of(NETWORKS)
    )
    unit: str | None = option(
        None, N_("Learn words, characters, syllables or jamo (Korean letters)."), one_of(UNITS)
    )
    vocabulary: int | None = option(None, N_("The most tokens that are known."), whole(3))
    pairs: bool = option(
        True, N_("Let the network bag know pairs of neighbouring words too."), switch()
    )
    length: int | None = option(None, N_("The most tokens of a text that are read."), whole())
    units: int | None = option(None, N_("The units of each layer."), whole())
    dropout: float | None = option(
        None, N_("The fraction that is dropped in training."), fraction()
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_parts(self.test_size, self.validation_size)

    def resolved(self, texts: int, unit: str = "words") -> Self:
        """Return the options with the choices that depend on the training texts.

        Args:
            texts: how many there are.
            unit: what they are best cut into.
        """
        network = self.network or ("bag" if texts < _MANY else "cnn")
        bag = network == "bag"
        return self.or_else(
            {
                "network": network,
                "unit": unit,
                "vocabulary": 200_000 if bag else 30_000,
                "units": None if bag else 100 if network == "cnn" else 64,
                "dropout": 0.2 if bag else 0.5,
                "epochs": 20,
                "patience": 3,
                "batch_size": min(64, max(8, texts // 50)),
                "learning_rate": 0.0005 if bag else 0.001,
            }
        )
