"""The pages of clusterings and maps."""

import html
import json
import re

import numpy as np
import pandas as pd
import pytest

from maeum.classics import cluster_table, map_table
from maeum.classics.cluster_report import page_of as cluster_page
from maeum.classics.map_report import page_of as map_page
from maeum.core.messages import set_language
from maeum.report.html import render
from maeum.report.sections import to_json

from ..pages import check

METHODS = ("kmeans", "hierarchical", "dbscan", "mixture")


@pytest.fixture(scope="module")
def frame():
    """Young people who rent and old ones who own, some cells missing, and what harms a page."""
    rng = np.random.default_rng(1)
    old = np.arange(90) % 3 == 0
    made = pd.DataFrame({
        "age": np.where(old, 60, 25) + rng.normal(size=90),
        "home": np.where(old, "owns", "rents <b>&</b>"),
        "day": pd.date_range("2020-01-01", periods=90).astype(str),
        "name": [f"Ms. {i:03d}" for i in range(90)],
    })  # fmt: skip
    made.loc[4, "age"] = np.nan
    return made


@pytest.fixture(scope="module")
def found(frame):
    how = {"ignore": ["day"], "max_groups": 4}
    return {m: cluster_table(frame, method=m, beside=m == "kmeans", **how) for m in METHODS}


@pytest.fixture(scope="module")
def made(frame):
    return map_table(frame, color="home")


def map_data(page):
    inside = re.search(r'<div class="data" hidden>(.*?)</div>', page, re.DOTALL)[1]
    return json.loads(html.unescape(inside))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_of_every_method_is_whole_in_both_languages(found, method, language):
    set_language(language)
    try:
        page = render(cluster_page(found[method]))
    finally:
        set_language(None)
    check(page)
    assert "<b>&</b>" not in page
    assert json.dumps(to_json(cluster_page(found[method])), default=lambda value: value.tolist())


def test_the_groups_are_told_in_words(found):
    page = cluster_page(found["kmeans"])
    assert page.headline == "2 groups among 90 rows"
    young, old = found["kmeans"].profiles
    assert (young.rows, old.rows) == (60, 30)
    assert re.match(r"age is far higher: typically (59|60)[.\d]*, in the other rows 2[45]",
                    old.traits[-1].sentence)  # fmt: skip
    assert old.traits[0].sentence == "home is “owns” in 100% of its rows, in the other rows in 0%."
    assert old.typical["home"] == "owns (100%)"


def test_typical_values_are_medians_and_differences_are_standardised(frame, found):
    old = frame["home"] == "owns"
    trait = next(t for t in found["kmeans"].profiles[1].traits if t.column == "age")
    age = frame["age"]
    spread = age.std(ddof=0)
    assert trait.difference == pytest.approx((age[old].mean() - age[~old].mean()) / spread)
    assert float(found["kmeans"].profiles[1].typical["age"]) == pytest.approx(
        age[old].median(), abs=0.01
    )


@pytest.mark.parametrize("method", ["kmeans", "hierarchical", "mixture"])
def test_both_curves_over_the_number_of_groups_are_shown(found, method):
    chapter = next(c for c in cluster_page(found[method]).chapters if c.name == "number")
    titles = [chart.title for chart in chapter.sections[1].sections]
    assert titles == ["Silhouette", "BIC" if method == "mixture" else "Elbow"]


def test_every_step_of_k_means_is_a_slide(found):
    chapter = next(c for c in cluster_page(found["kmeans"]).chapters if c.name == "method")
    slides = chapter.sections[1]
    steps = found["kmeans"].division.detail
    assert len(slides.sections) == len(steps)
    assert slides.names[-1] == f"{len(steps) - 1} of {len(steps) - 1}"


def test_one_group_and_only_noise_are_pages_too(frame):
    for eps, count in ((100.0, 1), (1e-6, 0)):
        one = cluster_table(frame[["age"]], method="dbscan", eps=eps)
        assert one.count == count
        check(render(cluster_page(one)))
        assert any("DBSCAN finds" in note for note in one.notes)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_of_a_map_is_whole_in_both_languages(made, language):
    set_language(language)
    try:
        page = render(map_page(made))
    finally:
        set_language(None)
    check(page)


def test_the_map_holds_every_row_its_colours_and_what_is_told_of_it(frame, made):
    page = render(map_page(made))
    data = map_data(page)
    assert len(data["views"]) == 4
    for across, up in data["views"]:
        assert len(across) == len(up) == 90
        assert 0 <= min(across) <= max(across) <= 1000
    first = data["colours"][0]  # the column that was asked for
    labels = [first["legend"][code][0] for code in first["codes"]]
    assert labels == frame["home"].tolist()
    told = {column["name"]: column for column in data["told"]}
    assert [told["name"]["texts"][code] for code in told["name"]["codes"]] == frame["name"].tolist()
    assert told["age"]["texts"][told["age"]["codes"][4]] == "–"
    offered = re.findall(r"<option[^>]*>([^<]*)</option>", page)
    assert {"home", "age", "day"} < set(offered)
    assert "name" not in offered  # a key has a colour of its own for each row


def test_numbers_are_coloured_by_their_sixths(made):
    from maeum.classics.colouring import by_column

    values = pd.Series(np.arange(60.0))
    colouring = by_column(values, "n", np.arange(60))
    assert [colour for _label, colour in colouring.legend] == [f"s{i}" for i in range(6)]
    assert np.bincount(colouring.codes).tolist() == [10] * 6
    few = by_column(pd.Series([1.0, 2.0, np.nan]), "n", np.arange(3))
    assert [label for label, _colour in few.legend] == ["1", "2", "missing"]
    assert list(few.codes) == [0, 1, 2]
