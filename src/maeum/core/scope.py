"""The scope in which a model runs: where variables are read and assignments are collected.

Inside a pure scope, reading a variable gives the value that was passed in, and assigning one
records an update: objects become a function. Without values a scope is eager: it reads and
writes the variables themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar, Token
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.randomness import fold, make_key, next_seed

# Variables read and assign through the current scope, so this file stands below theirs.
Variable = Any

_current: ContextVar[Scope | None] = ContextVar("scope", default=None)


@dataclass(eq=False, repr=False)
class Scope:
    """One run of a model.

    Args:
        values: the value of every variable that the run may read; None for an eager scope.
        training: whether layers behave as in training; None where nobody has said, so that what
            the ``call`` of a layer has as its default counts.
        key: the key from which every random number of the run follows.
        paths: the path of each layer (by ``id``) under the model that is run.
        abstract: only shapes are wanted: every variable reads as zeros, so that none is made.
        cast_to: the dtype in which weights are read now, inside a layer with a mixed policy.

    Attributes:
        updates: the values that the run assigned.
        reads: the variables that the run read or assigned, in order (the values are None).
        losses: what layers added to the loss.
        watched: a number that has to stay finite, if the run named one.
        carried: the states that recurrent layers go on from, by path; None where every sequence
            begins with zeros.
        left: the states that they ended with, where states are carried.
        facts: what the run tells of itself besides arrays, such as the names of its outputs.
    """

    values: Mapping[Variable, jax.Array] | None = None
    _: KW_ONLY
    training: bool | None = False
    key: Any = None
    paths: Mapping[int, str] = field(default_factory=dict)
    abstract: bool = False
    cast_to: str | None = None
    updates: dict[Variable, jax.Array] = field(default_factory=dict, init=False)
    reads: dict[Variable, None] = field(default_factory=dict, init=False)
    losses: list[jax.Array] = field(default_factory=list, init=False)
    watched: jax.Array | None = field(default=None, init=False)
    carried: Mapping[str, Any] | None = field(default=None, init=False)
    left: dict[str, Any] = field(default_factory=dict, init=False)
    facts: dict[str, Any] = field(default_factory=dict, init=False)
    _draws: dict[str, int] = field(default_factory=dict, init=False)
    _outer: Token | None = field(default=None, init=False)

    def __enter__(self) -> Scope:
        self._outer = _current.set(self)
        return self

    def __exit__(self, *error: object) -> None:
        assert self._outer is not None
        _current.reset(self._outer)

    def child(self, values: Mapping[Variable, jax.Array]) -> Scope:
        """Return a pure scope that sees this one's values and updates, then ``values``."""
        inner = replace(self, values={**(self.values or {}), **self.updates, **values})
        inner._draws, inner.reads, inner.carried = self._draws, self.reads, self.carried
        return inner

    def restarted(self, values: Mapping[Variable, jax.Array], key: Any) -> Scope:
        """Return a child for another step of its own: with its key, and no draws so far."""
        inner = self.child(values)
        inner.key, inner._draws = key, {}
        return inner

    def repeated(self, values: Mapping[Variable, jax.Array]) -> Scope:
        """Return a child for a step that is traced once and runs many times.

        Whatever it draws is the same each time, and the same again if it is traced again.
        """
        inner = self.child(values)
        inner._draws, inner.carried = dict(self._draws), None
        return inner

    def follow(self, inner: Scope) -> None:
        """Go on from where a `repeated` child ended: what it drew is not drawn again."""
        self._draws.update(inner._draws)

    def path_of(self, layer: Any) -> str:
        """Return the path of a layer under the model that is run."""
        return self.paths.get(id(layer), layer.name)

    def read(self, variable: Variable) -> jax.Array | None:
        """Return the value that ``variable`` has in this run, None if it has its own."""
        self.reads.setdefault(variable)
        if variable in self.updates:
            return self.updates[variable]
        if self.abstract:
            return jnp.zeros(variable.shape, variable.dtype)
        return None if self.values is None else self.values.get(variable)

    def write(self, variable: Variable, value: jax.Array) -> bool:
        """Record an assignment; False if the variable itself should be changed."""
        if self.values is None and not self.abstract:
            return False
        self.reads.setdefault(variable)
        self.updates[variable] = value
        return True

    def assign(self, variables: Iterable[Variable], values: Iterable[jax.Array]) -> None:
        """Assign arrays that nobody else holds: in this run, or to the variables themselves."""
        for variable, value in zip(variables, values):
            if not self.write(variable, value):
                variable.own(value)

    @property
    def drew(self) -> bool:
        """Whether the run drew a random key."""
        return bool(self._draws)

    def random_key(self, layer: Any) -> jax.Array:
        """Return a key that depends on the run's key, the layer's path and the draws before."""
        if self.key is None:
            self.key = make_key(0 if self.abstract else next_seed(), "eager")
        path = self.path_of(layer)
        count = self._draws[path] = self._draws.get(path, -1) + 1
        return fold(self.key, path) if count == 0 else fold(self.key, path, count)


def current_scope() -> Scope | None:
    """Return the scope in which the caller runs, or None."""
    return _current.get()


def abstractly(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that runs in an abstract scope: only its shapes are wanted."""

    def run(*args: Any, **kwargs: Any) -> Any:
        with Scope(abstract=True):
            return function(*args, **kwargs)

    return run
