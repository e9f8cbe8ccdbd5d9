"""Which scripts texts are written in: those with blanks between words, and those without."""

from __future__ import annotations

import re
from collections.abc import Iterable

LETTERS = 100_000  # that are looked at
# Thai to Myanmar, Khmer, kana, the Han characters with their extensions
_WITHOUT_BLANKS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)
_LETTER = re.compile(r"[^\W\d_]")


def unit_of(texts: Iterable[str]) -> str:
    """Return what texts are best cut into: ``"words"``, or ``"characters"``.

    Chinese, Japanese, Thai and their like have no blanks between words.

    >>> unit_of(["not so good", "좋은 영화"]), unit_of(["服务也很好", "とても美味しいです"])
    ('words', 'characters')
    """
    letters = without = 0
    for text in texts:
        letters += len(_LETTER.findall(text))
        without += len(_WITHOUT_BLANKS.findall(text))
        if letters > LETTERS:
            break
    return "characters" if without > 0.5 * letters else "words"
