"""Is it praise? Sentences of film reviews, classified by a network with a report.

The data are the two files of rt-polarity (Latin-1) in the folder that MAEUM_DATA names. Ten folds
of it are computed by benchmarks/polarity.py; here it is one split.

    python examples/sentiment.py --data FOLDER --output pictures
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

import course
from maeum.text import TextLines
from maeum.texts import train_text, word_attributions, write_results

SENTENCES = (
    "a warm , funny film with a heart",
    "not funny , not even once",
    "the plot is thin but the acting is superb",
    "two hours of my life that i will never get back",
)


def main(argv: Sequence[str] | None = None) -> Path | None:
    """Train, write the report, try some sentences, draw their words; return the picture's path."""
    parser = course.text_options(__doc__, "rt-polarity.pos", epochs=8)
    parser.add_argument("--network", choices=("bag", "cnn", "lstm", "gru"), default="bag")
    given = parser.parse_args(argv)
    good = course.text_file(given.data, "rt-polarity.pos")
    if good is None:
        return None
    parts = {}
    for label, path in (("positive", good), ("negative", good.with_suffix(".neg"))):
        parts[label] = list(TextLines(path, "latin-1"))[: given.limit]
    table = pd.DataFrame(
        [(text, label) for label, texts in parts.items() for text in texts],
        columns=["text", "label"],
    )
    trained = train_text(
        table, "text", "label", network=given.network, epochs=given.epochs, report=True
    )
    for found in trained.run.models:
        print(f"{found['name']:32} {found['metrics']['accuracy']:.2%}")
    print("Report:", write_results(trained, given.output / "sentiment")["report"])

    model = trained.model
    p = model.probabilities(list(SENTENCES))
    x = model.encoder.encode(SENTENCES)
    attributions = word_attributions(model.network, x, np.ones(len(SENTENCES), int))
    sheet = course.figure(10, 7, "What each word (and pair) says: right is praise")
    for axes, text, chance, numbers, weights in zip(
        sheet.subplots(2, 2).flat, SENTENCES, p[:, 1], x, attributions
    ):
        print(f"{chance:6.1%} praise: {text}")
        known = [k for k in np.argsort(-np.abs(weights))[:10] if numbers[k] > 1][::-1]
        names = [model.encoder.vocabulary.token(int(numbers[k])) for k in known]
        shades = [course.COLOURS[0] if weights[k] > 0 else course.COLOURS[1] for k in known]
        axes.barh(range(len(known)), weights[known], color=shades)
        axes.set_yticks(range(len(known)), names, fontsize=8)
        axes.set_title(f"{text}: {chance:.0%}", fontsize=9)
        axes.axvline(0, color=course.GREY, linewidth=0.8)
        course.tidy(axes, percent=False)
    return course.save(sheet, given.output, "sentiment")


if __name__ == "__main__":
    main()
