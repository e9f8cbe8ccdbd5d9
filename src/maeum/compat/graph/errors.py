"""TensorFlow's errors, each also one of Maeum's (``tf.errors`` and ``tf.compat``)."""

from __future__ import annotations

from maeum.core.errors import MaeumError


class OpError(MaeumError):
    """Base of the errors of running a graph."""

    @property
    def message(self) -> str:
        """What is said."""
        return str(self)


class InvalidArgumentError(OpError, ValueError):
    """A feed or an argument that does not fit, or a placeholder that was not fed."""


class FailedPreconditionError(OpError, RuntimeError):
    """A variable that was used before its initialization."""


class NotFoundError(OpError, OSError):
    """A checkpoint, or a variable in one, that is not there."""


class OutOfRangeError(OpError, EOFError):
    """The data have come to their end."""


class CancelledError(OpError):
    """A queue or a session that was closed."""


class UnimplementedError(OpError, NotImplementedError):
    """What Maeum does not compute."""


class GraphError(OpError, ValueError):
    """A tensor of another graph, a name that is not there or is taken."""


class UncoveredError(MaeumError, AttributeError):
    """A name of TensorFlow's or Keras's that Maeum has nothing for."""


class UncoveredModuleError(MaeumError, ModuleNotFoundError):
    """A module of TensorFlow or Keras that Maeum has nothing for."""
