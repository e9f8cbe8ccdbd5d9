"""What layers on images, sequences and volumes have in common."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from maeum.core.errors import ConfigError, ShapeError
from maeum.layers.checks import check_data_format, exact_rank, is_shape, title
from maeum.layers.declared_weights import by_name
from maeum.layers.layer import Layer
from maeum.ops.windows import resolve

C = TypeVar("C", bound=type)


def with_defaults(*order: str, **defaults: Any) -> Callable[[C], C]:
    """Give the ``__init__`` of a class other defaults: ``(1, 1)`` for 1, as Keras shows them.

    Args:
        order: two arguments, of which the first stands behind the second from now on.
        defaults: the defaults by argument.
    """

    def decorate(cls: C) -> C:
        written = cls.__init__  # type: ignore[misc]
        parameters = {
            name: p.replace(default=defaults.get(name, p.default))
            for name, p in inspect.signature(written).parameters.items()
        }
        names = list(parameters)
        if order:
            names.remove(order[0])
            names.insert(names.index(order[1]) + 1, order[0])
        signature = inspect.Signature([parameters[name] for name in names])

        @functools.wraps(written)
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            written(self, **defaults | by_name(signature, args, kwargs))

        __init__.__signature__ = signature  # type: ignore[attr-defined]
        cls.__init__ = __init__  # type: ignore[misc]
        return cls

    return decorate


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


class Spatial(Layer):
    """Base of the layers whose inputs have a batch, ``rank`` spatial axes and channels.

    Args:
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
    """

    rank = 2
    padding: Any = "valid"

    def __init__(self, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = check_data_format(data_format)

    for_one_axis: tuple[
        str, ...
    ] = ()  # arguments with one entry for each axis, alone if there is one

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this layer again, sizes as tuples."""
        config = {name: _tuples(value) for name, value in super().get_config().items()}
        for name in self.for_one_axis if self.rank == 1 else ():
            [config[name]] = config[name]
        return config

    @property
    def channel_axis(self) -> int:
        """The axis of the channels."""
        return -1 if self.data_format == "channels_last" else 1

    @property
    def spatial_axes(self) -> tuple[int, ...]:
        """The axes between which a window moves."""
        first = 1 if self.data_format == "channels_last" else 2
        return tuple(range(first, first + self.rank))

    def around(self, spatial: Sequence[Any], other: Any) -> tuple:
        """Return one entry for each axis: ``spatial``, and ``other`` for batch and channels."""
        last = self.data_format == "channels_last"
        return (other, *spatial, other) if last else (other, other, *spatial)

    def build(self, input_shape: Any) -> None:
        """Check the shape."""
        self.check_shape(input_shape)

    def check_window(
        self, input_shape: Any, size: Sequence[int], dilation: Sequence[int] | None = None
    ) -> None:
        """Raise `ShapeError` if a window is larger than an axis whose size is known."""
        for axis, k, d in zip(self.spatial_axes, size, dilation or (1,) * self.rank):
            if input_shape[axis] is not None:
                resolve((input_shape[axis],), (k,), (1,), self.padding, (d,))

    def _check_inputs(self, inputs: Any) -> None:
        super()._check_inputs(inputs)
        self.check_shape(getattr(inputs, "shape", [inputs]))

    def check_shape(self, shape: Any) -> None:
        """Raise `ShapeError` if an input's shape has another number of axes."""
        if not is_shape(shape):
            raise ShapeError("{layer} takes one array, not a list of several. Join them with "
                             "Concatenate, or turn a list of numbers into np.array(...).",
                             layer=title(self))  # fmt: skip
        exact_rank(shape, self.rank + 2, self)


def check_dilation(layer: Any) -> None:
    """Raise `ConfigError` if strides and dilation are both above 1, as Keras does."""
    if max(layer.strides) > 1 and max(layer.dilation_rate) > 1:
        raise ConfigError("{layer} takes strides or a dilation_rate above 1, not both; got "
                          "strides={strides} and dilation_rate={dilation_rate}.",
                          layer=title(layer), strides=layer.strides,
                          dilation_rate=layer.dilation_rate)  # fmt: skip
