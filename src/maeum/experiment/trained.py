"""What a training returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from maeum.experiment.model import TaskModel
from maeum.experiment.run import Run

_Model = TypeVar("_Model", bound=TaskModel)
_Run = TypeVar("_Run", bound=Run)


@dataclass
class Trained(Generic[_Model, _Run]):
    """What a training returns.

    Attributes:
        model: the network, with what prepares its data.
        run: everything that is known of the training; what the report shows.
        task: the `Task`.
        interrupted: whether Ctrl-C ended the training.
    """

    model: _Model
    run: _Run
    task: Any
    interrupted: bool = False
