"""`StringLookup`: texts become their numbers in a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.layers.hashing import check_salt
from maeum.layers.host_layer import HostLayer, text_array
from maeum.layers.index_lookup import IndexLookup


class StringLookup(IndexLookup, HostLayer):
    """The number of each text in a vocabulary; nothing is cut or changed.

    In the mode ``"int"`` the shape stays; ``"one_hot"`` gives a vector for each text (an axis of
    one is taken for it), ``"multi_hot"``, ``"count"`` and ``"tf_idf"`` one for each row (the last
    axis). The layer runs on the host: in a model it comes after ``Input(..., dtype="string")``,
    and what it returns is a NumPy array.

    Args:
        max_tokens: the most entries there may be, special ones included.
        num_oov_indices: how many numbers there are for texts that are not in the vocabulary. With
            several, a text always gets the same one, by a hash: that of Keras. With 0, such a text
            is an error.
        mask_token: the text that stands for a missing value: number 0 in the mode ``"int"``,
            excluded in the others.
        oov_token: what unknown texts are called in the vocabulary.
        vocabulary: the vocabulary; see `set_vocabulary`. Without one, call `adapt`.
        idf_weights: with the mode ``"tf_idf"``, the weights of the vocabulary.
        invert: whether to go from numbers to texts; such a layer cannot be part of a model.
        output_mode: ``"int"``, ``"one_hot"``, ``"multi_hot"``, ``"count"`` or ``"tf_idf"``.
        pad_to_max_tokens: whether the vectors always have ``max_tokens`` entries.
        sparse: only False.
        encoding: that of bytes.
        name: the layer's name.
        salt: one or two whole numbers, for a hash of your own.

    Raises:
        ConfigError: for arguments that do not go together.
        DataError: for an input that is not text; for an unknown one if there is no number for it.

    Example:
        >>> lookup = StringLookup(vocabulary=["a", "b", "c"])
        >>> lookup([["a", "c"], ["d", "b"]]).tolist()
        [[1, 3], [0, 2]]
        >>> StringLookup(vocabulary=lookup.get_vocabulary(), invert=True)([3, 0]).tolist()
        ['c', '[UNK]']
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: int | Sequence[int] | None = None,
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        self.encoding = encoding
        self.salt = check_salt(salt, self)
        self._set_up(
            *(max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights, invert),
            *(output_mode, pad_to_max_tokens, sparse),
        )
        if self.invert:
            self.input_dtype, self.output_dtype = None, "string"
        elif self.first_shape is None:
            self.first_shape = (None, 1)

    def call(self, inputs: Any) -> Any:
        """Return the numbers of texts (or, inverted, the texts of numbers)."""
        self._require_vocabulary()
        if self.invert:
            return self._texts(inputs)
        texts, shape = text_array(inputs, self.encoding)
        numbers = np.array(self.lookup(texts), np.int32).reshape(shape)
        return self._in_mode(numbers)

    def _texts(self, inputs: Any) -> np.ndarray:
        numbers = np.asarray(inputs)
        if numbers.dtype.kind not in "iu":
            raise DataError("StringLookup(invert=True) takes whole numbers; got {dtype}.",
                            dtype=numbers.dtype)  # fmt: skip
        known = np.array(self.get_vocabulary(), dtype=object)
        inside = (numbers >= 0) & (numbers < len(known))
        return np.where(inside, known[np.where(inside, numbers, 0)], self.oov_token)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs for texts of ``input_shape``."""
        return self._encoded_shape(tuple(input_shape))

    def _listed(self, vocabulary: Any) -> list:
        return listed_texts(vocabulary, self.encoding)

    def _rows(self, batch: Any) -> list[list]:
        texts, shape = text_array(batch, self.encoding)
        width = int(np.prod(shape[1:])) if len(shape) > 1 else 1
        return [texts[i : i + width] for i in range(0, len(texts), width)] if width else []


def listed_texts(vocabulary: Any, encoding: str) -> list[str]:
    """Return the entries of a vocabulary of texts: a list, a `Vocabulary` or a file."""
    from maeum.text.vocabulary import Vocabulary

    if isinstance(vocabulary, str) or hasattr(vocabulary, "__fspath__"):
        vocabulary = Vocabulary.load(vocabulary)
    if isinstance(vocabulary, Vocabulary):
        return [token for token in vocabulary if token not in vocabulary.specials]
    return text_array(vocabulary, encoding)[0]
