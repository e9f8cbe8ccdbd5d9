"""Dates in every form that people, programs and offices write, in tables and in series."""

import datetime as dt
import email.utils
import time

import numpy as np
import pandas as pd
import pytest
from babel import Locale
from babel.dates import format_date
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.forecasting.times import read_times
from maeum.tables.columns import convert_dates, recognise
from maeum.tables.date_names import months, plain, weekdays
from maeum.tables.dates import read_dates, recognise_dates

LANGUAGES = ["en", "de", "fr", "es", "pt", "it", "nl", "sv", "da", "nb", "fi", "pl", "cs", "ru",
             "uk", "tr", "id", "ro", "hu", "el"]  # fmt: skip
DAYS = pd.date_range("1975-01-05", periods=120, freq="153D")
TIMES = pd.date_range("2001-01-05 00:07:13", periods=120, freq="1234567s")
MONTHS = pd.date_range("1998-01-01", periods=60, freq="MS")
QUARTERS = pd.date_range("1998-01-01", periods=60, freq="QS")
WEEKS = pd.date_range("2018-01-01", periods=60, freq="7D")


def strftime(form):
    return lambda t: t.strftime(form)


def ordinal(n):
    suffix = "th" if 11 <= n % 100 <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{suffix}"


def era(t, before, since, rest):
    """Return a day as Japan writes it; the era of 令和 began on 1 May 2019."""
    name, first = (since, 2018) if t >= pd.Timestamp("2019-05-01") else (before, 1988)
    return f"{name}{t.year - first}{rest.format(t.month, t.day)}"


FORMS = {
    "ISO": (TIMES, lambda t: t.isoformat()),
    "Mon, 3 Jan 2020": (DAYS, lambda t: f"{t:%a}, {t.day} {t:%b %Y}"),
    "Monday, January 3, 2020": (DAYS, lambda t: f"{t:%A}, {t:%B} {t.day}, {t.year}"),
    "ctime": (TIMES, lambda t: time.asctime(t.timetuple())),
    "date(1)": (TIMES, strftime("%a %b %d %H:%M:%S UTC %Y")),
    "RFC 2822": (TIMES, lambda t: email.utils.format_datetime(t.tz_localize("UTC"))),
    "RFC 850": (TIMES, strftime("%A, %d-%b-%y %H:%M:%S GMT")),
    "HTTP": (TIMES, lambda t: email.utils.format_datetime(t.tz_localize("UTC"), usegmt=True)),
    "Apache": (TIMES, strftime("%d/%b/%Y:%H:%M:%S +0000")),
    "Apache in brackets": (TIMES, strftime("[%d/%b/%Y:%H:%M:%S +0000]")),
    "JavaScript": (TIMES, strftime("%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)")),
    "SAS day": (DAYS, lambda t: f"{t:%d%b%Y}".upper()),
    "SAS time": (TIMES, lambda t: f"{t:%d%b%Y:%H:%M:%S}".upper()),
    "Oracle": (DAYS, lambda t: f"{t:%d-%b-%Y}".upper()),
    "1st March 2020": (DAYS, lambda t: f"{ordinal(t.day)} {t:%B %Y}"),
    "March 1st, 2020": (DAYS, lambda t: f"{t:%B} {ordinal(t.day)}, {t.year}"),
    "compact with T": (TIMES, strftime("%Y%m%dT%H%M%S")),
    "compact with Z": (TIMES, strftime("%Y%m%dT%H%M%SZ")),
    "compact with blank": (TIMES, strftime("%Y%m%d %H%M%S")),
    "compact": (TIMES, strftime("%Y%m%d%H%M%S")),
    "eight digits": (DAYS, strftime("%Y%m%d")),
    "cameras": (TIMES, strftime("%Y:%m:%d %H:%M:%S")),
    "half days": (TIMES, strftime("%m/%d/%Y %I:%M:%S %p")),
    "half days in small": (TIMES, lambda t: f"{t:%d.%m.%Y %I:%M:%S} {'ap'[t.hour > 11]}.m."),
    "clock first": (TIMES, strftime("%H:%M:%S %d/%m/%Y")),
    "underlined": (TIMES, strftime("%Y-%m-%d_%H:%M:%S")),
    "오후 3시 20분 1초": (
        TIMES,
        lambda t: (
            f"{t.year}년 {t.month}월 {t.day}일 {'오전' if t.hour < 12 else '오후'} "
            f"{t.hour % 12 or 12}시 {t.minute}분 {t.second}초"
        ),
    ),
    "2020. 3. 4.": (DAYS, lambda t: f"{t.year}. {t.month}. {t.day}."),
    "2020-03-04 (수)": (DAYS, lambda t: f"{t:%Y-%m-%d} ({'월화수목금토일'[t.weekday()]})"),
    "2020年3月4日": (DAYS, lambda t: f"{t.year}年{t.month}月{t.day}日"),
    "weekday behind": (DAYS, strftime("%Y-%m-%d %A")),
    "d.m.Y H.M": (TIMES.floor("min"), strftime("%d.%m.%Y %H.%M")),
    "hour alone": (TIMES.floor("h"), strftime("%Y-%m-%d %H")),
    "hour with T": (TIMES.floor("h"), strftime("%Y-%m-%dT%H")),
    "UTC+0": (TIMES, strftime("%Y-%m-%d %H:%M:%S UTC+0")),
    "2020-03-04 수": (DAYS, lambda t: f"{t:%Y-%m-%d} {'월화수목금토일'[t.weekday()]}"),
    "20.3.4": (DAYS, lambda t: f"{t:%y}.{t.month}.{t.day}"),
    "six digits": (DAYS, strftime("%d%m%y")),
    "eight digits, day first": (DAYS, strftime("%d%m%Y")),
    "seven digits": (DAYS, strftime("%Y%j")),
    "Mar 4 '20": (DAYS, lambda t: f"{t:%b} {t.day} '{t:%y}"),
    "weeks of pandas": (WEEKS, lambda t: f"{t:%Y-%m-%d}/{t + pd.Timedelta('6D'):%Y-%m-%d}"),
    "2020M06": (MONTHS, strftime("%YM%m")),
    "2020m6": (MONTHS, lambda t: f"{t.year}m{t.month}"),
    "FY2020 Q1": (QUARTERS, lambda t: f"FY{t.year} Q{t.quarter}"),
    "m/d/y": (DAYS, lambda t: f"{t.month}/{t.day}/{t:%y}"),
    "d.m.Y": (DAYS, lambda t: f"{t.day}.{t.month}.{t.year}"),
    "d-m-Y": (DAYS, strftime("%d-%m-%Y")),
    "ISO week": (WEEKS, strftime("%G-W%V")),
    "ISO week without hyphen": (WEEKS, strftime("%GW%V")),
    "ISO week with day": (DAYS, strftime("%G-W%V-%u")),
    "KW 5 2020": (WEEKS, lambda t: f"KW {int(t.strftime('%V'))} {t.strftime('%G')}"),
    "Jan-20": (MONTHS, strftime("%b-%y")),
    "Jan 2020": (MONTHS, strftime("%b %Y")),
    "Januar 2020": (MONTHS, lambda t: format_date(t, "MMMM y", locale="de")),
    "06/2020": (MONTHS, strftime("%m/%Y")),
    "2020-06": (MONTHS, strftime("%Y-%m")),
    "2020/06": (MONTHS, strftime("%Y/%m")),
    "202006": (MONTHS, strftime("%Y%m")),
    "2020.06": (MONTHS, strftime("%Y.%m")),
    "2020년 6월": (MONTHS, lambda t: f"{t.year}년 {t.month}월"),
    "decimal years": (MONTHS, lambda t: f"{t.year + (t.month - 1) / 12:.3f}"),
    "decimal years, short": (MONTHS, lambda t: f"{t.year + (t.month - 1) / 12:.2f}"),
    "decimal years, middle": (MONTHS, lambda t: f"{t.year + (t.month - 0.5) / 12:.4f}"),
    "decimal quarters": (QUARTERS, lambda t: f"{t.year + (t.month - 1) / 12}"),
    "Q1 2020": (QUARTERS, lambda t: f"Q{t.quarter} {t.year}"),
    "2020Q1": (QUARTERS, lambda t: f"{t.year}Q{t.quarter}"),
    "2020-Q1": (QUARTERS, lambda t: f"{t.year}-Q{t.quarter}"),
    "1Q20": (QUARTERS, lambda t: f"{t.quarter}Q{t:%y}"),
    "1. Quartal 2020": (QUARTERS, lambda t: f"{t.quarter}. Quartal {t.year}"),
    "2020년 1분기": (QUARTERS, lambda t: f"{t.year}년 {t.quarter}분기"),
    "2020년 1/4분기": (QUARTERS, lambda t: f"{t.year}년 {t.quarter}/4분기"),
    "day of the year": (pd.date_range("2019-11-01", periods=200), strftime("%Y-%j")),
    "spreadsheets": (pd.date_range("2019-11-01", periods=50), lambda t: str((t - EPOCH).days)),
    "2020.1/4": (QUARTERS, lambda t: f"{t.year}.{t.quarter}/4"),
    "Oracle time": (TIMES, lambda t: f"{t:%d-%b-%y %I.%M.%S}.000000 {t:%p}".upper()),
    "令和2年": (DAYS[DAYS > "1989-01-08"], lambda t: era(t, "平成", "令和", "年{}月{}日")),
    "R2.3.4": (DAYS[DAYS > "1989-01-08"], lambda t: era(t, "H", "R", ".{}.{}")),
    "seconds": (TIMES, lambda t: str(int(t.timestamp()))),
    "milliseconds": (TIMES, lambda t: str(int(t.timestamp()) * 1000)),
}
EPOCH = pd.Timestamp("1899-12-30")


def as_column(texts, name="date"):
    typed, (column,) = recognise(pd.DataFrame({name: texts}))
    return column, typed[name]


@pytest.mark.parametrize("name", FORMS)
def test_a_table_holds_the_dates_that_were_written(name):
    times, write = FORMS[name]
    column, found = as_column([write(t) for t in times])
    assert column.kind == "date", column
    np.testing.assert_array_equal(found.to_numpy("M8[us]"), times.to_numpy("M8[us]"))


@pytest.mark.parametrize("name", [name for name in FORMS if name != "spreadsheets"])
def test_a_series_has_the_same_reader(name):
    times, write = FORMS[name]
    found = read_times(pd.Series([write(t) for t in times], dtype=object), "when")[0]
    np.testing.assert_array_equal(found, times.to_numpy("M8[us]"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_months_and_weekdays_have_the_names_of_the_cldr(language):
    known = Locale(language)
    for width in ("wide", "abbreviated"):
        for place in ("format", "stand-alone"):
            for number, name in known.months[place][width].items():
                assert months()[plain(name).strip(". ")] == number
    texts = [format_date(day, "EEEE, d MMMM y", locale=language) for day in DAYS]
    read = recognise_dates(np.array([t.replace("ʼ", "") for t in texts], object))
    if language in ("pt", "uk"):  # a hyphen, or an apostrophe, within a weekday
        texts = [format_date(day, "d MMMM y", locale=language) for day in DAYS]
        read = recognise_dates(np.array(texts, object))
    np.testing.assert_array_equal(read.values, DAYS.to_numpy("M8[us]"))
    assert "montag" in weekdays()


@given(
    st.lists(st.datetimes(dt.datetime(1969, 1, 1), dt.datetime(2068, 12, 31)), min_size=4,
             max_size=8, unique=True),
    st.sampled_from(["%Y-%m-%d %H:%M:%S.%f", "%d %b %Y %H:%M:%S.%f", "%a, %d %B %Y, %I:%M:%S.%f %p",
                     "%d/%b/%Y:%H:%M:%S.%f +0000", "%b %d %H:%M:%S.%f %Y"]),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_any_time_is_read_back(times, form):
    texts = np.array([t.strftime(form) for t in times], object)
    read = recognise_dates(texts).in_utc()
    expected = [dt.datetime.strptime(t, form).replace(tzinfo=None) for t in texts]
    np.testing.assert_array_equal(read, np.array(expected, "M8[us]"))


@given(st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2100, 1, 1)), st.integers(-47, 56))
@settings(max_examples=60, deadline=None)
def test_offsets_are_those_of_the_standard_library(when, quarters):
    zone = dt.timezone(dt.timedelta(minutes=15 * quarters))
    for text in (
        email.utils.format_datetime(when.replace(tzinfo=zone)),
        when.replace(tzinfo=zone, microsecond=0).isoformat(),
    ):
        read = read_dates(np.array([text], object), "").in_utc()[0]
        assert read == np.datetime64(int(pd.Timestamp(text).timestamp()), "s")


@pytest.mark.parametrize(
    "texts",
    [
        ["May", "March", "June", "April"],
        ["Q1", "Q2", "Q3", "Q4"],
        ["1.2.3", "1.2.4", "1.10.0"],
        ["1.2.10", "1.10.12", "2.0.11"],
        ["010-2020-1234", "010-123-4567"],
        ["192.168.0.1", "10.0.0.1"],
        ["R2.1.1", "R3.4.1", "R2.2.1"],  # versions
        ["7590-VHVEG", "5575-GNVDE"],
        ["2010-123-45", "2011-987-11"],
        ["1985-123", "1990-300", "1971-045"],
        ["MARCH1", "SEPT2", "DEC1"],
        ["1-Mar", "2-Sep"],
        ["Jan 15", "Feb 20", "Mar 31"],
        ["12:34", "13:45"],
        ["1/2", "3/4"],
        ["0280-12", "0333-10"],
        ["Sun", "Mon", "Tue"],
        ["April Smith", "May Jones 2020"],
        ["2020", "2021", "2022"],
        ["1949.5", "1980.25", "1723.05"],
        ["1800.0", "1807.3", "1814.6"],
        ["43831", "43832", "43833"],
        ["1012345678", "1098765432", "1055555555"],
        ["202401", "209913", "203030"],
        ["12-25-99A", "11-24-98B"],
        ["99/99/9999", "13/13/2013"],
    ],
)
def test_what_only_looks_like_dates_is_none(texts):
    assert recognise_dates(np.array(texts, object), "code") is None
    assert recognise_dates(np.array([texts[0]], object), "code") is None


def test_names_make_numbers_dates():
    seconds = np.array(["1709251200", "1709251237", "1719251274"], object)
    assert recognise_dates(seconds, "size") is None
    assert recognise_dates(seconds, "created_at").form == "unix s"
    assert recognise_dates(seconds, "duration_time_ms") is None
    assert recognise_dates(np.array(["43831", "43900"], object), "Order Date").form == "excel"
    assert recognise_dates(np.array(["43831", "43900"], object), "candidate") is None
    assert recognise_dates(np.array(["Jan 15", "Feb 20"], object), "month").values.astype(
        "M8[M]"
    ).tolist() == [dt.date(2015, 1, 1), dt.date(2020, 2, 1)]
    typed, (column,) = recognise(pd.DataFrame({"timestamp": [1.7092512e9, 1.7092513e9, 1.72e9]}))
    assert (column.kind, str(typed["timestamp"][0])) == ("date", "2024-03-01 00:00:00")
    assert "since 1970" in column.notes[0]


def test_the_order_of_day_and_month_is_that_of_all_cells():
    days = pd.date_range("2024-01-01", periods=400)
    texts = [d.strftime("%d/%m/%Y") for d in days]
    column, found = as_column(texts[:12] + texts)
    assert (column.format, column.notes) == ("dmy", [])
    assert found.iloc[1] == pd.Timestamp("2024-01-02")
    column, found = as_column(["03/04/2024", "05/06/2024", "05/09/2024"])
    assert "would allow the reverse" in column.notes[0]


def test_several_forms_in_one_column_are_each_read():
    column, found = as_column(
        ["2024-01-31", "31/01/2024", "31 Jan 2024", "January 31, 2024", "20240131", "02/01/2024",
         "1/31/2024", "2024년 1월 31일", "31.01.2024 00:00", "Wed Jan 31 00:00:00 2024"]
    )  # fmt: skip
    assert column.kind == "date"
    assert (found[[i for i in range(10) if i != 5]] == pd.Timestamp("2024-01-31")).all()
    assert found[5] == pd.Timestamp("2024-01-02")
    assert "month/day, most as day/month" in column.notes[0]


def test_what_is_no_date_is_told_with_examples():
    days = [d.strftime("%d %b %Y") for d in DAYS[:40]]
    column, _found = as_column([*days, "soon", "31 Feb 2020"])
    assert (column.kind, column.missing) == ("date", 2)
    assert "'soon', '31 Feb 2020'" in column.notes[0]


def test_mixed_offsets_are_counted_in_utc_and_told():
    column, found = as_column(["2020-01-31T12:00:00Z", "2020-01-31T12:00:00+09:00"])
    assert (found[0] - found[1]) == pd.Timedelta("9h")
    assert "+00:00 and +09:00" in column.notes[0]


def test_regions_have_the_offsets_of_their_time():
    hours = pd.date_range("2024-03-30 01:00", periods=60, freq="h", tz="UTC")
    local = hours.tz_convert("Europe/Berlin")
    for form in ("%Y-%m-%d %H:%M:%S Europe/Berlin", "%Y-%m-%dT%H:%M:%S%z[Europe/Berlin]"):
        read = recognise_dates(np.array(local.strftime(form), object))
        np.testing.assert_array_equal(read.in_utc(), hours.tz_localize(None).to_numpy("M8[us]"))
    assert recognise_dates(np.array(["2024-03-30 01:00 Nowhere/Land"], object)) is None


def test_years_of_two_digits_follow_posix():
    read = recognise_dates(np.array(["31/12/68", "31/12/69", "30/12/99"], object))
    expected = [dt.datetime.strptime(t, "%d/%m/%y") for t in ("31/12/68", "31/12/69", "30/12/99")]
    np.testing.assert_array_equal(read.values, np.array(expected, "M8[us]"))
    assert "2068" in read.notes[0]


TRAINED = ["2024-02-01T00:00:00", "2024-03-04T00:00:00"]


@pytest.mark.parametrize(
    ("form", "texts", "expected", "said"),
    [
        ("mdy", ["03/04/2024"], "2024-03-04", None),
        ("mdy", ["05/03/2024"], "2024-03-05", "only so they lie where"),
        ("mdy", ["25/03/2024", "01/03/2024"], "2024-03-25", "not all of them can be read"),
        ("dmy", ["2024-03-04"], "2024-03-04", None),
        ("dmy", ["4. März 2024"], "2024-03-04", None),
        ("", ["04/03/2024"], "2024-03-04", "written otherwise"),
        ("", ["1709510400"], "2024-03-04", "since 1970"),
        ("unix s", ["1709510400000"], "2024-03-04", "ms since 1970"),
        ("unix s", ["2024-03-04 00:00:00"], "2024-03-04", None),
        ("mdy", ["45355"], "2024-03-04", "spreadsheets"),
        ("mdy", ["12345"], None, None),
        ("%m/%d/%Y", ["03/04/2024"], "2024-03-04", None),  # of an earlier version's file
        ("%m/%d/%Y", ["25/03/2024"], "2024-03-25", "not all of them"),
        ("ISO8601", ["2024-03-04T00:00Z"], "2024-03-04", None),
    ],
)
def test_dates_in_another_form_than_in_the_training(form, texts, expected, said):
    values, unread, notes = convert_dates(pd.Series(texts), form, TRAINED)
    assert (said is None and not notes) or said in notes[0]
    if expected is None:
        assert unread == {texts[0]: 1}
    else:
        assert str(values[0])[:10] == expected


@pytest.mark.parametrize("form", ["dmy", "%d/%m/%Y"])
def test_a_whole_column_in_another_order_is_read_alike(form):
    days = pd.date_range("2024-01-01", periods=60)
    values, _unread, notes = convert_dates(pd.Series(days.strftime("%m/%d/%Y")), form, TRAINED)
    np.testing.assert_array_equal(values, days)
    assert len(notes) == 1


def test_dates_that_stand_for_a_missing_one_are_missing_and_told():
    days = [str(d.date()) for d in DAYS[60:]]
    column, found = as_column([*days, *["1900-01-01"] * 20])
    assert column.missing == 20
    assert column.statistics["first"] == found.min().isoformat() == DAYS[60].isoformat()
    assert "1900-01-01 lies far outside" in column.notes[-1]
    span = [column.statistics["first"], column.statistics["last"]]
    values, unread, notes = convert_dates(pd.Series(["1900-01-01", days[0]]), column.format, span)
    assert values.isna().tolist() == [True, False]
    assert unread == {"1900-01-01": 1}
    assert len(notes) == 1
    births = [str(d.date()) for d in pd.date_range("1899-05-01", periods=60, freq="YS")]
    assert as_column([*births, "1900-01-01"])[0].missing == 0
