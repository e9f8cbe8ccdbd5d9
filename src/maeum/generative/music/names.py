"""What MuseGAN's measures are called, and how their values are written."""

from __future__ import annotations

from typing import NamedTuple

from maeum.core.messages import N_, _
from maeum.music.page import MEASURES, written

_LABELS = {**MEASURES, "tonal_distance": N_("Tonal distance of tracks")}


class MeasureName(NamedTuple):
    """A measure, as it is shown."""

    key: str
    label: str

    def written(self, value: float | None) -> str:
        """Return a value of it."""
        return written(self.key, value)


def measure_names() -> dict[str, MeasureName]:
    """Return the measures in their order, with their names in the reader's language."""
    return {key: MeasureName(key, _(label)) for key, label in _LABELS.items()}
