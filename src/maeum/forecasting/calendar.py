"""What the calendar says of a time, as numbers for a network: points on circles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from maeum.core.messages import N_, _
from maeum.forecasting.frequency import DAY, Frequency


class _Part(NamedTuple):
    """What is known of a time: its name, how many values it takes, and their number, from 0.

    It varies with steps up to ``longest``, and comes round after so many ``days``.
    """

    name: str
    values: float
    number: Callable[[Any], Any]
    longest: int
    days: float


_HOUR = pd.Timedelta(hours=1)
_PARTS = {
    "hour": _Part(N_("hour of the day"), 24, lambda t: (t - t.normalize()) / _HOUR, DAY // 2, 1),
    "weekday": _Part(N_("day of the week"), 7, lambda t: t.day_of_week, 5 * DAY, 7),
    "day": _Part(N_("day of the month"), 31, lambda t: t.day - 1, 16 * DAY, 30.5),
    "month": _Part(N_("month of the year"), 12, lambda t: t.month - 1, 200 * DAY, 365.25),
    "day of year": _Part(
        N_("day of the year"), 365.25, lambda t: t.day_of_year - 1, 45 * DAY, 365.25
    ),
}


def calendar_parts(frequency: Frequency | None, days: float) -> list[str]:
    """Return the names of the calendar's parts that vary at a frequency and come round.

    What does not come round at least twice in the series cannot be learnt and is not used. Where
    the steps are shorter than a month, the day of the year already tells it.

    Args:
        frequency: of the series.
        days: how long the training part is.

    >>> calendar_parts(Frequency("time", DAY), 1000), calendar_parts(Frequency("month", 1), 1000)
    (['weekday', 'day', 'day of year'], ['month'])
    """
    if frequency is None or frequency.unit == "number":
        return []
    step = {"time": 1, "business": DAY, "month": 30 * DAY}[frequency.unit] * frequency.count
    monthly = frequency.unit == "month"
    return [
        name
        for name, part in _PARTS.items()
        if step <= part.longest and days >= 2 * part.days and (name == "month") == monthly
    ]


def part_name(part: str) -> str:
    """Return the name of a part of the calendar in the reader's words.

    >>> part_name("weekday")
    'day of the week'
    """
    return _(_PARTS[part].name)


def calendar_features(times: np.ndarray, parts: list[str]) -> np.ndarray:
    """Return sine and cosine of each part of the calendar, ``(n, 2 * parts)`` float32.

    >>> monday = np.array(["2024-01-01"], "datetime64[us]")
    >>> calendar_features(monday, ["weekday"]).tolist()
    [[0.0, 1.0]]
    """
    index = pd.DatetimeIndex(times)
    made = np.zeros((len(index), 2 * len(parts)), np.float32)
    for place, part in enumerate(map(_PARTS.__getitem__, parts)):
        angle = 2 * np.pi * np.asarray(part.number(index)) / part.values
        made[:, 2 * place], made[:, 2 * place + 1] = np.sin(angle), np.cos(angle)
    return made
