"""Exercise 9: a recurrent network reads "hihell" and completes it to "ihello".

One LSTM layer of 16 units sees a letter at a time and says which one comes next. The letter after
an "l" or an "h" depends on what came before: that is what the state is for.

    python examples/exercise9_hihello.py --epochs 80 --output pictures
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import course
import maeum as mm
from exercise7_indexing import LETTERS, TEXT, one_hot_pair
from maeum.callbacks import Callback
from maeum.layers import LSTM, Dense


class Reading(Callback):
    """Keep what the network reads after each epoch."""

    def __init__(self, x: np.ndarray):
        super().__init__()
        self.x, self.answers = x, list[np.ndarray]()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep the probabilities ``(6, 5)``."""
        assert self.model is not None
        self.answers.append(self.model.predict(self.x, verbose=0)[0])


def learn(epochs: int, seed: int = 1) -> tuple[list[np.ndarray], list[float]]:
    """Train; return the probabilities after each epoch, and the losses."""
    x, y = (rows[None] for rows in one_hot_pair())
    model = mm.Sequential(
        [mm.Input((6, 5)), LSTM(16, return_sequences=True), Dense(5, activation="softmax")],
        seed=seed,
    )
    model.compile(mm.optimizers.Adam(0.05), "categorical_crossentropy")
    reading = Reading(x)
    losses = model.fit(x, y, epochs=epochs, callbacks=[reading], verbose=0).history["loss"]
    return reading.answers, losses


def text_of(probabilities: np.ndarray) -> str:
    """Return the likeliest letters."""
    return "".join(LETTERS.token(int(k)) for k in probabilities.argmax(axis=1))


def main(argv: Sequence[str] | None = None) -> Path:
    """Train, tell and draw; return where the picture is."""
    given = course.options(__doc__, epochs=80).parse_args(argv)
    answers, losses = learn(given.epochs)
    said = ""
    for epoch, answer in enumerate(answers, start=1):
        if text_of(answer) != said:
            said = text_of(answer)
            print(f"epoch {epoch:3}: {TEXT[:-1]} → {said}")
    sheet = course.figure(11, 4, f"{TEXT[:-1]} → {said} after {given.epochs} epochs")
    left, right = sheet.subplots(1, 2, width_ratios=(1, 1.2))
    left.plot(np.arange(1, len(losses) + 1), losses, color=course.COLOURS[0])
    left.set(xlabel="epoch", ylabel="loss")
    course.tidy(left, percent=False)
    right.imshow(answers[-1].T, cmap="Blues", vmin=0, vmax=1)
    for (row, column), p in np.ndenumerate(answers[-1].T):
        shade = "white" if p > 0.6 else "black"
        right.text(column, row, f"{p:.2f}", ha="center", va="center", fontsize=9, color=shade)
    right.set_xticks(range(6), [f"{a} → {b}" for a, b in zip(TEXT, said)])
    right.set_yticks(range(5), list(LETTERS))
    right.set_title("Probability of the next letter", fontsize=10)
    return course.save(sheet, given.output, "exercise9_hihello")


if __name__ == "__main__":
    main()
