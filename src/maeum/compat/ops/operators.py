"""The operators of tensors: ``x + y``, ``x[1:]``, ``x < y`` and the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from maeum.compat.graph.graph import Tensor
from maeum.compat.ops import maths
from maeum.compat.ops.places import getitem

_BINARY = {
    "add": ("add", maths.add), "sub": ("sub", maths.subtract), "mul": ("mul", maths.multiply),
    "truediv": ("truediv", maths.divide), "floordiv": ("floordiv", maths.floordiv),
    "mod": ("mod", maths.floormod), "pow": ("pow", maths.pow), "matmul": ("matmul", maths.matmul),
    "and": ("and", maths.logical_and), "or": ("or", maths.logical_or),
    "xor": ("xor", maths.logical_xor),
}  # fmt: skip
_COMPARISONS = {
    "lt": ("Less", maths.less), "le": ("LessEqual", maths.less_equal),
    "gt": ("Greater", maths.greater), "ge": ("GreaterEqual", maths.greater_equal),
}  # fmt: skip
_UNARY = {
    "neg": ("Neg", maths.negative), "abs": ("Abs", maths.abs),
    "invert": ("LogicalNot", maths.logical_not),
}  # fmt: skip


def _binary(function: Callable, name: str, reflected: bool = False) -> Callable:
    def method(self: Any, other: Any) -> Any:
        return function(other, self, name=name) if reflected else function(self, other, name=name)

    return method


def _unary(function: Callable, name: str) -> Callable:
    return lambda self: function(self, name=name)


def _getitem(self: Any, index: Any) -> Any:
    def part(item: Any) -> Any:
        if isinstance(item, slice):
            return ("slice", item.start, item.stop, item.step)
        return "..." if item is Ellipsis else item

    parts = index if isinstance(index, tuple) else (index,)
    return getitem(self, tuple(map(part, parts)))


def _same(self: Any, other: object) -> bool:
    return self is other


def _other(self: Any, other: object) -> bool:
    return self is not other


for _method, (_name, _function) in _BINARY.items():
    setattr(Tensor, f"__{_method}__", _binary(_function, _name))
    setattr(Tensor, f"__r{_method}__", _binary(_function, _name, reflected=True))
for _method, (_name, _function) in _COMPARISONS.items():
    setattr(Tensor, f"__{_method}__", _binary(_function, _name))
for _method, (_name, _function) in _UNARY.items():
    setattr(Tensor, f"__{_method}__", _unary(_function, _name))
Tensor.__getitem__ = _getitem  # type: ignore[attr-defined, misc]
# Tensors of a graph are compared as objects, so that they can be the keys of a feed_dict.
Tensor.__eq__, Tensor.__ne__ = _same, _other  # type: ignore[method-assign, assignment]
Tensor.__hash__ = object.__hash__  # type: ignore[method-assign, assignment]
