"""Which values of an axis are marked, and where they lie."""

import math

import numpy as np
import pytest

from maeum.core.ticks import nice_step
from maeum.report.charts import Axis, seconds
from maeum.report.charts.scales import Scale, ticks

ROOMY = 10_000  # pixels: no tick has to be spared


def marked(axis, values, most=6):
    scale = Scale.of(axis, [values], 0.0, 0)
    return [tick.label for tick in ticks(axis, scale, most, ROOMY)]


@pytest.mark.parametrize("span", [1e-7, 0.3, 1, 7.7, 99, 12_345, 6e11])
@pytest.mark.parametrize("most", [2, 5, 10])
def test_a_step_is_nice_and_the_least_that_fits(span, most):
    step = nice_step(span, most)
    mantissa = step / 10 ** math.floor(math.log10(step * 1.000001))
    assert round(mantissa, 6) in (1, 2, 2.5, 5)
    assert span / step <= most + 1e-6
    assert span / (step / 2.5) > most - 1e-6  # the next smaller one would be too many


@pytest.mark.parametrize(
    ("axis", "values", "labels"),
    [
        (Axis(), [0, 1], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (Axis(), [-2, 3], ["−2", "−1", "0", "1", "2", "3"]),
        (Axis(), [1000, 1001], ["1000.0", "1000.2", "1000.4", "1000.6", "1000.8", "1001.0"]),
        (Axis(), [0, 50_000], ["0", "10k", "20k", "30k", "40k", "50k"]),
        (Axis(kind="whole"), [1, 3], ["1", "2", "3"]),
        (Axis(kind="whole"), [1, 12], ["2", "4", "6", "8", "10", "12"]),
        (Axis(kind="percent"), [0, 1], ["0%", "20%", "40%", "60%", "80%", "100%"]),
        (Axis(kind="log"), [0.5, 2000], ["1", "10", "100", "1000"]),
    ],
    ids=str,
)
def test_numbers_are_marked_at_nice_places(axis, values, labels):
    assert marked(axis, values) == labels


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        ("1900", "2000", ["1900", "1920", "1940", "1960", "1980", "2000"]),
        ("2015-11", "2016-04", ["2015-11", "2015-12", "2016-01", "2016-02", "2016-03", "2016-04"]),
        ("2016-12-30", "2017-01-03", ["2016-12-30", "12-31", "2017-01-01", "01-02", "01-03"]),
        ("2016-02-01T00", "2016-02-20T00", ["2016-02-01", "02-08", "02-15"]),  # Mondays
        ("2016-01-01T20", "2016-01-02T03", ["2016-01-01 20:00", "21:00", "22:00", "23:00", "01-02",
                                                 "01:00", "02:00", "03:00"]),
        ("2016-01-01T00:00:01", "2016-01-01T00:00:04", ["2016-01-01 00:00:01", "00:00:02",
                                                         "00:00:03", "00:00:04"]),
    ],
)  # fmt: skip
def test_times_are_marked_where_one_counts_them(first, last, labels):
    ends = seconds(np.array([first, last], "datetime64[us]"))
    assert marked(Axis(kind="time"), ends, most=max(3, len(labels) - 1)) == labels


def test_places_agree_with_the_values_they_mark():
    axis = Axis(kind="log")
    scale = Scale.of(axis, [[1, 1000]], 0.0, 0)
    assert [tick.at for tick in ticks(axis, scale, 6, ROOMY)] == pytest.approx([0, 1 / 3, 2 / 3, 1])


@pytest.mark.parametrize("values", [[], [math.nan], [5, 5], [0, 0], [math.inf, 1], [1e300, -1e300]])
@pytest.mark.parametrize("kind", ["number", "whole", "percent", "log", "time"])
def test_any_values_have_a_scale(values, kind):
    values = [v for v in values if kind != "time" or abs(v) < 1e9]
    axis = Axis(kind=kind)
    scale = Scale.of(axis, [values], 0.02, 5)
    assert scale.low < scale.high
    assert all(0 <= tick.at <= 1.000001 for tick in ticks(axis, scale, 5, 250))


def test_ticks_that_would_not_fit_on_a_phone_can_be_spared():
    ends = seconds(np.array(["2016-01-01", "2016-10-01"], "datetime64[us]"))
    axis = Axis(kind="time")
    found = ticks(axis, Scale.of(axis, [ends], 0.0, 0), 10, 250)
    assert len(found) == 10
    assert sum(not tick.spare for tick in found) <= 4
