"""``tf.strings``: the basics. Texts are bytes, as TensorFlow has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from maeum.compat.graph.graph import Tensor
from maeum.compat.ops.recording import as_bytes, exported, op


def _each(name: str, function: Callable[..., Any], doc: str, dtype: Any = "string") -> Callable:
    """Return a function of each text."""

    @op(name, host=True, outputs=lambda x, *_: [Tensor(x.shape, dtype)])
    def compute(input: Any, options: tuple, name: Any = None) -> Any:
        texts = as_bytes(np.asarray(input, object))
        found = np.empty(texts.shape, object)
        for place, text in np.ndenumerate(texts):
            found[place] = function(text, *options)
        return _Text.of(found) if dtype == "string" else found.astype("int32")

    def called(input: Any, *options: Any, name: str | None = None) -> Any:
        return compute(input, options, name=name)

    called.__name__, called.__doc__ = name, doc
    return called


class _Text(bytes):
    """A text that also has ``numpy()``."""

    @classmethod
    def of(cls, array: np.ndarray) -> Any:
        """Return a single text as itself, several as an array."""
        return cls(array.item()) if array.ndim == 0 else array

    def numpy(self) -> bytes:
        """Return the text."""
        return bytes(self)


lower = _each("lower", bytes.lower, "Each text in small letters.")
upper = _each("upper", bytes.upper, "Each text in capitals.")
strip = _each("strip", bytes.strip, "Each text without the spaces around it.")
length = _each("length", len, "The number of bytes of each text.", "int32")


@op("StringJoin", arrays=0, host=True)
def join(inputs: Any, separator: str = "", name: Any = None) -> Any:
    """Texts one behind the other."""
    parts = [as_bytes(np.asarray(one, object)) for one in inputs]
    return _Text.of(np.asarray(separator.encode().join(part.item() for part in parts), object))


__all__ = exported(globals())
