"""The embedding: a table of vectors, looked up by index."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import jax
import numpy as np

from maeum import ops
from maeum.core.errors import DataError
from maeum.layers.checks import title, whole_number
from maeum.layers.declared_weights import declares_weights
from maeum.layers.layer import Layer
from maeum.ops.arrays import is_traced

# The numbers of the rows that are looked at, if they do not begin with 0.
_rows: ContextVar[Any] = ContextVar("rows", default=None)


@declares_weights("embeddings", after="output_dim", activity_regularizer=False)
class Embedding(Layer):
    """Turn indices into vectors that are learned; shapes ``(...) -> (..., output_dim)``.

    An index outside 0 to ``input_dim - 1`` is an error. Inside a compiled program, which cannot
    raise one, its vector is NaN; ``fit``, ``evaluate`` and ``predict`` then say which row has it.

    Args:
        input_dim: the size of the vocabulary: the largest index plus 1.
        output_dim: the size of a vector.
        embeddings_initializer: the initial value of the table ``(input_dim, output_dim)``.
        embeddings_regularizer: a penalty on the table.
        embeddings_constraint: what the table must satisfy after each step.
        mask_zero: whether index 0 is padding, which later layers ignore.
        weights: the initial value of the table as an array, or a list with it.
        input_length: the length of the sequences, if this is the first layer (older code).

    Raises:
        ConfigError: for sizes that are not whole numbers above 0.
        DataError: for an index outside the vocabulary.

    Example:
        >>> import numpy as np
        >>> Embedding(1000, 8)(np.array([[1, 2, 999]])).shape
        (1, 3, 8)
    """

    undescribed = frozenset({"weights"})  # which are saved as weights
    fixed_by_build = frozenset({"input_dim", "output_dim"})

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        mask_zero: bool = False,
        weights: Any = None,
        *,
        input_length: int | None = None,
        **kwargs: Any,
    ):
        if input_length is not None:
            kwargs.setdefault("input_shape", (input_length,))
        super().__init__(**kwargs)
        self.input_dim = whole_number(input_dim, "input_dim", 1, self)
        self.output_dim = whole_number(output_dim, "output_dim", 1, self)
        self.mask_zero = bool(mask_zero)
        if weights is not None:
            self.build()
            self.set_weights(list(weights) if isinstance(weights, (list, tuple)) else [weights])

    @property
    def supports_masking(self) -> bool:  # type: ignore[override]
        """Whether index 0 is padding."""
        return self.mask_zero

    def build(self, input_shape: Any = None) -> None:
        """Make the table."""
        self.embeddings = self.add_weight("embeddings", (self.input_dim, self.output_dim))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return which indices are not padding, if ``mask_zero``."""
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    casts_inputs = False  # indices given as floats keep their digits

    def _as_array(self, x: Any) -> Any:
        if isinstance(x, np.ndarray) and x.dtype.kind in "iu" and x.dtype.itemsize > 4:
            self._check_indices(x)  # before they are cut to 32 bits
        return super()._as_array(x)

    def call(self, x: jax.Array) -> jax.Array:
        """Look up the vectors of ``x``."""
        if not is_traced(x):
            self._check_indices(np.asarray(x))
        return ops.embedding(x, self.embeddings)

    def _check_indices(self, x: np.ndarray) -> None:
        outside = ~((x >= 0) & (x < self.input_dim))
        if not outside.any():
            return
        place = np.argwhere(outside)[0]
        rows, row = _rows.get(), int(place[0]) if x.ndim else 0
        raise DataError("{layer} has a vocabulary of {input_dim}, so indices go from 0 to "
                        "{last}; row {row} has {index:g}. Raise input_dim, or map rare and unknown "
                        "values to an index of their own.", layer=title(self),
                        input_dim=self.input_dim, last=self.input_dim - 1,
                        row=row if rows is None else int(rows[row]),
                        index=float(x[tuple(place)]))  # fmt: skip


def check_vocabularies(model: Any, x: Any, rows: Any) -> None:
    """Raise `DataError` if a model gets an index that is not in the vocabulary of an `Embedding`.

    Args:
        model: the model; what has no embedding is not looked at.
        x: some of its inputs. It is run on them operation by operation.
        rows: the numbers of these rows, for the message.
    """
    if not has_vocabulary(model):
        return
    token = _rows.set(rows)
    try:
        with jax.disable_jit():
            model(x, training=False)
    finally:
        _rows.reset(token)


def has_vocabulary(model: Any) -> bool:
    """Tell whether a model has an `Embedding`."""
    return any(isinstance(layer, Embedding) for layer in model.named_layers().values())
