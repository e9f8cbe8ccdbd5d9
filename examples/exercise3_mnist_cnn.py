"""Exercise 3: a convolutional network learns digits.

Two convolutions with pooling, a dense layer, and dropout against overfitting; trained three times
from different initial weights. The picture: how the accuracy grows, which digits are taken for
which, and the worst mistakes.

    python examples/exercise3_mnist_cnn.py --epochs 12 --output pictures
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from sklearn.metrics import confusion_matrix

import course
import maeum as mm
from maeum.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D

WORST = 16


def network(seed: int) -> mm.Model:
    """Make the network: 225,034 parameters."""
    model = mm.Sequential(
        [
            mm.Input((28, 28, 1)),
            Conv2D(32, 3, activation="relu"),
            MaxPooling2D(2),
            Conv2D(64, 3, activation="relu"),
            MaxPooling2D(2),
            Flatten(),
            Dropout(0.5),
            Dense(128, activation="relu"),
            Dropout(0.3),
            Dense(10, activation="softmax"),
        ],
        seed=seed,
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def main(argv: Sequence[str] | None = None) -> Path:
    """Train, tell and draw; return where the picture is."""
    parser = course.digit_options(__doc__, epochs=12)
    parser.add_argument("--seeds", type=course.positive, default=3, help="default: %(default)s")
    given = parser.parse_args(argv)
    data = course.load_digits(given.data, given.limit)
    histories: dict[str, Any] = {}
    models = []
    for seed in range(given.seeds):
        model = network(seed)
        told = model.fit(
            *(data.x, data.y),
            batch_size=64,
            epochs=given.epochs,
            validation_data=(data.x_test, data.y_test),
            verbose=0,
        )
        histories[f"seed {seed}"] = told.history
        models.append(model)
        print(f"Seed {seed}: {told.history['val_accuracy'][-1]:.2%} of the test pictures.")
    last = [history["val_accuracy"][-1] for history in histories.values()]
    print(f"Mean {np.mean(last):.2%}, from {min(last):.2%} to {max(last):.2%}.")

    sheet = course.figure(13, 8, f"A convolutional network on {data.name}")
    above, below = sheet.subfigures(2, 1, height_ratios=(1.25, 1))
    left, right = above.subplots(1, 2)
    course.curves(left, histories, least=0.9 if min(last) > 0.95 else None)
    left.set_title("Accuracy in training (dashed, with dropout) and on the test", fontsize=10)
    probabilities = models[0].predict(data.x_test)
    draw_confusion(right, data.y_test, probabilities.argmax(1))
    draw_mistakes(below.subplots(2, WORST // 2).flat, data, probabilities)
    below.suptitle("The mistakes that it was surest of", fontsize=10)
    return course.save(sheet, given.output, "exercise3_mnist_cnn")


def draw_confusion(axes: Axes, truth: np.ndarray, answer: np.ndarray) -> None:
    """Count which digit is taken for which; the right answers stay white, to see the others."""
    counts = confusion_matrix(truth, answer, labels=range(10))
    mistakes = counts * (1 - np.eye(10))
    axes.imshow(mistakes, cmap="Reds", vmin=0, vmax=max(4, mistakes.max()))
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = course.GREY if row == column else "black"
            axes.text(column, row, count, ha="center", va="center", fontsize=8, color=colour)
    axes.set(xticks=range(10), yticks=range(10), xlabel="answer", ylabel="digit")
    axes.set_title("What is taken for what (seed 0)", fontsize=10)


def draw_mistakes(places: Any, data: course.Digits, probabilities: np.ndarray) -> None:
    """Show the wrong answers of the highest probability."""
    answer, sure = probabilities.argmax(1), probabilities.max(1)
    wrong = np.flatnonzero(answer != data.y_test)
    worst = wrong[np.argsort(-sure[wrong])][:WORST]
    titles = [f"{data.y_test[i]}, taken for {answer[i]}\n({sure[i]:.0%})" for i in worst]
    course.pictures(list(places), data.x_test[worst], titles, [True] * len(worst))


if __name__ == "__main__":
    main()
