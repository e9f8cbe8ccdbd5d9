"""The report of a training on texts."""

import numpy as np
import pytest

from maeum.core.messages import set_language
from maeum.experiment.report import page_of
from maeum.report.html import render
from maeum.report.sections import Words
from maeum.texts import train_text
from maeum.texts.report import in_texts

from .. import pages


@pytest.fixture(scope="module")
def page(trained):
    return render(page_of(trained))


def test_page_shows_texts_words_and_mistakes(page):
    pages.check(page)
    for said in (
        "never seen before", "Words that count", "TF-IDF and logistic regression", "Mistakes",
        'class="for k',
    ):  # fmt: skip
        assert said in page


def test_words_of_an_answer_have_their_weights(trained):
    run = trained.run
    row = int(np.flatnonzero(run.answers == run.truth)[0])
    shown = in_texts(run, np.array([row]))
    assert isinstance(shown, Words)
    [passage] = shown.passages
    assert [word.text for word in passage.words] == run.data.part("test")[row].split()
    best = max(passage.words, key=lambda word: word.weight)
    assert best.weight == 1
    told = trained.model.predict([best.text])["prediction"][0]
    assert told == run.classes[run.answers[row]]


def test_page_is_korean_where_that_is_chosen(trained):
    try:
        set_language("ko")
        page = render(page_of(trained))
    finally:
        set_language(None)
    pages.check(page)
    assert "중요한 단어" in page
    assert "Words that count" not in page


def test_texts_are_escaped_and_a_page_without_attributions_is_whole(reviews):
    table = reviews(60)
    table["review"] = "<b>x</b> " + table["review"]
    page = render(page_of(train_text(table, "review", "label", epochs=1, report=False)))
    pages.check(page)
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;" in page
    assert "Words that count" not in page
