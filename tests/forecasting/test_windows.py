import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core.errors import ConfigError, DataError
from maeum.forecasting import TimeSplit, Windows


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=4),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 2),
)
@settings(max_examples=60)
def test_windows_are_all_that_stay_within_a_stretch(shapes, window, horizon, skip):
    lengths = [first + second for first, second in shapes]
    breaks = [(first,) if 0 < first < first + second else () for first, second in shapes]
    found = Windows.over([np.zeros(n) for n in lengths], breaks, window, horizon, skip)
    expected, offset = [], 0
    for n, places in zip(lengths, breaks):
        for origin in range(n):
            begin = max([0, *(p for p in places if p <= origin)])
            stop = min([n, *(p for p in places if p > origin)])
            if origin - window - skip >= begin and origin + horizon <= stop:
                expected.append(origin + offset)
        offset += n
    assert found.origins.tolist() == expected
    values = np.arange(sum(lengths) * 2.0).reshape(-1, 2)
    for row, origin in enumerate(expected):
        assert (found.before(values)[row] == values[origin - window : origin]).all()
        assert (found.behind(values)[row] == values[origin : origin + horizon]).all()


def test_windows_that_follow_each_other_are_views():
    values = np.arange(100.0)
    windows = Windows.over([values], [()], 10, 2)
    assert np.shares_memory(windows.before(values), values)
    assert np.shares_memory(windows.take(np.arange(3, 40)).behind(values), values)


@given(st.integers(20, 80), st.integers(1, 4), st.integers(1, 6))
@settings(max_examples=40)
def test_no_target_of_one_part_lies_in_the_next(steps, horizon, window):
    moments = np.arange(steps) * 10
    split = TimeSplit.by_fractions(moments, horizon, 0.2, 0.2)
    parts = split.parts(Windows.over([moments], [()], window, horizon), moments)
    reach = {name: moments[p.origins + horizon - 1] for name, p in parts.items()}
    begin = {name: moments[p.origins] for name, p in parts.items()}
    assert (reach["train"] < split.validation).all()
    assert (begin["validation"] >= split.validation).all()
    assert (reach["validation"] < split.test).all()
    assert (begin["test"] >= split.test).all()
    assert len(parts["test"])


def test_series_of_the_same_time_are_cut_at_the_same_moment():
    moments = np.concatenate([np.arange(100), np.arange(40, 100)])
    split = TimeSplit.by_fractions(moments, 1, 0.1, 0.1)
    assert (split.validation, split.test) == (80, 90)


def test_too_few_steps():
    with pytest.raises(DataError, match="10 steps are too few"):
        TimeSplit.by_fractions(np.arange(10), 4, 0.2, 0.2)
    with pytest.raises(ConfigError, match="window is a whole number of 1 or more"):
        Windows.over([np.zeros(9)], [()], 0, 1)
