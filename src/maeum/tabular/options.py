"""What can be chosen for a training on a table, and what is chosen by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from maeum.core.errors import ConfigError
from maeum.core.messages import N_, _
from maeum.core.wording import enumeration
from maeum.experiment.checks import any_text, fraction, one_of, positive, several, switch, whole
from maeum.experiment.options import ClassificationOptions, Reading, option
from maeum.experiment.options import Options as Choices
from maeum.tabular.members import FEW_UNITS, MANY_UNITS, USUAL, of_ensemble
from maeum.tabular.preparation import SCALES
from maeum.tabular.target import TASKS

FEW_RARE = 20  # rows of a rare class; measured with 12 among 6,000
FEW_ROWS = 100  # with fewer, one network without folds is trained
NETWORKS = ("ensemble", "mlp")
NAMES = (*TASKS, "classification")  # of --task
_OF_MLP = ("activation", "optimizer", "scale", "embed_above", "linear", "refit", "patience",
           "validation_size")  # fmt: skip
_OF_BOTH = ("hidden", "dropout")  # but who gives these alone means a multi-layer perceptron


@dataclass(frozen=True)
class TableReading(Reading):
    """How a table is read.

    Attributes:
        target: the column to learn: its name, its position, or ``"last"``.
    """

    target: str | int | None = option(
        None, N_("The column to learn: a name, a position, or last."), any_text("COLUMN")
    )


@dataclass(frozen=True, kw_only=True)
class ColumnOptions(Choices):
    """Which columns of a table count, and how they are read.

    Attributes:
        ignore: columns that shall not count.
        keep: columns that count though they look like numbers of the rows.
        missing: which cells count as missing, beside empty ones; by the data if None.
        decimal: the decimal sign of columns that do not show it, ``"."`` or ``","``.
    """

    ignore: tuple[str, ...] = option(
        (), N_("A column to exclude; several times."), several(any_text(), "COLUMN"), repeated=True
    )
    keep: tuple[str, ...] = option(
        (),
        N_("A column to use though it only numbers the rows; several times."),
        several(any_text(), "COLUMN"),
        repeated=True,
    )
    missing: tuple[str, ...] | None = option(
        None,
        N_("What counts as missing beside empty cells, such as NA,-999; by the data."),
        several(any_text(), "MARKS"),
    )
    decimal: str | None = option(
        None,
        N_("The decimal sign where numbers do not show it: . or , (by the other columns)."),
        one_of((".", ","), "SIGN"),
    )


@dataclass(frozen=True)
class TableOptions(ClassificationOptions, ColumnOptions):
    """The choices of a training; None means "choose by the data".

    Those of `ColumnOptions` belong to them, too.

    Attributes:
        network: ``"ensemble"``: several networks that embed the numbers, each validated with a
            fold of the rows; ``"mlp"``: one multi-layer perceptron. Options of the latter alone
            choose it.
        members: how many networks the ensemble has.
        quick: train one small network: ``network="mlp"``.
        minutes: search for the best ensemble so long, have twice as many members, and blend in
            trees where they help.
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
        positive: of two classes, the one whose probability is predicted.
        threshold: of two classes, the probability from which on the positive one is answered.
        group: a column of which rows with the same value stay in the same part, such as a person.
        time_split: a column of dates or numbers; the test is on the last of them.
        folds: test by cross-validation with so many parts; 1 for a single test part.
        drop_duplicates: learn of rows that are alike in every column only one.
        hidden: the units of the hidden layers.
        dropout: the dropout rate behind each hidden layer.
        activation: the activation of the hidden layers.
        optimizer: the name of the optimizer.
        weight_decay: by how much weights decay in a step, as a part of the learning rate.
        scale: how numbers are scaled: ``"minmax"``, ``"standard"`` or ``"none"``.
        embed_above: categories with more values than this get an embedding.
        linear: let the output see the inputs directly too, beside the hidden layers.
        refit: after the best number of epochs was found, train a new network for so many on the
            training and the validation rows together.
        test_size: the fraction of rows that is kept for the test.
        validation_size: the fraction of the others that decides when to stop.
    """

    network: str | None = option(
        None,
        N_(
            "ensemble: several networks that embed the numbers, each validated with a part of the "
            "rows of its own; mlp: one multi-layer perceptron, which options such as --hidden "
            "choose, too. By default an ensemble, unless there are hardly any rows."
        ),
        one_of(NETWORKS),
    )
    members: int | None = option(
        None, N_("How many networks the ensemble has; by how many rows there are."), whole(2)
    )
    quick: bool = option(
        False, N_("Train one small network in seconds, as --network mlp does."), switch()
    )
    minutes: float | None = option(
        None,
        N_(
            "Search for the best ensemble so many minutes, have twice as many members, and blend "
            "in trees where they help."
        ),
        positive(),
    )
    task: str | None = option(
        None,
        N_(
            "Take the target as a number (regression) or as classes (classification, binary, "
            "multiclass); by the target."
        ),
        one_of(NAMES, "TASK"),
    )
    positive: str | None = option(
        None, N_("Of two classes, the one whose probability is told."), any_text("CLASS")
    )
    threshold: float | None = option(
        None,
        N_(
            "Of two classes, the probability from which on the positive one is answered; 0.5, or "
            "by the validation rows where a class is rare."
        ),
        fraction(zero=False),
    )
    group: str | None = option(
        None,
        N_("Rows with the same value in this column (a person, a machine) stay in one part."),
        any_text("COLUMN"),
    )
    time_split: str | None = option(
        None,
        N_("Train on the past and test on the future, by this column of dates or numbers."),
        any_text("COLUMN"),
    )
    folds: int | None = option(
        None,
        N_(
            "Test by cross-validation with so many parts, 1 for a single test; where rows are few "
            "by default."
        ),
        whole(),
    )
    drop_duplicates: bool = option(
        False, N_("Learn of rows that are alike in every column only one."), switch()
    )
    hidden: tuple[int, ...] | None = option(
        None, N_("The units of the hidden layers, such as 128,64,32."), several(whole(), "UNITS")
    )
    dropout: tuple[float, ...] | None = option(
        None,
        N_("The dropout rate behind each hidden layer, such as 0.3,0.5,0.2; or one for all."),
        several(fraction(), "RATES"),
    )
    activation: str | None = option(
        None, N_("The activation of the hidden layers; relu by default."), any_text("NAME")
    )
    optimizer: str | None = option(
        None, N_("adam, adamw, sgd, rmsprop, ...; adam by default."), any_text("NAME")
    )
    weight_decay: float | None = option(
        None,
        N_("How much weights decay: a fraction, times the learning rate; 0.02 in an ensemble."),
        fraction(),
    )
    scale: str | None = option(
        None,
        N_("Scale numbers by minmax, standard or none; standard by default."),
        one_of([scale or "none" for scale in SCALES]),
    )
    embed_above: int | None = option(
        None, N_("Categories of more values get an embedding."), whole(0)
    )
    linear: bool | None = option(
        None, N_("Let the output see the inputs directly too; for numbers by default."), switch()
    )
    refit: bool | None = option(
        None,
        N_(
            "Train again on all rows but the test's once the number of epochs is known; for "
            "classes by default."
        ),
        switch(),
    )
    test_size: float = option(0.3, N_("The fraction kept for the test."), fraction(zero=False))
    validation_size: float | None = option(  # type: ignore[assignment]
        None,
        N_("The fraction of the others that decides when to stop; 0.2 by default."),
        fraction(),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.time_split is not None and (self.group is not None or (self.folds or 1) > 1):
            raise ConfigError(
                "A split by time (time_split) goes neither with groups (group) nor "
                "with a cross-validation (folds): the past alone is trained on."
            )
        if self.dropout and len(self.dropout) not in (1, len(self.layers)):
            raise ConfigError("dropout has {rates} rates for {layers} hidden layers; give one for "
                              "each, or one for all.", rates=len(self.dropout),
                              layers=len(self.layers))  # fmt: skip
        if self.minutes is not None and (self.folds or 1) > 1:
            raise ConfigError("A search (minutes) keeps one part of the rows for the test, so it "
                              "takes no folds; got folds={folds}.", folds=self.folds)  # fmt: skip
        other = [name for name in _OF_MLP if getattr(self, name) is not None]
        for name in ("members", "minutes"):
            if self.network == "mlp" and getattr(self, name) is not None:
                raise ConfigError("{option} is for an ensemble, and --network mlp is one network.",
                                  option=name)  # fmt: skip
        if self._wants_ensemble and (self.quick or other):
            raise ConfigError("{option} is for one multi-layer perceptron (--network mlp), and an "
                              "ensemble was asked for (by network, members or minutes).",
                              option="quick" if self.quick else other[0])  # fmt: skip

    @property
    def layers(self) -> tuple[int, ...]:
        """The units of the hidden layers."""
        usual = FEW_UNITS if self.network == "ensemble" else (128, 64, 32)
        return usual if self.hidden is None else self.hidden

    @property
    def rates(self) -> tuple[float, ...]:
        """The dropout rate behind each hidden layer."""
        usual = 0.15 if self.network == "ensemble" else 0.3
        rates = (usual,) if self.dropout is None else self.dropout
        return rates * len(self.layers) if len(rates) == 1 else rates

    @property
    def _wants_ensemble(self) -> bool:
        asked = self.members is not None or self.minutes is not None
        return self.network == "ensemble" or (self.network is None and asked)

    @property
    def kept_in_search(self) -> list[str]:
        """Of what a search looks for, what somebody chose, and stays."""
        own = self.hidden not in (None, FEW_UNITS, MANY_UNITS)
        given = {"hidden": own, "dropout": self.dropout is not None}
        return [name for name, chosen in given.items() if chosen]

    def leaves_out_hidden(self, rarest: int | None) -> bool:
        """Whether a rare class has so few rows that hidden layers, if nobody wants them, harm."""
        network = (self.hidden, self.dropout, self.linear, self.balance)
        few = rarest is not None and rarest < FEW_RARE
        return few and not self._wants_ensemble and all(o is None for o in network)

    def for_rows(self, rows: int, rarest: int | None = None) -> Self:
        """Return the options with the network chosen, and which rows decide when it stops.

        Args:
            rows: how many there are that are not for the test.
            rarest: the rows of the rare one of two classes; None if neither is rare.
        """
        few = rows < FEW_ROWS or (rarest is not None and rarest < FEW_RARE)
        mlp = (self.quick or few or bool(self._given_of_one)) and not self._wants_ensemble
        network = "mlp" if mlp else "ensemble"
        chosen = self.or_else({"network": network})
        return chosen.or_else({"validation_size": 0.2}) if chosen.network == "mlp" else chosen

    @property
    def _given_of_one(self) -> list[str]:
        """The options that were given and are of one network."""
        return [name for name in (*_OF_MLP, *_OF_BOTH) if getattr(self, name) is not None]

    def why_one_network(self, rows: int, rarest: int | None = None) -> str:
        """Say why one network is trained though nobody asked for it; empty if it is not so.

        Args:
            rows, rarest: as for `for_rows`.
        """
        asked = self.quick or self.network is not None
        if asked or self.for_rows(rows, rarest).network == "ensemble":
            return ""
        if given := self._given_of_one:
            options = enumeration([f"--{name.replace('_', '-')}" for name in given])
            if set(given) <= set(_OF_BOTH):
                return _("One network is trained because of {options}; --network ensemble trains "
                         "several with the same.", options=options)  # fmt: skip
            return _("One network is trained because of {options}, without which several are (an "
                     "ensemble).", options=options)  # fmt: skip
        if rows < FEW_ROWS:
            return _("One network is trained, as there are only {n:,} rows to learn from; "
                     "--network ensemble trains several.", n=rows)  # fmt: skip
        return _("One network is trained, as only {n:,} rows are of the rarer class; --network "
                 "ensemble trains several.", n=rarest)  # fmt: skip

    def resolved(self, rows: int, task: str, rarest: int | None = None) -> Self:
        """Return the options with the choices that depend on the training rows and the task.

        What is chosen was measured: for an ensemble on the tables of docs/performance.md, for one
        network on those of docs/tables.md. One network learns a number best without dropout and
        with a direct linear path, classes with dropout and by refitting on all rows once the number
        of epochs is known. Where a rare class has hardly any rows, hidden layers overfit: there,
        the output sees the inputs alone, as in a logistic regression.

        Args:
            rows: how many there are to train on.
            task: what the target is taken for.
            rarest: the rows of the rare one of two classes; None if neither is rare.
        """
        if self.network is None:
            return self.for_rows(rows, rarest).resolved(rows, task, rarest)
        classes = task != "regression"
        if self.network == "ensemble":
            members = 2 * USUAL if self.minutes and self.members is None else self.members
            return self.or_else(of_ensemble(rows, classes, members, self.batch_size))
        if self.leaves_out_hidden(rarest):
            plain = {"hidden": (), "dropout": (), "linear": False, "balance": False,
                     "learning_rate": 0.01,
                     "batch_size": min(256, max(16, rows // 16))}  # fmt: skip
            return self.or_else(plain).resolved(rows, task)
        return self.or_else(
            {
                "hidden": self.layers,
                "dropout": self.rates if classes or self.dropout else (0.0,) * len(self.layers),
                "activation": "relu",
                "optimizer": "adam",
                "scale": "standard",
                "embed_above": 20,
                "validation_size": 0.2,
                "epochs": 300,
                "patience": 20,
                # Some hundred steps an epoch, in a power of two of rows.
                "batch_size": min(1024, max(16, 1 << (rows // 100 + 1).bit_length() - 1)),
                "learning_rate": 0.0003 if classes else 0.001,
                "linear": not classes,
                "refit": classes and self.validation_size != 0 and self.patience != 0,
            }
        )


Options = TableOptions  # its name before there were others
