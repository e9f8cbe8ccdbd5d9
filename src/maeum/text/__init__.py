# ruff: noqa: F401 (what is imported for type checkers is imported when it is first used)
"""Texts in, numbers out: normalization, tokenizers, vocabularies, padding, files of any size.

The layers that live inside a model, `layers.TextVectorization` and `layers.StringLookup`, stand
on this room. What is in it is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from maeum.core.messages import _

if TYPE_CHECKING:
    from maeum.text.bucketing import BucketedBatches, bucket_by_length
    from maeum.text.byte_pairs import BytePairEncoding
    from maeum.text.lines import TextLines, read_text
    from maeum.text.normalization import Normalizer
    from maeum.text.padding import pad_sequences
    from maeum.text.token_files import TokenWindows, token_stream
    from maeum.text.tokenizers import (
        CharacterTokenizer,
        JamoTokenizer,
        SyllableTokenizer,
        Tokenizer,
        WhitespaceTokenizer,
        WordTokenizer,
    )
    from maeum.text.vocabulary import TextEncoder, Vocabulary

_NAMES = {
    "bucketing": ("BucketedBatches", "bucket_by_length"),
    "byte_pairs": ("BytePairEncoding",),
    "lines": ("TextLines", "read_text"),
    "normalization": ("Normalizer",),
    "padding": ("pad_sequences",),
    "token_files": ("TokenWindows", "token_stream"),
    "tokenizers": (
        "CharacterTokenizer", "JamoTokenizer", "SyllableTokenizer", "Tokenizer",
        "WhitespaceTokenizer", "WordTokenizer",
    ),
    "vocabulary": ("TextEncoder", "Vocabulary"),
}  # fmt: skip
_MODULES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [*_MODULES]


def __getattr__(name: str) -> Any:
    if name in ("hangul", "tokenizers", "vectors"):
        return importlib.import_module(f"maeum.text.{name}")
    module = _MODULES.get(name)
    if module is None:
        known = ", ".join(__all__)
        raise AttributeError(
            _("{module} has no {name!r}. It has: {known}.", module=__name__, name=name, known=known)
        )
    value = getattr(importlib.import_module(f"maeum.text.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
