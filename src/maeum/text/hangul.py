"""Hangul by arithmetic on code points: a syllable is ``0xAC00 + (lead * 21 + vowel) * 28 + tail``.

The 11,172 modern syllables stand in the order of their parts (The Unicode Standard, section 3.12).
"""

from __future__ import annotations

import functools
import re

_SYLLABLE, _LEAD, _VOWEL, _TAIL = 0xAC00, 0x1100, 0x1161, 0x11A7
_VOWELS, _TAILS, _SYLLABLES = 21, 28, 11172

SYLLABLES = "\uac00-\ud7a3"  # as the inside of a character class


@functools.cache
def _rules() -> tuple[re.Pattern, re.Pattern]:
    """Return what finds jamo that make a syllable, and a syllable with a tail behind it."""
    tail = "[\u11a8-\u11c2]"
    jamo = re.compile(f"([\u1100-\u1112])([\u1161-\u1175])({tail}?)")
    return jamo, re.compile(f"([{SYLLABLES}])({tail})")


def is_syllable(character: str) -> bool:
    """Tell whether a character is a modern Hangul syllable.

    >>> is_syllable("한"), is_syllable("ㅎ"), is_syllable("h")
    (True, False, False)
    """
    return len(character) == 1 and 0 <= ord(character) - _SYLLABLE < _SYLLABLES


def decompose(text: str) -> str:
    """Replace every Hangul syllable with its two or three jamo; the rest stays.

    The jamo are the conjoining ones (U+1100 and on), which know their place in the syllable, so
    that `compose` finds the syllables again.

    >>> [hex(ord(jamo)) for jamo in decompose("한")]
    ['0x1112', '0x1161', '0x11ab']
    """
    return "".join(map(_parts, text))


def _parts(character: str) -> str:
    number = ord(character) - _SYLLABLE
    if not 0 <= number < _SYLLABLES:
        return character
    rest, tail = divmod(number, _TAILS)
    lead, vowel = divmod(rest, _VOWELS)
    return chr(_LEAD + lead) + chr(_VOWEL + vowel) + (chr(_TAIL + tail) if tail else "")


def compose(text: str) -> str:
    """Put conjoining jamo together to syllables; the rest stays.

    ``compose(decompose(text)) == text`` for every text in Unicode's form NFC.

    >>> compose(decompose("마음 mind"))
    '마음 mind'
    """

    def syllable(found: re.Match) -> str:
        lead, vowel, tail = found.groups()
        number = (ord(lead) - _LEAD) * _VOWELS + ord(vowel) - _VOWEL
        return chr(_SYLLABLE + number * _TAILS + (ord(tail) - _TAIL if tail else 0))

    def with_tail(found: re.Match) -> str:
        whole = ord(found[1])
        if (whole - _SYLLABLE) % _TAILS:  # it has one already
            return found[0]
        return chr(whole + ord(found[2]) - _TAIL)

    jamo, without_tail = _rules()
    return without_tail.sub(with_tail, jamo.sub(syllable, text))
