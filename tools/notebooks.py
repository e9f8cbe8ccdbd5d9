"""The guides as notebooks: their text, and their programs as cells that run from top to bottom."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator

_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$\n?", re.DOTALL | re.MULTILINE)


def notebook(markdown: str) -> str:
    """Return a page as the text of a notebook (nbformat 4.5); what a program prints is left out."""
    cells = [
        {"id": f"cell-{number}", "metadata": {}, **cell}
        for number, cell in enumerate(_cells(markdown))
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    found = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _cells(markdown: str) -> Iterator[dict]:
    text, place = "", 0
    for block in _BLOCK.finditer(markdown):
        text += markdown[place : block.start()]
        place = block.end()
        if block[2] == "python":
            yield from _said(text)
            text = ""
            code = textwrap.dedent(block[3]).rstrip("\n")
            yield {"cell_type": "code", "execution_count": None, "outputs": [], "source": code}
        elif block[2] != "output":
            text += block[0]
    yield from _said(text + markdown[place:])


def _said(text: str) -> Iterator[dict]:
    if text.strip():
        yield {"cell_type": "markdown", "source": text.strip()}
