"""What can go wrong in a search, and what ends it."""

from __future__ import annotations

from maeum.core.errors import MaeumError


class FailedTrialError(MaeumError, RuntimeError):
    """A trial failed, and is not to be tried once more: raise it in ``build`` or ``fit``."""


class SearchError(MaeumError, RuntimeError):
    """A search has nothing to show: every trial failed, or too many one after the other."""


class FatalError(Exception):
    """What no other hyper-parameters would mend: the search ends with its reason.

    Args:
        reason: the error that the user sees.
    """

    def __init__(self, reason: MaeumError):
        self.reason = reason
