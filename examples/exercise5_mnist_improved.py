"""Exercise 5: the residual network of exercise 4, made better step by step.

First as it was; then with batch normalization; then with a learning rate that falls in steps;
then with early stopping, which keeps the best model in a file and ends with its weights. So that
four trainings take about two minutes, and that there is something to win, they see few pictures,
halved to 14 x 14 points. The picture draws each against the one before.

    python examples/exercise5_mnist_improved.py --epochs 12 --output pictures
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

import course
import exercise4_mnist_residual
import maeum as mm
from maeum.applications import SmallResNet
from maeum.callbacks import EarlyStopping, LearningRateScheduler, ModelCheckpoint

STEPS = ((0.6, 1e-3), (0.8, 3e-4), (np.inf, 1e-4))  # up to a share of the epochs: the rate
VALIDATION = 1500


def main(argv: Sequence[str] | None = None) -> Path:
    """Train four times, tell and draw; return where the picture is."""
    parser = course.digit_options(__doc__, epochs=12, limit=2000)
    parser.add_argument(
        "--blocks", type=course.positive, default=5, help="blocks of a stage; default: %(default)s"
    )
    given = parser.parse_args(argv)
    data = course.load_digits(given.data)
    held_out = min(VALIDATION, len(data.x) // 5)
    x, test = halved(data.x), (halved(data.x_test), data.y_test)
    validation = x[-held_out:], data.y[-held_out:]
    train = x[:-held_out][: given.limit], data.y[:-held_out][: given.limit]
    print(f"Of the first, {len(train[0]):,} are trained on and {held_out:,} to validate with.")

    given.output.mkdir(parents=True, exist_ok=True)
    backup = given.output / "exercise5_best.maeum"
    steps = LearningRateScheduler(lambda epoch: rate(epoch / given.epochs))
    stop = EarlyStopping(patience=4, restore_best_weights=True)
    keep = ModelCheckpoint(backup, save_best_only=True)
    ways: dict[str, tuple[bool, int, list]] = {
        "as it was": (False, given.epochs, []),
        "+ batch normalization": (True, given.epochs, []),
        "+ learning-rate steps": (True, given.epochs, [steps]),
        "+ early stopping": (True, 3 * given.epochs, [steps, stop, keep]),
    }
    histories: dict[str, Any] = {}
    table: dict[str, tuple[int, float, float]] = {}
    for name, (normalized, epochs, callbacks) in ways.items():
        model = network(normalized, given.blocks)
        told = model.fit(
            *train,
            batch_size=32,
            epochs=epochs,
            callbacks=callbacks,
            validation_data=validation,
            verbose=0,
        )
        histories[name] = told.history
        scores = [model.evaluate(*part, verbose=0)[1] for part in (validation, test)]
        table[name] = (len(told.epoch), *scores)
        print(
            f"{name:<22} {len(told.epoch):>3} epochs   validation {scores[0]:.4f}   "
            f"test {scores[1]:.4f}"
        )
    kept = mm.load_model(backup).evaluate(*test, verbose=0)[1]
    print(f"The model in {backup}, the best of epoch {stop.best_epoch + 1}: test {kept:.4f}")

    sheet = course.figure(14, 4.8, f"A residual network on few pictures of {data.name}, halved")
    left, middle, right = sheet.subplots(1, 3, width_ratios=(1.1, 1.1, 1))
    lowest = min(min(h["val_accuracy"][-1] for h in histories.values()), 0.9)
    course.curves(left, histories, training=False, least=lowest - 0.12)
    left.set_title("Accuracy on the validation pictures", fontsize=10)
    course.curves(middle, histories, "loss", training=False)
    middle.set_yscale("log")
    middle.set_title("Loss on the validation pictures; the best epoch", fontsize=10)
    losses = histories["+ early stopping"]["val_loss"]
    best = (stop.best_epoch + 1, losses[stop.best_epoch])
    star = {"color": course.COLOURS[3], "markersize": 15, "markeredgecolor": "black", "zorder": 10}
    middle.plot(*best, "*", **star)
    draw_scores(right, table)
    return course.save(sheet, given.output, "exercise5_mnist_improved")


def network(normalized: bool, blocks: int) -> mm.Model:
    """Make the network for pictures of 14 x 14 points, with or without batch normalization."""
    if normalized:
        model = SmallResNet(input_shape=(14, 14, 1), blocks=blocks)
        model.reseed(0)
    else:
        model = exercise4_mnist_residual.network(0, blocks, size=14)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def rate(done: float) -> float:
    """Return the learning rate when that share of the epochs is done."""
    return next(value for end, value in STEPS if done < end)


def halved(x: np.ndarray) -> np.ndarray:
    """Return the means of 2 x 2 points."""
    return x.reshape(len(x), 14, 2, 14, 2, 1).mean((2, 4))


def draw_scores(axes: Axes, table: dict[str, tuple[int, float, float]]) -> None:
    """Draw the accuracies as points, one row for each way."""
    names = list(table)
    rows = np.arange(len(names))
    for place, (label, offset) in enumerate((("validation", -0.14), ("test", 0.14)), 1):
        for row, (name, colour) in enumerate(zip(names, course.COLOURS)):
            value = table[name][place]
            face = colour if label == "test" else "white"
            axes.plot(value, row + offset, "o", color=colour, markerfacecolor=face)
            axes.annotate(
                f"{label} {value:.2%}",
                (value, row + offset),
                xytext=(7, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
            )
    axes.set_yticks(rows, [f"{n}\n({table[n][0]} epochs)" for n in names], fontsize=9)
    axes.set_ylim(len(names) - 0.5, -0.5)
    values = [value for row in table.values() for value in row[1:]]
    span = max(max(values) - min(values), 0.01)
    axes.set_xlim(min(values) - 0.1 * span, max(values) + 0.9 * span)
    axes.set_xticks([tick for tick in axes.get_xticks()[1:-1] if tick <= 1])
    course.tidy(axes, percent=False)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_title("Accuracy in the end", fontsize=10)


if __name__ == "__main__":
    main()
