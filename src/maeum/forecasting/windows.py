"""Windows over series by where they stand: no value is copied before it is asked for."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from maeum.core.checks import check_whole
from maeum.core.errors import DataError
from maeum.core.former import formerly
from maeum.forecasting.frequency import STEPS


@formerly(ahead="horizon")
@dataclass(frozen=True)
class Windows:
    """Windows of steps, each followed by the steps to forecast, over series laid end to end.

    Attributes:
        origins: ``(n,)`` in the concatenated series, the first step that each window forecasts.
        owners: ``(n,)`` the number of the series that each belongs to.
        window: the steps that are looked back on.
        horizon: the steps that are forecast.

    Example:
        >>> windows = Windows.over([np.arange(6)], [()], window=3, horizon=2)
        >>> values = np.arange(6)
        >>> windows.before(values).tolist(), windows.behind(values).tolist()
        ([[0, 1, 2], [1, 2, 3]], [[3, 4], [4, 5]])
    """

    origins: np.ndarray
    owners: np.ndarray
    window: int
    horizon: int

    @classmethod
    @formerly(ahead="horizon")
    def over(
        cls,
        series: Sequence[Sized],
        breaks: list[tuple[int, ...]],
        window: int,
        horizon: int,
        skip: int = 0,
    ) -> Windows:
        """Return all windows over series; none reaches across two series, or across a break.

        Args:
            series: what has the lengths of the series.
            breaks: where each one's next stretch begins.
            window, horizon: as they are called above.
            skip: steps at the beginning of each stretch that no window holds.
        """
        check_whole(window, "window")
        check_whole(horizon, "horizon")
        origins, owners, offset = [], [], 0
        for number, (one, places) in enumerate(zip(series, breaks)):
            edges = [0, *places, len(one)]
            for first, end in pairwise(edges):
                found = np.arange(first + skip + window, end - horizon + 1) + offset
                origins.append(found)
                owners.append(np.full(len(found), number))
            offset += len(one)
        return cls(np.concatenate(origins), np.concatenate(owners), window, horizon)

    def __len__(self) -> int:
        return len(self.origins)

    def take(self, which: np.ndarray) -> Windows:
        """Return some of the windows."""
        return Windows(self.origins[which], self.owners[which], self.window, self.horizon)

    def and_(self, others: Windows) -> Windows:
        """Return these windows and others of the same size."""
        origins = np.concatenate([self.origins, others.origins])
        owners = np.concatenate([self.owners, others.owners])
        return Windows(origins, owners, self.window, self.horizon)

    def before(self, values: np.ndarray, steps: int | None = None) -> np.ndarray:
        """Return the steps before each origin, ``(n, steps, ...)``; `window` many by default."""
        steps = self.window if steps is None else steps
        return _views(values, self.origins - steps, steps)

    def behind(self, values: np.ndarray) -> np.ndarray:
        """Return the steps to forecast, ``(n, horizon, ...)``."""
        return _views(values, self.origins, self.horizon)


def _views(values: np.ndarray, starts: np.ndarray, steps: int) -> np.ndarray:
    """Return stretches of an array; a view of it where they follow each other."""
    if len(starts) and starts.min() < 0:
        raise DataError("A window of {n} steps begins before the series.", n=steps)
    if len(values) < steps or not len(starts):
        return np.zeros((len(starts), steps, *values.shape[1:]), values.dtype)
    views = np.moveaxis(sliding_window_view(values, steps, axis=0), -1, 1)
    first, last = int(starts[0]), int(starts[-1])
    if last - first == len(starts) - 1 and (np.diff(starts) == 1).all():
        return views[first : last + 1]
    return views[starts]


@dataclass(frozen=True)
class TimeSplit:
    """Where the parts of a time begin; moments are times as whole numbers.

    Attributes:
        train: nothing before this is learnt from; None for all.
        validation: what is forecast in training lies before this.
        test: what is forecast in validation lies before this, in the test from here on.
        end: what is forecast in the test begins before this; None for all.
    """

    train: int | None
    validation: int
    test: int
    end: int | None = None

    @classmethod
    @formerly(when="moments", ahead="horizon")
    def by_fractions(
        cls, moments: np.ndarray, horizon: int, test: float, validation: float
    ) -> TimeSplit:
        """Return the split that keeps fractions of the time for the test and the validation.

        Args:
            moments: when each step is; those of several series may be the same.
            horizon: the steps that are forecast: no part is shorter.
            test, validation: the fractions.

        Raises:
            DataError: if nothing would be left to train on.

        >>> TimeSplit.by_fractions(np.arange(100), 5, 0.2, 0.1)
        TimeSplit(train=None, validation=70, test=80, end=None)
        """
        return cls.rolling(moments, horizon, test, validation)[0]

    by_shares = by_fractions  # its former name

    @classmethod
    def rolling(
        cls,
        moments: np.ndarray,
        horizon: int,
        test: float,
        validation: float,
        folds: int = 1,
        sliding: bool = False,
    ) -> list[TimeSplit]:
        """Return splits whose tests are equal parts of the fraction that is for the test.

        Args:
            moments, horizon, test, validation: as for `by_fractions`.
            folds: how many splits there are.
            sliding: whether the training part keeps its length, or grows.

        Raises:
            DataError: if nothing would be left to train on.
        """
        moments = np.unique(moments)
        n = len(moments)
        size = max(horizon, round(test * n / folds))
        validated = max(horizon, round(validation * n)) if validation else 0
        first = n - folds * size
        if first - validated < horizon + 1:
            raise DataError("{given} are too few to train, validate and test forecasts of "
                            "{horizon}: {tested} would be for the test and {validated} for the "
                            "validation. More rows, a shorter horizon (--horizon) or fewer origins "
                            "of a backtest would help.", given=STEPS.count(n),
                            horizon=STEPS.count(horizon), tested=folds * size,
                            validated=validated)  # fmt: skip
        splits = []
        for fold, begin in enumerate(range(first, n, size)):
            train = int(moments[fold * size]) if sliding else None
            end = int(moments[begin + size]) if begin + size < n else None
            splits.append(cls(train, int(moments[begin - validated]), int(moments[begin]), end))
        return splits

    def learnable(self, moments: np.ndarray) -> slice:
        """Return which steps of a series may be learnt from."""
        first = 0 if self.train is None else int(np.searchsorted(moments, self.train))
        return slice(first, max(first, int(np.searchsorted(moments, self.validation))))

    def parts(self, windows: Windows, moments: np.ndarray) -> dict[str, Windows]:
        """Return the windows to train, validate and test with.

        A window belongs where everything lies that it forecasts; one whose forecast lies in two
        parts belongs to none. What it looks back on may lie in an earlier part: that is known.
        """
        first = moments[windows.origins]
        last = moments[windows.origins + windows.horizon - 1]
        reach = moments[windows.origins - windows.window]
        trained = last < self.validation
        if self.train is not None:
            trained &= reach >= self.train
        tested = first >= self.test
        if self.end is not None:
            tested &= first < self.end
        validated = (first >= self.validation) & (last < self.test)
        found = {"train": trained, "validation": validated, "test": tested}
        return {name: windows.take(np.flatnonzero(which)) for name, which in found.items()}


Cuts = TimeSplit  # its former name
