"""Every message has a translation, with the same placeholders, in a catalogue that is compiled."""

import ast
import gettext
import importlib.util
import string
import sys
from pathlib import Path

import pytest

from maeum.core import messages
from maeum.core.messages import _, ngettext, set_language

ROOT = Path(__file__).parents[2]


def tool():
    spec = importlib.util.spec_from_file_location("messages_tool", ROOT / "tools" / "messages.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["messages_tool"] = module
    spec.loader.exec_module(module)
    return module


TOOL = tool()
CODE = TOOL.collect()


@pytest.fixture
def in_language(monkeypatch):
    """Speak a language, and the one of before afterwards."""
    yield set_language
    set_language(None)


def names(message):
    return {name for _text, name, _form, _how in string.Formatter().parse(message) if name}


@pytest.mark.parametrize("path", TOOL.catalogues(), ids=lambda path: path.parts[-3])
class TestCatalogue:
    def test_translates_every_message_of_the_code_and_no_other(self, path):
        catalog = TOOL.read(path)
        assert {m.id for m in catalog} == {m.id for m in CODE}, "make messages"
        assert not [m.id for m in catalog if m.id and (not all(forms(m)) or m.fuzzy)]

    def test_keeps_the_placeholders(self, path):
        for message in TOOL.read(path):
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            for form in forms(message):
                if message.id:
                    assert names(form) == names(ids[-1]), message.id

    def test_is_compiled(self, path):
        with path.with_suffix(".mo").open("rb") as file:
            compiled = gettext.GNUTranslations(file)
        for message in TOOL.read(path):
            if isinstance(message.id, tuple):
                assert compiled.ngettext(*message.id, 5) == message.string[-1], "make messages"
            elif message.id:
                assert compiled.gettext(message.id) == message.string, "make messages"


def forms(message):
    return message.string if isinstance(message.string, tuple) else (message.string,)


def test_korean_is_said_where_it_is_chosen(in_language):
    assert _("The table") == "The table"
    in_language("ko")
    assert _("The table") == "표"
    assert ngettext("{n:,} row", "{n:,} rows", 2113) == "2,113행"
    assert _("what nobody has translated {x}", x=1) == "what nobody has translated 1"


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "ko_KR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "fr:ko"}, "ko"),
        ({"LANG": "C", "LANGUAGE": "ko"}, "en"),
        ({"LANG": "fr_FR", "MAEUM_LANGUAGE": "ko"}, "ko"),
        ({"LANG": "xx_XX"}, "en"),
    ],
)
def test_language_is_that_of_the_system(monkeypatch, in_language, variables, language):
    for name in ("MAEUM_LANGUAGE", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    in_language(None)
    assert messages.language() == language
    monkeypatch.setenv("MAEUM_LANGUAGE", "en")


def test_language_without_messages_is_refused(in_language):
    with pytest.raises(ValueError, match="messages in en, ko; got 'fr'"):
        in_language("fr")


def test_translation_with_another_placeholder_falls_back_to_english(monkeypatch):
    class Wrong:
        def gettext(self, message):
            return "{other}"

    monkeypatch.setattr(messages, "_catalogue", lambda code: Wrong())
    assert _("{x} rows", x=3) == "3 rows"


def test_underscore_is_never_a_throwaway_name_beside_messages():
    for path in (ROOT / "src" / "maeum").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "from maeum.core.messages import" in text:
            nodes = list(ast.walk(ast.parse(text)))
            names = [n for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
            assert "_" not in [n.id for n in names], path
            assert "_" not in [n.arg for n in nodes if isinstance(n, ast.arg)], path
