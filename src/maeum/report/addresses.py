"""Pixels as addresses: images that lie within the page."""

from __future__ import annotations

import base64
import io

import numpy as np

_SHARP = 64  # images with fewer rows are kept without loss, and so shown pixel by pixel
_SMALL = 3_000  # bytes of a PNG; a larger one is stored as a JPEG


def data_address(pixels: np.ndarray) -> str:
    """Return bytes ``(rows, columns, 1 or 3)`` or ``(rows, columns)`` as a ``data:`` address."""
    from PIL import Image as Pillow

    plain = np.ascontiguousarray(pixels[..., 0] if pixels.shape[2:] == (1,) else pixels)
    kinds = ("png", "jpeg") if min(plain.shape[:2]) <= _SHARP else ("jpeg",)
    for kind in kinds:
        stream = io.BytesIO()
        Pillow.fromarray(plain).save(stream, kind, optimize=kind == "png", quality=85)
        if len(stream.getvalue()) <= _SMALL:
            break
    return f"data:image/{kind};base64,{base64.b64encode(stream.getvalue()).decode()}"
