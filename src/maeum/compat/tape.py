"""``tf.GradientTape``: what was computed inside a block, differentiated afterwards.

While a tape is open, it is the trace that JAX hands every primitive operation to: it lets the
operation be computed as it would be without the tape, and notes it. A gradient is that of the noted
operations between its sources and its target, as one function under ``jax.vjp``; programs of tapes
that noted the same operations are compiled once.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax._src import core  # there is no public way to see what is computed

from maeum.core.messages import _
from maeum.core.scope import current_scope
from maeum.core.symbolic import leaves, map_structure
from maeum.core.variable import Variable

_PROGRAMS = 64  # programs of gradients that are kept
_programs: OrderedDict[Any, Callable] = OrderedDict()


class _Note(NamedTuple):
    """An operation: how it is computed again, what tells it from others, its inputs and outputs."""

    compute: Callable[..., Sequence[Any]]
    key: Any
    inputs: Sequence[Any]
    outputs: Sequence[Any]


class _Recording(core.Trace):
    """Lets operations be computed by the trace that was there before, and notes them."""

    __slots__ = ("notes", "parent")

    def __init__(self, parent: Any):
        super().__init__()
        self.parent = parent
        self.notes: list[_Note] = []

    def stage_value(self, val: Any) -> Any:
        return self.parent.stage_value(val)

    def process_primitive(self, primitive: Any, args: Any, params: Any, /) -> Any:
        with core.set_current_trace(self.parent):
            found = self.parent.process_primitive(primitive, args, params)

        def compute(*values: Any) -> Sequence[Any]:
            made = primitive.bind(*values, **params)
            return made if primitive.multiple_results else [made]

        outputs = found if primitive.multiple_results else [found]
        key = primitive, tuple(sorted((name, _key(v)) for name, v in params.items()))
        self.notes.append(_Note(compute, key, list(args), list(outputs)))
        return found

    def _custom(self, primitive: Any, functions: tuple, args: Any, params: dict) -> Any:
        with core.set_current_trace(self.parent):
            jaxpr = jax.make_jaxpr(lambda *xs: primitive.bind(*xs, subfuns=functions, **params))(
                *args
            )
            compute = core.jaxpr_as_fun(jaxpr)
            outputs = compute(*args)
        self.notes.append(_Note(compute, str(jaxpr), list(args), list(outputs)))
        return outputs

    def process_custom_jvp_call(self, primitive: Any, fun: Any, jvp: Any, tracers: Any, /,
                                **params: Any) -> Any:  # fmt: skip
        return self._custom(primitive, (fun, jvp), tracers, params)

    def process_custom_vjp_call(self, primitive: Any, fun: Any, fwd: Any, bwd: Any, tracers: Any,
                                /, **params: Any) -> Any:  # fmt: skip
        return self._custom(primitive, (fun, fwd, bwd), tracers, params)


def _key(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:
        return str(value)
    return (type(value).__name__, value) if isinstance(value, (bool, int, float)) else value


class GradientTape:
    """Notes what is computed inside the block, for gradients by variables and watched arrays.

    Args:
        persistent: whether several gradients may be asked for.
        watch_accessed_variables: whether variables are watched by themselves.

    Example:
        >>> x = jnp.asarray(3.0)
        >>> with GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> float(tape.gradient(y, x))
        6.0
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True):
        self._persistent, self._watches = persistent, watch_accessed_variables
        self._watched: dict[int, Any] = {}
        self._notes: list[_Note] = []
        self._open: Any = None
        self._used = False

    def __enter__(self) -> GradientTape:
        recording = _Recording(core.trace_ctx.trace)
        recording.notes = self._notes
        self._open = core.set_current_trace(recording)
        self._open.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.__exit__(*error)
        self._open = None

    @contextlib.contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Note nothing inside the block."""
        trace = core.trace_ctx.trace
        with core.set_current_trace(getattr(trace, "parent", trace)):
            yield

    def watch(self, tensor: Any) -> None:
        """Let gradients by an array, or by several, be asked for."""
        for leaf in leaves(tensor):
            value = _value(leaf)
            self._watched[id(value)] = value

    def watched_variables(self) -> tuple:
        """Refuse: variables are told by their values, which are not kept."""
        raise NotImplementedError(_("watched_variables() is not covered; name the variables."))

    def reset(self) -> None:
        """Forget everything."""
        self._notes.clear()
        self._watched.clear()
        self._used = False

    def gradient(
        self, target: Any, sources: Any, output_gradients: Any = None,
        unconnected_gradients: Any = None,
    ) -> Any:  # fmt: skip
        """Return the gradients of the sum of a target by sources, in their structure.

        None stands for what the target does not depend on, or for an array that was not watched.

        Raises:
            RuntimeError: if a tape that is not persistent was asked before.
        """
        if self._used and not self._persistent:
            raise RuntimeError(_(
                "A non-persistent GradientTape can only be asked for gradients once: make it with "
                "GradientTape(persistent=True)."
            ))  # fmt: skip
        self._used = True
        flat = list(leaves(sources))
        values = [self._source(one) for one in flat]
        scope = current_scope()
        if scope is not None and scope.abstract:  # only shapes are wanted
            return _packed(sources, [jnp.zeros(x.shape, x.dtype) for x in flat])
        targets = [_value(one) for one in leaves(target) if one is not None]
        program, reached, inputs = self._program(targets, values)
        seeds = None if output_gradients is None else [
            jnp.asarray(one) for one in leaves(output_gradients)
        ]  # fmt: skip
        grads = iter(program([values[i] for i in reached], inputs, seeds) if reached else ())
        zero = "zero" in str(unconnected_gradients).lower()
        found = [
            next(grads) if i in reached else jnp.zeros(x.shape, x.dtype) if zero else None
            for i, x in enumerate(flat)
        ]
        if not self._persistent and self._open is None:
            self._notes.clear()
        return _packed(sources, found)

    def jacobian(
        self, target: Any, sources: Any, unconnected_gradients: Any = None,
        parallel_iterations: Any = None, experimental_use_pfor: bool = True,
    ) -> Any:  # fmt: skip
        """Return the derivatives of each entry of a target by each entry of the sources."""
        flat = list(leaves(sources))
        values = [self._source(one) for one in flat]
        order, inputs = self._between([_value(target)], values)
        reached = [i for i, v in enumerate(values) if v is not None]

        def forward(given: list) -> Any:
            full = dict(zip(reached, given))
            return _replay(order, [_value(target)], values, full, inputs)[0]

        rows = iter(jax.jacrev(forward)([values[i] for i in reached]))
        return _packed(sources, [next(rows) if i in reached else None for i in range(len(flat))])

    def batch_jacobian(
        self, target: Any, source: Any, unconnected_gradients: Any = None,
        parallel_iterations: Any = None, experimental_use_pfor: bool = True,
    ) -> Any:  # fmt: skip
        """Return, for each row, the derivatives of the row's entries by those of its source."""
        whole = self.jacobian(target, source)
        axes = jnp.ndim(_value(target))
        return jnp.moveaxis(jnp.diagonal(whole, axis1=0, axis2=axes), -1, 0)

    def _source(self, one: Any) -> Any:
        value = _value(one)
        watched = (isinstance(one, Variable) and self._watches) or id(value) in self._watched
        return value if watched and jnp.issubdtype(value.dtype, jnp.inexact) else None

    def _between(self, targets: list, values: list) -> tuple[list[_Note], list]:
        """Return the operations between, and the arrays that they need besides."""
        known = {id(v) for v in values if v is not None}
        order = []
        for note in self._notes:
            if any(id(x) in known for x in note.inputs):
                known |= {id(x) for x in note.outputs}
                order.append(note)
        needed, kept = {id(t) for t in targets}, []
        for note in reversed(order):
            if any(id(x) in needed for x in note.outputs):
                needed |= {id(x) for x in note.inputs}
                kept.append(note)
        kept.reverse()
        made = {id(x) for note in kept for x in note.outputs}
        sources = {id(v) for v in values if v is not None}
        others: dict[int, Any] = {
            id(x): x for note in kept for x in note.inputs if id(x) not in made | sources
        }
        self._reached = needed
        return kept, list(others.values())

    def _program(self, targets: list, values: list) -> tuple[Callable, list[int], list]:
        order, inputs = self._between(targets, values)
        reached = [i for i, v in enumerate(values) if v is not None and id(v) in self._reached]

        def compute(given: list, others: list, seeds: Any) -> list:
            def forward(given: list) -> list:
                full = dict(zip(reached, given))
                return _replay(order, targets, values, full, others, inputs)

            ys, back = jax.vjp(forward, given)
            floats = [jnp.issubdtype(y.dtype, jnp.inexact) for y in ys]
            ones = [jnp.ones_like(y) if f else jnp.zeros(y.shape, jax.dtypes.float0)
                    for y, f in zip(ys, floats)]  # fmt: skip
            return back(ones if seeds is None else seeds)[0]

        arrays = [*(values[i] for i in reached), *inputs]
        if any(isinstance(x, jax.core.Tracer) for x in arrays):
            return compute, reached, inputs
        place: dict[int, int] = {}
        for x in (*(v for v in values if v is not None), *inputs):
            place.setdefault(id(x), len(place))
        wiring = []
        for note in order:
            wiring.append((note.key, tuple(place.get(id(x), -1) for x in note.inputs)))
            for x in note.outputs:
                place[id(x)] = len(place)
        ends = tuple(place.get(id(t), -1) for t in targets)
        key = tuple(wiring), ends, tuple(reached), tuple(v is None for v in values)
        if -1 in ends:
            return compute, reached, inputs
        if key not in _programs:
            _programs[key] = jax.jit(compute)
            if len(_programs) > _PROGRAMS:
                _programs.popitem(last=False)
        _programs.move_to_end(key)
        return _programs[key], reached, inputs


def _replay(
    order: list[_Note], targets: list, values: list, given: dict[int, Any], others: list,
    inputs: list | None = None,
) -> list:  # fmt: skip
    """Compute operations again, with other values of some sources."""
    env = {id(x): y for x, y in zip(inputs or others, others)}
    env |= {id(v): v for v in values if v is not None}
    env |= {id(values[i]): x for i, x in given.items()}
    for note in order:
        found = note.compute(*(env.get(id(x), x) for x in note.inputs))
        env |= {id(x): y for x, y in zip(note.outputs, found) if id(x) not in env}
    return [env.get(id(t), t) for t in targets]


def _value(one: Any) -> Any:
    return one.value if isinstance(one, Variable) else jnp.asarray(one)


def _packed(structure: Any, values: list) -> Any:
    left = iter(values)
    return map_structure(lambda leaf: next(left), structure)
