"""Windows over series by where they stand: no value is copied before it is asked for."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from maeum.core.checks import check_whole
from maeum.core.errors import DataError
from maeum.core.wording import plural


@dataclass(frozen=True)
class Windows:
    """Windows of steps, each followed by the steps to forecast, over series laid end to end.

    Attributes:
        origins: ``(n,)`` in the flat array, the first step that each window forecasts.
        owners: ``(n,)`` the number of the series that each belongs to.
        window: the steps that are looked back on.
        ahead: the steps that are forecast.

    Example:
        >>> windows = Windows.over([np.arange(6)], [()], window=3, ahead=2)
        >>> flat = np.arange(6)
        >>> windows.before(flat).tolist(), windows.behind(flat).tolist()
        ([[0, 1, 2], [1, 2, 3]], [[3, 4], [4, 5]])
    """

    origins: np.ndarray
    owners: np.ndarray
    window: int
    ahead: int

    @classmethod
    def over(
        cls,
        series: Sequence[Sized],
        breaks: list[tuple[int, ...]],
        window: int,
        ahead: int,
        skip: int = 0,
    ) -> Windows:
        """Return all windows over series; none reaches across two series, or across a break.

        Args:
            series: what has the lengths of the series.
            breaks: where each one's next stretch begins.
            window, ahead: as they are called above.
            skip: steps at the beginning of each stretch that no window looks at.
        """
        check_whole(window, "window")
        check_whole(ahead, "ahead")
        origins, owners, offset = [], [], 0
        for number, (one, places) in enumerate(zip(series, breaks)):
            edges = [0, *places, len(one)]
            for first, end in pairwise(edges):
                found = np.arange(first + skip + window, end - ahead + 1) + offset
                origins.append(found)
                owners.append(np.full(len(found), number))
            offset += len(one)
        return cls(np.concatenate(origins), np.concatenate(owners), window, ahead)

    def __len__(self) -> int:
        return len(self.origins)

    def take(self, which: np.ndarray) -> Windows:
        """Return some of the windows."""
        return Windows(self.origins[which], self.owners[which], self.window, self.ahead)

    def before(self, flat: np.ndarray, steps: int | None = None) -> np.ndarray:
        """Return the steps before each origin, ``(n, steps, ...)``; `window` many by default."""
        steps = self.window if steps is None else steps
        return _views(flat, self.origins - steps, steps)

    def behind(self, flat: np.ndarray) -> np.ndarray:
        """Return the steps to forecast, ``(n, ahead, ...)``."""
        return _views(flat, self.origins, self.ahead)


def _views(flat: np.ndarray, starts: np.ndarray, steps: int) -> np.ndarray:
    """Return stretches of an array; a view of it where they follow each other."""
    if len(starts) and starts.min() < 0:
        raise DataError(f"A window of {steps} steps begins before the series.")
    if len(flat) < steps or not len(starts):
        return np.zeros((len(starts), steps, *flat.shape[1:]), flat.dtype)
    views = np.moveaxis(sliding_window_view(flat, steps, axis=0), -1, 1)
    first, last = int(starts[0]), int(starts[-1])
    if last - first == len(starts) - 1 and (np.diff(starts) == 1).all():
        return views[first : last + 1]
    return views[starts]


@dataclass(frozen=True)
class Cuts:
    """Where the parts of a time begin, on the scale of `SeriesData.when`.

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
    def by_shares(cls, when: np.ndarray, ahead: int, test: float, validation: float) -> Cuts:
        """Return the cuts that keep shares of the time for the test and the validation.

        Args:
            when: when each step is; those of several series may be the same.
            ahead: the steps that are forecast: no part is shorter.
            test, validation: the shares.

        Raises:
            DataError: if nothing would be left to train on.

        >>> Cuts.by_shares(np.arange(100), 5, 0.2, 0.1)
        Cuts(train=None, validation=70, test=80, end=None)
        """
        moments = np.unique(when)
        n = len(moments)
        tested = max(ahead, round(test * n))
        validated = max(ahead, round(validation * n)) if validation else 0
        if n - tested - validated < ahead + 1:
            raise DataError(
                f"{plural(n, 'step')} are too few to train, validate and test forecasts of "
                f"{plural(ahead, 'step')}: "
                f"{tested} would be for the test and {validated} for the validation. More rows, or "
                "fewer steps ahead, would help."
            )
        return cls(None, int(moments[n - tested - validated]), int(moments[n - tested]))

    def parts(self, windows: Windows, when: np.ndarray) -> dict[str, Windows]:
        """Return the windows to train, validate and test with.

        A window belongs where everything lies that it forecasts; one whose forecast lies in two
        parts belongs to none. What it looks back on may lie in an earlier part: that is known.
        """
        first, last = when[windows.origins], when[windows.origins + windows.ahead - 1]
        reach = when[windows.origins - windows.window]
        trained = last < self.validation
        if self.train is not None:
            trained &= reach >= self.train
        tested = first >= self.test
        if self.end is not None:
            tested &= first < self.end
        validated = (first >= self.validation) & (last < self.test)
        found = {"train": trained, "validation": validated, "test": tested}
        return {name: windows.take(np.flatnonzero(which)) for name, which in found.items()}
