"""Language: networks that write, and networks that sort texts into classes.

What is in it is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import Any

_MODULES = {
    "Beam": "beam",
    "Decoder": "decoding",
    "LanguageModel": "language_model",
    "LanguageOptions": "language_options",
    "Sampling": "sampling",
    "TextClassifier": "classifier",
    "TextOptions": "text_options",
    "TrainedLanguage": "language_training",
    "TrainedText": "text_training",
    "beam_search": "beam",
    "decoder_of": "steps",
    "generate": "decoding",
    "stream": "decoding",
    "train_language_model": "language_training",
    "train_text": "text_training",
}

__all__ = [
    "Beam",
    "Decoder",
    "LanguageModel",
    "LanguageOptions",
    "Sampling",
    "TextClassifier",
    "TextOptions",
    "TrainedLanguage",
    "TrainedText",
    "beam_search",
    "decoder_of",
    "generate",
    "stream",
    "train_language_model",
    "train_text",
]


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"maeum.language has no {name!r}. It has: {', '.join(__all__)}.")
    value = getattr(importlib.import_module(f"maeum.language.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
