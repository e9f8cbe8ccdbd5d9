"""What a layer says of its inputs: their number of axes, their sizes, their dtype."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from maeum.core.errors import ConfigError, ShapeError
from maeum.core.graph import check_shape, map_structure
from maeum.layers.checks import title


class InputSpec:
    """The dtype, the number of axes and the sizes that an input of a layer must have.

    A layer that sets ``self.input_spec`` (one, or a list with one for each input) refuses other
    inputs when it is called.

    Args:
        dtype: the dtype; any by default.
        shape: the shape, the batch included; None where any size will do.
        ndim: the number of axes; that of ``shape`` if it is given.
        max_ndim: the most axes there may be.
        min_ndim: the fewest.
        axes: sizes by axis, such as ``{-1: 3}``.
        allow_last_axis_squeeze: whether a last axis of size 1 may be there or not.
        name: the key of this input where the inputs are a dict.
        optional: whether None may be given instead.

    Raises:
        TypeError: if ``axes`` is not a dict with whole numbers as keys.
        ConfigError: if ``axes`` names an axis that the inputs cannot have.

    Example:
        >>> InputSpec(ndim=2, axes={-1: 3})
        InputSpec(ndim=2, axes={-1: 3})
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ):
        self.dtype = None if dtype is None else np.dtype(dtype).name
        self.shape = None if shape is None else check_shape(shape, "The shape of InputSpec")
        self.ndim = ndim if self.shape is None else len(self.shape)
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name, self.optional = name, optional
        try:
            self.axes = {int(axis): size for axis, size in dict(axes or {}).items()}
        except (TypeError, ValueError):
            raise TypeError(f"axes of InputSpec: {axes!r}, not a dict of axis to size") from None
        most = self.ndim if self.ndim is not None else self.max_ndim
        if self.axes and most is not None and max(self.axes) >= most:
            raise ConfigError("InputSpec names the axis {axis}, and there are {most} axes.",
                              axis=max(self.axes), most=most)  # fmt: skip

    def check(self, x: Any, layer: Any) -> None:
        """Raise `ShapeError` unless ``x`` is an input as it is described here.

        Args:
            x: an array or a symbolic tensor.
            layer: the layer that is called with it; messages name it.
        """
        if x is None and self.optional:
            return
        shape = tuple(getattr(x, "shape", np.shape(x)))
        if self.shape is not None and not _fits(self.shape, shape, self.allow_last_axis_squeeze):
            wrong = True
        else:
            exact = None if self.allow_last_axis_squeeze else self.ndim
            wrong = (
                (exact is not None and len(shape) != exact)
                or (self.max_ndim is not None and len(shape) > self.max_ndim)
                or (self.min_ndim is not None and len(shape) < self.min_ndim)
                or any(
                    not -len(shape) <= axis < len(shape) or shape[axis] not in (size, None)
                    for axis, size in self.axes.items()
                    if size is not None
                )
                or (self.dtype is not None and np.dtype(x.dtype) != np.dtype(self.dtype))
            )
        if wrong:
            raise ShapeError("{layer} takes inputs that fit {spec}; got shape {shape} and dtype "
                             "{dtype}.", layer=title(layer), spec=self, shape=shape,
                             dtype=getattr(x, "dtype", type(x).__name__))  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this description again."""
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes", "optional")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> InputSpec:
        """Make a description from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes")
        known = [f"{name}={getattr(self, name)}" for name in names if getattr(self, name)]
        return f"InputSpec({', '.join(known)})"


def _fits(wanted: tuple, shape: tuple, squeeze: bool) -> bool:
    if squeeze:
        wanted, shape = (s[:-1] if s[-1:] == (1,) else s for s in (wanted, shape))
    pairs = zip(wanted, shape)
    return len(wanted) == len(shape) and all(a is None or b in (a, None) for a, b in pairs)


def check_inputs(specs: Any, inputs: Any, layer: Any) -> None:
    """Raise `ShapeError` unless the inputs of a layer are as its ``input_spec`` describes them."""
    described = list(specs) if isinstance(specs, (list, tuple)) else [specs]
    if isinstance(inputs, Mapping):
        names = [getattr(spec, "name", None) for spec in described]
        missing = [name for name in names if name is not None and name not in inputs]
        if missing:
            raise ShapeError("{layer} takes a dict with {names}; got one with {keys}.",
                             layer=title(layer), names=names, keys=sorted(inputs))  # fmt: skip
        inputs = [inputs[name] for name in names] if all(names) else list(inputs.values())
    given: list[Any] = []
    map_structure(given.append, inputs)
    if len(given) != len(described):
        raise ShapeError("{layer} takes {n} inputs; got {given}.", layer=title(layer),
                         n=len(described), given=len(given))  # fmt: skip
    for spec, x in zip(described, given):
        if spec is not None:
            spec.check(x, layer)
