"""Exercise 4: a residual network learns digits, beside the network of exercise 3.

Thirty-two layers, 465,386 parameters. Each block adds its input to what its two convolutions make
of it, so that the gradient reaches the first layers unhindered (He et al., 2015, "Deep residual
learning for image recognition"). It is written out here without batch normalization; with it, it is
`maeum.applications.SmallResNet`. In a few epochs it does not catch up with the shallow network yet:
what helps is the subject of exercise 5.

    python examples/exercise4_mnist_residual.py --epochs 4 --output pictures
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import course
import exercise3_mnist_cnn
import maeum as mm
from maeum.layers import Add, Conv2D, Dense, GlobalAveragePooling2D, ReLU


def network(seed: int, blocks: int = 5, size: int = 28) -> mm.Model:
    """Make the network: three stages of ``blocks`` blocks with 16, 32 and 64 filters."""
    picture = mm.Input((size, size, 1))
    x = Conv2D(16, 3, padding="same", activation="relu")(picture)
    for filters in (16, 32, 64):
        for i in range(blocks):
            x = block(x, filters, strides=2 if filters > 16 and i == 0 else 1)
    outputs = Dense(10, activation="softmax")(GlobalAveragePooling2D()(x))
    return mm.Model(picture, outputs, name="residual", seed=seed)


def block(x: Any, filters: int, strides: int) -> Any:
    """Two convolutions, and the input; where the size changes, a 1x1 convolution of the input."""
    y = Conv2D(filters, 3, strides, padding="same", activation="relu")(x)
    y = Conv2D(filters, 3, padding="same")(y)
    shortcut = x if strides == 1 else Conv2D(filters, 1, strides)(x)
    return ReLU()(Add()([shortcut, y]))


def main(argv: Sequence[str] | None = None) -> Path:
    """Train both, tell and draw; return where the picture is."""
    parser = course.digit_options(__doc__, epochs=4)
    parser.add_argument(
        "--blocks", type=course.positive, default=5, help="blocks of a stage; default: %(default)s"
    )
    given = parser.parse_args(argv)
    data = course.load_digits(given.data, given.limit)
    residual = network(0, given.blocks)
    residual.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    models = {"CNN": exercise3_mnist_cnn.network(0), "residual network": residual}
    histories: dict[str, Any] = {}
    for name, model in models.items():
        print(f"{name}: {model.count_params():,} parameters.")
        told = model.fit(
            *(data.x, data.y),
            batch_size=64,
            epochs=given.epochs,
            validation_data=(data.x_test, data.y_test),
            verbose=0,
        )
        histories[name] = told.history
        print(f"{name}: {told.history['val_accuracy'][-1]:.2%} of the test pictures.")

    sheet = course.figure(12, 4.6, f"A residual network on {data.name}")
    left, middle, right = sheet.subplots(1, 3, width_ratios=(1, 1, 0.9))
    course.curves(left, histories)
    left.set_title("Accuracy in training (dashed) and on the test", fontsize=10)
    course.curves(middle, histories, "loss")
    middle.set_title("Loss in training (dashed) and on the test", fontsize=10)
    draw_agreement(right, {name: m.predict(data.x_test) for name, m in models.items()}, data.y_test)
    return course.save(sheet, given.output, "exercise4_mnist_residual")


def draw_agreement(axes: Any, outputs: dict[str, np.ndarray], truth: np.ndarray) -> None:
    """Draw how many of the mistakes the two networks share."""
    wrong = {name: p.argmax(1) != truth for name, p in outputs.items()}
    (first, second), both = wrong, np.logical_and.reduce(list(wrong.values()))
    bars = {
        f"only the\n{first}": wrong[first].sum() - both.sum(),
        "both": both.sum(),
        f"only the\n{second}": wrong[second].sum() - both.sum(),
    }
    colours = (course.COLOURS[0], course.GREY, course.COLOURS[1])
    axes.bar_label(axes.bar(list(bars), list(bars.values()), color=colours))
    course.tidy(axes, percent=False)
    axes.set_title("Test pictures that are wrong with", fontsize=10)


if __name__ == "__main__":
    main()
