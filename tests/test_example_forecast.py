"""The example on series runs from its options to a picture that opens."""

import importlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@pytest.fixture
def forecast(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    monkeypatch.delenv("MAEUM_DATA", raising=False)
    return importlib.import_module("forecast")


def test_waves_are_the_formula(forecast):
    made = forecast.waves(3, 60, seed=4)
    assert made.shape == (3, 60, 1)
    low, high, first, second = np.random.default_rng(4).random((4, 3))
    t = np.linspace(0, 1, 60)
    for row in range(3):
        clean = 0.5 * np.sin((t - first[row]) * (low[row] * 10 + 10))
        clean += 0.2 * np.sin((t - second[row]) * (high[row] * 20 + 20))
        assert np.abs(made[row, :, 0] - clean).max() <= 0.05 + 1e-6


def test_run(forecast, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(forecast, "NETWORKS", {k: forecast.NETWORKS[k] for k in ("dense", "LSTM")})
    path = forecast.main(["--epochs", "1", "--series", "64", "--output", str(tmp_path / "made")])
    with Image.open(path) as picture:
        picture.load()
        assert min(picture.size) > 200
        assert len(picture.convert("L").getcolors()) > 20
