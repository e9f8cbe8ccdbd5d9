"""Charts as they are drawn: every mark where its values are, and no more than can be seen."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from maeum.report.charts import (
    Axis,
    Band,
    Cells,
    Chart,
    Dots,
    Line,
    Reading,
    Regions,
    Rule,
    Steps,
    Thresholds,
    seconds,
)  # fmt: skip
from maeum.report.charts.drawing import MAX_POINTS, draw, thinned
from maeum.report.html import render
from maeum.report.sections import Chapter, Grid, Heading, Page, Table, Text, to_json

from ...pages import check


def drawn(*marks, **how):
    """The elements of a chart with both axes from 0 to 10."""
    chart = Chart("t", "a", marks, Axis(low=0, high=10), Axis(low=0, high=10), **how)
    return ElementTree.fromstring(f"<div>{draw(chart)}</div>")


def paths(root, name):
    return [p.get("d") for p in root.iter("path") if name in p.get("class").split()]


def test_marks_lie_where_their_values_are():
    assert paths(drawn(Line([0, 5, 10], [0, 10, 2.5])), "line") == ["M0 1000L500 0L1000 750"]
    assert paths(drawn(Dots([5], [5])), "dots") == ["M500 500.0h.1"]
    assert paths(drawn(Rule(x=2)), "guide") == ["M200.0 0V1000"]
    assert paths(drawn(Rule(y=2)), "guide") == ["M0 800.0H1000"]
    [shape] = paths(drawn(Steps([0, 5, 10], [10, 5])), "area")
    assert shape == "M0.0 1000V0H500.0V500H1000.0V1000Z"
    [area] = paths(drawn(Band([0, 10], [1, 2], [3, 4])), "area")
    assert area == "M0 900L1000 800L1000 600L0 700Z"


def test_regions_are_rectangles_of_cells_that_stand_side_by_side():
    codes = np.array([[0, 0, 1], [1, -1, 1]])  # the lower row first
    root = drawn(Regions([0, 2, 4, 10], [0, 5, 10], codes, ["c3", "c4"]))
    assert paths(root, "c3") == ["M0.0 1000.0H400.0V500.0H0.0Z"]
    [second] = paths(root, "c4")
    assert second == "".join(["M400.0 1000.0H1000.0V500.0H400.0Z", "M0.0 500.0H200.0V0.0H0.0Z",
                              "M400.0 500.0H1000.0V0.0H400.0Z"])  # fmt: skip


def test_lines_are_broken_where_a_value_is_missing():
    found = drawn(Line([0, 1, 2, 3, 4], [1, 1, np.nan, 2, np.nan]))
    assert paths(found, "line") == ["M0 900L100 900"]
    assert paths(found, "dots") == ["M300 800h.1"]  # what stands alone is a dot


@pytest.mark.parametrize("mark", [
    Line([], []), Dots([np.nan], [1]), Band([0, 1], [np.nan] * 2, [1, 2]), Line([0], [np.nan]),
])  # fmt: skip
def test_marks_without_values_draw_nothing(mark):
    assert not [p for p in drawn(mark).iter("path") if p.get("d")]


def test_long_lines_keep_their_peaks():
    x = np.arange(50_000.0)
    y = np.sin(x / 1000)
    y[12_345], y[40_001] = 9.0, -7.0
    kept = thinned(np.stack([x, y], axis=1))
    assert len(kept) <= MAX_POINTS + 2
    assert kept[:, 1].max() == 9.0
    assert kept[:, 1].min() == -7.0
    assert (np.diff(kept[:, 0]) > 0).all()


def test_readings_cover_the_plot_and_are_escaped():
    readings = Reading.along([0, 5, 10], ["<a>", "b", "c"], [("x & y", [1, np.nan, None])])
    found = drawn(Line([0, 10], [0, 1]), readings=readings)
    strips = list(found.iter("rect"))
    assert sum(float(r.get("width")) for r in strips) == pytest.approx(1000)
    assert [r[0].text for r in strips] == ["<a>\nx & y: 1", "b", "c"]


def test_numbers_that_would_touch_on_a_narrow_plot_are_for_wide_ones():
    days = seconds(np.array(["2025-11-15", "2026-01-06"], "datetime64[us]"))
    chart = Chart("t", "a", [Line(days, [0, 1])], Axis(kind="time"), style="wide")
    texts = re.findall(r"<text( class=\"[^\"]*\")? [^>]*>([^<]*)", draw(chart).split("ticks")[1])
    names = {label: found for found, label in texts}
    assert "crowded" not in names["2025-11-17"] + names["12-08"]
    assert "crowded" in names["12-29"] + names["2026-01-05"]


def test_a_heat_map_of_many_columns_spares_their_heads_on_a_phone():
    names = [f"{n}. a column with a long name" for n in range(1, 15)]
    heads = [str(n) for n in range(1, 15)]
    told = [["t"] * 14] * 14
    found = draw(Chart("t", "a", [Cells(names, np.ones((14, 14)), heads, told)]))
    assert found.count('class="spare') == 7
    few = draw(Chart("t", "a", [Cells(names[:3], np.ones((3, 3)), heads[:3], told)]))
    assert "spare" not in few


def test_heat_maps_tell_every_cell_that_is_coloured():
    values, told = [[1.0, 0.0], [-0.5, np.nan]], [["1", "2"], ["3", "4"]]
    chart = Chart("t", "a", [Cells(["first", "second"], values, ["1", "2"], told)])
    found = ElementTree.fromstring(f"<div>{draw(chart)}</div>")
    cells = [(r.get("class"), r[0].text) for r in found.iter("rect")]
    assert cells == [("cell c1 k10", "1"), ("cell c0 k5", "3")]


def page_of(*sections):
    return render(Page("", ("a",), "b", [], [], [Chapter("c", "C", sections)]))


def test_a_page_of_charts_keeps_its_order_of_headings():
    chart = Chart("One", "a", [Line([0, 1], [0, 1])])
    page = page_of(Grid([chart]), Heading("Within"), Grid([chart]))
    check(page)
    assert re.findall(r"<(h\d)[^>]*>(\w+)", page) == [
        ("h1", "b"), ("h2", "C"), ("h3", "One"), ("h3", "Within"), ("h4", "One"),
    ]  # fmt: skip


def test_the_slider_has_every_threshold_and_is_hidden_without_a_script():
    table = Table("t", ["from"], [["50%"]])
    counts = [(9, 5)] * 50 + [(7, 2)] * 51
    page = page_of(Thresholds("t", "yes", "<no>", 10, 20, counts, table))
    check(page)
    slider = re.search(r'<div class="slider" hidden data-counts="([^"]*)"', page)
    assert [tuple(map(int, pair.split(","))) for pair in slider[1].split()] == counts
    assert 'max="100" value="50"' in page
    assert "&lt;no&gt;" in page


def test_charts_are_plain_data():
    found = to_json(Chart("t", "a", [Line([0.0], [1.0])]))
    assert found["section"] == "Chart"
    assert found["marks"] == [{"x": [0.0], "y": [1.0], "colour": "c0", "look": ""}]


def test_headings_stay_on_one_sheet_with_what_they_head():
    chart = Chart("One", "a", [Line([0, 1], [0, 1])], titled=False)
    page = page_of(Text("t"), Heading("Within"), Text("t"), chart, Heading("More"), Grid([chart]))
    check(page)
    order = re.findall(r'<(div class="together"|h2|h3|p>t|figure|div class="grid")', page)
    assert order == [
        'div class="together"', "h2", "p>t",
        'div class="together"', "h3", "p>t", "figure",
        "h3", 'div class="grid"', "figure",
    ]  # fmt: skip
