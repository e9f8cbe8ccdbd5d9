"""What ``maeum generate`` writes of a network that makes images: a sheet, files, a walk."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from maeum.core.errors import ConfigError, nearest
from maeum.core.files import write_atomically
from maeum.core.messages import N_, _
from maeum.core.randomness import next_seed
from maeum.experiment.checks import Check, any_text, number, random_seed, several, switch, whole
from maeum.experiment.files import check_folder
from maeum.experiment.options import Options, option
from maeum.generative.images.network import as_bytes, decode
from maeum.images.image_set import counted

if TYPE_CHECKING:
    from PIL import Image

FOLDER = "generated-images"
_AT_ONCE = 512  # images that are made together
_ON_SHEET = 400
_SHEET = 1600  # pixels at least, where images are small enough to be enlarged
_WALKS, _STOPS, _STEPS = 4, 5, 12  # of the animation: in each direction, and of each walk
_FRAME = 80  # milliseconds
_GAP = 2  # pixels between the images of a sheet
_ACROSS = 20  # classes, of which each has a column of the sheet


@dataclass(frozen=True)
class MakingOptions(Options):
    """The choices of what is made.

    Attributes:
        count: how many images.
        labels: of which classes they are, in turn; by default all.
        temperature: what latent codes are multiplied with: below 1, images are more usual.
        walk: whether there is an animation of a walk through the latent codes.
        out: the folder; a new one by default.
        seed: the same seed gives the same images; another one each time by default.
    """

    count: int = option(64, N_("How many images."), whole())
    labels: tuple[str, ...] | None = option(
        None, N_("Of which classes, in turn, of a network that was trained with --conditional."),
        several(any_text("CLASS"), "CLASS"),
    )  # fmt: skip
    temperature: float | None = option(
        None, N_("Below 1 images are more usual and less varied; 1 by default."), number("T")
    )
    walk: bool = option(
        True, N_("Whether to write a walk through the latent codes, as an animation."), switch()
    )
    out: Path | None = option(
        None, N_("The folder for the images; a new one by default."),
        Check(lambda value, name: Path(value), Path, "FOLDER"),
    )  # fmt: skip
    seed: int | None = option(
        None, N_("The same seed gives the same; by default it varies."), random_seed()
    )


def write_images(network: Any, classes: Sequence[str], options: MakingOptions) -> Iterator[str]:
    """Write what was asked for; yield what the terminal shows.

    Args:
        network: makes the images.
        classes: the names of its classes; empty if it knows none.
        options: the choices.

    Raises:
        ConfigError: for labels of a network without classes.
        DataError, UnknownNameError: for a class that there is not.
        SaveError: if the folder cannot be written to.
    """
    labels = labels_of(options.labels, classes)
    folder = options.out or _free(Path(FOLDER))
    check_folder(folder)
    seed = next_seed() if options.seed is None else options.seed
    heat = np.float32(1 if options.temperature is None else options.temperature)
    codes = heat * network.draw_codes(options.count, seed)
    wanted = None if labels is None else np.resize(labels, options.count)
    width = len(str(options.count))
    shown: list[np.ndarray] = []
    written: list[Path] = []
    for start in range(0, options.count, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        own = None if wanted is None else wanted[part]
        for image in as_bytes(decode(network, codes[part], own)):
            name = f"image-{len(written) + 1:0{width}d}"
            if wanted is not None:
                name += f"-{_plain(classes[wanted[len(written)]])}"
            written.append(folder / f"{name}.png")
            _save(_picture(image), written[-1])
            shown += [image] if len(shown) < _ON_SHEET else []
    yield _("{images}: {folder}", images=counted(len(written)), folder=folder) + "\n"
    older = {*folder.glob("image-*.png")} - {*written}
    if older:
        yield _("Besides, {images} of an earlier run are there.", images=counted(len(older))) + "\n"
    sheet = folder / "sheet.png"
    across = len(labels) if labels is not None and 1 < len(labels) <= _ACROSS else None
    _save(_enlarged(_picture(_grid(shown, across)), _SHEET), sheet)
    yield _("Sheet: {path}", path=sheet) + "\n"
    if options.walk:
        walk = folder / "walk.gif"
        _save_animation(_frames(network, labels, seed, heat), walk)
        yield _("Walk:  {path}", path=walk) + "\n"


def labels_of(labels: Sequence[str] | None, classes: Sequence[str]) -> np.ndarray | None:
    """Return the numbers of the classes that are asked for: all by default; None without any."""
    if not classes:
        if labels:
            raise ConfigError("The network knows no classes, so that none can be asked for (labels)"
                              ". Train it with --conditional on folders of classes.")  # fmt: skip
        return None
    for name in labels or ():
        if name not in classes:
            raise ConfigError("There is no class {name!r}.{hint} There are: {classes}.", name=name,
                              hint=nearest(name, classes),
                              classes=", ".join(classes[:20]))  # fmt: skip
    return np.array([classes.index(name) for name in labels or classes])


def _frames(network: Any, labels: np.ndarray | None, seed: int, heat: Any) -> Iterator[Image.Image]:
    """Yield the frames of an animation: several walks beside each other."""
    walks = _WALKS * _WALKS
    codes = np.stack([network.walk_codes(_STOPS, _STEPS, seed ^ n) for n in range(walks)], 1)
    own = None if labels is None else np.resize(labels, walks)
    for step in heat * codes:
        yield _enlarged(_picture(_grid(as_bytes(decode(network, step, own)))), _SHEET // 4)


def _grid(images: Sequence[np.ndarray] | np.ndarray, across: int | None = None) -> np.ndarray:
    """Return images side by side as one: so many across, or nearly a square."""
    height, width, channels = images[0].shape
    columns = min(across or math.ceil(math.sqrt(len(images))), len(images))
    rows = math.ceil(len(images) / columns)
    sheet = np.full((rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP, channels), 255,
                    np.uint8)  # fmt: skip
    for place, image in enumerate(images):
        top, left = (n * side for n, side in
                     zip(divmod(place, columns), (height + _GAP, width + _GAP)))  # fmt: skip
        sheet[top : top + height, left : left + width] = image
    return sheet


def _picture(pixels: np.ndarray) -> Image.Image:
    from PIL import Image

    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def _enlarged(picture: Image.Image, side: int) -> Image.Image:
    """Return a picture so many whole times larger, 8 at most, as keep it below a side in pixels."""
    from PIL import Image

    times = max(1, min(8, side // max(picture.size)))
    wide, high = picture.size
    return picture.resize((times * wide, times * high), Image.Resampling.NEAREST)


def _save(picture: Image.Image, path: Path) -> None:
    import io

    data = io.BytesIO()
    picture.save(data, "PNG")
    write_atomically(path, data.getvalue())


def _save_animation(frames: Iterator[Image.Image], path: Path) -> None:
    import io

    data, first = io.BytesIO(), next(frames)
    first.save(data, "GIF", save_all=True, append_images=frames, duration=_FRAME, loop=0)
    write_atomically(path, data.getvalue())


def _free(folder: Path) -> Path:
    """Return a folder that is not there yet: this one, or one with a number."""
    names = (folder.with_name(f"{folder.name}-{n}") for n in itertools.count(2))
    return folder if not folder.exists() else next(name for name in names if not name.exists())


def _plain(name: str) -> str:
    """Return the name of a class as part of the name of a file."""
    return re.sub(r"[^\w.-]+", "_", name)[:60] or "_"
