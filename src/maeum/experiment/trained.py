"""What a training returns."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from importlib import import_module
from typing import Any, Generic, TypeVar

from maeum.experiment.model import TaskModel
from maeum.experiment.run import Run

_Model = TypeVar("_Model", bound=TaskModel)
_Run = TypeVar("_Run", bound=Run)


@dataclass(repr=False)
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

    def __repr__(self) -> str:
        return f"<Trained: {self.task.verdict(self.run).headline}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the report, in a frame of its own."""
        try:
            from maeum.report.html import render

            page_of = import_module("maeum.experiment.report").page_of  # late: with its charts
            page = escape(render(page_of(self)), quote=True)
        except ImportError:  # what only reports need is not installed
            return f"<div>{escape(repr(self))}</div>"
        return (
            f'<iframe srcdoc="{page}" title="{escape(repr(self))}" sandbox="allow-scripts" '
            'style="width:100%;height:40em;border:1px solid #8884"></iframe>'
        )
