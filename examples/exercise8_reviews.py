"""Exercise 8: seven short reviews, learnt through words as points of a plane.

Each word gets a vector of two numbers; a review is the mean of its words. After the training the
words of good reviews lie on one side and those of bad ones on the other.

    python examples/exercise8_reviews.py --epochs 60 --output pictures
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import course
import maeum as mm
from maeum.layers import Dense, Embedding, GlobalAveragePooling1D
from maeum.text import TextEncoder, WordTokenizer, pad_sequences

REVIEWS = {
    "Very good nice quality": 1,
    "Stop lies": 0,
    "Ugly terrible": 0,
    "Excellent work": 1,
    "Adorable lovely": 1,
    "Bad": 0,
    "Great nice": 1,
}
NEW = ("Lovely quality", "Terrible lies", "Bad work", "Very great")


def learn(epochs: int, seed: int = 0) -> tuple[TextEncoder, mm.Model, np.ndarray]:
    """Train on the reviews; return the words' numbers, the model and the words' vectors."""
    encoder = TextEncoder.train(REVIEWS, WordTokenizer(lower=True))
    x, y = numbers(encoder, REVIEWS), np.array(list(REVIEWS.values()))
    first = mm.initializers.RandomUniform(-0.6, 0.6)
    words = Embedding(len(encoder.vocabulary), 2, first, mask_zero=True)
    layers = [mm.Input((x.shape[1],), dtype="int32"), words, GlobalAveragePooling1D()]
    model = mm.Sequential([*layers, Dense(1, activation="sigmoid")], seed=seed)
    model.compile(mm.optimizers.Adam(0.03), "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=epochs, batch_size=7, verbose=0)
    print(f"Right for {model.evaluate(x, y, verbose=0)[1]:.0%} of the seven reviews.")
    return encoder, model, words.get_weights()[0]


def numbers(encoder: TextEncoder, texts: Any) -> np.ndarray:
    """Return texts as rows of four numbers."""
    return pad_sequences([encoder.encode(text) for text in texts], 4, padding="post")


def main(argv: Sequence[str] | None = None) -> Path:
    """Train, try new reviews and draw the words; return where the picture is."""
    given = course.options(__doc__, epochs=60).parse_args(argv)
    encoder, model, vectors = learn(given.epochs)
    for text, p in zip(NEW, model.predict(numbers(encoder, NEW), verbose=0)[:, 0]):
        print(f"{text:15}  {p:.2f}  {'good' if p > 0.5 else 'bad'}")

    in_good = {w for text, good in REVIEWS.items() if good for w in encoder.encode(text)}
    sheet = course.figure(7, 6, "Seven reviews: each word is a point")
    axes = sheet.subplots()
    (a, b), c = model.layers[-1].get_weights()[0][:, 0], model.layers[-1].get_weights()[1][0]
    shown = vectors[2:]
    reach = 1.25 * np.abs(shown).max()
    x, y = np.meshgrid(np.linspace(-reach, reach, 80), np.linspace(-reach, reach, 80))
    chance = 1 / (1 + np.exp(-(a * x + b * y + c)))
    painted = axes.contourf(x, y, chance, levels=20, cmap="RdBu", alpha=0.35, vmin=0, vmax=1)
    sheet.colorbar(painted, label="probability of a good review", ticks=[0, 0.25, 0.5, 0.75, 1])
    for number, point in enumerate(shown, start=2):
        shade = course.COLOURS[0] if number in in_good else course.COLOURS[1]
        axes.plot(*point, "o", color=shade)
        axes.annotate(encoder.vocabulary.token(number), point, (5, 4),
                      textcoords="offset points", fontsize=9)  # fmt: skip
    course.tidy(axes, percent=False)
    return course.save(sheet, given.output, "exercise8_reviews")


if __name__ == "__main__":
    main()
