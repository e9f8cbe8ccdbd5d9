"""Exercise 7: letters as numbers and as one-hot rows, for "hihell" and what comes next, "ihello".

The letters have the order e, l, i, o, h; each position of ``x`` shall learn the letter one further
on, which is ``y``.

    python examples/exercise7_indexing.py --output pictures
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import course
from maeum.text import Vocabulary

TEXT = "hihello"
LETTERS = Vocabulary("elioh", padding=None, unknown=None)


def one_hot_pair() -> tuple[np.ndarray, np.ndarray]:
    """Return ``x`` for "hihell" and ``y`` for "ihello", each (6, 5)."""
    numbers = LETTERS.encode(list(TEXT))
    return LETTERS.one_hot(numbers[:-1]), LETTERS.one_hot(numbers[1:])


def main(argv: Sequence[str] | None = None) -> Path:
    """Print and draw both; return where the picture is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument(
        "--output", type=Path, default=Path("results"), help="the folder for the picture"
    )
    given = parser.parse_args(argv)
    rows = dict(zip("xy", one_hot_pair()))
    sheet = course.figure(9, 4, "hihell → ihello")
    for axes, (name, table) in zip(sheet.subplots(1, 2), rows.items()):
        text = TEXT[:-1] if name == "x" else TEXT[1:]
        print(f"{name}: {text}", LETTERS.encode(list(text)))
        print("\n".join(f"  {letter}  {row.astype(int)}" for letter, row in zip(text, table)))
        axes.imshow(table, cmap="Blues", vmin=0, vmax=1.3)
        for (row, column), value in np.ndenumerate(table):
            axes.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=11)
        axes.set_title(f"{name}: {text}", fontsize=11)
        axes.set_xticks(range(5), [f"{letter}\n{n}" for n, letter in enumerate(LETTERS)])
        axes.set_yticks(range(6), list(text))
    return course.save(sheet, given.output, "exercise7_indexing")


if __name__ == "__main__":
    main()
