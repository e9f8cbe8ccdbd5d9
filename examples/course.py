"""What the exercises share: their options, the digits they learn, and how they draw."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from maeum.datasets import digits, mnist

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
GREY = "#8a8a8a"
_ORDER = 20  # the seed of the order in which the digits are taken apart


class Digits(NamedTuple):
    """Digits of 28 x 28 x 1 points from 0 to 1 and what they are: to train and to test with."""

    name: str
    x: np.ndarray
    y: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def options(about: str | None, epochs: int) -> argparse.ArgumentParser:
    """Make the parser of the options that every exercise has."""
    parser = argparse.ArgumentParser(description=(about or "").partition("\n\n")[0])
    parser.add_argument("--epochs", type=positive, default=epochs, help="default: %(default)s")
    parser.add_argument(
        "--output", type=Path, default=Path("results"), help="the folder for the picture"
    )
    return parser


def digit_options(about: str | None, epochs: int, limit: int | None = None) -> Any:
    """Make the parser of an exercise that learns digits."""
    parser = options(about, epochs)
    parser.add_argument(
        "--data",
        choices=("mnist", "digits"),
        help="the digits to learn; by default MNIST if it is on this machine, else the digits "
        "that come with scikit-learn",
    )
    parser.add_argument(
        "--limit",
        type=positive,
        default=limit,
        help="train on so many pictures only; default: " + (str(limit) if limit else "all"),
    )
    return parser


def text_options(
    about: str | None, file: str, epochs: int, limit: int | None = None
) -> argparse.ArgumentParser:
    """Make the parser of an example that learns a text file."""
    parser = options(about, epochs)
    parser.add_argument(
        "--data",
        type=Path,
        help=f"{file}, or the folder where it is; by default the folder that MAEUM_DATA names",
    )
    parser.add_argument(
        "--limit",
        type=positive,
        default=limit,
        help="learn so many lines or letters only; default: " + (str(limit) if limit else "all"),
    )
    return parser


def text_file(given: Path | None, name: str) -> Path | None:
    """Return where a text file is; where it is missing, say so and return None."""
    folder = given or Path(os.environ.get("MAEUM_DATA", "."))
    for path in (folder, *(folder / place / name for place in (".", "text", "music"))):
        if path.is_file():
            return path
    print(f"Skipped, for want of {name}: give it with --data, or its folder as MAEUM_DATA.")
    return None


def positive(text: str) -> int:
    """Read a whole number of 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"a whole number of 1 or more is expected; got {text}")
    return number


def load_digits(name: str | None = None, limit: int | None = None) -> Digits:
    """Return digits to train and to test with.

    Of MNIST only the file of 10,000 test digits is used, which is soon fetched: in an order that
    never changes, 8,500 are to train and 1,500 to test with.
    """
    if name is None:
        name = "mnist" if all(file.find() for file in mnist.FILES[2:]) else "digits"
    if name == "mnist":
        x, y = mnist.load_test_data()
        order = np.random.default_rng(_ORDER).permutation(len(x))
        (x, y), (x_test, y_test) = ((x[part], y[part]) for part in np.split(order, [8500]))
    else:
        (x, y), (x_test, y_test) = digits.load_data(size=28)
    x, y = x[:limit], y[:limit]
    told = {"mnist": "MNIST", "digits": "scikit-learn's digits"}[name]
    print(f"{told}: {len(x):,} pictures to train, {len(x_test):,} to test with.")
    return Digits(told, unit(x), y, unit(x_test), y_test)


def unit(pictures: np.ndarray) -> np.ndarray:
    """Turn grey bytes (n, h, w) into numbers from 0 to 1 with one channel."""
    return pictures[..., None].astype(np.float32) / 255


def figure(width: float, height: float, title: str) -> Figure:
    """Begin a picture, in inches."""
    sheet = Figure(figsize=(width, height), layout="constrained", dpi=110)
    sheet.suptitle(title, fontsize=14)
    return sheet


def curves(
    axes: Axes,
    histories: Mapping[str, Mapping[str, Sequence[float]]],
    key: str = "accuracy",
    training: bool = True,
    least: float | None = None,
) -> None:
    """Draw a metric over the epochs: a line for each history; that of the training is dashed."""
    for i, (label, history) in enumerate(histories.items()):
        look: dict[str, Any] = {"color": COLOURS[i % len(COLOURS)], "zorder": 9 - i}
        epochs = np.arange(1, len(history[key]) + 1)
        if training:
            axes.plot(epochs, history[key], "--", linewidth=1, alpha=0.7, **look)
        # Wider below: runs that share their beginning stay in sight.
        wide = 1.6 if training else 1.4 + 1.7 * i
        axes.plot(epochs, history[f"val_{key}"], ".-", linewidth=wide, label=label, **look)
    if least is not None:
        axes.set_ylim(least, 1 + (1 - least) * 0.02)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("epoch")
    tidy(axes, percent=key == "accuracy")
    axes.legend(frameon=False, fontsize=9)


def tidy(axes: Axes, percent: bool = True) -> None:
    """Give axes a light grid, and percent signs."""
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if percent:
        axes.yaxis.set_major_formatter(PercentFormatter(1))


def pictures(
    axes: Sequence[Axes], x: np.ndarray, titles: Sequence[str], wrong: Sequence[bool]
) -> None:
    """Show pictures with a line above each, in red where it is wrong."""
    for place in axes:
        place.set_axis_off()
    for place, picture, title, bad in zip(axes, x, titles, wrong):
        shown = picture[..., 0] if picture.shape[-1] == 1 else picture
        place.imshow(shown, cmap="gray_r" if shown.ndim == 2 else None, vmin=0, vmax=1)
        place.set_title(title, fontsize=8, color="#c00000" if bad else "#303030", pad=2)


def save(sheet: Figure, folder: Path, name: str) -> Path:
    """Write the picture, and say where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    sheet.savefig(path)
    print(f"Picture: {path}")
    return path
