"""Exercise 6: the same training on every device of this machine, timed.

The command ``maeum benchmark`` prints this as a table; here it is drawn: how long the first epoch
takes, which is with compilation, and how many pictures a second the later ones learn from.

    python examples/exercise6_devices.py --network dense --network cnn --output pictures
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

import course
from maeum.cli.benchmark import NO_GPU, Timing, compare_devices


def main(argv: Sequence[str] | None = None) -> Path:
    """Train on each device, tell and draw; return where the picture is."""
    parser = course.options(__doc__, epochs=6)
    parser.add_argument(
        "--network",
        action="append",
        choices=("dense", "cnn", "residual"),
        help="can be given several times; default: dense and cnn",
    )
    parser.add_argument("--batch-size", type=course.positive, default=128)
    given = parser.parse_args(argv)
    networks = given.network or ["dense", "cnn"]
    timings = compare_devices(networks, given.epochs, given.batch_size)
    for t in timings:
        print(
            f"{t.network:<9} on {t.device} ({t.kind}): first epoch {t.first:.2f} s, later ones "
            f"{t.later:.3f} s, {t.pictures_per_second:,.0f} pictures a second (x{t.times:.1f})"
        )
    if all(t.device.startswith("cpu") for t in timings):
        print(NO_GPU)

    sheet = course.figure(11, 1.9 + 0.7 * len(timings), "The same training on every device")
    left, right = sheet.subplots(1, 2, sharey=True)
    draw(left, timings, [t.first for t in timings], "{:.2f} s", "First epoch, with compilation")
    speeds = [t.pictures_per_second for t in timings]
    draw(right, timings, speeds, "{:,.0f}", "Pictures a second, afterwards")
    return course.save(sheet, given.output, "exercise6_devices")


def draw(
    axes: Axes, timings: Sequence[Timing], values: Sequence[float], form: str, title: str
) -> None:
    """Draw one bar for each network and device, in a colour for each device."""
    devices = list(dict.fromkeys(t.device for t in timings))
    colours = [course.COLOURS[devices.index(t.device) % len(course.COLOURS)] for t in timings]
    rows = np.arange(len(timings))
    bars = axes.barh(rows, values, 0.6, color=colours)
    axes.bar_label(bars, [form.format(value) for value in values], padding=4, fontsize=9)
    axes.set_yticks(rows, [f"{t.network}\n{t.device} {t.kind}" for t in timings], fontsize=9)
    axes.set_ylim(len(timings) - 0.4, -0.6)
    axes.set_xlim(0, 1.2 * max(values))
    course.tidy(axes, percent=False)
    axes.xaxis.set_major_formatter("{x:,g}")
    axes.set_title(title, fontsize=10)


if __name__ == "__main__":
    main()
