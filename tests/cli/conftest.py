import contextlib
import io
import sys
from typing import NamedTuple

import pytest

from maeum.cli.main import main


class Ran(NamedTuple):
    """What a command left behind: its exit code, and what it wrote to its two outputs."""

    code: int
    out: str
    err: str


def run(*arguments: object) -> Ran:
    """Run ``maeum ARGUMENTS`` in this process."""
    out, err = io.StringIO(), io.StringIO()
    before, sys.argv = sys.argv, ["maeum", *map(str, arguments)]
    code = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.argv = before
    return Ran(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def maeum():
    return run


@pytest.fixture
def refuse(tmp_path, monkeypatch):
    """Run a command that must refuse: one sentence, no traceback, no file touched or made."""
    monkeypatch.chdir(tmp_path)

    def files() -> dict:
        return {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")}

    def refuse(*arguments: object) -> str:
        before = files()
        ran = run(*arguments)
        assert ran.code == 2, ran
        assert ran.err.startswith("maeum: ")
        assert len(ran.err.splitlines()) == 1
        assert "Traceback" not in ran.err
        assert files() == before
        return ran.err

    return refuse
