"""Keras's scopes: pure runs, symbolic runs, names, devices, recomputation."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice, check_whole
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.scope import Scope
from maeum.core.variable import Variable, scope_names


class StatelessScope(Scope):
    """A scope in which variables have given values, and assignments are only noted.

    Args:
        state_mapping: ``(variable, value)`` pairs.
        collect_losses: accepted as Keras's; ``scope.losses`` has the losses in any case.
        initialize_variables: accepted as Keras's; variables get their values when they are used.

    Raises:
        ConfigError: for something that is no variable.
        ShapeError: for a value of another shape than its variable.

    Example:
        >>> counter = Variable((), 1.0)
        >>> with StatelessScope([(counter, 5.0)]) as scope:
        ...     _ = counter.assign(counter + 1)
        >>> float(scope.get_current_value(counter)), float(counter)
        (6.0, 1.0)
    """

    def __init__(
        self,
        state_mapping: Iterable[tuple[Variable, Any]] | None = None,
        collect_losses: bool = False,
        initialize_variables: bool = True,
    ):
        values: dict[Variable, jax.Array] = {}
        for variable, value in state_mapping or ():
            if not isinstance(variable, Variable):
                raise ConfigError("Invalid reference variable in StatelessScope: state_mapping is "
                                  "pairs of a Variable and its value; got {variable!r}.",
                                  variable=variable)  # fmt: skip
            array = jnp.asarray(value, variable.dtype)
            if array.shape != variable.shape:
                raise ShapeError("Invalid variable value in StatelessScope: {path!r} has shape "
                                 "{shape}; got a value of shape {given}.", path=variable.path,
                                 shape=variable.shape, given=array.shape)  # fmt: skip
            values[variable] = array
        super().__init__(values)

    def get_current_value(self, variable: Variable) -> jax.Array | None:
        """Return the value that a variable has here; None if the scope knows none."""
        if variable in self.updates:
            return self.updates[variable]
        return (self.values or {}).get(variable)

    def add_update(self, update: tuple[Variable, Any]) -> None:
        """Note that a variable gets a value."""
        variable, value = update
        self.updates[variable] = jnp.asarray(value, variable.dtype)

    def add_loss(self, loss: Any) -> None:
        """Note a loss."""
        self.losses.append(loss)


class SymbolicScope(Scope):
    """A scope in which only shapes are wanted: every variable reads as zeros, and none is made."""

    def __init__(self) -> None:
        super().__init__(abstract=True)


class name_scope:
    """Name the variables and operations made inside: ``with name_scope("encoder"): ...``.

    Operations bear the name in profiles of JAX. The paths of a model's variables do not depend on
    it: they follow from where the model holds its layers.

    Args:
        name: the name, without ``/``.
        caller: an object; where it opens a scope of the same name within its own, there is one.
        deduplicate: whether that is so.
        override_parent: a path to stand in place of the names of the scopes around.

    Raises:
        ConfigError: for something else than such a name.

    Example:
        >>> with name_scope("encoder"):
        ...     Variable(1.0, name="scale").path
        'encoder/scale'
    """

    def __init__(
        self,
        name: str,
        caller: Any = None,
        deduplicate: bool = True,
        override_parent: str | None = None,
    ):
        if not isinstance(name, str) or "/" in name:
            raise ConfigError("The name of a scope must be a string without '/'; got {name!r}.",
                              name=name)  # fmt: skip
        self.name, self.caller = name, caller
        self.deduplicate, self.override_parent = deduplicate, override_parent

    def __enter__(self) -> name_scope:
        self._outer, self._stack = _innermost.get(), contextlib.ExitStack()
        self._stack.enter_context(jax.named_scope(self.name))
        parents = scope_names.get()
        if self.override_parent is not None:
            parents = tuple(part for part in self.override_parent.split("/") if part)
        around = self._outer
        again = around is not None and (around.name, around.caller) == (self.name, self.caller)
        if not (again and self.deduplicate and self.caller is not None):
            parents = (*parents, self.name)
        self._tokens = scope_names.set(parents), _innermost.set(self)
        return self

    def __exit__(self, *error: Any) -> None:
        names, innermost = self._tokens
        scope_names.reset(names)
        _innermost.reset(innermost)
        self._stack.close()


_innermost: ContextVar[name_scope | None] = ContextVar("name_scope", default=None)


def device(device_name: Any) -> Any:
    """Return a context in which arrays are made on a device.

    Args:
        device_name: such as ``"cpu:0"`` or ``"gpu:0"``; or a device of JAX.

    Raises:
        ConfigError: if there is no such device.

    Example:
        >>> with device("cpu:0"):
        ...     x = jnp.ones(3)
    """
    if not isinstance(device_name, str):
        return jax.default_device(device_name)
    kind, _colon, number = device_name.lower().removeprefix("/").partition(":")
    try:
        return jax.default_device(jax.devices(kind)[int(number or 0)])
    except (RuntimeError, IndexError, ValueError):
        known = [f"{d.platform}:{d.id}" for d in {*jax.devices(), *jax.devices("cpu")}]
        raise ConfigError("There is no device {name!r}; there are {known}.", name=device_name,
                          known=", ".join(sorted(known))) from None  # fmt: skip


def remat(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function whose inner results are computed again for its gradient, not kept.

    It saves memory for time: ``jax.checkpoint``. What the function assigns to variables is not
    seen outside; for whole layers there is `RematScope`.

    Args:
        f: a function of arrays.
    """
    return jax.checkpoint(f)


@dataclass
class RematScope:
    """Layers that are made in this scope are computed again for their gradients, to save memory.

    Args:
        mode: ``"full"`` for all of them, ``"larger_than"`` for those whose outputs are larger than
            a size, ``"list_of_layers"`` for those of some names, ``"activations"`` for those with
            an activation; None for none.
        output_size_threshold: that size, in numbers.
        layer_names: those names.

    Raises:
        ConfigError: for another mode.
    """

    mode: str | None = "full"
    output_size_threshold: int = 1024
    layer_names: list[str] | None = None
    _tokens: list[Any] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        known = ("full", "activations", "larger_than", "list_of_layers", None)
        check_choice(self.mode, known, "mode")
        check_whole(self.output_size_threshold, "output_size_threshold", 0)
        self.layer_names = list(self.layer_names or ())

    def __enter__(self) -> RematScope:
        self._tokens.append(_remat.set(self))
        return self

    def __exit__(self, *error: object) -> None:
        _remat.reset(self._tokens.pop())


_remat: ContextVar[RematScope | None] = ContextVar("remat", default=None)


class Recomputed(NamedTuple):
    """What a `RematScope` says of the layers that were made in it."""

    mode: str
    size: int
    names: tuple[str, ...]


def current_remat() -> Recomputed | None:
    """Return how layers that are made now are computed again, or None."""
    found = _remat.get()
    if found is None or found.mode is None:
        return None
    return Recomputed(found.mode, found.output_size_threshold, tuple(found.layer_names or ()))
