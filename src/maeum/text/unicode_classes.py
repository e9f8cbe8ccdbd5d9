"""Characters by Unicode's general categories, for regular expressions: ``re`` has no such."""

from __future__ import annotations

import functools
import unicodedata

# Nothing else is assigned but private use: planes 4 to 13 are empty.
_PLANES = (range(0x40000), range(0xE0000, 0xE0200))


@functools.cache
def members(categories: str) -> str:
    """Return the characters of some categories as the inside of a character class.

    Args:
        categories: the first letters of the categories: ``"L"`` for letters, ``"N"`` for numbers,
            ``"M"`` for marks, ``"P"`` for punctuation, ``"S"`` for symbols; or several.

    Example:
        >>> import re
        >>> re.findall(f"[{members('N')}]+", "a1½ ３")
        ['1½', '３']
    """
    found: list[str] = []
    first = last = -2
    for plane in _PLANES:
        for code in plane:
            if unicodedata.category(chr(code))[0] in categories:
                if code != last + 1:
                    found.append(_range(first, last))
                    first = code
                last = code
    return "".join([*found, _range(first, last)])


def _range(first: int, last: int) -> str:
    if first < 0:
        return ""
    return f"\\U{first:08x}" if first == last else f"\\U{first:08x}-\\U{last:08x}"
