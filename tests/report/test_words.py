"""Texts with weighted words, as a page draws them."""

from maeum.report.html import render
from maeum.report.sections import Chapter, Page, Passage, Word, Words, to_json

from ..pages import check


def drawn(section):
    page = render(Page("", ("a",), "b", [], [], [Chapter("c", "C", [section])]))
    check(page)
    return page


def test_words_are_escaped_and_coloured_by_their_weights():
    words = [Word("<so>", 1.0), Word("dull", -0.5, "50%"), Word("film")]
    page = drawn(Words([Passage(words, "good & bad", "truth: bad")]))
    assert '<span class="for k10">&lt;so&gt;</span> ' in page
    assert '<span class="against k5" title="50%">dull</span> ' in page
    assert "<span>film</span>" in page
    assert '<b class="wrong">good &amp; bad</b>; truth: bad' in page


def test_words_that_hold_their_spaces_get_none():
    page = drawn(Words([Passage([Word("a "), Word("b", ends_line=True), Word("c")])], spaced=False))
    assert '<p class="exact" dir="auto"><span>a </span><span>b</span><br><span>c</span></p>' in page


def test_words_are_plain_data():
    found = to_json(Words([Passage([Word("a", 0.5)])]))
    assert found["section"] == "Words"
    assert found["passages"][0]["words"][0]["weight"] == 0.5
