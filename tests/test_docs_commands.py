"""Every command of the README and the guides runs as it stands there, page by page."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from . import test_docs

ROOT = test_docs.ROOT
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
INSTALLS = ("make ", "python3 -m venv", ".venv/bin/pip ", "pip ")


def commands(page: Path) -> list[str]:
    """Return the command lines of a page, but those that install."""
    lines = [
        line.partition("#")[0].strip()
        for block in test_docs.blocks(page)
        if block.language == "console"
        for line in block.text.replace("\\\n", " ").splitlines()
    ]
    return [line for line in lines if line and not line.startswith(INSTALLS)]


@pytest.mark.soak
@pytest.mark.parametrize("page", [*filter(commands, PAGES)], ids=test_docs.relative)
def test_commands_run_in_the_order_of_the_page(page, tmp_path):
    for name in ("examples", "benchmarks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "JAX_PLATFORMS": "cpu"}
    for line in commands(page):
        ran = subprocess.run(
            line, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert ran.returncode == 0, f"{line}\n{ran.stdout[-1000:]}\n{ran.stderr[-2000:]}"
