"""Tokens and texts on a page: told apart, in one line, without harm."""

from maeum.language.shown_tokens import quoted, readable, shown, visible
from maeum.text import BytePairEncoding, TextEncoder


def test_tokens_are_shown_so_that_they_can_be_told_apart():
    characters = TextEncoder.train(["a \n\t\u00a0\u3000\u0301"], "characters")
    signs = {shown(characters, n) for n in range(len(characters.vocabulary))}
    assert signs == {"(padding)", "(unknown)", "a", "␣", "↵", "⇥", "⍽", "U+3000", "◌\u0301"}
    jamo = TextEncoder.train(["각"], "jamo", padding=None, unknown=None)
    assert {shown(jamo, n) for n in range(3)} == {"ㄱ", "ㅏ", "ㄱ (final)"}
    pairs = BytePairEncoding.train(["마음 마음"], 259)
    table = pairs.vocabulary
    assert shown(pairs, table.number("Ġ")) == "␣"
    assert shown(pairs, pairs.encode("\xff")[0]) == "bytes C3"
    ends = TextEncoder.train(["x"], "words", start="<s>", end="</s>")
    assert [shown(ends, n) for n in (2, 3)] == ["(beginning)", "(end)"]


def test_texts_are_shown_in_one_line_or_as_they_are():
    assert visible("a\nb c") == "a↵b␣c"
    assert quoted("so it is\n") == "so it is↵"
    assert quoted(" a  ") == "␣a␣␣"
    assert quoted("x" * 40 + " end ") == "…" + "x" * 21 + " end␣"
    assert quoted("   ") == "␣␣␣"
    assert readable("a\ud800\x00\n\t가\u200d") == "a\ufffd\ufffd\n\t가\u200d"
    assert readable("\u1100a") == "ㄱa"
