"""Windows over a series: `timeseries_dataset_from_array` and the older `TimeseriesGenerator`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.core.batches import RowBatches, only_maeums
from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError, DataError
from maeum.core.randomness import next_seed


@dataclass(eq=False, repr=False)
class SeriesWindows(RowBatches):
    """Batches of windows over a series, made for ``fit``.

    Args:
        data: the series, time along the first axis.
        targets: what belongs to each window, or None.
        starts: where the windows begin.
        places: where in ``targets`` the target of each window stands.
        steps: the steps of a window, from its beginning on.
        batch_size: the windows of a batch.
        shuffle: whether every epoch has its own order.
        seed: the seed of these orders.
    """

    data: Any
    targets: Any
    starts: np.ndarray
    places: np.ndarray
    steps: np.ndarray
    batch_size: int
    shuffle: bool
    seed: int

    def __post_init__(self) -> None:
        super().__init__(len(self.starts), self.batch_size, self.shuffle, self.seed)
        self.data = np.asarray(self.data)
        self.targets = None if self.targets is None else np.asarray(self.targets)

    def take(self, rows: np.ndarray) -> Any:
        """Return ``(x, y)`` with windows ``(rows, length, ...)``; ``x`` alone without targets."""
        x = self.data[self.starts[rows][:, None] + self.steps]
        return x if self.targets is None else (x, self.targets[self.places[rows]])


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> SeriesWindows:
    """Return windows over a series as batches for ``fit``.

    Args:
        data: the series, time along the first axis.
        targets: ``targets[i]`` belongs to the window that begins at ``data[i]``; None for batches
            without targets.
        sequence_length: the steps of a window.
        sequence_stride: the distance between the beginnings of windows.
        sampling_rate: the distance between the steps of a window.
        batch_size: the windows of a batch.
        shuffle: whether every epoch has its own order, which is a function of (seed, epoch).
        seed: the seed of these orders.
        start_index: where the data begin that are used.
        end_index: where they end (not included).
        format: Keras's argument for data sets of other libraries; the batches are Maeum's.

    Raises:
        ConfigError: for arguments that do not fit the data.
        DataError: if the series is shorter than one window.

    Example:
        >>> series = np.arange(10)
        >>> windows = timeseries_dataset_from_array(series[:-3], series[3:], sequence_length=3)
        >>> x, y = windows[0]
        >>> x[0].tolist(), int(y[0])
        ([0, 1, 2], 3)
    """
    only_maeums(format)
    data = np.asarray(data)
    size = len(data)
    length = check_whole(sequence_length, "sequence_length")
    rate = check_whole(sampling_rate, "sampling_rate")
    stride = check_whole(sequence_stride, "sequence_stride")
    start = 0 if start_index is None else check_whole(start_index, "start_index", 0)
    end = size if end_index is None else check_whole(end_index, "end_index")
    if not start < end <= size:
        raise ConfigError("start_index and end_index are within the {size} steps of the data, the "
                          "first before the second; got {start} and {end}.", size=size, start=start,
                          end=end)  # fmt: skip
    count = end - start - (length - 1) * rate
    if targets is not None:
        targets = np.asarray(targets)
        count = min(count, len(targets) - start)
    if count < 1:
        raise DataError("There is no whole window: there are {n} steps (or targets), and a window "
                        "spans {length}.", n=count + (length - 1) * rate,
                        length=(length - 1) * rate + 1)  # fmt: skip
    starts = start + np.arange(0, count, stride)
    seed = next_seed() if seed is None else seed
    steps = np.arange(length) * rate
    return SeriesWindows(data, targets, starts, starts, steps, batch_size, shuffle, seed)


class TimeseriesGenerator(SeriesWindows):
    """Windows over a series, each with the target of the step behind it (older code).

    The window of step ``i`` is ``data[i - length : i : sampling_rate]``, its target
    ``targets[i]``. With ``shuffle`` every window comes once in an epoch, in an order that follows
    from the epoch.

    Args:
        data: the series, time along the first axis.
        targets: one for each step of the series.
        length: the steps that a window reaches back.
        sampling_rate: the distance between the steps of a window.
        stride: the distance between windows.
        start_index: where the data begin that are used.
        end_index: the last step that is used (included); that of the series by default.
        shuffle: whether the windows come in another order in every epoch.
        reverse: whether the last step of a window comes first.
        batch_size: the windows of a batch.

    Raises:
        DataError: if data and targets differ in length, or there is no whole window.

    Example:
        >>> x, y = TimeseriesGenerator(np.arange(5), np.arange(5), length=2, batch_size=2)[0]
        >>> x.tolist(), y.tolist()
        ([[0, 1], [1, 2]], [2, 3])
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
    ):
        if len(data) != len(targets):
            raise DataError("The data have {n} steps and the targets {targets}; there is one "
                            "target for each step.", n=len(data), targets=len(targets))  # fmt: skip
        self.length = check_whole(length, "length")
        self.sampling_rate = check_whole(sampling_rate, "sampling_rate")
        self.stride = check_whole(stride, "stride")
        self.start_index = check_whole(start_index, "start_index", 0) + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        if not self.start_index <= self.end_index < len(data):
            raise DataError("There is no whole window: the first step with {length} before it is "
                            "{first}, the last one is {last} of {n}.", length=length,
                            first=self.start_index, last=self.end_index, n=len(data))  # fmt: skip
        self.reverse = bool(reverse)
        places = np.arange(self.start_index, self.end_index + 1, stride)
        steps = np.arange(0, length, sampling_rate)[:: -1 if reverse else 1]
        super().__init__(data, targets, places - length, places, steps, batch_size, shuffle, 0)
