import os
from pathlib import Path

import pytest


@pytest.fixture
def write(tmp_path):
    """Write a file of text or bytes and return its path."""

    def write(content: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def shared():
    """Return the path of a public table; skip the test where the data are not there."""

    def shared(name: str) -> Path:
        beside = Path(__file__).parents[3] / "shared" / "data"
        path = Path(os.environ.get("MAEUM_DATA", beside)) / "tabular" / name
        if not path.exists():
            pytest.skip(f"{name} is not here")
        return path

    return shared
