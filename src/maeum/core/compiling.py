"""How anything is compiled with a model's variables: `compiled`.

A function that runs layers reads variables and assigns some. `compiled` finds out which by tracing
it once, and makes of it a program whose inputs are their values. A program is a function of an
architecture: models that are alike share it, so that only the first of them is traced and
compiled. See `maeum.core.fingerprint` for what "alike" means.
"""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import InitVar, dataclass, field
from typing import Any

import jax

from maeum.core.config import changes
from maeum.core.errors import ConfigError
from maeum.core.fingerprint import Fingerprint, fingerprint
from maeum.core.functional import built_variables, scope_of
from maeum.core.scope import Scope
from maeum.core.threads import check_process, one_at_a_time, with_arrays
from maeum.core.variable import Variable, held_values, materialize, put_values

_SHARED = 64  # programs that are kept for models to come
_shared: OrderedDict[tuple, _Program] = OrderedDict()
_calling: ContextVar[Compiled] = ContextVar("calling")


@one_at_a_time
def compiled(
    owner: Any,
    name: Any,
    function: Callable[..., Any],
    examples: Sequence[Any] | None = None,
    *,
    training: bool = False,
    donate: bool = False,
    static: tuple[str, ...] = (),
    depends_on: Sequence[Any] = (),
    look: Callable[[Any], dict[str, Any]] | None = None,
) -> Compiled:
    """Return ``function`` compiled together with the variables that it uses.

    It is compiled anew when ``owner``, or what else it depends on, has changed.

    Args:
        owner: the model or layer that the function runs. It keeps what was compiled.
        name: what tells the function from others of this owner: any hashable value, which names
            whatever else the function depends on.
        function: takes arrays, runs layers, and returns arrays.
        examples: arrays (or their shapes) to trace it with once, to see which variables it reads
            and which it assigns. Without them it may read the owner's variables, and assigns none.
        training: whether layers run as in training.
        donate: whether the arrays of the variables that it assigns are given away to it.
        static: the names of keyword arguments that are constants of the program.
        depends_on: further objects that the function uses, such as an optimizer.
        look: is given the traced program, and returns facts to keep beside it.

    Example:
        >>> import jax.numpy as jnp
        >>> from maeum.layers import Dense
        >>> layer = Dense(2, kernel_initializer="ones")
        >>> layer.build((None, 3))
        >>> double = compiled(layer, "double", lambda x: 2 * layer(x))
        >>> double(jnp.ones((1, 3))).tolist()
        [[6.0, 6.0]]
    """
    known = owner.compiled_functions.get(name)
    seen = changes()
    if known is not None and known.is_current():
        return known
    more = (list(owner.named_layers()), *depends_on)
    likeness = fingerprint(owner, *more)
    made = None
    if known is not None and known.likeness.text == likeness.text:
        if known.likeness.same_variables(likeness):
            known.seen = seen
            return known
        made = _bound(known.program, owner, function)
    key = (likeness.text, name, training, donate, static)
    if made is None and key in _shared:
        _shared.move_to_end(key)
        made = _bound(_shared[key], owner, function)
    if made is None:
        made = _trace(owner, function, examples, training, donate, static, look)
        if likeness.closed and made.program.names is not None:
            _shared[key] = made.program
            if len(_shared) > _SHARED:
                _shared.popitem(last=False)
    # Tracing may have built layers: what is remembered is what they are now.
    made.seen = changes()
    made.likeness = likeness if made.seen == seen else fingerprint(owner, *more)
    owner.compiled_functions[name] = made
    return made


@dataclass(eq=False, repr=False)
class Compiled:
    """A compiled function of a model: call it with arrays, and ``key=`` for random numbers.

    Attributes:
        assigned: the variables that it assigns.
        read: the others that it reads.
        facts: what it told of itself when it was traced.
        drew: whether it depends on random numbers.
    """

    owner: Any
    function: Callable[..., Any]
    program: _Program
    assigned: list[Variable]
    read: list[Variable]
    likeness: Fingerprint = field(init=False)
    seen: int = field(init=False)

    def __post_init__(self) -> None:
        self.facts, self.drew = self.program.facts, self.program.drew
        self._variables = [*self.assigned, *self.read]
        materialize([*self.assigned, *self.read])  # so that all have values from now on

    def is_current(self) -> bool:
        """Tell whether nothing has changed since that the program depends on."""
        return self.seen == changes() and not self.likeness.mutable

    def __call__(self, *args: Any, key: Any = None, **static: Any) -> Any:
        """Run the program, and assign what it changed to the variables."""
        check_process()
        turns = self.owner.compiled_functions.turns
        if self.program.donate:
            with turns.giving():
                return self._run(args, key, static)
        turns.begin_reading()
        try:
            return self._run(args, key, static)
        finally:
            turns.end_reading()

    def _run(self, args: tuple, key: Any, static: dict[str, Any]) -> Any:
        return with_arrays(self._held, self._run_on, args, key, static)

    def _held(self) -> list:
        return held_values(self._variables)

    def _run_on(self, arrays: list, args: tuple, key: Any, static: dict[str, Any]) -> Any:
        count = len(self.assigned)
        outputs, changed = self.call(arrays[:count], arrays[count:], key, *args, **static)
        if changed:
            put_values(self.assigned, changed)
        return outputs

    def call(self, assigned: list, read: list, key: Any, *args: Any, **static: Any) -> tuple:
        """Run the program on values of the variables; return its outputs and their new values."""
        token = _calling.set(self)
        try:
            return self.program.run(assigned, read, key, *args, **static)
        finally:
            _calling.reset(token)

    def pure(self, assigned: list, read: list, key: Any, *args: Any, **static: Any) -> tuple:
        """Do what `call` does, not compiled: for ``jax.vmap`` and the like."""
        return self.purely(functools.partial(self.function, **static), assigned, read, key, *args)

    def purely(
        self, function: Callable[..., Any], assigned: list, read: list, key: Any, *args: Any
    ) -> tuple:
        """Run another function of the owner with the variables of this one, not compiled."""
        variables = [*self.assigned, *self.read]
        values = dict(zip(variables, [*assigned, *read]))
        with scope_of(self.owner, values, training=self.program.training, key=key) as scope:
            outputs = function(*args)
        check_assigned(scope, values)
        return outputs, [scope.updates.get(v, values[v]) for v in self.assigned]


def check_assigned(scope: Scope, known: Mapping[Variable, Any]) -> None:
    """Raise `ConfigError` if a run assigned a variable that its program does not know."""
    strange = next((v for v in scope.updates if v not in known), None)
    if strange is not None:  # what is assigned to it would be lost
        raise ConfigError(
            "A step assigned the variable {path!r}, which was not there when the step was "
            "traced before. Make variables and metrics in __init__, not in the step; and "
            "give each group of variables an optimizer of its own, because one optimizer "
            "keeps the state of one group.",
            path=strange.path,
        )


@dataclass(eq=False, repr=False)
class _Program:
    """What the compiled functions of owners that are alike share; it holds none of the owners."""

    names: tuple[tuple[str, ...], ...] | None  # of what is assigned and read, if the owner's
    drew: bool
    facts: dict[str, Any]
    training: bool
    donate: bool
    static: InitVar[tuple[str, ...]]

    def __post_init__(self, static: tuple[str, ...]) -> None:
        def program(assigned: list, read: list, key: Any, *args: Any, **static: Any) -> tuple:
            return _calling.get().pure(assigned, read, key, *args, **static)

        donated = 0 if self.donate else ()
        self.run = jax.jit(program, static_argnames=static, donate_argnums=donated)


def _bound(program: _Program, owner: Any, function: Callable[..., Any]) -> Compiled | None:
    """Return a function with the program of another that is alike; None if that cannot be."""
    state = owner.named_state()
    if program.names is None or any(name not in state for group in program.names for name in group):
        return None
    assigned, read = ([state[name] for name in names] for names in program.names)
    return Compiled(owner, function, program, assigned, read)


def _trace(
    owner: Any,
    function: Callable[..., Any],
    examples: Sequence[Any] | None,
    training: bool,
    donate: bool,
    static: tuple[str, ...],
    look: Callable[[Any], dict[str, Any]] | None,
) -> Compiled:
    """Find out what a function reads and assigns, and return it with a program of its own."""
    assigned: list[Variable] = []
    facts: dict[str, Any] = {}
    drew = False
    if examples is None:
        read = list(built_variables(owner).values())
    else:
        scope = Scope(training=training, abstract=True)

        def run(*args: Any) -> Any:
            with scope:
                return function(*args)

        traced = jax.make_jaxpr(run)(*examples)
        assigned = list(scope.updates)
        read = [v for v in scope.reads if v not in scope.updates]
        facts, drew = scope.facts | (look(traced) if look else {}), scope.drew
    name_of = {id(variable): name for name, variable in owner.named_state().items()}
    names = None
    if all(id(variable) in name_of for variable in (*assigned, *read)):
        names = tuple(tuple(name_of[id(v)] for v in group) for group in (assigned, read))
    program = _Program(names, drew, facts, training, donate, static)
    return Compiled(owner, function, program, assigned, read)
