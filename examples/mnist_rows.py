"""Digits read row by row: a picture of 28 rows is a sequence of 28 steps.

An LSTM of 64 units sees one row at a time, from the top, and says at the end which digit it was.
The second picture shows what it would say after each row.

    python examples/mnist_rows.py --epochs 3 --output pictures
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import course
import maeum as mm
from maeum.layers import LSTM, Dense

SHOWN = 4


def network(seed: int = 0, units: int = 64) -> mm.Model:
    """Make the network: rows of 28 points in, ten probabilities out."""
    layers = [mm.Input((28, 28)), LSTM(units), Dense(10, activation="softmax")]
    return mm.Sequential(layers, name="rows", seed=seed)


def after_each_row(model: mm.Model, pictures: np.ndarray) -> np.ndarray:
    """Return what the network says after each row: ``(n, 28, 10)``."""
    lstm, head = model.layers[-2:]
    whole = LSTM(lstm.units, return_sequences=True)
    reading = mm.Sequential([mm.Input((28, 28)), whole, Dense(10, activation="softmax")])
    whole.set_weights(lstm.get_weights())
    reading.layers[-1].set_weights(head.get_weights())
    return reading.predict(pictures, verbose=0)


def main(argv: Sequence[str] | None = None) -> Path:
    """Train, tell and draw; return where the picture is."""
    given = course.digit_options(__doc__, epochs=3).parse_args(argv)
    data = course.load_digits(given.data, given.limit)
    model = network()
    model.compile(mm.optimizers.Adam(0.003), "sparse_categorical_crossentropy",
                  metrics=["accuracy"])  # fmt: skip
    told = model.fit(
        data.x[..., 0], data.y, batch_size=64, epochs=given.epochs, verbose=0,
        validation_data=(data.x_test[..., 0], data.y_test),
    )  # fmt: skip
    print(f"Right for {told.history['val_accuracy'][-1]:.2%} of the test pictures.")

    chosen = [int(np.flatnonzero(data.y_test == digit)[0]) for digit in range(SHOWN)]
    said = after_each_row(model, data.x_test[chosen, ..., 0])
    sheet = course.figure(12, 6, f"Row by row through {data.name}")
    for column, row in enumerate(chosen):
        above = sheet.add_subplot(2, SHOWN, column + 1)
        above.imshow(data.x_test[row, ..., 0], cmap="gray_r")
        above.set_title(f"is {data.y_test[row]}", fontsize=10)
        above.set_axis_off()
        below = sheet.add_subplot(2, SHOWN, SHOWN + column + 1)
        below.imshow(said[column].T, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        below.set(xlabel="rows read", yticks=range(10))
    return course.save(sheet, given.output, "mnist_rows")


if __name__ == "__main__":
    main()
