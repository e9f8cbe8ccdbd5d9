"""Layers that take texts: they run in Python on the host, before the compiled program."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core import graph
from maeum.core.errors import ConfigError, DataError
from maeum.core.hosting import is_text
from maeum.core.messages import _
from maeum.layers.checks import title
from maeum.layers.layer import Layer


class HostLayer(Layer):
    """Base of the layers that take texts, yours included.

    Write ``call(inputs)`` in plain Python, for an array of objects (or whatever was given), and
    ``compute_output_shape``; ``output_dtype`` says what comes out (``"string"`` for texts). In a
    model such a layer comes after an ``Input(shape, dtype="string")``: the model calls it on
    the host, and hands what it returns to the program. It has no weights; what it learned stands
    in its ``get_config``.

    Example:
        >>> class Lengths(HostLayer):
        ...     def call(self, inputs):
        ...         texts, shape = text_array(inputs)
        ...         return np.array([len(text) for text in texts], "int32").reshape(shape)
        ...     def compute_output_shape(self, input_shape):
        ...         return input_shape
        >>> Lengths()(["so", "long"]).tolist()
        [2, 4]
    """

    output_dtype = "int32"
    # What `Sequential` begins with.
    input_dtype: str | None = "string"  # type: ignore[assignment]

    def __init__(self, *, dtype: Any = None, **kwargs: Any):
        # Keras's code says dtype="string" here; there is nothing to compute in any dtype.
        super().__init__(**kwargs)
        self.built = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; on symbolic inputs, record a node and return symbolic outputs."""
        if graph.symbolic_leaves((args, kwargs)):
            return super().__call__(*args, **kwargs)
        if any(isinstance(leaf, jax.core.Tracer) for leaf in (*args, *kwargs.values())):
            raise ConfigError("{layer} works in Python on the host, so it cannot stand inside a "
                              "compiled program. In a functional model or a Sequential put it "
                              "right behind Input(shape, dtype='string'); in a call() of your own, "
                              "take numbers, and call the layer before fit.",
                              layer=title(self))  # fmt: skip
        made = self.call(*args, **kwargs)
        numbers = isinstance(made, np.ndarray) and made.dtype.kind in "biuf"
        return jnp.asarray(made) if numbers else made

    def _infer(self, args: tuple, kwargs: dict) -> Any:
        """Return the symbolic outputs, from the shapes alone."""
        [tensor] = graph.symbolic_leaves((args, kwargs))
        if self.input_dtype == "string" and not is_text(tensor):
            raise ConfigError("{layer} takes texts, and its input is {dtype}. Begin with "
                              "Input(shape=(1,), dtype='string').", layer=title(self),
                              dtype=tensor.dtype.name)  # fmt: skip
        shape = self.compute_output_shape(tensor.shape)
        return graph.SymbolicTensor(shape, self.output_dtype, self.name)


def text_array(inputs: Any, encoding: str = "utf-8") -> tuple[list[str], tuple[int, ...]]:
    """Return the texts of an input one after the other, and its shape.

    Args:
        inputs: a text; or an array, list (of lists ...), table or column of texts or bytes.
        encoding: that of bytes.

    Raises:
        DataError: if an entry is not text.
    """
    array = np.asarray(inputs, dtype=object)
    texts = array.ravel().tolist()
    for place, text in enumerate(texts):
        if isinstance(text, str):
            continue
        if not isinstance(text, bytes):
            where = np.unravel_index(place, array.shape) if array.ndim else ()
            row = _("Row {n}", n=where[0]) if where else _("The input")
            raise DataError("{row} is {text!r}, which is not text. Fill in or drop what is missing "
                            "first (pandas: fillna('')); turn numbers into texts with str().",
                            row=row, text=text)  # fmt: skip
        texts[place] = decoded(text, encoding, place)
    return texts, array.shape


def decoded(data: bytes, encoding: str, row: int) -> str:
    """Return the text of some bytes, or raise `DataError` naming the byte that does not fit."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError("Row {row} holds the byte 0x{byte:02x} at position {position}, which is "
                        "not {encoding}. Say what the bytes are: encoding='cp949' or 'latin-1'.",
                        row=row, byte=data[error.start], position=error.start,
                        encoding=encoding) from None  # fmt: skip
