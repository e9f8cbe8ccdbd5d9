"""Text classification: from labelled texts to a trained network, its test and its report."""

from maeum.experiment.files import write_results
from maeum.texts.attributions import word_attributions, word_shares
from maeum.texts.data import TextData
from maeum.texts.model import TextClassifier
from maeum.texts.options import TextOptions
from maeum.texts.result import TextRun
from maeum.texts.task import TextTask
from maeum.texts.training import TrainedText, train_on, train_text

__all__ = [
    "TextClassifier",
    "TextData",
    "TextOptions",
    "TextRun",
    "TextTask",
    "TrainedText",
    "train_on",
    "train_text",
    "word_attributions",
    "word_shares",
    "write_results",
]
