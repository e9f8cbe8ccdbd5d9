"""Training as data flow: a state, sources of batches, the compiled program, the loop around it."""

from maeum.training.backup import Backup
from maeum.training.state import State

__all__ = ["Backup", "State"]
