"""Vocabularies: their order, unknown words, one-hot rows, files."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core import registry
from maeum.core.errors import ConfigError, DataError, ModelFileError
from maeum.text import TextEncoder, Vocabulary


def test_frequent_tokens_come_first_and_ties_by_code_point():
    words = Vocabulary.build(["b a c b", "c b", "a d"], "whitespace")
    assert words.tokens == ["[PAD]", "[UNK]", "b", "a", "c", "d"]
    assert Vocabulary.build(["a d", "c b", "b a c b"], "whitespace") == words
    assert Vocabulary.build([["b", "a c"], ["b"]]).tokens[2:] == ["b", "a c"]  # tokens as given
    assert Vocabulary.build(["a b b"], "whitespace", min_count=2).tokens[2:] == ["b"]
    assert len(Vocabulary.build(["a b c d"], "whitespace", max_size=4)) == 4


def test_unknown_tokens_and_special_ones():
    words = Vocabulary(["so", "long"], start="<s>", end="</s>")
    assert words.encode(["so", "what"], ends=True) == [2, 4, 1, 3]
    assert words.decode([2, 4, 1, 3, 0]) == ["so", "[UNK]"]
    assert words.decode([2, 4, 0], specials=True) == ["<s>", "so", "[PAD]"]
    assert words.encode([]) == []
    strict = Vocabulary(["so", "long"], unknown=None)
    with pytest.raises(DataError, match="Did you mean 'long'"):
        strict.number("lung")
    for number in (-1, 3):
        with pytest.raises(DataError, match="There is no token"):
            strict.token(number)
    with pytest.raises(DataError, match="takes a list of tokens"):
        words.encode("so long")


def test_hihello_as_numbers_and_one_hot_rows():
    """Course example 40: the order e, l, i, o, h; "hihell" -> "ihello"."""
    letters = Vocabulary("eliho".replace("ho", "oh"), padding=None, unknown=None)
    x, y = letters.encode(list("hihell")), letters.encode(list("ihello"))
    assert x == [4, 2, 4, 0, 1, 1]
    assert y == [2, 4, 0, 1, 1, 3]
    rows = letters.one_hot(x)
    assert rows.shape == (6, 5)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows.argmax(1), x)
    np.testing.assert_array_equal(rows.sum(1), np.ones(6))
    assert letters.one_hot([]).shape == (0, 5)
    with pytest.raises(DataError):
        letters.one_hot([5])


@given(st.lists(st.text(min_size=1), unique=True, max_size=8))
@settings(max_examples=50)
def test_any_tokens_go_through_a_file(tmp_path_factory, tokens):
    path = tmp_path_factory.mktemp("v") / "tokens.txt"
    words = Vocabulary([t for t in tokens if t != "[UNK]"], padding=None, end="\n\\n")
    words.save(path)
    assert Vocabulary.load(path) == words


def test_files_of_others_and_broken_ones(tmp_path):
    path = tmp_path / "v.txt"
    path.write_text("so\nlong\r\n")
    assert Vocabulary.load(path).tokens == ["[PAD]", "[UNK]", "so", "long"]
    path.write_text("[PAD]\n[UNK]\nso")
    assert Vocabulary.load(path).tokens == ["[PAD]", "[UNK]", "so"]
    for content in (b"\xff\xfe", b"a\na\n", b"#maeum-vocabulary {\na\n"):
        path.write_bytes(content)
        with pytest.raises(ModelFileError, match=r"vocabulary|cannot be read"):
            Vocabulary.load(path)
    with pytest.raises(ModelFileError):
        Vocabulary.load(tmp_path / "missing.txt")


def test_bad_vocabularies():
    for texts in ([], ["", " "]):
        with pytest.raises(DataError, match="no token"):
            Vocabulary.build(texts)
    with pytest.raises(DataError, match="Lower min_count"):
        Vocabulary.build(["a"], min_count=2)
    with pytest.raises(ConfigError, match="special tokens"):
        Vocabulary.build(["a"], max_size=2)
    with pytest.raises(ConfigError, match="twice"):
        Vocabulary(["a", "a"])
    with pytest.raises(ConfigError, match="special token"):
        Vocabulary(["[UNK]"])
    with pytest.raises(ConfigError, match="are texts"):
        Vocabulary([1])
    with pytest.raises(DataError, match="A single text"):
        Vocabulary.build("a text")


def test_text_encoder():
    encoder = TextEncoder.train(["so long and thanks"], "words", start="<s>")
    again = registry.deserialize(registry.serialize(encoder))
    assert again.encode("so what") == encoder.encode("so what")
    assert encoder.decode(encoder.encode("thanks so", ends=True)) == "thanks so"
    with pytest.raises(ConfigError, match="is a Vocabulary"):
        TextEncoder("words", ["a"])
