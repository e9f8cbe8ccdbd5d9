"""Which encoding bytes are in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core.errors import ConfigError
from maeum.text.encodings import check_encoding, error_in, recognise

LETTERS = [chr(i) for i in [*range(0x20, 0x7F), *range(0xAC00, 0xD7A4)]]
USUAL = [letter for letter in LETTERS if len(letter.encode("euc-kr")) < 3]  # not composed of jamo


@given(st.text(st.sampled_from(USUAL)))
@settings(max_examples=100)
def test_korean_text_is_recognised(text):
    text = (
        "나의 마음은 바다와 같이 넓고 " + text
    )  # alone, a syllable may pass for a letter of UTF-8
    assert recognise(text.encode()) == "utf-8"
    assert recognise(text.encode("euc-kr")) == "cp949"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_recognised(encoding):
    data = "name,age\n이름,31\n".encode(encoding)
    assert data.decode(recognise(data)).removeprefix("\ufeff") == "name,age\n이름,31\n"


@pytest.mark.parametrize(
    "text", ["un café très fort", "it’s what’s there", "Größe und Straße", "50 €"]
)
def test_western_text_is_not_taken_for_korean(text):
    assert recognise(text.encode("cp1252")) == "cp1252"


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_a_letter_that_is_cut_at_the_end_of_a_sample_does_not_matter(encoding):
    data = "나의 마음".encode(encoding)[:-1]
    assert recognise(data, whole=False) == encoding
    assert error_in(data, encoding, whole=False) is None
    assert error_in(data, encoding) is not None


def test_a_few_broken_characters_do_not_spoil_utf8():
    assert recognise("가나다".encode() * 30 + b"\xff") == "utf-8"


@pytest.mark.parametrize("name", ["utf-9", "base64", "rot13", ""])
def test_what_is_not_an_encoding_of_text_is_refused(name):
    with pytest.raises(ConfigError, match="no encoding"):
        check_encoding(name)
