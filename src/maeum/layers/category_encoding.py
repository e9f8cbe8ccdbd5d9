"""`CategoryEncoding`: whole numbers become vectors; and what other layers share with it."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError
from maeum.layers.checks import argument, title, whole_number
from maeum.layers.layer import Layer
from maeum.ops.arrays import is_traced


class CategoryEncoding(Layer):
    """Turn categories, numbered from 0, into vectors of ``num_tokens`` numbers.

    ``"one_hot"`` gives a vector for each category (an axis of one is taken for it):
    ``(...) -> (..., num_tokens)``. ``"multi_hot"`` gives one for each row, with 1 for each category
    that is in it, and ``"count"`` how often: ``(batch, n) -> (batch, num_tokens)``.

    Args:
        num_tokens: the number of categories.
        output_mode: ``"multi_hot"``, ``"one_hot"`` or ``"count"``.
        sparse: only False.

    Call arguments:
        inputs: whole numbers from 0 to ``num_tokens - 1``.
        count_weights: with ``"count"``, how much each entry counts; of the inputs' shape.

    Raises:
        ConfigError: for arguments that do not go together.
        DataError: for other numbers; in a compiled program, which cannot raise one, they are not
            encoded.

    Example:
        >>> import numpy as np
        >>> CategoryEncoding(4, "count")(np.array([[3, 1, 3], [0, 0, 0]])).tolist()
        [[0.0, 1.0, 0.0, 2.0], [3.0, 0.0, 0.0, 0.0]]
    """

    fixed_by_build = frozenset({"num_tokens", "output_mode"})

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if num_tokens is None:
            raise ConfigError("CategoryEncoding needs num_tokens, the number of categories. Where "
                              "it is not known, IntegerLookup finds it by adapt.")  # fmt: skip
        self.num_tokens = whole_number(num_tokens, "num_tokens", 1, self)
        self.output_mode = check_mode(output_mode, ("count", "one_hot", "multi_hot"), self)
        self.sparse = refuse_sparse(sparse, self)

    def call(self, inputs: Any, count_weights: Any = None) -> jax.Array:
        """Encode whole numbers."""
        if count_weights is not None and self.output_mode != "count":
            raise ConfigError("count_weights go with output_mode='count'; {layer} has {mode!r}.",
                              layer=title(self), mode=self.output_mode)  # fmt: skip
        x = jnp.asarray(inputs)
        x = x if jnp.issubdtype(x.dtype, jnp.integer) else x.astype(jnp.int32)
        if x.size and not is_traced(x):
            known = np.asarray((x >= 0) & (x < self.num_tokens))
            if not known.all():
                raise DataError("{layer} takes whole numbers from 0 to {last}; got {number}.",
                                layer=title(self), last=self.num_tokens - 1,
                                number=np.asarray(x)[~known][0].item())  # fmt: skip
        return encoded(x, self.output_mode, self.num_tokens, self.dtype, count_weights)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs for whole numbers of ``input_shape``."""
        return encoded_shape(tuple(input_shape), self.output_mode, self.num_tokens)


def encoded(x: Any, mode: str, depth: int, dtype: Any, weights: Any = None) -> Any:
    """Return whole numbers in an output mode; what is outside 0 to ``depth - 1`` is ignored.

    Args:
        x: whole numbers.
        mode: ``"int"`` (as they are), ``"one_hot"``, ``"multi_hot"`` or ``"count"``.
        depth: the size of a vector.
        dtype: that of the result.
        weights: with ``"count"``, how much each counts.
    """
    x = jnp.asarray(x)
    if mode == "int":
        return x.astype(dtype)
    if mode == "one_hot" and x.ndim > 1 and x.shape[-1] == 1:
        x = x[..., 0]
    each = jax.nn.one_hot(x, depth, dtype=dtype)
    if mode == "one_hot":
        return each
    if weights is not None:
        each = each * jnp.asarray(weights, dtype)[..., None]
    if x.ndim == 0:
        return each
    row = min(x.ndim - 1, 1)
    return each.max(row) if mode == "multi_hot" else each.sum(row)


def encoded_shape(shape: tuple, mode: str, depth: int) -> tuple:
    """Return the shape of what `encoded` returns."""
    if mode == "int":
        return shape
    if mode == "one_hot":
        return (*(shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape), depth)
    return (*shape[:1], *shape[2:], depth) if len(shape) > 1 else (depth,)


def check_mode(mode: Any, known: tuple[str, ...], layer: Any) -> str:
    """Return an output mode, in its newer spelling, or raise `UnknownNameError`."""
    mode = "multi_hot" if mode == "binary" else mode
    return check_choice(mode, known, argument("output_mode", layer))


def refuse_sparse(sparse: bool, layer: Any) -> bool:
    """Return False, or raise `ConfigError`: there are no sparse arrays."""
    if sparse:
        raise ConfigError("{layer} returns dense arrays; there are no sparse ones on the way to a "
                          "compiled program. Omit sparse.",
                          layer=type(layer).__name__)  # fmt: skip
    return False
