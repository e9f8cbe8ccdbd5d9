"""Where a model begins: `Input` and the layer behind it."""

from __future__ import annotations

from typing import Any

from maeum.core import graph
from maeum.core.errors import ConfigError
from maeum.core.settings import settings
from maeum.layers.layer import Layer


class InputLayer(Layer):
    """An input of the model, as a layer.

    Args:
        shape: the shape of one input, without the batch axis; None where unknown.
        batch_size: the size of the batch axis, if it is always the same.
        dtype: the dtype of the input; float32 by default. ``"string"`` is for texts, which a
            layer such as `layers.TextVectorization` has to take.
        name: the name of the input.
        batch_shape: the shape with the batch axis, instead of ``shape`` and ``batch_size``.

    Raises:
        ConfigError: if no shape is given, or two.
        ShapeError: for an invalid shape.
    """

    supports_masking = True
    fixed_by_build = frozenset({"batch_shape"})

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        name: str | None = None,
        batch_shape: Any = None,
    ):
        super().__init__(name=name, dtype=graph.tensor_dtype(dtype or settings.floatx))
        if batch_shape is not None:
            if shape is not None or batch_size is not None:
                raise ConfigError("Input takes shape (without the batch axis) or batch_shape (with "
                                  "it), not both; got shape={shape!r}, batch_size={batch_size!r} "
                                  "and batch_shape={batch_shape!r}.", shape=shape,
                                  batch_size=batch_size, batch_shape=batch_shape)  # fmt: skip
        elif shape is None:
            raise ConfigError("Input needs the shape of one input, such as Input((30,)).")
        else:
            batch_shape = (batch_size, *graph.check_shape(shape, "The shape of Input"))
        self.batch_shape = graph.check_shape(batch_shape, "The batch_shape of Input")
        self.built = True
        tensor = graph.SymbolicTensor(self.batch_shape, self.dtype, self.name)
        self._nodes.append(graph.Node(self, (), {}, tensor))

    def call(self, inputs: Any) -> Any:
        """Return the inputs themselves."""
        return inputs

    @property
    def input(self) -> graph.SymbolicTensor:
        """The symbolic tensor of this input."""
        return self.output


def Input(
    shape: Any = None,
    batch_size: int | None = None,
    dtype: Any = None,
    name: str | None = None,
    batch_shape: Any = None,
) -> graph.SymbolicTensor:
    """Return a symbolic tensor with which a model begins.

    Args:
        shape: the shape of one input, without the batch axis; None where unknown.
        batch_size: the size of the batch axis, if it is always the same.
        dtype: the dtype of the input; float32 by default. ``"string"`` is for texts, which a
            layer such as `layers.TextVectorization` has to take.
        name: the name of the input.
        batch_shape: the shape with the batch axis, instead of ``shape`` and ``batch_size``.

    Example:
        >>> Input((30,)).shape
        (None, 30)
    """
    return InputLayer(shape, batch_size, dtype, name, batch_shape).output
