"""Korean particles, whose form depends on how the word before them ends."""

from __future__ import annotations

import re

# as written in a message: after a consonant, after a vowel
_PARTICLES = {
    "은(는)": ("은", "는"),
    "이(가)": ("이", "가"),
    "을(를)": ("을", "를"),
    "와(과)": ("과", "와"),
    "(으)로": ("으로", "로"),
    "(이)라": ("이라", "라"),
}
_PLACES = re.compile(
    r"(\w|%)([\"'”’)\]]*)(" + "|".join(map(re.escape, _PARTICLES)) + ")", re.UNICODE
)
_DIGITS = {"0": "영", "1": "일", "2": "이", "3": "삼", "4": "사", "5": "오", "6": "육", "7": "칠",
           "8": "팔", "9": "구", "%": "트"}  # fmt: skip


def with_particles(text: str) -> str:
    """Choose the forms of the particles; behind letters that are read in many ways both stay.

    >>> with_particles("행와(과) 텍스트을(를) 10(으)로, “예”(이)라고 Churn을(를)")
    '행과 텍스트를 10으로, “예”라고 Churn을(를)'
    """
    return _PLACES.sub(_chosen, text)


def _chosen(place: re.Match[str]) -> str:
    letter, between, particle = place.groups()
    syllable = _DIGITS.get(letter, letter)
    if not "가" <= syllable <= "힣":
        return place[0]
    end = (ord(syllable) - ord("가")) % 28
    vowel = end == 0 or (particle == "(으)로" and end == 8)  # ㄹ counts as a vowel before 로
    return letter + between + _PARTICLES[particle][vowel]
