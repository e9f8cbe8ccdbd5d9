"""Series: what comes next in two waves with noise, and in the price of a stock.

A dense network, a recurrent one, a deep recurrent one and an LSTM see 50 steps of a series and
forecast the next one, or the next ten. All must beat the forecast that nothing changes. A price is
another matter: its last value is nearly all that can be known. The picture: forecasts, errors by
network and by step ahead, and the price.

    python examples/forecast.py --epochs 40 --output pictures
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

import course
import maeum as mm
from maeum.forecasting import TrainedSeries, baselines, train_series
from maeum.layers import LSTM, Dense, Flatten, SimpleRNN

SEEN, AHEAD = 50, 10
NETWORKS = {
    "dense": lambda: [Flatten(), Dense(40, activation="relu")],
    "RNN": lambda: [SimpleRNN(20)],
    "deep RNN": lambda: [SimpleRNN(20, return_sequences=True), SimpleRNN(20)],
    "LSTM": lambda: [LSTM(20, return_sequences=True), LSTM(20)],
}
NAIVE = "last value"


def waves(count: int, steps: int, seed: int) -> np.ndarray:
    """Draw series (count, steps, 1): two sine waves of drawn frequency and place, and noise."""
    rng = np.random.default_rng(seed)
    low, high, first, second = rng.random((4, count, 1))
    t = np.linspace(0, 1, steps)
    series = 0.5 * np.sin((t - first) * (low * 10 + 10))
    series += 0.2 * np.sin((t - second) * (high * 20 + 20))
    series += 0.1 * (rng.random((count, steps)) - 0.5)
    return series[..., None].astype("float32")


def learn(name: str, steps: int, train: np.ndarray, valid: np.ndarray, epochs: int) -> mm.Model:
    """Train a network to forecast so many steps."""
    model = mm.Sequential([mm.Input((SEEN, 1)), *NETWORKS[name](), Dense(steps)], seed=1)
    model.compile(mm.optimizers.Adam(0.005), "mse")
    model.fit(
        train[:, :SEEN],
        train[:, SEEN : SEEN + steps, 0],
        batch_size=32,
        epochs=epochs,
        validation_data=(valid[:, :SEEN], valid[:, SEEN : SEEN + steps, 0]),
        verbose=0,
    )
    return model


def prices() -> tuple[Path | pd.DataFrame, str]:
    """Return the daily prices of a stock, newest first; made up where there are none."""
    folder = Path(os.environ.get("MAEUM_DATA", "."))
    for path in (folder / "tabular", folder):
        if (path / "data-02-stock_daily.csv").is_file():
            return path / "data-02-stock_daily.csv", "a stock"
    rng = np.random.default_rng(5)
    close = 100 * np.exp(np.cumsum(rng.normal(0.0005, 0.015, 700)))
    volume = rng.integers(100, 900, 700)
    return pd.DataFrame({"Volume": volume, "Close": close})[::-1], "a made-up stock"


def main(argv: Sequence[str] | None = None) -> Path:
    """Train, tell and draw; return where the picture is."""
    parser = course.options(__doc__, epochs=40)
    parser.add_argument("--series", type=course.positive, default=7000, help="default: %(default)s")
    given = parser.parse_args(argv)
    few = max(given.series // 4, 1)
    train, valid, test = (waves(n, SEEN + AHEAD, seed) for seed, n in
                          enumerate((given.series, few, few)))  # fmt: skip
    errors: dict[int, dict[str, np.ndarray]] = {1: {}, AHEAD: {}}
    made: dict[str, np.ndarray] = {}
    for steps, found in errors.items():
        truth = test[:, SEEN : SEEN + steps, 0]
        made[NAIVE] = baselines.last_value(test[:, :SEEN], steps)[..., 0]
        for name in NETWORKS:
            model = learn(name, steps, train, valid, given.epochs)
            made[name] = np.asarray(model.predict(test[:, :SEEN], verbose=0))
        for name, forecast in made.items():
            found[name] = ((forecast - truth) ** 2).mean(axis=0)
            print(f"{steps:2} ahead, {name:10}: mean squared error {found[name].mean():.5f}")
    source, what = prices()
    price = train_series(
        source, "Close", newest_first=True, network="lstm", horizon=5,
        epochs=min(given.epochs, 60), report=False,
    )  # fmt: skip
    for entry in price.run.models:
        print(f"{what}, {entry['name']:14}: off by {entry['metrics']['mae']:.2f} on average")
    return draw(errors, made, test, price, what, given.output / "forecast.png")


def draw(
    errors: dict[int, dict[str, np.ndarray]],
    made: dict[str, np.ndarray],
    test: np.ndarray,
    price: TrainedSeries,
    what: str,
    path: Path,
) -> Path:
    sheet = course.figure(12, 10, "What comes next")
    top, middle, bottom = sheet.subfigures(3, 1)
    for place, axes in enumerate(np.atleast_1d(top.subplots(1, 3, sharey=True))):
        _one(axes, test[place, :, 0], {n: made[n][place] for n in ("dense", "LSTM")})
        if place == 0:
            axes.legend(frameon=False, fontsize=8, loc="lower left")
    left, right = middle.subplots(1, 2)
    _bars(left, errors)
    for i, (name, found) in enumerate(errors[AHEAD].items()):
        colour = course.GREY if name == NAIVE else course.COLOURS[i - 1]
        right.plot(np.arange(1, AHEAD + 1), found, ".-", color=colour, label=name)
    right.set(title="mean squared error by step ahead", xlabel="steps ahead", yscale="log")
    right.legend(frameon=False, fontsize=9, ncols=2)
    course.tidy(right, percent=False)
    _price(bottom.subplots(), price, what)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.savefig(path)
    print(f"The picture: {path}")
    return path


def _one(axes: Axes, series: np.ndarray, forecasts: dict[str, np.ndarray]) -> None:
    axes.plot(series[: SEEN + 1], ".-", color=course.GREY, markersize=4, linewidth=1)
    steps = np.arange(SEEN, SEEN + AHEAD)
    axes.plot(steps, series[SEEN:], "o", color="black", markersize=4, label="what came")
    for name, values in forecasts.items():
        place = list(NETWORKS).index(name)
        axes.plot(steps, values, "-", color=course.COLOURS[place], linewidth=2, label=name)
    axes.set_xlabel("steps")
    course.tidy(axes, percent=False)


def _bars(axes: Axes, errors: dict[int, dict[str, np.ndarray]]) -> None:
    for shift, (steps, found) in enumerate(errors.items()):
        height = [float(values.mean()) for values in found.values()]
        places = np.arange(len(height)) + 0.4 * shift
        bars = axes.bar(places, height, 0.38, color=course.COLOURS[shift], label=f"{steps} ahead")
        axes.bar_label(bars, [f"{value:.4f}" for value in height], fontsize=8)
    axes.set_xticks(np.arange(len(found)) + 0.2, list(found))
    axes.set(title="mean squared error in the test", yscale="log")
    axes.margins(y=0.2)
    axes.legend(frameon=False, fontsize=9)
    course.tidy(axes, percent=False)


def _price(axes: Axes, price: TrainedSeries, what: str) -> None:
    run = price.run
    days = run.data.parts["test"].origins
    own, last = (entry["metrics"]["mae"] for entry in run.models[:2])
    axes.plot(days, run.truth[:, 0, 0], color="black", linewidth=1.2, label="what came")
    axes.plot(days, run.forecasts["Maeum network"][:, 0, 0], color=course.COLOURS[3],
              linewidth=1.4, label="LSTM, one day ahead")  # fmt: skip
    bounds: Any = (run.low, run.high)
    if run.low is not None:
        axes.fill_between(days, bounds[0][:, 0, 0], bounds[1][:, 0, 0], alpha=0.2,
                          color=course.COLOURS[3], linewidth=0, label="80% interval")  # fmt: skip
    axes.set(title=f"the price of {what}, five days ahead: off by {own:.2f}; the last value by "
                   f"{last:.2f}", xlabel="day")  # fmt: skip
    axes.legend(frameon=False, fontsize=9)
    course.tidy(axes, percent=False)


if __name__ == "__main__":
    main()
