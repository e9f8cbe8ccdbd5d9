"""The older names for texts, against Keras's."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core.errors import ConfigError, DataError, ModelFileError, UnknownNameError
from maeum.preprocessing.text import (
    Tokenizer,
    hashing_trick,
    one_hot,
    text_to_word_sequence,
    tokenizer_from_json,
)

WORDS = st.lists(st.sampled_from(["The", "the", "cat,", "SAT.", "on", "ça", "a\tb", "?"]))
TEXTS = st.lists(WORDS.map(" ".join), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def theirs():
    from keras.src.legacy.preprocessing import text

    return text


@given(
    texts=TEXTS,
    new=TEXTS,
    num_words=st.sampled_from([None, 3, 6]),
    oov_token=st.sampled_from([None, "<oov>"]),
    char_level=st.booleans(),
    lower=st.booleans(),
)
@settings(max_examples=60)
def test_tokenizer_agrees_with_keras(theirs, texts, new, **options):
    one, two = Tokenizer(**options), theirs.Tokenizer(**options)
    for tokenizer in (one, two):
        tokenizer.fit_on_texts(texts)
        tokenizer.fit_on_texts(texts[:1])
        tokenizer.fit_on_sequences([[1, 2], [2]])
    for name in ("word_index", "index_word", "word_docs", "word_counts", "index_docs"):
        assert dict(getattr(one, name)) == dict(getattr(two, name))
    rows = one.texts_to_sequences(new)
    assert rows == two.texts_to_sequences(new)
    assert one.sequences_to_texts(rows) == two.sequences_to_texts(rows)
    if one.word_index:
        for mode in ("binary", "count", "freq", "tfidf"):
            np.testing.assert_allclose(
                one.texts_to_matrix(new, mode), two.texts_to_matrix(new, mode)
            )
    again = tokenizer_from_json(two.to_json())
    assert again.texts_to_sequences(new) == rows
    assert json.loads(one.to_json())["config"].keys() == json.loads(two.to_json())["config"].keys()
    assert theirs.tokenizer_from_json(one.to_json()).texts_to_sequences(new) == rows


def test_cutting_and_hashing_agree_with_keras(theirs):
    text = 'Time is an illusion.\tLunchtime "double" so!\n'
    for options in ({}, {"lower": False}, {"filters": "aeiou", "split": "-"}):
        assert text_to_word_sequence(text, **options) == theirs.text_to_word_sequence(
            text, **options
        )
    assert hashing_trick(text, 50) == theirs.hashing_trick(text, 50, "md5") == one_hot(text, 50)
    assert hashing_trick("ab c", 50, len) == [3, 2]
    by_letter = theirs.hashing_trick("ab", 50, "md5", analyzer=list)
    assert hashing_trick("ab", 50, analyzer=list) == by_letter


def test_lists_of_words_and_analyzers():
    tokenizer = Tokenizer(analyzer=str.split)
    tokenizer.fit_on_texts(["A, b"])
    assert tokenizer.word_index == {"A,": 1, "b": 2}
    tokenizer = Tokenizer()
    tokenizer.fit_on_texts([["So", "long ago"]])
    assert tokenizer.word_index == {"so": 1, "long ago": 2}
    assert tokenizer.texts_to_sequences([["long ago"], []]) == [[2], []]


def test_bad_input():
    for wrong in (None, 3):
        with pytest.raises(DataError, match="A text was expected"):
            Tokenizer().fit_on_texts([wrong])
    with pytest.raises(DataError, match="is given as a list"):
        Tokenizer().fit_on_texts("a text")
    with pytest.raises(DataError, match="no vocabulary"):
        Tokenizer().texts_to_matrix(["a"])
    with pytest.raises(DataError, match="needs counts"):
        Tokenizer(num_words=3).texts_to_matrix(["a"], "tfidf")
    with pytest.raises(UnknownNameError, match="mode is one of"):
        Tokenizer(num_words=3).texts_to_matrix(["a"], "counts")
    with pytest.raises(ConfigError, match="hash_function"):
        hashing_trick("a", 5, "sha1")
    for n in (1, 2.5):
        with pytest.raises(ConfigError, match="n is a whole number"):
            one_hot("a", n)
    for broken in ("", "{}", '{"config": {"filters": 3}}', "[]"):
        with pytest.raises(ModelFileError):
            tokenizer_from_json(broken)
