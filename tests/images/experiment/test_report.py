"""The report: complete, safe with hostile names, and the same for the same run."""

import dataclasses
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from maeum.core.messages import set_language
from maeum.experiment.report import class_counts, page_of
from maeum.images.experiment import explanations, samples
from maeum.images.experiment.report import by_class
from maeum.report.html import render

from ...pages import check

HOSTILE = '<script>alert("x")</script>'


class Page(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.open, self.images, self.headings = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.images.append(dict(attributes))
        elif tag not in ("meta", "br", "use", "path", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("use", "path") and self.open[-1:] == [tag]:
            self.open.pop()


@pytest.fixture(scope="module")
def html(trained):
    return render(page_of(trained))


def test_page_is_whole_and_loads_nothing(html):
    page = Page(html)
    assert page.open == []
    assert page.images
    assert all(image["src"].startswith("data:image/") for image in page.images)
    assert all(image["alt"] for image in page.images)
    check(html)
    assert not re.findall(r"(?:src|href)=\"(?!data:|#)", html)


def test_page_shows_every_section_and_name(html, trained):
    for heading in ("How good it is", "What it sees", "The images", "The training", "What next"):
        assert heading in html
    for name in trained.run.classes:
        assert name in html
    assert "빈 파일.jpg" in html
    assert "maeum predict model.maeum image.jpg" in html


def test_same_run_same_page(html, trained):
    assert render(page_of(trained)) == html


def test_names_cannot_break_the_page(trained):
    names = [HOSTILE, *trained.run.classes[1:]]
    data = dataclasses.replace(trained.run.data, classes=names)
    run = dataclasses.replace(trained.run, data=data, classes=names)
    for part in data.parts.values():
        part.images.class_names = names
    try:
        page = render(page_of(dataclasses.replace(trained, run=run)))
    finally:
        for part in data.parts.values():
            part.images.class_names = trained.run.classes
    assert HOSTILE not in page
    check(page)


def test_headline_and_sentences_say_how_good_it_is(trained):
    run, verdict = trained.run, trained.task.verdict(trained.run)
    fraction = 100 * np.mean(run.answers == run.truth)
    assert f"of {len(run.truth)} images" in verdict.headline
    assert f"{fraction:.1f}".rstrip("0").rstrip(".") in verdict.headline
    said = " ".join(verdict.sentences)
    assert "always answering" in said
    assert "other models trained on the same images" in said
    assert "With only" in said


def test_page_in_korean_has_no_english_heading(trained):
    set_language("ko")
    try:
        page = render(page_of(trained))
    finally:
        set_language(None)
    headings = re.findall(r"<h[234][^>]*>(.*?)</h[234]>", page)
    shown = [*trained.run.classes, "Grad-CAM"]
    for heading in headings:
        assert re.search("[가-힣]", heading) or "stage" in heading or heading in shown, heading


def test_classes_are_judged_as_scikit_learn_does(trained):
    from sklearn.metrics import precision_recall_fscore_support

    run = trained.run
    scores = precision_recall_fscore_support(run.truth, run.answers, zero_division=np.nan)
    rows = {row[0]: row[1:] for row in by_class(run).rows}
    for k, name in enumerate(run.classes):
        count, found, right, _ = rows[name]
        assert int(count) == scores[3][k]
        assert percentage(found) == pytest.approx(scores[1][k], abs=6e-4)
        if right != "–":
            assert percentage(right) == pytest.approx(scores[0][k], abs=6e-4)


def percentage(text):
    return float(text.rstrip("%")) / 100


def test_bars_add_up_to_the_images_of_a_class(trained):
    chart = class_counts(trained.run.data.counts, 30)
    widest = max(sum(s.width for s in bar.segments) for bar in chart.bars)
    assert widest == pytest.approx(100)
    assert sum(int(bar.value) for bar in chart.bars) == sum(trained.run.rows.values())


def test_mistakes_are_the_surest_wrong_answers(trained):
    run = trained.run
    probabilities = run.probabilities.copy()
    wrong = (run.truth[:3] + 1) % 3
    probabilities[:3] = 0.05
    probabilities[np.arange(3), wrong] = [0.7, 0.9, 0.8]
    found = samples.mistakes(dataclasses.replace(run, probabilities=probabilities)).images
    order = [image.lines[2] for image in found if image.lines[0].endswith(("90%", "80%", "70%"))]
    assert order[:3] == [run.data.test.name(row) for row in (1, 2, 0)]
    assert all(image.wrong for image in found)


def test_without_mistakes_the_page_says_so(trained):
    run = trained.run
    right = np.full_like(run.probabilities, 0.05)
    right[np.arange(len(right)), run.truth] = 0.9
    run = dataclasses.replace(run, probabilities=right)
    assert samples.mistakes(run) is None
    page = render(page_of(dataclasses.replace(trained, run=run)))
    assert "Every test image is answered correctly" in page


def test_augmented_images_differ_from_their_original(trained):
    rows = samples.augmented(trained.run).rows
    assert len(rows) == samples.AUGMENTED
    for row in rows:
        assert len({image.src for image in row.images}) == 1 + samples.VARIANTS


def test_three_views_of_each_explained_image(trained):
    network = trained.model.network
    found = explanations.explanations(trained.run, network)
    assert len(found.head) == 5
    assert all(len(row.images) == 4 for row in found.rows)
    maps = explanations.feature_maps(trained.run, network)
    assert maps[0].title == "stage1_conv1_relu"
    assert explanations.first_filters(network).title == "stage1_conv1"
