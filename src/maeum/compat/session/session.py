"""`Session`: it keeps the values of a graph's variables, and runs what is fetched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from maeum.compat.graph.errors import (
    FailedPreconditionError,
    GraphError,
    InvalidArgumentError,
)
from maeum.compat.graph.graph import Graph, Operation, Tensor, _sessions, entered, get_default_graph
from maeum.compat.graph.types import STRING
from maeum.compat.ops.recording import as_numpy
from maeum.compat.ops.variables import GraphVariable
from maeum.compat.session.plan import Plan
from maeum.core.errors import ArgumentError, DataError
from maeum.core.messages import _
from maeum.core.randomness import next_seed
from maeum.core.wording import enumeration


class Session:
    """Runs a graph, and keeps the values of its variables.

    Args:
        target: accepted; everything runs in this process.
        graph: the graph; the default one unless one is given.
        config: accepted; XLA chooses devices and threads.
    """

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None):
        self.graph = graph or get_default_graph()
        self.state: dict[Any, Any] = {}
        self.runs = 0
        self.own_seed = next_seed()
        self.closed = False
        self.resources: dict[Any, Any] = {}  # of the host: queues, open files
        self._plans: dict[Any, tuple[Plan, Callable, list]] = {}
        self._context: Any = None

    @property
    def seed(self) -> Any:
        """The seed of its random numbers: that of the graph, if it has one."""
        given = self.graph.seed
        return np.uint32(self.own_seed if given is None else given)

    @property
    def sess_str(self) -> str:
        """The target, which is none."""
        return ""

    def count_run(self) -> int:
        """Return how many runs there have been, and count one more."""
        self.runs += 1
        return self.runs - 1

    def run(
        self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None
    ) -> Any:
        """Return the values of what is fetched.

        Args:
            fetches: a tensor, a variable, an operation (whose value is None), a name, or a
                structure of them.
            feed_dict: values for placeholders or any other tensors.
            options, run_metadata: accepted.

        Raises:
            InvalidArgumentError: for a placeholder that was not fed, or a feed that does not fit.
            FailedPreconditionError: for a variable that has not been initialized.
            GraphError: for a tensor of another graph.
        """
        feeds = feed_dict or {}
        kind = type(fetches)
        key: Any = (kind, tuple(fetches) if kind is list else fetches, tuple(feeds))
        try:
            known = self._plans.get(key)
        except TypeError:  # structures inside
            key = (kind, _hashable(fetches), tuple(feeds))
            known = self._plans.get(key)
        if known is None:
            known = self._plans[key] = self._planned(fetches, feeds)
        plan, result, readers = known
        fed = [read(value) for read, value in zip(readers, feeds.values())]
        state = self.state
        for variable in plan.started:
            if variable not in state:
                self._refuse(plan)
        if self.closed:
            raise RuntimeError(_("Attempted to use a closed Session."))
        return result(plan.run(self, fed))

    def _planned(self, fetches: Any, feeds: Mapping) -> tuple[Plan, Callable, list]:
        tensors: list[Tensor] = []
        operations: list[Operation] = []
        result = self._reader(fetches, tensors, operations)
        keys = [self._element(key) for key in feeds]
        readers = [_feed_reader(key) for key in keys]
        flat = [part for key in keys for part in (key if isinstance(key, tuple) else [key])]
        if len(flat) != len(keys):
            raise GraphError("A feed_dict has tensors as its keys; got {keys!r}.", keys=keys)
        return Plan(tensors, operations, flat), result, readers

    def _reader(self, fetch: Any, tensors: list, operations: list) -> Callable[[list], Any]:
        """Note what a fetch consists of, and return what makes its value from those of tensors."""
        if isinstance(fetch, dict):
            items = {k: self._reader(v, tensors, operations) for k, v in fetch.items()}
            kind = type(fetch) if type(fetch) is dict else dict
            return lambda values: kind((k, read(values)) for k, read in items.items())
        if isinstance(fetch, (list, tuple)):
            parts = [self._reader(one, tensors, operations) for one in fetch]
            if hasattr(fetch, "_fields"):
                return lambda values: type(fetch)(*(read(values) for read in parts))
            made = tuple if isinstance(fetch, tuple) else list
            return lambda values: made([read(values) for read in parts])
        found = self._element(fetch)
        if isinstance(found, Operation):
            operations.append(found)
            return lambda values: None
        place = len(tensors)
        tensors.append(found)
        return lambda values: _returned(values[place])

    def _element(self, given: Any) -> Any:
        if isinstance(given, str):
            given = self.graph.as_graph_element(given)
        made = getattr(given, "as_fetch", None)
        given = made() if made is not None else given
        if not isinstance(given, (Tensor, Operation)):
            raise ArgumentError(
                "A session runs tensors and operations of its graph; got {value!r}.", value=given
            )
        if given.graph is not self.graph:
            raise GraphError(
                "{name!r} belongs to another graph than this session. Make the session after the "
                "graph, in the same `with graph.as_default()`, or with Session(graph=graph).",
                name=given.name,
            )
        return given

    def _refuse(self, plan: Plan) -> None:
        names = [v.op.name for v in plan.started if v not in self.state]
        raise FailedPreconditionError(
            "Attempting to use variables that have not been initialized: {names}. Run "
            "sess.run(tf.global_variables_initializer()) first, after all variables and "
            "optimizers have been made, or restore them.",
            names=enumeration([repr(name) for name in names[:5]]),
        )

    def put(self, variable: Any, value: Any) -> None:
        """Give a variable a value."""
        array = as_numpy(value, variable.dtype)
        if not variable.shape.is_compatible_with(array.shape):
            raise InvalidArgumentError(
                "The variable {name!r} has the shape {shape}; got a value of shape {given}.",
                name=variable.op.name, shape=variable.shape, given=array.shape,
            )  # fmt: skip
        self.state[variable] = array if variable.dtype == STRING else jax.device_put(array.copy())

    def make_callable(
        self, fetches: Any, feed_list: Any = None, accept_options: Any = None
    ) -> Callable:
        """Return a function that runs some fetches for values of ``feed_list``."""
        names = list(feed_list or ())
        return lambda *values: self.run(fetches, dict(zip(names, values)))

    def partial_run_setup(self, *args: Any) -> None:
        """Refuse."""
        raise NotImplementedError(_("partial_run is not covered; run all fetches together."))

    def close(self) -> None:
        """End the session; its variables are gone."""
        self.closed = True
        self.state.clear()
        self._plans.clear()

    def as_default(self) -> Any:
        """Make it the session of ``eval`` and ``run`` inside the block."""
        return entered(self)

    def __enter__(self) -> Session:
        self._context = entered(self)
        return self._context.__enter__()

    def __exit__(self, *error: Any) -> None:
        self._context.__exit__(*error)
        self.close()


class InteractiveSession(Session):
    """A session that is the default one from the beginning, until it is closed."""

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None):
        super().__init__(target, graph, config)
        _sessions.append(self)

    def close(self) -> None:
        """End the session."""
        super().close()
        if self in _sessions:
            _sessions.remove(self)


def _hashable(fetch: Any) -> Any:
    """Return what tells a structure of fetches from others."""
    if isinstance(fetch, dict):
        return dict, *((key, _hashable(part)) for key, part in fetch.items())
    if isinstance(fetch, (list, tuple)):
        return type(fetch), *map(_hashable, fetch)
    return fetch


def _returned(value: Any) -> Any:
    """Return a value as a session does: an array of NumPy, or a number, or a text."""
    if isinstance(value, jax.Array):
        value = np.array(value)
    if isinstance(value, np.ndarray):
        return value[()] if value.ndim == 0 else value
    return value


def _feed_reader(tensor: Any) -> Callable[[Any], Any]:
    """Return what makes an array of a value that is fed for a tensor, or refuses it."""
    dtype, shape = tensor.dtype, tensor.shape
    wanted = dtype.dtype
    free = shape.unknown
    sizes = tuple(shape)

    def read(value: Any) -> Any:
        if type(value) is not np.ndarray or value.dtype != wanted:
            value = _converted(value, tensor, wanted)
        given = value.shape
        if free or given == sizes:
            return value
        if len(given) != len(sizes) or any(
            b is not None and a != b for a, b in zip(given, sizes)
        ):  # fmt: skip
            raise InvalidArgumentError(
                "Cannot feed a value of shape {given} for {name!r}, which has the shape {shape}.",
                given=given, name=tensor.name, shape=shape,
            )  # fmt: skip
        return value

    return read


def _converted(value: Any, tensor: Any, wanted: Any) -> np.ndarray:
    if isinstance(value, Tensor):
        raise ArgumentError(
            "The value of a feed cannot be a tensor of a graph ({value}): run that first, and feed "
            "what it gives.", value=value,
        )  # fmt: skip
    if tensor.dtype == STRING:
        return as_numpy(value)
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind not in "biufc" and array.dtype.name != "bfloat16":
        try:
            return array.astype(wanted) if array.ndim else _refused(value, tensor)
        except (TypeError, ValueError):
            _refused(value, tensor)
    if array.dtype.kind == "f" and wanted.kind in "iu" and array.size:
        whole = array.astype(wanted)
        if (whole != array).any():
            _refused(value, tensor)
        return whole
    return array.astype(wanted)


def _refused(value: Any, tensor: Any) -> Any:
    raise DataError(
        "Cannot feed {value!r} for {name!r}, which takes {dtype}. Give an array of numbers whose "
        "rows have one length.",
        value=value if np.size(np.asarray(value, object)) < 20 else type(value).__name__,
        name=tensor.name, dtype=tensor.dtype.name,
    )  # fmt: skip


def is_variable(value: Any) -> bool:
    """Tell whether a value is a variable of a graph."""
    return isinstance(value, GraphVariable)
