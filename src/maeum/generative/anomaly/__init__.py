"""What is unusual in a table, and in which column."""

from maeum.generative.anomaly.model import AnomalyModel
from maeum.generative.anomaly.options import AnomalyOptions
from maeum.generative.anomaly.result import AnomalyRun
from maeum.generative.anomaly.task import AnomalyTask, train_anomaly

__all__ = ["AnomalyModel", "AnomalyOptions", "AnomalyRun", "AnomalyTask", "train_anomaly"]
