"""Language models: they predict the next token of a text, and so write.

What is in it is imported when it is first used. Text classification lives in `maeum.texts`; its
names are found here, too, where they were before.
"""

from __future__ import annotations

from maeum.core.lazy import lazily

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

__all__ = [name for names in _NAMES.values() for name in names]
__getattr__, __dir__ = lazily(__name__, _NAMES)
