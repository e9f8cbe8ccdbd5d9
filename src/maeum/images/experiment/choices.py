"""Size and colour, chosen by a look at some of the images."""

from __future__ import annotations

import warnings

import numpy as np

from maeum.images.image_set import ImageSet

_SAMPLE = 60  # files looked at
_OWN_SIZE = 96  # images that all have the same size keep it up to this
_GREY = 12  # so much may red, green and blue differ in a grey image (JPEG rounds)


def sample(images: ImageSet) -> tuple[list[tuple[int, int]], bool]:
    """Return the sizes ``(height, width)`` of some images, and whether one of them has colours."""
    if images.pixels is not None:
        some = images.pixels[:: max(1, len(images) // _SAMPLE)].astype(np.float32)
        spread = np.ptp(some[..., :3], axis=-1).max(initial=0)
        limit = _GREY / 255 if some.max(initial=0) <= 1 else _GREY
        return [images.pixels.shape[1:3]], bool(some.shape[-1] > 1 and spread > limit)
    assert images.paths is not None
    from PIL import Image

    sizes, colourful = [], False
    for path in images.paths[:: max(1, len(images) // _SAMPLE)]:
        try:
            with warnings.catch_warnings(), Image.open(path) as image:
                warnings.simplefilter("ignore")
                sizes.append((image.height, image.width))
                if not colourful and image.mode not in ("1", "L", "LA", "I", "I;16", "F"):
                    image.draft("RGB", (64, 64))
                    thumb = np.asarray(image.convert("RGB").resize((32, 32)), np.int16)
                    colourful = bool(np.ptp(thumb, axis=-1).max() > _GREY)
        except Exception:  # it is told, by name, when the images are decoded
            continue
    return sizes or [(64, 64)], colourful


def choose_size(sizes: list[tuple[int, int]], network: str) -> tuple[int, int]:
    """Return the size that all images have, or a common one that few lie below.

    >>> choose_size([(28, 28)], "small"), choose_size([(480, 640), (300, 200)], "small")
    ((28, 28), (96, 96))
    """
    deep = network not in ("small", "residual")  # networks that halve the maps five times
    if len(set(sizes)) == 1 and max(sizes[0]) <= _OWN_SIZE and (min(sizes[0]) >= 32 or not deep):
        return sizes[0]
    usual = float(np.median([min(size) for size in sizes]))
    choices = (32, 64, 96, 128, 160) if deep else (16, 24, 32, 48, 64, 96)
    side = max((c for c in choices if c <= usual), default=choices[0])
    return side, side
