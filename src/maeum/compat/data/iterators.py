"""The next element of a data set, as tensors of a graph."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.compat.graph.errors import OutOfRangeError
from maeum.compat.graph.graph import Operation, Tensor, get_default_graph
from maeum.compat.graph.types import TensorShape, as_dtype
from maeum.core.symbolic import leaves, map_structure


class GraphIterator:
    """The next element of a data set as tensors of a graph: another one in each run."""

    def __init__(self, dataset: Any):
        self._dataset, self._kind = dataset, _Next(dataset)
        self._next: Any = None

    def get_next(self, name: str | None = None) -> Any:
        """Return the tensors."""
        first = next(self._dataset._begin())
        outputs = [Tensor(_known(x), as_dtype(np.asarray(x).dtype)) for x in leaves(first)]
        made = get_default_graph().add(self._kind, (), {}, outputs, name or "IteratorGetNext")
        left = iter(made.outputs)
        return map_structure(lambda leaf: next(left), first)

    @property
    def initializer(self) -> Operation:
        """What begins from the first element again."""
        return get_default_graph().add(_Restart(self._kind), (), {}, [], "MakeIterator")


class _Next:
    name, host, random, static, shape_only, writes = "IteratorGetNext", True, False, (), False, ()

    def __init__(self, dataset: Any):
        self.dataset = dataset

    def evaluate(self, operation: Operation, run: Any) -> list:
        """Return the next element."""
        kept = run.session.resources
        if self not in kept:
            kept[self] = self.dataset._begin()
        for element in kept[self]:
            return list(leaves(element))
        raise OutOfRangeError("The data set has come to its end.")


class _Restart:
    name, host, random, static, shape_only, writes = "MakeIterator", True, False, (), False, ()

    def __init__(self, kind: _Next):
        self.kind = kind

    def evaluate(self, operation: Operation, run: Any) -> list:
        """Begin from the first element again."""
        run.session.resources.pop(self.kind, None)
        return []


def _known(x: Any) -> TensorShape:
    """Return the shape of an element, whose rows may be fewer in the last batch."""
    shape = np.shape(x)
    return TensorShape((None, *shape[1:]) if shape else ())
