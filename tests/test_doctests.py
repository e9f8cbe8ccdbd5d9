"""The examples in docstrings run, and give what they say."""

import doctest
import importlib
import inspect
from pathlib import Path

import pytest

import maeum
from maeum.core import randomness

SOURCE = Path(maeum.__file__).parent
MODULES = sorted(
    ".".join(["maeum", *path.relative_to(SOURCE).with_suffix("").parts]).removesuffix(".__init__")
    for path in SOURCE.rglob("*.py")
)


class Finder(doctest.DocTestFinder):
    """Finds decorated functions too, whose globals are those of the decorator's module."""

    def _from_module(self, module, thing):
        return super()._from_module(module, inspect.unwrap(thing) if callable(thing) else thing)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(randomness, "_stream", None)
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner()
    for test in Finder().find(module, name):
        runner.run(test)
    failed, _ = runner.summarize(verbose=False)
    assert not failed, capsys.readouterr().out
