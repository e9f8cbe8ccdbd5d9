"""A function as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from maeum.core import registry
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.messages import _
from maeum.layers.checks import title
from maeum.layers.layer import Layer


class Lambda(Layer):
    """Apply a function of your own: ``Lambda(lambda x: x ** 2)``.

    The model can be saved if the function is registered (``@maeum.register()``); a function
    without a name cannot be. For anything with weights, write a `Layer`.

    Args:
        function: takes the inputs; also ``mask`` and ``training`` if it has such arguments.
        output_shape: the shape of one output, checked when given.
        mask: the mask of the output, or a function ``(inputs, mask) -> mask``.
        arguments: further arguments for the function, by name.

    Raises:
        ConfigError: if ``function`` is not a function; when saved, if it is not registered.
        ShapeError: if the output does not have the declared shape.

    Example:
        >>> import numpy as np
        >>> Lambda(lambda x: x + 1)(np.ones(3, "float32")).tolist()
        [2.0, 2.0, 2.0]
    """

    supports_masking = False

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if not callable(function):
            raise ConfigError("Lambda takes a function; got {function!r}.", function=function)
        self.function = function
        self.output_shape = output_shape
        self.mask = mask
        self.supports_masking = mask is not None
        self.arguments = dict(arguments or {})

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask that was given, or the one that its function computes."""
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def call(self, inputs: Any, mask: Any = None, training: bool = False) -> Any:
        """Call the function."""
        offered = {"mask": mask, "training": training}
        wanted = _parameters(self.function)
        more = {name: value for name, value in offered.items() if name in wanted}
        outputs = self.function(inputs, **{**self.arguments, **more})
        if self.output_shape is not None and not callable(self.output_shape):
            declared = tuple(self.output_shape)
            actual = tuple(outputs.shape[1:])
            if len(declared) != len(actual) or any(
                n not in (None, m) for n, m in zip(declared, actual)
            ):
                raise ShapeError("{layer} declares output_shape={declared}, but its function gave "
                                 "samples of shape {actual}.", layer=title(self), declared=declared,
                                 actual=actual)  # fmt: skip
        return outputs

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate this layer, if its function is registered."""
        if registry.name_of(self.function) is None:
            raise ConfigError(_(
                "{layer} cannot be saved: its function {function!r} is not registered, and a file "
                "holds no code. Write it with a name under @maeum.register(), or as a Layer.",
                layer=title(self), function=getattr(self.function, '__name__', self.function),
            ))  # fmt: skip
        return super().get_config()


def _parameters(function: Callable[..., Any]) -> frozenset[str]:
    try:
        return frozenset(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # some built-in functions have no signature
        return frozenset()
