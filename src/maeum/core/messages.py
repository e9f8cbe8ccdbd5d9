"""Messages in the reader's language: gettext catalogues, English where there is no translation.

A sentence stands in the code in English, inside ``_(...)`` where it is said and inside ``N_(...)``
where it is only kept (the help of an option). ``make messages`` collects them into
``locale/LANGUAGE/LC_MESSAGES/maeum.po``; a new language is one more such file.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

from maeum.core.korean import with_particles

DOMAIN = "maeum"
FOLDER = Path(__file__).parents[1] / "locale"

_chosen: str | None = None


def _(message: str, **values: Any) -> str:
    """Return a message in the reader's language, its ``{placeholders}`` filled in.

    >>> _("The table has no column {name!r}.", name="age")
    "The table has no column 'age'."
    """
    found = _catalogue(language()).gettext(message) if message else ""
    return _filled(found, message, values) if values else found


def ngettext(one: str, many: str, n: int, **values: Any) -> str:
    """Return the message that fits a number, which is filled in as ``{n}``.

    >>> ngettext("{n:,} row", "{n:,} rows", 1), ngettext("{n:,} row", "{n:,} rows", 2113)
    ('1 row', '2,113 rows')
    """
    found = _catalogue(language()).ngettext(one, many, n)
    return _filled(found, one if n == 1 else many, {"n": n, **values})


def N_(message: str) -> str:
    """Return a message as it is, marked for translation: ``_`` will say it."""
    return message


def language() -> str:
    """Return the language of the messages, such as ``"ko"``; the system's unless one is chosen."""
    return _chosen or _of_the_system()


def set_language(code: str | None) -> None:
    """Choose the language of the messages; None for that of the system.

    Raises:
        ValueError: if there is no translation into it.
    """
    global _chosen
    if code is not None and code not in languages():
        known = ", ".join(languages())
        raise ValueError(_("There are messages in {known}; got {code!r}.", known=known, code=code))
    _chosen = code
    _of_the_system.cache_clear()


def languages() -> list[str]:
    """Return the languages that there are messages in."""
    return sorted({"en", *(path.parts[-3] for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))})


@functools.cache
def _of_the_system() -> str:
    given = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    locale = next(filter(None, given), "")
    wished = "" if locale in ("C", "POSIX") else os.environ.get("LANGUAGE", "") or locale
    wanted = (os.environ.get("MAEUM_LANGUAGE") or wished).split(":")
    codes = [code.partition("_")[0].partition(".")[0] for code in wanted]
    return next((code for code in codes if code in languages()), "en")


@functools.cache
def _catalogue(code: str) -> Any:
    import gettext

    return gettext.translation(DOMAIN, FOLDER, [code], fallback=True)


def _filled(found: str, english: str, values: dict[str, Any]) -> str:
    try:
        filled = found.format(**values)
        return with_particles(filled) if language() == "ko" else filled
    except (LookupError, ValueError):  # a translation with another placeholder
        return english.format(**values)
