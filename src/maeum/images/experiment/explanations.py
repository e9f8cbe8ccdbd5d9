"""What the network sees in a few images: what mattered, its feature maps, its filters."""

from __future__ import annotations

import numpy as np

from maeum import inspect
from maeum.core.errors import ConfigError
from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import shorten
from maeum.images.experiment.result import ImageRun
from maeum.layers import Activation, ReLU
from maeum.layers.convolution import Convolution
from maeum.models import Model
from maeum.report.addresses import data_address
from maeum.report.sections import Image, ImageRows, Images

RIGHT, WRONG = 4, 2  # images that are explained
MAPS = 12
FILTERS = 32
_VIEWS = [N_("Gradient"), N_("Integrated gradients"), N_("Grad-CAM")]


def explanations(run: ImageRun, network: Model) -> ImageRows:
    """A few test images with gradient, integrated gradients and Grad-CAM side by side."""
    rows = _telling(run)
    x, target = run.data.test.pixels(rows), run.answers[rows]
    slopes = inspect.gradient_saliency(network, x, target)
    parts = inspect.integrated_gradients(network, x, target, baseline=x.mean()).sum(axis=-1)
    painted = [[_glow(v) for v in slopes], [_two_sided(v) for v in parts]]
    try:
        places = inspect.grad_cam(network, x, target)
        painted.append([_overlay(pixels, v) for pixels, v in zip(x, places)])
    except ConfigError:  # no maps with places are left after the last convolution
        pass
    views = [_(name) for name in _VIEWS[: len(painted)]]
    found = []
    for i, row in enumerate(rows):
        title, truth, wrong = run.judged(row)
        answer = shorten(run.classes[target[i]], 24)
        images = [Image(data_address(x[i]), f"{truth}: {run.data.test.name(row)}", wrong=wrong)]
        images += [
            Image(data_address(view[i]), _("{view} for {answer}", view=name, answer=answer))
            for name, view in zip(views, painted)
        ]
        found.append(Images(title, images, _("is {truth}", truth=truth) if wrong else ""))
    return ImageRows(_("Which pixels mattered"), found, (_("Answer"), _("Image"), *views))


def feature_maps(run: ImageRun, network: Model) -> list[Images]:
    """What comes out of the first, a middle and the last layer for one test image."""
    rows = _telling(run)[:1]
    maps = inspect.feature_maps(network, run.data.test.pixels(rows))
    layers = network.named_layers()
    active = [p for p in maps if isinstance(layers.get(p), (ReLU, Activation))]
    paths = active or [p for p in maps if isinstance(layers.get(p), Convolution)] or list(maps)
    strips = []
    for path in dict.fromkeys([paths[0], paths[len(paths) // 2], paths[-1]]):
        found = maps[path][0]
        clearest = np.argsort(-found.std(axis=(0, 1)), kind="stable")[:MAPS]
        images = [
            Image(data_address(_glow(found[..., k])), _("map {n} of {layer}", n=k + 1, layer=path))
            for k in clearest
        ]
        note = ngettext("{n:,} map of {size}",
                        "{n:,} maps of {size}, those that differ most from place to place",
                        found.shape[2], size="x".join(map(str, found.shape[:2])))  # fmt: skip
        strips.append(Images(path, images, note, "tiny"))
    return strips


def first_filters(network: Model) -> Images | None:
    """The filters of the first convolution; None if their channels are no colours."""
    layers = network.named_layers()
    path = next((p for p, layer in layers.items() if isinstance(layer, Convolution)), None)
    if path is None:
        return None
    kernels = inspect.filters(network, path)
    if kernels.ndim != 4 or kernels.shape[-1] not in (1, 3):
        return None
    images = []
    for number, kernel in enumerate(kernels[:FILTERS], start=1):
        scaled = 127.5 + 127.5 * kernel / max(float(np.abs(kernel).max()), 1e-12)
        said = _("filter {n} of {layer}", n=number, layer=path)
        images.append(Image(data_address(scaled.astype(np.uint8)), said))
    note = ngettext("{n:,} filter of {size}; middle grey is 0",
                    "{n:,} filters of {size}; middle grey is 0", len(kernels),
                    size="x".join(map(str, kernels.shape[1:3])))  # fmt: skip
    return Images(path, images, note, "tiny filters")


def _telling(run: ImageRun) -> np.ndarray:
    """Return the surest right answer of a few classes, and the surest mistakes."""
    order = np.argsort(-run.probabilities.max(axis=1), kind="stable")
    right, wrong = (order[(run.answers == run.truth)[order] == is_right] for is_right in (1, 0))
    first = {int(run.truth[row]): row for row in right[::-1]}  # of each class the surest
    by_class = sorted(first.values(), key=lambda row: int(run.truth[row]))[:RIGHT]
    return np.array([*by_class, *wrong[:WRONG]], np.int64)


def _glow(values: np.ndarray) -> np.ndarray:
    """Paint values from dark (the least) to bright (all but the few highest)."""
    low, high = float(values.min()), float(np.percentile(values, 99.5))
    return _painted((values - low) / max(high - low, 1e-12), "magma")


def _two_sided(values: np.ndarray) -> np.ndarray:
    """Paint what speaks for the answer red and what speaks against it blue, on white."""
    most = max(float(np.percentile(np.abs(values), 99.5)), 1e-12)
    return _painted(0.5 + 0.5 * values / most, "blue to red")


# From 0 to 1 in equal steps: matplotlib's "magma", and ColorBrewer's "RdBu" from its blue end.
_COLOURS = {
    "magma": "000004 180f3d 440f76 721f81 9e2f7f cd4071 f1605d fd9668 feca8d fcfdbf",
    "blue to red": "053061 2166ac 4393c3 92c5de d1e5f0 f7f7f7 fddbc7 f4a582 d6604d b2182b 67001f",
}


def _painted(values: np.ndarray, colours: str) -> np.ndarray:
    known = np.array([list(bytes.fromhex(each)) for each in _COLOURS[colours].split()], float)
    at = np.clip(values, 0, 1) * (len(known) - 1)
    channels = [np.interp(at, np.arange(len(known)), channel) for channel in known.T]
    return np.stack(channels, axis=-1).astype(np.uint8)


def _overlay(pixels: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Lay a glow over an image without its colours."""
    grey = pixels.mean(axis=-1, keepdims=True)
    strength = np.clip(values / max(float(values.max()), 1e-12), 0, 1)[..., None]
    glow = np.array([230.0, 60.0, 20.0]) * strength + np.array([20.0, 40.0, 120.0]) * (1 - strength)
    return (0.55 * grey + 0.45 * glow).astype(np.uint8)
