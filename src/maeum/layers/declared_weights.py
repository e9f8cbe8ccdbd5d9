"""Weights that a layer declares once, and the arguments that follow from them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np

from maeum import constraints, initializers, regularizers
from maeum.core import graph
from maeum.core.config import unchanged
from maeum.core.errors import ConfigError
from maeum.core.module import Module
from maeum.core.variable import Variable
from maeum.layers.checks import title

C = TypeVar("C", bound=type)

_SHAPE_FIRST = ("shape", "initializer", "dtype")  # Keras's order

_GET: dict[str, Callable[[Any], Any]] = {
    "initializer": initializers.get,
    "regularizer": regularizers.get,
    "constraint": constraints.get,
}
# Keras's defaults; Glorot's uniform one for all others.
_INITIALIZERS = {
    **dict.fromkeys(("alpha", "beta", "bias"), "zeros"),
    "embeddings": "uniform",
    "gamma": "ones",
    "recurrent": "orthogonal",
}


def declares_weights(
    *names: str, after: str | tuple[str, str], activity_regularizer: bool = True
) -> Callable[[C], C]:
    """Give the ``__init__`` of a layer class an initializer, regularizer and constraint for each.

    ``@declares_weights("kernel", "bias", after="use_bias")`` adds, in Keras's order,
    ``kernel_initializer``, ``bias_initializer``, ``kernel_regularizer``, ``bias_regularizer``,
    ``activity_regularizer``, ``kernel_constraint`` and ``bias_constraint``. What they stand for is
    held as attributes, and ``add_weight("kernel", shape)`` takes it from there (those of
    ``"recurrent"`` serve a weight called ``"recurrent_kernel"`` too). The ``__init__`` that the
    class writes hands its ``**kwargs`` to its base, and names none of them.

    Args:
        names: the weights.
        after: the argument behind which they stand; or a pair, where other arguments stand
            between the initializers and the regularizers: the last of those is the second.
        activity_regularizer: whether that of the layer stands among them, as in Keras.
    """
    first, last = (after, after) if isinstance(after, str) else after

    def decorate(cls: C) -> C:
        inherited = getattr(cls, "declared_weights", ())
        written = cls.__init__  # type: ignore[misc]
        signature = inspect.signature(written)
        parameters = list(signature.parameters.values())
        place, then = ([p.name for p in parameters].index(name) + 1 for name in (first, last))
        parts = [[_parameter(f"{name}_{kind}") for name in names] for kind in _GET]
        own = [p for part in parts for p in part if p.name.rpartition("_")[0] not in inherited]
        if activity_regularizer:
            parts[1].append(_parameter("activity_regularizer"))
        parameters = [
            *parameters[:place], *parts[0],
            *parameters[place:then], *parts[1], *parts[2],
            *parameters[then:],
        ]  # fmt: skip
        signature = signature.replace(parameters=parameters)

        @functools.wraps(written)
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            arguments = by_name(signature, args, kwargs)
            for p in own:
                kind = p.name.rpartition("_")[2]
                setattr(self, p.name, _GET[kind](arguments.pop(p.name, p.default)))
            written(self, **arguments)

        __init__.__signature__ = signature  # type: ignore[attr-defined]
        cls.__init__ = __init__  # type: ignore[misc]
        cls.declared_weights = (*inherited, *names)  # type: ignore[attr-defined]
        return cls

    return decorate


def by_name(signature: inspect.Signature, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return all arguments of a call of ``__init__`` by their names, or raise what Python would."""
    arguments = signature.bind_partial(None, *args, **kwargs).arguments
    del arguments["self"]
    more = arguments.pop("kwargs", {})
    return arguments | more


def weight_arguments(names: Iterable[str]) -> list[str]:
    """Return the names of the arguments of some weights.

    >>> weight_arguments(["bias"])
    ['bias_initializer', 'bias_regularizer', 'bias_constraint']
    """
    return [f"{name}_{kind}" for kind in _GET for name in names]


def resolved(argument: str, value: Any) -> Any:
    """Return the object that the regularizer or constraint called ``argument`` stands for."""
    return _GET[argument.rpartition("_")[2]](value)


class WeightedModule(Module):
    """Base of `Layer`: how weights are made, and what becomes of arguments after ``build``."""

    dtype = "float32"
    # Weights whose arguments `declares_weights` made, and the variables made of them.
    declared_weights: tuple[str, ...] = ()
    _declared: Mapping[str, Variable] = {}
    # Arguments that `build` has used up: assigning them later would change nothing.
    fixed_by_build: frozenset[str] = frozenset()
    _untracked = Module._untracked | {"_declared"}
    _untraced = Module._untraced | {"_declared"}

    def __setattr__(self, name: str, value: Any) -> None:
        if self.built:
            fixed = name in self.fixed_by_build
            if fixed and not unchanged(value, vars(self).get(name, value)):
                raise ConfigError("{layer} was built with {argument}={before!r}; assigning "
                                  "{value!r} now cannot change it. Make a new layer.",
                                  layer=title(self), argument=name, before=vars(self)[name],
                                  value=value)  # fmt: skip
            part, kind = name.rpartition("_")[::2]
            if kind in ("regularizer", "constraint") and part in self._declared:
                value = resolved(name, value)
                setattr(self._declared[part], kind, value)
        super().__setattr__(name, value)

    def add_weight(
        self,
        *args: Any,
        name: Any = None,
        shape: Any = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        declared: str | None = None,
        autocast: bool = True,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
    ) -> Variable:
        """Make a variable: ``add_weight("kernel", (3, 4), "glorot_uniform")``.

        Keras 3's order ``add_weight((3, 4), "glorot_uniform", name="kernel")`` works too. The
        initializer is Glorot's uniform one unless given (zeros for whole numbers). A weight that
        the layer declares (see `maeum.layers.declared_weights`) has those of its arguments;
        ``declared`` names one that is called otherwise. ``autocast``, ``aggregation`` and
        ``overwrite_with_gradient`` are Keras's, and mean nothing here.
        """
        named_first = bool(args) and (args[0] is None or isinstance(args[0], str))
        order = ("name", "shape", "initializer") if named_first else _SHAPE_FIRST
        given = dict(zip(order, args)) if len(args) <= len(order) else {}
        by_name = {"name": name, "shape": shape, "initializer": initializer, "dtype": dtype}
        if len(given) < len(args) or any(by_name[key] is not None for key in given):
            raise TypeError(f"add_weight takes {', '.join(order)} by position, each once")
        name, shape, initializer, dtype = (given.get(key, by_name[key]) for key in by_name)
        dtype = np.dtype(dtype or self.dtype)
        declared = declared or str(name).removesuffix("_kernel")
        if declared in self.declared_weights:
            own = (getattr(self, argument) for argument in weight_arguments([declared]))
            said = (initializer, regularizer, constraint)
            initializer, regularizer, constraint = (
                mine if one is None else one for mine, one in zip(own, said)
            )
        if initializer is None:
            initializer = "glorot_uniform" if np.issubdtype(dtype, np.floating) else "zeros"
        variable = Variable(
            initializers.get(initializer),
            graph.full_shape(() if shape is None else shape, f"The shape of {name!r}"),
            dtype=dtype.name,
            trainable=trainable,
            name=name or "variable",
            regularizer=regularizers.get(regularizer),
            constraint=constraints.get(constraint),
        )
        variable.path = f"{self.name}/{variable.name}"
        if declared in self.declared_weights:
            self._declared = {**self._declared, declared: variable}
        return variable


def _parameter(name: str) -> inspect.Parameter:
    weight, _, kind = name.rpartition("_")
    default = _INITIALIZERS.get(weight, "glorot_uniform") if kind == "initializer" else None
    both = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, both, default=default, annotation="Any")
