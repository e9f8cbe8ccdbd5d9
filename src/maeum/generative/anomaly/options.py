"""What can be chosen where unusual rows are looked for, and what is chosen by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from maeum.core.errors import ConfigError
from maeum.core.messages import N_
from maeum.experiment.checks import any_text, fraction, one_of, several, whole
from maeum.experiment.options import Reading, TrainingOptions, option
from maeum.tabular.options import ColumnOptions

NAMES = ("anomaly",)  # of --task
VISITS = 3_000_000  # rows that a network sees all in all, where that is many


@dataclass(frozen=True)
class AnomalyReading(Reading):
    """How a table is read.

    Attributes:
        label: a column that says which rows are unusual; it judges, and is not learnt from.
    """

    label: str | int | None = option(
        None,
        N_("A column that says which rows are unusual: nothing is learnt from it, it only judges."),
        any_text("COLUMN"),
    )


@dataclass(frozen=True)
class AnomalyOptions(TrainingOptions, ColumnOptions):
    """The choices of a search for unusual rows; None means "choose by the data".

    Those of `ColumnOptions` belong to them, too.

    Attributes:
        task: ``"anomaly"``.
        contamination: the fraction of the rows that is unusual; by default those whose score is
            far outside the others.
        positive: of the two values of the label, the one that means "unusual".
        hidden: the units of the hidden layers.
        validation_size: the fraction of the rows that each network is validated with, and then
            scores: 0.2 for five networks.
    """

    task: str = option(
        NAMES[0], N_("What is unusual in the table, and in which column: anomaly."),
        one_of(NAMES, "TASK"),
    )  # fmt: skip
    contamination: float | None = option(
        None,
        N_(
            "The fraction of the rows that is unusual, such as 0.01; by default the rows whose "
            "score is far outside the others."
        ),
        fraction(zero=False),
    )
    positive: str | None = option(
        None, N_("Of the two values of --label, the one that means unusual."), any_text("CLASS")
    )
    hidden: tuple[int, ...] | None = option(
        None, N_("The units of the hidden layers, such as 128,128."), several(whole(), "UNITS")
    )
    validation_size: float = option(
        0.2,
        N_(
            "The fraction of the rows that each network does not learn from, but that decide when "
            "it stops and that it scores; 0.2 trains five networks."
        ),
        fraction(zero=False),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.validation_size > 0.5:
            raise ConfigError("validation_size is at most 0.5, so that there are at least two "
                              "networks and each row is scored by one that has not seen it; got "
                              "{value}.", value=self.validation_size)  # fmt: skip

    @property
    def members(self) -> int:
        """How many networks there are."""
        return round(1 / self.validation_size)

    def resolved(self, rows: int) -> Self:
        """Return the options with the choices that depend on how many rows there are.

        >>> AnomalyOptions().resolved(2000).batch_size, AnomalyOptions().resolved(10**6).epochs
        (125, 4)
        """
        size = 128 if rows < 20_000 else 256 if rows < 100_000 else 1024
        return self.or_else({
            "hidden": (128, 128),
            "batch_size": min(size, max(16, rows // 16)),
            "epochs": min(100, max(4, VISITS // rows)),
            "patience": 8,
            "learning_rate": 0.005,
        })  # fmt: skip
