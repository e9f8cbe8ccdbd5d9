"""Exercise 2: is there a cat in the picture?

First by a two-layer network that sees the points of a picture as a row of numbers; then by a
convolutional network that sees every picture mirrored, turned, zoomed, moved and in another light
at random, for 209 pictures are few. Each is trained from several seeds. The picture: how both
learn, and what they say about the test pictures.

    MAEUM_DATA=... python examples/exercise2_cats.py --epochs 40 --output pictures
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

import course
import maeum as mm
from maeum import datasets
from maeum.core.errors import DataError
from maeum.layers import (
    AveragePooling2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
    RandomBrightness,
    RandomContrast,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
)
from maeum.optimizers import Adam
from maeum.optimizers.schedules import CosineDecay

BATCH = 16
SHOWN = 16
TWO_LAYERS, CNN = "Two-layer network", "CNN with augmentation"


def two_layers(seed: int, steps: int) -> mm.Model:
    """Make the network of exercise 2: 1,573,121 parameters."""
    model = mm.Sequential(
        [
            mm.Input((64, 64, 3)),
            Flatten(),
            Dense(128, activation="relu"),
            Dense(1, activation="sigmoid"),
        ],
        seed=seed,
    )
    model.compile(Adam(1e-4), "binary_crossentropy", metrics=["accuracy"])
    return model


def cnn(seed: int, steps: int) -> mm.Model:
    """Make the convolutional network, whose learning rate falls to nothing in ``steps``."""
    model = mm.Sequential(
        [
            mm.Input((64, 64, 3)),
            AveragePooling2D(2),
            RandomFlip("horizontal"),
            RandomRotation(0.06),
            RandomZoom((-0.25, 0.1)),
            RandomTranslation(0.12, 0.12),
            RandomContrast(0.3),
            RandomBrightness(0.15, value_range=(0, 1)),
        ],
        seed=seed,
    )
    for filters in (32, 64, 128):
        model.add(Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(MaxPooling2D(2))
        model.add(Dropout(0.2))
    model.add(Flatten())
    model.add(Dropout(0.5))
    model.add(Dense(64, activation="relu"))
    model.add(Dropout(0.5))
    model.add(Dense(1, activation="sigmoid"))
    rate = CosineDecay(1e-3, steps)
    model.compile(Adam(rate), "binary_crossentropy", metrics=["accuracy"])
    return model


def main(argv: Sequence[str] | None = None) -> Path | None:
    """Train both, tell and draw; return where the picture is, or None without the data."""
    parser = course.options(__doc__, epochs=40)
    parser.add_argument("--seeds", type=course.positive, default=5, help="default: %(default)s")
    given = parser.parse_args(argv)
    try:
        (x, y), (x_test, y_test) = datasets.cats.load_data()
    except (DataError, ImportError) as error:
        print(f"Exercise 2 is skipped, for want of its pictures: {error}")
        return None
    x, x_test = x.astype(np.float32) / 255, x_test.astype(np.float32) / 255
    print(f"Cats: {len(x)} pictures to train, {len(x_test)} to test with.")
    # A third of the pictures to train with shows a cat: let both answers count the same.
    weight = {answer: len(y) / (2 * np.sum(y == answer)) for answer in (0, 1)}
    steps = given.epochs * -(-len(x) // BATCH)

    histories: dict[str, list[Any]] = {}
    outputs: dict[str, np.ndarray] = {}
    makers: dict[str, Callable[[int, int], mm.Model]] = {TWO_LAYERS: two_layers, CNN: cnn}
    for name, make in makers.items():
        histories[name] = []
        for seed in range(given.seeds):
            model = make(seed, steps)
            told = model.fit(
                *(x, y),
                batch_size=BATCH,
                epochs=given.epochs,
                class_weight=weight,
                validation_data=(x_test, y_test),
                verbose=0,
            )
            histories[name].append(told.history)
            if seed == 0:
                outputs[name] = model.predict(x_test)[:, 0]
        last = [history["val_accuracy"][-1] for history in histories[name]]
        print(
            f"{name}: {np.mean(last):.1%} of the test pictures on average over {len(last)} seeds, "
            f"from {min(last):.0%} to {max(last):.0%}."
        )

    sheet = course.figure(13, 8.5, "Is there a cat in the picture?")
    above, below = sheet.subfigures(2, 1, height_ratios=(1, 1.15))
    for axes, (name, runs) in zip(above.subplots(1, 2, sharey=True), histories.items()):
        draw_runs(axes, name, runs)
    draw_answers(below, x_test, y_test, outputs)
    return course.save(sheet, given.output, "exercise2_cats")


def draw_runs(axes: Axes, name: str, runs: list[Any]) -> None:
    """Draw the accuracies of each seed faintly, and their mean."""
    for key, colour, label in (
        ("accuracy", course.COLOURS[1], "training"),
        ("val_accuracy", course.COLOURS[0], "test"),
    ):
        lines = np.array([run[key] for run in runs])
        epochs = np.arange(1, lines.shape[1] + 1)
        axes.plot(epochs, lines.T, color=colour, linewidth=0.7, alpha=0.3)
        axes.plot(epochs, lines.mean(0), color=colour, linewidth=2, label=f"{label}, mean")
    course.tidy(axes)
    axes.set_xlabel("epoch")
    axes.set_title(f"{name}: accuracy", fontsize=10)
    axes.legend(frameon=False, fontsize=9, loc="lower right")


def draw_answers(
    sheet: Any, x_test: np.ndarray, y_test: np.ndarray, outputs: dict[str, np.ndarray]
) -> None:
    """Show every third test picture and what both say; red where the second one is wrong."""
    shown = np.arange(0, len(x_test), 3)[:SHOWN]
    wrong = (outputs[CNN] > 0.5) != y_test
    titles = [
        f"{'cat' if y_test[i] else 'no cat'}\n{outputs[TWO_LAYERS][i]:.0%} | {outputs[CNN][i]:.0%}"
        for i in shown
    ]
    course.pictures(list(sheet.subplots(2, SHOWN // 2).flat), x_test[shown], titles, wrong[shown])
    sheet.suptitle(
        "What it is, and the probability of a cat: two-layer network | CNN (red: the CNN is wrong)",
        fontsize=10,
    )


if __name__ == "__main__":
    main()
