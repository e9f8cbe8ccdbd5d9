"""The guides as notebooks: every program of a page, in its order, and nothing lost around them."""

import importlib.util
import json

import pytest

from . import test_docs

SPEC = importlib.util.spec_from_file_location("notebooks", test_docs.ROOT / "tools/notebooks.py")
notebooks = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(notebooks)
PAGES = [
    p for p in test_docs.PAGES if p.parent.name in ("docs", "ko") and "```python" in p.read_text()
]


@pytest.mark.parametrize("page", PAGES, ids=test_docs.relative)
def test_a_guide_is_a_notebook(page):
    found = json.loads(notebooks.notebook(page.read_text(encoding="utf-8")))
    assert (found["nbformat"], found["nbformat_minor"]) == (4, 5)
    cells = found["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    told = [
        block.text.rstrip("\n") for block in test_docs.blocks(page) if block.language == "python"
    ]
    assert code == told
    text = "".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    assert "```python" not in text
    assert text.startswith("# ")
