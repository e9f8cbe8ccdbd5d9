"""Deep belief net: few labels, many digits without one, and three hidden layers of sigmoids.

In 2006 such a net was all but impossible to train by backpropagation alone. Hinton, Osindero and
Teh let each layer first learn, without labels, to make up what the layer below sees: restricted
Boltzmann machines, one on top of the other. What they find is where backpropagation then begins.
Here both nets learn from the same 500 labels, with and without this beginning, for several seeds
(other labels, other weights).

    python examples/deep_belief_net.py --seeds 10 --output pictures
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

import course
import maeum as mm
from maeum.generative import DeepBeliefNetwork
from maeum.layers import Dense

WAYS = ("with pre-training", "without")
SHOWN = 24


def main(argv: Sequence[str] | None = None) -> Path:
    """Train both nets for each seed, tell and draw; return where the picture is."""
    parser = course.digit_options(__doc__, epochs=60)
    parser.add_argument("--seeds", type=course.positive, default=3, help="default: %(default)s")
    parser.add_argument("--labels", type=course.positive, default=500, help="default: %(default)s")
    parser.add_argument(
        "--units", type=course.positive, default=256, help="of a hidden layer; default: %(default)s"
    )
    parser.add_argument(
        "--pretraining",
        type=course.positive,
        default=10,
        help="epochs of each layer without labels; default: %(default)s",
    )
    given = parser.parse_args(argv)
    data = course.load_digits(given.data, given.limit)
    x, x_test = (part.reshape(len(part), -1) for part in (data.x, data.x_test))
    data = data._replace(x=x, x_test=x_test)
    curves: dict[str, list[np.ndarray]] = {way: [] for way in WAYS}
    for seed in range(given.seeds):
        net = pretrained(x, given.units, given.pretraining, seed)
        pair = net.to_classifier(10, seed=seed), plain(x.shape[1], given.units, seed)
        some = np.random.default_rng(seed).permutation(len(x))[: given.labels]
        for way, network in zip(WAYS, pair):
            curves[way].append(errors(network, data, some, given.epochs))
        ends = {way: found[-1][-1] for way, found in curves.items()}
        print(f"Seed {seed}: " + ", ".join(f"{way} {end:.2%} errors" for way, end in ends.items()))
    with_it, without = (np.array(curves[way])[:, -1] for way in WAYS)
    print(f"Pre-training made fewer errors in {np.sum(with_it < without)} of {given.seeds} seeds: "
          f"{np.median(with_it):.2%} instead of {np.median(without):.2%} (medians).")  # fmt: skip

    title = f"{given.labels} labels of {data.name}, three hidden layers of sigmoids"
    sheet = course.figure(13, 5, title)
    left, middle, right = sheet.subfigures(1, 3, width_ratios=(1.2, 1, 1))
    draw_errors(left.subplots(), curves)
    draw_images(middle, net.rbms[0].filters((28, 28)), "What units of the first layer look for")
    drawn = net.sample(SHOWN, steps=200, seed=0, start=x[:SHOWN]).reshape(-1, 28, 28)
    draw_images(right, drawn, "What the net makes up")
    return course.save(sheet, given.output, "deep_belief_net")


def pretrained(x: np.ndarray, units: int, epochs: int, seed: int) -> DeepBeliefNetwork:
    """Return three layers of features, learnt one after the other without labels."""
    net = DeepBeliefNetwork([x.shape[1], units, units, units], seed=seed)
    net.compile(mm.optimizers.SGD(0.1, momentum=0.5))
    net.pretrain(x, batch_size=50, epochs=epochs, verbose=0)
    return net


def plain(size: int, units: int, seed: int) -> mm.Sequential:
    """Return the same classifier with weights drawn at random."""
    layers = [Dense(units, activation="sigmoid") for _ in range(3)]
    return mm.Sequential([mm.Input((size,)), *layers, Dense(10, activation="softmax")], seed=seed)


def errors(network: Any, data: course.Digits, some: np.ndarray, epochs: int) -> np.ndarray:
    """Train a classifier with some of the labels; return its test errors after each epoch."""
    network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = network.fit(
        data.x[some],
        data.y[some],
        batch_size=50,
        epochs=epochs,
        validation_data=(data.x_test, data.y_test),
        verbose=0,
    ).history
    return 1 - np.array(history["val_accuracy"])


def draw_errors(axes: Axes, curves: dict[str, list[np.ndarray]]) -> None:
    """Draw the test errors over the epochs: a line for each seed."""
    for colour, (way, found) in zip(course.COLOURS, curves.items()):
        for number, errors in enumerate(found):
            epochs = np.arange(1, len(errors) + 1)
            label = None if number else way
            axes.plot(epochs, errors, color=colour, alpha=0.7, linewidth=1.2, label=label)
    axes.set_ylim(0, min(1.0, 2.5 * np.median([found[-1] for found in curves["without"]])))
    axes.set_xlabel("epoch with labels")
    course.tidy(axes, percent=True)
    axes.legend(frameon=False, fontsize=9)
    axes.set_title("Test errors", fontsize=10)


def draw_images(sheet: Any, images: np.ndarray, title: str) -> None:
    """Draw the first images on a grid."""
    for place, image in zip(sheet.subplots(6, SHOWN // 6).flat, images):
        place.imshow(image, cmap="gray")
        place.set_axis_off()
    sheet.suptitle(title, fontsize=10)


if __name__ == "__main__":
    main()
