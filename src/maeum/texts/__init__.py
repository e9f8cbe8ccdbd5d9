"""Text classification: from labelled texts to a trained network, its test and its report."""

from maeum.texts.data import TextData
from maeum.texts.files import write_results
from maeum.texts.model import TextClassifier
from maeum.texts.options import TextOptions
from maeum.texts.training import TrainedText, train_on, train_text
from maeum.texts.words import word_shares

__all__ = [
    "TextClassifier",
    "TextData",
    "TextOptions",
    "TrainedText",
    "train_on",
    "train_text",
    "word_shares",
    "write_results",
]
