"""Code that was written for TensorFlow 1 and 2 and for Keras 2, run by Maeum as it is.

`install` lets ``import tensorflow`` and ``import keras`` find Maeum in this process; `uninstall`
undoes that. ``maeum run script.py`` does it for a script, and ``%load_ext maeum.compat`` for a
notebook. Nothing is written anywhere: an installed TensorFlow stays as it is.

Example:
    >>> import maeum.compat
    >>> maeum.compat.install(shadow=True)
    >>> import tensorflow as tf
    >>> float(tf.reduce_sum(tf.constant([1.0, 2.0])))
    3.0
    >>> maeum.compat.uninstall()
"""

from __future__ import annotations

from typing import Any

from maeum.compat.graph import modes
from maeum.compat.graph.graph import begin_anew

__all__ = ["install", "load_ipython_extension", "uninstall", "unload_ipython_extension"]

_installed: list[Any] = []


def install(shadow: bool = False, graph: bool | None = None) -> None:
    """Let ``tensorflow`` and ``keras`` be Maeum in this process.

    Args:
        shadow: whether they are Maeum even if TensorFlow or Keras is installed.
        graph: whether functions add to a graph, as in TensorFlow 1, or compute at once, as in
            TensorFlow 2; by default what the code that imports them is written for.
    """
    import sys

    from maeum.compat import eager, finder

    uninstall()
    made = finder.find(shadow)
    if shadow:
        for name in [n for n in sys.modules if n.partition(".")[0] in finder.ROOTS]:
            made.hidden[name] = sys.modules.pop(name)
    made.decided = graph is not None
    if graph:
        modes.record_graphs()
    eager.add_methods()
    _installed.append(made)


def uninstall() -> None:
    """Let ``tensorflow`` and ``keras`` be again what is installed, if anything is."""
    from maeum.compat import eager, finder

    if not _installed:
        return
    eager.remove_methods()
    while _installed:
        finder.forget(_installed.pop())
    begin_anew()
    modes.compute_eagerly()
    modes.use_keras2(False)


def load_ipython_extension(ipython: Any) -> None:
    """Do what `install` does, for a notebook: ``%load_ext maeum.compat``.

    Each cell is looked at before it runs: the first that is written for TensorFlow 1 decides.
    """
    install(shadow=True, graph=False)
    ipython.events.register("pre_run_cell", _look)


def unload_ipython_extension(ipython: Any) -> None:
    """Undo `load_ipython_extension`."""
    ipython.events.unregister("pre_run_cell", _look)
    uninstall()


def _look(info: Any) -> None:
    from maeum.compat.scanning import wants_graph

    if wants_graph(f"import tensorflow as tf\n{info.raw_cell}"):
        modes.record_graphs()
