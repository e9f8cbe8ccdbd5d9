"""``.meta`` files: the graph of a checkpoint."""

from __future__ import annotations

from typing import Any

__all__ = ["export_meta_graph", "import_meta_graph"]


def export_meta_graph(filename: Any = None, graph: Any = None, saver: Any = None, **_: Any) -> None:
    """Write."""


def import_meta_graph(meta: Any, **_: Any) -> Any:
    """Read."""
