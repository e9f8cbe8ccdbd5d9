"""Words and their vectors, with their evaluation, map and files."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from maeum.core.errors import ModelFileError
from maeum.text.vectors import evaluation, formats
from maeum.text.vectors.base import BaseKeyedVectors
from maeum.text.vectors.map import write_map


class KeyedVectors(BaseKeyedVectors):
    """Words and their vectors, with the names that gensim gave to everything.

    Args:
        words: each once; what comes first counts as more frequent.
        vectors: one row for each word, ``(words, size)``; kept as float32.
        counts: how often each word occurred, if that is known.

    Raises:
        DataError: for a word that comes twice, or vectors that are not finite numbers.
        ShapeError: if there are not as many vectors as words.

    Example:
        >>> wv = KeyedVectors(["king", "queen", "boy"], [[1, 0], [0.9, 0.1], [0, 1]])
        >>> wv.most_similar("king", topn=1)[0][0]
        'queen'
        >>> wv["boy"].tolist(), "girl" in wv
        ([0.0, 1.0], False)
    """

    # ---- Judge ------------------------------------------------------------------------------

    evaluate_word_pairs = evaluation.evaluate_word_pairs
    evaluate_word_analogies = evaluation.evaluate_analogies
    map = write_map

    # ---- Files ------------------------------------------------------------------------------

    def save_word2vec_format(
        self,
        fname: str | os.PathLike,
        fvocab: str | os.PathLike | None = None,
        binary: bool = False,
    ) -> None:
        """Write a file that word2vec, gensim and others read; see `formats.write_word2vec`."""
        formats.write_word2vec(fname, self.index_to_key, self.vectors, binary=binary)
        if fvocab is not None:
            formats.write_counts(fvocab, self.index_to_key, self.counts)

    @classmethod
    def load_word2vec_format(
        cls,
        fname: str | os.PathLike,
        fvocab: str | os.PathLike | None = None,
        binary: bool = False,
        **options: Any,
    ) -> KeyedVectors:
        """Read such a file; see `formats.read_word2vec` for the options and the errors."""
        words, vectors = formats.read_word2vec(fname, binary=binary, **options)
        counts = None
        if fvocab is not None:
            known = formats.read_counts(fvocab)
            counts = [known.get(word, 0) for word in words]
        return KeyedVectors(words, vectors, counts)

    def save(self, path: str | os.PathLike) -> None:
        """Write everything to one file, which `load` reads: JSON and safetensors in a zip."""
        formats.write_archive(path, *self._parts())

    @classmethod
    def load(cls, path: str | os.PathLike) -> KeyedVectors:
        """Read what `save` of these or of FastText's vectors wrote. No file runs code.

        Raises:
            ModelFileError: if the file is not such a file.
        """
        known: list[type[KeyedVectors]] = [KeyedVectors, *KeyedVectors.__subclasses__()]
        kinds = {kind.__name__: kind for kind in known}
        about, tensors = formats.read_archive(path, *kinds)
        try:
            return kinds[about["kind"]]._from_parts(about, tensors)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelFileError("{path!r} is damaged: {reason}.", path=str(path),
                                 reason=error) from error  # fmt: skip

    def _parts(self) -> tuple[dict, dict[str, np.ndarray]]:
        tensors: dict[str, np.ndarray] = {"vectors": self.vectors}
        if self.counts is not None:
            tensors["counts"] = self.counts
        return {"kind": type(self).__name__, "words": self.index_to_key}, tensors

    @classmethod
    def _from_parts(cls, about: dict, tensors: dict[str, np.ndarray]) -> KeyedVectors:
        return cls(about["words"], tensors["vectors"], tensors.get("counts"))
