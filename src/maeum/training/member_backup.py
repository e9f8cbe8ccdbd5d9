"""Checkpoints of many trainings that are one program: members go on where they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from maeum.core.errors import ConfigError
from maeum.core.messages import _
from maeum.core.settings import say
from maeum.training.backup import EXIT_CODE, Checkpointer, Position
from maeum.training.identity import describe_arrays, identity_of
from maeum.training.interrupts import Stop
from maeum.training.member_chunks import Chunks
from maeum.training.member_groups import MemberPrograms
from maeum.training.options import FitOptions


class Members:
    """What a checkpoint holds of members beside their variables.

    Args:
        members: what `fit_members` knows of each.
    """

    def __init__(self, members: Sequence[Any]) -> None:
        self.members = members
        self.chunks: Chunks | None = None
        self.best: dict[int, dict[str, Any]] = {}

    def get_state(self) -> dict[str, Any]:
        """Return histories, who is over, and the weights of the best epochs so far."""
        assert self.chunks is not None
        best = {str(number): arrays for number, arrays in self.chunks.best().items()}
        return {"members": [one.get_state() for one in self.members], "best": best}

    def set_state(self, state: dict[str, Any]) -> None:
        """Take over what `get_state` returned."""
        for member, saved in zip(self.members, state["members"]):
            member.set_state(saved)
        self.best = {int(number): arrays for number, arrays in state["best"].items()}


@dataclass
class MemberBackup:
    """The checkpoints of a training of members, whole epochs each.

    Args:
        checkpointer: writes and reads them.
        told: the members, and callbacks with a state.
        models: the models.
        options: what ``fit`` was asked for.
    """

    checkpointer: Checkpointer
    told: Sequence[Any]
    models: Sequence[Any]
    options: FitOptions

    def begin(
        self, programs: MemberPrograms, source: Any, held_out: Any, rows: Sequence[Any]
    ) -> int:
        """Return the epoch to begin with, and give all what it had then.

        Raises:
            ConfigError: if the checkpoint is one of another training.
        """
        identity = identity_of(self.models[0], self.options, source, None)
        identity |= {
            "members": [model.seed for model in self.models],
            "rows of the members": describe_arrays(list(rows)),
            "validation data": None if held_out is None else held_out.source.identity(),
        }
        variables = {
            f"{number}/{name}": variable
            for number, named in enumerate(programs.named) for name, variable in named.items()
        }  # fmt: skip
        found = self.checkpointer.begin(identity, self.models[0].seed, variables, [*self.told])
        if found is None:
            return self.options.initial_epoch
        where, _seed = found
        if where.epoch > self.options.epochs:
            raise ConfigError(
                "The training in {folder!r} is in epoch {epoch} already, beyond the "
                "epochs={epochs} that were asked for. Give more epochs, or another folder.",
                folder=str(self.checkpointer.folder.path),
                epoch=where.epoch,
                epochs=self.options.epochs,
            )
        self.checkpointer.restore()
        return where.epoch

    def after(self, epochs: int, chunks: Chunks, last: bool) -> None:
        """Write a checkpoint after so many epochs, if it is time."""
        if self.checkpointer.due(epochs, last):
            chunks.put_states()
            self.checkpointer.write(Position(epochs))

    def close(self, stop: Stop, epochs: int, chunks: Chunks) -> None:
        """Write what a training leaves that was asked to stop, and all that still waits.

        Raises:
            SystemExit: if SIGTERM stopped it.
        """
        if stop.asked:
            chunks.put_states()
            self.checkpointer.write(Position(epochs))
        self.checkpointer.close(not stop.asked)
        if stop.terminated:
            self.checkpointer.check_written()
            say(_("Stopped by SIGTERM; all is written, and the same training goes on from here."))
            raise SystemExit(EXIT_CODE)
