"""Trials that are trained as one program: what is a number in them is an axis of it."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from maeum.callbacks import EarlyStopping
from maeum.core.checks import check_whole
from maeum.models import Model
from maeum.training.members import MemberHistory, fit_members, groups_of
from maeum.training.options import FitOptions, check_callbacks
from maeum.training.sources import is_stream
from maeum.tuner.objective import DefaultObjective, MultiObjective, Objective

# Of a model that many share, the arguments of ``fit`` that a program for all of them knows.
_KNOWN = {
    "x", "y", "batch_size", "epochs", "initial_epoch", "verbose", "callbacks", "validation_split",
    "validation_data", "validation_batch_size", "shuffle", "class_weight", "sample_weight",
}  # fmt: skip


@dataclass
class SharedFit:
    """One call of ``fit`` for many models.

    Args:
        arguments: those of ``fit``, by name.
        objective: which epoch is best.
    """

    arguments: dict[str, Any]
    objective: Objective

    @classmethod
    def of(
        cls, args: Sequence[Any], kwargs: Mapping[str, Any], objective: Objective
    ) -> SharedFit | None:
        """Return the arguments of a search as a call for many models; None if they are none.

        Data have to be arrays, the objective one number of the logs, and callbacks may only stop.
        """
        if isinstance(objective, (DefaultObjective, MultiObjective)):
            return None
        try:
            given = inspect.signature(Model.fit).bind(None, *args, **kwargs).arguments
        except TypeError:
            return None
        given.pop("self", None)
        callbacks = check_callbacks(given.get("callbacks"))
        stoppers = all(type(callback) is EarlyStopping for callback in callbacks)
        data = given.get("x"), given.get("validation_data")
        if not stoppers or not {*given} <= _KNOWN or any(is_stream(part) for part in data):
            return None
        return cls({**given, "callbacks": callbacks}, objective)

    def groups(self, models: Sequence[Any]) -> list[list[int]]:
        """Return the numbers of the models that one program can train, group by group."""
        return groups_of(
            models, self.arguments.get("x"), self.arguments.get("y"), every_number=True
        )

    def train(
        self,
        models: Sequence[Any],
        epochs: int,
        initial_epoch: int,
        told: Callable[[int], Any],
        max_seconds: float | None = None,
    ) -> list[MemberHistory]:
        """Train models that are alike.

        Args:
            models: the models.
            epochs, initial_epoch: see ``fit``.
            told: called with each epoch that is over.
            max_seconds: end with the epoch in which so much time is over.

        Returns:
            A history for each, with the weights of its best epoch.
        """
        given = dict(self.arguments)
        callbacks, _verbose = given.pop("callbacks"), given.pop("verbose", 0)
        fraction = given.pop("validation_split", 0.0)
        given |= {"epochs": epochs, "initial_epoch": initial_epoch, "max_seconds": max_seconds}
        if fraction and given.get("validation_data") is None:
            parts = {name: given.get(name) for name in ("x", "y", "sample_weight")}
            options = FitOptions(**parts, validation_split=fraction)  # type: ignore[arg-type]
            options.split(models[0].takes_texts)
            given |= {name: getattr(options, name) for name in (*parts, "validation_data")}
        stoppers = _Stoppers(callbacks, models)

        def after(epoch: int, logs: Sequence[Any]) -> list[int]:
            told(epoch)
            return stoppers(epoch, logs) if callbacks else []

        return fit_members(
            models,
            **given,
            patience=check_whole(epochs, "epochs"),  # that is, never
            monitor=self.objective.name,
            mode=self.objective.direction,
            keep_best_weights=True,
            every_number=True,
            on_epoch_end=after,
        )


class _Stoppers:
    """For each model its own callbacks that may stop it."""

    def __init__(self, callbacks: Sequence[EarlyStopping], models: Sequence[Any]):
        self.models = models
        self.own = [copy.deepcopy(list(callbacks)) for _model in models]
        for callbacks, model in zip(self.own, models):
            for callback in callbacks:
                callback.restore_best_weights = False  # the search keeps the best itself
                callback.set_model(model)
                callback.on_train_begin()

    def __call__(self, epoch: int, logs: Sequence[Any]) -> list[int]:
        """Return the numbers of the models that are to stop after an epoch."""
        for callbacks, told in zip(self.own, logs):
            for callback in callbacks if told is not None else ():
                callback.on_epoch_end(epoch, dict(told))
        return [i for i, model in enumerate(self.models) if model.stop_training]
