import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core.errors import ConfigError
from maeum.forecasting import Frequency, infer_frequency
from maeum.forecasting.frequency import DAY


def times(*made, **options):
    return pd.date_range(*made, **options).to_numpy("datetime64[us]")


@pytest.mark.parametrize(
    ("alias", "said", "season"),
    [
        ("D", "day", 7),
        ("h", "hour", 24),
        ("15min", "15 minutes", 96),
        ("B", "business day", 5),
        ("W-WED", "week", 52),
        ("MS", "month", 12),
        ("ME", "month", 12),
        ("QS", "quarter", 4),
        ("QE", "quarter", 4),
        ("YS", "year", None),
        ("2D", "2 days", None),
        ("s", "second", 86400),
    ],
)
def test_frequencies_of_pandas_are_recognised_with_gaps_and_continued(alias, said, season):
    grid = times("2023-03-31 00:00", periods=60, freq=alias)
    seen = np.delete(grid[:50], [7, 8, 20])
    found = infer_frequency([seen])
    assert str(found) == said
    assert found.season == season
    assert (found.after(grid[49], np.arange(1, 11)) == grid[50:60]).all()
    places = found.places(grid, grid[0])
    assert places.tolist() == list(range(60))


@given(
    st.integers(1, 3).map(lambda k: 24 * k) | st.sampled_from([1, 3, 6]),
    st.lists(st.integers(0, 80), min_size=25, max_size=60, unique=True),
)
@settings(max_examples=30)
def test_places_and_times_are_each_others_inverse(hours, steps):
    frequency = Frequency("time", hours * DAY // 24)
    first = np.datetime64("2024-02-27T05:00", "us")
    at = frequency.after(first, np.sort(steps))
    assert frequency.places(at, first).tolist() == sorted(steps)


def test_fiscal_month_days_stay():
    found = infer_frequency([times("2024-01-15", periods=9, freq=pd.DateOffset(months=1))])
    assert (found.unit, found.count, found.day) == ("month", 1, 15)
    after = found.after(np.datetime64("2024-09-15", "us"), np.array([1]))
    assert str(after[0])[:10] == "2024-10-15"


def test_irregular_times_have_none():
    rng = np.random.default_rng(0)
    grid = np.datetime64("2024-01-01", "us") + np.cumsum(rng.integers(10**9, 10**11, 60))
    assert infer_frequency([grid]) is None
    assert infer_frequency([grid[:1]]) is None


def test_whole_numbers_have_their_most_frequent_step():
    assert infer_frequency([np.array([0, 5, 10, 20])]) == Frequency("number", 5)


@pytest.mark.parametrize(
    ("frequency", "steps", "said"),
    [
        (Frequency("time", DAY), 7, "7 days"),
        (Frequency("time", DAY // 96), 3, "45 minutes"),
        (Frequency("time", DAY // 96), 96, "1 day"),
        (Frequency("time", 14 * DAY), 1, "2 weeks"),
        (Frequency("time", 5), 2, "10 µs"),
        (Frequency("month", 12), 1, "1 year"),
        (Frequency("month", 6), 2, "12 months"),
        (Frequency("business", 1), 5, "5 business days"),
        (Frequency("number", 5), 2, "2 steps"),
    ],
)
def test_so_many_steps_are_a_duration(frequency, steps, said):
    assert frequency.duration(steps) == said


def test_unknown_unit():
    with pytest.raises(ConfigError, match="no frequency"):
        Frequency("moon", 1)
