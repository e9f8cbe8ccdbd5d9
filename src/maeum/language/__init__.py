"""Language models: they predict the next token of a text, and so write.

What is in it is imported when it is first used. Text classification lives in `maeum.texts`; its
names are found here, too, where they were before.
"""

from __future__ import annotations

import importlib
from typing import Any

_NAMES = {
    "maeum.language.beam": ("Beam", "beam_search"),
    "maeum.language.decoding": ("Decoder", "generate", "stream"),
    "maeum.language.model": ("LanguageModel",),
    "maeum.language.options": ("LanguageOptions",),
    "maeum.language.sampling": ("Sampling",),
    "maeum.language.steps": ("decoder_of",),
    "maeum.language.training": ("TrainedLanguage", "train_language_model"),
    "maeum.texts": ("TextClassifier", "TextOptions", "TrainedText", "train_text"),
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [*_MODULES]


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"maeum.language has no {name!r}. It has: {', '.join(__all__)}.")
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
