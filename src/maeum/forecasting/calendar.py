"""What the calendar says of a time, as numbers for a network: points on circles."""

from __future__ import annotations

import numpy as np

from maeum.core.messages import N_, _
from maeum.forecasting.frequency import DAY, Frequency

_HOUR = DAY // 24
# What is known of a time: its name, how many values it takes, from which step on it varies.
_PARTS = {
    "hour": (24.0, DAY // 2),
    "weekday": (7.0, 5 * DAY),
    "day": (31.0, 16 * DAY),
    "month": (12.0, 200 * DAY),
    "day of year": (365.25, 45 * DAY),
}

_SAID = {
    "hour": N_("hour of the day"),
    "weekday": N_("day of the week"),
    "day": N_("day of the month"),
    "month": N_("month of the year"),
    "day of year": N_("day of the year"),
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
    rounds = {"hour": 1.0, "weekday": 7.0, "day": 30.5, "month": 365.25, "day of year": 365.25}
    parts = [
        name
        for name, (_period, longest) in _PARTS.items()
        if step <= longest and days >= 2 * rounds[name]
    ]
    if frequency.unit == "month":
        return [name for name in parts if name == "month"]
    return [name for name in parts if name != "month"]


def part_name(part: str) -> str:
    """Return the name of a part of the calendar in the reader's words.

    >>> part_name("weekday")
    'day of the week'
    """
    return _(_SAID[part])


def calendar_features(times: np.ndarray, parts: list[str]) -> np.ndarray:
    """Return sine and cosine of each part of the calendar, ``(n, 2 * parts)`` float32.

    >>> monday = np.array(["2024-01-01"], "datetime64[us]")
    >>> calendar_features(monday, ["weekday"]).tolist()
    [[0.0, 1.0]]
    """
    days = times.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    columns = []
    for part in parts:
        if part == "hour":
            value = (times - days).astype(np.int64) / _HOUR
        elif part == "weekday":
            value = (days.astype(np.int64) + 3) % 7  # 1970 began with a Thursday
        elif part == "day":
            value = (days - months).astype(np.int64)
        elif part == "month":
            value = months.astype(np.int64) % 12
        else:
            value = (days - days.astype("datetime64[Y]")).astype(np.int64)
        angle = 2 * np.pi * value / _PARTS[part][0]
        columns += [np.sin(angle), np.cos(angle)]
    return (
        np.stack(columns, axis=1).astype(np.float32) if columns else np.zeros((len(days), 0), "f")
    )
