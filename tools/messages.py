"""Collect the messages of the code, bring every language's catalogue up to date, compile it.

``python tools/messages.py`` (or ``make messages``) rewrites ``src/maeum/locale/*/LC_MESSAGES``. A
new language begins as an empty file there, ``src/maeum/locale/LANGUAGE/LC_MESSAGES/maeum.po``.
"""

from __future__ import annotations

import datetime
import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from maeum.compat.graph import errors as of_graphs
from maeum.core import errors

SOURCE = Path(__file__).parents[1] / "src" / "maeum"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
# Each translates its message.
ERRORS = [name for name in vars(errors) | vars(of_graphs) if name.endswith("Error")]
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "Things": (1, 2)} | dict.fromkeys(ERRORS)
NOW = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)  # a date would change every file


def collect() -> Catalog:
    """Return every message that the code says."""
    catalog = Catalog(project="maeum", creation_date=NOW, revision_date=NOW)
    found = extract_from_dir(SOURCE, METHODS, keywords=KEYWORDS)
    for _file, _line, message, _comments, _context in found:
        catalog.add(message)
    return catalog


def catalogues() -> list[Path]:
    """Return the catalogue of each language."""
    return sorted(SOURCE.glob("locale/*/LC_MESSAGES/maeum.po"))


def read(path: Path) -> Catalog:
    """Return a catalogue as it was written."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def updated(path: Path, messages: Catalog) -> Catalog:
    """Return a catalogue with the messages of the code, and only those."""
    catalog = read(path)
    catalog.update(messages, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.creation_date = catalog.revision_date = NOW
    catalog.fuzzy, catalog.project, catalog.version = False, "maeum", "1"
    catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = ""
    catalog.header_comment = "# Messages of Maeum. After a change: make messages"
    return catalog


def written(catalog: Catalog) -> bytes:
    """Return a catalogue as it stands in its file."""
    stream = io.BytesIO()
    write_po(stream, catalog, width=100, no_location=True, sort_output=True)
    return stream.getvalue()


def compiled(catalog: Catalog) -> bytes:
    """Return what gettext reads."""
    stream = io.BytesIO()
    write_mo(stream, catalog)
    return stream.getvalue()


def main() -> int:
    """Update and compile every catalogue; say what is still to be translated."""
    messages, missing = collect(), 0
    for path in catalogues():
        catalog = updated(path, messages)
        path.write_bytes(written(catalog))
        path.with_suffix(".mo").write_bytes(compiled(catalog))
        empty = [str(m.id) for m in catalog if m.id and not all(_strings(m))]
        missing += len(empty)
        print(f"{path}: {len(catalog)} messages, {len(empty)} without translation")
        for message in empty:
            print(f"  {message}")
    return int(missing > 0)


def _strings(message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


if __name__ == "__main__":
    sys.exit(main())
