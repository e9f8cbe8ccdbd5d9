"""Language models: they predict the next token of a text, and so write.

What is in it is imported when it is first used. Text classification lives in `maeum.texts`; its
names are found here, too, where they were before.
"""

from __future__ import annotations

import importlib
from typing import Any

_MODULES = {
    "Beam": "maeum.language.beam",
    "Decoder": "maeum.language.decoding",
    "LanguageModel": "maeum.language.model",
    "LanguageOptions": "maeum.language.options",
    "Sampling": "maeum.language.sampling",
    "TextClassifier": "maeum.texts",
    "TextOptions": "maeum.texts",
    "TrainedLanguage": "maeum.language.training",
    "TrainedText": "maeum.texts",
    "beam_search": "maeum.language.beam",
    "decoder_of": "maeum.language.steps",
    "generate": "maeum.language.decoding",
    "stream": "maeum.language.decoding",
    "train_language_model": "maeum.language.training",
    "train_text": "maeum.texts",
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
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
