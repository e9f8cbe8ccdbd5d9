"""`IntegerLookup`: whole numbers become their numbers in a vocabulary."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError
from maeum.layers.checks import title
from maeum.layers.hashing import check_salt, on_host
from maeum.layers.index_lookup import IndexLookup
from maeum.layers.string_lookup import listed_texts


class IntegerLookup(IndexLookup):
    """The number of each whole number in a vocabulary: identifiers become 0, 1, 2 ...

    Arguments and modes as for `StringLookup`; it is part of the compiled program. With several
    ``num_oov_indices``, an unknown number ``n`` gets number ``n % num_oov_indices`` of these.

    Args:
        max_tokens: the most entries there may be, special ones included.
        num_oov_indices: how many numbers there are for those that are not in the vocabulary. With
            0, such a number is an error; in a compiled program, which cannot raise one, it gets -1.
        mask_token: the number that stands for a missing value.
        oov_token: what unknown numbers are called in the vocabulary.
        vocabulary: the vocabulary, or the path of a text file with one number a line; without
            one, call `adapt`.
        vocabulary_dtype: only ``"int64"`` (numbers have to fit into 32 bits all the same).
        idf_weights: with the mode ``"tf_idf"``, the weights of the vocabulary.
        invert: whether to go back to the numbers of the vocabulary.
        output_mode: ``"int"``, ``"one_hot"``, ``"multi_hot"``, ``"count"`` or ``"tf_idf"``.
        sparse: only False.
        pad_to_max_tokens: whether the vectors always have ``max_tokens`` entries.
        oov_method: with several ``num_oov_indices``, ``"floormod"`` for ``n % num_oov_indices``, or
            ``"farmhash"`` for a hash of the digits, which the program asks the host for.
        salt: one or two whole numbers, for a hash of your own.
        name: the layer's name.

    Raises:
        ConfigError: for arguments that do not go together.
        DataError: for an unknown number if there is no number for it; for one that is not whole
            or does not fit into 32 bits.

    Example:
        >>> lookup = IntegerLookup(vocabulary=[12, 36, 1138])
        >>> lookup(np.array([[12, 1138, 7]])).tolist()
        [[1, 3, 0]]
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: int | Sequence[int] | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        check_choice(vocabulary_dtype, ("int64", "int32"), "vocabulary_dtype")
        super().__init__(name=name, **kwargs)
        self.oov_method = check_choice(oov_method, ("floormod", "farmhash"), "oov_method")
        self.salt = check_salt(salt, self)
        if self.salt is not None and oov_method == "floormod":
            raise ConfigError("A salt belongs to a hash: give oov_method='farmhash', too.")
        self._set_up(
            *(max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights, invert),
            *(output_mode, pad_to_max_tokens, sparse),
        )

    def _as_array(self, x: Any) -> Any:
        if isinstance(x, (np.ndarray, np.generic)):
            self._check_numbers(np.asarray(x))
        return super()._as_array(x)

    def _check_numbers(self, x: np.ndarray) -> None:
        """Raise `DataError` for what would become another number on its way."""
        if x.dtype.kind not in "iuf":
            return
        wrong = x[~_fits(x)]
        if x.dtype.kind == "f" and not wrong.size:
            wrong = x[x != np.floor(x)]
        if wrong.size:
            raise DataError("{layer} takes whole numbers of 32 bits; got {number}. Larger "
                            "identifiers can be looked up as texts, by StringLookup.",
                            layer=title(self), number=wrong[0])  # fmt: skip

    def call(self, inputs: Any) -> jax.Array:
        """Return the indices of whole numbers; inverted, the whole numbers of indices."""
        self._require_vocabulary()
        x = jnp.asarray(inputs)
        x = x if jnp.issubdtype(x.dtype, jnp.integer) else x.astype(jnp.int32)
        known = np.array(self.get_vocabulary(), np.int32)
        if self.invert:
            inside = (x >= 0) & (x < len(known))
            return jnp.where(inside, jnp.asarray(known)[jnp.where(inside, x, 0)], self.oov_token)
        return self._vectors(self._find(x))

    def _listed(self, vocabulary: Any) -> list:
        if isinstance(vocabulary, (str, os.PathLike)):
            vocabulary = [_number(line) for line in listed_texts(vocabulary, "utf-8")]
        entries = np.asarray(vocabulary)
        if entries.size and (entries.dtype.kind not in "iu" or not _fits(entries).all()):
            raise ConfigError("The vocabulary of IntegerLookup has whole numbers of 32 bits; got "
                              "{entries} ... Larger identifiers can be looked up as texts, by "
                              "StringLookup.", entries=entries.ravel()[:3].tolist())  # fmt: skip
        return entries.ravel().tolist()

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs for whole numbers of ``input_shape``."""
        return self._encoded_shape(tuple(input_shape))

    def _find(self, x: jax.Array) -> jax.Array:
        """Return the numbers of entries by binary search; -1 for what is to be ignored."""
        order = np.argsort(np.array(self._entries, np.int64), kind="stable")
        entries = np.array(self._entries, np.int32)[order]
        place = jnp.minimum(jnp.searchsorted(entries, x), len(entries) - 1)
        found = jnp.asarray(order.astype(np.int32))[place] + len(self.specials)
        there = jnp.asarray(entries)[place] == x
        mask = self.mask_token is not None and self.output_mode == "int"
        slots = self._slots(x) if self.num_oov_indices else 0
        unknown = int(mask) + slots if self.num_oov_indices else jnp.full(x.shape, -1)
        masked = jnp.zeros(x.shape, bool) if self.mask_token is None else x == self.mask_token
        numbers = jnp.where(there, found, unknown).astype(jnp.int32)
        if not self.num_oov_indices and not isinstance(x, jax.core.Tracer):
            strange = np.asarray(x)[~np.asarray(there | masked)]
            if strange.size:
                raise self._unknown(strange[0].item())
        return jnp.where(masked, 0 if mask else -1, numbers)

    def _slots(self, x: jax.Array) -> Any:
        """Return which of several numbers each unknown one gets."""
        if self.oov_method == "floormod":
            return x % self.num_oov_indices
        hashed = np.vectorize(self._slot, otypes=[np.int32])
        return on_host(lambda numbers: hashed(np.asarray(numbers)), x)

    def _vectors(self, numbers: jax.Array) -> jax.Array:
        if self.output_mode == "int":
            return numbers
        shape = self._encoded_shape(numbers.shape)
        rows = jax.nn.one_hot(numbers, self.depth, dtype=jnp.float32)
        if self.output_mode == "one_hot":
            return rows.reshape(shape)
        rows = rows.max(-2) if self.output_mode == "multi_hot" else rows.sum(-2)
        if self._idf is not None:
            rows = rows * jnp.asarray(np.pad(self._idf, (0, self.depth - len(self._idf))))
        return rows.reshape(shape)

    def _rows(self, batch: Any) -> list[list]:
        numbers = np.asarray(batch)
        if numbers.dtype.kind not in "iu":
            raise DataError("IntegerLookup takes whole numbers; got {dtype}.", dtype=numbers.dtype)
        self._listed(numbers)
        return numbers.reshape(len(numbers), -1).tolist() if numbers.size else []


def _number(line: str) -> Any:
    try:
        return int(line)
    except ValueError:  # what it is instead is told with the vocabulary
        return line


def _fits(x: np.ndarray) -> np.ndarray:
    """Return which numbers fit into 32 bits."""
    limits = np.iinfo(np.int32)
    return (x >= limits.min) & (x <= limits.max)
