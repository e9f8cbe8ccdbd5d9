import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maeum.tables.quantities import NumberForm, number_form, read_numbers
from maeum.tables.quantity import take_apart
from maeum.tables.units import CURRENCIES, DIMENSIONS, currency


def read(*texts, decimal="."):
    """Return the form of a column, its values, and what is told."""
    texts = np.array(texts, object)
    form, notes = number_form(texts, np.full(len(texts), 5), decimal)
    return form, None if form is None else read_numbers(texts, form).tolist(), notes


@pytest.mark.parametrize(
    ("texts", "unit", "values"),
    [
        (["($347.90)", "$12", "$1,234.50"], "USD", [-347.9, 12, 1234.5]),
        (["EUR 12.50", "3 EUR", "7 €"], "EUR", [12.5, 3, 7]),
        (["12.50 USD", "US$5", "$4"], "USD", [12.5, 5, 4]),
        (["Rs.1,23,456/-", "Rs 999/-"], "INR", [123456, 999]),
        (["12.-", "CHF 15.--"], "CHF", [12, 15]),
        (["1.2D+05", "3.4d-03"], "", [1.2e5, 3.4e-3]),
        (["1,234人", "12人"], "人", [1234, 12]),
        (["23歳", "34歳"], "歳", [23, 34]),
        (["1時間 20分", "45分"], "s", [4800, 2700]),
        (["$1,000/yr", "$40K per year", "USD 5 / year"], "USD/year", [1000, 40000, 5]),
        (["12 EUR/h", "9.5 EUR per hour"], "EUR/hour", [12, 9.5]),
        (["72.5kg", "80 kg"], "kg", [72.5, 80]),
        (["500 g", "1.2 kg", "3 kg"], "kg", [0.5, 1.2, 3]),
        (["25 years", "30 yrs", "18 months"], "years", [25, 30, 1.5]),
        (["1200 CC", "1,500 CC"], "CC", [1200, 1500]),
        (["19M", "1.2K", "3.4bn", "201k"], "", [19e6, 1200, 3.4e9, 201e3]),
        (["$5m", "$1.2bn"], "USD", [5e6, 1.2e9]),
        (["10,000+", "5,000+", "50+"], "", [10000, 5000, 50]),
        (["<100", "≥5", "12", "13", "14"], "", [100, 5, 12, 13, 14]),
        (["10+ years", "< 1 year", "2 years", "3 years"], "years", [10, 1, 2, 3]),
        (["~1200", "about 1300"], "", [1200, 1300]),
        (["under 5", "5", "6", "7", "10 이상"], "", [5, 5, 6, 7, 10]),
        (["5 or more", "7 and over", "9이상"], "", [5, 7, 9]),
        (["12.5 V", "220 V"], "V", [12.5, 220]),
        (["1,23,456", "2,34,567"], "", [123456, 234567]),
        (["6806*", "123†", "7[a]"], "", [6806, 123, 7]),
        (["12:34", "08:15"], "s", [12 * 3600 + 34 * 60, 8 * 3600 + 15 * 60]),
        (["12:34", "1:02:03"], "s", [12 * 60 + 34, 3723]),
        (["75:10", "12:34"], "s", [75 * 60 + 10, 12 * 60 + 34]),
        (["01:02:03", "00:00:10.5"], "s", [3723, 10.5]),
        (["1h 20m", "45m", "2h"], "s", [4800, 2700, 7200]),
        (["PT1H20M", "PT5M"], "s", [4800, 300]),
        (["2 days 03:04:05", "0 days 00:00:01"], "s", [183845, 1]),
        (["9:30 AM", "12:05 am"], "s", [34200, 300]),
        (["오전 9:30", "오후 12:05"], "s", [34200, 43500]),
        (["1:27.452", "0:59.9"], "s", [87.452, 59.9]),
        (["90 min", "100 min"], "min", [90, 100]),
        (["5m", "1.2m"], "m", [5, 1.2]),
        (["5m", "90 cm", "2 m"], "m", [5, 0.9, 2]),
        (["5\'11\"", "6 ft 2 in"], "ft", [71 / 12, 74 / 12]),
        (["1/2", "3 1/2", "¾"], "", [0.5, 3.5, 0.75]),
        (["4/5", "5/5", "3.5/5"], "", [0.8, 1, 0.7]),
        (["65㎡", "12.5 m2"], "m²", [65, 12.5]),
        (["1.5GB", "200MB", "4 GB"], "GB", [1.5, 0.2, 4]),
        (["−3 °C", "4 ℃"], "°C", [-3, 4]),
        (["3억 5,000만원", "2만원", "500원"], "KRW", [350_000_000, 20_000, 500]),
        (["1만 2천", "300"], "", [12_000, 300]),
        (["12명", "3명"], "명", [12, 3]),
        (["12개", "1개"], "개", [12, 1]),
        (["1시간 20분", "45분"], "s", [4800, 2700]),
        (["36개월", "60개월"], "개월", [36, 60]),
        (["5%", "7 %"], "%", [5, 7]),
        (["1.5 widgets", "2 widgets"], "widgets", [1.5, 2]),
        ([f"{i} boxes" for i in range(1, 13)], "boxes", [*range(1, 13)]),
    ],
)  # fmt: skip
def test_numbers_with_units_are_read(texts, unit, values):
    form, found, _notes = read(*texts)
    assert form.unit == unit
    assert found == pytest.approx(values)
    assert NumberForm.of(str(form)) == form
    assert read_numbers(np.array(["7"], object), form).tolist() == [7]  # without its unit


@pytest.mark.parametrize(
    "texts",
    [
        ["M", "L", "S", "XL"], ["4x4", "4x2"], ["A1", "B2"], ["12B", "13A"], ["3rd", "1st"],
        ["1.2.3", "1.2.4"], ["192.168.0.1", "10.0.0.1"], ["010-1234-5678", "010-2222-3333"],
        ["<=50K", ">50K"], ["10-20", "20-30"], ["32L", "34M", "36S"], ["2호선", "3호선"],
        ["5 stars", "4 stars", "3 stars"], ["2020-01-01"], ["120/80", "110/70"], ["1월", "2월"],
        ["Room 12", "Room 13"], ["12 Main St", "7 High St"], ["5 apples and 3 pears", "2 of them"],
        ["90210-1234"], ["#12", "#13"], ["1st floor"],
        [f"{i}th street" for i in range(20)], ["<18", "18-35", ">35"], ["2D", "3D"],
        [f"{i}Z" for i in range(20)], ["R2D2", "C3PO"], ["1A", "2A", "3A"],
    ],
)  # fmt: skip
def test_what_only_looks_like_a_number_is_none(texts):
    assert read(*texts)[0] is None


@pytest.mark.parametrize(
    ("texts", "units"),
    [
        (["EUR 1", "USD 2"], "EUR"),
        (["5 kg", "3 m"], "kg"),
        (["23.4 kmpl", "17.3 km/kg"], "kmpl"),
        (["$20/hour", "$40,000/yr"], "/yr"),
    ],
)
def test_several_units_in_a_column_are_told_and_not_mixed(texts, units):
    form, _values, [note] = read(*texts)
    assert form is None
    assert units in note


def test_what_was_done_is_told():
    assert read("72.5kg", "160 lb")[2] == [
        "Its numbers are in kg.",
        "Cells in 'lb' were converted.",
    ]
    assert "minutes and seconds" in read("12:34", "1:02:03")[2][0]
    assert "read as the bound: 5" in read("<100", "5", "6")[2][0]
    assert "'M' and 'K'" in read("19M", "1.2K")[2][0]
    assert "without a unit, taken in kg: 5" in read("1kg", "2 kg", "3")[2][1]


def test_a_form_of_the_training_reads_other_units_of_its_dimension_only():
    texts = np.array(["500 g", "1 kg", "3 m", "EUR 7", "9"], object)
    found = read_numbers(texts, NumberForm(".", "kg"))
    np.testing.assert_allclose(found, [0.5, 1, np.nan, np.nan, 9])


def test_every_unit_names_its_dimension():
    for dimension in (*DIMENSIONS, *map(currency, set(CURRENCIES.values()))):
        if dimension.base:
            assert NumberForm(".", dimension.base).dimension == dimension


@given(st.integers(0, 10**6))
def test_durations_are_read_back(seconds):
    hours, rest = divmod(seconds, 3600)
    written = [
        f"{hours}h {rest // 60}m {rest % 60}s", f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}",
        f"PT{hours}H{rest // 60}M{rest % 60}S", f"{hours}시간 {rest // 60}분 {rest % 60}초",
    ]  # fmt: skip
    if hours < 1000:
        written.append(str(dt.timedelta(seconds=seconds)))
    found = read_numbers(np.array(written, object), NumberForm(".", "s"))
    assert found.tolist() == [seconds] * len(written)


@given(
    st.floats(-1e9, 1e9).map(lambda value: round(value, 2)),
    st.sampled_from(["kg", "cm", "USD", "%", "h", "widgets"]),
)
def test_a_number_with_its_unit_is_read_back(value, unit):
    for text in (f"{value:.2f} {unit}", f"{value:,.2f}{unit}"):
        assert read_numbers(np.array([text], object), NumberForm(".", unit))[0] == value


@given(st.text(max_size=20))
def test_any_text_can_be_taken_apart(text):
    take_apart(text)
    read(text, text + "1")
