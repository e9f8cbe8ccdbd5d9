"""What all tasks share: options, training, results, model files, reports."""

from maeum.experiment.files import write_results
from maeum.experiment.options import ClassificationOptions, Reading, TrainingOptions, option
from maeum.experiment.task import Task, open_model, register, task_for, tasks
from maeum.experiment.trained import Trained
from maeum.experiment.training import train

__all__ = [
    "ClassificationOptions",
    "Reading",
    "Task",
    "Trained",
    "TrainingOptions",
    "open_model",
    "option",
    "register",
    "task_for",
    "tasks",
    "train",
    "write_results",
]
