"""The report: complete, safe with hostile names, and the same for the same run."""

import dataclasses
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from maeum.images.experiment import seeing, shots, verdict
from maeum.images.experiment.report import by_class, class_counts, render

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
    return render(trained)


def test_page_is_whole_and_loads_nothing(html):
    page = Page(html)
    assert page.open == []
    assert page.images
    assert all(image["src"].startswith("data:image/") for image in page.images)
    assert all(image["alt"] for image in page.images)
    assert "<script" not in html
    assert not re.findall(r"(?:src|href)=\"(?!data:|#)", html)


def test_page_shows_every_section_and_name(html, trained):
    for heading in ("How good it is", "What it sees", "The pictures", "The training", "What next"):
        assert heading in html
    for name in trained.run.classes:
        assert name in html
    assert "빈 파일.jpg" in html
    assert "maeum predict model.maeum picture.jpg" in html


def test_same_run_same_page(html, trained):
    assert render(trained) == html


def test_names_cannot_break_the_page(trained):
    data = dataclasses.replace(trained.run.data, classes=[HOSTILE, *trained.run.classes[1:]])
    for part in data.parts.values():
        part.images.class_names = data.classes
    try:
        page = render(dataclasses.replace(trained, run=dataclasses.replace(trained.run, data=data)))
    finally:
        for part in data.parts.values():
            part.images.class_names = trained.run.classes
    assert HOSTILE not in page
    assert "<script" not in page


def test_headline_counts_the_right_answers(trained):
    run = trained.run
    share = 100 * np.mean(run.answers == run.truth)
    assert f"of {len(run.truth)} pictures" in verdict.headline(run)
    assert f"{share:.1f}".rstrip("0").rstrip(".") in verdict.headline(run)
    said = " ".join(verdict.sentences(run))
    assert "always answering" in said
    assert "small grey thumbnails" in said
    assert "With only" in said


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


def test_bars_add_up_to_the_pictures_of_a_class(trained):
    chart = class_counts(trained.run)
    widest = max(sum(s.width for s in bar.segments) for bar in chart.bars)
    assert widest == pytest.approx(100)
    assert sum(int(bar.value) for bar in chart.bars) == sum(trained.run.rows.values())


def test_mistakes_are_the_surest_wrong_answers(trained):
    run = trained.run
    probabilities = run.probabilities.copy()
    wrong = (run.truth[:3] + 1) % 3
    probabilities[:3] = 0.05
    probabilities[np.arange(3), wrong] = [0.7, 0.9, 0.8]
    changed = dataclasses.replace(run, probabilities=probabilities)
    found = shots.mistakes(changed).shots
    order = [shot.lines[2] for shot in found if shot.lines[0].endswith(("90%", "80%", "70%"))]
    assert order[:3] == [run.data.test.name(row) for row in (1, 2, 0)]
    assert all(shot.wrong for shot in found)


def test_without_mistakes_the_page_says_so(trained):
    run = trained.run
    right = np.full_like(run.probabilities, 0.05)
    right[np.arange(len(right)), run.truth] = 0.9
    run = dataclasses.replace(run, probabilities=right)
    assert shots.mistakes(run) is None
    assert "Every test picture is answered correctly" in render(
        dataclasses.replace(trained, run=run)
    )


def test_augmented_pictures_differ_from_their_original(trained):
    strips = shots.augmented(trained.run)
    assert len(strips) == shots.AUGMENTED
    for strip in strips:
        assert len({shot.src for shot in strip.shots}) == 1 + shots.VARIANTS


def test_three_views_of_each_explained_picture(trained):
    found = seeing.explained(trained.run, trained.model.network)
    assert all(len(e.shots) == 4 for e in found)
    maps = seeing.feature_maps(trained.run, trained.model.network)
    assert maps[0].title == "stage1_conv1_relu"
    assert seeing.first_filters(trained.model.network).title == "stage1_conv1"
