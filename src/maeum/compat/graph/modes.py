"""Whether TensorFlow's functions record (TensorFlow 1) or compute at once (TensorFlow 2)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from maeum.compat.graph.graph import inside_a_graph
from maeum.core.messages import _

_eager = [True]
_keras2 = [False]
_forced: list[bool] = []


def keras2() -> bool:
    """Tell whether code is written for Keras 2, whose defaults then count."""
    return _keras2[0]


def use_keras2(wanted: bool) -> None:
    """Choose the defaults of Keras 2, or those of today."""
    _keras2[0] = wanted


def executing_eagerly() -> bool:
    """Tell whether functions compute at once, rather than add to a graph."""
    return bool(_forced) or (_eager[0] and not inside_a_graph())


def compute_eagerly() -> None:
    """Compute at once from now on, as TensorFlow 2 does."""
    _eager[0] = True


def record_graphs() -> None:
    """Add to the default graph from now on, as TensorFlow 1 does."""
    _eager[0] = False


@contextlib.contextmanager
def eagerly() -> Iterator[None]:
    """Compute at once inside the block, whatever the code around it does."""
    _forced.append(True)
    try:
        yield
    finally:
        _forced.pop()


def needs_graph(what: str) -> None:
    """Raise `RuntimeError` unless functions add to a graph."""
    if executing_eagerly():
        raise RuntimeError(_(
            "{what} is TensorFlow 1's, which adds to a graph, but functions compute at once here. "
            "Begin with tf.compat.v1.disable_eager_execution().", what=what,
        ))  # fmt: skip
