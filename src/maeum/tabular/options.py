"""What can be chosen for a training on a table, and what is chosen by itself."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from maeum.core.errors import ConfigError, nearest
from maeum.core.randomness import check_seed
from maeum.tabular.preparation import SCALES
from maeum.tabular.target import TASKS


@dataclass(frozen=True)
class Options:
    """The choices of a training; None means "choose by the data".

    Attributes:
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
        positive: of two classes, the one whose probability is predicted.
        ignore: columns that the network shall not see.
        hidden: the units of the hidden layers.
        dropout: the dropout rate behind each hidden layer.
        activation: the activation of the hidden layers.
        epochs: the most epochs.
        patience: how many epochs without a better validation loss are borne; 0 trains all.
        batch_size: the rows of a step.
        optimizer: the name of the optimizer.
        learning_rate: the learning rate.
        scale: how numbers are scaled: ``"minmax"``, ``"standard"`` or ``"none"``.
        balance: weigh the classes so that each counts the same.
        test_size: the share of rows that is kept for the test.
        validation_size: the share of the others that decides when to stop.
        seed: what every random choice follows from.
        embed_above: categories with more values than this get an embedding.
        linear: let the output see the inputs directly too, beside the hidden layers.
        refit: after the best number of epochs was found, train anew for so many on the training
            and the validation rows together.
    """

    task: str | None = None
    positive: str | None = None
    ignore: tuple[str, ...] = ()
    hidden: tuple[int, ...] | None = None
    dropout: tuple[float, ...] | None = None
    activation: str = "relu"
    epochs: int | None = None
    patience: int | None = None
    batch_size: int | None = None
    optimizer: str = "adam"
    learning_rate: float | None = None
    scale: str = "standard"
    balance: bool = False
    test_size: float = 0.3
    validation_size: float = 0.2
    seed: int = 42
    embed_above: int = 20
    linear: bool | None = None
    refit: bool | None = None

    def __post_init__(self) -> None:
        for name in ("ignore", "hidden", "dropout"):
            object.__setattr__(self, name, _several(getattr(self, name)))
        check_seed(self.seed)
        _choice("task", self.task, (None, *TASKS, "classification"))
        _choice("scale", self.scale, [scale or "none" for scale in SCALES])
        for name in ("epochs", "batch_size"):
            _at_least(name, getattr(self, name), 1)
        for name in ("patience", "embed_above"):
            _at_least(name, getattr(self, name), 0)
        for units in self.hidden or ():
            _at_least("hidden", units, 1)
        _within("learning_rate", self.learning_rate, "above 0", lambda rate: 0 < rate < math.inf)
        for rate in self.dropout or ():
            _within("dropout", rate, "from 0 up to (not including) 1", lambda rate: 0 <= rate < 1)
        _within("test_size", self.test_size, "between 0 and 1", lambda size: 0 < size < 1)
        _within(
            "validation_size",
            self.validation_size,
            "from 0 up to (not including) 1",
            lambda size: 0 <= size < 1,
        )
        if self.dropout and len(self.dropout) not in (1, len(self.layers)):
            raise ConfigError(
                f"dropout has {len(self.dropout)} rates for {len(self.layers)} hidden layers; "
                "give one for each, or one for all."
            )

    @property
    def layers(self) -> tuple[int, ...]:
        """The units of the hidden layers."""
        return (128, 64, 32) if self.hidden is None else self.hidden

    @property
    def rates(self) -> tuple[float, ...]:
        """The dropout rate behind each hidden layer."""
        rates = (0.3,) if self.dropout is None else self.dropout
        return rates * len(self.layers) if len(rates) == 1 else rates

    def resolved(self, rows: int, task: str) -> Options:
        """Return the options with the choices that depend on the training rows and the task.

        What is chosen was measured on the tables of docs/tables.md: a number is learnt best
        without dropout and with a direct linear path, classes with dropout and by training anew
        on all rows once the number of epochs is known.
        """
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        classes = task != "regression"
        chosen = {
            "hidden": self.layers,
            "dropout": self.rates if classes or self.dropout else (0.0,) * len(self.layers),
            "epochs": 300,
            "patience": 20,
            # Some hundred steps an epoch, in a power of two of rows.
            "batch_size": min(1024, max(16, 1 << (rows // 100 + 1).bit_length() - 1)),
            "learning_rate": 0.0003 if classes else 0.001,
            "linear": not classes,
            "refit": classes and self.validation_size > 0 and self.patience != 0,
        }
        for name, value in chosen.items():
            if values[name] is None:
                values[name] = value
        return Options(**values)

    def to_json(self) -> dict[str, Any]:
        """Return the options as plain lists, texts and numbers."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


def _several(value: Any) -> tuple | None:
    """Return one value, or several in any form, as a tuple."""
    if value is None or isinstance(value, tuple):
        return value
    return tuple(value) if isinstance(value, (list, range)) else (value,)


def _choice(name: str, value: Any, known: Any) -> None:
    if value not in known:
        shown = ", ".join(repr(k) for k in known if k is not None)
        raise ConfigError(f"{name} is one of {shown}; got {value!r}.{nearest(value, known)}")


def _at_least(name: str, value: Any, least: int) -> None:
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if value is not None and not (whole and value >= least):
        raise ConfigError(f"{name} takes whole numbers of {least} or more; got {value!r}.")


def _within(name: str, value: Any, where: str, holds: Callable[[float], bool]) -> None:
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if value is not None and not (real and holds(float(value))):
        raise ConfigError(f"{name} takes numbers {where}; got {value!r}.")
