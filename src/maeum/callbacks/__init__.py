"""Callbacks: what is called during a training, after each epoch or each batch."""

from maeum.callbacks.backup import BackupAndRestore
from maeum.callbacks.callback import Callback, CallbackList, LambdaCallback
from maeum.callbacks.history import CSVLogger, History
from maeum.callbacks.progress import ProgressBar
from maeum.callbacks.stopping import EarlyStopping, ModelCheckpoint, TerminateOnNaN
from maeum.callbacks.tuning import LearningRateScheduler, ReduceLROnPlateau
from maeum.core.lazy import lazily

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
    "TerminateOnNaN",
]

__getattr__, __dir__ = lazily(__name__, {})
