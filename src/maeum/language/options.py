"""What can be chosen for a language model, and what is chosen by itself."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from maeum.core.checks import check_choice, check_fraction, check_rate, check_whole
from maeum.core.randomness import check_seed

UNITS = ("characters", "words", "syllables", "jamo", "bpe")
NETWORKS = ("lstm", "gru", "rnn", "transformer")


@dataclass(frozen=True)
class LanguageOptions:
    """The choices of a training; None means "choose by the text".

    Attributes:
        unit: what a token is: ``"characters"``, ``"words"``, ``"syllables"``, ``"jamo"`` or
            ``"bpe"`` (byte pairs, learnt on the training part).
        vocabulary: the most tokens; 10,000 words, 2,000 byte pairs, every character.
        network: ``"lstm"``, ``"gru"``, ``"rnn"`` or ``"transformer"``.
        units: the units of each recurrent layer, or the width of the transformer.
        layers: how many layers.
        heads: the attention heads of a transformer.
        dropout: the rate between the layers.
        window: the tokens that gradients flow back over; of a transformer, those that it sees.
        lines: whether every line of a file is a text of its own (names, titles, messages).
        epochs: the most times that the text is read.
        patience: how many epochs are borne without a better validation loss; 0 for all.
        batch_size: how many places of the text are read at once.
        learning_rate: the learning rate of Adam.
        validation_size: the share at the end of the text that decides when to stop; of several
            texts, the share of them.
        seed: what every random choice follows from.

    Raises:
        ConfigError: for a value that makes no sense.
    """

    unit: str = "characters"
    vocabulary: int | None = None
    network: str = "lstm"
    units: int | None = None
    layers: int | None = None
    heads: int = 4
    dropout: float = 0.1
    window: int | None = None
    lines: bool = False
    epochs: int | None = None
    patience: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    validation_size: float = 0.1
    seed: int = 42

    def __post_init__(self) -> None:
        for name, known in (("unit", UNITS), ("network", NETWORKS)):
            check_choice(getattr(self, name), known, name)
        check_whole(self.heads, "heads")
        least = {"patience": 0, "vocabulary": 5}
        for name in (
            "vocabulary", "units", "layers", "window", "epochs", "patience", "batch_size",
        ):  # fmt: skip
            if getattr(self, name) is not None:
                check_whole(getattr(self, name), name, least.get(name, 1))
        check_fraction(self.dropout, "dropout")
        check_fraction(self.validation_size, "validation_size")
        check_rate(self.learning_rate)
        check_seed(self.seed)

    def resolved(self, tokens: int) -> LanguageOptions:
        """Return the options with the choices that depend on the number of training tokens."""
        large, attends = tokens > 200_000, self.network == "transformer"
        batch = min(64, max(1, tokens // 1000))
        chosen = {
            "units": (128 if large else 64) if attends else (256 if large else 128),
            "layers": 4 if attends and large else 2,
            "window": 64,
            "epochs": 20 if large else 40,
            "batch_size": batch,
            "learning_rate": 0.001 if attends else 0.003,
        }
        missing = {k: v for k, v in chosen.items() if getattr(self, k) is None}
        made = replace(self, **missing)  # type: ignore[arg-type]
        if made.patience is None:
            made = replace(made, patience=max(2, (made.epochs or 1) // 5))
        return made

    def to_json(self) -> dict[str, Any]:
        """Return the options as texts and numbers."""
        return {f.name: getattr(self, f.name) for f in fields(self)}
