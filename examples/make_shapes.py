"""Make a folder of pictures to try `maeum train` on: circles, squares and triangles.

    python examples/make_shapes.py            # writes examples/shapes/circle/000.png, ...
    maeum train examples/shapes

Bright shapes of random colours, sizes, places and angles, on a dark and noisy background.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

CORNERS = {"circle": 60, "square": 4, "triangle": 3}
SIZE = 64


def picture(rng: np.random.Generator, corners: int) -> Image.Image:
    """Return one picture of a regular polygon."""
    back, front = rng.integers(0, 100, 3), rng.integers(130, 256, 3)
    image = Image.new("RGB", (SIZE, SIZE), tuple(map(int, back)))
    radius = rng.uniform(0.2, 0.42) * SIZE
    x, y = rng.uniform(radius, SIZE - radius, 2)
    turn = rng.uniform(0, 2 * math.pi)
    angles = [turn + 2 * math.pi * i / corners for i in range(corners)]
    outline = [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]
    ImageDraw.Draw(image).polygon(outline, fill=tuple(map(int, front)))
    noisy = np.asarray(image.filter(ImageFilter.GaussianBlur(0.7))) + rng.normal(
        0, rng.uniform(2, 15), (SIZE, SIZE, 3)
    )
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def main() -> None:
    parser = argparse.ArgumentParser(description="Make pictures of circles, squares, triangles.")
    parser.add_argument("folder", nargs="?", default=Path(__file__).parent / "shapes", type=Path)
    parser.add_argument("--each", type=int, default=200, help="pictures of each shape")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other pictures")
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    for name, corners in CORNERS.items():
        (options.folder / name).mkdir(parents=True, exist_ok=True)
        for i in range(options.each):
            picture(rng, corners).save(options.folder / name / f"{i:03}.png")
    print(f"{options.folder}: {options.each} pictures of each of {', '.join(CORNERS)}")


if __name__ == "__main__":
    main()
