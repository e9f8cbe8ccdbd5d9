"""``Coordinator`` and ``start_queue_runners``: threads that are not needed here.

Queues are filled when they are read, by whoever reads them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from maeum.compat.ops.ignoring import check_others

__all__ = ["Coordinator", "QueueRunner", "add_queue_runner", "start_queue_runners"]


class Coordinator:
    """Tells threads when to stop; here it only remembers that."""

    def __init__(self, clean_stop_exception_types: Any = None):
        self._stopped = False

    def should_stop(self) -> bool:
        """Tell whether somebody asked to stop."""
        return self._stopped

    def request_stop(self, ex: Any = None) -> None:
        """Ask to stop."""
        self._stopped = True

    def clear_stop(self) -> None:
        """Forget that somebody asked."""
        self._stopped = False

    def join(
        self,
        threads: Any = None,
        stop_grace_period_secs: float = 120,
        ignore_live_threads: bool = False,
    ) -> None:
        """Wait for threads, of which there are none."""

    def wait_for_stop(self, timeout: float | None = None) -> bool:
        """Tell whether somebody asked to stop."""
        return self._stopped

    @contextlib.contextmanager
    def stop_on_exception(self) -> Iterator[None]:
        """Ask to stop if something goes wrong."""
        try:
            yield
        finally:
            self._stopped = True


class QueueRunner:
    """Fills a queue, which is done when it is read."""

    def __init__(self, queue: Any = None, enqueue_ops: Any = None, **others: Any):
        check_others("QueueRunner", others)
        self.queue, self.enqueue_ops = queue, enqueue_ops

    def create_threads(self, *args: Any, **options: Any) -> list:
        """Return no threads."""
        return []


def add_queue_runner(qr: Any, collection: Any = None) -> None:
    """Accept what fills a queue."""


def start_queue_runners(sess: Any = None, coord: Any = None, **others: Any) -> list:
    """Return no threads: queues are filled when they are read."""
    check_others("start_queue_runners", others)
    return []
