"""How a model without a graph gets its weights: it is called once with shapes alone."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Mapping
from typing import Any

import jax

from maeum.core import graph
from maeum.core.errors import ConfigError
from maeum.core.scope import Scope
from maeum.core.threads import one_at_a_time
from maeum.layers.checks import is_shape
from maeum.layers.layer import Layer
from maeum.models import graph_config
from maeum.training.arrays import shapes_of


class Builder(Layer):
    """The building half of `maeum.Model`.

    Whatever comes first (data, symbolic inputs, or ``build`` with a shape), ``call`` is run
    abstractly: every layer inside is built, and nothing is computed.
    """

    _building = False
    _first_call: Any = None

    def _adopt(self) -> None:
        """Take care of variables that are new."""

    @staticmethod
    def _wrap_build(build: Any) -> Any:
        """Return a ``build`` that also calls the model abstractly, so that its layers are built."""

        @functools.wraps(build)
        def wrapped(self: Builder, *args: Any, **kwargs: Any) -> None:
            shapes = [*args, *kwargs.values()]
            if self._building:  # by the call below, or by a subclass's super().build(...)
                build(self, *args, **kwargs)
            elif not self.built:
                if not shapes or shapes[0] is None:
                    raise ConfigError(
                        "{name!r} needs the shape of its inputs to be built, the batch "
                        "axis included: build((None, 30)).",
                        name=self.name,
                    )
                self._ensure_built(tuple(map(_stand_in, shapes)), {})
            elif len(shapes) == 1 and is_shape(shapes[0]):
                self._check_rebuilt(tuple(shapes[0]))

        return wrapped

    def _check_rebuilt(self, shape: tuple[int | None, ...]) -> None:
        """Raise `ConfigError` if a model that is built is asked for another shape of its input."""

    def build(self, input_shape: Any = None) -> None:
        """Make the weights for inputs of ``input_shape``, the batch axis (None) included.

        A subclass may write its own, to make layers and weights that depend on the shape.
        """

    @one_at_a_time
    def ensure_built_for(self, x: Any) -> None:
        """Build the model for data like ``x``, if it has no weights yet."""
        if not self.built:
            self._ensure_built((shapes_of(x),), {})

    @one_at_a_time
    def _ensure_built(self, args: tuple, kwargs: dict) -> None:
        if self.built or self._building:
            return
        kwargs = {k: v for k, v in kwargs.items() if k not in ("training", "mask")}
        args, kwargs = call = graph.map_structure(_symbolic, (args, kwargs))
        self._building = True
        try:
            with self._whole():
                super()._ensure_built(args, kwargs)
                if graph.symbolic_leaves(call):
                    graph.infer_outputs(self._call_abstractly, args, kwargs)
        finally:
            self._building = False
        self._first_call = call if self.stateful else graph.map_structure(_any_rows, call)
        self.built = True
        self._adopt()

    @contextlib.contextmanager
    def _whole(self) -> Iterator[None]:
        """Build all layers or none: other data may suit them better than those that failed."""
        waiting = [layer for layer in self.named_layers().values() if not layer.built]
        try:
            yield
        except BaseException:
            for layer in waiting:
                layer.built = False
            raise

    def _call_abstractly(self, *args: Any, **kwargs: Any) -> Any:
        """Call the model for shapes alone: as in training too, since layers may only run there."""
        open_arguments = self.call_arguments[len(args) :]
        outputs = None
        for training in (True, False):
            offered = {"training": training, "mask": None}
            more = {key: value for key, value in offered.items() if key in open_arguments}
            with Scope(abstract=True, training=training):
                outputs = self.call(*args, **kwargs, **more)  # type: ignore[misc]
        return outputs

    def first_call(self) -> dict[str, Any] | None:
        """Return, ready for JSON, for what inputs a model without a graph was built."""
        return None if self._first_call is None else graph_config.describe_call(self._first_call)

    def build_for(self, call: dict[str, Any]) -> None:
        """Make the weights for the inputs that `first_call` described."""
        args, kwargs = graph_config.make_call(call)
        self._ensure_built(tuple(args), kwargs)

    def output_shapes_for(self, x: Any) -> Any:
        """Return the shapes of the outputs for data like ``x``."""
        self.ensure_built_for(x)
        known = self._declared_outputs(x)
        if known is not None:
            return known

        def run(x: Any) -> Any:
            with Scope(abstract=True):
                return self(x)

        return jax.eval_shape(run, shapes_of(x))

    def _declared_outputs(self, x: Any) -> Any:
        """Return the shapes of the outputs if they are known without running the model."""
        return None


def _stand_in(shape: Any) -> Any:
    """Return a symbolic input of the shape (or a structure of them) that ``build`` was given."""
    if isinstance(shape, Mapping):
        return {key: _stand_in(part) for key, part in shape.items()}
    if isinstance(shape, (list, tuple)) and any(isinstance(n, (list, tuple)) for n in shape):
        return [_stand_in(part) for part in shape]
    return graph.SymbolicTensor(graph.check_shape(shape, "The input_shape of build"))


def _symbolic(leaf: Any) -> Any:
    """Return a symbolic tensor in place of an array."""
    if graph.is_symbolic(leaf) or not hasattr(leaf, "dtype"):
        return leaf
    return graph.SymbolicTensor(leaf.shape, leaf.dtype)


def _any_rows(leaf: Any) -> Any:
    """Return the same tensor for any number of rows."""
    if not graph.is_symbolic(leaf):
        return leaf
    return graph.SymbolicTensor((None, *leaf.shape[1:])[: leaf.ndim], leaf.dtype)
