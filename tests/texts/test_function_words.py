"""Words that say nothing about what a text is about."""

import pytest

from maeum.texts.function_words import is_function_word


@pytest.mark.parametrize(
    "token", ["and", "A", "The", ",", "...", "--", "", "s", "of the", "a film", "film ,", "그리고"]
)
def test_words_that_hold_sentences_together(token):
    assert is_function_word(token)


@pytest.mark.parametrize("token", ["good", "not", "never", "n't", "not good", "영화", "42", "well"])
def test_words_that_say_something(token):
    assert not is_function_word(token)
