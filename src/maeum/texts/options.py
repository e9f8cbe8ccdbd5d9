"""What can be chosen for a training on labelled texts, and what is chosen by itself."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from maeum.core.checks import check_choice, check_fraction, check_rate, check_whole
from maeum.core.errors import ConfigError
from maeum.core.randomness import check_seed

NETWORKS = ("bag", "cnn", "lstm", "gru")
UNITS = ("words", "characters", "syllables", "jamo")
_MANY = 100_000  # texts above which the order of the words can be learnt, too


@dataclass(frozen=True)
class TextOptions:
    """The choices of a training; None means "choose by the texts".

    Attributes:
        network: ``"bag"`` (words and neighbours without their order; quick, and hard to beat
            with few texts), ``"cnn"`` (convolutions over words), ``"lstm"`` or ``"gru"`` (both
            directions). ``"bag"`` by default, ``"cnn"`` from 100,000 texts on.
        unit: ``"words"``, ``"characters"``, ``"syllables"`` or ``"jamo"``.
        vocabulary: the most words (for ``"bag"``: words and pairs) that are known; 200,000 for
            ``"bag"``, else 30,000.
        pairs: whether ``"bag"`` knows pairs of neighbours, too.
        length: the most units of a text that are read; by the training texts, at most 1,000.
        units: the size of word vectors and layers; 100 for ``"cnn"``, else 64.
        dropout: the share of words (``"bag"``) or of what the layers give that is dropped in
            training.
        epochs: the most epochs.
        patience: how many are borne without a better validation loss; 0 trains all.
        batch_size: the texts of a step.
        learning_rate: the learning rate of Adam.
        balance: weigh the classes so that each counts the same.
        test_size: the share of the texts that is kept for the test.
        validation_size: the share that decides when to stop.
        seed: what every random choice follows from.

    Raises:
        ConfigError: for a value that makes no sense.
    """

    network: str | None = None
    unit: str = "words"
    vocabulary: int | None = None
    pairs: bool = True
    length: int | None = None
    units: int | None = None
    dropout: float | None = None
    epochs: int | None = None
    patience: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    balance: bool = False
    test_size: float = 0.15
    validation_size: float = 0.15
    seed: int = 42

    def __post_init__(self) -> None:
        check_choice(self.unit, UNITS, "unit")
        if self.network is not None:
            check_choice(self.network, NETWORKS, "network")
        least = {"patience": 0, "vocabulary": 3}
        for name in (
            "vocabulary", "length", "units", "epochs", "patience", "batch_size",
        ):  # fmt: skip
            if getattr(self, name) is not None:
                check_whole(getattr(self, name), name, least.get(name, 1))
        check_fraction(self.test_size, "test_size")
        check_fraction(self.validation_size, "validation_size")
        if self.dropout is not None:
            check_fraction(self.dropout, "dropout")
        check_rate(self.learning_rate)
        if self.test_size + self.validation_size >= 1:
            raise ConfigError(
                f"test_size={self.test_size} and validation_size={self.validation_size} leave "
                "nothing to train on."
            )
        check_seed(self.seed)

    def resolved(self, texts: int) -> TextOptions:
        """Return the options with the choices that depend on the number of training texts."""
        network = self.network or ("bag" if texts < _MANY else "cnn")
        bag = network == "bag"
        chosen = {
            "network": network,
            "vocabulary": 200_000 if bag else 30_000,
            "units": 100 if network == "cnn" else 64,
            "dropout": 0.2 if bag else 0.5,
            "epochs": 20,
            "patience": 3,
            "batch_size": min(64, max(8, texts // 50)),
            "learning_rate": 0.0005 if bag else 0.001,
        }
        missing = {k: v for k, v in chosen.items() if getattr(self, k) is None}
        return replace(self, **missing)  # type: ignore[arg-type]

    def to_json(self) -> dict[str, Any]:
        """Return the options as texts and numbers."""
        return {f.name: getattr(self, f.name) for f in fields(self)}
