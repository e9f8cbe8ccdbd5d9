"""Callbacks: what is called during a training, after each epoch or each batch."""

from maeum.callbacks.averages import SwapEMAWeights
from maeum.callbacks.backup import BackupAndRestore
from maeum.callbacks.callback import Callback, LambdaCallback
from maeum.callbacks.callback_list import CallbackList
from maeum.callbacks.history import CSVLogger, History
from maeum.callbacks.progress import ProgressBar
from maeum.callbacks.remote import RemoteMonitor
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
    "RemoteMonitor",
    "SwapEMAWeights",
    "TerminateOnNaN",
]

__getattr__, __dir__ = lazily(__name__, {})
