"""Words that hold sentences together, and say nothing about what they are about."""

from __future__ import annotations

import functools

# What scikit-learn's list has besides: words that deny, and words that do say something.
_TELLING = (
    "against alone amount bill bottom cannot cant couldnt cry detail empty fire full hasnt "
    "interest least less mill mine never no nobody none noone nor not nothing serious sincere "
    "system thick thin together well without"
)
_ENGLISH = "do does did doing s t d m ll re ve 's 're 've 'd 'll 'm"  # what it does not have
_KOREAN = (
    "이 그 저 것 거 수 등 및 를 을 은 는 이는 가 의 에 에서 에게 와 과 도 로 으로 만 더 좀 "
    "잘 또 또는 그리고 그런데 그래서 하지만 그러나 하는 하고 한 할 해 했다 한다 있는 있다 "
    "있고 되는 된다 된 때 중 위해 대한 대해 통해 이런 그런 저런 이렇게 그렇게 내 나 너 "
    "우리 제 저희 뭐 왜 다 게 데 건 걸 듯 뿐 것이 것은 것을 수가 이다 입니다"
)


def is_function_word(token: str) -> bool:
    """Tell whether a token, or a word of a pair, is a function word or a punctuation mark.

    >>> [is_function_word(token) for token in (",", "and", "of the", "a film", "not", "not good")]
    [True, True, True, True, False, False]
    """
    words = token.lower().split()
    return not words or any(map(_is_one, words))


def _is_one(word: str) -> bool:
    short = len(word) == 1 and word.isascii()
    return short or not any(map(str.isalnum, word)) or word in _known()


@functools.cache
def _known() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    known = ENGLISH_STOP_WORDS.union(_ENGLISH.split(), _KOREAN.split())
    return known.difference(_TELLING.split())
