import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core.errors import ConfigError, DataError
from maeum.forecasting import Cuts, Windows


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=4),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 2),
)
@settings(deadline=None, max_examples=60)
def test_windows_are_all_that_stay_within_a_stretch(shapes, window, ahead, skip):
    lengths = [first + second for first, second in shapes]
    breaks = [(first,) if 0 < first < first + second else () for first, second in shapes]
    found = Windows.over([np.zeros(n) for n in lengths], breaks, window, ahead, skip)
    expected, offset = [], 0
    for n, places in zip(lengths, breaks):
        for origin in range(n):
            begin = max([0, *(p for p in places if p <= origin)])
            stop = min([n, *(p for p in places if p > origin)])
            if origin - window - skip >= begin and origin + ahead <= stop:
                expected.append(origin + offset)
        offset += n
    assert found.origins.tolist() == expected
    flat = np.arange(sum(lengths) * 2.0).reshape(-1, 2)
    for row, origin in enumerate(expected):
        assert (found.before(flat)[row] == flat[origin - window : origin]).all()
        assert (found.behind(flat)[row] == flat[origin : origin + ahead]).all()


def test_windows_that_follow_each_other_are_views():
    flat = np.arange(100.0)
    windows = Windows.over([flat], [()], 10, 2)
    assert np.shares_memory(windows.before(flat), flat)
    assert np.shares_memory(windows.take(np.arange(3, 40)).behind(flat), flat)


@given(st.integers(20, 80), st.integers(1, 4), st.integers(1, 6))
@settings(deadline=None, max_examples=40)
def test_no_target_of_one_part_lies_in_the_next(steps, ahead, window):
    when = np.arange(steps) * 10
    cuts = Cuts.by_shares(when, ahead, 0.2, 0.2)
    parts = cuts.parts(Windows.over([when], [()], window, ahead), when)
    reach = {name: when[p.origins + ahead - 1] for name, p in parts.items()}
    begin = {name: when[p.origins] for name, p in parts.items()}
    assert (reach["train"] < cuts.validation).all()
    assert (begin["validation"] >= cuts.validation).all()
    assert (reach["validation"] < cuts.test).all()
    assert (begin["test"] >= cuts.test).all()
    assert len(parts["test"])


def test_series_of_the_same_time_are_cut_at_the_same_moment():
    when = np.concatenate([np.arange(100), np.arange(40, 100)])
    cuts = Cuts.by_shares(when, 1, 0.1, 0.1)
    assert (cuts.validation, cuts.test) == (80, 90)


def test_too_few_steps():
    with pytest.raises(DataError, match="10 steps are too few"):
        Cuts.by_shares(np.arange(10), 4, 0.2, 0.2)
    with pytest.raises(ConfigError, match="window is a whole number of 1 or more"):
        Windows.over([np.zeros(9)], [()], 0, 1)
