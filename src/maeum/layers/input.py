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
        sparse: only False or None: inputs are dense.
        ragged: only False or None.
        batch_shape: the shape with the batch axis, instead of ``shape`` and ``batch_size``.
        input_tensor: a symbolic tensor that becomes this input, instead of a new one.
        optional: whether the model may be called without this input.
        name: the name of the input.

    Raises:
        ConfigError: if no shape is given, or two; for a tensor that has another one.
        ShapeError: for an invalid shape.
    """

    supports_masking = True
    fixed_by_build = frozenset({"batch_shape"})
    undescribed = frozenset({"shape", "batch_size", "input_tensor"})  # the batch_shape says it

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Any = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ):
        shape = kwargs.pop("input_shape", shape)
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        if input_tensor is not None:
            dtype, batch_shape = _as_tensor(input_tensor, shape, batch_size, dtype, batch_shape)
            shape = batch_size = None
        super().__init__(name=name, dtype=graph.tensor_dtype(dtype or settings.floatx), **kwargs)
        self.sparse, self.ragged, self.optional = bool(sparse), bool(ragged), bool(optional)
        if self.sparse or self.ragged:
            raise ConfigError("The inputs of a model are dense arrays; omit sparse and ragged. Pad "
                              "sequences of different lengths with pad_sequences.")  # fmt: skip
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
        tensor = input_tensor
        if tensor is None:
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
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: Any = None,
    optional: bool = False,
) -> graph.SymbolicTensor:
    """Return a symbolic tensor with which a model begins.

    Args:
        shape: the shape of one input, without the batch axis; None where unknown.
        batch_size: the size of the batch axis, if it is always the same.
        dtype: the dtype of the input; float32 by default. ``"string"`` is for texts, which a
            layer such as `layers.TextVectorization` has to take.
        sparse: only False or None: inputs are dense.
        ragged: only False or None.
        batch_shape: the shape with the batch axis, instead of ``shape`` and ``batch_size``.
        name: the name of the input.
        tensor: a symbolic tensor that becomes this input, instead of a new one.
        optional: whether the model may be called without this input.

    Example:
        >>> Input((30,)).shape
        (None, 30)
    """
    return InputLayer(
        shape, batch_size, dtype, sparse, ragged, batch_shape, tensor, optional, name
    ).output


def _as_tensor(tensor: Any, shape: Any, batch_size: Any, dtype: Any, batch_shape: Any) -> tuple:
    """Return the dtype and the shape of a tensor, or say that others were asked for."""
    if not graph.is_symbolic(tensor):
        raise ConfigError("An input is made of a symbolic tensor; got {tensor!r}.", tensor=tensor)
    wanted = {"shape": shape, "batch_size": batch_size, "dtype": dtype, "batch_shape": batch_shape}
    has = {"shape": tensor.shape[1:], "batch_size": (*tensor.shape, None)[0],
           "dtype": tensor.dtype, "batch_shape": tensor.shape}  # fmt: skip
    for name, value in wanted.items():
        value = tuple(value) if isinstance(value, list) else value
        if value is not None and value != has[name]:
            raise ConfigError("{tensor!r} becomes an input; {name}={value!r} does not fit it.",
                              tensor=tensor, name=name, value=value)  # fmt: skip
    return tensor.dtype, tensor.shape
