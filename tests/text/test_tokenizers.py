"""Tokenizers keep their written rules, and normalization does what it says."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core.errors import ConfigError, DataError, ModelFileError, UnknownNameError
from maeum.text import (
    CharacterTokenizer,
    JamoTokenizer,
    Normalizer,
    SyllableTokenizer,
    Tokenizer,
    WhitespaceTokenizer,
    WordTokenizer,
    hangul,
    tokenizers,
)

KOREAN = st.text(
    st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3) | st.sampled_from(" aㅋ1.")
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Time is an illusion. Lunchtime double so!",
         ["Time", "is", "an", "illusion", "Lunchtime", "double", "so"]),
        ("A home-based office doesn't", ["A", "home-based", "office", "does", "n't"]),
        ("I'm sure we'll say they've", ["I", "'m", "sure", "we", "'ll", "say", "they", "'ve"]),
        ("John's cat can't, won't", ["John", "'s", "cat", "ca", "n't", "wo", "n't"]),
        ("It’s five o'clock", ["It", "'s", "five", "o'clock"]),
        ("1,000 or 3.14 at 12:30, 50%", ["1,000", "or", "3.14", "at", "12:30", "50"]),
        ("U.S.A. e.g. end.Begin", ["U.S.A", "e.g", "end.Begin"]),
        ("snake_case - dash", ["snake", "case", "dash"]),
        ("나의 마음, 3개월!", ["나의", "마음", "3개월"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("'quoted' --", ["quoted"]),
        ("", []),
        (" \n\t", []),
    ],
)  # fmt: skip
def test_words_follow_the_rules(text, words):
    assert WordTokenizer().tokenize(text) == words


def test_punctuation_can_be_tokens_and_the_text_is_readable_again():
    cut = WordTokenizer(punctuation=True, lower=True)
    tokens = cut("He doesn't know (I think): why?")
    assert tokens == ["he", "does", "n't", "know", "(", "i", "think", ")", ":", "why", "?"]
    assert cut.detokenize(tokens) == "he doesn't know (i think): why?"


@given(st.text())
@settings(max_examples=50)
def test_what_is_cut_loses_no_letter(text):
    """All letters are in the words; all of a text is in its characters and its syllables."""
    words = "".join(WordTokenizer(punctuation=True).tokenize(text))
    assert words == "".join(text.replace("’", "'").split())
    for lossless in (CharacterTokenizer(), SyllableTokenizer()):
        composed = hangul.compose(text) if lossless == SyllableTokenizer() else text
        assert lossless.detokenize(lossless.tokenize(text)) == composed


@given(KOREAN | st.text())
@settings(max_examples=100)
def test_jamo_and_back(text):
    text = unicodedata.normalize("NFC", text)
    cut = JamoTokenizer()
    assert cut.detokenize(cut.tokenize(text)) == text


def test_hangul_agrees_with_unicode():
    every = "".join(map(chr, range(0xAC00, 0xD7A4)))
    assert hangul.decompose(every) == unicodedata.normalize("NFD", every)
    assert hangul.compose(hangul.decompose(every)) == every
    assert hangul.compose("가" + "\u11a8") == "각"
    assert hangul.compose("각" + "\u11a8") == "각\u11a8"
    assert hangul.is_syllable("힣")
    assert not hangul.is_syllable("가나")


def test_syllables_keep_other_words_whole():
    assert SyllableTokenizer().tokenize("GPU로 3배!") == ["GPU", "로", " ", "3", "배", "!"]
    assert SyllableTokenizer().tokenize(unicodedata.normalize("NFD", "한글")) == ["한", "글"]


@pytest.mark.parametrize("name", ["words", "whitespace", "characters", "syllables", "jamo"])
def test_tokenizers_go_through_json(name):
    cut = tokenizers.get(name)
    assert Tokenizer.from_json(cut.to_json()) == cut
    assert tokenizers.get(cut) is cut
    assert cut.tokenize("") == []
    assert cut.detokenize([]) == ""
    for wrong in (None, 3, ["a"], b"a"):
        with pytest.raises(DataError, match="A text was expected"):
            cut.tokenize(wrong)
    changed = WordTokenizer(lower=True)
    assert Tokenizer.from_json(changed.to_json()) == changed != WordTokenizer()
    assert WhitespaceTokenizer().detokenize(["so", "long"]) == "so long"


def test_unknown_tokenizers_and_broken_json():
    with pytest.raises(UnknownNameError, match="Did you mean 'words'"):
        tokenizers.get("word")
    with pytest.raises(ConfigError, match="given by its name"):
        tokenizers.get(3)
    for broken in ("", "{", "3", '{"class": "Dense", "config": {"units": 1}}', '{"class": 3}'):
        with pytest.raises(ModelFileError):
            Tokenizer.from_json(broken)
    with pytest.raises(UnknownNameError):
        Tokenizer.from_json('{"class": "os.system", "config": {}}')


def test_normalization():
    assert Normalizer()("a  b\n") == "a b"
    assert Normalizer(None, collapse_whitespace=False)("a  b\n") == "a  b\n"
    assert Normalizer("NFC")("e\u0301") == "é"
    assert Normalizer("NFKC")("ﬁ Ａ") == "fi A"
    assert Normalizer(strip_accents=True)("ÉTÉ 한글") == "ETE 한글"
    assert Normalizer(strip_punctuation=True)("«a», b! $5") == "a b 5"
    with pytest.raises(ConfigError, match="form is one of"):
        Normalizer("NFX")
    with pytest.raises(DataError, match="str"):
        Normalizer()(5)
