# ruff: noqa: F401 (what is imported for type checkers is imported when it is first used)
"""Texts in, numbers out: normalization, tokenizers, vocabularies, padding, files of any size.

The layers that live inside a model, `layers.TextVectorization` and `layers.StringLookup`, stand
on this room. What is in it is imported when it is first used.
"""

from typing import TYPE_CHECKING

from maeum.core.lazy import lazily

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
    **dict.fromkeys(("hangul", "vectors"), ()),
}  # fmt: skip

__all__ = [name for names in _NAMES.values() for name in names]
__getattr__, __dir__ = lazily(
    __name__, {f"{__name__}.{file}": names for file, names in _NAMES.items()}
)
