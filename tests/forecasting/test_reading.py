"""Tables of every kind of disorder become series, or an error that says what to do."""

import numpy as np
import pandas as pd
import pytest

from maeum.core.errors import ConfigError, DataError, UnknownNameError
from maeum.forecasting import SeriesSet, read_series

DAYS = pd.date_range("2024-01-01", periods=6).strftime("%Y-%m-%d")


def table(values=(1, 2, 3, 4, 5, 6), times=DAYS, **columns):
    return pd.DataFrame({"day": list(times), "sold": list(values), **columns})


def values(found, place=0):
    return found.series[place].values[:, 0].tolist()


def test_file_with_groups_and_covariates(tmp_path):
    path = tmp_path / "sales.csv"
    rows = [
        f"{d};{s};{i},5;{'yes' if i % 2 else 'no'};memo" for s in "ab" for i, d in enumerate(DAYS)
    ]
    path.write_text("day;store;sold;promo;text\n" + "\n".join(rows))
    found = read_series(path, "sold", time="day", group="store", future_covariates="promo")
    assert [one.name for one in found] == ["a", "b"]
    assert values(found) == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
    assert found.series[1].future_covariates[:, 0].tolist() == [0, 1, 0, 1, 0, 1]
    assert str(found.frequency) == "day"
    assert "Not used: text." in found.notes


def test_numbers_with_units_are_read_and_told():
    found = read_series(table(["$1.5K", "$900", "$1,200", "$3K", "$2K", "$1K"]), "sold", time="day")
    assert values(found) == [1500, 900, 1200, 3000, 2000, 1000]
    assert "sold: Its numbers are in USD." in found.notes


def test_gaps_are_filled_with_a_line_or_skipped_and_named():
    gapped = table([1, None, 3, 6], ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-06"])
    found = read_series(gapped, "sold", time="day")
    assert values(found) == [1, 2, 3, 4, 5, 6]
    assert found.notes == ["3 gaps: 2024-01-02, 2024-01-04, 2024-01-05. Filled with a "
                           "straight line."]  # fmt: skip
    found = read_series(gapped, "sold", time="day", gaps="skip")
    assert values(found) == [1, 3, 6]
    assert found.series[0].breaks == (1, 2)
    assert "no window reaches across" in found.notes[0]


def test_business_days_do_not_count_weekends_as_gaps():
    days = pd.bdate_range("2024-01-01", periods=10)
    found = read_series(table(range(10), days), "sold", time="day")
    assert str(found.frequency) == "business day"
    assert found.notes == []


def test_duplicates_are_an_error_that_names_them_or_resolved():
    twice = table(times=[*DAYS[:3], DAYS[2], *DAYS[3:5]])
    with pytest.raises(DataError, match=r"1 time with more than one row: 2024-01-03.*--duplicates"):
        read_series(twice, "sold", time="day")
    assert values(read_series(twice, "sold", time="day", duplicates="mean")) == [1, 2, 3.5, 5, 6]
    assert values(read_series(twice, "sold", time="day", duplicates="last")) == [1, 2, 4, 5, 6]


def test_duplicates_point_to_a_column_that_tells_series_apart():
    both = pd.concat([table(store="a"), table(store="b")])
    with pytest.raises(DataError, match=r"If 'store' tells several series apart"):
        read_series(both, "sold", time="day")
    assert len(read_series(both, "sold", time="day", group="store")) == 2


@pytest.mark.parametrize("order", [[5, 4, 3, 2, 1, 0], [3, 0, 5, 1, 4, 2]])
def test_unsorted_rows_are_sorted_and_told(order):
    found = read_series(table().iloc[order], "sold", time="day")
    assert values(found) == [1, 2, 3, 4, 5, 6]
    told = "newest first" if order[0] == 5 else "unsorted"
    assert told in found.notes[0]


def test_without_time_rows_are_in_order_or_newest_first():
    frame = table()[["sold"]]
    assert values(read_series(frame, "sold")) == [1, 2, 3, 4, 5, 6]
    found = read_series(frame, "sold", newest_first=True)
    assert values(found) == [6, 5, 4, 3, 2, 1]
    assert found.frequency is None
    assert "reversed" in found.notes[0]


def test_stock_file_with_comments_and_newest_first(tmp_path):
    path = tmp_path / "stock.csv"
    path.write_text("# a comment\n# Open,Close\n3.5,4\n2.5,3\n1.5,2\n")
    found = read_series(path, "Close", newest_first=True, past_covariates="all")
    assert values(found) == [2, 3, 4]
    assert found.past_covariates == ["Open"]
    assert "Past covariates: Open." in found.notes
    assert read_series(path, "Close", newest_first=True).past_covariates == []


def test_rows_behind_the_last_value_keep_the_future_covariates():
    frame = table([1, 2, 3, 4, None, None], promo=[0, 1, 0, 1, 1, 0])
    found = read_series(frame, "sold", time="day", future_covariates="promo")
    assert values(found) == [1, 2, 3, 4]
    assert found.series[0].future_covariates[:, 0].tolist() == [0, 1, 0, 1, 1, 0]
    found = read_series(frame, "sold", time="day")
    assert "2 rows without a value at the end ignored." in found.notes


def test_irregular_times_count_rows():
    odd = ["2024-01-01", "2024-01-02", "2024-01-09", "2024-01-27", "2024-03-02", "2024-05-01"]
    found = read_series(table(times=[f"{t} 0{i}:1{i}" for i, t in enumerate(odd)]), "sold",
                        time="day")  # fmt: skip
    assert found.frequency is None
    assert "irregular" in found.notes[0]
    assert len(found.series[0]) == 6


@pytest.mark.parametrize(
    ("frame", "options", "error", "said"),
    [
        (
            table(["a"] * 6),
            {},
            DataError,
            r"'sold' \(target\) does not hold numbers only: in row 1",
        ),
        (table([1, 2, 3, "x", 5, 6]), {}, DataError, "row 4 of the table it holds 'x'"),
        (table([np.inf] * 6), {}, DataError, "as large as inf"),
        (table([None] * 6), {}, DataError, "No row has a value of sold"),
        (table().head(0), {}, DataError, "no rows"),
        (table(), {"time": "dya"}, UnknownNameError, "Did you mean 'day'"),
        (table(), {"group": "shop"}, UnknownNameError, "no column 'shop' .the group."),
        (table(store=["a", None] * 3), {"group": "store"}, DataError, "group 'store' is missing"),
        (table(note=list("abcdef")), {"future_covariates": "note"}, DataError, "numbers only"),
        (table(), {"gaps": "fil"}, ConfigError, "Did you mean 'fill'"),
        (table(), {"duplicates": "first"}, ConfigError, "duplicates is one of"),
        (table(), {"newest_first": True}, ConfigError, "without a time column"),
        (table(), {"future_covariates": "sold"}, ConfigError, "two roles"),
        (
            table(range(40), [*pd.date_range("2024-01-01", periods=39), "2190-01-01"]),
            {},
            DataError,
            "Look for a wrong time",
        ),
    ],
)
def test_what_cannot_be_used(frame, options, error, said):
    with pytest.raises(error, match=said):
        read_series(frame, "sold", **{"time": "day", **options})


def test_no_target():
    with pytest.raises(ConfigError, match="the column to forecast"):
        read_series(table(), ())


@pytest.mark.parametrize("bad", [[], [1, np.nan], "ab", np.zeros((2, 2, 2))])
def test_arrays_that_are_no_series(bad):
    with pytest.raises(DataError):
        SeriesSet.from_array(bad)


def test_two_rows_of_an_array_are_two_series():
    found = SeriesSet.from_array([[1, 2, 3], [4, 5, 6]])
    assert [one.name for one in found] == ["1", "2"]
    assert found.steps == 6


def test_target_is_a_name_the_last_column_or_several_with_commas():
    frame = table(cost=range(6))
    assert read_series(frame, "last", time="day").targets == ["cost"]
    assert read_series(frame, "sold, cost", time="day").targets == ["sold", "cost"]
    named = frame.rename(columns={"sold": "sold, net"})
    assert read_series(named, "sold, net", time="day").targets == ["sold, net"]


def test_a_wrong_time_costs_no_memory_where_gaps_are_skipped():
    far = table(times=[*(f"2024-01-01 00:00:{i:02}" for i in range(5)), "2190-01-01 00:00:00"])
    found = read_series(far, "sold", time="day", gaps="skip")
    assert found.series[0].breaks == (5,)
    assert "gaps: 2024-01-01 00:00:05" in found.notes[0]


def local_hours(offset=False):
    """Return the hours of Berlin over both changes of its clocks."""
    hours = pd.date_range("2023-10-20", periods=24 * 200, freq="h", tz="Europe/Berlin")
    texts = [t.isoformat() if offset else t.strftime("%Y-%m-%d %H:%M") for t in hours]
    return pd.DataFrame({"time": texts, "load": np.arange(len(hours)) % 24})


def test_the_hour_that_clocks_repeat_is_one_and_told():
    read = read_series(local_hours(), "load", time="time")
    assert len(read.series[0]) == 24 * 200  # one hour twice, one not there
    assert "1 time is there twice, as the clocks were put back: 2023-10-29 02:00" in read.notes[0]
    assert "1 gap: 2024-03-31 02:00" in read.notes[1]
    twice = local_hours()
    with pytest.raises(DataError, match="more than one row"):
        read_series(pd.concat([twice, twice.tail(30)]), "load", time="time")


def test_offsets_of_summer_and_winter_are_counted_in_utc():
    read = read_series(local_hours(offset=True), "load", time="time")
    assert (np.diff(read.series[0].times) == np.timedelta64(1, "h")).all()
    assert "+01:00 and +02:00" in read.notes[0]


def test_the_hint_for_repeated_times_is_a_column_that_tells_series_apart():
    days = pd.date_range("2024-01-01", periods=40).repeat(4)
    frame = pd.DataFrame({"day": days, "sold": np.arange(160) % 9})
    cases = {
        "": {"price": np.arange(160) / 3},
        "use group='shop'": {"shop": [*"abcd"] * 40},
        "'town' and 'item' together": {"town": [*"aabb"] * 40, "item": [*"cdcd"] * 40},
        "'day' and 'hour' are the time together": {"hour": [0, 6, 12, 18] * 40},
        "'day' and 'clock' are the time together": {
            "clock": ["0:00", "6:00", "12:30", "18:00"] * 40
        },
        "'day' and 'Month' are the time together": {"Month": ["Jan", "Apr", "July", "Oct."] * 40},
        "'day' and '분기' are the time together": {"분기": [1, 2, 3, 4] * 40},
    }
    for said, further in cases.items():
        with pytest.raises(DataError, match="40 times with more than one row") as error:
            read_series(frame.assign(**further), "sold", time="day")
        assert said in str(error.value)
        assert "group='sold'" not in str(error.value)


@pytest.mark.parametrize("written", [float, str])
def test_numbers_that_stand_for_missing_are_gaps_and_told(written):
    days, values = pd.date_range("2024-01-01", periods=60), 50.0 + np.arange(60) % 7
    values[[10, 30, 31]] = -999
    table = pd.DataFrame({"day": days, "sold": [*map(written, values)]})
    read = read_series(table, "sold", time="day")
    assert read.series[0].values.min() == 50
    assert read.marks == {"sold": [-999.0]}
    assert any("Taken as missing" in note and "-999, 3 cells, row 11, 31, 32" in note
               for note in read.notes)  # fmt: skip
    kept = read_series(table, "sold", time="day", missing=())
    assert kept.series[0].values.min() == -999
    named = read_series(table, "sold", time="day", missing=("-999", "50"))
    assert named.series[0].values.min() > 50


def test_zeros_are_values_and_a_value_far_outside_the_rest_is_told():
    days = pd.date_range("2024-01-01", periods=60)
    sold = np.where(np.arange(60) % 10 == 0, 0.0, 1000.0 + np.arange(60) % 7)
    sold[41] = 1e9
    read = read_series(pd.DataFrame({"day": days, "sold": sold}), "sold", time="day")
    assert (read.series[0].values == 0).sum() == 6
    assert not read.marks
    [note] = read.notes
    assert "sold: 1 cell far outside the rest (0 to 1006): 1000000000." in note


def test_marks_that_were_named_are_told_as_such():
    days = pd.date_range("2024-01-01", periods=60)
    frame = pd.DataFrame({"day": days, "sold": np.where(np.arange(60) == 9, 7.0, np.arange(60.0))})
    [note, *_rest] = read_series(frame, "sold", time="day", missing=["7"]).notes
    assert note.startswith("sold: Taken as missing, as asked: 7, 2 cells")
