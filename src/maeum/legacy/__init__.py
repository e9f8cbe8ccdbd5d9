"""Older names of what is in `maeum.saving`."""

from maeum.legacy import saving

__all__ = ["saving"]
