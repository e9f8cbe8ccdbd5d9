import numpy as np
import pandas as pd
import pytest

from maeum.core.errors import ConfigError, DataError
from maeum.forecasting.times import read_times


def read(*cells, **options):
    values, notes, _form = read_times(pd.Series(list(cells)), "when", **options)
    return [str(v) for v in values.astype("datetime64[s]")], notes


@pytest.mark.parametrize(
    "cells",
    [
        ("2024-03-01", "2024-03-02"),
        ("2024/03/01", "2024/03/02"),
        ("20240301", "20240302"),
        ("2024년 3월 1일", "2024년 3월 2일"),
        ("13.02.2024", "14.02.2024"),
        ("Mar 1, 2024", "Mar 2, 2024"),
        (1709251200, 1709337600),
        (1709251200000, 1709337600000),
        (pd.Timestamp("2024-03-01"), pd.Timestamp("2024-03-02")),
    ],
)
def test_formats(cells):
    values, _notes = read(*cells)
    days = np.array(values, "datetime64[D]")
    assert (np.diff(days) == np.timedelta64(1, "D")).all()
    assert str(days[0])[:4] == "2024"


def test_day_and_month_are_told_apart_by_the_steadier_steps():
    values, notes = read("01/02/2024", "02/02/2024", "03/02/2024", "04/02/2024")
    assert values[-1].startswith("2024-02-04")
    assert "day/month" in notes[0]
    values, notes = read("02/01/2024", "02/02/2024", "02/03/2024")
    assert values[-1].startswith("2024-02-03")


def test_years_and_plain_numbers():
    assert read(1950, 1951)[0][0].startswith("1950-01-01")
    values, notes, _form = read_times(pd.Series([3, 4, 7]), "t")
    assert values.tolist() == [3, 4, 7]
    assert "whole numbers" in notes[0]


def test_one_offset_is_taken_off_and_told():
    values, notes = read("2024-01-01T09:00+09:00", "2024-01-01T10:00+0900")
    assert values == ["2024-01-01T09:00:00", "2024-01-01T10:00:00"]
    assert "UTC+09:00" in notes[0]


def test_mixed_time_zones_are_an_error_or_counted_in_utc():
    cells = ("2024-01-01 09:00+09:00", "2024-01-01 01:00Z", "2024-01-01 02:00")
    with pytest.raises(DataError, match=r"UTC offsets \+00:00, \+09:00 and none.*zones='utc'"):
        read(*cells)
    values, notes = read(*cells, zones="utc")
    assert values == ["2024-01-01T00:00:00", "2024-01-01T01:00:00", "2024-01-01T02:00:00"]
    assert "counted in UTC" in notes[0]


def test_zone_of_pandas_is_counted_in_utc_over_the_change_of_clocks():
    column = pd.Series(pd.date_range("2024-10-27", periods=5, freq="h", tz="Europe/Berlin"))
    values, notes, _form = read_times(column, "when")
    assert (np.diff(values) == np.timedelta64(1, "h")).all()
    assert "Europe/Berlin" in notes[0]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("2024-01-01", None), "missing in 1 row .row 2"),
        ((pd.NaT, pd.Timestamp("2024-01-01")), "missing in 1 row .row 1"),
        (("red", "blue"), "holds no times: 'red'"),
        ((*(f"2024-01-{i:02}" for i in range(1, 30)), "soon"), "'soon' in row 30"),
    ],
)
def test_times_that_cannot_be_read(cells, said):
    with pytest.raises(DataError, match=said):
        read(*cells)


def test_unknown_choice_of_zones():
    with pytest.raises(ConfigError, match="zones is one of"):
        read("2024-01-01", zones="local")
