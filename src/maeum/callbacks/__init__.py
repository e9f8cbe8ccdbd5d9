"""Callbacks: what is called during a training, after each epoch or each batch."""

from typing import Any

from maeum.callbacks.averages import SwapEMAWeights
from maeum.callbacks.backup import BackupAndRestore
from maeum.callbacks.callback import Callback, LambdaCallback
from maeum.callbacks.callback_list import CallbackList
from maeum.callbacks.history import CSVLogger, History
from maeum.callbacks.progress import ProgressBar
from maeum.callbacks.remote import RemoteMonitor
from maeum.callbacks.stopping import EarlyStopping, ModelCheckpoint, TerminateOnNaN
from maeum.callbacks.tuning import LearningRateScheduler, ReduceLROnPlateau
from maeum.core.errors import nearest
from maeum.core.messages import N_, _

ProgbarLogger = ProgressBar

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ProgbarLogger",
    "ProgressBar",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "TerminateOnNaN",
]

_INSTEAD = {
    "TensorBoard": N_("CSVLogger writes every epoch to a file, and fit returns the values."),
    "OrbaxCheckpoint": N_("BackupAndRestore writes checkpoints and goes on from them."),
}


def __getattr__(name: str) -> Any:
    instead = _(_INSTEAD[name]) if name in _INSTEAD else ""
    message = _("maeum.callbacks has no {name!r}.{hint} {instead}", name=name, instead=instead,
                hint="" if instead else nearest(name, __all__))  # fmt: skip
    raise AttributeError(message.rstrip(), name=name)
