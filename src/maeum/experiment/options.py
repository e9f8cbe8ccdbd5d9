"""The choices of a training: each field brings its check, its help and its command-line form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any, ClassVar, Self

from maeum.core.errors import ConfigError, nearest
from maeum.core.json import Saved
from maeum.core.messages import N_
from maeum.experiment.checks import Check, any_text, fraction, positive, random_seed, switch, whole


def option(
    default: Any = None, help: str = "", check: Check | None = None, repeated: bool = False
) -> Any:
    """Return a field of `Options`.

    Args:
        default: its value unless another is chosen; None where that is chosen by the data.
        help: what it does, as a message (inside ``N_``).
        check: what it takes; any text by default. It brings the form on the command line, too.
        repeated: whether the command takes it several times, instead of values with commas.
    """
    metadata = {"help": help, "check": check or any_text(), "repeated": repeated}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Options(Saved):
    """Choices, each checked when it is made; None is always allowed and means "by the data".

    Attributes:
        former_names: the name of today for each former one, see `maeum.core.former.formerly`.
    """

    former_names: ClassVar[Mapping[str, str]] = {}

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if value is None and each.default is None:
                continue
            object.__setattr__(self, each.name, each.metadata["check"](value, each.name))

    @classmethod
    def fields(cls) -> dict[str, Field]:
        """Return the fields by name."""
        return {each.name: each for each in fields(cls)}

    @classmethod
    def check_names(cls, names: Iterable[str], *others: type[Options]) -> None:
        """Raise `ConfigError` for a name that is none of these fields, with the nearest one."""
        kinds = (*others, cls)
        known = [name for kind in kinds for name in kind.fields()]
        former = [name for kind in kinds for name in kind.former_names]
        for name in names:
            if name not in known and name not in former:
                raise ConfigError("There is no option {name!r}.{hint} There are: {known}.",
                                  name=name, hint=nearest(name, known),
                                  known=", ".join(known))  # fmt: skip

    def or_else(self, chosen: Mapping[str, Any]) -> Self:
        """Return the options with values for those that were left to the data."""
        return replace(self, **{k: v for k, v in chosen.items() if getattr(self, k) is None})


@dataclass(frozen=True, kw_only=True)
class Reading(Options):
    """How a file is read, and which of its columns matter; a task adds its own.

    Attributes:
        separator: what stands between cells.
        encoding: the encoding of the text.
        header: whether the first line names the columns.
        sheet: the sheet of a workbook.
        trim: whether to leave out what stands around the rows.
    """

    separator: str | None = option(None, N_("What stands between cells; recognised by itself."))
    encoding: str | None = option(
        None, N_("The encoding of the text; recognised by itself."), any_text("NAME")
    )
    header: bool | None = option(
        None, N_("Whether the first line names the columns; recognised by itself."), switch()
    )

    sheet: str | None = option(
        None, N_("The sheet of a workbook, by name or number; the first by default."),
        any_text("NAME"),
    )  # fmt: skip
    trim: bool | None = option(
        None,
        N_("Whether titles, units, totals and notes around the rows are ignored; they are."),
        switch(),
    )

    @property
    def of_file(self) -> dict[str, Any]:
        """What `maeum.tables.reading.read_table` takes."""
        return {name: getattr(self, name) for name in Reading.fields()}


@dataclass(frozen=True)
class TrainingOptions(Options):
    """The choices that all trainings share; a task overrides defaults and adds its own.

    Attributes:
        epochs: the most epochs.
        patience: epochs without a better validation loss before it stops; 0 trains all.
        batch_size: the rows of a step.
        learning_rate: the learning rate.
        validation_size: the fraction that decides when to stop.
        seed: what every random choice follows from.
    """

    epochs: int | None = option(None, N_("The most epochs."), whole())
    patience: int | None = option(
        None,
        N_("Epochs without a better validation loss before it stops; 0 trains all epochs."),
        whole(0),
    )
    batch_size: int | None = option(
        None, N_("The rows, images, windows or texts of a step; by how many there are."), whole()
    )
    learning_rate: float | None = option(None, N_("The learning rate."), positive())
    validation_size: float = option(0.15, N_("The fraction that decides when to stop."), fraction())
    seed: int = option(42, N_("What every random choice follows from."), random_seed())


@dataclass(frozen=True)
class ClassificationOptions(TrainingOptions):
    """The choices that trainings of classes share.

    Attributes:
        test_size: the fraction that is kept for the test.
        balance: weight the classes so that each counts the same; None leaves it to the task.
    """

    test_size: float = option(0.15, N_("The fraction kept for the test."), fraction(zero=False))
    balance: bool | None = option(
        None, N_("Weight the classes so that each counts the same."), switch()
    )
