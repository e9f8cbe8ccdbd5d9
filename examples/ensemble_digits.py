"""Ensemble: ten networks that learnt from differently drawn digits vote together.

Each member begins with other weights and learns from another sample of the pictures, in another
order; one program trains all of them. The mean of their probabilities is right more often than a
member is on average, because they do not make the same mistakes.

    python examples/ensemble_digits.py --members 10 --output pictures
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

import course
import exercise3_mnist_cnn
import maeum as mm

SHOWN = 12


def main(argv: Sequence[str] | None = None) -> Path:
    """Train the members, tell and draw; return where the picture is."""
    parser = course.digit_options(__doc__, epochs=8, limit=2000)
    parser.add_argument("--members", type=course.positive, default=10, help="default: %(default)s")
    given = parser.parse_args(argv)
    data = course.load_digits(given.data, given.limit)
    network = exercise3_mnist_cnn.network(0)
    ensemble = mm.Ensemble(network, members=given.members, bootstrap=True, seed=0)
    ensemble.fit(data.x, data.y, batch_size=32, epochs=given.epochs, verbose=0)
    outputs = ensemble.predict_members(data.x_test)
    alone = [accuracy(output, data.y_test) for output in outputs]
    for member, right in enumerate(alone):
        print(f"Member {member + 1}: {right:.2%}")
    growing = np.cumsum(outputs, axis=0)  # argmax does not mind that it is a sum, not a mean
    together = [accuracy(votes, data.y_test) for votes in growing]
    print(f"A member on average: {np.mean(alone):.2%}; the best one: {max(alone):.2%}")
    print(f"All together: {together[-1]:.2%}")

    sheet = course.figure(13, 5, f"{given.members} networks on {data.name}, alone and together")
    left, right = sheet.subfigures(1, 2, width_ratios=(1, 1.1))
    draw_growth(left.subplots(), alone, together)
    draw_disputed(right, data, outputs)
    return course.save(sheet, given.output, "ensemble_digits")


def accuracy(outputs: np.ndarray, truth: np.ndarray) -> float:
    """Return the share of the pictures whose largest output is the right one."""
    return float(np.mean(outputs.argmax(-1) == truth))


def draw_growth(axes: Axes, alone: list[float], together: list[float]) -> None:
    """Draw each member's accuracy, their mean, and that of the first 1, 2, ... together."""
    members = np.arange(1, len(alone) + 1)
    axes.plot(members, alone, "o", color=course.COLOURS[1], label="one member alone")
    axes.axhline(float(np.mean(alone)), color=course.COLOURS[1], ls="--", label="their mean")
    axes.plot(members, together, ".-", color=course.COLOURS[0], label="this one and those before")
    axes.set_xticks(members)
    axes.set_xlabel("member")
    course.tidy(axes)
    axes.legend(frameon=False, fontsize=9)
    axes.set_title("Accuracy on the test", fontsize=10)


def draw_disputed(sheet: Any, data: course.Digits, outputs: np.ndarray) -> None:
    """Show pictures on which the members differ, the hardest first."""
    right = (outputs.argmax(-1) == data.y_test).sum(0)
    answer = outputs.sum(0).argmax(-1)
    disputed = np.flatnonzero((right > 0) & (right < len(outputs)))
    hardest = disputed[np.argsort(right[disputed], kind="stable")][
        :: max(1, len(disputed) // SHOWN)
    ]
    hardest = hardest[:SHOWN]
    titles = [
        f"{data.y_test[i]}: {right[i]} of {len(outputs)} right\ntogether: {answer[i]}"
        for i in hardest
    ]
    places = list(sheet.subplots(3, SHOWN // 3).flat)
    course.pictures(places, data.x_test[hardest], titles, answer[hardest] != data.y_test[hardest])
    sheet.suptitle("Where they do not agree", fontsize=10)


if __name__ == "__main__":
    main()
