"""What the network sees in a few pictures: what mattered, its feature maps, its filters."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from maeum import inspect
from maeum.core.errors import ConfigError
from maeum.core.wording import shorten
from maeum.images.experiment.result import ImageRun
from maeum.images.experiment.shots import Shot, Strip, data_address
from maeum.layers import Activation, ReLU
from maeum.layers.convolution import Convolution
from maeum.models import Model
from maeum.report.wording import percent

RIGHT, WRONG = 4, 2  # pictures that are explained
MAPS = 12
FILTERS = 32


class Explained(NamedTuple):
    """A picture, and three views of what speaks for the network's answer."""

    shots: list[Shot]
    title: str
    wrong: bool


def explained(run: ImageRun, network: Model) -> list[Explained]:
    """A few test pictures with gradient, integrated gradients and Grad-CAM side by side."""
    rows = _telling(run)
    x = run.data.test.pictures(rows)
    target = run.answers[rows]
    slopes = inspect.gradient_saliency(network, x, target)
    parts = inspect.integrated_gradients(network, x, target, baseline=x.mean()).sum(axis=-1)
    try:
        places = inspect.grad_cam(network, x, target)
    except ConfigError:  # no maps with places are left after the last convolution
        places = None
    found = []
    for i, row in enumerate(rows):
        answer, truth = (shorten(run.classes[k], 24) for k in (run.answers[row], run.truth[row]))
        wrong = answer != truth
        title = f"{answer}, {percent(run.probabilities[row].max(), 0)}"
        shots = [
            Shot(data_address(x[i]), f"{truth}: {run.data.test.name(row)}"),
            Shot(data_address(_glow(slopes[i])), f"gradient for {answer}"),
            Shot(data_address(_two_sided(parts[i])), f"integrated gradients for {answer}"),
        ]
        if places is not None:
            shots.append(Shot(data_address(_overlay(x[i], places[i])), f"Grad-CAM for {answer}"))
        found.append(Explained(shots, title + (f"; is {truth}" if wrong else ""), wrong))
    return found


def feature_maps(run: ImageRun, network: Model) -> list[Strip]:
    """What comes out of the first, a middle and the last layer for one test picture."""
    rows = _telling(run)[:1]
    maps = inspect.feature_maps(network, run.data.test.pictures(rows))
    layers = network.named_layers()
    active = [p for p in maps if isinstance(layers.get(p), (ReLU, Activation))]
    paths = active or [p for p in maps if isinstance(layers.get(p), Convolution)] or list(maps)
    chosen = list(dict.fromkeys([paths[0], paths[len(paths) // 2], paths[-1]]))
    strips = []
    for path in chosen:
        found = maps[path][0]
        brightest = np.argsort(-found.std(axis=(0, 1)), kind="stable")[:MAPS]
        shots = [
            Shot(data_address(_glow(found[..., k])), f"map {k + 1} of {path}") for k in brightest
        ]
        size = f"{found.shape[0]}x{found.shape[1]}"
        note = f"{found.shape[2]} maps of {size}, those that differ most from place to place"
        strips.append(Strip(path, shots, note))
    return strips


def first_filters(network: Model) -> Strip | None:
    """The filters of the first convolution; None if their channels are no colours."""
    layers = network.named_layers()
    path = next((p for p, layer in layers.items() if isinstance(layer, Convolution)), None)
    if path is None:
        return None
    kernels = inspect.filters(network, path)
    if kernels.ndim != 4 or kernels.shape[-1] not in (1, 3):
        return None
    shots = []
    for number, kernel in enumerate(kernels[:FILTERS]):
        scaled = 127.5 + 127.5 * kernel / max(float(np.abs(kernel).max()), 1e-12)
        shots.append(Shot(data_address(scaled.astype(np.uint8)), f"filter {number + 1} of {path}"))
    size = f"{kernels.shape[1]}x{kernels.shape[2]}"
    return Strip(path, shots, f"{len(kernels)} filters of {size}; middle grey is 0")


def _telling(run: ImageRun) -> np.ndarray:
    """Return the surest right answer of a few classes, and the surest mistakes."""
    order = np.argsort(-run.probabilities.max(axis=1), kind="stable")
    right, wrong = (order[(run.answers == run.truth)[order] == is_right] for is_right in (1, 0))
    first = {int(run.truth[row]): row for row in right[::-1]}  # of each class the surest
    by_class = sorted(first.values(), key=lambda row: int(run.truth[row]))[:RIGHT]
    return np.array([*by_class, *wrong[:WRONG]], np.int64)


def _glow(values: np.ndarray) -> np.ndarray:
    """Paint values from dark (the least) to bright (all but the few highest)."""
    import matplotlib

    low, high = float(values.min()), float(np.percentile(values, 99.5))
    shares = np.clip((values - low) / max(high - low, 1e-12), 0, 1)
    return (matplotlib.colormaps["magma"](shares)[..., :3] * 255).astype(np.uint8)


def _two_sided(values: np.ndarray) -> np.ndarray:
    """Paint what speaks for the answer red and what speaks against it blue, on white."""
    import matplotlib

    most = max(float(np.percentile(np.abs(values), 99.5)), 1e-12)
    shares = np.clip(0.5 + 0.5 * values / most, 0, 1)
    return (matplotlib.colormaps["RdBu_r"](shares)[..., :3] * 255).astype(np.uint8)


def _overlay(pixels: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Lay a glow over a picture without its colours."""
    grey = pixels.mean(axis=-1, keepdims=True)
    strength = np.clip(values / max(float(values.max()), 1e-12), 0, 1)[..., None]
    glow = np.array([230.0, 60.0, 20.0]) * strength + np.array([20.0, 40.0, 120.0]) * (1 - strength)
    return (0.55 * grey + 0.45 * glow).astype(np.uint8)
