"""Names that nobody has yet: a network learns 32,000 first names, letter by letter, and makes some.

The names come from a file with a name on each line: names.txt in the folder that MAEUM_DATA names,
or one of your own.

    python examples/names.py --data names.txt --epochs 6 --output pictures
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import course
from maeum.language import LanguageModel, train_language_model
from maeum.text import TextLines


def main(argv: Sequence[str] | None = None) -> Path | None:
    """Train, print new names, draw what follows what; return where the picture is."""
    parser = course.text_options(__doc__, "names.txt", epochs=6)
    parser.add_argument("--units", type=course.positive, default=96, help="default: %(default)s")
    given = parser.parse_args(argv)
    path = course.text_file(given.data, "names.txt")
    if path is None:
        return None
    names = list(dict.fromkeys(TextLines(path)))[: given.limit]
    told = train_language_model(
        names, units=given.units, layers=1, epochs=given.epochs, window=32, batch_size=32,
        learning_rate=0.005, dropout=0.0, report=False,
    )  # fmt: skip
    model = told.model
    print(f"{len(names):,} names; {told.run.metrics['bits_per_character']:.2f} bits a letter.")
    made = dict.fromkeys(model.generate([""] * 60, 20, temperature=0.8, seed=1))
    new = [name for name in made if name and name not in set(names)]
    print("New names:", ", ".join(new[:24]))
    for start in ("mae", "jo", "seo"):
        some = model.generate([start] * 5, 20, temperature=0.6, seed=2)
        print(f"{start}...:", ", ".join(dict.fromkeys(some)))

    letters = [c for c in model.encoder.vocabulary.tokens if len(c) == 1 and c.isalpha()]
    sheet = course.figure(11, 6.4, "What follows the beginning of a name")
    shown = [new[0] if new else "maeum", "emma"]
    for axes, name in zip(sheet.subplots(2, 1), shown):
        draw(axes, model, name, sorted(letters))
    return course.save(sheet, given.output, "names")


def draw(axes: course.Axes, model: LanguageModel, name: str, letters: list[str]) -> None:
    """Draw the probability of each letter, and of the end, behind each letter of a name."""
    encoder = model.encoder
    name = "".join(c for c in name if c in encoder.vocabulary)
    tokens = [model.start, *encoder.encode(name)]
    p = model.network.predict(np.array([tokens]), verbose=0)[0]
    assert model.end is not None
    columns = [*encoder.encode("".join(letters)), model.end]
    axes.imshow(p[:, columns], cmap="Blues", vmin=0, vmax=0.8, aspect="auto")
    follow = [*encoder.encode(name), model.end]
    for row, token in enumerate(follow):
        axes.plot(columns.index(token), row, "o", mfc="none", mec=course.COLOURS[1], ms=11)
    axes.set_xticks(range(len(columns)), [*letters, "end"])
    axes.set_yticks(range(len(tokens)), [name[:n] or "(start)" for n in range(len(tokens))])
    axes.set_title(f"{name}: what came is circled", fontsize=10)


if __name__ == "__main__":
    main()
