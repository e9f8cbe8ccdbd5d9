"""``keras.optimizers`` with the learning rates of Keras 2, where code is written for that."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from maeum import optimizers as ours
from maeum.compat.graph import modes
from maeum.compat.keras2.spelling import Spelling
from maeum.core.messages import _

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "Adamax", "Nadam", "RMSprop", "get"]

# What Keras 2 (before 2.3) has, and Keras 3 has not.
_FORMER: dict[str, dict[str, Any]] = {
    "Adadelta": {"learning_rate": 1.0},
    "Adagrad": {"learning_rate": 0.01, "initial_accumulator_value": 0.0},
    "Adamax": {"learning_rate": 0.002},
    "Nadam": {"learning_rate": 0.002},
}
_told: set[str] = set()


def _adapted(name: str) -> Callable:
    def adapt(args: tuple, given: dict) -> tuple[tuple, dict]:
        if given.get("epsilon", 0) is None:
            del given["epsilon"]
        rate = given.pop("lr", None)
        if rate is not None:
            given.setdefault("learning_rate", rate)
        if modes.keras2() and name in _FORMER:
            rest = dict(list(_FORMER[name].items())[1 if args else 0 :])
            if rest.keys() - given.keys() and name not in _told:
                _told.add(name)
                said = ", ".join(f"{key}={value}" for key, value in rest.items())
                warnings.warn(_("{name} begins with the defaults of Keras 2: {said}.", name=name,
                                said=said), stacklevel=3)  # fmt: skip
            given = {**rest, **given}
        if given.get("decay"):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                first = args[0] if args else given.pop("learning_rate", _default_rate(name))
                made = ours.schedules.InverseTimeDecay(first, 1, given.pop("decay"))
                args, given = args[1:], {**given, "learning_rate": made}
        else:
            given.pop("decay", None)
        return args, given

    return adapt


def _default_rate(name: str) -> float:
    return float(getattr(ours, name)().learning_rate)


_KINDS = {
    name: Spelling(getattr(ours, name), {"schedule_decay": "_schedule"}, _adapted(name))
    for name in ("SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam")
}
SGD, RMSprop, Adagrad, Adadelta, Adam, Adamax, Nadam = _KINDS.values()
_BY_NAME = {name.lower(): kind for name, kind in _KINDS.items()}


def get(identifier: Any) -> Any:
    """Return an optimizer: itself, or one of its name with the defaults."""
    if isinstance(identifier, str) and identifier.lower() in _BY_NAME:
        return _BY_NAME[identifier.lower()]()
    return ours.get(identifier)
