"""The room is imported piece by piece, when something of it is used."""

import subprocess
import sys

import pytest

import maeum.text


def test_all_names_are_there():
    for name in maeum.text.__all__:
        assert getattr(maeum.text, name).__module__.startswith("maeum.text.")
        assert name in dir(maeum.text)
    assert maeum.text.tokenizers.get("words").tokenize("so long") == ["so", "long"]
    with pytest.raises(AttributeError, match="has no 'Vocabulry'"):
        maeum.text.Vocabulry  # noqa: B018


def test_importing_maeum_leaves_it_alone():
    code = (
        "import sys, maeum; print([m for m in sys.modules if m.startswith('maeum.text.') and "
        "m.rpartition('.')[2] in ('tokenizers', 'byte_pairs', 'vocabulary', 'normalization')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
