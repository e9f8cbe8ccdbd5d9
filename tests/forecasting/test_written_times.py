"""Times as people write them: months, quarters, weeks, Korean dates, digits alone."""

import numpy as np
import pandas as pd
import pytest

from maeum.core.errors import ConfigError, DataError
from maeum.forecasting import train_series
from maeum.forecasting.frequency import Frequency, infer_frequency
from maeum.forecasting.reading import read_series
from maeum.forecasting.times import read_times

DAYS = pd.date_range("2024-01-01", periods=60)
HOURS = pd.date_range("2024-01-01", periods=60, freq="h")
MONTHS = pd.date_range("2016-01-01", periods=60, freq="MS")
QUARTERS = pd.date_range("2000-01-01", periods=60, freq="QS")
WEEKS = pd.date_range("2018-01-01", periods=60, freq="7D")
LATER = HOURS + pd.Timedelta("1h")


def half(d):
    return "오전" if d.hour < 12 else "오후"


def name_of(d):
    return "월화수목금토일"[d.weekday()]


WRITTEN = {
    "2024년1월1일": (DAYS, lambda d: f"{d.year}년{d.month}월{d.day}일"),
    "2024년 1월": (MONTHS, lambda d: f"{d.year}년 {d.month}월"),
    "2024. 1.": (MONTHS, lambda d: f"{d.year}. {d.month}."),
    "24.01.01": (DAYS, lambda d: d.strftime("%y.%m.%d")),
    "24-01-01": (DAYS, lambda d: d.strftime("%y-%m-%d")),
    "24/01/01 13:00": (HOURS, lambda d: d.strftime("%y/%m/%d %H:%M")),
    "2024-01-01 (월)": (DAYS, lambda d: f"{d:%Y-%m-%d} ({name_of(d)})"),
    "월요일": (DAYS, lambda d: f"{d.year}년 {d.month}월 {d.day}일 {name_of(d)}요일"),
    "오후 1:00": (HOURS, lambda d: f"{d:%Y-%m-%d} {half(d)} {d.hour % 12 or 12}:{d:%M}"),
    "2024. 1. 1. 오후 1:00": (
        HOURS,
        lambda d: f"{d.year}. {d.month}. {d.day}. {half(d)} {d.hour % 12 or 12}:{d:%M}",
    ),
    "13시": (HOURS, lambda d: f"{d.year}년 {d.month}월 {d.day}일 {d.hour}시"),
    "01:00 PM": (HOURS, lambda d: d.strftime("%Y-%m-%d %I:%M %p")),
    "KST": (HOURS, lambda d: d.strftime("%Y-%m-%d %H:%M:%S KST")),
    "Mon, 01 Jan 2024": (DAYS, lambda d: d.strftime("%a, %d %b %Y")),
    "Jan-16": (MONTHS, lambda d: d.strftime("%b-%y")),
    "January 2016": (MONTHS, lambda d: d.strftime("%B %Y")),
    "2016 Jan": (MONTHS, lambda d: d.strftime("%Y %b")),
    "01/2016": (MONTHS, lambda d: d.strftime("%m/%Y")),
    "201601": (MONTHS, lambda d: d.strftime("%Y%m")),
    "2000Q1": (QUARTERS, lambda d: f"{d.year}Q{d.quarter}"),
    "Q1 2000": (QUARTERS, lambda d: f"Q{d.quarter} {d.year}"),
    "1Q2000": (QUARTERS, lambda d: f"{d.quarter}Q{d.year}"),
    "2000년 1분기": (QUARTERS, lambda d: f"{d.year}년 {d.quarter}분기"),
    "2018-W01": (WEEKS, lambda d: d.strftime("%G-W%V")),
    "2024010113": (HOURS, lambda d: d.strftime("%Y%m%d%H")),
    "202401011300": (HOURS, lambda d: d.strftime("%Y%m%d%H%M")),
    "20240101T130000": (HOURS, lambda d: d.strftime("%Y%m%dT%H%M%S")),
    "2024010124": (LATER, lambda d: f"{d - pd.Timedelta('1h'):%Y%m%d}{d.hour or 24:02}"),
    "24:00": (LATER, lambda d: f"{d - pd.Timedelta('1h'):%Y-%m-%d} {d.hour or 24:02}:00"),
    "nanoseconds": (HOURS, lambda d: str(d.value)),
    "microseconds": (HOURS, lambda d: str(d.value // 1000)),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_times_are_those_that_were_written(name):
    times, write = WRITTEN[name]
    found = read_times(pd.Series([write(time) for time in times], dtype=object), "when")[0]
    np.testing.assert_array_equal(found, times.to_numpy("datetime64[us]"))


def test_whole_numbers_that_are_no_months_stay_steps():
    for values in ([202412, 202413], [202401013225, 202401013226], [100, 200]):
        assert read_times(pd.Series(values), "n")[0].tolist() == values


def test_months_of_numbers_have_no_gap_between_the_years():
    table = pd.DataFrame({"m": [int(d.strftime("%Y%m")) for d in MONTHS], "y": range(60)})
    read = read_series(table, "y", time="m")
    assert (len(read.series[0]), str(read.frequency), read.notes) == (60, "month", [])


def test_day_and_month_before_a_clock_are_told_apart_too():
    texts = [d.strftime("%d/%m/%Y %H:%M") for d in pd.date_range("2024-02-01", periods=12)]
    assert str(read_times(pd.Series(texts), "when")[0][1])[:10] == "2024-02-02"


@pytest.mark.parametrize(
    ("freq", "first", "count", "day"),
    [("BME", "2015-01-30", 1, 31), ("BMS", "2015-01-01", 1, 1), ("BQE", "2015-03-31", 3, 31)],
)
def test_ends_of_business_months_are_months(freq, first, count, day):
    times = pd.date_range(first, periods=60, freq=freq).to_numpy("datetime64[us]")
    found = infer_frequency([times])
    assert found == Frequency("month", count, day)
    assert found.places(times, times[0]).tolist() == list(range(60))


def test_two_days_of_a_month_are_no_months():
    times = pd.date_range("2015-01-01", periods=60, freq="SMS").to_numpy("datetime64[us]")
    assert infer_frequency([times]) is None


def test_a_format_can_be_said_and_is_checked():
    texts = pd.Series(["01x02x24", "02x02x24"])
    assert str(read_times(texts, "d", form="%dx%mx%y")[0][1])[:10] == "2024-02-02"
    with pytest.raises(ConfigError, match="not a format of strptime"):
        read_times(texts, "d", form="%Q")
    with pytest.raises(DataError, match="--time-format"):
        read_times(pd.Series(["one", "two"]), "d")


@pytest.fixture(scope="module")
def model():
    table = pd.DataFrame({"d": DAYS, "y": np.arange(60) % 7})
    options = {"ahead": 2, "network": "linear", "epochs": 1, "report": False}
    return train_series(table, "y", time="d", **options).model


def test_numbers_where_dates_were_learnt_are_refused(model):
    with pytest.raises(DataError, match=r"whole numbers; those that the model .* dates"):
        model.predict(pd.DataFrame({"d": range(40), "y": range(40)}))


def test_dates_where_numbers_were_learnt_are_refused():
    table = pd.DataFrame({"d": range(60), "y": np.arange(60) % 7})
    options = {"ahead": 2, "network": "linear", "epochs": 1, "report": False}
    found = train_series(table, "y", time="d", **options).model
    with pytest.raises(DataError, match=r"are dates; those that the model .* whole numbers"):
        found.predict(pd.DataFrame({"d": DAYS, "y": range(60)}))


def test_an_origin_is_a_time_of_the_series(model):
    table = pd.DataFrame({"d": DAYS, "y": np.arange(60) % 7})
    assert str(model.predict(table, origin="2024년 2월 1일")["d"][0])[:10] == "2024-02-02"
    with pytest.raises(ConfigError, match="origin is a time"):
        model.predict(table, origin=5)


def test_steps_of_another_size_are_named_where_too_few_are_left(model):
    with pytest.raises(DataError, match="one for each day"):
        model.predict(pd.DataFrame({"d": HOURS, "y": range(60)}))


def test_values_whose_squares_are_no_numbers_are_refused():
    table = pd.DataFrame({"d": DAYS, "y": np.arange(60) * 1e300})
    with pytest.raises(DataError, match="larger unit"):
        read_series(table, "y", time="d")


def test_a_series_that_is_mostly_filled_is_told():
    days = pd.DataFrame({"g": "a", "d": DAYS, "y": range(60)})
    weeks = pd.DataFrame({"g": "b", "d": WEEKS[:30], "y": range(30)})
    notes = read_series(pd.concat([days, weeks]), "y", time="d", group="g").notes
    assert any("ore of its steps are filled than known" in note for note in notes)


def written(form, days=DAYS):
    return pd.DataFrame({"d": days.strftime(form), "y": np.arange(len(days)) % 7})


@pytest.mark.parametrize(
    ("form", "said"),
    [("%d/%m/%Y", None), ("%m/%d/%Y", "otherwise than in the training"), ("%d %B %Y", None)],
)
def test_a_forecast_reads_times_in_another_form_than_the_training(form, said):
    options = {"ahead": 2, "network": "linear", "epochs": 1, "report": False}
    found = train_series(written("%d/%m/%Y"), "y", time="d", **options).model
    later = pd.date_range(DAYS[-1] - pd.Timedelta("19D"), periods=26)
    forecast, notes = found.predictions(written(form, later))
    assert forecast["d"].tolist() == [later[-1] + pd.Timedelta(f"{n}D") for n in (1, 2)]
    assert any("otherwise than" in note for note in notes) == (said is not None)
    twelve = pd.date_range("2024-03-01", periods=24)[:12]  # all of them could be either
    forecast, _notes = found.predictions(written(form, twelve.union(DAYS[-40:])))
    assert str(forecast["d"][0])[:10] == "2024-03-13"


def test_times_of_the_training_travel_with_the_model(tmp_path):
    options = {"ahead": 2, "network": "linear", "epochs": 1, "report": False}
    found = train_series(written("%d/%m/%Y"), "y", time="d", **options).model
    found.save(tmp_path / "m.maeum")
    again = type(found).load(tmp_path / "m.maeum")
    assert again.times == found.times == ("dmy", str(DAYS[0])[:10] + "T00:00:00.000000",
                                          str(DAYS[-1])[:10] + "T00:00:00.000000")  # fmt: skip
    assert (again.rule, again.weight) == (found.rule, found.weight)
