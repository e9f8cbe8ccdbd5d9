"""Training as data flow: a state, sources of batches, the compiled program, the loop around it."""

from maeum.training.backup import Backup
from maeum.training.members import fit_members, groups_of
from maeum.training.state import State

__all__ = ["Backup", "State", "fit_members", "groups_of"]
