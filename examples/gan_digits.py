"""A GAN invents digits: how they come about, how good they are, and whether they are copies.

The generator makes images of random numbers, the discriminator tells them from real ones, and both
learn from each other. A classifier of digits, trained here, then judges what was made beside real
digits that neither network has seen: how close the distributions are, how many images look like
real ones (precision), how many real ones look like made ones (recall), how many digits there are.

    python examples/gan_digits.py --epochs 30 --output pictures
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import course
from maeum.generative import GAN, SampleHistory, write_report
from maeum.generative.quality import feature_classifier, quality

ROWS, COLUMNS = 6, 12


def main(argv: Sequence[str] | None = None) -> Path:
    """Train, judge and draw; return where the picture is."""
    parser = course.digit_options(__doc__, epochs=30)
    parser.add_argument("--labels", action="store_true", help="teach which digit is which, too")
    given = parser.parse_args(argv)
    data = course.load_digits(given.data, given.limit)
    model = GAN.convolutional(data.x.shape[1:], classes=10 if given.labels else None, seed=0)
    model.compile()
    kept = SampleHistory()
    labels = data.y.astype("int32") if given.labels else None
    model.fit(data.x, labels, epochs=given.epochs, callbacks=[kept], verbose=2)

    half = len(data.x_test) // 2
    real, held_out = data.x_test[:half], data.x_test[half:]
    classifier = feature_classifier(data.x, data.y.astype("int32"))
    found = quality(classifier, real, model.sample(len(held_out), seed=1), held_out)
    for name, one in (("made", found.made), ("real", found.real)):
        print(f"{name}: Fréchet distance {one.frechet_distance:.2f}, precision "
              f"{one.precision:.2f}, recall {one.recall:.2f}, {one.modes} of {one.classes} "
              "digits")  # fmt: skip

    given.output.mkdir(parents=True, exist_ok=True)
    page = write_report(
        model, data.x, given.output / "gan_digits.html", source=data.name, through_time=kept
    )
    print(f"The page: {page}")
    made = model.sample(ROWS * COLUMNS, seed=2)[..., 0]
    rows = made.reshape(ROWS, COLUMNS, *made.shape[1:])
    sheet = course.figure(9, 5, f"Invented after {data.name}")
    axes = sheet.subplots()
    axes.imshow(np.block([list(row) for row in rows]), cmap="gray", vmin=0, vmax=1)
    axes.axis("off")
    return course.save(sheet, given.output, "gan_digits")


if __name__ == "__main__":
    main()
